/** What is asked of the access log: records, ranks and the course of a bucket's requests. */

import { askFile } from '../api/client';
import type { components } from '../api/schema';
import { type Asker, tool } from '../api/tools';
import { plain } from '../lib/text';
import { momentsOf, type Period } from './period';
import { type Query, query } from './query';
import type { Route } from './route';

type Schemas = components['schemas'];

export type LogRecord = Schemas['LogRecord'];
export type Search = Schemas['SearchLogsOutput'];
export type Ranks = Schemas['TopLogsOutput'];
export type RankedBy = Schemas['TopBy'];
export type Course = Schemas['TrafficOutput'];

/** What records can be narrowed down by, in plain words. */
export const FILTERS: Readonly<Record<string, string>> = {
  object_key: 'Object',
  key_prefix: 'Key begins with',
  ip: 'IP',
  requester: 'Requester',
  access_key: 'Access key',
  method: 'Method',
  operation: 'Operation',
  status: 'Status',
  status_prefix: 'Status begins with',
  error_code: 'Error code',
  user_agent: 'Client',
  referer: 'Referer',
  request_id: 'Request id',
  contains: 'Line contains',
  min_ms: 'At least ms',
  min_bytes: 'At least bytes',
  max_bytes: 'At most bytes',
  signature_version: 'Signature',
  auth_type: 'Authentication',
  tls_version: 'TLS',
  cut_short: 'Cut short',
  requests_only: 'Clients only',
};

/** Which filter a rank's value becomes. */
export const NARROWS: Partial<Record<RankedBy, string>> = {
  ip: 'ip',
  key: 'object_key',
  prefix: 'key_prefix',
  requester: 'requester',
  user_agent: 'user_agent',
  referer: 'referer',
  error_code: 'error_code',
  operation: 'operation',
  method: 'method',
  status: 'status',
  signature_version: 'signature_version',
  auth_type: 'auth_type',
  tls_version: 'tls_version',
};

/** The filters of an address that mean something to the log. */
export function filtersOf(to: Pick<Route, 'filters'>): Record<string, string> {
  return Object.fromEntries(Object.entries(to.filters).filter(([name]) => Object.hasOwn(FILTERS, name)));
}

export interface Asked {
  readonly bucket: string;
  readonly filters: Readonly<Record<string, string>>;
  readonly period: Period;
}

/** What holds where the address names no period. */
export const USUAL_PERIOD = '24h';

const momentsNow = ({ period }: Asked) => momentsOf(period, Date.now(), USUAL_PERIOD);

const PAGE = 100;
const where = (bucket: string) => (bucket ? plain(bucket) : 'all buckets');
const key = (what: string, asked: Asked, ...more: string[]) =>
  JSON.stringify([what, asked.bucket, asked.filters, asked.period, ...more]);

/** Records, gathered page by page. */
export function searchQuery(asked: Asked): Query<Search> {
  const { bucket, filters } = asked;
  return query<Search>(
    key('search', asked),
    `Searching the log of ${where(bucket)}`,
    async (asker, before) => {
      const { from, to } = momentsNow(asked);
      const page = await tool<Search>('search-logs', asker, {
        ...filters,
        source_bucket: bucket || '*',
        // The next page goes on in the period of the first.
        from: before ? (before.coverage.window.from ?? undefined) : from,
        to: before ? (before.coverage.window.to ?? undefined) : to,
        limit_matches: PAGE,
        next: before?.next ?? undefined,
      });
      return before ? { ...page, matches: [...before.matches, ...page.matches] } : page;
    },
  );
}

export function ranksQuery(asked: Asked, by: RankedBy): Query<Ranks> {
  const { bucket } = asked;
  // Ranks count the requests of clients and know no such filter.
  const { requests_only: _, ...filters } = asked.filters;
  return query(key('ranks', asked, by), `Ranking the requests of ${where(bucket)}`, (asker) =>
    tool('top', asker, { ...filters, source_bucket: bucket || '*', ...momentsNow(asked), by, limit: 20 }),
  );
}

export function courseQuery(asked: Asked): Query<Course> {
  const { bucket } = asked;
  return query(
    key('course', { ...asked, filters: {} }),
    `Counting the requests of ${where(bucket)}`,
    (asker) => tool('traffic', asker, { bucket, ...momentsNow(asked) }),
  );
}

/** All records that are meant, as a file that proves itself. */
export function evidence(asked: Asked, asker: Asker): Promise<{ content: Blob; name: string | undefined }> {
  const { bucket, filters } = asked;
  const query = { ...filters, tool: 'search-logs', source_bucket: bucket || '*', ...momentsNow(asked) };
  return askFile('/tools/evidence', { credentials: asker.credentials, signal: asker.signal, query });
}
