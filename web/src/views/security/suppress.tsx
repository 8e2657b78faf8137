import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { brokenAnswer, Problem } from '../../api/problem';
import { tool } from '../../api/tools';
import { dateTime, parseTime } from '../../lib/time';
import { type Suppression, suppressionsQuery } from '../../state/security';
import { session } from '../../state/session';
import { Foreign } from '../parts/key';
import { ProblemView } from '../parts/states';
import { say } from '../parts/toast';

const DAY_MS = 86_400_000;

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

interface Props {
  readonly id: string;
  readonly suppressed: Suppression | null | undefined;
  readonly changed: () => void;
}

type State = 'idle' | 'busy' | Problem;

/** Puts a finding aside for a while, with the reason, or takes it up again. */
export function SuppressForm({ id, suppressed, changed }: Props): JSX.Element {
  const [state, setState] = useState<State>('idle');
  const run = async (path: string, query: Record<string, string>, done: string) => {
    const credentials = session.value?.credentials;
    if (!credentials) return;
    setState('busy');
    try {
      await tool(path, { credentials }, query, 'POST');
      setState('idle');
      say(done);
      suppressionsQuery().refresh();
      changed();
    } catch (error) {
      setState(error instanceof Problem ? error : brokenAnswer('The answer was not what this page expects.'));
    }
  };
  const busy = state === 'busy';
  return (
    <div class="suppress">
      {suppressed ? (
        <>
          <span class="muted">
            Put aside until {untilText(suppressed.until)}: <Foreign text={suppressed.reason} />
          </span>
          <button
            type="button"
            class="button button-small"
            disabled={busy}
            onClick={() => void run('findings/unsuppress', { id }, 'Taken up again')}
          >
            Take up again
          </button>
        </>
      ) : (
        <AsideForm
          busy={busy}
          put={(reason, until) => void run('findings/suppress', { id, reason, until }, 'Put aside')}
        />
      )}
      {state instanceof Problem && <ProblemView problem={state} />}
    </div>
  );
}

interface AsideProps {
  readonly busy: boolean;
  readonly put: (reason: string, until: string) => void;
}

function AsideForm({ busy, put }: AsideProps): JSX.Element {
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState(() => day(Date.now() + 30 * DAY_MS));
  return (
    <form
      class="suppress"
      onSubmit={(event) => {
        event.preventDefault();
        put(reason.trim(), until);
      }}
    >
      <label>
        Known already, because
        <input
          class="input input-small"
          value={reason}
          required
          maxLength={400}
          placeholder="our own probe"
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <label>
        until
        <input
          class="input input-small"
          type="date"
          value={until}
          required
          min={day(Date.now())}
          max={day(Date.now() + 365 * DAY_MS)}
          onInput={(event) => setUntil(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button button-small" disabled={busy || reason.trim() === ''}>
        {busy ? 'Writing …' : 'Put aside'}
      </button>
    </form>
  );
}

export function untilText(until: string): string {
  const at = parseTime(until);
  return at === undefined ? until : dateTime(at);
}
