/** The address bar is where the view lives: what is shown can be sent to somebody as a link. */

import { signal } from '@preact/signals';

export type PageId = 'overview' | 'storage';
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
}

const TABS: readonly Tab[] = ['objects', 'largest', 'recent'];

function one<T extends string>(value: string | null, known: readonly T[], otherwise: T): T {
  return known.find((candidate) => candidate === value) ?? otherwise;
}

function limitOf(value: string | null): number | undefined {
  const limit = Number(value);
  return value && Number.isInteger(limit) && limit > 0 && limit <= 1_000 ? limit : undefined;
}

export function parseRoute(pathname: string, search: string): Route {
  const query = new URLSearchParams(search);
  const bucket = query.get('bucket') ?? '';
  return {
    start: pathname === '/',
    page: bucket ? 'storage' : one(query.get('page'), ['overview', 'storage'], 'overview'),
    bucket,
    prefix: bucket ? (query.get('prefix') ?? '') : '',
    tab: one(query.get('tab'), TABS, 'objects'),
    listing: one(query.get('listing'), ['folders', 'flat'], 'folders'),
    limit: limitOf(query.get('limit')),
    layer: one(query.get('layer'), ['api', 's3'], 'api'),
  };
}

/** The address of a view; what is usual is left out. */
export function hrefOf(to: Partial<Route>): string {
  const query = new URLSearchParams();
  if (to.bucket) {
    query.set('bucket', to.bucket);
    if (to.prefix) query.set('prefix', to.prefix);
    if (to.tab && to.tab !== 'objects') query.set('tab', to.tab);
    if (to.listing === 'flat' && (to.tab ?? 'objects') === 'objects') query.set('listing', 'flat');
    if (to.limit && to.tab && to.tab !== 'objects') query.set('limit', String(to.limit));
  } else if (to.page && to.page !== 'overview') query.set('page', to.page);
  if (to.layer === 's3' && !to.bucket && to.page !== 'storage') query.set('layer', 's3');
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
  if (link.pathname !== '/' && link.pathname !== '/dashboard') return;
  event.preventDefault();
  if (link.href !== location.href) go(link.href);
}
