import { expect, test } from 'vitest';
import { hrefOf, parseRoute, type Route } from './route';

const roundTrip = (to: Partial<Route>) => {
  const url = new URL(hrefOf(to), 'http://localhost');
  return parseRoute(url.pathname, url.search);
};

test('a link shows the same view', () => {
  const views: Partial<Route>[] = [
    { page: 'overview' },
    { page: 'overview', layer: 's3' },
    { page: 'storage' },
    { page: 'storage', bucket: 'prod-assets' },
    { page: 'storage', bucket: 'b', prefix: 'a b/ü&x=1#/', tab: 'objects', listing: 'flat' },
    { page: 'storage', bucket: 'b', prefix: '\u202E//\u0000', tab: 'largest', limit: 25 },
    { page: 'storage', bucket: 'b', tab: 'recent' },
    { page: 'overview', bucket: 'b', last: '7d' },
    { page: 'traffic', bucket: 'b', from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' },
    { page: 'security', filters: { min_severity: 'high', rule: 'a b&c' } },
  ];
  for (const view of views) expect(roundTrip(view)).toMatchObject(view);
});

test('what is usual stays out of the address', () => {
  expect(hrefOf({ page: 'overview', tab: 'objects', listing: 'folders', layer: 'api' })).toBe('/dashboard');
  expect(hrefOf({ bucket: 'b', prefix: '', tab: 'objects', listing: 'folders' })).toBe('/dashboard?bucket=b');
});

test('nonsense falls back', () => {
  expect(parseRoute('/dashboard', '?page=admin&tab=x&listing=y&limit=1e9&layer=z&prefix=lonely')).toEqual({
    start: false,
    page: 'overview',
    bucket: '',
    prefix: '',
    tab: 'objects',
    listing: 'folders',
    limit: undefined,
    layer: 'api',
    last: '',
    from: '',
    to: '',
    filters: {},
  });
  expect(parseRoute('/dashboard', '?last=7y&from=soon&to=&Page=x&__proto__=1&by=').filters).toEqual({});
  expect(parseRoute('/dashboard', '?last=7y&from=soon').last).toBe('');
});
