/** What is wrong, if anything, in one sentence that comes before any chart. */

import type { OperationTypeMetrics, StorageMetrics } from '../api/answers';
import { count, counted, duration, percent, span } from '../lib/format';
import { timeOfDay } from '../lib/time';
import type { HealthView, Sample } from './health';
import { operationName } from './operations';

export type Level = 'quiet' | 'good' | 'warn' | 'bad';

export interface Verdict {
  readonly level: Level;
  /** One or two words, for the badge. */
  readonly word: string;
  readonly sentence: string;
}

const SLOW_MS = 5_000;
const DEGRADED_PERCENT = 5;
const RISE = 3;
const RISE_FLOOR_MS = 1_000;

export function verdict(view: HealthView, samples: readonly Sample[]): Verdict {
  if (view.problem) return noAnswer(view);
  if (!view.answer)
    return { level: 'quiet', word: 'Checking', sentence: 'Asking how storage operations are doing …' };
  const metrics = view.answer.storage_metrics;
  const window = span(metrics.window_seconds);
  if (metrics.total_operations_5m === 0) {
    return { level: 'quiet', word: 'Quiet', sentence: `No storage operations in the last ${window}.` };
  }
  return failing(metrics, view.answer.status, samples) ?? slow(metrics, samples) ?? well(metrics, window);
}

function noAnswer(view: HealthView): Verdict {
  const since = view.failingSince === undefined ? '' : ` since ${timeOfDay(view.failingSince)}`;
  const busy = view.problem?.isBusy ? 'SpaceWatch asks to slow down' : 'SpaceWatch does not answer';
  const last = view.at === undefined ? '' : ` The figures below are from ${timeOfDay(view.at)}.`;
  return { level: 'bad', word: 'No answer', sentence: `${busy}${since}.${last}` };
}

function failing(metrics: StorageMetrics, status: string, samples: readonly Sample[]): Verdict | undefined {
  if (status === 'healthy') return undefined;
  const since = failingSince(samples);
  const verb = since === undefined ? 'Errors are at' : 'Errors rose to';
  const when = since === undefined ? '' : ` at ${timeOfDay(since)}`;
  const sentence = `${verb} ${percent(metrics.error_rate_percent)} of storage operations${when}${blame(metrics)}.`;
  return status === 'unhealthy'
    ? { level: 'bad', word: 'Unhealthy', sentence }
    : { level: 'warn', word: 'Degraded', sentence };
}

/** When the error rate crossed the line, if this page saw it cross. */
function failingSince(samples: readonly Sample[]): number | undefined {
  const lastGood = samples.findLastIndex((sample) => sample.api.errorRate < DEGRADED_PERCENT);
  return lastGood < 0 ? undefined : samples[lastGood + 1]?.at;
}

function blame(metrics: StorageMetrics): string {
  const worst = Object.entries(metrics.operation_breakdown).toSorted(
    ([, a], [, b]) => b.error_count - a.error_count,
  )[0];
  if (!worst || worst[1].error_count === 0) return '';
  const [type, figures] = worst;
  const all = figures.error_count === metrics.error_operations_5m;
  const share = `${count(figures.error_count)} of ${count(figures.request_count)} failed`;
  return `, ${all ? 'all' : 'mostly'} on ${operationName(type).toLowerCase()} (${share})`;
}

function slow(metrics: StorageMetrics, samples: readonly Sample[]): Verdict | undefined {
  const p95 = metrics.latency_p95_ms;
  if (p95 >= SLOW_MS) {
    const sentence = `Storage operations are slow: one in twenty takes over ${duration(p95)}${slowest(metrics)}.`;
    return { level: 'warn', word: 'Slow', sentence };
  }
  const usual = median(samples.slice(0, -1).flatMap((sample) => sample.api.p95 ?? []));
  if (usual === undefined || usual <= 0 || p95 < RISE_FLOOR_MS || p95 < usual * RISE) return undefined;
  const sentence = `Storage operations slowed down: p95 is ${duration(p95)}, usually ${duration(usual)}${slowest(metrics)}.`;
  return { level: 'warn', word: 'Slower', sentence };
}

function slowest(metrics: StorageMetrics): string {
  const ranked = Object.entries(metrics.operation_breakdown).toSorted(
    ([, a]: [string, OperationTypeMetrics], [, b]: [string, OperationTypeMetrics]) => b.p95 - a.p95,
  );
  const worst = ranked[0];
  return worst && ranked.length > 1 ? `, slowest ${operationName(worst[0]).toLowerCase()}` : '';
}

/** A usual value needs a few to be usual among. */
function median(values: number[]): number | undefined {
  if (values.length < 5) return undefined;
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function well(metrics: StorageMetrics, window: string): Verdict {
  const failed =
    metrics.error_operations_5m === 0 ? 'none failed' : `${percent(metrics.error_rate_percent)} failed`;
  const operations = counted(metrics.total_operations_5m, 'operation');
  return {
    level: 'good',
    word: 'Healthy',
    sentence: `All is well: ${operations} in the last ${window}, ${failed}, half answered within ${duration(metrics.latency_p50_ms)}.`,
  };
}
