/** What ECharts is told to draw. */

import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts';
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { byteBase } from '../lib/format';
import { dateTime, monthDay, timeOfDay, timeWithSeconds } from '../lib/time';
import type { Palette } from './palette';
import { isLone, type Series } from './series';

export type Option = ComposeOption<
  LineSeriesOption | BarSeriesOption | GridComponentOption | TooltipComponentOption
>;

export interface TimeChart {
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** Lines that mean something when crossed. */
  readonly thresholds?: readonly { readonly value: number; readonly tone: 'warn' | 'bad' }[];
  readonly log?: boolean;
  /** The least the value axis spans, so that noise doesn't look like a mountain. */
  readonly atLeast: number;
  /** How far apart the lines of the value axis are, where round decimal numbers aren't round. */
  readonly step?: (max: number) => number;
}

/** Less than this on the time axis looks like noise. */
const MIN_SPAN_MS = 2 * 60_000;
/** Beyond this the time of day alone doesn't say when. */
const MANY_HOURS_MS = 30 * 3_600_000;

export function timeOption(chart: TimeChart, palette: Palette): Option {
  const times = chart.series.flatMap((series) => series.points.map(([at]) => at));
  const end = Math.max(...times);
  const start = Math.min(Math.min(...times), end - MIN_SPAN_MS);
  const values = chart.series.flatMap((series) => series.points.flatMap(([, value]) => value ?? []));
  const most = Math.max(chart.atLeast, ...values);
  const step = chart.step?.(most);
  return {
    animation: false,
    textStyle: { fontFamily: palette.sans },
    grid: {
      left: 4,
      right: 34,
      top: 10,
      bottom: 2,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    tooltip: tooltip(chart, palette),
    xAxis: {
      type: 'time',
      min: start,
      max: end,
      splitNumber: 4,
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: {
        color: palette.muted,
        fontSize: 11,
        hideOverlap: true,
        formatter: (at: number) => (end - start > MANY_HOURS_MS ? monthDay(at) : timeOfDay(at)),
      },
      splitLine: { show: false },
    },
    yAxis: {
      type: chart.log ? 'log' : 'value',
      ...(chart.log
        ? {}
        : {
            min: 0,
            ...(step === undefined
              ? {
                  max: (range: { max: number }) =>
                    (range.max < chart.atLeast ? chart.atLeast : null) as number,
                }
              : { max: Math.ceil(most / step) * step, interval: step }),
          }),
      splitNumber: 3,
      axisLabel: { color: palette.muted, fontSize: 11, formatter: (value: number) => chart.format(value) },
      splitLine: { lineStyle: { color: palette.line, opacity: 0.7 } },
    },
    series: chart.series.map((series, at) =>
      lineSeries(series, palette, at === 0 ? chart.thresholds : undefined),
    ),
  };
}

function lineSeries(series: Series, palette: Palette, thresholds: TimeChart['thresholds']): LineSeriesOption {
  const colour = palette[series.colour];
  const few = series.points.length < 8;
  const line: LineSeriesOption = {
    type: 'line',
    name: series.name,
    data: series.points.map(([at, value]) => [at, value ?? Number.NaN]),
    connectNulls: false,
    showSymbol: true,
    symbol: 'circle',
    symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) =>
      few || isLone(series.points, dataIndex) ? 5 : 0,
    lineStyle: { width: 1.75, color: colour, type: series.dashed ? 'dashed' : 'solid' },
    itemStyle: { color: colour },
    emphasis: { disabled: true },
    endLabel: {
      show: series.name.length <= 4,
      formatter: series.name,
      color: palette.muted,
      fontSize: 11,
      distance: 5,
    },
    labelLayout: { moveOverlap: 'shiftY' },
  };
  if (thresholds) line.markLine = markLine(thresholds, palette);
  return line;
}

function markLine(
  thresholds: NonNullable<TimeChart['thresholds']>,
  palette: Palette,
): NonNullable<LineSeriesOption['markLine']> {
  return {
    silent: true,
    symbol: 'none',
    label: { show: false },
    data: thresholds.map(({ value, tone }) => ({
      yAxis: value,
      lineStyle: { color: palette[tone], type: 'dashed', width: 1, opacity: 0.8 },
    })),
  };
}

