import { expect, test } from 'vitest';
import { csv, fileName } from './csv';

test('fields are quoted where they must be', () => {
  expect(
    csv(
      ['key', 'bytes'],
      [
        ['a,b', 1],
        ['say "hi"', 2],
        ['two\nlines', 3],
        [null, undefined],
      ],
    ),
  ).toBe('key,bytes\r\n"a,b",1\r\n"say ""hi""",2\r\n"two\nlines",3\r\n,\r\n');
});

test('formulas become text', () => {
  const hostile = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', ' =1', '＝1', '=HYPERLINK("http://x","y")'];
  const lines = csv(
    ['key'],
    hostile.map((key) => [key]),
  )
    .split('\r\n')
    .slice(1, -1);
  expect(lines).toEqual([
    "'=1+1",
    "'+1",
    "'-1",
    "'@SUM(A1)",
    "'\tx",
    '"\'\rx"',
    "' =1",
    "'＝1",
    '"\'=HYPERLINK(""http://x"",""y"")"',
  ]);
});

test('numbers stay numbers', () => {
  expect(csv(['n'], [[-5], [Number.NaN], [0]])).toBe('n\r\n-5\r\n\r\n0\r\n');
});

test('file names hold nothing odd', () => {
  expect(fileName('Largest', 'prod-assets', '../../e\u202Etc/')).toBe('largest-prod-assets-e-tc.csv');
  expect(fileName('///')).toBe('spacewatch.csv');
});
