import type { JSX } from 'preact';
import { bytes, count, exactBytes, money, percent } from '../../lib/format';
import type { Cost } from '../../state/cost';
import { hrefOf, route } from '../../state/route';
import { download } from '../parts/download';
import { KeyText } from '../parts/key';
import { Figure, Panel } from '../parts/panel';
import { Shared } from '../parts/shared';
import { type Column, csvOf, Table } from '../parts/table';

type BucketCost = Cost['buckets'][number];

function bucketColumns(currency: string): Column<BucketCost>[] {
  const number = (
    id: string,
    label: string,
    value: (row: BucketCost) => number | null | undefined,
    show: (value: number) => string,
    wide = false,
  ): Column<BucketCost> => ({
    id,
    label,
    width: 118,
    numeric: true,
    wide,
    cell: (row) => {
      const figure = value(row);
      if (figure === null || figure === undefined) return '–';
      return <span title={show === bytes ? exactBytes(figure) : String(figure)}>{show(figure)}</span>;
    },
    csv: value,
    sortBy: (row) => value(row) ?? -1,
  });
  const price = (value: number) => money(value, currency);
  return [
    {
      id: 'bucket',
      label: 'Bucket',
      cell: (row) => (
        <a class="cell-name" href={hrefOf({ page: 'cost', bucket: row.bucket })}>
          <KeyText text={row.bucket} />
        </a>
      ),
      csv: (row) => row.bucket,
      sortBy: (row) => row.bucket,
    },
    number('stored', 'Stored', (row) => row.stored_bytes, bytes, true),
    number('egress', 'Egress so far', (row) => row.egress_bytes, bytes, true),
    number('cost', 'So far', (row) => row.cost, price),
    number('projected', 'At this pace', (row) => row.projected_cost, price),
    {
      ...number('share', 'Share', (row) => row.share_percent, percent, true),
      width: 132,
      cell: (row) => <Shared percent={row.share_percent}>{percent(row.share_percent)}</Shared>,
    },
    number('list', 'List price', (row) => row.list_price, price, true),
  ];
}

export function Buckets({ cost }: { cost: Cost }): JSX.Element {
  const columns = bucketColumns(cost.price_list.currency ?? 'USD');
  return (
    <Panel
      flush
      title="By bucket"
      foot={
        <>
          <span>
            A bucket’s share of what is charged beyond the monthly price. List price: the whole month at this
            pace if nothing were covered.
          </span>
          <button
            type="button"
            class="button button-small button-bare"
            onClick={() => download(['cost', cost.month], ...csvOf(columns, cost.buckets))}
          >
            Download CSV
          </button>
        </>
      }
    >
      <Table
        label="Cost by bucket"
        columns={columns}
        rows={cost.buckets}
        rowKey={(row) => row.bucket}
        sortable
      />
    </Panel>
  );
}

type PrefixCost = NonNullable<Cost['prefixes']>[number];

function prefixColumns(bucket: string, currency: string): Column<PrefixCost>[] {
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
      sortBy: (row) => row.prefix,
    },
    {
      id: 'stored',
      label: 'Stored',
      width: 118,
      numeric: true,
      cell: (row) => <span title={exactBytes(row.stored_bytes)}>{bytes(row.stored_bytes)}</span>,
      csv: (row) => row.stored_bytes,
      sortBy: (row) => row.stored_bytes,
    },
    {
      id: 'egress',
      label: 'Egress so far',
      width: 118,
      numeric: true,
      wide: true,
      cell: (row) => <span title={exactBytes(row.egress_bytes)}>{bytes(row.egress_bytes)}</span>,
      csv: (row) => row.egress_bytes,
      sortBy: (row) => row.egress_bytes,
    },
    {
      id: 'list',
      label: 'List price',
      width: 104,
      numeric: true,
      cell: (row) => money(row.list_price, currency),
      csv: (row) => row.list_price,
      sortBy: (row) => row.list_price,
    },
    {
      id: 'share',
      label: 'Share',
      width: 132,
      numeric: true,
      cell: (row) => <Shared percent={row.share_percent}>{percent(row.share_percent)}</Shared>,
      csv: (row) => row.share_percent,
      sortBy: (row) => row.share_percent,
    },
  ];
}

/** The bucket's own share, and that of its prefixes. */
export function Prefixes({ cost }: { cost: Cost }): JSX.Element {
  const { bucket } = route.value;
  const { currency = 'USD' } = cost.price_list;
  const own = cost.buckets.find((row) => row.bucket === bucket);
  const columns = prefixColumns(bucket, currency);
  const rows = cost.prefixes ?? [];
  return (
    <Panel
      flush
      title="By prefix"
      foot={
        <>
          <span>
            List price: a month of this storage and this egress if nothing were covered.
            {cost.truncated && ` The first ${count(rows.length)}; there are more.`}
          </span>
          <button
            type="button"
            class="button button-small button-bare"
            onClick={() => download(['cost', bucket, cost.month], ...csvOf(columns, rows))}
          >
            Download CSV
          </button>
        </>
      }
    >
      {own && (
        <dl class="figures figures-summary">
          <Figure label="This bucket so far" value={money(own.cost, currency)} />
          <Figure label="At this pace" value={money(own.projected_cost, currency)} />
          <Figure label="Of all buckets" value={percent(own.share_percent)} />
          <Figure
            label="Stored on average"
            value={bytes(own.average_stored_bytes)}
            exact={exactBytes(own.average_stored_bytes)}
          />
          <Figure
            label="Egress so far"
            value={bytes(own.egress_bytes)}
            exact={exactBytes(own.egress_bytes)}
          />
        </dl>
      )}
      <Table
        label="Cost by prefix"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.prefix}
        sortable={!cost.truncated}
      />
    </Panel>
  );
}