interface Hovered {
  readonly seriesName?: string;
  readonly color?: unknown;
  readonly value?: unknown;
}

function tooltip(chart: TimeChart, palette: Palette): TooltipComponentOption {
  return {
    trigger: 'axis',
    appendTo: 'body',
    className: 'chart-tip',
    transitionDuration: 0,
    backgroundColor: palette.panel,
    borderColor: palette.line,
    borderWidth: 1,
    padding: 8,
    textStyle: { color: palette.text, fontSize: 12 },
    extraCssText: 'box-shadow:none',
    axisPointer: { type: 'line', lineStyle: { color: palette.muted, type: 'solid', opacity: 0.6 } },
    // Elements and not markup: the content security policy allows no inline styles, and names may be hostile.
    formatter: (params: unknown) =>
      tip(Array.isArray(params) ? (params as Hovered[]) : [params as Hovered], chart),
  } as TooltipComponentOption;
}

function momentText(at: number, { series }: TimeChart): string {
  const points = series[0]?.points ?? [];
  const length = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  return length > MANY_HOURS_MS ? dateTime(at) : timeWithSeconds(at);
}

function tip(hovered: Hovered[], chart: TimeChart): HTMLElement {
  const rows = hovered
    .map(({ seriesName = '', color, value }) => ({
      seriesName,
      color,
      pair: value as [number, number | null],
    }))
    .filter(({ pair }) => Number.isFinite(pair[1]))
    .toSorted((a, b) => (b.pair[1] ?? 0) - (a.pair[1] ?? 0));
  const box = document.createElement('div');
  const at = (hovered[0]?.value as [number] | undefined)?.[0];
  box.append(element('div', 'chart-tip-time', at === undefined ? '' : momentText(at, chart)));
  for (const { seriesName, color, pair } of rows) {
    const row = element('div', 'chart-tip-row', '');
    const mark = element('span', 'chart-tip-mark', '');
    mark.style.backgroundColor = String(color);
    row.append(
      mark,
      element('span', 'chart-tip-name', seriesName),
      element('span', 'chart-tip-value', chart.format(pair[1] ?? 0)),
    );
    box.append(row);
  }
  if (rows.length === 0) box.append(element('div', 'muted', 'no data'));
  return box;
}

function element(name: string, className: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
}

/** A step of 1, 2 or 5 in the unit of bytes that fits, so that four or so make up the axis. */
export function byteStep(max: number): number {
  const wished = Math.max(1, max) / 4;
  const base = byteBase();
  const unit = base ** Math.floor(Math.log(wished) / Math.log(base));
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, base / 2, base];
  return (steps.find((step) => step * unit >= wished) ?? base) * unit;
}

/** Ranks as bars from zero, the largest on top. */
export function barOption(bars: readonly Bar[], format: (value: number) => string, palette: Palette): Option {
  const max = Math.max(1, ...bars.map((bar) => bar.value));
  const step = byteStep(max);
  return {
    animation: false,
    textStyle: { fontFamily: palette.sans },
    grid: { left: 4, right: 72, top: 4, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: 'value',
      min: 0,
      max: Math.ceil(max / step) * step,
      interval: step,
      axisLabel: {
        color: palette.muted,
        fontSize: 11,
        hideOverlap: true,
        formatter: (value: number) => format(value),
      },
      splitLine: { lineStyle: { color: palette.line, opacity: 0.7 } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map((bar) => bar.label),
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: { color: palette.text, fontSize: 12, fontFamily: palette.mono, interval: 0 },
    },
    series: [
      {
        type: 'bar',
        data: bars.map((bar) => bar.value),
        barMaxWidth: 14,
        cursor: 'pointer',
        itemStyle: { color: palette.size, borderRadius: [0, 2, 2, 0] },
        label: {
          show: true,
          position: 'right',
          color: palette.muted,
          fontSize: 12,
          formatter: ({ value }: { value: unknown }) => format(Number(value)),
        },
      },
    ],
  } as Option;
}
