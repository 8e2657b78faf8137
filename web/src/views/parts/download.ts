import { type Cell, csv, fileName } from '../../lib/csv';

/** Hands a table to the user as a CSV file. */
export function download(words: string[], head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  // The mark at the start tells spreadsheets that this is UTF-8.
  save(new Blob(['\uFEFF', csv(head, rows)], { type: 'text/csv;charset=utf-8' }), fileName(...words));
}

/** Hands a file to the user. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
