import { Activity, ArrowUpRight, ChevronRight, CircleCheck } from 'lucide-preact';
import type { JSX } from 'preact';
import { bytes, count, counted, duration, percent } from '../../lib/format';
import { dateTime, parseTime, utc } from '../../lib/time';
import { type Anomalies, type Anomaly, anomaliesQuery } from '../../state/changes';
import { pageOf } from '../../state/links';
import { periodOf } from '../../state/period';
import { route } from '../../state/route';
import { CoverageBadge } from '../parts/coverage';
import { Foreign, KeyText } from '../parts/key';
import { Panel } from '../parts/panel';
import { AnswerView, Empty, useAsked, useRefresh } from '../parts/states';

const METRICS: Record<Anomaly['metric'], { label: string; show: (value: number) => string }> = {
  requests: { label: 'Requests', show: count },
  '4xx_rate': { label: 'Answers with 4xx', show: percent },
  '5xx_rate': { label: 'Answers with 5xx', show: percent },
  bytes_sent: { label: 'Bytes sent', show: bytes },
  bytes_uploaded: { label: 'Bytes uploaded', show: bytes },
  first_byte_p95: { label: 'Time to the first byte, p95', show: duration },
  total_p95: { label: 'Time to the last byte, p95', show: duration },
};

const COMPARED: Record<Anomaly['compared_with'], string> = {
  hour_of_week: 'the same hour of other weeks',
  hour_of_day: 'the same hour of other days',
  other_hours: 'the other hours',
};

/** Hours that were unlike those before, the worst first. */
export function AnomaliesView(): JSX.Element {
  const { bucket, filters } = route.value;
  const query = useAsked(anomaliesQuery({ bucket, metric: filters.metric, period: periodOf(route.value) }));
  useRefresh(query);
  const { data } = query.answer.value;
  return (
    <Panel
      flush
      title={data ? `${counted(data.anomalies.length, 'time')} out of the ordinary` : 'Out of the ordinary'}
      foot={data && <Foot data={data} />}
    >
      <AnswerView query={query} label="Judging the hours" rows={6}>
        {(found) =>
          found.anomalies.length === 0 ? (
            <None found={found} />
          ) : (
            <ul class="findings">
              {found.anomalies.map((anomaly) => (
                <AnomalyView
                  key={`${anomaly.metric} ${anomaly.from}`}
                  anomaly={anomaly}
                  bucket={found.bucket}
                />
              ))}
            </ul>
          )
        }
      </AnswerView>
    </Panel>
  );
}

function None({ found }: { found: Anomalies }): JSX.Element {
  if (found.hours_judged === 0)
    return (
      <Empty title="No hour could be judged" icon={<Activity size={20} aria-hidden="true" />}>
        <p>
          {found.not_judged[0] ? (
            <Foreign text={found.not_judged[0].why} />
          ) : (
            'The log knows nothing of this time.'
          )}
        </p>
      </Empty>
    );
  return (
    <Empty
      title={`All as usual in ${counted(found.hours_judged, 'hour')} that could be judged`}
      icon={<CircleCheck size={20} aria-hidden="true" />}
    >
      <p>Requests, errors, bytes and latencies that are unlike those of other hours show up here.</p>
    </Empty>
  );
}

function AnomalyView({ anomaly, bucket }: { anomaly: Anomaly; bucket: string }): JSX.Element {
  const { label, show } = METRICS[anomaly.metric];
  const at = parseTime(anomaly.from);
  const times =
    typeof anomaly.times_usual === 'number' && anomaly.times_usual > 0
      ? `, ${anomaly.times_usual.toFixed(1)} × the usual`
      : '';
  const href = pageOf('search-logs', { source_bucket: bucket, from: anomaly.from, to: anomaly.to });
  return (
    <li class="finding">
      <details>
        <summary class="anomaly">
          <ChevronRight size={14} aria-hidden="true" class="finding-chevron" />
          <span class="finding-title">
            <strong>{label}</strong> {anomaly.direction === 'more' ? 'up to' : 'down to'}{' '}
            {show(anomaly.value)}
            {times} <span class="muted">(usually {show(anomaly.usual)})</span>
          </span>
          {at !== undefined && (
            <time class="muted" dateTime={anomaly.from} title={utc(at)}>
              {dateTime(at)}
            </time>
          )}
        </summary>
        <div class="finding-body">
          <p>
            Compared with {COMPARED[anomaly.compared_with]} ({counted(anomaly.hours_compared, 'hour')}), which
            showed {show(anomaly.usual_least)} to {show(anomaly.usual_most)}.
          </p>
          {anomaly.explanations.length > 0 && (
            <ul class="turns-why">
              {anomaly.explanations.map((why) => (
                <li key={`${why.dimension} ${why.value}`}>
                  <KeyText text={why.value} tail={24} /> <span class="muted">({why.dimension})</span>:{' '}
                  {percent(why.share_percent)} of the difference; {count(why.seen)} seen,{' '}
                  {count(why.expected)} expected
                  {why.explains && <strong> · explains it</strong>}
                </li>
              ))}
            </ul>
          )}
          {href && (
            <a class="cite-link" href={href}>
              The requests of this time
              <ArrowUpRight size={13} aria-hidden="true" />
            </a>
          )}
        </div>
      </details>
    </li>
  );
}

function Foot({ data }: { data: Anomalies }): JSX.Element {
  return (
    <>
      <CoverageBadge coverage={data.coverage} />
      <span>{counted(data.hours_judged, 'hour')} judged</span>
      {data.not_judged.length > 0 && (
        <span>
          {counted(data.not_judged.length, 'stretch', 'stretches')} not:{' '}
          <Foreign text={data.not_judged[0]?.why ?? ''} />
        </span>
      )}
      {data.truncated && <span>There are more than these {count(data.anomalies.length)}</span>}
      {data.note && <Foreign text={data.note} />}
    </>
  );
}
