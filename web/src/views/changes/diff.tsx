import { CircleCheck, GitCompare, TriangleAlert } from 'lucide-preact';
import type { JSX } from 'preact';
import { bytes, count, counted, exactBytes, signed } from '../../lib/format';
import { dateTime, parseTime, utc } from '../../lib/time';
import { type Diff, type DiffKind, type DiffTotal, diffQuery, rowsOf } from '../../state/changes';
import { hrefOf, route } from '../../state/route';
import { CoverageBadge } from '../parts/coverage';
import { Foreign, KeyText } from '../parts/key';
import { Figure, Panel } from '../parts/panel';
import { Empty, ProblemView, Skeleton, useAsked, useRefresh, Working } from '../parts/states';
import { type Column, Table } from '../parts/table';
import { FindingView } from '../security/finding';
import { RowsPanel } from './rows';
import { Scan } from './scan';

export const KINDS: Record<DiffKind | 'unexplained', string> = {
  unexplained: 'unexplained',
  added: 'added',
  grown: 'grown',
  shrunk: 'shrunk',
  overwritten: 'overwritten',
  removed: 'removed',
  transitioned: 'moved to another class',
  version_added: 'older versions added',
  version_removed: 'older versions removed',
  marker_added: 'delete markers added',
  marker_removed: 'delete markers removed',
  vanished: 'came and went unseen',
};

/** What two inventories and the log between them tell of a bucket. */
export function DiffView({ bucket }: { bucket: string }): JSX.Element {
  const { prefix, from, to } = route.value;
  const query = useAsked(diffQuery({ bucket, prefix, from: from || undefined, to: to || undefined }));
  useRefresh(query);
  const answer = query.answer.value;
  const compareAgain = () => {
    // What is under way compares what was there before.
    query.cancel();
    query.refresh();
  };
  const scan = <Scan bucket={bucket} done={compareAgain} />;
  const missing = answer.problem?.facts.status === 404 ? answer.problem : undefined;
  if (missing && !answer.data) return <TooFew detail={missing.facts.detail} scan={scan} />;
  return (
    <>
      <Working answer={answer} label="Comparing two inventories" cancel={() => query.cancel()} />
      {answer.problem && <ProblemView problem={answer.problem} retry={() => query.refresh()} />}
      {!answer.data && !answer.problem && <Skeleton rows={8} label="Comparing two inventories" />}
      {answer.data && (
        <div class={answer.phase === 'running' ? 'page stale' : 'page'}>
          <Summary diff={answer.data} scan={scan} />
          {answer.data.findings.length > 0 && (
            <Panel flush title="What to look at">
              <ul class="findings">
                {answer.data.findings.map((finding) => (
                  <FindingView key={finding.id} finding={finding} changed={() => query.refresh()} />
                ))}
              </ul>
            </Panel>
          )}
          {answer.data.changes > 0 && <Details diff={answer.data} />}
        </div>
      )}
    </>
  );
}

/** First use: there is nothing to compare yet. */
function TooFew({ detail, scan }: { detail: string; scan: JSX.Element }): JSX.Element {
  return (
    <Panel title="Two inventories are needed">
      <Empty title="Not enough to compare yet" icon={<GitCompare size={20} aria-hidden="true" />}>
        <p>
          What came, grew and went shows up here once a bucket was scanned twice. Take an inventory now and
          another one later.
        </p>
        <p>
          <Foreign text={detail} />
        </p>
        {scan}
      </Empty>
    </Panel>
  );
}

function moment(text: string): JSX.Element | string {
  const at = parseTime(text);
  return at === undefined ? text : <span title={utc(at)}>{dateTime(at)}</span>;
}

function Summary({ diff, scan }: { diff: Diff; scan: JSX.Element }): JSX.Element {
  const unexplained = diff.totals.reduce((sum, total) => sum + total.unexplained, 0);
  return (
    <Panel
      flush
      title={
        <span>
          From {moment(diff.from.as_of)} to {moment(diff.to.as_of)}
        </span>
      }
      tools={scan}
      foot={
        <>
          {diff.coverage && <CoverageBadge coverage={diff.coverage} />}
          {!diff.log_complete && (
            <span class="foot-note">
              <TriangleAlert size={13} aria-hidden="true" />
              the log doesn’t tell all of this time: no proof that nobody did it
            </span>
          )}
          {diff.note && !diff.coverage?.note && <Foreign text={diff.note} />}
        </>
      }
    >
      <dl class="figures figures-summary">
        <Figure label="Changes" value={count(diff.changes)} note={`among ${counted(diff.keys, 'key')}`} />
        <Figure
          label="Size"
          value={signed(diff.bytes_delta, bytes)}
          exact={signed(diff.bytes_delta, exactBytes)}
        />
        <Figure
          label="Unexplained"
          value={count(unexplained)}
          note={unexplained > 0 ? 'no record tells who did it' : undefined}
          tone={unexplained > 0 && diff.log_complete ? 'bad' : undefined}
        />
        <Figure
          label="Came and went between"
          value={count(diff.passing.keys)}
          note={bytes(diff.passing.bytes)}
        />
        <Figure label="Written while scanning" value={count(diff.late.keys)} note={bytes(diff.late.bytes)} />
      </dl>
      {diff.changes === 0 && (
        <Empty title="Nothing changed between the two" icon={<CircleCheck size={20} aria-hidden="true" />} />
      )}
    </Panel>
  );
}

