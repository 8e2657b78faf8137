import { expect, test } from 'vitest';
import { type Block, type Line, parseMarkdown, split } from './markdown';

const line = (pieces: Line) =>
  pieces
    .map(
      ({ text, style }) =>
        ({ plain: text, code: `‹${text}›`, strong: `«${text}»`, emphasis: `_${text}_` })[style],
    )
    .join('');

function told(block: Block): string {
  if (block.kind === 'code') return `code: ${block.text}`;
  if (block.kind === 'list')
    return `${block.ordered ? 'ol' : 'ul'}: ${block.items.map((item) => item.map(line).join(' + ')).join(' / ')}`;
  if (block.kind === 'table')
    return `table ${block.right}: ${[block.head, ...block.rows].map((row) => row.map(line).join(' ; ')).join(' / ')}`;
  return `${block.kind}: ${block.lines.map(line).join(' / ')}`;
}

const shown = (source: string) => parseMarkdown(source).map(told);

test('paragraphs, headings, lists, tables and code', () => {
  expect(shown('a **b** c\nd\n\n# e\n- f\n  more\n* `g`\n\n1. h\n2. i\n```sh\nj *k*\n```\nl')).toEqual([
    'paragraph: a «b» c / d',
    'heading: e',
    'ul: f + more / ‹g›',
    'ol: h / i',
    'code: j *k*',
    'paragraph: l',
  ]);
  expect(shown('| a | b |\n| --- | ---: |\n| `x|y` | 1 \\| 2 | more |\n\nafter')).toEqual([
    'table false,true: a ; b / ‹x|y› ; 1 | 2',
    'paragraph: after',
  ]);
});

test('what could reach out stays text', () => {
  for (const hostile of [
    '<img src=x onerror=alert(1)>',
    '[click](https://evil.example)',
    '![p](https://evil.example/p.png)',
    '<https://evil.example>',
    '[a]: https://evil.example',
  ])
    expect(shown(hostile)).toEqual([`paragraph: ${hostile}`]);
});

test('unfinished text, as it streams in, is shown as it is', () => {
  expect(shown('a **b')).toEqual(['paragraph: a **b']);
  expect(shown('| a | b')).toEqual(['paragraph: | a | b']);
  expect(shown('```\nx')).toEqual(['code: x']);
  expect(shown('5 * 3 * 2, snake_case_name')).toEqual(['paragraph: 5 * 3 * 2, snake_case_name']);
  expect(parseMarkdown('')).toEqual([]);
});

test('every piece stands where it says', () => {
  const source = 'x **7** `y`\n\n| a | b |\n|---|---|\n|  1.2 GiB | **z** |\n- *q*\n';
  const pieces = parseMarkdown(source).flatMap((block): Line => {
    if (block.kind === 'list') return block.items.flat(2);
    if (block.kind === 'table') return [...block.head, ...block.rows.flat()].flat();
    return block.kind === 'code' ? [] : block.lines.flat();
  });
  expect(pieces.length).toBe(9);
  for (const { text, at } of pieces) expect(source.slice(at, at + text.length)).toBe(text);
});

test('a piece is cut where marks begin and end', () => {
  const marks = [
    { from: 2, to: 4, of: 'a' },
    { from: 6, to: 20, of: 'b' },
  ];
  expect(split('12345678', 0, marks)).toEqual([
    { text: '12', of: undefined },
    { text: '34', of: 'a' },
    { text: '56', of: undefined },
    { text: '78', of: 'b' },
  ]);
  expect(split('xy', 10, marks)).toEqual([{ text: 'xy', of: 'b' }]);
  expect(split('xy', 30, marks)).toEqual([{ text: 'xy', of: undefined }]);
});

test('a long hostile text is read in reasonable time', () => {
  const source = '**a '.repeat(20_000) + '|'.repeat(20_000) + '`'.repeat(20_001);
  expect(parseMarkdown(source).length).toBeGreaterThan(0);
});
