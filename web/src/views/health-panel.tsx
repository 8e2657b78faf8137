import { Activity, CircleCheck, CircleDashed, OctagonAlert, RefreshCw, TriangleAlert } from 'lucide-preact';
import type { ComponentChildren, JSX } from 'preact';
import type { Health, OperationTypeMetrics, StorageMetrics } from '../api/answers';
import {
  bytes,
  change,
  count,
  counted,
  duration,
  exactBytes,
  percent,
  rate,
  shortCount,
  span,
} from '../lib/format';
import { dateTime, parseTime, timeWithSeconds, utc } from '../lib/time';
import {
  countdown,
  type Figures,
  figuresOf,
  health,
  history,
  refreshHealth,
  sampleBefore,
} from '../state/health';
import { operationName } from '../state/operations';
import { hrefOf, type LayerId, route } from '../state/route';
import { series } from '../state/series';
import type { Level, Verdict } from '../state/verdict';
import { download } from './parts/download';
import { Figure, Panel, Segments } from './parts/panel';
import { Popover } from './parts/popover';
import { Shared } from './parts/shared';
import { Empty, ProblemView, Skeleton } from './parts/states';
import { type Column, csvOf, Table } from './parts/table';
import { Trends } from './trends';

const LAYERS: readonly { value: LayerId; label: string }[] = [
  { value: 'api', label: 'Requests to SpaceWatch' },
  { value: 's3', label: 'Calls to the store' },
];

function metricsOf(answer: Health, layer: LayerId): StorageMetrics {
  return layer === 's3' && answer.s3_metrics ? answer.s3_metrics : answer.storage_metrics;
}

/** Storage operations of the last minutes, in figures, over time and by type. */
export function HealthPanel({ verdict }: { verdict: Verdict }): JSX.Element {
  const { answer, problem } = health.value;
  // Servers that don't tell of their calls to the store have nothing to choose from.
  const hasStore = answer?.s3_metrics !== undefined;
  const layer = hasStore ? route.value.layer : 'api';
  const choices = LAYERS.map((choice) => ({
    ...choice,
    href: hrefOf({ page: 'overview', layer: choice.value }),
  }));
  return (
    <Panel
      flush
      title={
        <>
          Storage operations health
          <StatusBadge verdict={verdict} />
        </>
      }
      tools={
        <>
          {hasStore && <Segments label="Which operations" value={layer} choices={choices} />}
          <Countdown />
        </>
      }
      foot={answer && <Coverage answer={answer} metrics={metricsOf(answer, layer)} />}
    >
      {problem && !answer && <ProblemView problem={problem} retry={() => void refreshHealth()} />}
      {!problem && !answer && <Skeleton rows={9} label="Asking for the health of storage operations" />}
      {answer && (
        <div class={problem ? 'stale' : undefined}>
          <KeyFigures metrics={metricsOf(answer, layer)} layer={layer} />
          <Trends steps={series.value[layer]} layer={layer} />
          <Breakdown metrics={metricsOf(answer, layer)} layer={layer} />
        </div>
      )}
    </Panel>
  );
}

const BADGE_ICONS = {
  good: CircleCheck,
  quiet: CircleDashed,
  warn: TriangleAlert,
  bad: OctagonAlert,
} as const satisfies Record<Level, unknown>;

function StatusBadge({ verdict }: { verdict: Verdict }): JSX.Element {
  const Icon = BADGE_ICONS[verdict.level];
  return (
    <span class={`badge badge-${verdict.level}`}>
      <Icon size={13} aria-hidden="true" />
      {verdict.word}
    </span>
  );
}

function Countdown(): JSX.Element {
  const { asking } = health.value;
  const left = countdown.value;
  const text = asking ? 'Refreshing …' : left === undefined ? 'Paused' : `Next in ${left} s`;
  return (
    <button
      type="button"
      class="refresh countdown"
      title="Refresh now (r)"
      onClick={() => void refreshHealth()}
    >
      <span class="hidden-text">Refresh now. </span>
      <span>{text}</span>
      <RefreshCw size={14} class={asking ? 'turning' : undefined} aria-hidden="true" />
    </button>
  );
}

function Coverage({ answer, metrics }: { answer: Health; metrics: StorageMetrics }): JSX.Element {
  const at = parseTime(metrics.timestamp) ?? health.value.at ?? 0;
  const face = `as of ${timeWithSeconds(at)} · last ${span(metrics.window_seconds)} · every operation counted`;
  return (
    <Popover label="Where these figures come from:" face={face} faceClass="coverage" above>
      {() => (
        <dl class="facts">
          <dt>Measured at</dt>
          <dd>{utc(at)}</dd>
          <dt>In your zone</dt>
          <dd>{dateTime(at)}</dd>
          <dt>Window</dt>
          <dd>{span(metrics.window_seconds)}, sliding</dd>
          <dt>Operations in it</dt>
          <dd>{count(metrics.total_operations_5m)}</dd>
          <dt>Server up for</dt>
          <dd>{span(answer.uptime_seconds)}</dd>
        </dl>
      )}
    </Popover>
  );
}

function compared(now: number, before: number | null | undefined, window: string): string | undefined {
  const text = before === null || before === undefined ? undefined : change(now, before);
  if (text === undefined) return undefined;
  return text === 'unchanged' ? `unchanged in ${window}` : `${text} in ${window}`;
}

