import { CircleCheck, CircleDot, Flame, TriangleAlert } from 'lucide-preact';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { MissionEvent, Severity } from '../../api/admin';
import { counted } from '../../lib/format';
import { ago, utc } from '../../lib/time';
import { adminHref, events } from '../../state/admin';
import { now } from '../../state/clock';
import { route } from '../../state/route';
import { Foreign } from '../parts/key';
import { Panel, Segments } from '../parts/panel';
import { Empty, ProblemView, Skeleton } from '../parts/states';

const ORDER: readonly Severity[] = ['info', 'warning', 'high', 'disaster'];
const PAGE = 10;

const FILTERS = [
  { value: '', label: 'All' },
  { value: 'warning', label: 'Warning' },
  { value: 'high', label: 'High' },
  { value: 'disaster', label: 'Disaster' },
] as const;

const LOOKS = {
  info: { icon: CircleCheck, badge: 'badge' },
  warning: { icon: TriangleAlert, badge: 'badge badge-warn' },
  high: { icon: CircleDot, badge: 'badge badge-bad' },
  disaster: { icon: Flame, badge: 'badge badge-bad' },
} as const;

/** Events of at least that severity, newest first. */
export function atLeast(all: readonly MissionEvent[], severity: string): MissionEvent[] {
  const least = ORDER.indexOf(severity as Severity);
  return all.filter((event) => ORDER.indexOf(event.severity) >= least).toReversed();
}

/** What was out of the ordinary, page by page. */
export function EventsPanel(): JSX.Element {
  const { data, problem } = events.state.value;
  const severity = FILTERS.find(({ value }) => value === route.value.filters.severity)?.value ?? '';
  const [page, setPage] = useState(0);
  const found = atLeast(data?.events ?? [], severity);
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  const at = Math.min(page, pages - 1);
  const choices = FILTERS.map(({ value, label }) => ({
    value,
    label: value && value !== 'disaster' ? `${label} +` : label,
    href: adminHref({ severity: value }),
  }));
  return (
    <Panel
      flush
      title="Events"
      tools={<Segments label="Least severity" value={severity} choices={choices} />}
      foot={
        data && (
          <>
            <span>{counted(found.length, 'event')}, newest first; the server keeps 500</span>
            {pages > 1 && <Pager at={at} pages={pages} go={setPage} />}
          </>
        )
      }
    >
      {!data && problem && <ProblemView problem={problem} retry={() => void events.refresh()} />}
      {!data && !problem && <Skeleton rows={4} label="Asking what happened" />}
      {data && found.length === 0 && (
        <Empty
          title={data.events.length === 0 ? 'Nothing was out of the ordinary' : 'Nothing that severe'}
          icon={<CircleCheck size={20} aria-hidden="true" />}
        >
          <p>Jumps of latency, errors, and traffic that stops or spikes are told here.</p>
        </Empty>
      )}
      {found.length > 0 && (
        <ul class="mission-events">
          {found.slice(at * PAGE, (at + 1) * PAGE).map((event) => (
            <EventRow key={`${event.ts} ${event.kind}`} event={event} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Pager({ at, pages, go }: { at: number; pages: number; go: (page: number) => void }): JSX.Element {
  return (
    <span class="pager">
      <button type="button" class="button button-small" disabled={at === 0} onClick={() => go(at - 1)}>
        Newer
      </button>
      <span>
        {at + 1} of {pages}
      </span>
      <button type="button" class="button button-small" disabled={at + 1 >= pages} onClick={() => go(at + 1)}>
        Older
      </button>
    </span>
  );
}

function EventRow({ event }: { event: MissionEvent }): JSX.Element {
  const { icon: Icon, badge } = LOOKS[event.severity];
  const at = event.ts * 1_000;
  return (
    <li>
      <span class={badge}>
        <Icon size={13} aria-hidden="true" />
        {event.severity}
      </span>
      <span class="mission-event">
        <strong>
          <Foreign text={event.title} />
        </strong>
        <span class="muted">
          <Foreign text={event.details} />
        </span>
      </span>
      <time class="muted" dateTime={new Date(at).toISOString()} title={utc(at)}>
        {ago(at, now.value)}
      </time>
    </li>
  );
}
