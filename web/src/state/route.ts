/** The address bar is where the view lives: what is shown can be sent to somebody as a link. */

import { signal } from '@preact/signals';

const PAGE_IDS = [
  'overview',
  'storage',
  'traffic',
  'cost',
  'security',
  'changes',
  'assistant',
  'settings',
] as const;

export type PageId = (typeof PAGE_IDS)[number];
export type Tab = 'objects' | 'largest' | 'recent';
export type Listing = 'folders' | 'flat';
export type LayerId = 'api' | 's3';

export interface Route {
  /** The bare address, where one connects. */
  readonly start: boolean;
  readonly page: PageId;
  readonly bucket: string;
  readonly prefix: string;
  readonly tab: Tab;
  readonly listing: Listing;
  readonly limit: number | undefined;
  readonly layer: LayerId;
  /** The period: the last so long (`24h`, `7d`), or from one moment up to another (ISO 8601). Empty is what is usual for the page. */
  readonly last: string;
  readonly from: string;
  readonly to: string;
  /** What else narrows a page down, by the names its tool gives its arguments. */
  readonly filters: Readonly<Record<string, string>>;
}

const TABS: readonly Tab[] = ['objects', 'largest', 'recent'];

function one<T extends string>(value: string | null, known: readonly T[], otherwise: T): T {
  return known.find((candidate) => candidate === value) ?? otherwise;
}

function limitOf(value: string | null): number | undefined {
  const limit = Number(value);
  return value && Number.isInteger(limit) && limit > 0 && limit <= 1_000 ? limit : undefined;
}

const OWN = new Set(['page', 'bucket', 'prefix', 'tab', 'listing', 'limit', 'layer', 'last', 'from', 'to']);
const MAX_FILTERS = 30;
const MAX_FILTER_LENGTH = 1_024;

function filtersOf(query: URLSearchParams): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of query) {
    if (OWN.has(name) || !/^[a-z][a-z0-9_]{0,40}$/.test(name)) continue;
    if (value === '' || value.length > MAX_FILTER_LENGTH) continue;
    if (Object.keys(found).length < MAX_FILTERS) found[name] = value;
  }
  return found;
}

function lastOf(value: string | null): string {
  return value && /^[1-9]\d{0,3}[mhd]$/.test(value) ? value : '';
}

function momentOf(value: string | null): string {
  return value && !Number.isNaN(Date.parse(value)) ? value : '';
}

export function parseRoute(pathname: string, search: string): Route {
  const query = new URLSearchParams(search);
  const bucket = query.get('bucket') ?? '';
  return {
    start: pathname === '/',
    page: one(query.get('page'), PAGE_IDS, bucket ? 'storage' : 'overview'),
    bucket,
    prefix: bucket ? (query.get('prefix') ?? '') : '',
    tab: one(query.get('tab'), TABS, 'objects'),
    listing: one(query.get('listing'), ['folders', 'flat'], 'folders'),
    limit: limitOf(query.get('limit')),
    layer: one(query.get('layer'), ['api', 's3'], 'api'),
    last: lastOf(query.get('last')),
    from: momentOf(query.get('from')),
    to: momentOf(query.get('to')),
    filters: filtersOf(query),
  };
}

/** The address of a view; what is usual is left out. */
export function hrefOf(to: Partial<Route>): string {
  const query = new URLSearchParams();
  const page = to.page ?? (to.bucket ? 'storage' : 'overview');
  const tab = to.tab ?? 'objects';
  if (page !== (to.bucket ? 'storage' : 'overview')) query.set('page', page);
  if (to.bucket) query.set('bucket', to.bucket);
  if (to.bucket && to.prefix) query.set('prefix', to.prefix);
  if (to.bucket && page === 'storage') {
    if (tab !== 'objects') query.set('tab', tab);
    if (to.listing === 'flat' && tab === 'objects') query.set('listing', 'flat');
    if (to.limit && tab !== 'objects') query.set('limit', String(to.limit));
  }
  if (to.layer === 's3' && page === 'overview') query.set('layer', 's3');
  for (const name of ['last', 'from', 'to'] as const) if (to[name]) query.set(name, to[name]);
  for (const [name, value] of Object.entries(to.filters ?? {})) if (value) query.set(name, value);
  const text = query.toString();
  return text ? `/dashboard?${text}` : '/dashboard';
}

export const route = signal<Route>(parseRoute('/', ''));

function read(): void {
  route.value = parseRoute(location.pathname, location.search);
}

export function startRouting(): void {
  read();
  addEventListener('popstate', read);
}

export function go(href: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', href);
  else history.replaceState(null, '', href);
  read();
  if (how === 'push') scrollTo(0, 0);
}

/** Lets the browser follow links to elsewhere and in new tabs; the rest stays on the page. */
export function followLink(event: MouseEvent): void {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  const here = [location.pathname, link.pathname];
  if (
    !here.every((path) => path === '/' || path === '/dashboard') &&
    !here.every((path) => path === '/admin')
  )
    return;
  event.preventDefault();
  if (link.href !== location.href) go(link.href);
}
