/** The last ten minutes of operations as the server counted them, for the charts. */

import { signal } from '@preact/signals';
import type { Series } from '../api/answers';
import { series as askSeries } from '../api/tools';
import type { LayerId } from './route';

/** One step of time. Figures are absent where nothing happened, so that charts show a gap. */
export interface Step {
  readonly at: number;
  readonly operationsPerSecond: number;
  readonly errorRate: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export const series = signal<Readonly<Record<LayerId, readonly Step[]>>>({ api: [], s3: [] });

export function stepsOf(answer: Series): readonly Step[] {
  return answer.timestamps.map((begin, at) => {
    const measured = (answer.operations[at] ?? 0) > 0;
    const figure = (list: readonly number[]) => (measured ? (list[at] ?? null) : null);
    return {
      at: Date.parse(begin),
      operationsPerSecond: answer.operations_per_second[at] ?? 0,
      errorRate: figure(answer.error_rate_percent),
      p50: figure(answer.latency_p50_ms),
      p95: figure(answer.latency_p95_ms),
      p99: figure(answer.latency_p99_ms),
    };
  });
}

/** Asks for both layers. Charts keep what they have when there is no answer: the health panel tells of that. */
export async function refreshSeries(abort: AbortSignal): Promise<void> {
  const [api, s3] = await Promise.all([askSeries('api', abort), askSeries('s3', abort)]);
  series.value = { api: stepsOf(api), s3: stepsOf(s3) };
}
