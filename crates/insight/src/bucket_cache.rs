//! Bucket lists already known.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use spacewatch_model::BucketName;
use spacewatch_s3::Fingerprint;
use spacewatch_telemetry::Counters;

/// Tenants remembered at once. Beyond that the longest-known list is forgotten.
const MAX_TENANTS: usize = 1024;

/// Remembers who has which buckets, for a while.
///
/// An entry is found by the fingerprint of the *whole* credential tuple, and the caller must hold a fresh
/// lease to use it: knowing somebody's key id opens nothing.
#[derive(Debug, Clone)]
pub struct BucketCache {
    time_to_live: Duration,
    counters: Arc<Counters>,
    entries: Arc<Mutex<HashMap<Fingerprint, Entry>>>,
}

#[derive(Debug)]
struct Entry {
    known_at: Duration,
    buckets: KnownBuckets,
}

/// A bucket list and how it was found.
#[derive(Debug, Clone)]
pub(crate) struct KnownBuckets {
    pub(crate) buckets: Arc<[(BucketName, Option<Timestamp>)]>,
    /// The credentials may not list buckets; these were tried by name.
    pub(crate) limited: bool,
    pub(crate) as_of: Timestamp,
}

impl BucketCache {
    /// A cache that forgets after `time_to_live`. Lists read from a store are counted.
    pub fn new(time_to_live: Duration, counters: Arc<Counters>) -> Self {
        Self {
            time_to_live,
            counters,
            entries: Arc::default(),
        }
    }

    /// How many tenants' bucket lists are remembered.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nobody's list is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn find(&self, tenant: &Fingerprint, now: Duration) -> Option<KnownBuckets> {
        let mut entries = self.lock();
        if now.saturating_sub(entries.get(tenant)?.known_at) >= self.time_to_live {
            entries.remove(tenant);
            return None;
        }
        entries.get(tenant).map(|entry| entry.buckets.clone())
    }

    pub(crate) fn remember(&self, tenant: Fingerprint, now: Duration, buckets: KnownBuckets) {
        self.counters.bucket_cache_refreshes.increment();
        let mut entries = self.lock();
        if entries.len() >= MAX_TENANTS && !entries.contains_key(&tenant) {
            let oldest = entries
                .iter()
                .min_by_key(|(_, entry)| entry.known_at)
                .map(|(tenant, _)| *tenant);
            if let Some(oldest) = oldest {
                entries.remove(&oldest);
            }
        }
        entries.insert(
            tenant,
            Entry {
                known_at: now,
                buckets,
            },
        );
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Fingerprint, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
