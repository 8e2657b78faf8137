import { expect, test } from 'vitest';
import { byteStep } from './options';
import { isLone, type Point, summary } from './series';

test('a lone point is told from a joined one', () => {
  const points: Point[] = [
    [0, 1],
    [30, 2],
    [60, null],
    [200, 3],
  ];
  expect(points.map((_, at) => isLone(points, at))).toEqual([false, false, false, true]);
  expect(isLone([[0, 1]], 0)).toBe(true);
});

test('a chart in words', () => {
  const points: Point[] = [
    [0, 1],
    [30, null],
    [60, 3],
  ];
  const format = (value: number) => `${value} ms`;
  expect(
    summary(
      'Latency',
      [
        { name: 'p50', colour: 'p50', points },
        { name: 'p95', colour: 'p95', points: [] },
      ],
      format,
    ),
  ).toBe('Latency. p50: now 3 ms, lowest 1 ms, highest 3 ms. p95: no data.');
});

test('bytes are divided in binary steps', () => {
  const KIB = 1024;
  expect([3, 900, 12 * KIB * KIB, 1.9 * KIB ** 3, 3_900 * KIB].map(byteStep)).toEqual([
    1,
    512,
    5 * KIB * KIB,
    512 * KIB * KIB,
    KIB * KIB,
  ]);
  expect(byteStep(0)).toBeGreaterThan(0);
});
