import { expect, test } from 'vitest';
import { type Entry, find, score } from './palette';

const entry = (kind: Entry['kind'], label: string): Entry => ({ id: label, kind, label });

test('every word must fit', () => {
  expect(score('logs/2024/app.log', 'app logs')).toBeDefined();
  expect(score('logs/2024/app.log', 'app xyz')).toBeUndefined();
  expect(score('anything', '')).toBe(0);
});

test('kinds stay together and the best fit is first', () => {
  const entries = [
    entry('page', 'Storage'),
    entry('bucket', 'my-restore'),
    entry('bucket', 'store-eu'),
    entry('bucket', 'images'),
  ];
  expect(find(entries, 'sto').map(({ label }) => label)).toEqual(['Storage', 'store-eu', 'my-restore']);
});

test('characters with a meaning elsewhere are only characters', () => {
  expect(find([entry('object', 'a(b[c*.log')], '(b[c*')).toHaveLength(1);
});

test('what is found is bounded', () => {
  expect(
    find(
      Array.from({ length: 5_000 }, (_, at) => entry('object', `k${at}`)),
      'k',
    ),
  ).toHaveLength(50);
});
