/** The answers this page reads. */

export interface ObjectRow {
  key: string;
  size_bytes: number;
  size_human: string;
  last_modified?: string | null;
  etag?: string | null;
  storage_class?: string | null;
}

export interface Validation {
  valid: boolean;
  bucket_count: number;
  buckets: string[];
  limited: boolean;
  note?: string | null;
}

export interface BucketDetail {
  name: string;
  created?: string | null;
}

export interface Buckets {
  bucket_count: number;
  buckets: string[];
  details: BucketDetail[];
  limited: boolean;
  note?: string | null;
  as_of: string;
}

export interface Browse {
  bucket: string;
  prefix: string;
  folders: { prefix: string }[];
  objects: ObjectRow[];
  truncated: boolean;
  next?: string | null;
  as_of: string;
}

export interface ObjectListing {
  bucket: string;
  prefix: string;
  count: number;
  objects: ObjectRow[];
  truncated: boolean;
  next?: string | null;
  as_of: string;
}

export interface PrefixTotal {
  prefix: string;
  object_count: number;
  total_size_bytes: number;
  total_size_human: string;
}

export interface StorageSummary {
  bucket: string;
  prefix: string;
  object_count: number;
  total_size_bytes: number;
  total_size_human: string;
  prefixes: PrefixTotal[];
  truncated: boolean;
  as_of: string;
}

export interface LargestObjects {
  bucket: string;
  prefix: string;
  limit: number;
  objects: ObjectRow[];
  count_scanned: number;
  total_size_bytes: number;
  as_of: string;
}

export interface RecentObjects {
  bucket: string;
  prefix: string;
  count_scanned: number;
  limit: number;
  objects: ObjectRow[];
  as_of: string;
}

export interface OperationTypeMetrics {
  request_count: number;
  error_count: number;
  error_rate_percent: number;
  bytes_transferred: number;
  p50: number;
  p95: number;
  p99: number;
}

export interface StorageMetrics {
  total_operations_5m: number;
  error_operations_5m: number;
  error_rate_percent: number;
  operations_per_second: number;
  total_bytes_transferred_5m: number;
  bytes_per_second: number;
  latency_p50_ms: number;
  latency_p95_ms: number;
  latency_p99_ms: number;
  avg_latency_ms: number;
  window_seconds: number;
  timestamp: string;
  operation_breakdown: Record<string, OperationTypeMetrics>;
}

export interface Health {
  ok: boolean;
  status: 'healthy' | 'degraded' | 'unhealthy';
  uptime_seconds: number;
  storage_metrics: StorageMetrics;
  s3_metrics?: StorageMetrics;
  demo?: boolean;
}

export interface DemoTenant {
  name: string;
  description: string;
  access_key_id: string;
  secret_access_key: string;
  region: string;
  endpoint: string;
  log_bucket?: string | null;
  metrics_bucket?: string | null;
}

export interface DemoAccess {
  tenants: DemoTenant[];
}
