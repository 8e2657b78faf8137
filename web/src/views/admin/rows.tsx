import { CircleSlash } from 'lucide-preact';
import type { JSX } from 'preact';
import { type Cells, cellText, listIn, namesOf } from '../../lib/rows';
import { parseTime, utc } from '../../lib/time';
import type { Part } from '../../state/admin';
import { Foreign } from '../parts/key';
import { Panel } from '../parts/panel';
import { Empty, ProblemView, Skeleton } from '../parts/states';
import { type Column, Table } from '../parts/table';

interface Props {
  readonly title: string;
  readonly part: Part<unknown>;
  /** The field that holds the list. */
  readonly list: string;
  readonly none: string;
  readonly missing: string;
}

/** A list of the server's as it comes: a row each, a column for each simple field. */
export function AnyPanel({ title, part, list, none, missing }: Props): JSX.Element {
  const { data, problem } = part.state.value;
  const absent = problem?.facts.status === 404;
  const rows = listIn(data, list);
  return (
    <Panel flush title={title}>
      {absent && (
        <Empty title="Not on this server" icon={<CircleSlash size={20} aria-hidden="true" />}>
          <p>{missing}</p>
        </Empty>
      )}
      {problem && !absent && !data && <ProblemView problem={problem} retry={() => void part.refresh()} />}
      {!data && !problem && <Skeleton rows={4} label={`Asking for ${title.toLowerCase()}`} />}
      {!absent && data !== undefined && rows.length === 0 && <Empty title="None">{<p>{none}</p>}</Empty>}
      {!absent && rows.length > 0 && (
        <Table
          label={title}
          columns={columnsOf(rows)}
          rows={rows}
          rowKey={(row) => JSON.stringify(row).slice(0, 200)}
        />
      )}
    </Panel>
  );
}

function columnsOf(rows: readonly Cells[]): Column<Cells>[] {
  return namesOf(rows).map((name, at) => ({
    id: name,
    label: name.replaceAll('_', ' '),
    ...(at === 0 ? {} : { width: 132 }),
    wide: at > 3,
    cell: (row) => <CellView name={name} value={row[name]} />,
    csv: (row) => cellText(name, row[name]),
  }));
}

function CellView({ name, value }: { name: string; value: unknown }): JSX.Element {
  const text = cellText(name, value);
  const at = typeof value === 'string' ? parseTime(value) : undefined;
  return (
    <span title={at !== undefined && /^\d{4}-/.test(String(value)) ? utc(at) : text}>
      <Foreign text={text} />
    </span>
  );
}
