/** Lists whose shape isn't known beforehand, made into rows of simple fields. */

import { bytes, count, duration, NONE, percent, span } from './format';
import { dateTime, parseTime } from './time';

export type Cells = Readonly<Record<string, unknown>>;

const MOST_COLUMNS = 8;
const MOST_ROWS = 500;
const FIRST = ['name', 'id', 'task', 'rule', 'state', 'status', 'phase', 'severity'];

function isCells(value: unknown): value is Cells {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The list of that name, or the answer itself where it is one. */
export function listIn(answer: unknown, name: string): Cells[] {
  const list = isCells(answer) ? answer[name] : answer;
  return Array.isArray(list) ? list.filter(isCells).slice(0, MOST_ROWS) : [];
}

const isSimple = (value: unknown) => value === null || typeof value !== 'object';

/** The fields worth a column: simple ones, names and states first. */
export function namesOf(rows: readonly Cells[]): string[] {
  const names = new Set(rows.flatMap((row) => Object.keys(row).filter((name) => isSimple(row[name]))));
  const known = FIRST.filter((name) => names.has(name));
  return [...known, ...[...names].filter((name) => !known.includes(name))].slice(0, MOST_COLUMNS);
}

/** A field in words, by what its name says of its unit. */
export function cellText(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return NONE;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') {
    if (name.endsWith('_ms')) return duration(value);
    if (name.endsWith('_seconds') || name.endsWith('_sec')) return span(value);
    if (name.includes('bytes')) return bytes(value);
    if (name.includes('percent')) return percent(value);
    return Number.isInteger(value) ? count(value) : String(value);
  }
  if (typeof value !== 'string') return NONE;
  const at = /^\d{4}-\d{2}-\d{2}T/.test(value) ? parseTime(value) : undefined;
  return at === undefined ? value : dateTime(at);
}
