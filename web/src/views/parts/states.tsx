/** What a view shows when it has nothing to show yet, or can't. */

import { Ban, CircleAlert, CloudOff, Hourglass, Inbox, KeyRound, SearchX } from 'lucide-preact';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Progress } from '../../api/client';
import type { Problem } from '../../api/problem';
import { bytes, count, counted, span } from '../../lib/format';
import { now } from '../../state/clock';
import type { Answer, Query } from '../../state/query';
import { offerRefresh } from '../../state/refresh';
import { Foreign } from './key';
import { copy } from './toast';

/** Bars in the shape of what is coming, so that nothing jumps. */
export function Skeleton({ rows, label }: { rows: number; label: string }): JSX.Element {
  return (
    <div class="skeleton" role="status" aria-label={`${label} …`}>
      {Array.from({ length: rows }, (_, at) => (
        <div class="skeleton-row" key={at} />
      ))}
    </div>
  );
}

export function Empty({
  title,
  children,
  icon,
}: {
  title: string;
  children?: ComponentChildren;
  icon?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="state">
      <span class="state-icon">{icon ?? <Inbox size={20} aria-hidden="true" />}</span>
      <p class="state-title">{title}</p>
      {children && <div class="state-text">{children}</div>}
    </div>
  );
}

function iconOf(problem: Problem): JSX.Element {
  const { status } = problem.facts;
  if (status === 401) return <KeyRound size={20} aria-hidden="true" />;
  if (status === 403) return <Ban size={20} aria-hidden="true" />;
  if (status === 404) return <SearchX size={20} aria-hidden="true" />;
  if (problem.isBusy) return <Hourglass size={20} aria-hidden="true" />;
  if (status === 0 || status >= 502) return <CloudOff size={20} aria-hidden="true" />;
  return <CircleAlert size={20} aria-hidden="true" />;
}

