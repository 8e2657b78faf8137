import type { JSX } from 'preact';
import { bytes, count, exactBytes, percent } from '../../lib/format';
import { dateTime, parseTime, utc } from '../../lib/time';
import { hrefOf, route } from '../../state/route';
import { type Asked, NARROWS, type RankedBy, type Ranks, ranksQuery } from '../../state/traffic';
import { download } from '../parts/download';
import { KeyText } from '../parts/key';
import { Panel, Segments } from '../parts/panel';
import { Shared } from '../parts/shared';
import { AnswerView, Empty, useAsked } from '../parts/states';
import { type Column, csvOf, Table } from '../parts/table';
import { chosen } from '../parts/tabs';
import { withFilter } from './filters';

const BY = [
  { value: 'ip', label: 'IP' },
  { value: 'key', label: 'Object' },
  { value: 'prefix', label: 'Prefix' },
  { value: 'requester', label: 'Requester' },
  { value: 'user_agent', label: 'Client' },
  { value: 'operation', label: 'Operation' },
  { value: 'status', label: 'Status' },
  { value: 'error_code', label: 'Error' },
  { value: 'referer', label: 'Referer' },
  { value: 'bucket', label: 'Bucket' },
] as const satisfies readonly { value: RankedBy; label: string }[];

/** Who and what makes most of it; a click narrows everything down to it. */
export function RanksPanel({ asked }: { asked: Asked }): JSX.Element {
  const by = chosen(
    'by',
    BY.map(({ value }) => value),
  );
  const query = useAsked(ranksQuery(asked, by));
  const { data } = query.answer.value;
  const choices = BY.map(({ value, label }) => ({
    value,
    label,
    href: hrefOf({ ...route.value, filters: { ...route.value.filters, by: value } }),
  }));
  return (
    <Panel
      flush
      title="Most of it"
      tools={<Segments label="Counted by" value={by} choices={choices} />}
      foot={data && data.rows.length > 0 && <Foot data={data} by={by} />}
    >
      <AnswerView query={query} label="Ranking requests" rows={6}>
        {(ranks) =>
          ranks.rows.length === 0 ? (
            <Empty title="No request in this period">
              <p>Access logs come hours late. A longer period or other filters may show some.</p>
            </Empty>
          ) : (
            <div class="ranks">
              <Table
                label="Ranks"
                columns={columnsOf(by)}
                rows={ranks.rows}
                rowKey={(row) => String(row.value)}
              />
            </div>
          )
        }
      </AnswerView>
    </Panel>
  );
}

type Row = Ranks['rows'][number];

/** The address that is narrowed down to a value. */
function narrowed(by: RankedBy, value: string): string | undefined {
  if (by === 'bucket') return hrefOf({ ...route.value, bucket: value });
  const name = NARROWS[by];
  return name && value ? withFilter(name, value) : undefined;
}

function columnsOf(by: RankedBy): Column<Row>[] {
  return [
    {
      id: 'value',
      label: BY.find(({ value }) => value === by)?.label ?? by,
      cell: (row) => (
        <a class="cell-name" href={narrowed(by, row.value ?? '')}>
          <KeyText text={row.value || '(none)'} tail={20} />
        </a>
      ),
      csv: (row) => row.value,
    },
    {
      id: 'requests',
      label: 'Requests',
      width: 132,
      numeric: true,
      cell: (row) => <Shared percent={row.share_percent}>{count(row.requests)}</Shared>,
      csv: (row) => row.requests,
    },
    {
      id: 'share',
      label: 'Share',
      width: 84,
      numeric: true,
      cell: (row) => percent(row.share_percent),
      csv: (row) => row.share_percent,
    },
    {
      id: 'bytes',
      label: 'Bytes sent',
      width: 104,
      numeric: true,
      wide: true,
      cell: (row) => <span title={exactBytes(row.bytes_sent)}>{bytes(row.bytes_sent)}</span>,
      csv: (row) => row.bytes_sent,
    },
    {
      id: 'errors',
      label: 'Errors',
      width: 84,
      numeric: true,
      wide: true,
      cell: (row) => <span class={row.errors > 0 ? 'text-bad' : undefined}>{count(row.errors)}</span>,
      csv: (row) => row.errors,
    },
    {
      id: 'last',
      label: 'Last',
      width: 140,
      wide: true,
      cell: (row) => {
        const at = parseTime(row.last_seen);
        return at === undefined ? '–' : <span title={utc(at)}>{dateTime(at)}</span>;
      },
      csv: (row) => row.last_seen,
    },
  ];
}

function Foot({ data, by }: { data: Ranks; by: RankedBy }): JSX.Element {
  return (
    <>
      <span>
        {count(data.requests)} requests, {bytes(data.bytes_sent)} sent; the first {count(data.rows.length)} of{' '}
        {count(data.distinct)}
      </span>
      <button
        type="button"
        class="button button-small button-bare"
        onClick={() => download(['traffic', by], ...csvOf(columnsOf(by), data.rows))}
      >
        Download CSV
      </button>
    </>
  );
}
