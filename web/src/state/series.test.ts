import { expect, test } from 'vitest';
import { stepsOf } from './series';

test('steps without operations have no latency and no error rate', () => {
  const steps = stepsOf({
    layer: 'api',
    step_seconds: 10,
    timestamps: ['2026-01-15T10:30:00Z', '2026-01-15T10:30:10Z'],
    operations: [0, 4],
    operations_per_second: [0, 0.4],
    error_rate_percent: [0, 25],
    latency_p50_ms: [0, 1],
    latency_p95_ms: [0, 2],
    latency_p99_ms: [0, 3],
    timestamp: '2026-01-15T10:30:14Z',
  });
  const at = Date.parse('2026-01-15T10:30:00Z');
  expect(steps).toEqual([
    { at, operationsPerSecond: 0, errorRate: null, p50: null, p95: null, p99: null },
    { at: at + 10_000, operationsPerSecond: 0.4, errorRate: 25, p50: 1, p95: 2, p99: 3 },
  ]);
});
