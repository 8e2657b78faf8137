import { CircleCheck, Hand } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { begin, canBegin, type Proposal } from '../../api/chat';
import { brokenAnswer, Problem } from '../../api/problem';
import { session } from '../../state/session';
import { Foreign } from '../parts/key';
import { ProblemView } from '../parts/states';
import { ArgsView } from './args';
import { Prose } from './prose';

type State = 'waiting' | 'running' | 'done' | Problem;

/** A deed that waits for a person's word. */
export function ProposalView({ proposal }: { proposal: Proposal }): JSX.Element {
  const [state, setState] = useState<State>('waiting');
  const [what, setWhat] = useState('');
  const stop = useRef<AbortController>();
  useEffect(() => () => stop.current?.abort(), []);
  const confirm = async () => {
    const credentials = session.value?.credentials;
    if (!credentials) return;
    const abort = new AbortController();
    stop.current = abort;
    setState('running');
    try {
      setWhat(outcome(await begin(proposal, { credentials, signal: abort.signal })));
      setState('done');
    } catch (error) {
      if (abort.signal.aborted) setState('waiting');
      else
        setState(
          error instanceof Problem ? error : brokenAnswer('The answer was not what this page expects.'),
        );
    }
  };
  return (
    <section class="proposal" aria-label="Waits for your word">
      <div class="proposal-head">
        <Hand size={15} aria-hidden="true" />
        <Prose text={sentence(proposal.description)} />
      </div>
      <dl class="cite-facts">
        <dt>Tool</dt>
        <dd class="mono">
          <Foreign text={proposal.tool} />
        </dd>
        <ArgsView args={(proposal.args ?? {}) as Record<string, unknown>} />
      </dl>
      {state instanceof Problem && <ProblemView problem={state} />}
      {state === 'done' ? (
        <p class="proposal-done" role="status">
          <CircleCheck size={15} aria-hidden="true" />
          <Foreign text={what} />
        </p>
      ) : (
        <Buttons
          proposal={proposal}
          busy={state === 'running'}
          confirm={confirm}
          cancel={() => stop.current?.abort()}
        />
      )}
    </section>
  );
}

interface ButtonsProps {
  readonly proposal: Proposal;
  readonly busy: boolean;
  readonly confirm: () => void;
  readonly cancel: () => void;
}

function Buttons({ proposal, busy, confirm, cancel }: ButtonsProps): JSX.Element {
  if (!canBegin(proposal))
    return <p class="muted">This page can’t begin that. The command line and the HTTP interface can.</p>;
  return (
    <div class="proposal-buttons">
      <button type="button" class="button button-primary button-small" disabled={busy} onClick={confirm}>
        {busy ? 'Working …' : 'Confirm and begin'}
      </button>
      {busy && (
        <button type="button" class="button button-small" onClick={cancel}>
          Stop waiting
        </button>
      )}
    </div>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function outcome(answer: unknown): string {
  const told = (answer ?? {}) as Record<string, unknown>;
  if (typeof told.metrics_key === 'string')
    return `Done. Written to ${String(told.metrics_bucket)}/${told.metrics_key}.`;
  return told.begun === false ? 'It goes on already.' : 'Begun.';
}
