//! How far long work is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How far a piece of work is, for whoever shows a progress bar. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    objects: AtomicU64,
    bytes: AtomicU64,
    requests: AtomicU64,
    throttled: AtomicU64,
}

impl Progress {
    /// Objects seen so far.
    pub fn objects(&self) -> u64 {
        self.0.objects.load(Relaxed)
    }

    /// The sum of the sizes of the objects seen so far.
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Relaxed)
    }

    /// Requests sent to the store so far, repeated ones included.
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Relaxed)
    }

    /// How often the store asked to slow down.
    pub fn throttled(&self) -> u64 {
        self.0.throttled.load(Relaxed)
    }

    /// Counts objects and the sum of their sizes.
    pub fn add_objects(&self, objects: u64, bytes: u64) {
        self.0.objects.fetch_add(objects, Relaxed);
        self.0.bytes.fetch_add(bytes, Relaxed);
    }

    /// Counts requests.
    pub fn add_requests(&self, requests: u64) {
        self.0.requests.fetch_add(requests, Relaxed);
    }

    /// Counts one answer that asked to slow down.
    pub fn add_throttled(&self) {
        self.0.throttled.fetch_add(1, Relaxed);
    }
}
