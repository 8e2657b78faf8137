//! What the recorder answers, in the shape it goes over the wire.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use spacewatch_model::Timestamp;
use utoipa::ToSchema;

use crate::tally::{Tally, Totals};
use crate::{Health, Layer, OperationType, S3Call};

/// The row of `bucket_analytics` that sums the buckets beyond the cap on names.
pub const OTHER_BUCKETS: &str = "other";

/// Operations of one layer in the window that ends now.
///
/// The names keep `_5m`, the default window; `window_seconds` tells how long it really was, which is
/// also what the rates divide by. Percentiles are nearest rank and at most 1 % off; counts, sums and
/// averages are exact.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StorageMetrics {
    /// The layer they were measured at.
    pub layer: Layer,
    /// How long the window is: shorter than configured while the server is younger.
    pub window_seconds: f64,
    /// Operations.
    pub total_operations_5m: u64,
    /// Operations that ended with a status of 400 or more, or without an answer.
    pub error_operations_5m: u64,
    /// Share of errors, 0 to 100.
    pub error_rate_percent: f64,
    /// Operations per second.
    pub operations_per_second: f64,
    /// Bytes moved, both ways.
    pub total_bytes_transferred_5m: u64,
    /// Bytes per second.
    pub bytes_per_second: f64,
    /// Median latency.
    pub latency_p50_ms: f64,
    /// 95th percentile of latency.
    pub latency_p95_ms: f64,
    /// 99th percentile of latency.
    pub latency_p99_ms: f64,
    /// The same as `latency_p50_ms`.
    pub p50: f64,
    /// The same as `latency_p95_ms`.
    pub p95: f64,
    /// The same as `latency_p99_ms`.
    pub p99: f64,
    /// Mean latency.
    pub avg_latency_ms: f64,
    /// The same by operation type; types without operations are left out.
    pub operation_breakdown: BTreeMap<String, OperationStats>,
    /// When this was computed.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
}

impl StorageMetrics {
    /// The figures of a window that is `length` long and ends `now`.
    pub(crate) fn of(layer: Layer, totals: &Totals, length: Duration, timestamp: Timestamp) -> Self {
        let (all, latencies) = totals.all();
        let [p50, p95, p99] = latencies.percentiles(all.count, PERCENTILES).map(milliseconds);
        Self {
            layer,
            window_seconds: rounded(length.as_secs_f64()),
            total_operations_5m: all.count,
            error_operations_5m: all.errors,
            error_rate_percent: percent(all.errors, all.count),
            operations_per_second: per_second(all.count, length),
            total_bytes_transferred_5m: all.bytes,
            bytes_per_second: per_second(all.bytes, length),
            latency_p50_ms: p50,
            latency_p95_ms: p95,
            latency_p99_ms: p99,
            p50,
            p95,
            p99,
            avg_latency_ms: average(&all),
            operation_breakdown: totals
                .by_kind()
                .map(|(kind, tally, latencies)| {
                    let [p50, p95, p99] = latencies.percentiles(tally.count, PERCENTILES).map(milliseconds);
                    let stats = OperationStats {
                        request_count: tally.count,
                        error_count: tally.errors,
                        error_rate_percent: percent(tally.errors, tally.count),
                        bytes_transferred: tally.bytes,
                        avg_latency_ms: average(tally),
                        p50,
                        p95,
                        p99,
                    };
                    (name_of(layer, kind).to_owned(), stats)
                })
                .collect(),
            timestamp,
        }
    }

    /// The health these figures mean.
    pub fn health(&self) -> Health {
        Health::of(self.total_operations_5m, self.error_operations_5m)
    }
}

/// Operations of one type in the window.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OperationStats {
    /// Operations.
    pub request_count: u64,
    /// Those that were errors.
    pub error_count: u64,
    /// Share of errors, 0 to 100.
    pub error_rate_percent: f64,
    /// Bytes moved, both ways.
    pub bytes_transferred: u64,
    /// Mean latency in milliseconds.
    pub avg_latency_ms: f64,
    /// Median latency in milliseconds.
    pub p50: f64,
    /// 95th percentile of latency in milliseconds.
    pub p95: f64,
    /// 99th percentile of latency in milliseconds.
    pub p99: f64,
}

/// The answer of `/metrics/operations`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OperationsMetrics {
    /// When this was computed.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// The layer they were measured at.
    pub layer: Layer,
    /// The window that ends now.
    #[schema(value_type = StorageMetrics)]
    pub current_5m: Arc<StorageMetrics>,
    /// Longer windows.
    pub trends: Trends,
    /// The window by bucket. Operations that name no bucket are left out; beyond the cap on names,
    /// buckets are summed as `other`.
    pub bucket_analytics: BTreeMap<String, BucketStats>,
    /// Operations since the start.
    pub total_operations_tracked: u64,
}

/// How many operations longer windows hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Trends {
    /// Operations in the last hour.
    pub operations_last_1h: u64,
    /// Operations in the last 24 hours.
    pub operations_last_24h: u64,
}

/// Operations on one bucket in the window.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BucketStats {
    /// Operations.
    pub operation_count: u64,
    /// Those that were errors.
    pub error_count: u64,
    /// Share of errors, 0 to 100.
    pub error_rate: f64,
    /// Bytes moved, both ways.
    pub bytes_transferred: u64,
    /// Mean latency in milliseconds.
    pub avg_latency_ms: f64,
}

impl BucketStats {
    pub(crate) fn of(tally: &Tally) -> Self {
        Self {
            operation_count: tally.count,
            error_count: tally.errors,
            error_rate: percent(tally.errors, tally.count),
            bytes_transferred: tally.bytes,
            avg_latency_ms: average(tally),
        }
    }
}

const PERCENTILES: [u64; 3] = [50, 95, 99];

fn name_of(layer: Layer, kind: usize) -> &'static str {
    match layer {
        Layer::Api => OperationType::ALL.get(kind).map(|kind| kind.as_str()),
        Layer::S3 => S3Call::ALL.get(kind).map(|kind| kind.as_str()),
    }
    .unwrap_or_default()
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    rounded(part as f64 * 100.0 / whole as f64)
}

/// A window that has just begun counts as a second, so that a rate is never out of all sense.
fn per_second(count: u64, length: Duration) -> f64 {
    rounded(count as f64 / length.as_secs_f64().max(1.0))
}

fn average(tally: &Tally) -> f64 {
    if tally.count == 0 {
        return 0.0;
    }
    rounded(tally.nanos as f64 / tally.count as f64 / 1e6)
}

fn milliseconds(nanos: u64) -> f64 {
    rounded(nanos as f64 / 1e6)
}

/// To six places: for milliseconds that is a nanosecond, and nobody reads more of the rest.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
