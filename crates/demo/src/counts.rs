//! How many requests came, by operation: what tests and benchmarks assert the cost of a task with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::operation::Operation;

/// Counts requests as they arrive, those that a fault strikes too. Clones share the counts.
#[derive(Clone)]
pub struct RequestCounts(Arc<Counts>);

struct Counts {
    by_operation: Vec<AtomicU64>,
    in_flight: AtomicU64,
    peak: AtomicU64,
}

impl RequestCounts {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Counts {
            by_operation: Operation::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
            in_flight: AtomicU64::new(0),
            peak: AtomicU64::new(0),
        }))
    }

    /// Requests of one operation since the start or the last [`RequestCounts::reset`].
    pub fn of(&self, operation: Operation) -> u64 {
        let count = self.0.by_operation.get(operation as usize);
        count.map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// All requests.
    pub fn total(&self) -> u64 {
        self.0
            .by_operation
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    /// The operations that were asked for, with their counts.
    pub fn all(&self) -> BTreeMap<Operation, u64> {
        let counts = Operation::ALL
            .iter()
            .map(|operation| (*operation, self.of(*operation)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// The most requests that were in work at the same time.
    pub fn peak_in_flight(&self) -> u64 {
        self.0.peak.load(Ordering::Relaxed)
    }

    /// Starts again from zero.
    pub fn reset(&self) {
        for count in &self.0.by_operation {
            count.store(0, Ordering::Relaxed);
        }
        self.0
            .peak
            .store(self.0.in_flight.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    pub(crate) fn begin(&self, operation: Operation) -> InFlight {
        if let Some(count) = self.0.by_operation.get(operation as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let now = self.0.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.peak.fetch_max(now, Ordering::Relaxed);
        InFlight(Arc::clone(&self.0))
    }
}

impl fmt::Debug for RequestCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.all()).finish()
    }
}

/// A request in work.
pub(crate) struct InFlight(Arc<Counts>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
