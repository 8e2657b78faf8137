/** The questions this page asks, one function each. */

import type {
  Browse,
  Buckets,
  DemoAccess,
  Health,
  LargestObjects,
  ObjectListing,
  RecentObjects,
  Series,
  StorageSummary,
  Validation,
} from './answers';
import { ask, type Call, type Credentials, type Progress } from './client';
import { Problem } from './problem';

/** Whose question it is, how to stop it, and where to tell how far it is. */
export interface Asker {
  readonly credentials: Credentials;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** A place in a bucket. */
export interface Place {
  readonly bucket: string;
  readonly prefix: string;
}

export function validateCredentials(credentials: Credentials, signal?: AbortSignal): Promise<Validation> {
  return ask<Validation>('/validate-credentials', { method: 'POST', credentials, signal });
}

/** The tenants of the demo, or nothing where no demo runs. */
export async function demoAccess(signal?: AbortSignal): Promise<DemoAccess | undefined> {
  try {
    // Asked first, so that a server without a demo isn't asked for what it doesn't have.
    if (!(await health(signal)).demo) return undefined;
    return await ask<DemoAccess>('/demo/access', { signal });
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

export function health(signal?: AbortSignal): Promise<Health> {
  return ask<Health>('/health', { signal });
}

/** The last ten minutes of a layer, step by step. */
export function series(layer: 'api' | 's3', signal?: AbortSignal): Promise<Series> {
  return ask<Series>('/health/series', { query: { layer }, signal });
}

/** Asks a tool by its name below `/tools`, or by its whole path. */
export function tool<T>(
  name: string,
  asker: Asker,
  query: Call['query'],
  method: 'GET' | 'POST' = 'GET',
): Promise<T> {
  return ask<T>(name.startsWith('/') ? name : `/tools/${name}`, { ...asker, query, method });
}

export function buckets(asker: Asker): Promise<Buckets> {
  return tool('buckets', asker, {});
}

export function browse(asker: Asker, place: Place, next?: string): Promise<Browse> {
  return tool('browse', asker, { ...place, next });
}

export function listAll(asker: Asker, place: Place, next?: string): Promise<ObjectListing> {
  return tool('list-all', asker, { ...place, next });
}

/** With `depth`, the totals of the folders down to there come along. */
export function storageSummary(asker: Asker, place: Place, depth?: number): Promise<StorageSummary> {
  return tool('storage-summary', asker, { ...place, depth });
}

export function topLargest(asker: Asker, place: Place, limit: number): Promise<LargestObjects> {
  return tool('top-largest', asker, { ...place, limit });
}

export function recentObjects(asker: Asker, place: Place, limit: number): Promise<RecentObjects> {
  return tool('recent-objects', asker, { ...place, limit });
}
