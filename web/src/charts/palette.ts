/** The colours of the page, for what is drawn on a canvas. */

export interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly panel: string;
  readonly operations: string;
  readonly errors: string;
  readonly p50: string;
  readonly p95: string;
  readonly p99: string;
  readonly size: string;
  readonly warn: string;
  readonly bad: string;
  readonly sans: string;
  readonly mono: string;
}

export type SeriesColour = 'operations' | 'errors' | 'p50' | 'p95' | 'p99' | 'size';

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: token('text'),
    muted: token('text-muted'),
    line: token('line'),
    panel: token('panel'),
    operations: token('series-operations'),
    errors: token('series-errors'),
    p50: token('series-p50'),
    p95: token('series-p95'),
    p99: token('series-p99'),
    size: token('series-size'),
    warn: token('warn'),
    bad: token('bad'),
    sans: token('sans'),
    mono: token('mono'),
  };
}
