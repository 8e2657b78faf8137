/** The answers this page reads, by short names. Their shapes are generated from the server's OpenAPI document (`npm run api`). */

import type { components } from './schema';

type Schemas = components['schemas'];

export type Browse = Schemas['BrowseOutput'];
export type BucketDetail = Schemas['BucketDetail'];
export type Buckets = Schemas['BucketsOutput'];
export type DemoAccess = Schemas['DemoAccess'];
export type DemoTenant = Schemas['DemoTenant'];
export type Health = Schemas['HealthReport'];
export type LargestObjects = Schemas['TopLargestOutput'];
export type ObjectListing = Schemas['ListObjectsOutput'];
export type ObjectRow = Schemas['ObjectRow'];
export type OperationTypeMetrics = Schemas['OperationStats'];
export type PrefixTotal = Schemas['PrefixTotal'];
export type RecentObjects = Schemas['RecentObjectsOutput'];
export type Series = Schemas['Series'];
export type StorageMetrics = Schemas['StorageMetrics'];
export type StorageSummary = Schemas['StorageSummaryOutput'];
export type Validation = Schemas['ValidateCredentialsOutput'];
