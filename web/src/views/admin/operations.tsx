import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { OperationLog, OperationRow } from '../../api/admin';
import { bytes, count, counted, duration, exactBytes } from '../../lib/format';
import { parseTime, timeWithSeconds, utc } from '../../lib/time';
import { adminHref, operations } from '../../state/admin';
import { operationName } from '../../state/operations';
import { go, route } from '../../state/route';
import { download } from '../parts/download';
import { Foreign, KeyText } from '../parts/key';
import { Panel } from '../parts/panel';
import { Empty, ProblemView, Skeleton } from '../parts/states';
import { type Column, csvOf, Table } from '../parts/table';

const COLUMNS: readonly Column<OperationRow>[] = [
  {
    id: 'at',
    label: 'Time',
    width: 92,
    cell: ({ timestamp }) => {
      const at = parseTime(timestamp);
      return at === undefined ? '–' : <span title={utc(at)}>{timeWithSeconds(at)}</span>;
    },
    csv: (row) => row.timestamp,
    sortBy: (row) => row.timestamp,
  },
  {
    id: 'operation',
    label: 'Operation',
    width: 150,
    wide: true,
    cell: (row) => operationName(row.operation_type),
    csv: (row) => row.operation_type,
    sortBy: (row) => row.operation_type,
  },
  {
    id: 'endpoint',
    label: 'Request',
    cell: (row) => <KeyText text={`${row.method} ${row.endpoint}`} />,
    csv: (row) => `${row.method} ${row.endpoint}`,
  },
  {
    id: 'bucket',
    label: 'Bucket',
    width: 140,
    wide: true,
    cell: (row) => (row.bucket ? <KeyText text={row.bucket} /> : '–'),
    csv: (row) => row.bucket,
    sortBy: (row) => row.bucket ?? '',
  },
  {
    id: 'status',
    label: 'Status',
    width: 84,
    numeric: true,
    cell: (row) => (
      <span class={row.success ? undefined : 'text-bad'} title={row.error ?? undefined}>
        {row.status_code || 'no answer'}
      </span>
    ),
    csv: (row) => row.status_code,
    sortBy: (row) => row.status_code,
  },
  {
    id: 'duration',
    label: 'Took',
    width: 88,
    numeric: true,
    cell: (row) => duration(row.duration_ms),
    csv: (row) => row.duration_ms,
    sortBy: (row) => row.duration_ms,
  },
  {
    id: 'bytes',
    label: 'Moved',
    width: 92,
    numeric: true,
    wide: true,
    cell: (row) => <span title={exactBytes(row.bytes_transferred)}>{bytes(row.bytes_transferred)}</span>,
    csv: (row) => row.bytes_transferred,
    sortBy: (row) => row.bytes_transferred,
  },
  {
    id: 'request',
    label: 'Request id',
    width: 176,
    wide: true,
    cell: (row) => (row.request_id ? <KeyText text={row.request_id} /> : '–'),
    csv: (row) => row.request_id,
  },
];

const LAYERS = [
  { value: '', label: 'Requests to SpaceWatch' },
  { value: 's3', label: 'Calls to the store' },
];

const TYPES = [
  { value: '', label: 'All operations' },
  ...[
    'LIST_BUCKETS',
    'LIST_OBJECTS',
    'ANALYZE_STORAGE',
    'QUERY_METRICS',
    'QUERY_LOGS',
    'AI_QUERY',
    'GENERATE_PLOT',
  ].map((value) => ({ value, label: operationName(value) })),
];

const SLOW = [
  { value: '', label: 'However long' },
  { value: '100', label: 'over 100 ms' },
  { value: '1000', label: 'over 1 s' },
  { value: '5000', label: 'over 5 s' },
];

/** Single operations, newest first. */
export function OperationsPanel(): JSX.Element {
  const { data, at, problem } = operations.state.value;
  const { filters, bucket } = route.value;
  const asked = [filters.operation_type, filters.min_duration_ms, filters.layer_of_log, bucket].join(' ');
  useEffect(() => {
    if (operations.state.value.at !== undefined) void operations.refresh();
  }, [asked]);
  const rows = data?.logs ?? [];
  return (
    <Panel flush title="Operations" tools={<Filters />} foot={data && <Foot data={data} at={at} />}>
      {!data && problem && <ProblemView problem={problem} retry={() => void operations.refresh()} />}
      {!data && !problem && <Skeleton rows={6} label="Asking for the last operations" />}
      {data && rows.length === 0 && (
        <Empty title="No such operation">
          <p>Operations on storage show up here as they end. Other filters may find some.</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <div class="mission-log">
          <Table
            label="Operations"
            columns={COLUMNS}
            rows={rows}
            rowKey={(row) => `${row.timestamp} ${row.request_id} ${row.endpoint}`}
            sortable
          />
        </div>
      )}
    </Panel>
  );
}

function Foot({ data, at }: { data: OperationLog; at: number | undefined }): JSX.Element {
  const rows = data.logs;
  return (
    <>
      <span>
        {rows.length >= data.filters.limit
          ? `The last ${count(rows.length)} that fit; the server keeps more`
          : counted(rows.length, 'operation')}
        {at !== undefined && `, as of ${timeWithSeconds(at)}`}
      </span>
      <button type="button" class="button button-small button-bare" onClick={() => void operations.refresh()}>
        Ask again
      </button>
      <button
        type="button"
        class="button button-small button-bare"
        onClick={() => download(['operations'], ...csvOf(COLUMNS, rows))}
      >
        Download CSV
      </button>
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly choose: (value: string) => void;
}

function Choice({ label, value = '', choices, choose }: ChoiceProps): JSX.Element {
  return (
    <select
      class="input input-small"
      aria-label={label}
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}

function Filters(): JSX.Element {
  const { filters, bucket } = route.value;
  const [name, setName] = useState(bucket);
  const choose = (change: Record<string, string>) => go(adminHref(change), 'replace');
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        choose({ bucket: name.trim() });
      }}
    >
      <Choice
        label="Layer"
        value={filters.layer_of_log}
        choices={LAYERS}
        choose={(value) => choose({ layer_of_log: value, operation_type: '' })}
      />
      {filters.layer_of_log !== 's3' && (
        <Choice
          label="Operation"
          value={filters.operation_type}
          choices={TYPES}
          choose={(value) => choose({ operation_type: value })}
        />
      )}
      <Choice
        label="Least duration"
        value={filters.min_duration_ms}
        choices={SLOW}
        choose={(value) => choose({ min_duration_ms: value })}
      />
      <input
        class="input input-small"
        aria-label="Bucket"
        placeholder="Any bucket"
        value={name}
        maxLength={63}
        spellcheck={false}
        onInput={(event) => setName(event.currentTarget.value)}
        onBlur={() => name.trim() !== bucket && choose({ bucket: name.trim() })}
      />
      {bucket && (
        <span class="hidden-text">
          Only of bucket <Foreign text={bucket} />
        </span>
      )}
    </form>
  );
}
