import { expect, test } from 'vitest';
import { middle, plain, runs, splitTail } from './text';

test('what can not be seen is spelled out', () => {
  const shown = (
    [
      'logs/2024/01.gz',
      'a\u0000b\u001b[31m',
      'invoice\u202Egpj.exe',
      'zero\u200Bwidth',
      'line\nbreak\r\ttab',
      ' edge ',
      'no\u00A0break',
      'two  spaces',
    ] as const
  ).map(plain);
  expect(shown).toEqual([
    'logs/2024/01.gz',
    'a\\0b\\u{001B}[31m',
    'invoice\\u{202E}gpj.exe',
    'zero\\u{200B}width',
    'line\\nbreak\\r\\ttab',
    '\\u{0020}edge\\u{0020}',
    'no\\u{00A0}break',
    'two  spaces',
  ]);
});

test('markup is text like any other', () => {
  expect(runs('<img src=x onerror=alert(1)>')).toEqual([
    { text: '<img src=x onerror=alert(1)>', escaped: false },
  ]);
});

test('scripts and pictures stay readable', () => {
  expect(plain('отчёт/日本語/تقرير.pdf')).toBe('отчёт/日本語/تقرير.pdf');
  expect(plain('👩‍🚀.png')).toBe('👩‍🚀.png');
  expect(plain('a\u200Db')).toBe('a\\u{200D}b');
});

test('lone surrogates do not pass', () => {
  expect(plain('a\uD800b')).toBe('a\\u{D800}b');
});

test('the tail is cut between graphemes and never inside an escape', () => {
  const join = (parts: { text: string }[]) => parts.map((part) => part.text).join('');
  const cut = splitTail('prefix/e\u0301tude\u202E.txt', 12);
  expect(join(cut.head) + join(cut.tail)).toBe('prefix/e\u0301tude\\u{202E}.txt');
  expect(join(cut.tail)).toBe('\\u{202E}.txt');
  expect(splitTail('short', 12)).toEqual({ head: [], tail: [{ text: 'short', escaped: false }] });
});

test('a middle ellipsis keeps more of the end', () => {
  expect(middle('backups/database/2024-01-15/full.tar.zst', 20)).toBe('backups…full.tar.zst');
  expect(middle('short', 20)).toBe('short');
});
