//! Who asks: one set of credentials and what goes with it.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use spacewatch_model::{BucketName, Clock};
use spacewatch_s3::{Progress, Store};

use crate::BucketCache;

/// What a tool works for: a store opened with somebody's credentials, and the terms of this one question.
#[derive(Clone)]
pub struct Tenant {
    /// The store, as these credentials see it.
    pub store: Store,
    /// Where access logs are delivered, if the caller said so.
    pub log_bucket: Option<BucketName>,
    /// Where snapshots are kept, if the caller said so.
    pub metrics_bucket: Option<BucketName>,
    /// Buckets to try when the credentials may not list buckets.
    pub fallback_buckets: Arc<[BucketName]>,
    /// How much one answer may hold.
    pub limits: Limits,
    /// Tells whoever waits how far the work is.
    pub progress: Progress,
    /// Bucket lists already known.
    pub bucket_cache: BucketCache,
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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            list_objects: 200,
            top_largest: 50,
            recent_objects: 200,
            prefixes: 1000,
        }
    }
}
