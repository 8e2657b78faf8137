import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Timeseries } from '../../api/admin';
import type { Series } from '../../charts/series';
import { duration, rate, span } from '../../lib/format';
import { adminHref, timeseries, WINDOWS, windowOf } from '../../state/admin';
import { route } from '../../state/route';
import { Segments } from '../parts/panel';
import { ProblemView, Skeleton } from '../parts/states';
import { Trend } from '../parts/trend';

function points(data: Timeseries, list: readonly (number | null)[]): Series['points'] {
  return data.timestamps.map((begin, at) => [begin * 1_000, list[at] ?? null]);
}

/** The latency of the steps that had a request: without one there is none. */
function answered(data: Timeseries): readonly (number | null)[] {
  return data.p95_latency_ms.map((latency, at) => (data.requests_per_min[at] ? latency : null));
}

/** Requests, failures and latency over the chosen time. */
export function Charts(): JSX.Element {
  const { data, problem } = timeseries.state.value;
  const choices = WINDOWS.map(({ value, label }) => ({ value, label, href: adminHref({ window: value }) }));
  return (
    <>
      <div class="mission-window">
        <Segments label="Time of the charts" value={windowOf(route.value).value} choices={choices} />
      </div>
      {data ? (
        <Drawn data={data} />
      ) : problem ? (
        <ProblemView problem={problem} retry={() => void timeseries.refresh()} />
      ) : (
        <Skeleton rows={4} label="Asking how it went" />
      )}
    </>
  );
}

const perMinute = (value: number) => `${rate(value)}/min`;

function Drawn({ data }: { data: Timeseries }): JSX.Element {
  const [requests, errors, latency] = useMemo<[Series[], Series[], Series[]]>(
    () => [
      [{ name: 'Requests', colour: 'operations', points: points(data, data.requests_per_min) }],
      [{ name: 'Answered with 5xx', colour: 'errors', points: points(data, data.errors_5xx_per_min) }],
      [{ name: 'p95', colour: 'p95', points: points(data, answered(data)) }],
    ],
    [data],
  );
  const foot = `Last ${span(data.timestamps.length * data.resolution_seconds)}, in steps of ${span(data.resolution_seconds)}; the last step is still running`;
  const common = { group: 'mission', foot } as const;
  return (
    <div class="trends">
      <Trend
        {...common}
        title="Requests per minute"
        series={requests}
        format={perMinute}
        atLeast={10}
        file={['requests-per-minute']}
      />
      <Trend
        {...common}
        title="5xx per minute"
        series={errors}
        format={perMinute}
        atLeast={3}
        file={['5xx-per-minute']}
      />
      <Trend
        {...common}
        title="Latency p95"
        series={latency}
        format={duration}
        atLeast={10}
        canLog
        file={['latency-p95']}
      />
    </div>
  );
}
