import { CircleAlert, KeyRound } from 'lucide-preact';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem } from '../../api/problem';
import { hasKey, unlock } from '../../state/admin';
import { Foreign } from '../parts/key';

/** Asks for the operator's key, which stays in this tab. */
export function Gate({ problem }: { problem: Problem }): JSX.Element {
  const [key, setKey] = useState('');
  const wrong = hasKey();
  const { detail, hint } = problem.facts;
  return (
    <section class="panel gate" aria-labelledby="gate-title">
      <span class="state-icon">
        <KeyRound size={20} aria-hidden="true" />
      </span>
      <h1 id="gate-title">The operator’s key</h1>
      <p class="muted">
        Mission control shows how all requests to this server fare. It opens with the key that the server was
        configured with (<code>APP_API_KEY</code>); <code>spacewatch demo</code> and{' '}
        <code>spacewatch setup</code> print theirs.
      </p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim()) unlock(key.trim());
        }}
      >
        <div class="field">
          <label for="operator-key">Key</label>
          <input
            id="operator-key"
            class="input input-mono"
            type="password"
            autocomplete="off"
            maxLength={1_024}
            value={key}
            aria-invalid={wrong ? true : undefined}
            aria-describedby={wrong ? 'operator-key-error' : undefined}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
          {wrong && (
            <p class="field-error" id="operator-key-error" role="alert">
              <CircleAlert size={14} aria-hidden="true" />
              <span>
                The server did not take this key: <Foreign text={detail} />
                {hint && (
                  <>
                    {' '}
                    (<Foreign text={hint} />)
                  </>
                )}
              </span>
            </p>
          )}
        </div>
        <button type="submit" class="button button-primary">
          Open mission control
        </button>
      </form>
      <p class="field-hint">
        The key stays in this tab, travels in a header only, and is forgotten when the tab is closed.
      </p>
    </section>
  );
}
