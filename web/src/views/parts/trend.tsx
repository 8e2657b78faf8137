import { Download, Table as TableIcon } from 'lucide-preact';
import type { ComponentChildren, JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { Chart } from '../../charts/chart';
import { type TimeChart, timeOption } from '../../charts/options';
import type { Palette } from '../../charts/palette';
import { type Series, summary } from '../../charts/series';
import { dateTime, timeWithSeconds, utc } from '../../lib/time';
import { download } from './download';
import { type Column, Table } from './table';

const HEIGHT = 148;
const DAY_MS = 86_400_000;

interface Props {
  readonly title: string;
  /** All have a point at the same moments. */
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  readonly atLeast: number;
  readonly thresholds?: TimeChart['thresholds'];
  readonly step?: TimeChart['step'];
  readonly canLog?: boolean;
  readonly height?: number;
  /** Charts of one group share their cursor. */
  readonly group?: string;
  /** One line of context below. */
  readonly foot?: ComponentChildren;
  /** What the downloaded file is called. */
  readonly file: readonly string[];
}

/** How something went over time: a chart that is also a table and a file. */
export function Trend(props: Props): JSX.Element {
  const { title, series, format, atLeast, thresholds, step, group, foot, height = HEIGHT } = props;
  const [asTable, setAsTable] = useState(false);
  const [log, setLog] = useState(false);
  const option = useCallback(
    (palette: Palette) =>
      timeOption(
        { series, format, atLeast, log, ...(thresholds ? { thresholds } : {}), ...(step ? { step } : {}) },
        palette,
      ),
    [series, format, atLeast, log, thresholds, step],
  );
  return (
    <section class="trend" aria-label={title}>
      <Head {...props} asTable={asTable} setAsTable={setAsTable} log={log} setLog={setLog} />
      {asTable ? (
        <TrendTable title={title} series={series} format={format} height={height} />
      ) : (
        <Chart
          height={height}
          option={option}
          summary={summary(title, series, format)}
          {...(group ? { group } : {})}
        />
      )}
      {!asTable && series.some(({ name }) => name.length > 4) && series.length > 1 && (
        <Legend series={series} />
      )}
      {foot && <p class="trend-foot">{foot}</p>}
    </section>
  );
}

/** Short names stand at the end of their lines; others need a legend. */
function Legend({ series }: { series: readonly Series[] }): JSX.Element {
  return (
    <ul class="legend" aria-label="Lines">
      {series.map(({ name, colour, dashed }) => (
        <li key={name}>
          <span
            class={dashed ? 'legend-mark legend-dashed' : 'legend-mark'}
            style={{ color: `var(--series-${colour})` }}
          />
          {name}
        </li>
      ))}
    </ul>
  );
}

interface HeadProps extends Props {
  readonly asTable: boolean;
  readonly setAsTable: (asTable: boolean) => void;
  readonly log: boolean;
  readonly setLog: (log: boolean) => void;
}

function Head({ asTable, setAsTable, log, setLog, ...props }: HeadProps): JSX.Element {
  const { title, canLog } = props;
  return (
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
        onClick={() => save(props)}
      >
        <Download size={14} aria-hidden="true" />
      </button>
    </div>
  );
}

interface Row {
  readonly at: number;
  readonly values: readonly (number | null)[];
}

function rowsOf(series: readonly Series[]): Row[] {
  const points = series[0]?.points ?? [];
  return points.map(([at], place) => ({
    at,
    values: series.map((one) => one.points[place]?.[1] ?? null),
  }));
}

function save({ file, series }: Props): void {
  download(
    [...file],
    ['time (UTC)', ...series.map(({ name }) => name)],
    rowsOf(series).map(({ at, values }) => [utc(at), ...values]),
  );
}

type TableProps = Pick<Props, 'title' | 'series' | 'format'> & { readonly height: number };

function TrendTable({ title, series, format, height }: TableProps): JSX.Element {
  const rows = rowsOf(series).toReversed();
  const long = (rows[0]?.at ?? 0) - (rows.at(-1)?.at ?? 0) > DAY_MS;
  const columns: Column<Row>[] = [
    {
      id: 'at',
      label: 'Time',
      cell: ({ at }) => <span title={utc(at)}>{long ? dateTime(at) : timeWithSeconds(at)}</span>,
      csv: ({ at }) => utc(at),
    },
    ...series.map(
      ({ name }, place): Column<Row> => ({
        id: name,
        label: name,
        width: 92,
        numeric: true,
        cell: ({ values }) => format(values[place] ?? Number.NaN),
        csv: ({ values }) => values[place],
      }),
    ),
  ];
  return (
    <div class="trend-table" style={{ '--trend-height': `${height}px` }}>
      <Table label={`${title} as a table`} columns={columns} rows={rows} rowKey={(row) => String(row.at)} />
    </div>
  );
}
