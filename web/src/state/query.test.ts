import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Problem } from '../api/problem';
import { Query, query, works } from './query';
import { disconnect, session } from './session';

beforeEach(() => {
  session.value = {
    name: 'acme',
    demo: false,
    credentials: {
      accessKeyId: 'KEY',
      secretAccessKey: 'not-a-secret',
      region: '',
      endpoint: '',
      logBucket: '',
      metricsBucket: '',
      logPrefix: '',
      metricsPrefix: '',
    },
  };
});

afterEach(() => disconnect());

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('the same question runs once', async () => {
  const reply = deferred<number>();
  const run = vi.fn(() => reply.promise);
  const first = query('n', 'Counting', run);
  first.ensure();
  query('n', 'Counting', run).ensure();
  expect(run).toHaveBeenCalledTimes(1);
  expect(works.value.map((work) => work.label)).toEqual(['Counting']);
  reply.resolve(7);
  await settled();
  expect(first.answer.value).toMatchObject({ phase: 'ready', data: 7 });
  expect(works.value).toEqual([]);
});

test('what is known stays while it is asked again, and when that fails', async () => {
  const replies = [deferred<number>(), deferred<number>()];
  let at = 0;
  const asked = new Query('Counting', () => (replies[at++] as (typeof replies)[0]).promise);
  asked.ensure();
  replies[0]?.resolve(7);
  await settled();
  asked.refresh();
  expect(asked.answer.value).toMatchObject({ phase: 'running', data: 7 });
  replies[1]?.reject(new Problem({ status: 503, code: 'SlowDown', title: 'Busy', detail: 'slow down' }));
  await settled();
  expect(asked.answer.value).toMatchObject({ phase: 'failed', data: 7 });
  expect(asked.answer.value.problem?.facts.code).toBe('SlowDown');
});

test('cancelled work ends at once and its late answer is dropped', async () => {
  const reply = deferred<number>();
  let signal: AbortSignal | undefined;
  const asked = new Query('Counting', (asker) => {
    signal = asker.signal;
    return reply.promise;
  });
  asked.ensure();
  works.value[0]?.cancel();
  expect([signal?.aborted, asked.answer.value.phase, works.value.length]).toEqual([true, 'cancelled', 0]);
  reply.resolve(7);
  await settled();
  expect(asked.answer.value.data).toBeUndefined();
});

test('work nobody looks at is stopped, and asked again on return', () => {
  const run = vi.fn(() => new Promise<number>(() => undefined));
  const asked = new Query('Counting', run);
  const [away, alsoAway] = [asked.watch(), asked.watch()];
  asked.ensure();
  away();
  expect(asked.answer.value.phase).toBe('running');
  alsoAway();
  expect(asked.answer.value.phase).toBe('idle');
  asked.ensure();
  expect(run).toHaveBeenCalledTimes(2);
});

test('more adds to what there is', async () => {
  const asked = new Query<number[]>('Listing', async (_, previous) => [
    ...(previous ?? []),
    (previous?.length ?? 0) + 1,
  ]);
  asked.ensure();
  await settled();
  asked.more();
  await settled();
  expect(asked.answer.value.data).toEqual([1, 2]);
});

test('progress shows while the work runs', () => {
  const asked = new Query('Counting', (asker) => {
    asker.onProgress?.({ objects: 5, requests: 1, bytes: 9, elapsedMs: 3 });
    return new Promise<number>(() => undefined);
  });
  asked.ensure();
  expect(works.value[0]?.progress?.objects).toBe(5);
});

test('keys the store rejects end the session, and leaving forgets all answers', async () => {
  const asked = query('gone', 'Counting', async () => {
    throw new Problem({ status: 401, code: 'InvalidCredentials', title: 'No', detail: 'rejected' });
  });
  asked.ensure();
  await settled();
  expect(session.value).toBeUndefined();
  expect(query('gone', 'Counting', async () => undefined as never)).not.toBe(asked);
});
