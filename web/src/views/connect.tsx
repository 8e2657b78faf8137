import { ArrowRight, ChevronRight, CircleAlert, Info, LockKeyhole } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { DemoTenant } from '../api/answers';
import type { Credentials } from '../api/client';
import { brokenAnswer, type Problem } from '../api/problem';
import { demoAccess } from '../api/tools';
import icon from '../icon.svg';
import { span } from '../lib/format';
import { EMPTY, type FieldErrors, type Outcome, tryConnect } from '../state/connecting';
import { route } from '../state/route';
import { adding, idleMinutes, notice, session, tenants } from '../state/session';
import { Field, RegionField, SecretField } from './connect-fields';
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