function KeyFigures({ metrics, layer }: { metrics: StorageMetrics; layer: LayerId }): JSX.Element {
  const window = span(metrics.window_seconds);
  const now = figuresOf(metrics);
  const earlier: Figures | null | undefined = sampleBefore(history.value, metrics.window_seconds * 1_000)?.[
    layer
  ];
  // A young server's windows grow: those of different lengths are not compared.
  const before = earlier?.window === now.window ? earlier : undefined;
  const latency = (ms: number | null) => (ms === null ? { value: '–' } : split(duration(ms)));
  const errors = metrics.error_rate_percent;
  const tone = errors > 10 ? 'bad' : errors >= 5 ? 'warn' : undefined;
  return (
    <dl class="figures figures-health">
      <Figure
        label="Operations per second"
        value={rate(metrics.operations_per_second)}
        unit="/s"
        note={compared(metrics.operations_per_second, before?.operationsPerSecond, window)}
      />
      <Figure
        label={`Total in ${window}`}
        value={shortCount(metrics.total_operations_5m)}
        exact={counted(metrics.total_operations_5m, 'operation')}
        note={compared(metrics.total_operations_5m, before?.operations, window)}
      />
      <Figure
        label="Error rate"
        {...split(percent(errors))}
        tone={tone}
        note={`${count(metrics.error_operations_5m)} failed`}
      />
      <Figure
        label="Transfer per second"
        {...split(bytes(metrics.bytes_per_second), '/s')}
        exact={exactBytes(metrics.total_bytes_transferred_5m)}
        note={`${bytes(metrics.total_bytes_transferred_5m)} in ${window}`}
      />
      <Figure label="Latency p50" {...latency(now.p50)} note={compared(now.p50 ?? 0, before?.p50, window)} />
      <Figure label="Latency p95" {...latency(now.p95)} note={compared(now.p95 ?? 0, before?.p95, window)} />
      <Figure label="Latency p99" {...latency(now.p99)} note={compared(now.p99 ?? 0, before?.p99, window)} />
      <Figure
        label="Average latency"
        {...latency(now.average)}
        note={compared(now.average ?? 0, before?.average, window)}
      />
    </dl>
  );
}

/** `45 ms` as figure and unit. */
function split(text: string, more = ''): { value: string; unit?: string } {
  const at = text.lastIndexOf(' ');
  return at < 0 ? { value: text } : { value: text.slice(0, at), unit: text.slice(at + 1) + more };
}

interface Row extends OperationTypeMetrics {
  readonly type: string;
  readonly share: number;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'type',
    label: 'Operation',
    cell: (row) => <Named type={row.type} />,
    csv: (row) => row.type,
    sortBy: (row) => operationName(row.type),
  },
  {
    id: 'requests',
    label: 'Requests',
    width: 150,
    numeric: true,
    cell: (row) => <Shared percent={row.share}>{count(row.request_count)}</Shared>,
    csv: (row) => row.request_count,
    sortBy: (row) => row.request_count,
  },
  {
    id: 'errors',
    label: 'Errors',
    width: 80,
    numeric: true,
    cell: (row) => <Errors n={row.error_count}>{count(row.error_count)}</Errors>,
    csv: (row) => row.error_count,
    sortBy: (row) => row.error_count,
  },
  {
    id: 'rate',
    label: 'Error rate',
    width: 96,
    numeric: true,
    wide: true,
    cell: (row) => <Errors n={row.error_count}>{percent(row.error_rate_percent)}</Errors>,
    csv: (row) => row.error_rate_percent,
    sortBy: (row) => row.error_rate_percent,
  },
  {
    id: 'bytes',
    label: 'Transfer',
    width: 104,
    numeric: true,
    wide: true,
    cell: (row) => <span title={exactBytes(row.bytes_transferred)}>{bytes(row.bytes_transferred)}</span>,
    csv: (row) => row.bytes_transferred,
    sortBy: (row) => row.bytes_transferred,
  },
  latencyColumn('p50', true),
  latencyColumn('p95', false),
  latencyColumn('p99', true),
];

function latencyColumn(id: 'p50' | 'p95' | 'p99', wide: boolean): Column<Row> {
  return {
    id,
    label: id,
    width: 84,
    numeric: true,
    wide,
    cell: (row) => duration(row[id]),
    csv: (row) => row[id],
    sortBy: (row) => row[id],
  };
}

function Named({ type }: { type: string }): JSX.Element {
  const name = operationName(type);
  return (
    <span title={type}>
      {name}
      {name !== type && <span class="operation-type">{type}</span>}
    </span>
  );
}

function Errors({ n, children }: { n: number; children: ComponentChildren }): JSX.Element {
  return <span class={n > 0 ? 'cell-bad' : 'muted'}>{children}</span>;
}

function Breakdown({ metrics, layer }: { metrics: StorageMetrics; layer: LayerId }): JSX.Element {
  const total = Math.max(1, metrics.total_operations_5m);
  const rows = Object.entries(metrics.operation_breakdown)
    .filter(([, figures]) => figures.request_count > 0)
    .map(([type, figures]): Row => ({ ...figures, type, share: (figures.request_count * 100) / total }))
    .toSorted((a, b) => b.request_count - a.request_count);
  if (rows.length === 0) {
    return (
      <div class="breakdown">
        <Empty
          title={`No storage operations in the last ${span(metrics.window_seconds)}`}
          icon={<Activity size={20} aria-hidden="true" />}
        >
          <p>
            Every listing, summary and query that goes through SpaceWatch counts here. Open a bucket to see
            the first.
          </p>
          <a class="button" href={hrefOf({ page: 'storage' })}>
            Open storage
          </a>
        </Empty>
      </div>
    );
  }
  const save = () => download(['operations', layer], ...csvOf(COLUMNS, rows));
  return (
    <div class="breakdown">
      <div class="breakdown-head">
        <h3>By type, last {span(metrics.window_seconds)}</h3>
        <button type="button" class="button button-small button-bare" onClick={save}>
          Download CSV
        </button>
      </div>
      <Table label="Operations by type" columns={COLUMNS} rows={rows} rowKey={(row) => row.type} sortable />
    </div>
  );
}
