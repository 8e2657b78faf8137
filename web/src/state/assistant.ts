/** The conversation of this tab: what was asked, what was done for it, what was answered. */

import { computed, effect, signal } from '@preact/signals';
import { type ChatAnswer, type ChatEvent, chat } from '../api/chat';
import { brokenAnswer, Problem } from '../api/problem';
import { type Found, mainSeries, seriesAround } from '../lib/series';
import { renewTabId } from '../lib/tab';
import { timeZone } from '../lib/time';
import { momentsOf } from './period';
import { route } from './route';
import { onLeave, session } from './session';

export interface ToolCall {
  readonly call: number;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly phase: 'running' | 'ok' | 'failed';
  readonly summary: string;
  readonly durationMs: number;
}

export interface Turn {
  readonly id: number;
  readonly question: string;
  readonly phase: 'running' | 'answered' | 'failed' | 'cancelled';
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Who works: the name of the model, or `planner`. */
  readonly by: string;
  readonly calls: readonly ToolCall[];
  /** What was said so far; the answer replaces it. */
  readonly text: string;
  readonly answer?: ChatAnswer;
  /** What of the answer's result can be drawn: what it is about, and lists its citations point into. */
  readonly series?: readonly Found[];
  readonly problem?: Problem;
}

const MAX_TURNS = 40;
const MAX_TEXT = 200_000;
const MAX_QUESTION = 8_000;
const STORAGE_KEY = 'spacewatch.conversation';
/** What is kept for a reload stays well below what a tab may store. */
const MAX_STORED = 1_000_000;

export const turns = signal<readonly Turn[]>([]);
export const running = computed(() => turns.value.some((turn) => turn.phase === 'running'));

/** The drawer beside the page: open or not, and whether the page makes room for it. */
export const drawer = signal<'closed' | 'open' | 'pinned'>('closed');

/** What somebody is typing; survives the change from the drawer to the page. */
export const draft = signal('');

let nextId = 1;
let abort: AbortController | undefined;

function change(id: number, with_: (turn: Turn) => Turn): void {
  turns.value = turns.value.map((turn) => (turn.id === id ? with_(turn) : turn));
}

/** What one event makes of a turn. */
export function told(turn: Turn, event: ChatEvent): Turn {
  switch (event.type) {
    case 'step':
      return { ...turn, by: event.by };
    case 'text':
      return turn.text.length > MAX_TEXT ? turn : { ...turn, text: turn.text + event.text };
    case 'tool_call': {
      const args = (typeof event.args === 'object' ? (event.args ?? {}) : {}) as ToolCall['args'];
      const call = { call: event.call, tool: event.tool, args, summary: '', durationMs: 0 };
      return { ...turn, calls: [...turn.calls, { ...call, phase: 'running' }] };
    }
    case 'tool_result': {
      // Calls are counted anew where the planner stands in for a model: the last of that number is meant.
      const at = turn.calls.findLastIndex(({ call }) => call === event.call);
      const known = turn.calls[at];
      if (!known) return turn;
      const done: ToolCall = {
        ...known,
        phase: event.ok ? 'ok' : 'failed',
        summary: event.summary,
        durationMs: event.duration_ms,
      };
      return { ...turn, calls: turn.calls.with(at, done) };
    }
  }
}

const MAX_DRAWN = 3;

/** What can be drawn of the last result, each list once. */
export function seriesOf(answer: ChatAnswer): Found[] {
  const found = new Map<string, Found>();
  const add = (one: Found | undefined) => {
    if (one && found.size < MAX_DRAWN) found.set(`${one.path} ${one.field}`, one);
  };
  for (const { tool, path } of answer.citations ?? [])
    if (tool === answer.tool_used) add(seriesAround(answer.raw, path));
  if (found.size === 0) add(mainSeries(answer.raw));
  return [...found.values()];
}

function answered(turn: Turn, answer: ChatAnswer): Turn {
  const { raw: _, ...kept } = answer;
  return {
    ...turn,
    phase: 'answered',
    endedAt: Date.now(),
    by: answer.by,
    answer: kept as ChatAnswer,
    series: seriesOf(answer),
    text: '',
  };
}

function failed(turn: Turn, error: unknown, signal: AbortSignal): Turn {
  if (signal.aborted) return { ...turn, phase: 'cancelled', endedAt: Date.now() };
  const problem =
    error instanceof Problem ? error : brokenAnswer('The answer was not what this page expects.');
  return { ...turn, phase: 'failed', endedAt: Date.now(), problem };
}

/** Asks about what the page shows. One question at a time. */
export async function ask(text: string): Promise<void> {
  const question = text.trim().slice(0, MAX_QUESTION);
  const credentials = session.value?.credentials;
  if (!question || !credentials || running.value) return;
  const id = nextId++;
  const startedAt = Date.now();
  const turn: Turn = { id, question, phase: 'running', startedAt, by: '', calls: [], text: '' };
  turns.value = [...turns.value, turn].slice(-MAX_TURNS);
  const stop = new AbortController();
  abort = stop;
  const { from, to } = momentsOf(route.value, startedAt);
  const bucket = route.value.bucket || undefined;
  const time_zone = timeZone.value || Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    const answer = await chat(
      { message: question, bucket, from, to, time_zone },
      { credentials, signal: stop.signal },
      (event) => change(id, (known) => told(known, event)),
    );
    change(id, (known) => answered(known, answer));
  } catch (error) {
    change(id, (known) => failed(known, error, stop.signal));
  } finally {
    if (abort === stop) abort = undefined;
  }
}

export function cancel(): void {
  abort?.abort();
}

/** Begins a new conversation: the server no longer knows what was said. */
export function restart(): void {
  cancel();
  turns.value = [];
  renewTabId();
}

function keep(): void {
  const done = turns.value.filter((turn) => turn.phase === 'answered');
  try {
    for (let from = 0; from <= done.length; from += 1) {
      const text = JSON.stringify(done.slice(from));
      if (text.length > MAX_STORED) continue;
      if (from === done.length) sessionStorage.removeItem(STORAGE_KEY);
      else sessionStorage.setItem(STORAGE_KEY, text);
      return;
    }
  } catch {
    // Storage may be switched off or full: then a reload forgets what was said.
  }
}

function isTurn(value: unknown): value is Turn {
  const turn = value as Partial<Turn> | null;
  return (
    typeof turn?.question === 'string' &&
    turn.phase === 'answered' &&
    Array.isArray(turn.calls) &&
    Array.isArray(turn.answer?.parts) &&
    Array.isArray(turn.answer.citations)
  );
}

/** Reads the conversation of a reloaded tab back. */
export function readBack(): void {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '[]');
    const kept = Array.isArray(stored) ? stored.filter(isTurn).slice(-MAX_TURNS) : [];
    turns.value = kept.map((turn) => ({ ...turn, id: nextId++ }));
  } catch {
    // Damaged or switched off: the conversation begins anew.
  }
}

let keeping: (() => void) | undefined;

/** Keeps the conversation for a reload of this tab, until the tenant leaves. */
export function startKeeping(): void {
  if (keeping) return;
  readBack();
  keeping = effect(() => {
    // A turn that goes on changes often; only whole ones are kept.
    if (!running.value) keep();
  });
}

onLeave(() => {
  restart();
  drawer.value = 'closed';
  draft.value = '';
});
