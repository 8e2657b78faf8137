/**
 * Text that others wrote: bucket names, object keys, messages of a store. It is shown as it is, except for what
 * the eye can't see or what reorders the line; that is spelled out.
 */

/** A run of text; `escaped` runs stand for characters that would not show. */
export interface Run {
  readonly text: string;
  readonly escaped: boolean;
}

// Controls, format characters (bidi overrides, zero widths), line and paragraph separators, lone surrogates, private use, and
// every space but the common one.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]|(?! )\p{Zs}/u;
const PICTOGRAPH = /\p{Extended_Pictographic}/u;
const NAMES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' };

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return NAMES[character] ?? `\\u{${code.toString(16).toUpperCase().padStart(4, '0')}}`;
}

/** Whether a joiner sits inside an emoji, where it is part of the picture. */
function joinsEmoji(characters: string[], at: number): boolean {
  if (characters[at] !== '\u200D') return false;
  const before = characters[at - 1] === '\uFE0F' ? characters[at - 2] : characters[at - 1];
  const after = characters[at + 1];
  return before !== undefined && after !== undefined && PICTOGRAPH.test(before) && PICTOGRAPH.test(after);
}

/** Cuts text into runs that can be shown and runs that had to be spelled out; a piece of a longer text may begin and end with spaces. */
export function runs(text: string, isPiece = false): Run[] {
  const characters = [...text];
  const found: { text: string; escaped: boolean }[] = [];
  characters.forEach((character, at) => {
    const edge = !isPiece && character === ' ' && (at === 0 || at === characters.length - 1);
    const hidden = HIDDEN.test(character) && !joinsEmoji(characters, at);
    const escaped = edge || hidden;
    const shown = escaped ? spelled(character) : character;
    const last = found.at(-1);
    if (last && last.escaped === escaped && !escaped) last.text += shown;
    else found.push({ text: shown, escaped });
  });
  return found;
}

/** The same as one plain string, for titles, labels and canvas. */
export function plain(text: string): string {
  return runs(text)
    .map((run) => run.text)
    .join('');
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The graphemes of a run; what was spelled out stays whole. */
function pieces(run: Run): Run[] {
  if (run.escaped) return [run];
  return Array.from(graphemes.segment(run.text), ({ segment }) => ({ text: segment, escaped: false }));
}

/** Joins neighbouring plain pieces again, so that a key is a few nodes and not a hundred. */
function joined(parts: Run[]): Run[] {
  const found: { text: string; escaped: boolean }[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (last && !last.escaped && !part.escaped) last.text += part.text;
    else found.push({ ...part });
  }
  return found;
}

/** Splits a text for an ellipsis in the middle: the tail always shows, because the end of a key matters. */
export function splitTail(text: string, tail: number): { head: Run[]; tail: Run[] } {
  const all = runs(text).flatMap(pieces);
  let width = 0;
  let at = all.length;
  while (at > 0 && width < tail) {
    at -= 1;
    width += all[at]?.text.length ?? 0;
  }
  return { head: joined(all.slice(0, at)), tail: joined(all.slice(at)) };
}

/** A text shortened in the middle to at most `room` shown characters, for places that can't measure. */
export function middle(text: string, room: number): string {
  const all = runs(text).flatMap(pieces);
  const length = all.reduce((sum, piece) => sum + piece.text.length, 0);
  if (length <= room) return all.map((piece) => piece.text).join('');
  const end = Math.ceil((room - 1) * 0.6);
  const start = room - 1 - end;
  return `${take(all, start)}…${take(all.toReversed(), end, true)}`;
}

function take(parts: Run[], room: number, fromEnd = false): string {
  let shown = '';
  for (const part of parts) {
    if (shown.length + part.text.length > room) break;
    shown = fromEnd ? part.text + shown : shown + part.text;
  }
  return shown;
}

/** With a capital at its start, as a sentence of its own. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
