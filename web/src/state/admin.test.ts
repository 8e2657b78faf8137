import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readProblem } from '../api/problem';
import { adminHref, forgetKey, hasKey, locked, Part, unlock, windowOf } from './admin';
import { parseRoute, route } from './route';

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
  vi.stubGlobal('fetch', () => new Promise(() => undefined));
});

afterEach(() => {
  forgetKey();
  vi.unstubAllGlobals();
});

test('the key is kept in the tab and forgotten whole', () => {
  unlock('sw-key');
  expect([hasKey(), sessionStorage.getItem('spacewatch.operator')]).toEqual([true, 'sw-key']);
  forgetKey();
  expect([hasKey(), sessionStorage.getItem('spacewatch.operator')]).toEqual([false, null]);
});

test('a part keeps what it knows when it fails, and a missing key locks the page', async () => {
  let answers: Promise<number>[] = [Promise.resolve(7)];
  const part = new Part(() => answers.shift() ?? Promise.reject(new Error('no more')));
  await part.refresh();
  expect(part.state.value).toMatchObject({ data: 7, busy: false });
  answers = [Promise.reject(readProblem({ status: 401, detail: 'key' }, 401))];
  await part.refresh();
  expect(part.state.value).toMatchObject({ data: 7, busy: false });
  expect(locked.value?.facts.status).toBe(401);
});

test('only the newest answer counts', async () => {
  const waiting: ((value: string) => void)[] = [];
  const part = new Part(() => new Promise<string>((resolve) => waiting.push(resolve)));
  const first = part.refresh();
  const second = part.refresh();
  waiting[1]?.('new');
  waiting[0]?.('old');
  await Promise.all([first, second]);
  expect(part.state.value.data).toBe('new');
});

test('the address holds the window and the filters', () => {
  route.value = parseRoute('/admin', '?window=6h&severity=high&bucket=b');
  expect(windowOf(route.value).resolution).toBe('5m');
  expect(adminHref({ severity: '', window: '15m' })).toBe('/admin?bucket=b&window=15m');
  route.value = parseRoute('/admin', '?window=7d');
  expect(windowOf(route.value).value).toBe('60m');
});
