import { type Cell, csv, fileName } from '../../lib/csv';

/** Hands a table to the user as a CSV file. */
export function download(words: string[], head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  // The mark at the start tells spreadsheets that this is UTF-8.
  const url = URL.createObjectURL(new Blob(['\uFEFF', csv(head, rows)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName(...words);
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
