import { CircleCheck, LogOut, OctagonAlert, RefreshCw, TriangleAlert } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Report } from '../../api/admin';
import icon from '../../icon.svg';
import { count, duration, percent, rate, span } from '../../lib/format';
import { utc } from '../../lib/time';
import {
  alerts,
  forgetKey,
  hasKey,
  locked,
  refreshAll,
  report,
  startAsking,
  tasks,
  timeseries,
} from '../../state/admin';
import { now } from '../../state/clock';
import { route } from '../../state/route';
import { Figure, Panel } from '../parts/panel';
import { ProblemView, Skeleton } from '../parts/states';
import { Toast } from '../parts/toast';
import { ThemeButton } from '../theme-button';
import { Charts } from './charts';
import { EventsPanel } from './events';
import { Gate } from './gate';
import { OperationsPanel } from './operations';
import { RoutesPanel } from './routes';
import { AnyPanel } from './rows';
import { StatsPanel } from './stats';

/** How a SpaceWatch server fares, for its operator. */
export function MissionControl(): JSX.Element {
  useEffect(startAsking, []);
  useEffect(() => {
    document.title = 'Mission control · SpaceWatch';
  }, []);
  const { window } = route.value.filters;
  useEffect(() => {
    if (report.state.value.data) void timeseries.refresh();
  }, [window]);
  return (
    <div class="mission">
      <header class="bar">
        <a class="brand" href="/dashboard">
          <img src={icon} alt="" />
          SpaceWatch
        </a>
        <span class="mission-where">Mission control</span>
        <span class="bar-gap" />
        {!locked.value && <Refresh />}
        <ThemeButton />
        {hasKey() && !locked.value && (
          <button
            type="button"
            class="icon-button"
            aria-label="Forget the operator’s key"
            title="Forget the operator’s key"
            onClick={forgetKey}
          >
            <LogOut size={16} aria-hidden="true" />
          </button>
        )}
      </header>
      <main class="content" id="content">
        {locked.value ? <Gate problem={locked.value} /> : <Board />}
      </main>
      <Toast />
    </div>
  );
}

function Refresh(): JSX.Element {
  const { at, busy } = report.state.value;
  return (
    <button
      type="button"
      class="refresh"
      title={at === undefined ? 'Refresh' : `As of ${utc(at)}. Refresh`}
      onClick={() => void refreshAll()}
    >
      <span class="hidden-text">Refresh, </span>
      <span class="refresh-age">
        {at === undefined ? '' : `${span(Math.max(0, now.value - at) / 1_000)} old`}
      </span>
      <RefreshCw size={15} class={busy ? 'turning' : undefined} aria-hidden="true" />
    </button>
  );
}

function Board(): JSX.Element {
  const { data, problem } = report.state.value;
  if (!data && problem)
    return (
      <div class="page">
        <h1 class="hidden-text">Mission control</h1>
        <section class="panel" aria-label="Trouble">
          <ProblemView problem={problem} retry={() => void refreshAll()} />
        </section>
      </div>
    );
  if (!data)
    return (
      <div class="page">
        <h1 class="hidden-text">Mission control</h1>
        <Skeleton rows={10} label="Asking how requests fare" />
      </div>
    );
  return (
    <div class="page">
      <Verdict data={data} stale={problem !== undefined} />
      <Panel flush title="All requests" foot={<TilesFoot />}>
        <div class={problem ? 'stale' : undefined}>
          <Tiles data={data} />
          <Charts />
        </div>
      </Panel>
      <RoutesPanel data={data} />
      <EventsPanel />
      <div class="mission-pair">
        <AnyPanel
          title="Background tasks"
          part={tasks}
          list="tasks"
          none="No task runs in the background. With `ENABLE_SCHEDULER` snapshots are taken on a clock, and show up here."
          missing="This server has no list of its background tasks."
        />
        <AnyPanel
          title="Alerts"
          part={alerts}
          list="alerts"
          none="No alert is known. Rules and what they found show up here."
          missing="This server knows no alerts."
        />
      </div>
      <OperationsPanel />
      <StatsPanel />
    </div>
  );
}

const LEVELS = {
  healthy: { level: 'good', icon: CircleCheck },
  degraded: { level: 'warn', icon: TriangleAlert },
  down: { level: 'bad', icon: OctagonAlert },
} as const;

function Verdict({ data, stale }: { data: Report; stale: boolean }): JSX.Element {
  const { level, icon: Icon } = stale ? LEVELS.down : LEVELS[data.status];
  return (
    <h1 class={`verdict verdict-${level}`} aria-live="polite">
      <Icon size={level === 'good' ? 20 : 22} aria-hidden="true" />
      <span>
        {stale ? 'This server does not answer. The figures below are the last known.' : sentenceOf(data)}
      </span>
    </h1>
  );
}

/** The worst thing first, in words. */
export function sentenceOf({
  status,
  now: { error_5xx_rate_5m, p95_latency_5m, req_per_min_5m },
}: Report): string {
  const failing = `${percent(error_5xx_rate_5m)} of the requests of the last five minutes failed with 5xx`;
  const slow = `one request in twenty takes over ${duration(p95_latency_5m)}`;
  if (status === 'healthy')
    return req_per_min_5m === 0
      ? 'All is quiet: no request in the last five minutes.'
      : `All is well: ${rate(req_per_min_5m)} requests a minute, ${error_5xx_rate_5m === 0 ? 'none failed' : `${percent(error_5xx_rate_5m)} failed with 5xx`}, 95 % answered within ${duration(p95_latency_5m)}.`;
  const isFailing = error_5xx_rate_5m >= (status === 'down' ? 5 : 1);
  return `${status === 'down' ? 'Down' : 'Degraded'}: ${isFailing ? failing : slow}.`;
}

function TilesFoot(): JSX.Element {
  return <span>Every request but those below /admin. Percentiles are nearest rank, at most 1 % off.</span>;
}

function Tiles({ data }: { data: Report }): JSX.Element {
  const { now: last, users, uptime_seconds } = data;
  return (
    <dl class="figures figures-health">
      <Figure label="Requests per minute" value={rate(last.req_per_min_1m)} note="last minute" />
      <Figure label="Requests per minute" value={rate(last.req_per_min_5m)} note="last 5 min" />
      <Figure label="Latency p50" {...split(duration(last.p50_latency_5m))} note="last 5 min" />
      <Figure
        label="Latency p95"
        {...split(duration(last.p95_latency_5m))}
        note="last 5 min"
        tone={last.p95_latency_5m > 10_000 ? 'bad' : last.p95_latency_5m > 5_000 ? 'warn' : undefined}
      />
      <Figure
        label="Answered with 5xx"
        {...split(percent(last.error_5xx_rate_5m))}
        note="last 5 min"
        tone={last.error_5xx_rate_5m >= 5 ? 'bad' : last.error_5xx_rate_5m >= 1 ? 'warn' : undefined}
      />
      <Figure label="Answered with 4xx" {...split(percent(last.error_4xx_rate_5m))} note="last 5 min" />
      <Figure label="Sessions" value={count(users.unique_sessions_30m)} note="last 30 min" />
      <Figure label="Up for" value={span(uptime_seconds)} exact={`${count(uptime_seconds)} s`} />
    </dl>
  );
}

/** A figure and its unit, which is smaller. */
function split(text: string): { value: string; unit?: string } {
  const at = text.indexOf(' ');
  return at < 0 || text.indexOf(' ', at + 1) >= 0
    ? { value: text }
    : { value: text.slice(0, at), unit: text.slice(at + 1) };
}
