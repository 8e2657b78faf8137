/** Times in the user's zone, or the one that was chosen, with UTC beside them. */

import { signal } from '@preact/signals';
import { span } from './format';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** In which zone times are told, by its IANA name; empty is the browser's own. */
export const timeZone = signal('');

function formatter(options: Intl.DateTimeFormatOptions): (ms: number) => string {
  let zone: string | undefined;
  let made: Intl.DateTimeFormat | undefined;
  return (ms) => {
    if (!made || zone !== timeZone.value) {
      zone = timeZone.value;
      made = new Intl.DateTimeFormat('sv-SE', zone ? { ...options, timeZone: zone } : options);
    }
    return made.format(ms);
  };
}

const date = formatter({ year: 'numeric', month: '2-digit', day: '2-digit' });
const clock = formatter({ hour: '2-digit', minute: '2-digit' });
const clockSeconds = formatter({ hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** `14:05`. */
export function timeOfDay(ms: number): string {
  return clock(ms);
}

/** `14:05:30`. */
export function timeWithSeconds(ms: number): string {
  return clockSeconds(ms);
}

/** `01-15`, for the axis of a chart over many days. */
export function monthDay(ms: number): string {
  return date(ms).slice(5);
}

/** `2024-01-15 14:05`. */
export function dateTime(ms: number): string {
  return `${date(ms)} ${clock(ms)}`;
}

/** `2024-01-15 13:05:30 UTC`. */
export function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Relative under a day, the date and time otherwise. */
export function ago(ms: number, now: number): string {
  const past = now - ms;
  // Two clocks never agree to the second.
  if (past < -MINUTE_MS || past >= DAY_MS) return dateTime(ms);
  if (past < 1_000) return 'just now';
  const seconds = past / 1_000;
  // Two units of a long span say more than anybody wants to know.
  const rough =
    seconds < 60
      ? seconds
      : seconds < 3_600
        ? Math.floor(seconds / 60) * 60
        : Math.floor(seconds / 3_600) * 3_600;
  return `${span(rough)} ago`;
}

/** An ISO time as milliseconds, or nothing when it is none. */
export function parseTime(text: string | null | undefined): number | undefined {
  if (!text) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
