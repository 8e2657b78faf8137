import { expect, test } from 'vitest';
import { cellText, listIn, namesOf } from './rows';

test('a list is found in an answer of any shape', () => {
  expect(listIn({ tasks: [{ name: 'a' }, 1, null] }, 'tasks')).toEqual([{ name: 'a' }]);
  expect(listIn([{ name: 'a' }], 'tasks')).toEqual([{ name: 'a' }]);
  for (const odd of [null, undefined, 'x', {}, { tasks: 'x' }]) expect(listIn(odd, 'tasks')).toEqual([]);
});

test('names and states come first, what is nested is left out', () => {
  expect(namesOf([{ runs: 1, state: 'ok', last: { x: 1 }, name: 'a' }, { more: 2 }])).toEqual([
    'name',
    'state',
    'runs',
    'more',
  ]);
});

test('a field is told in its unit', () => {
  expect([
    cellText('took_ms', 1_500),
    cellText('every_seconds', 300),
    cellText('runs', 1_234),
    cellText('bytes', 2_048),
    cellText('on', false),
    cellText('last_error', null),
    cellText('list', [1]),
  ]).toEqual(['1.5 s', '5 min', '1,234', '2.00 KiB', 'no', '–', '–']);
});
