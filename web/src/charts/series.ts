/** Points in time, ready to draw and to tell in words. */

import type { SeriesColour } from './palette';

export type Point = readonly [at: number, value: number | null];

export interface Series {
  readonly name: string;
  readonly colour: SeriesColour;
  /** What was not measured is drawn in dashes. */
  readonly dashed?: boolean;
  readonly points: readonly Point[];
}

/** Whether a point has no neighbour to be joined to by a line. */
export function isLone(points: readonly Point[], at: number): boolean {
  const value = (where: number) => points[where]?.[1] ?? null;
  return value(at) !== null && value(at - 1) === null && value(at + 1) === null;
}

/** What a reader who can't see the chart should know of it. */
export function summary(title: string, series: readonly Series[], format: (value: number) => string): string {
  const told = series.map(({ name, points }) => {
    const values = points.flatMap(([, value]) => (value === null ? [] : [value]));
    const last = values.at(-1);
    if (last === undefined) return `${name}: no data`;
    return `${name}: now ${format(last)}, lowest ${format(Math.min(...values))}, highest ${format(Math.max(...values))}`;
  });
  return `${title}. ${told.join('. ')}.`;
}
