import { ArrowRight, ChevronRight, CircleAlert, Eye, EyeOff, Info, LockKeyhole } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { DemoTenant } from '../api/answers';
import type { Credentials } from '../api/client';
import { brokenAnswer, type Problem } from '../api/problem';
import { demoAccess } from '../api/tools';
import icon from '../icon.svg';
import { span } from '../lib/format';
import { EMPTY, type FieldErrors, type Outcome, REGIONS, tryConnect } from '../state/connecting';
import { route } from '../state/route';
import { adding, idleMinutes, notice, session, tenants } from '../state/session';
import { Avatar } from './parts/avatar';
import { Foreign } from './parts/key';
import { show } from './tenant';
import { ThemeButton } from './theme-button';

/** Where a tenant brings its keys. */
export function Connect(): JSX.Element {
  const [busy, setBusy] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const [errors, setErrors] = useState<FieldErrors>({});
  const attempt = async (who: string, run: () => Promise<Outcome>) => {
    setBusy(who);
    setProblem(undefined);
    setErrors({});
    try {
      const outcome = await run();
      if (outcome.kind === 'invalid') {
        setErrors(outcome.errors);
        focusFirst(Object.keys(outcome.errors));
      }
      if (outcome.kind === 'refused') setProblem(outcome.problem);
    } catch {
      setProblem(brokenAnswer('The answer was not what this page expects.'));
    } finally {
      setBusy(undefined);
    }
  };
  useEffect(() => {
    document.title = 'Connect · SpaceWatch';
    // While somebody types, the rest comes in.
    void import('./frame');
  }, []);
  return (
    <main class="connect">
      <header class="connect-head">
        <span class="brand">
          <img src={icon} alt="" />
          SpaceWatch
        </span>
        <h1>Connect to your object storage</h1>
        <p>What is stored, how healthy it is and what changed, from nothing but your own S3 keys.</p>
      </header>
      <Notice />
      <Known />
      <Demo busy={busy} attempt={attempt} />
      <section class="panel" aria-label="Your own keys">
        <Form busy={busy} attempt={attempt} errors={errors} problem={problem} />
      </section>
      <footer class="connect-foot">
        <span class="muted" />
        <ThemeButton />
      </footer>
    </main>
  );
}

/** Where another tenant is added: the way back to those of this tab. */
function Known(): JSX.Element | null {
  if (!session.value) return null;
  return (
    <section class="panel demo-panel" aria-labelledby="known-title">
      <h2 id="known-title">Add another tenant</h2>
      <p>The others of this tab stay connected.</p>
      <div class="demo-list">
        {tenants.value.map((tenant) => (
          <button
            key={JSON.stringify(tenant.credentials)}
            type="button"
            class="demo-tenant known-tenant"
            onClick={() => {
              adding.value = false;
              show(tenant);
            }}
          >
            <Avatar name={tenant.name} />
            <span>
              <strong>
                <Foreign text={tenant.name} />
              </strong>
              <span>Back to it</span>
            </span>
            <ArrowRight size={16} aria-hidden="true" />
          </button>
        ))}
      </div>
    </section>
  );
}

function focusFirst(names: string[]): void {
  const first = names.map((name) => document.getElementById(`field-${name}`)).find((field) => field !== null);
  first?.closest('details')?.setAttribute('open', '');
  first?.focus();
}

function Notice(): JSX.Element | null {
  const text =
    notice.value ??
    (route.value.start || session.value ? undefined : 'Connect to see the view this link leads to.');
  if (!text) return null;
  return (
    <p class="banner" role="status">
      <Info size={16} aria-hidden="true" />
      {text}
    </p>
  );
}

type Attempt = (who: string, run: () => Promise<Outcome>) => Promise<void>;

