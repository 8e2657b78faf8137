/** Figures in words: the one place that decides how a number looks. */

import { signal } from '@preact/signals';

/** How bytes are told: 1 KiB is 1,024 bytes, 1 kB is 1,000. */
export const byteUnits = signal<'binary' | 'decimal'>('binary');

const UNITS = {
  binary: { base: 1_024, names: ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] },
  decimal: { base: 1_000, names: ['kB', 'MB', 'GB', 'TB', 'PB', 'EB'] },
} as const;

/** What a unit of bytes is a power of. */
export function byteBase(): number {
  return UNITS[byteUnits.value].base;
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** What stands where there is no figure. */
export const NONE = '–';

/** Three significant digits, grouped: 0.976, 1.21, 10.0, 100, 1,234. */
function threeDigits(value: number): string {
  if (value < 0.9995) return value.toFixed(3);
  if (value < 9.995) return value.toFixed(2);
  if (value < 99.95) return value.toFixed(1);
  return grouped.format(value);
}

/** Bytes in the units that were chosen: `1.21 GiB`. */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  const { base, names } = UNITS[byteUnits.value];
  if (value < base) return `${grouped.format(value)} B`;
  let scaled = value / base;
  let unit = 0;
  // 999.5 rounds to four digits, so the next unit begins there.
  while (scaled >= 999.5 && unit + 1 < names.length) {
    scaled /= base;
    unit += 1;
  }
  return `${threeDigits(scaled)} ${names[unit]}`;
}

/** The exact number of bytes, for hover and for screen readers. */
export function exactBytes(value: number): string {
  return `${count(value)} ${value === 1 ? 'byte' : 'bytes'}`;
}

/** A whole number in full: `1,234`. */
export function count(value: number): string {
  return Number.isFinite(value) ? grouped.format(value) : NONE;
}

/** A whole number where room is scarce: `1,234`, `12.3 k`, `4.56 M`. */
export function shortCount(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  if (value < 9_999.5) return grouped.format(value);
  for (const [size, unit] of [
    [1e3, 'k'],
    [1e6, 'M'],
    [1e9, 'G'],
  ] as const) {
    if (value / size < 999.5 || unit === 'G') return `${threeDigits(value / size)} ${unit}`;
  }
  return grouped.format(value);
}

/** A number and its noun: `1 object`, `1,234 objects`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A duration given in milliseconds: `0.4 ms`, `45 ms`, `1.2 s`, `3 min 5 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return NONE;
  if (ms === 0) return '0 ms';
  if (ms < 9.95) return `${ms < 0.05 ? '<0.1' : ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 59_500) return `${(ms / 1000).toFixed(0)} s`;
  return span(ms / 1000);
}

/** A span of whole seconds in the two largest units: `45 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  let rest = whole;
  for (const [size, unit] of [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const) {
    const n = Math.floor(rest / size);
    rest -= n * size;
    if (n > 0) parts.push(`${n} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ') || '0 s';
}

/** A rate in percent: `0 %`, `0.12 %`, `6.1 %`, `100 %`. */
export function percent(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  if (value === 0) return '0 %';
  if (value < 0.01) return '<0.01 %';
  if (value < 1) return `${value.toFixed(2)} %`;
  if (value < 99.95) return `${value.toFixed(1)} %`;
  return `${value.toFixed(0)} %`;
}

/** A rate of events: `0`, `0.27`, `12.3`, `1,234`. */
export function rate(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  if (value === 0) return '0';
  if (value < 0.01) return '<0.01';
  if (value < 9.995) return value.toFixed(2);
  if (value < 99.95) return value.toFixed(1);
  return count(value);
}

/** The change against the period before, or nothing where there is none to speak of. */
export function change(now: number, before: number): string | undefined {
  if (!Number.isFinite(now) || !Number.isFinite(before) || before <= 0) return undefined;
  const ratio = (now - before) / before;
  if (Math.abs(ratio) < 0.005) return 'unchanged';
  const sign = ratio > 0 ? '+' : '−';
  if (ratio >= 10) return `${(now / before).toFixed(0)} ×`;
  return `${sign}${(Math.abs(ratio) * 100).toFixed(0)} %`;
}

/** Money: `$103.01`, `<$0.01`. Currencies that nobody knows are named by their code. */
export function money(value: number, currency: string): string {
  if (!Number.isFinite(value)) return NONE;
  const small = value > 0 && value < 0.005;
  const shown = small ? 0.01 : value;
  let text: string;
  try {
    text = new Intl.NumberFormat('en-US', { style: 'currency', currency }).format(shown);
  } catch {
    text = `${shown.toFixed(2)} ${currency}`;
  }
  return small ? `<${text}` : text;
}

/** A change with its sign: `+1.21 GiB`, `−3`. */
export function signed(value: number, show: (value: number) => string): string {
  if (value === 0) return show(0);
  return `${value > 0 ? '+' : '−'}${show(Math.abs(value))}`;
}
