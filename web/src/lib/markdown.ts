/**
 * The little of Markdown that an answer may use: paragraphs, headings, lists, tables and code, bold and italic. Everything else is
 * plain text: no HTML, no links, no pictures. Each piece knows where in the source it stands, so that figures in it can be marked.
 */

export type Style = 'plain' | 'code' | 'strong' | 'emphasis';

/** A piece of text in one style, and where it stands in the source. */
export interface Piece {
  readonly text: string;
  readonly at: number;
  readonly style: Style;
}

export type Line = readonly Piece[];

export type Block =
  | { readonly kind: 'paragraph' | 'heading'; readonly lines: readonly Line[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Line[])[] }
  | {
      readonly kind: 'table';
      readonly head: readonly Line[];
      readonly right: readonly boolean[];
      readonly rows: readonly (readonly Line[])[];
    }
  | { readonly kind: 'code'; readonly text: string; readonly at: number };

interface Row {
  readonly text: string;
  readonly at: number;
}

const LIST = /^\s{0,6}(?:[-*+]|(\d{1,4})[.)])\s+/;
const HEADING = /^\s{0,3}#{1,6}\s+/;
const FENCE = /^\s{0,3}(?:```|~~~)/;
const RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

function rowsOf(source: string): Row[] {
  const found: Row[] = [];
  let at = 0;
  for (const text of source.split('\n')) {
    found.push({ text: text.replace(/\r$/, ''), at });
    at += text.length + 1;
  }
  return found;
}

export function parseMarkdown(source: string): Block[] {
  const rows = rowsOf(source);
  const blocks: Block[] = [];
  let at = 0;
  while (at < rows.length) {
    const row = rows[at];
    if (!row || row.text.trim() === '') {
      at += 1;
      continue;
    }
    const [block, used] = blockAt(rows, at, row);
    blocks.push(block);
    at += used;
  }
  return blocks;
}

function blockAt(rows: readonly Row[], at: number, row: Row): [Block, number] {
  if (FENCE.test(row.text)) return fence(rows, at);
  const heading = HEADING.exec(row.text);
  if (heading) return [{ kind: 'heading', lines: [inline(after(row, heading[0].length))] }, 1];
  if (LIST.test(row.text)) return list(rows, at);
  if (isTable(rows, at)) return table(rows, at);
  return paragraph(rows, at);
}

function after(row: Row, length: number): Row {
  return { text: row.text.slice(length), at: row.at + length };
}

/** How many rows from there on fulfil something. */
function run(rows: readonly Row[], at: number, holds: (row: Row, at: number) => boolean): readonly Row[] {
  let end = at;
  for (let row = rows[end]; row && holds(row, end); row = rows[end]) end += 1;
  return rows.slice(at, end);
}

function fence(rows: readonly Row[], at: number): [Block, number] {
  const inside = run(rows, at + 1, (row) => !FENCE.test(row.text));
  const text = inside.map((row) => row.text).join('\n');
  return [{ kind: 'code', text, at: inside[0]?.at ?? 0 }, inside.length + 2];
}

/** An item goes on where the next row is indented and begins nothing of its own. */
function list(rows: readonly Row[], at: number): [Block, number] {
  const own = run(rows, at, (row) => LIST.test(row.text) || /^\s{2,}\S/.test(row.text));
  const ordered = LIST.exec(own[0]?.text ?? '')?.[1] !== undefined;
  const items: Line[][] = [];
  for (const row of own) {
    const marker = LIST.exec(row.text)?.[0];
    const line = inline(after(row, marker?.length ?? row.text.search(/\S/)));
    if (marker !== undefined || items.length === 0) items.push([line]);
    else items.at(-1)?.push(line);
  }
  return [{ kind: 'list', ordered, items }, own.length];
}

function isTable(rows: readonly Row[], at: number): boolean {
  const [head, rule] = [rows[at]?.text ?? '', rows[at + 1]?.text ?? ''];
  return head.includes('|') && rule.includes('-') && rule.includes('|') && RULE.test(rule);
}

function table(rows: readonly Row[], at: number): [Block, number] {
  const body = run(rows, at + 2, (row) => row.text.includes('|') && row.text.trim() !== '');
  const head = cells(rows[at] as Row);
  const right = cells(rows[at + 1] as Row).map((cell) => cell.text.trim().endsWith(':'));
  const block: Block = {
    kind: 'table',
    head: head.map(inline),
    right,
    rows: body.map((row) => cells(row).slice(0, head.length).map(inline)),
  };
  return [block, body.length + 2];
}

/** The cells of a row: a bar inside code or behind a backslash parts nothing. */
function cells(row: Row): Row[] {
  const found: Row[] = [];
  let start = 0;
  let inCode = false;
  const push = (end: number) => {
    const text = row.text.slice(start, end);
    const left = text.length - text.trimStart().length;
    found.push({ text: text.trim(), at: row.at + start + left });
    start = end + 1;
  };
  for (let at = 0; at < row.text.length; at += 1) {
    const character = row.text[at];
    if (character === '\\') at += 1;
    else if (character === '`') inCode = !inCode && row.text.includes('`', at + 1);
    else if (character === '|' && !inCode) push(at);
  }
  push(row.text.length);
  const outer = row.text.trim();
  if (outer.startsWith('|')) found.shift();
  if (outer.endsWith('|') && !outer.endsWith('\\|')) found.pop();
  return found;
}

function paragraph(rows: readonly Row[], at: number): [Block, number] {
  const own = run(
    rows,
    at,
    (row, place) =>
      place === at ||
      (row.text.trim() !== '' &&
        !FENCE.test(row.text) &&
        !HEADING.test(row.text) &&
        !LIST.test(row.text) &&
        !isTable(rows, place)),
  );
  return [{ kind: 'paragraph', lines: own.map(inline) }, own.length];
}

// Code first: nothing inside it means anything.
const INLINE =
  /`([^`]+)`|\*\*(?=\S)([^*]*[^*\s])\*\*|(?<![\w*])\*(?=[^\s*])([^*]*[^*\s])\*(?![\w*])|\\([\\`*_{}[\]()#+.!|<>~-])/g;

function inline(row: Row): Line {
  const found: Piece[] = [];
  const push = (text: string, at: number, style: Style) => {
    if (text !== '') found.push({ text, at: row.at + at, style });
  };
  let done = 0;
  for (const match of row.text.matchAll(INLINE)) {
    const [whole, code, strong, emphasis, escaped] = match;
    push(row.text.slice(done, match.index), done, 'plain');
    if (code !== undefined) push(code, match.index + 1, 'code');
    if (strong !== undefined) push(strong, match.index + 2, 'strong');
    if (emphasis !== undefined) push(emphasis, match.index + 1, 'emphasis');
    if (escaped !== undefined) push(escaped, match.index + 1, 'plain');
    done = match.index + whole.length;
  }
  push(row.text.slice(done), done, 'plain');
  return found;
}

/** A stretch of the source that means something beyond its words. */
export interface Mark<T> {
  readonly from: number;
  readonly to: number;
  readonly of: T;
}

export interface Marked<T> {
  readonly text: string;
  readonly of: T | undefined;
}

/** Cuts a piece where marks begin and end. Marks stand in order and don't overlap. */
export function split<T>(text: string, at: number, marks: readonly Mark<T>[]): Marked<T>[] {
  const found: Marked<T>[] = [];
  const end = at + text.length;
  let done = at;
  const push = (to: number, of: T | undefined) => {
    if (to > done) found.push({ text: text.slice(done - at, to - at), of });
    done = Math.max(done, to);
  };
  for (const mark of marks) {
    if (mark.to <= at || mark.from >= end) continue;
    push(Math.min(mark.from, end), undefined);
    push(Math.min(mark.to, end), mark.of);
  }
  push(end, undefined);
  return found;
}
