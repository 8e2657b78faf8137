//! Sums over operations.

use crate::Operation;
use crate::histogram::{Histogram, Spread, cell_of};

/// What of an operation goes into sums.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    kind: u8,
    is_error: bool,
    bytes: u64,
    nanos: u64,
    cell: u16,
}

impl Sample {
    pub(crate) fn of(operation: &Operation) -> Self {
        let nanos = u64::try_from(operation.duration.as_nanos()).unwrap_or(u64::MAX);
        Self {
            kind: operation.kind.index(),
            is_error: !operation.success(),
            bytes: operation.bytes_transferred(),
            nanos,
            cell: cell_of(nanos),
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) errors: u64,
    pub(crate) bytes: u64,
    pub(crate) nanos: u64,
}

impl Tally {
    fn add_sample(&mut self, sample: &Sample) {
        self.add(&Self {
            count: 1,
            errors: u64::from(sample.is_error),
            bytes: sample.bytes,
            nanos: sample.nanos,
        });
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.errors = self.errors.saturating_add(other.errors);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.nanos = self.nanos.saturating_add(other.nanos);
    }
}

/// One slot of time: sums by kind, with latencies, and by bucket.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    kinds: Vec<(u8, Tally, Histogram)>,
    /// By label, ascending.
    buckets: Vec<(u16, Tally)>,
}

impl Slot {
    pub(crate) fn add(&mut self, sample: &Sample, bucket: Option<u16>) {
        let at = match self.kinds.iter().position(|(kind, ..)| *kind == sample.kind) {
            Some(at) => at,
            None => {
                self.kinds
                    .push((sample.kind, Tally::default(), Histogram::default()));
                self.kinds.len() - 1
            }
        };
        if let Some((_, tally, latencies)) = self.kinds.get_mut(at) {
            tally.add_sample(sample);
            latencies.add(sample.nanos, sample.cell);
        }
        if let Some(label) = bucket {
            self.add_to_bucket(sample, label);
        }
    }

    fn add_to_bucket(&mut self, sample: &Sample, label: u16) {
        let at = match self.buckets.binary_search_by_key(&label, |&(label, _)| label) {
            Ok(at) => at,
            Err(at) => {
                self.buckets.insert(at, (label, Tally::default()));
                at
            }
        };
        if let Some((_, tally)) = self.buckets.get_mut(at) {
            tally.add_sample(sample);
        }
    }

    pub(crate) fn buckets(&self) -> &[(u16, Tally)] {
        &self.buckets
    }
}

/// Slots added up, by kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Totals {
    kinds: Vec<(Tally, Spread)>,
}

impl Totals {
    pub(crate) fn add(&mut self, slot: &Slot) {
        for (kind, tally, latencies) in &slot.kinds {
            let kind = usize::from(*kind);
            if self.kinds.len() <= kind {
                self.kinds.resize_with(kind + 1, Default::default);
            }
            if let Some((sum, spread)) = self.kinds.get_mut(kind) {
                sum.add(tally);
                spread.add(latencies);
            }
        }
    }

    /// The kinds that occurred, with their place among the kinds of the layer.
    pub(crate) fn by_kind(&self) -> impl Iterator<Item = (usize, &Tally, &Spread)> {
        self.kinds
            .iter()
            .enumerate()
            .filter(|(_, (tally, _))| tally.count > 0)
            .map(|(kind, (tally, spread))| (kind, tally, spread))
    }

    /// All kinds together.
    pub(crate) fn all(&self) -> (Tally, Spread) {
        let mut all = (Tally::default(), Spread::default());
        for (_, tally, spread) in self.by_kind() {
            all.0.add(tally);
            all.1.add_spread(spread);
        }
        all
    }
}
