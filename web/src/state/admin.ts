/** What mission control knows: asked again every ten seconds while somebody looks. */

import { type Signal, signal } from '@preact/signals';
import * as api from '../api/admin';
import { brokenAnswer, Problem } from '../api/problem';
import { type Route, route } from './route';

const STORAGE_KEY = 'spacewatch.operator';
export const EVERY_MS = 10_000;

export interface Loaded<T> {
  readonly data?: T;
  readonly at?: number;
  readonly problem?: Problem;
  readonly busy: boolean;
}

/** Empty where the server asks for none. */
const operatorKey = signal('');

/** Whether the server wants a key, or another one: then nothing else is shown. */
export const locked = signal<Problem | undefined>(undefined);

function readKey(): string {
  try {
    return sessionStorage.getItem(STORAGE_KEY) ?? '';
  } catch {
    return '';
  }
}

export const hasKey = () => operatorKey.value !== '';

/** Takes a key for this tab, and asks everything with it. */
export function unlock(key: string): void {
  operatorKey.value = key;
  locked.value = undefined;
  try {
    if (key) sessionStorage.setItem(STORAGE_KEY, key);
    else sessionStorage.removeItem(STORAGE_KEY);
  } catch {
    // Storage may be switched off: then a reload asks for the key again.
  }
  void refreshAll();
}

/** Forgets the key and all that it opened. */
export function forgetKey(): void {
  for (const part of ALL) part.forget();
  unlock('');
}

type Ask<T> = (operator: api.Operator, to: Route) => Promise<T>;

/** One of the questions of the page. */
export class Part<T> {
  readonly state: Signal<Loaded<T>> = signal({ busy: false });
  private readonly ask: Ask<T>;
  private abort: AbortController | undefined;

  constructor(ask: Ask<T>) {
    this.ask = ask;
  }

  async refresh(): Promise<void> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.state.value = { ...this.state.value, busy: true };
    try {
      const data = await this.ask({ operatorKey: operatorKey.value, signal: abort.signal }, route.value);
      if (this.abort === abort) this.state.value = { data, at: Date.now(), busy: false };
    } catch (error) {
      if (this.abort !== abort) return;
      const problem =
        error instanceof Problem ? error : brokenAnswer('The answer was not what this page expects.');
      if (problem.facts.status === 401) locked.value = problem;
      this.state.value = { ...this.state.value, problem, busy: false };
    }
  }

  /** Whether the server said that it has no such thing. */
  get isAbsent(): boolean {
    return this.state.value.problem?.facts.status === 404;
  }

  forget(): void {
    this.abort?.abort();
    this.abort = undefined;
    this.state.value = { busy: false };
  }
}

/** What the charts may show, and how long a step of them is. */
export const WINDOWS = [
  { value: '15m', label: '15 min', resolution: '1m' },
  { value: '60m', label: '1 h', resolution: '1m' },
  { value: '6h', label: '6 h', resolution: '5m' },
  { value: '24h', label: '24 h', resolution: '15m' },
] as const;

export function windowOf(to: Route): (typeof WINDOWS)[number] {
  return WINDOWS.find(({ value }) => value === to.filters.window) ?? WINDOWS[1];
}

export const report = new Part((operator) => api.report(operator));
export const timeseries = new Part((operator, to) => {
  const { value, resolution } = windowOf(to);
  return api.timeseries(operator, value, resolution);
});
export const events = new Part((operator) => api.events(operator));
export const tasks = new Part((operator) => api.tasks(operator));
export const alerts = new Part((operator) => api.alerts(operator));
export const stats = new Part((operator) => api.stats(operator));
export const operations = new Part((operator, to) =>
  api.operations(operator, {
    operation_type: to.filters.operation_type,
    bucket: to.bucket,
    min_duration_ms: to.filters.min_duration_ms,
    layer: to.filters.layer_of_log,
  }),
);

const ALL: readonly Part<unknown>[] = [report, timeseries, events, tasks, alerts, stats, operations];

/** Asks everything; without a key that is taken, one refusal is enough. */
export async function refreshAll(): Promise<void> {
  await report.refresh();
  if (locked.value) return;
  for (const part of ALL) if (part !== report) void part.refresh();
}

/** What changes by itself. The log of operations waits to be asked: it is long, and asking is an operation too. */
const LIVE = [report, timeseries, events, tasks, alerts, stats];

/** Asks now and again; the returned function ends it. */
export function startAsking(): () => void {
  operatorKey.value = readKey();
  void refreshAll();
  const tick = () => {
    if (document.hidden || locked.value) return;
    for (const part of LIVE) if (!part.isAbsent) void part.refresh();
  };
  const timer = setInterval(tick, EVERY_MS);
  document.addEventListener('visibilitychange', tick);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
  };
}

/** The address of a view of mission control. */
export function adminHref(change: Readonly<Record<string, string>>): string {
  const { bucket, filters } = route.value;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ bucket, ...filters, ...change }))
    if (value) query.set(name, value);
  const text = query.toString();
  return text ? `/admin?${text}` : '/admin';
}
