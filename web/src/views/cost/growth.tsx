import { TrendingUp } from 'lucide-preact';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { byteStep } from '../../charts/options';
import type { Series } from '../../charts/series';
import { bytes, count, percent } from '../../lib/format';
import { dateTime, parseTime, utc } from '../../lib/time';
import { type Growth, growthQuery } from '../../state/cost';
import { hrefOf, route } from '../../state/route';
import { CoverageBadge } from '../parts/coverage';
import { Foreign, KeyText } from '../parts/key';
import { Panel, Segments } from '../parts/panel';
import { AnswerView, Empty, useAsked, useRefresh } from '../parts/states';
import { chosen } from '../parts/tabs';
import { Trend } from '../parts/trend';
import { Buckets, PrefixesGrown } from './grown';
import { isBytes, METRICS, showOf } from './measures';

/** How it grew, how it will, and when it changed its way. */
export function GrowthView(): JSX.Element {
  const { bucket } = route.value;
  const metric = chosen(
    'metric',
    METRICS.map(({ value }) => value),
  );
  const query = useAsked(growthQuery(bucket, metric));
  useRefresh(query);
  const choices = METRICS.map(({ value, label }) => ({
    value,
    label,
    href: hrefOf({ page: 'cost', bucket, filters: { view: 'growth', metric: value } }),
  }));
  return (
    <>
      <div class="view-tools">
        <Segments label="What grows" value={metric} choices={choices} />
      </div>
      <AnswerView query={query} label="Looking how it grows" rows={10}>
        {(growth) => (
          <div class="page">
            <Course growth={growth} />
            <Buckets growth={growth} />
            {growth.prefixes && <PrefixesGrown prefixes={growth.prefixes} />}
            <Changes growth={growth} />
          </div>
        )}
      </AnswerView>
    </>
  );
}

/** The past and what is likely to come on one axis of time. */
export function seriesOf({ history, forecast }: Pick<Growth, 'history' | 'forecast'>): Series[] {
  const past = history.map(({ ts, value }) => [Date.parse(ts), value ?? null] as const);
  const coming = forecast?.points ?? [];
  const times = [...past.map(([at]) => at), ...coming.map(({ ts }) => Date.parse(ts))];
  const before = past.map(() => null);
  const line = (name: string, colour: Series['colour'], values: readonly (number | null)[]): Series => ({
    name,
    colour,
    dashed: name !== 'Measured',
    points: times.map((at, place) => [at, values[place] ?? null]),
  });
  const measured = line(
    'Measured',
    'size',
    past.map(([, value]) => value),
  );
  if (coming.length === 0) return [measured];
  return [
    measured,
    line('Likely', 'p95', [...before, ...coming.map(({ value }) => value)]),
    line('At most', 'p50', [...before, ...coming.map(({ upper }) => upper)]),
    line('At least', 'p50', [...before, ...coming.map(({ lower }) => Math.max(0, lower))]),
  ];
}

function Course({ growth }: { growth: Growth }): JSX.Element {
  const series = useMemo(() => seriesOf(growth), [growth]);
  const { metric, forecast } = growth;
  const title = METRICS.find(({ value }) => value === metric)?.label ?? metric;
  const known = growth.history.filter(({ value }) => typeof value === 'number').length;
  return (
    <Panel
      flush
      title="Course"
      foot={
        <>
          {growth.coverage && <CoverageBadge coverage={growth.coverage} />}
          {growth.snapshots && <span>{count(growth.snapshots.objects_read)} snapshots read</span>}
          {growth.notes.map((note) => (
            <span key={note}>
              <Foreign text={note} />
            </span>
          ))}
        </>
      }
    >
      {known === 0 ? (
        <Empty title="Nothing is known of the past" icon={<TrendingUp size={20} aria-hidden="true" />}>
          <p>
            Growth is told by snapshots in the metrics bucket, or by the access log. Take a snapshot now and
            then, or let the server do so (<code>ENABLE_SCHEDULER</code>).
          </p>
        </Empty>
      ) : (
        <Trend
          title={title}
          series={series}
          format={showOf(metric)}
          {...(isBytes(metric) ? { step: byteStep } : {})}
          atLeast={1}
          height={260}
          file={['growth', metric]}
          foot={
            forecast
              ? `What comes is told with ${forecast.confidence_percent} % confidence, tested at ${forecast.tested_at} moments of the past`
              : `No forecast: ${growth.no_forecast ?? 'too little is known'}`
          }
        />
      )}
      <Reaches growth={growth} />
    </Panel>
  );
}

const OUTCOMES = {
  reached: 'is used up already',
  expected: 'will likely be used up',
  possible: 'may be used up',
  not_within: 'will not be used up',
} as const;

/** When the allowance of the price list ends. */
function Reaches({ growth: { allowance } }: { growth: Growth }): JSX.Element | null {
  if (!allowance) return null;
  const { ends } = allowance;
  const at = parseTime(ends.outcome === 'reached' ? ends.since : ends.likely);
  const until = parseTime(ends.looked_until);
  return (
    <p class="reaches">
      The {bytes(allowance.bytes)} that <Foreign text={allowance.price_list} /> covers{' '}
      <strong>{OUTCOMES[ends.outcome]}</strong>
      {at !== undefined && `, ${ends.outcome === 'reached' ? 'since' : 'about'} ${dateTime(at).slice(0, 10)}`}
      {ends.outcome === 'not_within' && until !== undefined && ` before ${dateTime(until).slice(0, 10)}`};{' '}
      {bytes(allowance.used_bytes)} are used.
    </p>
  );
}

const COUNTED = {
  bytes_uploaded: 'bytes uploaded',
  uploads: 'uploads',
  deletions: 'deletions',
  requests: 'requests',
  bytes_sent: 'bytes sent',
} as const;

/** When it changed its way, and what made most of that. */
function Changes({ growth }: { growth: Growth }): JSX.Element | null {
  if (growth.changes.length === 0) return null;
  const show = showOf(growth.metric);
  return (
    <Panel flush title="Turns">
      <ul class="turns">
        {growth.changes.map((change) => {
          const at = parseTime(change.at);
          const text = `${show(change.before_per_day)} a day before, ${show(change.after_per_day)} ${change.kind === 'pace' ? 'a day since' : 'that day'}`;
          return (
            <li key={change.at}>
              <div class="turns-head">
                <time dateTime={change.at} title={at === undefined ? undefined : utc(at)}>
                  {change.at.slice(0, 10)}
                </time>
                <strong>{change.kind === 'pace' ? 'Another pace' : 'A jump'}</strong>
                <span class="muted">{text}</span>
              </div>
              {change.explained_by.length > 0 && (
                <ul class="turns-why">
                  {change.explained_by.slice(0, 4).map((why) => (
                    <li key={`${why.counted} ${why.dimension} ${why.value}`}>
                      <KeyText text={why.value} /> <span class="muted">({why.dimension})</span>:{' '}
                      {percent(why.share_percent)} of the difference in {COUNTED[why.counted]}
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
