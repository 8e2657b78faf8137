/** Tables as CSV (RFC 4180) that a spreadsheet opens as data and never as formulas. */

export type Cell = string | number | null | undefined;

// The full-width forms are formulas too in some spreadsheets.
const FORMULA = /^[\s\0]*[=+\-@\t\r\n＝＋－＠]/;

function field(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const safe = FORMULA.test(cell) || /^[\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

/** A file name that every file system takes. */
export function fileName(...words: string[]): string {
  const name = words
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `${name.slice(0, 80) || 'spacewatch'}.csv`;
}
