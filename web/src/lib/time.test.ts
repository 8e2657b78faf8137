import { expect, test } from 'vitest';
import { ago, dateTime, parseTime, timeZone, utc } from './time';

const noon = Date.parse('2024-01-15T12:00:00Z');

test('relative only under a day', () => {
  const shown = [0, 5, 65, 3_700, 86_000].map((seconds) => ago(noon - seconds * 1000, noon));
  expect(shown).toEqual(['just now', '5 s ago', '1 min ago', '1 h ago', '23 h ago']);
  expect(ago(noon - 90_000_000, noon)).toBe(dateTime(noon - 90_000_000));
  expect(ago(noon + 5_000, noon)).toBe('just now');
  expect(ago(noon + 90_000, noon)).toBe(dateTime(noon + 90_000));
});

test('UTC is spelled out', () => {
  expect(utc(noon)).toBe('2024-01-15 12:00:00 UTC');
});

test('what is no time is nothing', () => {
  expect([parseTime('2024-01-15T12:00:00Z'), parseTime('soon'), parseTime(null), parseTime('')]).toEqual([
    noon,
    undefined,
    undefined,
    undefined,
  ]);
});

test('times in the zone that was chosen', () => {
  timeZone.value = 'Asia/Singapore';
  try {
    expect(dateTime(Date.parse('2026-11-23T20:30:00Z'))).toBe('2026-11-24 04:30');
    timeZone.value = 'UTC';
    expect(dateTime(Date.parse('2026-11-23T20:30:00Z'))).toBe('2026-11-23 20:30');
  } finally {
    timeZone.value = '';
  }
});
