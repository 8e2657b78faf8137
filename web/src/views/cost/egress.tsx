import { Inbox } from 'lucide-preact';
import type { JSX } from 'preact';
import { bytes, count, exactBytes, money, percent } from '../../lib/format';
import { dateTime, parseTime } from '../../lib/time';
import { type Egress, type EgressBy, egressQuery } from '../../state/cost';
import { pageOf } from '../../state/links';
import { periodOf } from '../../state/period';
import { hrefOf, route } from '../../state/route';
import { CoverageBadge } from '../parts/coverage';
import { download } from '../parts/download';
import { KeyText } from '../parts/key';
import { Panel, Segments } from '../parts/panel';
import { Shared } from '../parts/shared';
import { AnswerView, Empty, useAsked, useRefresh } from '../parts/states';
import { type Column, csvOf, Table } from '../parts/table';
import { chosen } from '../parts/tabs';

const BY = [
  { value: 'key', label: 'Object' },
  { value: 'prefix', label: 'Prefix' },
  { value: 'ip', label: 'IP' },
  { value: 'requester', label: 'Requester' },
  { value: 'user_agent', label: 'Client' },
  { value: 'referer', label: 'Referer' },
  { value: 'bucket', label: 'Bucket' },
] as const satisfies readonly { value: EgressBy; label: string }[];

/** What leaves the buckets, and who takes it. */
export function EgressView(): JSX.Element {
  const { bucket } = route.value;
  const by = chosen(
    'by',
    BY.map(({ value }) => value),
  );
  const query = useAsked(egressQuery({ bucket, by, period: periodOf(route.value) }));
  useRefresh(query);
  const choices = BY.map(({ value, label }) => ({
    value,
    label,
    href: hrefOf({ ...route.value, filters: { view: 'egress', by: value } }),
  }));
  const { data } = query.answer.value;
  return (
    <Panel
      flush
      title="What left"
      tools={<Segments label="Counted by" value={by} choices={choices} />}
      foot={data && <Foot data={data} by={by} />}
    >
      <AnswerView query={query} label="Adding up egress" rows={10}>
        {(egress) => (egress.rows.length === 0 ? <None /> : <Rows egress={egress} by={by} />)}
      </AnswerView>
    </Panel>
  );
}

function None(): JSX.Element {
  return (
    <Empty title="Nothing left in this period" icon={<Inbox size={20} aria-hidden="true" />}>
      <p>What clients download shows up here once the access log tells of it, which takes hours.</p>
    </Empty>
  );
}

type Row = Egress['rows'][number];

/** The requests behind a value. */
function behind(egress: Egress, by: EgressBy, value: string): string | undefined {
  const { from, to } = egress.window;
  const source_bucket = by === 'bucket' ? value : egress.source_bucket;
  const narrowed: Partial<Record<EgressBy, Record<string, string>>> = {
    key: { object_key: value },
    prefix: { key_prefix: value },
    ip: { ip: value },
    requester: { requester: value },
    user_agent: { user_agent: value },
    referer: { referer: value },
  };
  return pageOf('search-logs', { source_bucket, from, to, ...narrowed[by] });
}

function columnsOf(egress: Egress, by: EgressBy): Column<Row>[] {
  const label = BY.find(({ value }) => value === by)?.label ?? by;
  return [
    {
      id: 'value',
      label,
      cell: (row) => (
        <a class="cell-name" href={behind(egress, by, row.value)} title="The requests behind it">
          <KeyText text={row.value || '(none)'} tail={20} />
        </a>
      ),
      csv: (row) => row.value,
    },
    {
      id: 'requests',
      label: 'Requests',
      width: 96,
      numeric: true,
      wide: true,
      cell: (row) => count(row.requests),
      csv: (row) => row.requests,
    },
    {
      id: 'bytes',
      label: 'Bytes sent',
      width: 104,
      numeric: true,
      cell: (row) => <span title={exactBytes(row.bytes_sent)}>{bytes(row.bytes_sent)}</span>,
      csv: (row) => row.bytes_sent,
    },
    {
      id: 'price',
      label: 'List price',
      width: 96,
      numeric: true,
      cell: (row) => money(row.list_price, egress.currency),
      csv: (row) => row.list_price,
    },
    {
      id: 'share',
      label: 'Share',
      width: 132,
      numeric: true,
      wide: true,
      cell: (row) => <Shared percent={row.share_percent}>{percent(row.share_percent)}</Shared>,
      csv: (row) => row.share_percent,
    },
  ];
}

function Rows({ egress, by }: { egress: Egress; by: EgressBy }): JSX.Element {
  return (
    <Table label="Egress" columns={columnsOf(egress, by)} rows={egress.rows} rowKey={(row) => row.value} />
  );
}

function Foot({ data, by }: { data: Egress; by: EgressBy }): JSX.Element {
  const from = parseTime(data.window.from);
  const to = parseTime(data.window.to);
  return (
    <>
      <CoverageBadge coverage={data.coverage} />
      <span>
        {from !== undefined && `since ${dateTime(from)}`}
        {to !== undefined && ` until ${dateTime(to)}`}: {bytes(data.bytes_sent)},{' '}
        {money(data.list_price, data.currency)} at list price ({data.arithmetic})
        {data.truncated && `; the first ${count(data.rows.length)} of ${count(data.distinct)}`}
      </span>
      <button
        type="button"
        class="button button-small button-bare"
        onClick={() => download(['egress', by], ...csvOf(columnsOf(data, by), data.rows))}
      >
        Download CSV
      </button>
    </>
  );
}
