/** The health of storage operations, asked every half minute while somebody looks, with what earlier answers said. */

import { computed, signal } from '@preact/signals';
import type { Health, StorageMetrics } from '../api/answers';
import { Problem } from '../api/problem';
import { health as askHealth } from '../api/tools';
import { now } from './clock';
import { refreshSeries } from './series';

export const POLL_MS = 30_000;

const STORAGE_KEY = 'spacewatch.history';
const MAX_SAMPLES = 720;

/** The figures of one answer that charts draw. Latencies are absent when nothing was measured. */
export interface Figures {
  /** How long the window was: shorter than usual while the server is young. */
  readonly window: number;
  readonly operationsPerSecond: number;
  readonly operations: number;
  readonly errorRate: number;
  readonly bytesPerSecond: number;
  readonly average: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface Sample {
  readonly at: number;
  readonly api: Figures;
  readonly s3: Figures | null;
}

export interface HealthView {
  readonly answer?: Health | undefined;
  readonly at?: number | undefined;
  readonly problem?: Problem | undefined;
  readonly failingSince?: number | undefined;
  readonly asking: boolean;
  readonly nextAt?: number | undefined;
}

export const health = signal<HealthView>({ asking: false });
export const history = signal<readonly Sample[]>([]);

/** Seconds until the next automatic refresh. */
export const countdown = computed(() => {
  const { nextAt } = health.value;
  return nextAt === undefined ? undefined : Math.max(0, Math.floor((nextAt - now.value) / 1_000));
});

export function figuresOf(metrics: StorageMetrics): Figures {
  const measured = metrics.total_operations_5m > 0;
  return {
    window: Math.round(metrics.window_seconds),
    operationsPerSecond: metrics.operations_per_second,
    operations: metrics.total_operations_5m,
    errorRate: metrics.error_rate_percent,
    bytesPerSecond: metrics.bytes_per_second,
    average: measured ? metrics.avg_latency_ms : null,
    p50: measured ? metrics.latency_p50_ms : null,
    p95: measured ? metrics.latency_p95_ms : null,
    p99: measured ? metrics.latency_p99_ms : null,
  };
}

/** Adds a sample; the oldest go when there are too many. */
export function withSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const before = samples.filter((sample) => sample.at < next.at);
  return [...before, next].slice(-MAX_SAMPLES);
}

/** The newest sample at least `age` older than the newest one, and not much older than that. */
export function sampleBefore(samples: readonly Sample[], age: number): Sample | undefined {
  const last = samples.at(-1);
  if (!last) return undefined;
  const found = samples.findLast((sample) => sample.at <= last.at - age);
  return found && found.at >= last.at - age * 1.5 ? found : undefined;
}

let timer: ReturnType<typeof setTimeout> | undefined;
let abort: AbortController | undefined;

/** Asks now, and again in half a minute. */
export async function refreshHealth(): Promise<void> {
  if (abort) return;
  clearTimeout(timer);
  abort = new AbortController();
  health.value = { ...health.value, asking: true, nextAt: undefined };
  const { signal } = abort;
  const timeout = setTimeout(() => abort?.abort(), POLL_MS);
  try {
    // The charts keep what they show when their figures fail; the verdict must not wait for them.
    const [answer] = await Promise.all([askHealth(signal), refreshSeries(signal).catch(() => {})]);
    take(answer);
  } catch (error) {
    fail(error);
  } finally {
    clearTimeout(timeout);
    abort = undefined;
    schedule();
  }
}

function take(answer: Health): void {
  const at = Date.now();
  health.value = { answer, at, asking: false };
  const s3 = answer.s3_metrics ? figuresOf(answer.s3_metrics) : null;
  history.value = withSample(history.value, { at, api: figuresOf(answer.storage_metrics), s3 });
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(history.value));
  } catch {
    // Without storage the charts begin anew after a reload.
  }
}

function fail(error: unknown): void {
  const problem =
    error instanceof Problem
      ? error
      : new Problem({
          status: 0,
          code: 'NoAnswer',
          title: 'SpaceWatch does not answer',
          detail: 'The server took longer than 30 s to tell its health.',
        });
  const { answer, at, failingSince } = health.value;
  health.value = { answer, at, problem, failingSince: failingSince ?? Date.now(), asking: false };
}

function schedule(): void {
  clearTimeout(timer);
  if (!polling || document.hidden) {
    health.value = { ...health.value, nextAt: undefined };
    return;
  }
  const wait = health.value.problem?.facts.retryAfterMs ?? POLL_MS;
  const delay = Math.max(wait, 1_000);
  health.value = { ...health.value, nextAt: Date.now() + delay };
  timer = setTimeout(() => void refreshHealth(), delay);
}

let polling = false;

function onVisibility(): void {
  if (document.hidden) {
    schedule();
    return;
  }
  const { at } = health.value;
  // Coming back to fresh figures only goes on counting.
  if (at !== undefined && Date.now() - at < POLL_MS) schedule();
  else void refreshHealth();
}

function readHistory(): readonly Sample[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isSample).slice(-MAX_SAMPLES) : [];
  } catch {
    return [];
  }
}

function isSample(value: unknown): value is Sample {
  const sample = value as Partial<Sample> | null;
  return typeof sample?.at === 'number' && typeof sample.api?.operationsPerSecond === 'number';
}

export function startPolling(): void {
  if (polling) return;
  polling = true;
  if (history.value.length === 0) history.value = readHistory();
  document.addEventListener('visibilitychange', onVisibility);
  void refreshHealth();
}

export function stopPolling(): void {
  polling = false;
  clearTimeout(timer);
  document.removeEventListener('visibilitychange', onVisibility);
}
