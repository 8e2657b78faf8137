import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { TimeChart } from '../charts/options';
import type { Series } from '../charts/series';
import { duration, percent, rate, span } from '../lib/format';
import type { LayerId } from '../state/route';
import type { Step } from '../state/series';
import { Trend } from './parts/trend';

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
        <KindTrend key={kind.title} kind={kind} steps={steps} layer={layer} />
      ))}
    </div>
  );
}

function KindTrend({
  kind,
  steps,
  layer,
}: {
  kind: Kind;
  steps: readonly Step[];
  layer: LayerId;
}): JSX.Element {
  const { lines, ...rest } = kind;
  const series = useMemo<Series[]>(
    () =>
      lines.map(({ name, of, colour }) => ({
        name,
        colour,
        points: steps.map((step) => [step.at, step[of]]),
      })),
    [lines, steps],
  );
  return <Trend {...rest} series={series} group="trends" file={[kind.title, layer]} foot={context(steps)} />;
}

function context(steps: readonly Step[]): string {
  const [first, last] = [steps[0], steps.at(-1)];
  if (!first || !last) return 'The first ten seconds are being counted.';
  return `Last ${span((last.at - first.at) / 1_000 + 10)}, in steps of 10 s`;
}
