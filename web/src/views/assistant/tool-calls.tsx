import { ArrowUpRight, ChevronRight, CircleAlert, CircleCheck, LoaderCircle } from 'lucide-preact';
import type { JSX } from 'preact';
import { counted, duration, span } from '../../lib/format';
import type { ToolCall, Turn } from '../../state/assistant';
import { now } from '../../state/clock';
import { pageOf } from '../../state/links';
import { Foreign } from '../parts/key';
import { ArgsView } from './args';

/** What was asked of which tool for an answer: one line that opens, and each call opens in turn. */
export function ToolCalls({ turn }: { turn: Turn }): JSX.Element | null {
  const busy = turn.phase === 'running';
  if (turn.calls.length === 0 && !busy) return null;
  return (
    <details class="calls" open={busy}>
      <summary>
        <ChevronRight size={13} aria-hidden="true" class="calls-chevron" />
        {busy ? <Busy turn={turn} /> : <span>{done(turn)}</span>}
      </summary>
      {turn.calls.map((call, at) => (
        <Call key={at} call={call} />
      ))}
    </details>
  );
}

function Busy({ turn }: { turn: Turn }): JSX.Element {
  const asked = turn.calls.findLast(({ phase }) => phase === 'running');
  const what = asked ? `Asking ${asked.tool}` : turn.text ? 'Writing' : 'Thinking';
  const seconds = Math.floor((now.value - turn.startedAt) / 1_000);
  return (
    <span class="calls-busy" role="status">
      <Foreign text={what} />
      <LoaderCircle size={12} class="turning" aria-hidden="true" />
      {seconds >= 1 && <span aria-hidden="true">{span(seconds)}</span>}
    </span>
  );
}

function done(turn: Turn): string {
  const took = turn.endedAt === undefined ? '' : ` · ${duration(turn.endedAt - turn.startedAt)}`;
  const failed = turn.calls.filter(({ phase }) => phase === 'failed').length;
  const trouble = failed > 0 ? `, ${failed} without a result` : '';
  return `${counted(turn.calls.length, 'question')} to tools${trouble}${took}`;
}

const ICONS = { running: LoaderCircle, ok: CircleCheck, failed: CircleAlert };
const WORDS = { running: 'running', ok: 'gave a result', failed: 'gave no result' };

function Call({ call }: { call: ToolCall }): JSX.Element {
  const Icon = ICONS[call.phase];
  const href = pageOf(call.tool, call.args);
  return (
    <details class={`call call-${call.phase}`}>
      <summary>
        <Icon size={13} class={call.phase === 'running' ? 'turning' : undefined} aria-hidden="true" />
        <span class="hidden-text">{WORDS[call.phase]}: </span>
        <span class="mono call-tool">
          <Foreign text={call.tool} />
        </span>
        <span class="call-summary">
          <Foreign text={call.summary} />
        </span>
        {call.phase !== 'running' && <span class="call-time">{duration(call.durationMs)}</span>}
      </summary>
      <dl class="cite-facts">
        {Object.keys(call.args).length === 0 ? (
          <>
            <dt>Asked</dt>
            <dd>without arguments</dd>
          </>
        ) : (
          <ArgsView args={call.args} />
        )}
        {call.summary && (
          <>
            <dt>Result</dt>
            <dd>
              <Foreign text={call.summary} />
            </dd>
          </>
        )}
      </dl>
      {href && (
        <a class="cite-link" href={href}>
          Open the page that shows it
          <ArrowUpRight size={13} aria-hidden="true" />
        </a>
      )}
    </details>
  );
}