function Details({ diff }: { diff: Diff }): JSX.Element {
  const named = route.value.filters.kind;
  const first = diff.unexplained.length > 0 ? 'unexplained' : (diff.totals[0]?.kind ?? 'added');
  const kind = named && Object.hasOwn(KINDS, named) ? named : first;
  return (
    <>
      <Panel flush title="By kind">
        <Table
          label="Changes by kind"
          columns={TOTALS}
          rows={diff.totals}
          rowKey={(row) => row.kind}
          sortable
        />
      </Panel>
      <RowsPanel diff={diff} kind={kind} rows={rowsOf(diff, kind)} />
      <div class="mission-pair">
        <Prefixes diff={diff} />
        <Doers diff={diff} />
      </div>
    </>
  );
}

const number = (
  id: string,
  label: string,
  value: (row: DiffTotal) => number,
  wide = false,
): Column<DiffTotal> => ({
  id,
  label,
  width: 116,
  numeric: true,
  wide,
  cell: (row) => count(value(row)),
  csv: value,
  sortBy: value,
});

const TOTALS: readonly Column<DiffTotal>[] = [
  {
    id: 'kind',
    label: 'Kind',
    cell: (row) => (
      <a
        class="cell-name"
        href={hrefOf({ ...route.value, filters: { ...route.value.filters, kind: row.kind } })}
      >
        {KINDS[row.kind]}
      </a>
    ),
    csv: (row) => row.kind,
    sortBy: (row) => row.kind,
  },
  number('objects', 'Changes', (row) => row.objects),
  {
    id: 'bytes',
    label: 'Size',
    width: 116,
    numeric: true,
    cell: ({ bytes_before, bytes_after }) => (
      <span title={`${exactBytes(bytes_before)} before, ${exactBytes(bytes_after)} after`}>
        {signed(bytes_after - bytes_before, bytes)}
      </span>
    ),
    csv: (row) => row.bytes_after - row.bytes_before,
    sortBy: (row) => row.bytes_after - row.bytes_before,
  },
  number('request', 'By requests', (row) => row.by_request, true),
  number('lifecycle', 'By lifecycle', (row) => row.by_lifecycle, true),
  number('ambiguous', 'Ambiguous', (row) => row.ambiguous, true),
  number('nolog', 'Without log', (row) => row.without_log, true),
  number('unexplained', 'Unexplained', (row) => row.unexplained),
];

type PrefixRow = Diff['prefixes'][number];

function Prefixes({ diff }: { diff: Diff }): JSX.Element {
  const columns: Column<PrefixRow>[] = [
    {
      id: 'prefix',
      label: 'Prefix',
      cell: (row) => (
        <a class="cell-name" href={hrefOf({ ...route.value, bucket: diff.bucket, prefix: row.prefix })}>
          <KeyText text={row.prefix || '(no folder)'} />
        </a>
      ),
      csv: (row) => row.prefix,
    },
    {
      id: 'added',
      label: 'Came',
      width: 92,
      numeric: true,
      cell: (row) => <span title={bytes(row.added.bytes)}>{count(row.added.objects)}</span>,
      csv: (row) => row.added.objects,
    },
    {
      id: 'changed',
      label: 'Changed',
      width: 92,
      numeric: true,
      cell: (row) => <span title={bytes(row.changed.bytes)}>{count(row.changed.objects)}</span>,
      csv: (row) => row.changed.objects,
    },
    {
      id: 'removed',
      label: 'Went',
      width: 92,
      numeric: true,
      cell: (row) => <span title={bytes(row.removed.bytes)}>{count(row.removed.objects)}</span>,
      csv: (row) => row.removed.objects,
    },
  ];
  return (
    <Panel flush title="Where">
      <Table label="Changes by prefix" columns={columns} rows={diff.prefixes} rowKey={(row) => row.prefix} />
    </Panel>
  );
}

type DoerRow = Diff['requesters'][number];

function doerColumns(label: string): Column<DoerRow>[] {
  return [
    {
      id: 'value',
      label,
      cell: (row) => (row.value ? <KeyText text={row.value} tail={24} /> : 'anonymous'),
      csv: (row) => row.value,
    },
    {
      id: 'changes',
      label: 'Changes',
      width: 92,
      numeric: true,
      cell: (row) => count(row.changes),
      csv: (row) => row.changes,
    },
    {
      id: 'removed',
      label: 'Removed',
      width: 92,
      numeric: true,
      cell: (row) => <span title={bytes(row.removed.bytes)}>{count(row.removed.objects)}</span>,
      csv: (row) => row.removed.objects,
    },
  ];
}

function Doers({ diff }: { diff: Diff }): JSX.Element {
  return (
    <Panel flush title="Who">
      {diff.requesters.length === 0 && diff.addresses.length === 0 && (
        <Empty title="No record tells">
          <p>Access logs come hours late; then requesters and addresses stand here.</p>
        </Empty>
      )}
      {diff.requesters.length > 0 && (
        <Table
          label="Changes by requester"
          columns={doerColumns('Requester')}
          rows={diff.requesters}
          rowKey={(row) => String(row.value)}
        />
      )}
      {diff.addresses.length > 0 && (
        <Table
          label="Changes by address"
          columns={doerColumns('Address')}
          rows={diff.addresses}
          rowKey={(row) => String(row.value)}
        />
      )}
    </Panel>
  );
}
