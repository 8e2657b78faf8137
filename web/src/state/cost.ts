/** What is asked about money and growth. */

import type { components } from '../api/schema';
import { tool } from '../api/tools';
import { plain } from '../lib/text';
import { momentsOf, type Period } from './period';
import { type Query, query } from './query';

type Schemas = components['schemas'];

export type Cost = Schemas['CostOutput'];
export type Egress = Schemas['CostEgressOutput'];
export type EgressBy = Schemas['EgressBy'];
export type Growth = Schemas['GrowthOutput'];
export type GrowthMetric = Schemas['GrowthMetric'];

const key = (...parts: (string | undefined)[]) => JSON.stringify(parts);
const all = (bucket: string) => (bucket ? plain(bucket) : 'all buckets');

export function costQuery(bucket: string, month: string): Query<Cost> {
  return query(key('cost', bucket, month), `Reckoning the bill of ${all(bucket)}`, (asker) =>
    tool('cost', asker, { bucket, month, depth: bucket ? 1 : undefined }),
  );
}

interface EgressAsked {
  readonly bucket: string;
  readonly by: EgressBy;
  readonly period: Period;
}

export function egressQuery({ bucket, by, period }: EgressAsked): Query<Egress> {
  return query(
    key('egress', bucket, by, JSON.stringify(period)),
    `Adding up what left ${all(bucket)}`,
    (asker) => {
      const { from, to } = momentsOf(period, Date.now(), '7d');
      return tool('cost/egress', asker, { source_bucket: bucket, by, from, to, limit: 50 });
    },
  );
}

export function growthQuery(bucket: string, metric: GrowthMetric): Query<Growth> {
  return query(key('growth', bucket, metric), `Looking how ${all(bucket)} grow`, (asker) =>
    tool('growth', asker, { bucket, metric }),
  );
}
