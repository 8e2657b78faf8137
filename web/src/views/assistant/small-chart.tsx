import type { JSX } from 'preact';
import { useCallback, useMemo } from 'preact/hooks';
import { Chart } from '../../charts/chart';
import { byteStep, timeOption } from '../../charts/options';
import type { Palette } from '../../charts/palette';
import { type Series, summary } from '../../charts/series';
import { bytes, duration, percent, shortCount } from '../../lib/format';
import type { Found, Value } from '../../lib/series';
import { plain } from '../../lib/text';

const FORMATS: Record<Value, (value: number) => string> = {
  bytes,
  ms: duration,
  percent,
  count: shortCount,
  rate: shortCount,
  money: (value) => value.toFixed(2),
};

/** A series out of a tool's result. */
export function SmallChart({ found, height }: { found: Found; height: number }): JSX.Element {
  const format = FORMATS[found.kind];
  const title = plain(found.label);
  const series = useMemo<Series[]>(
    () => [{ name: found.field, colour: 'size', points: found.points }],
    [found],
  );
  const option = useCallback(
    (palette: Palette) =>
      timeOption(
        { series, format, atLeast: 1, ...(found.kind === 'bytes' ? { step: byteStep } : {}) },
        palette,
      ),
    [series, format, found.kind],
  );
  return (
    <figure class="small-chart">
      <figcaption>{title}</figcaption>
      <Chart height={height} option={option} summary={summary(title, series, format)} />
    </figure>
  );
}
