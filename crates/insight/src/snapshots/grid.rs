//! Snapshots of many sources, step by step.
//!
//! What is stored is a state: it holds until somebody looks again. So in a step without a snapshot of a source its last figure
//! stands in, and the step says so: a bucket that was not looked at in time never makes the sum look like a drop. A
//! step in which nobody looked at anything is a gap: it has no point.

use std::collections::BTreeMap;

use jiff::Timestamp;
use spacewatch_snapshots::{SnapshotRecord, Source};

use crate::metrics::Steps;

/// A source's last figure stands in for so many of its usual waits, or steps, after its last snapshot.
const HOLDS: i64 = 3;

/// Sums of one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) source_objects: u64,
    pub(super) source_bytes: u64,
    pub(super) logs_files: u64,
    pub(super) logs_bytes: u64,
    /// Sources with a snapshot in the step.
    pub(super) sources_in: usize,
    /// Sources whose figure of before stands in.
    pub(super) sources_held: usize,
    /// What was known of requests then.
    pub(super) requests: Requests,
}

/// Sums of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Requests {
    pub(super) total: u64,
    pub(super) bytes_sent: u64,
    pub(super) status_4xx: u64,
    pub(super) status_5xx: u64,
    /// Everything of the step is counted.
    pub(super) complete: bool,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            total: 0,
            bytes_sent: 0,
            status_4xx: 0,
            status_5xx: 0,
            complete: true,
        }
    }
}

/// Snapshots by source, each by time.
pub(crate) type BySource = BTreeMap<Source, Vec<SnapshotRecord>>;

/// Sorts snapshots by source. A source that lies within another one is left out: its objects would count twice.
pub(crate) fn by_source(records: Vec<SnapshotRecord>) -> BySource {
    let mut sources = BySource::new();
    for record in records {
        sources.entry(Source::of(&record)).or_default().push(record);
    }
    let all: Vec<Source> = sources.keys().cloned().collect();
    sources.retain(|source, _| !all.iter().any(|other| other != source && other.holds(source)));
    sources
}

/// How many seconds pass between two of these moments, usually: the median. None of fewer than two.
pub(super) fn usual_wait(times: &[Timestamp]) -> Option<i64> {
    let mut waits: Vec<i64> = times
        .windows(2)
        .filter_map(|pair| match pair {
            [from, to] => Some(to.as_second().saturating_sub(from.as_second())),
            _ => None,
        })
        .filter(|wait| *wait > 0)
        .collect();
    waits.sort_unstable();
    waits.get(waits.len() / 2).copied()
}

/// The longest usual wait of the sources: steps shorter than it would have none of some in many.
pub(super) fn cadence(sources: &BySource) -> Option<i64> {
    let waits = sources.values().filter_map(|records| usual_wait(&times(records)));
    waits.max()
}

fn times(records: &[SnapshotRecord]) -> Vec<Timestamp> {
    records.iter().map(|record| record.ts).collect()
}

/// The sums of every step in which something was looked at.
pub(super) fn cells(sources: &BySource, steps: Steps) -> BTreeMap<Timestamp, Cell> {
    let mut cells: BTreeMap<Timestamp, Cell> = BTreeMap::new();
    let seconds = i64::try_from(steps.seconds()).unwrap_or(i64::MAX);
    let looked: std::collections::BTreeSet<Timestamp> = sources
        .values()
        .flatten()
        .filter(|record| steps.period().contains(record.ts))
        .map(|record| steps.start_of(record.ts))
        .collect();
    let mut logs: BTreeMap<Timestamp, Logs> = BTreeMap::new();
    for records in sources.values() {
        let usual = usual_wait(&times(records)).unwrap_or(0);
        let hold = HOLDS.saturating_mul(usual.max(seconds));
        for &start in &looked {
            let end = steps.within(start).to.unwrap_or(Timestamp::MAX);
            let behind = records.partition_point(|record| record.ts < end);
            let Some(last) = behind.checked_sub(1).and_then(|at| records.get(at)) else {
                continue;
            };
            let cell = cells.entry(start).or_default();
            if last.ts >= start {
                cell.sources_in += 1;
            } else if behind < records.len() || start.as_second() - last.ts.as_second() <= hold {
                cell.sources_held += 1;
            } else {
                continue;
            }
            cell.source_objects = cell.source_objects.saturating_add(last.source_objects);
            cell.source_bytes = cell.source_bytes.saturating_add(last.source_bytes);
            logs.entry(start).or_default().see(last);
        }
        stored_requests(records, steps, &mut cells);
    }
    for (start, cell) in &mut cells {
        if let Some(logs) = logs.get(start) {
            (cell.logs_files, cell.logs_bytes) = logs.sums();
        }
    }
    cells
}

/// Adds what was known of requests at each snapshot to the step it was taken in, each moment once.
fn stored_requests(records: &[SnapshotRecord], steps: Steps, cells: &mut BTreeMap<Timestamp, Cell>) {
    let mut counted_until = Timestamp::MIN;
    for record in records {
        let interval = record.interval().filter(|(start, _)| *start >= counted_until);
        if let Some((_, end)) = interval {
            counted_until = end;
        }
        let start = steps.start_of(record.ts);
        if !steps.period().contains(record.ts) {
            continue;
        }
        let Some(cell) = cells.get_mut(&start) else {
            continue;
        };
        let requests = &mut cell.requests;
        if interval.is_none() {
            // Counts of the whole log, or none at all; one that overlaps is a second look at the same time.
            requests.complete &= record.interval().is_some();
            continue;
        }
        requests.total = requests.total.saturating_add(record.requests_total);
        requests.bytes_sent = requests.bytes_sent.saturating_add(record.bytes_sent);
        requests.status_4xx = requests.status_4xx.saturating_add(record.status_4xx);
        requests.status_5xx = requests.status_5xx.saturating_add(record.status_5xx);
        requests.complete &= record.requests_complete;
    }
}

/// What lies in the places that logs are delivered to. Many buckets share one, which counts once, as it was seen last.
#[derive(Debug, Default)]
struct Logs(BTreeMap<(String, String), (Timestamp, u64, u64)>);

impl Logs {
    fn see(&mut self, record: &SnapshotRecord) {
        if record.logs_bucket.is_empty() {
            return;
        }
        let place = (record.logs_bucket.clone(), record.logs_prefix.clone());
        let seen = (record.ts, record.logs_files, record.logs_bytes);
        let known = self.0.entry(place).or_insert(seen);
        if known.0 < record.ts {
            *known = seen;
        }
    }

    fn sums(&self) -> (u64, u64) {
        let mut sums = (0_u64, 0_u64);
        for ((bucket, prefix), (_, files, bytes)) in &self.0 {
            let within = |(other_bucket, other): &(String, String)| {
                other_bucket == bucket && other != prefix && prefix.starts_with(other.as_str())
            };
            if !self.0.keys().any(within) {
                sums = (sums.0.saturating_add(*files), sums.1.saturating_add(*bytes));
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests;
