/**
 * The page that shows what a tool tells. `docs/pages.md` has the same table for those who write links elsewhere: a page's filters
 * have the names of the tool's arguments.
 */

import { hrefOf, type PageId, type Route, type Tab } from './route';

export type Args = Readonly<Record<string, unknown>>;

interface Target {
  readonly page: PageId;
  readonly tab?: Tab;
  readonly filters?: Readonly<Record<string, string>>;
}

const onPage = (page: PageId, more: Omit<Target, 'page'> = {}): Target => ({ page, ...more });

const TARGETS: Readonly<Record<string, Target>> = {
  buckets: onPage('storage'),
  browse: onPage('storage'),
  'list-all': onPage('storage'),
  'storage-summary': onPage('storage'),
  tree: onPage('storage'),
  inventory: onPage('storage'),
  'inventory-duplicates': onPage('storage'),
  'inventory-odd': onPage('storage'),
  'inventory-prefixes': onPage('storage'),
  'inventory-status': onPage('storage'),
  'inventory-uploads': onPage('storage'),
  'hot-cold': onPage('storage'),
  'top-largest': onPage('storage', { tab: 'largest' }),
  'recent-objects': onPage('storage', { tab: 'recent' }),
  'access-logs': onPage('traffic'),
  compare: onPage('traffic'),
  'leaked-key': onPage('traffic'),
  'metrics-query': onPage('traffic'),
  'object-audit': onPage('traffic'),
  'raw-line': onPage('traffic'),
  rejects: onPage('traffic'),
  'search-logs': onPage('traffic'),
  top: onPage('traffic'),
  'top-ips': onPage('traffic', { filters: { by: 'ip' } }),
  traffic: onPage('traffic'),
  'aggregate-series': onPage('overview'),
  'metrics-series': onPage('overview'),
  'metrics-sources': onPage('overview'),
  cost: onPage('cost'),
  'cost-egress': onPage('cost', { filters: { view: 'egress' } }),
  growth: onPage('cost', { filters: { view: 'growth' } }),
  findings: onPage('security'),
  posture: onPage('security', { filters: { view: 'settings' } }),
  suppressions: onPage('security', { filters: { view: 'suppressed' } }),
  anomalies: onPage('changes', { filters: { view: 'anomalies' } }),
  diff: onPage('changes'),
  ghosts: onPage('changes'),
};

/** Names of the Python original, which models driven by its protocol use. */
const ALIASES: Readonly<Record<string, string>> = {
  'list-objects': 'list-all',
  'list-access-logs': 'access-logs',
  'cost/egress': 'cost-egress',
};

/** Arguments that have a place of their own in an address, or none. */
const PLACED = new Set([
  'bucket',
  'source_bucket',
  'prefix',
  'source_prefix',
  'from',
  'to',
  'hours',
  'date_yyyy_mm_dd',
  'limit',
  'wait',
  'next',
  'max_age',
]);

const DAY_MS = 86_400_000;

function word(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(word).filter(Boolean).join(',');
  // What is not asked for needs no words.
  return typeof value === 'number' || value === true ? String(value) : '';
}

function periodOf(args: Args): Pick<Route, 'last' | 'from' | 'to'> {
  const day = Date.parse(`${word(args.date_yyyy_mm_dd)}T00:00:00Z`);
  if (!Number.isNaN(day))
    return { last: '', from: new Date(day).toISOString(), to: new Date(day + DAY_MS).toISOString() };
  const hours = Number(args.hours);
  const last = Number.isInteger(hours) && hours > 0 && hours <= 9_999 ? `${hours}h` : '';
  return { last, from: word(args.from), to: word(args.to) };
}

export function toolName(tool: string): string {
  const name = tool.replaceAll('_', '-');
  return ALIASES[name] ?? name;
}

/** The address of the page that shows the same, if there is one. */
export function pageOf(tool: string, args: Args): string | undefined {
  const target = Object.hasOwn(TARGETS, toolName(tool)) ? TARGETS[toolName(tool)] : undefined;
  if (!target) return undefined;
  const filters: Record<string, string> = { ...target.filters };
  for (const [name, value] of Object.entries(args))
    if (!PLACED.has(name) && /^[a-z][a-z0-9_]{0,40}$/.test(name)) filters[name] = word(value);
  const bucket = word(args.bucket) || word(args.source_bucket);
  return hrefOf({
    page: target.page,
    bucket: bucket === '*' ? '' : bucket,
    prefix: word(args.prefix) || word(args.source_prefix),
    ...(target.tab ? { tab: target.tab } : {}),
    ...periodOf(args),
    // Storage shows what is there now and narrows down by prefix alone.
    filters: target.page === 'storage' ? {} : filters,
  });
}
