import type { JSX } from 'preact';
import { bytes, count, exactBytes } from '../../lib/format';
import { capital } from '../../lib/text';
import { dateTime, parseTime, utc } from '../../lib/time';
import type { Diff, DiffRow } from '../../state/changes';
import { hrefOf, route } from '../../state/route';
import { download } from '../parts/download';
import { CopyKey, Foreign, KeyText } from '../parts/key';
import { Panel, Segments } from '../parts/panel';
import { Empty } from '../parts/states';
import { type Column, csvOf, Table } from '../parts/table';
import { KINDS } from './diff';

const EXPLAINED: Record<DiffRow['explained_by'], string> = {
  request: 'a request',
  lifecycle: 'a lifecycle rule',
  ambiguous: 'can’t be told',
  unexplained: 'no record',
  no_log: 'no log',
};

const COLUMNS: readonly Column<DiffRow>[] = [
  {
    id: 'key',
    label: 'Key',
    cell: (row) => <CopyKey value={row.key} />,
    csv: (row) => row.key,
    sortBy: (row) => row.key,
  },
  {
    id: 'before',
    label: 'Before',
    width: 96,
    numeric: true,
    wide: true,
    cell: ({ before }) =>
      before ? <span title={exactBytes(before.size_bytes)}>{bytes(before.size_bytes)}</span> : '–',
    csv: (row) => row.before?.size_bytes,
    sortBy: (row) => row.before?.size_bytes ?? -1,
  },
  {
    id: 'after',
    label: 'After',
    width: 96,
    numeric: true,
    cell: ({ after }) =>
      after ? <span title={exactBytes(after.size_bytes)}>{bytes(after.size_bytes)}</span> : '–',
    csv: (row) => row.after?.size_bytes,
    sortBy: (row) => row.after?.size_bytes ?? -1,
  },
  {
    id: 'why',
    label: 'Explained by',
    width: 132,
    cell: (row) => <span title={row.note ?? undefined}>{EXPLAINED[row.explained_by]}</span>,
    csv: (row) => row.explained_by,
    sortBy: (row) => row.explained_by,
  },
  {
    id: 'when',
    label: 'When',
    width: 136,
    wide: true,
    cell: ({ deed }) => {
      const at = parseTime(deed?.ts);
      return at === undefined ? '–' : <span title={utc(at)}>{dateTime(at)}</span>;
    },
    csv: (row) => row.deed?.ts,
    sortBy: (row) => row.deed?.ts ?? '',
  },
  {
    id: 'who',
    label: 'Who',
    width: 220,
    wide: true,
    cell: ({ deed }) => (deed ? <KeyText text={deed.requester ?? 'anonymous'} tail={24} /> : '–'),
    csv: (row) => row.deed?.requester,
    sortBy: (row) => row.deed?.requester ?? '',
  },
  {
    id: 'ip',
    label: 'Address',
    width: 132,
    wide: true,
    cell: ({ deed }) => (deed?.ip ? <Foreign text={deed.ip} /> : '–'),
    csv: (row) => row.deed?.ip,
    sortBy: (row) => row.deed?.ip ?? '',
  },
];

interface Props {
  readonly diff: Diff;
  readonly kind: string;
  readonly rows: readonly DiffRow[];
}

/** The changes of one kind, one by one. */
export function RowsPanel({ diff, kind, rows }: Props): JSX.Element {
  const kinds = [
    ...(diff.unexplained.length > 0 ? (['unexplained'] as const) : []),
    ...diff.totals.map((total) => total.kind),
  ];
  const all =
    kind === 'unexplained'
      ? diff.totals.reduce((sum, total) => sum + total.unexplained, 0)
      : (diff.totals.find((total) => total.kind === kind)?.objects ?? 0);
  const choices = kinds.map((value) => ({
    value: value as string,
    label: capital(KINDS[value]),
    href: hrefOf({ ...route.value, filters: { ...route.value.filters, kind: value } }),
  }));
  return (
    <Panel
      flush
      title="One by one"
      tools={<Segments label="Kind of change" value={kind} choices={choices} />}
      foot={
        rows.length > 0 && (
          <>
            <span>
              {rows.length < all
                ? `The first ${count(rows.length)} of ${count(all)}, most bytes first; a prefix narrows down`
                : `All ${count(rows.length)}, most bytes first`}
            </span>
            <button
              type="button"
              class="button button-small button-bare"
              onClick={() => download(['changes', diff.bucket, kind], ...csvOf(COLUMNS, rows))}
            >
              Download CSV
            </button>
          </>
        )
      }
    >
      {rows.length === 0 ? (
        <Empty title="None of this kind" />
      ) : (
        <Table
          label="Changes"
          columns={COLUMNS}
          rows={rows}
          rowKey={(row) =>
            `${row.kind} ${row.key} ${row.before?.version_id ?? ''} ${row.after?.version_id ?? ''}`
          }
          sortable={rows.length >= all}
        />
      )}
    </Panel>
  );
}
