import { expect, test } from 'vitest';
import type { Health, StorageMetrics } from '../api/answers';
import { Problem } from '../api/problem';
import { type Figures, figuresOf, type HealthView, type Sample, sampleBefore, withSample } from './health';
import { verdict } from './verdict';

const metrics = (some: Partial<StorageMetrics> = {}): StorageMetrics => ({
  total_operations_5m: 120,
  error_operations_5m: 0,
  error_rate_percent: 0,
  operations_per_second: 0.4,
  total_bytes_transferred_5m: 4096,
  bytes_per_second: 13.65,
  latency_p50_ms: 23,
  latency_p95_ms: 110,
  latency_p99_ms: 340,
  avg_latency_ms: 37,
  layer: 'api',
  p50: 23,
  p95: 110,
  p99: 340,
  window_seconds: 300,
  timestamp: '2024-01-15T10:30:45Z',
  operation_breakdown: {},
  ...some,
});

const of = (p50: number, p95: number, errors: number) => ({
  request_count: 60,
  error_count: errors,
  error_rate_percent: (errors / 60) * 100,
  bytes_transferred: 1,
  avg_latency_ms: p50,
  p50,
  p95,
  p99: p95,
});

const view = (
  status: 'healthy' | 'degraded' | 'unhealthy',
  some: Partial<StorageMetrics> = {},
): HealthView => ({
  asking: false,
  at: Date.parse('2024-01-15T10:30:45Z'),
  answer: {
    ok: true,
    status,
    uptime_seconds: 5,
    storage_metrics: metrics(some),
  } as Health,
});

const sample = (at: number, figures: Partial<Figures> = {}): Sample => ({
  at,
  api: { ...figuresOf(metrics()), ...figures },
  s3: null,
});

const local = (text: string) => Date.parse(text);

test('well is said quietly', () => {
  expect(verdict(view('healthy'), [])).toEqual({
    level: 'good',
    word: 'Healthy',
    sentence: 'All is well: 120 operations in the last 5 min, none failed, half answered within 23 ms.',
  });
  expect(verdict(view('healthy', { total_operations_5m: 0 }), []).sentence).toBe(
    'No storage operations in the last 5 min.',
  );
});

test('errors say how many, since when and where', () => {
  const errors = {
    error_operations_5m: 13,
    error_rate_percent: 10.83,
    operation_breakdown: { LIST_OBJECTS: of(20, 90, 12), ANALYZE_STORAGE: of(200, 900, 1) },
  };
  const samples = [
    sample(local('2024-01-15T14:15:00')),
    sample(local('2024-01-15T14:20:00'), { errorRate: 6 }),
    sample(local('2024-01-15T14:25:00'), { errorRate: 10.8 }),
  ];
  expect(verdict(view('unhealthy', errors), samples)).toEqual({
    level: 'bad',
    word: 'Unhealthy',
    sentence:
      'Errors rose to 10.8 % of storage operations at 14:20, mostly on list objects (12 of 60 failed).',
  });
  expect(verdict(view('degraded', errors), []).sentence).toMatch(
    /^Errors are at 10\.8 % of storage operations, mostly/,
  );
});

test('slowness is told when it is out of the usual', () => {
  const breakdown = { LIST_OBJECTS: of(20, 90, 0), ANALYZE_STORAGE: of(200, 6_100, 0) };
  expect(
    verdict(view('healthy', { latency_p95_ms: 6_100, operation_breakdown: breakdown }), []).sentence,
  ).toBe('Storage operations are slow: one in twenty takes over 6.1 s, slowest analyze storage.');
  const usual = [1, 2, 3, 4, 5, 6].map((at) => sample(at, { p95: 110 }));
  expect(verdict(view('healthy', { latency_p95_ms: 1_500 }), usual).sentence).toBe(
    'Storage operations slowed down: p95 is 1.5 s, usually 110 ms.',
  );
  expect(verdict(view('healthy', { latency_p95_ms: 900 }), usual).level).toBe('good');
  expect(verdict(view('healthy', { latency_p95_ms: 1_500 }), usual.slice(0, 3)).level).toBe('good');
});

test('a silent server is the first thing to say', () => {
  const problem = new Problem({ status: 0, code: 'Unreachable', title: '', detail: '' });
  const failing = { ...view('healthy'), problem, failingSince: local('2024-01-15T14:20:00') };
  expect(verdict(failing, []).sentence).toMatch(
    /^SpaceWatch does not answer since 14:20\. The figures below are from /,
  );
});

test('nothing measured is no latency of zero', () => {
  expect(figuresOf(metrics({ total_operations_5m: 0, latency_p50_ms: 0 })).p50).toBeNull();
});

test('history is bounded and in order', () => {
  let samples: readonly Sample[] = [];
  for (let at = 0; at < 800; at += 1) samples = withSample(samples, sample(at));
  expect([samples.length, samples[0]?.at, samples.at(-1)?.at]).toEqual([720, 80, 799]);
  expect(withSample(samples, sample(790)).at(-1)?.at).toBe(790);
});

test('the period before is found only when it was seen', () => {
  const minute = 60_000;
  const samples = [0, 1, 2, 6, 7].map((at) => sample(at * minute));
  expect(sampleBefore(samples, 5 * minute)?.at).toBe(2 * minute);
  expect(sampleBefore(samples.slice(3), 5 * minute)).toBeUndefined();
  expect(sampleBefore([sample(0), sample(60 * minute)], 5 * minute)).toBeUndefined();
  expect(sampleBefore([], minute)).toBeUndefined();
});
