import { beforeEach, expect, test, vi } from 'vitest';
import {
  connect,
  disconnect,
  disconnectAll,
  idleMinutes,
  lockWhenIdle,
  nameOf,
  notice,
  onLeave,
  resume,
  session,
  switchTo,
  tenants,
  touch,
} from './session';

const IDLE_MS = 15 * 60_000;

const credentials = {
  accessKeyId: 'DO00EXAMPLEKEY',
  secretAccessKey: 'not-a-secret',
  region: 'fra1',
  endpoint: '',
  logBucket: '',
  metricsBucket: '',
  logPrefix: '',
  metricsPrefix: '',
};

function fakeStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
    clear: () => kept.clear(),
    key: () => null,
    get length() {
      return kept.size;
    },
  } as Storage;
}

beforeEach(() => {
  vi.stubGlobal('sessionStorage', fakeStorage());
  vi.useFakeTimers({ now: 1_000_000 });
  disconnectAll();
  idleMinutes.value = 15;
});

test('a reload keeps the session, leaving forgets it', () => {
  connect({ credentials, name: 'acme', demo: false });
  expect(sessionStorage.length).toBe(1);
  session.value = undefined;
  resume(Date.now());
  expect(session.value).toEqual({ credentials, name: 'acme', demo: false });

  const forgotten = vi.fn();
  onLeave(forgotten);
  disconnect();
  expect([session.value, sessionStorage.length, forgotten.mock.calls.length]).toEqual([undefined, 0, 1]);
});

test('an idle session is locked and wiped', () => {
  connect({ credentials, name: 'acme', demo: false });
  lockWhenIdle(Date.now() + IDLE_MS - 1);
  expect(session.value).toBeDefined();
  lockWhenIdle(Date.now() + IDLE_MS);
  expect([session.value, sessionStorage.length]).toEqual([undefined, 0]);
  expect(notice.value).toContain('15 minutes');
});

test('a sign of life puts the lock off, but comes too late once the time is over', () => {
  connect({ credentials, name: 'acme', demo: false });
  const start = Date.now();
  touch(start + 600_000);
  lockWhenIdle(start + IDLE_MS);
  expect(session.value).toBeDefined();
  touch(start + 600_000 + IDLE_MS);
  lockWhenIdle(start + 600_000 + IDLE_MS);
  expect(session.value).toBeUndefined();
});

test('a session that lay in storage too long is not resumed', () => {
  connect({ credentials, name: 'acme', demo: false });
  session.value = undefined;
  resume(Date.now() + IDLE_MS);
  expect([session.value, sessionStorage.length]).toEqual([undefined, 0]);
});

test('damaged storage is passed over', () => {
  for (const text of [
    '',
    '{',
    'null',
    '{"session":{}}',
    '{"session":{"credentials":{"accessKeyId":1}},"lastSeen":1}',
  ]) {
    sessionStorage.setItem('spacewatch.session', text);
    resume(Date.now());
    expect(session.value).toBeUndefined();
  }
});

test('a name never shows the whole key', () => {
  expect(nameOf(credentials)).toBe('DO00…EKEY');
});

const other = { credentials: { ...credentials, accessKeyId: 'OTHERKEY' }, name: 'other', demo: false };

// A function, so that the compiler doesn't hold on to what was assigned before.
const nameShown = () => session.value?.name;

test('a tab holds several tenants, and forgets one after the other', () => {
  connect({ credentials, name: 'acme', demo: false });
  const forgotten = vi.fn();
  onLeave(forgotten);
  connect(other);
  expect([session.value?.name, tenants.value.length, forgotten.mock.calls.length]).toEqual(['other', 2, 1]);
  const [acme] = tenants.value;
  if (acme) switchTo(acme);
  expect([session.value?.name, tenants.value.map(({ name }) => name)]).toEqual(['acme', ['other', 'acme']]);
  session.value = undefined;
  resume(Date.now());
  expect(tenants.value.length).toBe(2);
  disconnect();
  expect([nameShown(), sessionStorage.length]).toEqual(['other', 1]);
  disconnect();
  expect([session.value, tenants.value, sessionStorage.length]).toEqual([undefined, [], 0]);
});

test('all tenants are locked together, when it was chosen', () => {
  idleMinutes.value = 5;
  connect({ credentials, name: 'acme', demo: false });
  connect(other);
  lockWhenIdle(Date.now() + 5 * 60_000);
  expect([session.value, tenants.value, sessionStorage.length]).toEqual([undefined, [], 0]);
  expect(notice.value).toContain('5 minutes');
});