function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`;
}

function titleOf(problem: Problem): string {
  const { status, title } = problem.facts;
  if (status === 403) return 'These keys do not open this';
  if (status === 429) return 'Too many requests';
  if (status === 503) return 'The store asks to slow down';
  if (status === 404) return 'There is nothing at this place';
  if (status === 504) return 'This takes longer than usual';
  return sentence(title).replace(/\.$/, '');
}

/** Counts down and asks again by itself once the waiting time is over. */
function Retry({ problem, retry }: { problem: Problem; retry: () => void }): JSX.Element {
  const wait = problem.isBusy ? problem.facts.retryAfterMs : undefined;
  const [until] = useState(wait === undefined ? undefined : Date.now() + wait);
  const left = until === undefined ? 0 : Math.max(0, Math.ceil((until - now.value) / 1_000));
  useEffect(() => {
    if (until === undefined) return;
    const timer = setTimeout(retry, Math.max(0, until - Date.now()));
    return () => clearTimeout(timer);
  }, [until]);
  return (
    <button type="button" class="button" onClick={retry}>
      {left > 0 ? `Try again (by itself in ${span(left)})` : 'Try again'}
    </button>
  );
}

/** What happened, why, and what to do, with the id that finds it in the server's log. */
export function ProblemView({
  problem,
  retry,
}: {
  problem: Problem;
  retry?: (() => void) | undefined;
}): JSX.Element {
  const { detail, hint, code, requestId } = problem.facts;
  return (
    <div class="state state-problem" role="alert">
      <span class="state-icon">{iconOf(problem)}</span>
      <p class="state-title">{titleOf(problem)}</p>
      <div class="state-text">
        <p>
          <Foreign text={sentence(detail)} />
        </p>
        {hint && (
          <p>
            <Foreign text={sentence(hint)} />
          </p>
        )}
        {retry && <Retry key={problem.facts.requestId} problem={problem} retry={retry} />}
        <p class="state-code">
          <Foreign text={code} />
          {requestId && (
            <>
              {' · '}
              <button
                type="button"
                class="link"
                onClick={() => copy(requestId, 'Request id copied')}
                title="Click to copy"
              >
                <Foreign text={requestId} />
              </button>
            </>
          )}
        </p>
      </div>
    </div>
  );
}

export function progressText(progress: Progress | undefined): string {
  if (!progress || progress.requests === 0) return 'Waiting for the store';
  const parts = [counted(progress.objects, 'object'), counted(progress.requests, 'request')];
  if (progress.bytes > 0) parts.splice(1, 0, bytes(progress.bytes));
  return parts.join(' · ');
}

/** Figures for work that takes more than a second, with a way out. */
export function Working({
  answer,
  label,
  cancel,
}: {
  answer: Answer<unknown>;
  label: string;
  cancel: () => void;
}): JSX.Element | null {
  const seconds = (now.value - (answer.startedAt ?? now.value)) / 1_000;
  if (answer.phase !== 'running' || seconds < 1) return null;
  const perSecond =
    answer.progress && answer.progress.elapsedMs > 0
      ? (answer.progress.objects * 1_000) / answer.progress.elapsedMs
      : 0;
  return (
    <div class="working" role="status">
      <span class="working-bar" aria-hidden="true" />
      <span class="working-text">
        <strong>{label}</strong>
        <span>{progressText(answer.progress)}</span>
        {perSecond >= 1 && <span class="muted">{count(perSecond)} objects/s</span>}
        <span class="muted">{span(seconds)}</span>
      </span>
      <button type="button" class="button button-small" onClick={cancel}>
        Cancel
      </button>
    </div>
  );
}

/** How much of the log an answer rests on, where it comes from logs. */
function readingOf(data: unknown): { readonly read: number; readonly pending: number } {
  const coverage = (data as { coverage?: { objects_read?: number; objects_pending?: number } } | undefined)
    ?.coverage;
  return { read: coverage?.objects_read ?? 0, pending: coverage?.objects_pending ?? 0 };
}

const SOONEST_MS = 2_000;
const LATEST_MS = 30_000;

/** Asks again while the log is being read: soon as long as that gets on, ever later where it doesn't. */
function useReading<T>(query: Query<T>): number {
  const { data, phase, at } = query.answer.value;
  const { pending } = readingOf(data);
  const seen = useRef({ pending: 0, times: 0 });
  useEffect(() => {
    if (pending === 0 || phase !== 'ready') return;
    const stuck = pending >= seen.current.pending;
    seen.current = { pending, times: stuck ? seen.current.times + 1 : 0 };
    const wait = Math.min(SOONEST_MS * 1.5 ** seen.current.times, LATEST_MS);
    const timer = setTimeout(() => query.refresh(), wait);
    return () => clearTimeout(timer);
  }, [query, phase, at]);
  return pending;
}

/** That figures still grow. */
function Reading({ pending }: { pending: number }): JSX.Element {
  return (
    <div class="working" role="status">
      <span class="working-bar" aria-hidden="true" />
      <span class="working-text">
        <strong>Reading the access log</strong>
        <span>{counted(pending, 'log object')} to go; figures grow until then</span>
      </span>
    </div>
  );
}

interface AnswerProps<T> {
  readonly query: Query<T>;
  readonly label: string;
  readonly rows: number;
  readonly children: (data: T) => ComponentChildren;
}

/** Draws a query in whichever state it is; what is known stays visible, dimmed, while it is asked again. */
export function AnswerView<T>({ query, label, rows, children }: AnswerProps<T>): JSX.Element {
  const answer = query.answer.value;
  const retry = () => query.refresh();
  const busy = answer.phase === 'running';
  const pending = useReading(query);
  // What nothing was read for is not known yet; zeros would say that it is.
  const unread = pending > 0 && readingOf(answer.data).read === 0;
  return (
    <>
      {pending > 0 && <Reading pending={pending} />}
      <Working answer={answer} label={label} cancel={() => query.cancel()} />
      {answer.phase === 'failed' && answer.problem && <ProblemView problem={answer.problem} retry={retry} />}
      {answer.data !== undefined && unread ? (
        <Skeleton rows={rows} label={label} />
      ) : answer.data !== undefined ? (
        <div class={busy && pending === 0 ? 'stale' : undefined} aria-busy={busy}>
          {children(answer.data)}
        </div>
      ) : (
        <>
          {(busy || answer.phase === 'idle') && <Skeleton rows={rows} label={label} />}
          {answer.phase === 'cancelled' && (
            <Empty title="Cancelled" icon={<Ban size={20} aria-hidden="true" />}>
              <button type="button" class="button" onClick={retry}>
                Start again
              </button>
            </Empty>
          )}
        </>
      )}
    </>
  );
}

/** Lends the refresh button of the bar to a query. */
export function useRefresh<T>(query: Query<T>): void {
  useEffect(
    () =>
      offerRefresh(() => ({
        at: query.answer.value.at,
        busy: query.answer.value.phase === 'running',
        refresh: () => query.refresh(),
      })),
    [query],
  );
}

/** Asks when first shown, and stops the work when the view goes. */
export function useAsked<T>(query: Query<T>): Query<T> {
  useEffect(() => {
    const away = query.watch();
    query.ensure();
    return away;
  }, [query]);
  return query;
}
