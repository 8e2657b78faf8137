import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { byteStep } from '../../charts/options';
import type { Series } from '../../charts/series';
import { bytes, count, duration, percent, shortCount, span } from '../../lib/format';
import { type Asked, type Course, courseQuery } from '../../state/traffic';
import { CoverageBadge } from '../parts/coverage';
import { Figure, Panel } from '../parts/panel';
import { AnswerView, useAsked } from '../parts/states';
import { Trend } from '../parts/trend';

/** How many asked, how it went and how long it took, over the period. */
export function CoursePanel({ asked }: { asked: Asked }): JSX.Element {
  const query = useAsked(courseQuery(asked));
  const { data } = query.answer.value;
  return (
    <Panel flush title="Course" foot={data && <CoverageBadge coverage={data.coverage} />}>
      <AnswerView query={query} label="Counting requests" rows={7}>
        {(course) => (
          <>
            <Figures course={course} />
            <Charts course={course} />
          </>
        )}
      </AnswerView>
    </Panel>
  );
}

function Figures({ course: { total, unique_ips } }: { course: Course }): JSX.Element {
  return (
    <dl class="figures figures-summary">
      <Figure label="Requests" value={shortCount(total.requests)} exact={count(total.requests)} />
      <Figure
        label="Errors"
        value={percent(total.error_rate_percent)}
        note={`${count(total.errors_4xx)} 4xx, ${count(total.errors_5xx)} 5xx`}
        tone={total.errors_5xx > 0 ? 'warn' : undefined}
      />
      <Figure
        label="Bytes sent"
        value={bytes(total.bytes_sent)}
        note={`${bytes(total.bytes_uploaded)} uploaded`}
      />
      <Figure label="Addresses" value={count(unique_ips)} />
      <Figure
        label="Latency p95"
        value={duration(total.total.p95_ms)}
        note={`p50 ${duration(total.total.p50_ms)}, p99 ${duration(total.total.p99_ms)}`}
      />
    </dl>
  );
}

type Step = Course['steps'][number];

/** The lines of the three charts. */
export function linesOf(steps: readonly Step[]): Record<'requests' | 'latency' | 'sent', Series[]> {
  const line = (name: string, colour: Series['colour'], of: (step: Step) => number | null): Series => ({
    name,
    colour,
    points: steps.map((step) => [Date.parse(step.start), of(step)]),
  });
  // Where nobody asked there is no latency to tell.
  const ms = (name: 'p50' | 'p95' | 'p99') =>
    line(name, name, (step) => (step.requests > 0 ? step.total[`${name}_ms`] : null));
  return {
    requests: [
      line('Requests', 'operations', (step) => step.requests),
      line('Errors', 'errors', (step) => step.errors_4xx + step.errors_5xx),
    ],
    latency: [ms('p99'), ms('p95'), ms('p50')],
    sent: [line('Bytes sent', 'size', (step) => step.bytes_sent)],
  };
}

function Charts({ course: { steps, step_seconds } }: { course: Course }): JSX.Element {
  const { requests, latency, sent } = useMemo(() => linesOf(steps), [steps]);
  const foot = `In steps of ${span(step_seconds)}; the first and the last may be incomplete`;
  const common = { group: 'traffic', foot } as const;
  return (
    <div class="trends">
      <Trend
        {...common}
        title="Requests"
        series={requests}
        format={shortCount}
        atLeast={10}
        file={['requests']}
      />
      <Trend
        {...common}
        title="Latency"
        series={latency}
        format={duration}
        atLeast={10}
        canLog
        file={['latency']}
      />
      <Trend
        {...common}
        title="Bytes sent"
        series={sent}
        format={bytes}
        step={byteStep}
        atLeast={1}
        file={['bytes-sent']}
      />
    </div>
  );
}
