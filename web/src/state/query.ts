/**
 * Questions under way and their answers. What was answered stays visible while it is asked again; the same question asked by two
 * parts of the page runs once; work nobody looks at any more is stopped.
 */

import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Progress } from '../api/client';
import { brokenAnswer, Problem } from '../api/problem';
import type { Asker } from '../api/tools';
import { disconnect, onLeave, session } from './session';

export interface Answer<T> {
  readonly phase: 'idle' | 'running' | 'ready' | 'failed' | 'cancelled';
  readonly data?: T | undefined;
  /** When the data came. */
  readonly at?: number | undefined;
  readonly problem?: Problem | undefined;
  readonly progress?: Progress | undefined;
  readonly startedAt?: number | undefined;
}

/** `previous` is there when more of the same list is wanted. */
export type Run<T> = (asker: Asker, previous?: T) => Promise<T>;

export interface Work {
  readonly id: number;
  readonly label: string;
  readonly startedAt: number;
  readonly progress: Progress | undefined;
  readonly cancel: () => void;
}

const KEPT = 60;
const kept = new Map<string, Query<unknown>>();
const running = signal<readonly Query<unknown>[]>([]);
let nextId = 1;

/** What runs now, oldest first. */
export const works: ReadonlySignal<readonly Work[]> = computed(() =>
  running.value.map((query) => ({
    id: query.id,
    label: query.label,
    startedAt: query.answer.value.startedAt ?? 0,
    progress: query.answer.value.progress,
    cancel: () => query.cancel(),
  })),
);

export class Query<T> {
  readonly id = nextId++;
  readonly label: string;
  readonly answer: Signal<Answer<T>> = signal({ phase: 'idle' });
  private readonly run: Run<T>;
  private abort: AbortController | undefined;
  private watchers = 0;

  constructor(label: string, run: Run<T>) {
    this.label = label;
    this.run = run;
  }

  /** Asks, unless it was answered, is being asked or was cancelled. */
  ensure(): void {
    const { phase } = this.answer.value;
    if (phase === 'idle' || phase === 'failed') this.refresh();
  }

  /** Asks again from the start; what is known stays visible. */
  refresh(): void {
    void this.start(undefined);
  }

  /** Asks for what comes after the data there is. */
  more(): void {
    void this.start(this.answer.value.data);
  }

  /** Asks unless it runs already, and waits for how it ends. */
  settled(): Promise<Answer<T>> {
    this.refresh();
    return new Promise((resolve) => {
      const stop = this.answer.subscribe((answer) => {
        if (answer.phase === 'running') return;
        resolve(answer);
        queueMicrotask(() => stop());
      });
    });
  }

  cancel(): void {
    if (!this.abort) return;
    this.abort.abort();
    this.abort = undefined;
    const { data, at } = this.answer.value;
    this.answer.value = { phase: 'cancelled', data, at };
    this.leave();
  }

  /** Somebody looks at the answer; the returned function says that they looked away. */
  watch(): () => void {
    this.watchers += 1;
    return () => {
      this.watchers -= 1;
      if (this.watchers > 0 || !this.abort) return;
      this.cancel();
      const { data, at } = this.answer.value;
      this.answer.value = data === undefined ? { phase: 'idle' } : { phase: 'ready', data, at };
    };
  }

  private async start(previous: T | undefined): Promise<void> {
    const credentials = session.value?.credentials;
    if (this.abort || !credentials) return;
    const abort = new AbortController();
    this.abort = abort;
    const { data, at } = this.answer.value;
    this.answer.value = { phase: 'running', data, at, startedAt: Date.now() };
    running.value = [...running.value, this as Query<unknown>];
    const onProgress = (progress: Progress) => {
      if (this.abort === abort) this.answer.value = { ...this.answer.value, progress };
    };
    try {
      const answer = await this.run({ credentials, signal: abort.signal, onProgress }, previous);
      this.finish(abort, { phase: 'ready', data: answer, at: Date.now() });
    } catch (error) {
      const problem =
        error instanceof Problem ? error : brokenAnswer('The answer was not what this page expects.');
      this.finish(abort, { phase: 'failed', data, at, problem });
      if (problem.facts.code === 'InvalidCredentials' && this.abort === undefined && !abort.signal.aborted) {
        disconnect('The store no longer accepts these keys. Connect again to go on.');
      }
    }
  }

  private finish(abort: AbortController, answer: Answer<T>): void {
    if (this.abort !== abort) return;
    this.abort = undefined;
    this.answer.value = answer;
    this.leave();
  }

  private leave(): void {
    running.value = running.value.filter((query) => query !== (this as Query<unknown>));
  }
}

/** The one query of that key; made when first asked for. */
export function query<T>(key: string, label: string, run: Run<T>): Query<T> {
  const known = kept.get(key) as Query<T> | undefined;
  const found = known ?? new Query<T>(label, run);
  // Last used stands last, so the first is the one to let go.
  kept.delete(key);
  kept.set(key, found as Query<unknown>);
  if (kept.size > KEPT) forgetOldest();
  return found;
}

function forgetOldest(): void {
  for (const [key, old] of kept) {
    if (old.answer.value.phase === 'running') continue;
    kept.delete(key);
    return;
  }
}

onLeave(() => {
  for (const old of running.value) old.cancel();
  kept.clear();
});
