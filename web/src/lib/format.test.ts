import { expect, test } from 'vitest';
import {
  bytes,
  byteUnits,
  change,
  count,
  counted,
  duration,
  exactBytes,
  money,
  percent,
  rate,
  shortCount,
  signed,
  span,
} from './format';

test('bytes have three significant digits in binary units', () => {
  const shown = [0, 512, 1023, 1024, 10_240, 102_400, 1_023_488, 1_300_000_000, 2 ** 60].map(bytes);
  expect(shown).toEqual([
    '0 B',
    '512 B',
    '1,023 B',
    '1.00 KiB',
    '10.0 KiB',
    '100 KiB',
    '0.976 MiB',
    '1.21 GiB',
    '1.00 EiB',
  ]);
  expect(bytes(Number.NaN)).toBe('–');
  expect([exactBytes(1), exactBytes(1_300_000_000)]).toEqual(['1 byte', '1,300,000,000 bytes']);
});

test('counts are grouped, and shortened only where asked', () => {
  expect([count(0), count(1234), count(12_345_678)]).toEqual(['0', '1,234', '12,345,678']);
  expect([999, 1234, 12_345, 999_499, 999_500, 4_560_000, 7.8e9, 5e12].map(shortCount)).toEqual([
    '999',
    '1,234',
    '12.3 k',
    '999 k',
    '1.00 M',
    '4.56 M',
    '7.80 G',
    '5,000 G',
  ]);
  expect([counted(1, 'object'), counted(2, 'object'), counted(2, 'entry', 'entries')]).toEqual([
    '1 object',
    '2 objects',
    '2 entries',
  ]);
});

test('durations pick their unit', () => {
  expect([0, 0.01, 0.4, 9.96, 45.23, 999.6, 1234, 12_340, 185_000].map(duration)).toEqual([
    '0 ms',
    '<0.1 ms',
    '0.4 ms',
    '10 ms',
    '45 ms',
    '1.0 s',
    '1.2 s',
    '12 s',
    '3 min 5 s',
  ]);
  expect([0, 45, 60, 185, 7_800, 356_400].map(span)).toEqual([
    '0 s',
    '45 s',
    '1 min',
    '3 min 5 s',
    '2 h 10 min',
    '4 d 3 h',
  ]);
});

test('rates', () => {
  expect([0, 0.004, 0.123, 6.12, 100].map(percent)).toEqual(['0 %', '<0.01 %', '0.12 %', '6.1 %', '100 %']);
  expect([0, 0.001, 0.27, 12.34, 1234.5].map(rate)).toEqual(['0', '<0.01', '0.27', '12.3', '1,235']);
});

test('a change is told only against something', () => {
  expect(change(112, 100)).toBe('+12 %');
  expect(change(88, 100)).toBe('−12 %');
  expect(change(100.1, 100)).toBe('unchanged');
  expect(change(2000, 100)).toBe('20 ×');
  expect(change(5, 0)).toBeUndefined();
});

test('money and changes', () => {
  expect([money(103.014, 'USD'), money(0.001, 'USD'), money(0, 'EUR'), money(5, 'nonsense')]).toEqual([
    '$103.01',
    '<$0.01',
    '€0.00',
    '5.00 nonsense',
  ]);
  expect([signed(2_048, bytes), signed(-3, String), signed(0, String)]).toEqual(['+2.00 KiB', '−3', '0']);
});

test('bytes in decimal units, where somebody wants them', () => {
  byteUnits.value = 'decimal';
  try {
    expect([bytes(999), bytes(1_000), bytes(1_210_000_000)]).toEqual(['999 B', '1.00 kB', '1.21 GB']);
  } finally {
    byteUnits.value = 'binary';
  }
});
