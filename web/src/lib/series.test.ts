import { expect, test } from 'vitest';
import { mainSeries, seriesAround, valueAt } from './series';

const point = (day: number, value: number | null) => ({ ts: `2026-11-0${day}T00:00:00Z`, value });
const result = {
  metric: 'size_bytes',
  buckets: ['a', 'b', 'c'],
  history: [point(1, 5), point(2, null), point(3, 7), point(4, 9)],
  'a/b': { '~c': 1 },
};

test('a pointer finds its value and nothing that is inherited', () => {
  expect([
    valueAt(result, '/history/2/value'),
    valueAt(result, '/a~1b/~0c'),
    valueAt(result, '/toString'),
  ]).toEqual([7, 1, undefined]);
});

test('the series around a cited point', () => {
  expect(seriesAround(result, '/history/2/value')).toEqual({
    path: '/history',
    field: 'value',
    label: 'size bytes',
    kind: 'bytes',
    points: [
      [Date.parse('2026-11-01'), 5],
      [Date.parse('2026-11-02'), null],
      [Date.parse('2026-11-03'), 7],
      [Date.parse('2026-11-04'), 9],
    ],
  });
  for (const path of ['/buckets/1', '/history', '', '/history/0/ts', '/nothing/0/value'])
    expect(seriesAround(result, path)).toBeUndefined();
});

test('the series a result is about', () => {
  expect(mainSeries(result)?.path).toBe('/history');
  expect([mainSeries({ rows: [1, 2, 3] }), mainSeries(null), mainSeries('x')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
