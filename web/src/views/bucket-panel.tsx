import { Cylinder, Info } from 'lucide-preact';
import type { JSX } from 'preact';
import type { BucketDetail, Buckets, StorageSummary } from '../api/answers';
import { bytes, count, counted, exactBytes } from '../lib/format';
import { ago, dateTime, parseTime, timeOfDay, utc } from '../lib/time';
import { now } from '../state/clock';
import type { Answer } from '../state/query';
import { hrefOf } from '../state/route';
import { bucketsQuery, summaryQuery } from '../state/storage';
import { download } from './parts/download';
import { Foreign, KeyText } from './parts/key';
import { Panel } from './parts/panel';
import { Shared } from './parts/shared';
import { AnswerView, Empty, useAsked } from './parts/states';
import { type Column, csvOf, Table } from './parts/table';
import { say } from './parts/toast';

interface Row extends BucketDetail {
  readonly summary: Answer<StorageSummary>;
  /** Percent of the largest bucket that was measured. */
  readonly share: number;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'name',
    label: 'Bucket',
    cell: (row) => (
      <a class="cell-name" href={hrefOf({ bucket: row.name })}>
        <Cylinder size={15} aria-hidden="true" />
        <KeyText text={row.name} />
      </a>
    ),
    csv: (row) => row.name,
    sortBy: (row) => row.name,
  },
  {
    id: 'created',
    label: 'Created',
    width: 150,
    wide: true,
    cell: (row) => <When text={row.created} />,
    csv: (row) => row.created ?? '',
    sortBy: (row) => row.created ?? '',
  },
  {
    id: 'objects',
    label: 'Objects',
    width: 110,
    numeric: true,
    wide: true,
    cell: (row) => (row.summary.data ? count(row.summary.data.object_count) : <span class="muted">–</span>),
    csv: (row) => row.summary.data?.object_count,
    sortBy: (row) => row.summary.data?.object_count ?? -1,
  },
  {
    id: 'size',
    label: 'Size',
    width: 176,
    numeric: true,
    cell: (row) => <Size row={row} />,
    csv: (row) => row.summary.data?.total_size_bytes,
    sortBy: (row) => row.summary.data?.total_size_bytes ?? -1,
  },
];

export function When({ text }: { text: string | null | undefined }): JSX.Element {
  const at = parseTime(text);
  if (at === undefined) return <span class="muted">–</span>;
  return (
    <time dateTime={text ?? ''} title={`${dateTime(at)} · ${utc(at)}`}>
      {ago(at, now.value)}
    </time>
  );
}

/** A size is measured only when asked for: it takes a full listing of the bucket. */
function Size({ row }: { row: Row }): JSX.Element {
  const { phase, data, progress, problem } = row.summary;
  if (phase === 'running') {
    return (
      <span class="muted">
        {progress && progress.objects > 0 ? `${count(progress.objects)} objects …` : 'Measuring …'}
      </span>
    );
  }
  if (data) {
    return (
      <Shared percent={row.share}>
        <span title={`${exactBytes(data.total_size_bytes)}, measured at ${timeOfDay(row.summary.at ?? 0)}`}>
          {bytes(data.total_size_bytes)}
        </span>
      </Shared>
    );
  }
  return (
    <button
      type="button"
      class="button button-small button-bare cell-action"
      aria-label={`Measure ${row.name}`}
      title={problem?.facts.detail ?? 'Count its objects and sum up their sizes'}
      onClick={() => summaryQuery({ bucket: row.name, prefix: '' }).refresh()}
    >
      {problem ? `${problem.facts.code}, try again` : 'Measure'}
    </button>
  );
}

function rowsOf(data: Buckets): Row[] {
  const details = data.details ?? data.buckets.map((name) => ({ name }));
  const measured = details.map((detail) => ({
    ...detail,
    summary: summaryQuery({ bucket: detail.name, prefix: '' }).answer.value,
  }));
  const largest = Math.max(1, ...measured.map((row) => row.summary.data?.total_size_bytes ?? 0));
  return measured.map((row) => ({
    ...row,
    share: ((row.summary.data?.total_size_bytes ?? 0) * 100) / largest,
  }));
}

/** Measures one bucket after the other, so that the store isn't flooded. */
async function measureAll(names: readonly string[]): Promise<void> {
  for (const bucket of names) {
    const query = summaryQuery({ bucket, prefix: '' });
    if (query.answer.value.data) continue;
    const outcome = await query.settled();
    if (outcome.phase === 'cancelled') return say('Measuring stopped');
  }
}

export function BucketPanel(): JSX.Element {
  const query = useAsked(bucketsQuery());
  const { data } = query.answer.value;
  return (
    <Panel
      flush
      title={
        <>
          Buckets
          {data && <span class="badge">{count(data.bucket_count)}</span>}
        </>
      }
      tools={data && data.buckets.length > 0 && <BucketTools data={data} />}
      foot={data && <Foot data={data} />}
    >
      <AnswerView query={query} label="Listing buckets" rows={6}>
        {(found) =>
          found.buckets.length === 0 ? <NoBuckets limited={found.limited} /> : <BucketTable data={found} />
        }
      </AnswerView>
    </Panel>
  );
}

function BucketTools({ data }: { data: Buckets }): JSX.Element {
  return (
    <>
      <button type="button" class="button button-small" onClick={() => void measureAll(data.buckets)}>
        Measure all
      </button>
      <button
        type="button"
        class="button button-small button-bare"
        onClick={() => download(['buckets'], ...csvOf(COLUMNS, rowsOf(data)))}
      >
        Download CSV
      </button>
    </>
  );
}

function BucketTable({ data }: { data: Buckets }): JSX.Element {
  return <Table label="Buckets" columns={COLUMNS} rows={rowsOf(data)} rowKey={(row) => row.name} sortable />;
}

function Foot({ data }: { data: Buckets }): JSX.Element {
  const measured = rowsOf(data).flatMap((row) => (row.summary.data ? [row.summary.data] : []));
  const total = measured.reduce((sum, summary) => sum + summary.total_size_bytes, 0);
  const at = parseTime(data.as_of);
  return (
    <>
      {at !== undefined && <span title={utc(at)}>as of {timeOfDay(at)}</span>}
      {measured.length > 0 && (
        <span title={exactBytes(total)}>
          {bytes(total)} in {measured.length === data.buckets.length ? 'all' : `${measured.length} of`}{' '}
          {counted(data.buckets.length, 'bucket')}
        </span>
      )}
      {data.note && (
        <span class="foot-note">
          <Info size={13} aria-hidden="true" />
          <Foreign text={data.note} />
        </span>
      )}
    </>
  );
}

function NoBuckets({ limited }: { limited: boolean }): JSX.Element {
  return limited ? (
    <Empty title="No bucket to show" icon={<Cylinder size={20} aria-hidden="true" />}>
      <p>
        These keys may not list buckets, and none was named that they open. Disconnect and name their bucket
        under “Log and metrics buckets”.
      </p>
    </Empty>
  ) : (
    <Empty title="No buckets yet" icon={<Cylinder size={20} aria-hidden="true" />}>
      <p>
        Buckets of this account appear here. Create the first one in the control panel of your provider, then
        refresh.
      </p>
    </Empty>
  );
}
