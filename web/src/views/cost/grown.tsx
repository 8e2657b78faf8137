import type { JSX } from 'preact';
import { bytes, count, percent, signed } from '../../lib/format';
import type { Growth, GrowthMetric } from '../../state/cost';
import { hrefOf, route } from '../../state/route';
import { KeyText } from '../parts/key';
import { Panel } from '../parts/panel';
import { type Column, Table } from '../parts/table';
import { exactOf, showOf } from './measures';

type BucketGrowth = Growth['buckets'][number];

/** What a bucket grew by over so many days. */
function grownColumn(days: number, metric: GrowthMetric): Column<BucketGrowth> {
  const [show, exact] = [showOf(metric), exactOf(metric)];
  const grownOver = (row: BucketGrowth) => row.grown.find((one) => one.days === days);
  return {
    id: `days ${days}`,
    label: days === 1 ? 'In 1 day' : `In ${days} days`,
    width: 168,
    numeric: true,
    wide: days === 7,
    cell: (row) => {
      const grown = grownOver(row);
      if (!grown) return '–';
      const share = grown.change_percent;
      return (
        <span title={`${exact(grown.before)} before, ${exact(grown.after)} after`}>
          {signed(grown.change, show)}
          {typeof share === 'number' && <span class="muted"> {signed(share, percent)}</span>}
        </span>
      );
    },
    csv: (row) => grownOver(row)?.change,
    sortBy: (row) => grownOver(row)?.change ?? 0,
  };
}

function nowColumn(metric: GrowthMetric): Column<BucketGrowth> {
  const [show, exact] = [showOf(metric), exactOf(metric)];
  return {
    id: 'now',
    label: 'Now',
    width: 104,
    numeric: true,
    cell: (row) => (typeof row.now === 'number' ? <span title={exact(row.now)}>{show(row.now)}</span> : '–'),
    csv: (row) => row.now,
    sortBy: (row) => row.now ?? -1,
  };
}

/** What each bucket grew by. */
export function Buckets({ growth }: { growth: Growth }): JSX.Element | null {
  const { metric, buckets } = growth;
  if (buckets.length === 0) return null;
  const days = [...new Set(buckets.flatMap(({ grown }) => grown.map((one) => one.days)))];
  const columns: Column<BucketGrowth>[] = [
    {
      id: 'bucket',
      label: 'Bucket',
      cell: (row) => (
        <a
          class="cell-name"
          href={hrefOf({ page: 'cost', bucket: row.bucket, filters: { view: 'growth', metric } })}
        >
          <KeyText text={row.prefix ? `${row.bucket}/${row.prefix}` : row.bucket} />
        </a>
      ),
      csv: (row) => row.bucket,
      sortBy: (row) => row.bucket,
    },
    ...(buckets.some(({ now }) => typeof now === 'number') ? [nowColumn(metric)] : []),
    ...days.toSorted((a, b) => a - b).map((span) => grownColumn(span, metric)),
  ];
  return (
    <Panel flush title="By bucket">
      <Table
        label="Growth by bucket"
        columns={columns}
        rows={buckets}
        rowKey={(row) => `${row.bucket} ${row.prefix}`}
        sortable
      />
    </Panel>
  );
}

type Prefixes = NonNullable<Growth['prefixes']>;
type PrefixRow = Prefixes['prefixes'][number];

function prefixColumns(bucket: string): Column<PrefixRow>[] {
  return [
    {
      id: 'prefix',
      label: 'Prefix',
      cell: (row) => (
        <a class="cell-name" href={hrefOf({ bucket, prefix: row.prefix })}>
          <KeyText text={row.prefix || '(no folder)'} />
        </a>
      ),
      csv: (row) => row.prefix,
    },
    {
      id: 'bytes',
      label: 'Bytes',
      width: 120,
      numeric: true,
      cell: (row) => signed(row.bytes_change, bytes),
      csv: (row) => row.bytes_change,
    },
    {
      id: 'objects',
      label: 'Objects',
      width: 104,
      numeric: true,
      cell: (row) => signed(row.objects_change, count),
      csv: (row) => row.objects_change,
    },
    {
      id: 'share',
      label: 'Share',
      width: 92,
      numeric: true,
      cell: (row) => percent(row.share_percent),
      csv: (row) => row.share_percent,
    },
  ];
}

/** Which prefixes of the bucket explain its growth. */
export function PrefixesGrown({ prefixes }: { prefixes: Prefixes }): JSX.Element {
  return (
    <Panel
      flush
      title="Which prefix explains it"
      foot={
        <span>
          {prefixes.told_by === 'inventories'
            ? 'By two inventories'
            : 'By what the newest inventory saw written since'}
          {prefixes.truncated && '; the largest changes only'}
        </span>
      }
    >
      <Table
        label="Growth by prefix"
        columns={prefixColumns(route.value.bucket)}
        rows={prefixes.prefixes}
        rowKey={(row) => row.prefix}
      />
    </Panel>
  );
}
