import { Info, TriangleAlert } from 'lucide-preact';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { bytes, count, exactBytes, money, percent } from '../../lib/format';
import { dateTime, parseTime, utc } from '../../lib/time';
import { type Cost, costQuery } from '../../state/cost';
import { offerRefresh } from '../../state/refresh';
import { go, hrefOf, route } from '../../state/route';
import { CoverageBadge } from '../parts/coverage';
import { download } from '../parts/download';
import { Foreign, KeyText } from '../parts/key';
import { Meter } from '../parts/meter';
import { Figure, Panel } from '../parts/panel';
import { Shared } from '../parts/shared';
import { AnswerView, useAsked } from '../parts/states';
import { type Column, csvOf, Table } from '../parts/table';

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

function monthOf(): string {
  const { month } = route.value.filters;
  return month && MONTH.test(month) ? month : '';
}

/** The bill so far and at this pace, how it comes about, and who makes it. */
export function BillView(): JSX.Element {
  const { bucket } = route.value;
  const query = useAsked(costQuery(bucket, monthOf()));
  useEffect(
    () =>
      offerRefresh(() => ({
        at: query.answer.value.at,
        busy: query.answer.value.phase === 'running',
        refresh: () => query.refresh(),
      })),
    [query],
  );
  return (
    <AnswerView query={query} label="Reckoning the bill" rows={12}>
      {(cost) => (
        <div class="page">
          <Total cost={cost} />
          <Lines cost={cost} />
          {bucket ? <Prefixes cost={cost} /> : <Buckets cost={cost} />}
        </div>
      )}
    </AnswerView>
  );
}

/** The first day of months back from now, newest first, as `2026-11`. */
export function monthsBack(now: number, how: number): string[] {
  const today = new Date(now);
  return Array.from({ length: how }, (_, back) =>
    new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  );
}

function MonthChoice({ cost }: { cost: Cost }): JSX.Element {
  const months = new Set([...monthsBack(Date.now(), 12), cost.month]);
  return (
    <select
      class="input input-small"
      aria-label="Month"
      value={cost.month}
      onChange={(event) =>
        go(hrefOf({ ...route.value, filters: { ...route.value.filters, month: event.currentTarget.value } }))
      }
    >
      {[...months].map((month) => (
        <option key={month} value={month}>
          {month}
        </option>
      ))}
    </select>
  );
}

function Total({ cost }: { cost: Cost }): JSX.Element {
  const { currency = 'USD' } = cost.price_list;
  const asOf = parseTime(cost.as_of);
  const projected = cost.projected.total;
  return (
    <Panel
      flush
      title={`Bill of ${cost.month}, all buckets together`}
      tools={<MonthChoice cost={cost} />}
      foot={
        <>
          {cost.coverage && <CoverageBadge coverage={cost.coverage} />}
          <span>
            price list <Foreign text={cost.price_list.name} />
          </span>
        </>
      }
    >
      {!cost.traffic_known && (
        <p class="banner banner-warn">
          <TriangleAlert size={16} aria-hidden="true" />
          <span>
            Egress and requests are not in it: no log bucket is named. Connect again and name it under “Log
            and metrics buckets”.
          </span>
        </p>
      )}
      <dl class="figures figures-summary">
        <Figure
          label="So far"
          value={money(cost.so_far.total, currency)}
          exact={`${cost.so_far.total} ${currency}`}
          note={asOf === undefined ? undefined : <span title={utc(asOf)}>up to {dateTime(asOf)}</span>}
        />
        <Figure
          label="By the end of the month"
          value={money(projected, currency)}
          exact={`${projected} ${currency}`}
          note="at this pace"
        />
        {cost.so_far.lines.map((line, at) => (
          <Figure
            key={line.item}
            label={ITEMS[line.item] ?? line.item}
            value={money(line.amount, currency)}
            note={`${money(cost.projected.lines[at]?.amount ?? Number.NaN, currency)} at this pace`}
          />
        ))}
      </dl>
      <Allowances cost={cost} />
    </Panel>
  );
}

function Allowances({ cost }: { cost: Cost }): JSX.Element {
  const note = (at: string | null | undefined) => {
    const end = parseTime(at);
    return end === undefined ? undefined : `used up on ${dateTime(end)} at this pace`;
  };
  const { storage, egress } = cost.allowances;
  return (
    <div class="meters">
      <Meter
        label="Covered storage"
        value={storage.used_percent}
        text={`${bytes(storage.used_bytes)} of ${bytes(storage.included_bytes)}, on average`}
        note={note(storage.used_up_at)}
      />
      <Meter
        label="Covered egress"
        value={egress.used_percent}
        text={`${bytes(egress.used_bytes)} of ${bytes(egress.included_bytes)}`}
        note={note(egress.used_up_at)}
      />
    </div>
  );
}

const ITEMS: Record<string, string> = {
  subscription: 'Subscription',
  storage: 'Storage',
  egress: 'Egress',
  write_requests: 'Requests that write',
  read_requests: 'Requests that read',
};

function Lines({ cost }: { cost: Cost }): JSX.Element {
  const { currency = 'USD' } = cost.price_list;
  return (
    <Panel
      flush
      title="How it comes about"
      foot={
        cost.assumptions.length > 0 && (
          <ul class="assumptions" aria-label="Taken for granted">
            {cost.assumptions.map((text) => (
              <li key={text}>
                <Info size={13} aria-hidden="true" />
                <span>
                  Taken for granted: <Foreign text={text} />
                </span>
              </li>
            ))}
          </ul>
        )
      }
    >
      <div class="arithmetic" role="group" aria-label="Arithmetic" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col">So far</th>
              <th scope="col">By the end of the month</th>
            </tr>
          </thead>
          <tbody>
            {cost.so_far.lines.map((line, at) => (
              <tr key={line.item}>
                <th scope="row">{ITEMS[line.item] ?? line.item}</th>
                <td>
                  <Foreign text={line.arithmetic} />
                </td>
                <td>
                  <Foreign text={cost.projected.lines[at]?.arithmetic ?? ''} />
                </td>
              </tr>
            ))}
            <tr class="arithmetic-total">
              <th scope="row">Together</th>
              <td>{money(cost.so_far.total, currency)}</td>
              <td>{money(cost.projected.total, currency)}</td>
            </tr>
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

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

function Buckets({ cost }: { cost: Cost }): JSX.Element {
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
function Prefixes({ cost }: { cost: Cost }): JSX.Element {
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
