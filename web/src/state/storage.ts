/** What is asked about buckets, each question once per place. */

import type { Buckets, LargestObjects, ObjectRow, RecentObjects, StorageSummary } from '../api/answers';
import {
  browse,
  buckets,
  listAll,
  type Place,
  recentObjects,
  storageSummary,
  topLargest,
} from '../api/tools';
import { plain } from '../lib/text';
import { type Query, query } from './query';

/** Rows gathered page by page. */
export interface Listed {
  readonly folders: readonly string[];
  readonly objects: readonly ObjectRow[];
  /** All objects below the prefix, where the listing counted them. */
  readonly count: number | undefined;
  readonly next: string | undefined;
}

const at = (place: Place) => plain(`${place.bucket}/${place.prefix}`);
const key = (...parts: (string | number)[]) => JSON.stringify(parts);

export function bucketsQuery(): Query<Buckets> {
  return query(key('buckets'), 'Listing buckets', buckets);
}

/** What lies directly below a prefix. */
export function folderQuery(place: Place): Query<Listed> {
  return query<Listed>(
    key('browse', place.bucket, place.prefix),
    `Listing ${at(place)}`,
    async (asker, before) => {
      const page = await browse(asker, place, before?.next);
      return {
        folders: [...(before?.folders ?? []), ...page.folders.map((folder) => folder.prefix)],
        objects: [...(before?.objects ?? []), ...page.objects],
        count: undefined,
        next: page.next ?? undefined,
      };
    },
  );
}

/** Every object below a prefix, in key order. */
export function flatQuery(place: Place): Query<Listed> {
  return query<Listed>(
    key('flat', place.bucket, place.prefix),
    `Listing all of ${at(place)}`,
    async (asker, before) => {
      const page = await listAll(asker, place, before?.next);
      return {
        folders: [],
        objects: [...(before?.objects ?? []), ...page.objects],
        count: page.count,
        next: page.next ?? undefined,
      };
    },
  );
}

/** Totals of a place and of the folders directly below it. */
export function summaryQuery(place: Place): Query<StorageSummary> {
  return query(key('summary', place.bucket, place.prefix), `Measuring ${at(place)}`, (asker) =>
    storageSummary(asker, place, 1),
  );
}

export function largestQuery(place: Place, limit: number): Query<LargestObjects> {
  return query(key('largest', place.bucket, place.prefix, limit), `Ranking ${at(place)} by size`, (asker) =>
    topLargest(asker, place, limit),
  );
}

export function recentQuery(place: Place, limit: number): Query<RecentObjects> {
  return query(key('recent', place.bucket, place.prefix, limit), `Ranking ${at(place)} by time`, (asker) =>
    recentObjects(asker, place, limit),
  );
}
