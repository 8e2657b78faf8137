//! All that is known of one layer.

use std::collections::BTreeMap;
use std::time::Duration;

use spacewatch_model::Timestamp;

use crate::labels::{Labels, MAX_LABELS, OTHER};
use crate::operation_log::OperationLog;
use crate::series::{STEP, STEPS};
use crate::tally::{Sample, Tally, Totals};
use crate::timeline::{DAY, DayCounts, Span, Timelines};
use crate::{
    BucketStats, Layer, OTHER_BUCKETS, Operation, OperationFilter, OperationKind, OperationsMetrics, Series,
    StorageMetrics, Sums, Trends,
};

/// A finished operation on its way into the ledger.
#[derive(Debug)]
pub(crate) struct Entry {
    /// When it was recorded, since the epoch.
    pub(crate) at: Duration,
    /// Its place in the order of recording.
    pub(crate) number: u64,
    pub(crate) operation: Operation,
}

/// Windows, counts and the operation log of one layer.
#[derive(Debug)]
pub(crate) struct Ledger {
    layer: Layer,
    window: Duration,
    started: Duration,
    timelines: Timelines,
    day: DayCounts,
    labels: Labels,
    log: OperationLog,
    total: u64,
    /// Since the start.
    sums: BTreeMap<OperationKind, Sums>,
    closed: Closed,
}

/// The sum of the window's slots but the running one, so that a new operation costs a reader little.
#[derive(Debug, Default)]
struct Closed {
    /// The running slot it was made for; `None` when it has to be made anew.
    running: Option<u64>,
    totals: Totals,
}

impl Ledger {
    pub(crate) fn new(layer: Layer, window: Duration, ring_capacity: usize, started: Duration) -> Self {
        Self {
            layer,
            window,
            started,
            timelines: Timelines::new(window),
            day: DayCounts::new(),
            // A minute more, for windows that are made of minutes.
            labels: Labels::new(window.as_secs().min(DAY) + 60),
            log: OperationLog::new(ring_capacity),
            total: 0,
            sums: BTreeMap::new(),
            closed: Closed::default(),
        }
    }

    pub(crate) fn enter(&mut self, entry: Entry) {
        let Entry {
            at,
            number,
            operation,
        } = entry;
        let second = at.as_secs();
        let label = operation
            .bucket
            .as_ref()
            .map(|bucket| self.labels.label(bucket, second));
        self.timelines.add(at, &Sample::of(&operation), label);
        self.day.add(second);
        self.total += 1;
        let sums = self.sums.entry(operation.kind).or_default();
        sums.add(operation.status, operation.duration, operation.first_byte);
        self.log.put(number, operation);
        if let Some(running) = self.closed.running
            && Span::ending(at, self.window, self.started).last < running
        {
            self.closed.running = None;
        }
    }

    /// What was done since the start, by kind.
    pub(crate) fn sums(&self) -> BTreeMap<OperationKind, Sums> {
        self.sums.clone()
    }

    pub(crate) fn window(&mut self, now: Duration, timestamp: Timestamp) -> StorageMetrics {
        let span = Span::ending(now, self.window, self.started);
        if self.closed.running != Some(span.last) {
            let mut totals = Totals::default();
            if let Some(last) = span.last.checked_sub(1) {
                self.timelines
                    .slots(span, span.first, last)
                    .for_each(|slot| totals.add(slot));
            }
            self.closed = Closed {
                running: Some(span.last),
                totals,
            };
        }
        let mut totals = self.closed.totals.clone();
        self.timelines
            .slots(span, span.last, span.last)
            .for_each(|slot| totals.add(slot));
        StorageMetrics::of(self.layer, &totals, span.length, timestamp)
    }

    /// Any other window than the configured one.
    pub(crate) fn window_of(&self, window: Duration, now: Duration, timestamp: Timestamp) -> StorageMetrics {
        let span = Span::ending(now, window, self.started);
        let mut totals = Totals::default();
        self.timelines
            .slots(span, span.first, span.last)
            .for_each(|slot| totals.add(slot));
        StorageMetrics::of(self.layer, &totals, span.length, timestamp)
    }

    /// The last ten minutes, step by step.
    pub(crate) fn series(&self, now: Duration, timestamp: Timestamp) -> Series {
        let mut series = Series::of(self.layer, timestamp);
        let running = now.as_secs() / STEP;
        let first = (running + 1)
            .saturating_sub(STEPS)
            .max(self.started.as_secs() / STEP);
        for step in first..=running {
            let begin = step * STEP;
            let mut totals = Totals::default();
            self.timelines
                .seconds(begin, begin + STEP - 1)
                .for_each(|slot| totals.add(slot));
            let end = Duration::from_secs(begin + STEP).min(now);
            let length = end.saturating_sub(Duration::from_secs(begin).max(self.started));
            let begin = i64::try_from(begin)
                .ok()
                .and_then(|second| Timestamp::from_second(second).ok());
            if let Some(begin) = begin {
                series.push(begin, &StorageMetrics::of(self.layer, &totals, length, timestamp));
            }
        }
        series
    }

    pub(crate) fn operations_metrics(&mut self, now: Duration, timestamp: Timestamp) -> OperationsMetrics {
        let second = now.as_secs();
        OperationsMetrics {
            timestamp,
            layer: self.layer,
            current_5m: self.window(now, timestamp).into(),
            trends: Trends {
                operations_last_1h: self.day.sum(second, 3600),
                operations_last_24h: self.day.sum(second, DAY),
            },
            bucket_analytics: self.buckets(now),
            total_operations_tracked: self.total,
        }
    }

    pub(crate) fn operations(&self, filter: &OperationFilter) -> Vec<Operation> {
        self.log.find(filter)
    }

    fn buckets(&self, now: Duration) -> BTreeMap<String, BucketStats> {
        let span = Span::ending(now, self.window, self.started);
        let mut sums = vec![Tally::default(); usize::from(MAX_LABELS) + 1];
        for slot in self.timelines.slots(span, span.first, span.last) {
            for (label, tally) in slot.buckets() {
                if let Some(sum) = sums.get_mut(usize::from(*label)) {
                    sum.add(tally);
                }
            }
        }
        let mut by_name: BTreeMap<&str, Tally> = BTreeMap::new();
        for (label, sum) in (OTHER..).zip(&sums) {
            if sum.count > 0 {
                // A bucket may be called `other` too: then it stands in that row with the rest.
                let name = self
                    .labels
                    .name(label)
                    .map_or(OTHER_BUCKETS, |name| name.as_str());
                by_name.entry(name).or_default().add(sum);
            }
        }
        by_name
            .into_iter()
            .map(|(name, sum)| (name.to_owned(), BucketStats::of(&sum)))
            .collect()
    }
}