/** The tenants of the demo, where one runs. */
function Demo({ busy, attempt }: { busy: string | undefined; attempt: Attempt }): JSX.Element | null {
  const [tenants, setTenants] = useState<readonly DemoTenant[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    demoAccess(abort.signal).then(
      (access) => setTenants(access?.tenants ?? []),
      // The page went away before the answer came.
      () => undefined,
    );
    return () => abort.abort();
  }, []);
  if (tenants.length === 0) return null;
  return (
    <section class="panel demo-panel" aria-labelledby="demo-title">
      <h2 id="demo-title">Try the demo</h2>
      <p>A store with made-up buckets runs in this server. One click connects.</p>
      <div class="demo-list">
        {tenants.map((tenant) => (
          <button
            key={tenant.access_key_id}
            type="button"
            class="demo-tenant"
            disabled={busy !== undefined}
            onClick={() =>
              attempt(tenant.access_key_id, () => tryConnect(credentialsOf(tenant), tenant.name))
            }
          >
            <Avatar name={tenant.name} />
            <span>
              <strong>
                <Foreign text={tenant.name} />
              </strong>
              <span>
                <Foreign text={busy === tenant.access_key_id ? 'Connecting …' : tenant.description} />
              </span>
            </span>
            <ArrowRight size={16} aria-hidden="true" />
          </button>
        ))}
      </div>
    </section>
  );
}

function credentialsOf(tenant: DemoTenant): Credentials {
  return {
    ...EMPTY,
    accessKeyId: tenant.access_key_id,
    secretAccessKey: tenant.secret_access_key,
    region: tenant.region,
    endpoint: tenant.endpoint,
    logBucket: tenant.log_bucket ?? '',
    logPrefix: tenant.log_prefix ?? '',
    metricsBucket: tenant.metrics_bucket ?? '',
  };
}

interface FormProps {
  readonly busy: string | undefined;
  readonly attempt: Attempt;
  readonly errors: FieldErrors;
  readonly problem: Problem | undefined;
}

function Form({ busy, attempt, errors, problem }: FormProps): JSX.Element {
  const [fields, setFields] = useState<Credentials>(EMPTY);
  const bind = (name: keyof Credentials) => ({
    name,
    value: fields[name],
    error: errors[name],
    set: (value: string) => setFields({ ...fields, [name]: value }),
  });
  const submit = (event: Event) => {
    event.preventDefault();
    void attempt('form', () => tryConnect(fields));
  };
  return (
    <form class="form" onSubmit={submit} noValidate autocomplete="off">
      <Field label="Access key" mono {...bind('accessKeyId')} />
      <SecretField {...bind('secretAccessKey')} />
      <RegionField {...bind('region')} />
      <Field
        label="Endpoint"
        optional
        mono
        placeholder="https://fra1.digitaloceanspaces.com"
        hint="Only for other S3-compatible stores. Usually the region is enough."
        {...bind('endpoint')}
      />
      <details class="more">
        <summary>
          <ChevronRight size={14} aria-hidden="true" />
          Log and metrics buckets <span class="optional">(optional)</span>
        </summary>
        <div class="form">
          <p class="field-hint">
            Where access logs arrive and where SpaceWatch keeps snapshots. With keys that are limited to
            single buckets, name those buckets here: the store doesn’t tell them.
          </p>
          <div class="field-row">
            <Field label="Log bucket" mono {...bind('logBucket')} />
            <Field label="Log prefix" mono placeholder="logs/" {...bind('logPrefix')} />
          </div>
          <div class="field-row">
            <Field label="Metrics bucket" mono {...bind('metricsBucket')} />
            <Field label="Metrics prefix" mono placeholder="spacewatch-metrics/" {...bind('metricsPrefix')} />
          </div>
        </div>
      </details>
      {problem && <Refusal problem={problem} />}
      <button type="submit" class="button button-primary" disabled={busy !== undefined}>
        {busy === 'form' ? 'Checking the keys …' : 'Connect'}
      </button>
      <p class="privacy">
        <LockKeyhole size={14} aria-hidden="true" />
        <span>
          The keys stay in this tab. They are sent to this SpaceWatch server in request headers only, never
          stored there or put into an address, and wiped when you disconnect, close the tab or leave it idle
          for {idleMinutes.value} minutes.
        </span>
      </p>
    </form>
  );
}

/** What went wrong, in the words a person at this form can use. */
function titleOf(problem: Problem): string {
  const { status, code } = problem.facts;
  if (code === 'EndpointNotAllowed') return 'This server may not call that endpoint';
  if (status === 401) return 'The store rejected these keys';
  if (status === 403) return 'The store knows these keys, but they open nothing here';
  if (status === 429) return 'Too many attempts';
  if (status === 0) return 'SpaceWatch does not answer';
  if (status >= 500) return 'The store could not be asked';
  return 'That did not work';
}

