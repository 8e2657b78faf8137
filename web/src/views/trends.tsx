import { Download, Table as TableIcon } from 'lucide-preact';
import type { JSX } from 'preact';
import { useCallback, useMemo, useState } from 'preact/hooks';
import { Chart } from '../charts/chart';
import { type TimeChart, timeOption } from '../charts/options';
import { type Series, summary } from '../charts/series';
import { duration, percent, rate, span } from '../lib/format';
import { timeWithSeconds, utc } from '../lib/time';
import type { LayerId } from '../state/route';
import type { Step } from '../state/series';
import { download } from './parts/download';
import { type Column, Table } from './parts/table';

const HEIGHT = 148;

interface Kind {
  readonly title: string;
  readonly format: (value: number) => string;
  readonly atLeast: number;
  readonly lines: readonly { name: string; of: Exclude<keyof Step, 'at'>; colour: Series['colour'] }[];
  readonly thresholds?: TimeChart['thresholds'];
  readonly canLog?: boolean;
}

const KINDS: readonly Kind[] = [
  {
    title: 'Operations per second',
    format: (value) => `${rate(value)}/s`,
    atLeast: 1,
    lines: [{ name: 'Operations', of: 'operationsPerSecond', colour: 'operations' }],
  },
  {
    title: 'Latency',
    format: duration,
    atLeast: 10,
    lines: [
      { name: 'p99', of: 'p99', colour: 'p99' },
      { name: 'p95', of: 'p95', colour: 'p95' },
      { name: 'p50', of: 'p50', colour: 'p50' },
    ],
    canLog: true,
  },
  {
    title: 'Error rate',
    format: percent,
    atLeast: 12,
    lines: [{ name: 'Errors', of: 'errorRate', colour: 'errors' }],
    thresholds: [
      { value: 5, tone: 'warn' },
      { value: 10, tone: 'bad' },
    ],
  },
];

/** How the figures went in the last ten minutes. */
export function Trends({ steps, layer }: { steps: readonly Step[]; layer: LayerId }): JSX.Element {
  return (
    <div class="trends">
      {KINDS.map((kind) => (
        <Trend key={kind.title} kind={kind} steps={steps} layer={layer} />
      ))}
    </div>
  );
}

function seriesOf(kind: Kind, steps: readonly Step[]): Series[] {
  return kind.lines.map(({ name, of, colour }) => ({
    name,
    colour,
    points: steps.map((step) => [step.at, step[of]]),
  }));
}

function Trend({ kind, steps, layer }: { kind: Kind; steps: readonly Step[]; layer: LayerId }): JSX.Element {
  const [asTable, setAsTable] = useState(false);
  const [log, setLog] = useState(false);
  const series = useMemo(() => seriesOf(kind, steps), [kind, steps]);
  const { title, format, atLeast, thresholds, canLog } = kind;
  const option = useCallback(
    (palette: Parameters<typeof timeOption>[1]) =>
      timeOption({ series, format, atLeast, log, ...(thresholds ? { thresholds } : {}) }, palette),
    [series, format, atLeast, log, thresholds],
  );
  const save = () =>
    download(
      [title, layer],
      ['time (UTC)', ...kind.lines.map((line) => line.name)],
      steps.map((step) => [utc(step.at), ...kind.lines.map((line) => step[line.of])]),
    );
  return (
    <section class="trend" aria-label={title}>
      <div class="trend-head">
        <h3>{title}</h3>
        {canLog && !asTable && (
          <button
            type="button"
            class="icon-button"
            aria-pressed={log}
            title="Logarithmic scale"
            onClick={() => setLog(!log)}
          >
            <span class="log-label">log</span>
            <span class="hidden-text">arithmic scale</span>
          </button>
        )}
        <button
          type="button"
          class="icon-button"
          aria-pressed={asTable}
          aria-label={`${title} as a table`}
          title="As a table"
          onClick={() => setAsTable(!asTable)}
        >
          <TableIcon size={14} aria-hidden="true" />
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label={`Download ${title} as CSV`}
          title="Download CSV"
          onClick={save}
        >
          <Download size={14} aria-hidden="true" />
        </button>
      </div>
      {asTable ? (
        <TrendTable kind={kind} steps={steps} />
      ) : (
        <Chart height={HEIGHT} group="trends" option={option} summary={summary(title, series, format)} />
      )}
      <p class="trend-foot">{context(steps)}</p>
    </section>
  );
}

function context(steps: readonly Step[]): string {
  const [first, last] = [steps[0], steps.at(-1)];
  if (!first || !last) return 'The first ten seconds are being counted.';
  return `Last ${span((last.at - first.at) / 1_000 + 10)}, in steps of 10 s`;
}

function TrendTable({ kind, steps }: { kind: Kind; steps: readonly Step[] }): JSX.Element {
  const columns: Column<Step>[] = [
    {
      id: 'at',
      label: 'Time',
      cell: (row) => <span title={utc(row.at)}>{timeWithSeconds(row.at)}</span>,
      csv: (row) => utc(row.at),
    },
    ...kind.lines.map(
      ({ name, of }): Column<Step> => ({
        id: of,
        label: name,
        width: 92,
        numeric: true,
        cell: (row) => kind.format(row[of] ?? Number.NaN),
        csv: (row) => row[of],
      }),
    ),
  ];
  return (
    <div class="trend-table">
      <Table
        label={`${kind.title} as a table`}
        columns={columns}
        rows={steps.toReversed()}
        rowKey={(row) => String(row.at)}
      />
    </div>
  );
}
