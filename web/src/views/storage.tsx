import { Cylinder, FolderOpen, HardDrive } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { StorageSummary } from '../api/answers';
import { bytes, count, exactBytes, shortCount } from '../lib/format';
import { parseTime, timeOfDay, utc } from '../lib/time';
import { offerRefresh } from '../state/refresh';
import { hrefOf, type Route, route, type Tab } from '../state/route';
import {
  bucketsQuery,
  flatQuery,
  folderQuery,
  largestQuery,
  recentQuery,
  summaryQuery,
} from '../state/storage';
import { BucketPanel } from './bucket-panel';
import { LARGEST_LIMIT, LargestPanel } from './largest';
import { ObjectPanel } from './objects';
import { KeyText } from './parts/key';
import { Figure } from './parts/panel';
import { AnswerView, useAsked } from './parts/states';
import { RECENT_LIMIT, RecentPanel } from './recent';

/** The buckets, or what one of them holds. */
export function Storage(): JSX.Element {
  useEffect(() => offerRefresh(shownNow), []);
  const { bucket, prefix, tab } = route.value;
  if (!bucket) return <Buckets />;
  return (
    <div class="page">
      <header class="place">
        {prefix ? <FolderOpen size={20} aria-hidden="true" /> : <Cylinder size={20} aria-hidden="true" />}
        <h1>
          <KeyText text={prefix ? `${bucket}/${prefix}` : bucket} tail={24} />
        </h1>
      </header>
      <Summary key={`${bucket} ${prefix}`} bucket={bucket} prefix={prefix} />
      <Tabs />
      {tab === 'objects' && <ObjectPanel />}
      {tab === 'largest' && <LargestPanel />}
      {tab === 'recent' && <RecentPanel />}
    </div>
  );
}

function Buckets(): JSX.Element {
  return (
    <div class="page">
      <header class="place">
        <HardDrive size={20} aria-hidden="true" />
        <h1>Storage</h1>
      </header>
      <BucketPanel />
    </div>
  );
}

/** The questions behind what the address shows. */
function shown(to: Route) {
  const place = { bucket: to.bucket, prefix: to.prefix };
  if (!to.bucket) return [bucketsQuery()];
  const summary = summaryQuery(place);
  if (to.tab === 'largest') return [summary, largestQuery(place, to.limit ?? LARGEST_LIMIT)];
  if (to.tab === 'recent') return [summary, recentQuery(place, to.limit ?? RECENT_LIMIT)];
  return [summary, to.listing === 'flat' ? flatQuery(place) : folderQuery(place)];
}

function shownNow() {
  const queries = shown(route.value);
  const ages = queries.flatMap((query) => query.answer.value.at ?? []);
  return {
    at: ages.length > 0 ? Math.min(...ages) : undefined,
    busy: queries.some((query) => query.answer.value.phase === 'running'),
    refresh: () => {
      for (const query of queries) query.refresh();
    },
  };
}

function Summary({ bucket, prefix }: { bucket: string; prefix: string }): JSX.Element {
  const query = useAsked(summaryQuery({ bucket, prefix }));
  return (
    <section class="panel summary" aria-label="Summary">
      <AnswerView query={query} label="Measuring" rows={2}>
        {(summary) => <SummaryFigures summary={summary} />}
      </AnswerView>
    </section>
  );
}

function SummaryFigures({ summary }: { summary: StorageSummary }): JSX.Element {
  const { object_count: objects, total_size_bytes: size } = summary;
  const at = parseTime(summary.as_of);
  const average = objects > 0 ? size / objects : undefined;
  const folders = summary.prefixes.filter((total) => total.prefix.endsWith('/'));
  const [value, unit] = bytes(size).split(' ');
  return (
    <dl class="figures figures-summary">
      <Figure
        label="Stored"
        value={value ?? ''}
        unit={unit}
        exact={exactBytes(size)}
        note={exactBytes(size)}
      />
      <Figure
        label="Objects"
        value={shortCount(objects)}
        exact={count(objects)}
        note={summary.prefix ? 'below this prefix' : 'in the bucket'}
      />
      <Figure
        label="Average size"
        value={average === undefined ? '–' : bytes(average)}
        note={average === undefined ? 'nothing stored' : 'per object'}
      />
      <Figure
        label="Folders here"
        value={`${count(folders.length)}${summary.truncated ? '+' : ''}`}
        note={
          folders[0] ? (
            <Largest folder={folders[0].prefix} size={folders[0].total_size_bytes} />
          ) : (
            'no folders at this level'
          )
        }
      />
      <Figure
        label="Measured"
        value={at === undefined ? '–' : timeOfDay(at)}
        exact={at === undefined ? undefined : utc(at)}
        note="by a full listing"
      />
    </dl>
  );
}

function Largest({ folder, size }: { folder: string; size: number }): JSX.Element {
  return (
    <span class="largest-folder" title={exactBytes(size)}>
      <KeyText text={folder} /> {bytes(size)}
    </span>
  );
}

const TABS: readonly { id: Tab; label: string }[] = [
  { id: 'objects', label: 'Objects' },
  { id: 'largest', label: 'Largest' },
  { id: 'recent', label: 'Recent' },
];

function Tabs(): JSX.Element {
  const { bucket, prefix, tab } = route.value;
  return (
    <nav class="tabs" aria-label="What to show of this place">
      {TABS.map(({ id, label }) => (
        <a key={id} href={hrefOf({ bucket, prefix, tab: id })} aria-current={tab === id ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  );
}
