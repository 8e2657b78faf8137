/** The period of the address, as moments. */

import type { Route } from './route';

const MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** How long `24h` is, in milliseconds. */
export function lengthOf(last: string): number | undefined {
  const found = /^(\d{1,4})([mhd])$/.exec(last);
  if (!found) return undefined;
  return Number(found[1]) * MS[found[2] as keyof typeof MS];
}

/** The period as the address names it. */
export type Period = Pick<Route, 'last' | 'from' | 'to'>;

export function periodOf({ last, from, to }: Period): Period {
  return { last, from, to };
}

export interface Moments {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Where the period begins and ends; a period up to now has no end, so its beginning is found anew each time somebody asks. `usual` is what holds where the address names none. */
export function momentsOf(to: Period, now: number, usual = ''): Moments {
  if (to.from || to.to) return { from: to.from || undefined, to: to.to || undefined };
  const length = lengthOf(to.last || usual);
  return {
    from: length === undefined ? undefined : new Date(now - length).toISOString(),
    to: undefined,
  };
}
