/** What changed between two inventories, and which hours were out of the ordinary. */

import type { components } from '../api/schema';
import { tool } from '../api/tools';
import { plain } from '../lib/text';
import { momentsOf, type Period } from './period';
import { type Query, query } from './query';
import type { Finding } from './security';

type Schemas = components['schemas'];

export type DiffRow = Schemas['DiffRow'];
export type DiffKind = Schemas['DiffKind'];
export type DiffTotal = Schemas['DiffTotal'];
export type ScanReport = Schemas['InventoryReport'];
export type Diff = Omit<Schemas['DiffOutput'], 'findings'> & { readonly findings: readonly Finding[] };
export type Anomalies = Omit<Schemas['AnomaliesOutput'], 'findings'> & {
  readonly findings: readonly Finding[];
};
export type Anomaly = Schemas['Anomaly'];

const key = (...parts: (string | undefined)[]) => JSON.stringify(parts);
const at = (bucket: string, prefix: string) => plain(prefix ? `${bucket}/${prefix}` : bucket);

interface DiffAsked {
  readonly bucket: string;
  readonly prefix: string;
  /** The newest inventories begun at these moments or before. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export function diffQuery({ bucket, prefix, from, to }: DiffAsked): Query<Diff> {
  return query(
    key('diff', bucket, prefix, from, to),
    `Comparing two inventories of ${at(bucket, prefix)}`,
    (asker) => tool('diff', asker, { bucket, prefix, from, to, depth: 1, limit: 200 }),
  );
}

interface AnomaliesAsked {
  readonly bucket: string;
  readonly metric: string | undefined;
  readonly period: Period;
}

export function anomaliesQuery({ bucket, metric, period }: AnomaliesAsked): Query<Anomalies> {
  const where = bucket ? plain(bucket) : 'all buckets';
  return query(
    key('anomalies', bucket, metric, JSON.stringify(period)),
    `Judging the hours of ${where}`,
    (asker) => tool('anomalies', asker, { bucket, metric, ...momentsOf(period, Date.now()) }),
  );
}

/** How far a scan of a bucket is. */
export function scanQuery(bucket: string): Query<ScanReport> {
  return query(key('scan', bucket), `Looking how far the inventory of ${plain(bucket)} is`, (asker) =>
    tool('inventory/status', asker, { bucket }),
  );
}

/** The rows of one kind. */
export function rowsOf(diff: Diff, kind: string): readonly DiffRow[] {
  if (kind === 'unexplained') return diff.unexplained;
  if (kind.startsWith('version') || kind.startsWith('marker'))
    return diff.versions.filter((row) => row.kind === kind);
  const lists: Partial<Record<string, readonly DiffRow[]>> = {
    added: diff.added,
    grown: diff.grown,
    shrunk: diff.shrunk,
    overwritten: diff.overwritten,
    removed: diff.removed,
    transitioned: diff.transitioned,
  };
  return lists[kind] ?? diff.unexplained.filter((row) => row.kind === kind);
}
