//! Who asks: one set of credentials and what goes with it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use spacewatch_inventory::Inventories;
use spacewatch_lake::Lakes;
use spacewatch_model::{BucketName, Clock, Prefix};
use spacewatch_s3::{Progress, Store};

use crate::{BucketCache, Histories, PriceBook};

/// What a tool works for: a store opened with somebody's credentials, and the terms of this one question.
#[derive(Clone)]
pub struct Tenant {
    /// The store, as these credentials see it.
    pub store: Store,
    /// Where access logs are delivered, if the caller said so.
    pub log_bucket: Option<BucketName>,
    /// Where in that bucket, with a `/` at the end unless it is empty.
    pub log_prefix: Prefix,
    /// Where snapshots are kept, if the caller said so.
    pub metrics_bucket: Option<BucketName>,
    /// Where in that bucket, if the caller said so.
    pub metrics_prefix: Option<Prefix>,
    /// Buckets to try when the credentials may not list buckets.
    pub fallback_buckets: Arc<[BucketName]>,
    /// How much one answer may hold.
    pub limits: Limits,
    /// Tells whoever waits how far the work is.
    pub progress: Progress,
    /// Bucket lists already known.
    pub bucket_cache: BucketCache,
    /// What is remembered of access logs.
    pub lakes: Lakes,
    /// What is remembered of snapshots.
    pub histories: Histories,
    /// What is known of what buckets hold.
    pub inventories: Inventories,
    /// What stores charge.
    pub prices: PriceBook,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

impl Tenant {
    /// Every bucket known by name without listing: log bucket, metrics bucket, then the fallbacks.
    pub(crate) fn named_buckets(&self) -> Vec<BucketName> {
        let mut named = Vec::new();
        for bucket in self
            .log_bucket
            .iter()
            .chain(&self.metrics_bucket)
            .chain(self.fallback_buckets.iter())
        {
            if !named.contains(bucket) {
                named.push(bucket.clone());
            }
        }
        named
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("log_bucket", &self.log_bucket)
            .field("log_prefix", &self.log_prefix)
            .field("metrics_bucket", &self.metrics_bucket)
            .finish_non_exhaustive()
    }
}

/// How much one answer may hold. Asking for more gives this much, and the answer says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Objects that `list-all` returns.
    pub list_objects: usize,
    /// Objects that `top-largest` returns at most.
    pub top_largest: usize,
    /// Objects that `recent-objects` returns at most.
    pub recent_objects: usize,
    /// Prefixes that `storage-summary` tells apart at most.
    pub prefixes: usize,
    /// Points that an answer of metrics holds at most.
    pub metric_points: usize,
    /// Lines that `read-log` returns at most.
    pub log_lines: usize,
    /// Bytes of lines that `read-log` returns at most.
    pub log_bytes: usize,
    /// Rows that `sql` returns at most.
    pub sql_rows: usize,
    /// How long one `SELECT` may take.
    pub sql_time: Duration,
    /// Bytes of memory that one `SELECT` may take.
    pub sql_memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            list_objects: 200,
            top_largest: 50,
            recent_objects: 200,
            prefixes: 1000,
            metric_points: 2000,
            log_lines: 300,
            log_bytes: 1_000_000,
            sql_rows: 10_000,
            sql_time: Duration::from_secs(30),
            sql_memory: 256 << 20,
        }
    }
}
