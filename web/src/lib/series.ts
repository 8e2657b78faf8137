/** Finds what can be drawn in the result of a tool: lists of points in time. */

export type Value = 'bytes' | 'count' | 'ms' | 'percent' | 'money' | 'rate';

export interface Found {
  /** Where in the result the list stands, as a JSON pointer. */
  readonly path: string;
  readonly field: string;
  /** What it shows, in words. */
  readonly label: string;
  readonly kind: Value;
  readonly points: readonly (readonly [at: number, value: number | null])[];
}

const LEAST = 3;
const MOST = 2_000;
const TIMES = ['ts', 'at', 'time', 'from', 'hour', 'day'];

function steps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function valueAt(root: unknown, pointer: string): unknown {
  return steps(pointer).reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string, unknown>)[step]
        : undefined,
    root,
  );
}

export function kindOf(field: string, hint = ''): Value {
  const name = `${hint} ${field}`.toLowerCase();
  if (/bytes|size|stored/.test(name)) return 'bytes';
  if (/_ms|latency|p50|p95|p99/.test(name)) return 'ms';
  if (/percent|rate|share/.test(name)) return 'percent';
  if (/cost|price|amount/.test(name)) return 'money';
  return 'count';
}

function pointsOf(list: unknown, field: string): Found['points'] | undefined {
  if (!Array.isArray(list) || list.length < LEAST || list.length > MOST) return undefined;
  const first = list[0] as Record<string, unknown> | null;
  const time = TIMES.find(
    (name) => typeof first?.[name] === 'string' && !Number.isNaN(Date.parse(String(first[name]))),
  );
  if (!time) return undefined;
  const points = list.map((row: Record<string, unknown>) => {
    const value = row?.[field];
    return [Date.parse(String(row?.[time])), typeof value === 'number' ? value : null] as const;
  });
  if (points.some(([at]) => Number.isNaN(at))) return undefined;
  const numbers = points.filter(([, value]) => value !== null);
  // What was before anybody looked needs no room.
  const begin = points.findIndex(([, value]) => value !== null);
  return numbers.length < LEAST ? undefined : points.slice(begin);
}

/** The series that a cited value is a point of. */
export function seriesAround(root: unknown, pointer: string): Found | undefined {
  const parts = pointer.split('/');
  const [field, index] = [parts.at(-1) ?? '', parts.at(-2) ?? ''];
  const path = parts.slice(0, -2).join('/');
  if (!/^\d+$/.test(index) || path === '') return undefined;
  const points = pointsOf(valueAt(root, path), field);
  return points && { path, field, ...named(field, root), points };
}

/** The series that a result is about: a list at its top whose points have a `value`. */
export function mainSeries(root: unknown): Found | undefined {
  if (typeof root !== 'object' || root === null) return undefined;
  for (const [name, list] of Object.entries(root)) {
    const points = pointsOf(list, 'value');
    if (points) return { path: `/${name}`, field: 'value', ...named('value', root), points };
  }
  return undefined;
}

function named(field: string, root: unknown): Pick<Found, 'label' | 'kind'> {
  const told = root as Record<string, unknown> | null;
  const word = (value: unknown) => (typeof value === 'string' ? value : '');
  const metric = word(told?.metric);
  const what = (field === 'value' && metric ? metric : field).replaceAll('_', ' ');
  const where = word(told?.bucket) || word(told?.source_bucket);
  const label = where ? `${what} of ${where === '*' ? 'all buckets' : where}` : what;
  return { label, kind: kindOf(field, metric) };
}