function Refusal({ problem }: { problem: Problem }): JSX.Element {
  const { detail, hint, code, requestId, retryAfterMs } = problem.facts;
  return (
    <div class="banner banner-bad" role="alert">
      <CircleAlert size={16} aria-hidden="true" />
      <div>
        <strong>{titleOf(problem)}</strong>
        <p>
          <Foreign text={detail} />
        </p>
        {hint && (
          <p>
            <Foreign text={hint} />
          </p>
        )}
        {retryAfterMs !== undefined && <p>Try again in {span(Math.ceil(retryAfterMs / 1_000))}.</p>}
        <p class="state-code">
          <Foreign text={requestId ? `${code} · ${requestId}` : code} />
        </p>
      </div>
    </div>
  );
}

interface FieldProps {
  readonly name: keyof Credentials;
  readonly value: string;
  readonly error: string | undefined;
  readonly set: (value: string) => void;
}

interface TextProps extends FieldProps {
  readonly label: string;
  readonly optional?: boolean;
  readonly mono?: boolean;
  readonly hint?: string;
  readonly placeholder?: string;
}

function describedBy(name: string, hint: string | undefined, error: string | undefined): string | undefined {
  return [error && `error-${name}`, hint && `hint-${name}`].filter(Boolean).join(' ') || undefined;
}

function Below({
  name,
  hint,
  error,
}: {
  name: string;
  hint?: string | undefined;
  error: string | undefined;
}): JSX.Element {
  return (
    <>
      {error && (
        <p class="field-error" id={`error-${name}`}>
          <CircleAlert size={14} aria-hidden="true" />
          {error}
        </p>
      )}
      {hint && (
        <p class="field-hint" id={`hint-${name}`}>
          {hint}
        </p>
      )}
    </>
  );
}

function Field({
  name,
  label,
  value,
  error,
  set,
  optional,
  mono,
  hint,
  placeholder,
}: TextProps): JSX.Element {
  return (
    <div class="field">
      <label for={`field-${name}`}>
        {label} {optional && <span class="optional">(optional)</span>}
      </label>
      <input
        id={`field-${name}`}
        class={mono ? 'input input-mono' : 'input'}
        value={value}
        placeholder={placeholder}
        maxLength={1_024}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="none"
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(name, hint, error)}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <Below name={name} hint={hint} error={error} />
    </div>
  );
}

function SecretField({ name, value, error, set }: FieldProps): JSX.Element {
  const [shown, setShown] = useState(false);
  return (
    <div class="field">
      <label for={`field-${name}`}>Secret key</label>
      <div class="with-button">
        <input
          id={`field-${name}`}
          class="input input-mono"
          type={shown ? 'text' : 'password'}
          value={value}
          maxLength={1_024}
          spellcheck={false}
          autocomplete="off"
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(name, undefined, error)}
          onInput={(event) => set(event.currentTarget.value)}
        />
        <button
          type="button"
          class="icon-button"
          aria-pressed={shown}
          aria-label="Show the secret"
          title={shown ? 'Hide the secret' : 'Show the secret'}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff size={16} aria-hidden="true" /> : <Eye size={16} aria-hidden="true" />}
        </button>
      </div>
      <Below name={name} error={error} />
    </div>
  );
}

const OTHER = '*';

function RegionField({ name, value, error, set }: FieldProps): JSX.Element {
  const [other, setOther] = useState(false);
  const choose = (chosen: string) => {
    setOther(chosen === OTHER);
    set(chosen === OTHER ? '' : chosen);
  };
  return (
    <div class="field">
      <label for="field-region-choice">Region</label>
      <div class={other ? 'field-row' : undefined}>
        <select
          id="field-region-choice"
          class="input"
          value={other ? OTHER : value}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          <option value="">The server’s default</option>
          <optgroup label="DigitalOcean Spaces">
            {REGIONS.map(([id, place]) => (
              <option key={id} value={id}>
                {place} ({id})
              </option>
            ))}
          </optgroup>
          <option value={OTHER}>Another region …</option>
        </select>
        {other && (
          <input
            id={`field-${name}`}
            class="input input-mono"
            aria-label="Name of the region"
            placeholder="us-east-1"
            value={value}
            maxLength={63}
            spellcheck={false}
            aria-invalid={error ? true : undefined}
            aria-describedby={describedBy(name, undefined, error)}
            onInput={(event) => set(event.currentTarget.value)}
          />
        )}
      </div>
      <Below name={name} error={error} />
    </div>
  );
}
