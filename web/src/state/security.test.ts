import { expect, test } from 'vitest';
import { type Finding, inOrder, tally } from './security';

const finding = (id: string, severity: Finding['severity'], suppressed = false): Finding =>
  ({
    id,
    severity,
    ...(suppressed ? { suppressed: { reason: 'known', since: '', until: '' } } : {}),
  }) as Finding;

const found = [
  finding('a', 'low'),
  finding('b', 'high', true),
  finding('c', 'critical'),
  finding('a', 'low'),
  finding('d', 'info'),
];

test('the worst comes first, what was put aside last, each once', () => {
  expect(inOrder(found).map(({ id }) => id)).toEqual(['c', 'a', 'd', 'b']);
});

test('what was put aside is not counted', () => {
  expect([...tally(inOrder(found))]).toEqual([
    ['critical', 1],
    ['low', 1],
    ['info', 1],
  ]);
});
