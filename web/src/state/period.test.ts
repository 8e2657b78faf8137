import { expect, test } from 'vitest';
import { lengthOf, momentsOf } from './period';

const NOW = Date.parse('2026-11-23T12:00:00Z');

test('a length in words', () => {
  expect([lengthOf('90m'), lengthOf('24h'), lengthOf('7d'), lengthOf('7'), lengthOf('')]).toEqual([
    5_400_000,
    86_400_000,
    604_800_000,
    undefined,
    undefined,
  ]);
});

test('moments win over a length, and what is usual comes last', () => {
  const none = { last: '', from: '', to: '' };
  expect(momentsOf(none, NOW)).toEqual({ from: undefined, to: undefined });
  expect(momentsOf(none, NOW, '24h').from).toBe('2026-11-22T12:00:00.000Z');
  expect(momentsOf({ ...none, last: '1h' }, NOW, '24h').from).toBe('2026-11-23T11:00:00.000Z');
  expect(momentsOf({ last: '1h', from: '2026-11-01', to: '2026-11-02' }, NOW)).toEqual({
    from: '2026-11-01',
    to: '2026-11-02',
  });
});
