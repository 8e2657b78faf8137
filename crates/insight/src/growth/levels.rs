//! What was stored, as snapshots tell.

use jiff::Timestamp;
use spacewatch_model::{BucketName, Prefix, TimeRange};
use spacewatch_snapshots::{Reading, SnapshotRecord, Source, Wanted};

use super::GrowthMetric;
use super::amounts::amount;
use super::buckets::{BucketGrowth, GrownOver, OVER_DAYS};
use super::grid::{DAY, Grid};
use crate::snapshots::{self, BySource};
use crate::{Tenant, ToolError};

/// A bucket nobody looks at any more counts for so many steps after its last snapshot.
const HOLDS: usize = 3;

/// Snapshots of one bucket, or of all.
pub(super) struct Levels {
    sources: BySource,
    pub(super) reading: Reading,
}

pub(super) async fn read(
    tenant: &Tenant,
    bucket: Option<&BucketName>,
    window: TimeRange,
) -> Result<Levels, ToolError> {
    let place = snapshots::place(tenant)?;
    let wanted = Wanted {
        period: window,
        source: bucket.map(|bucket| Source {
            bucket: bucket.clone(),
            prefix: Prefix::default(),
        }),
        top_ips: false,
    };
    let history = tenant
        .histories
        .snapshots
        .read(&tenant.store, &place, &wanted)
        .await?;
    Ok(Levels {
        sources: snapshots::by_source(history.records),
        reading: history.reading,
    })
}

fn told(record: &SnapshotRecord, metric: GrowthMetric) -> u64 {
    match metric {
        GrowthMetric::ObjectCount => record.source_objects,
        _ => record.source_bytes,
    }
}

impl Levels {
    /// What was stored at the end of each step, of all sources together: none in a step in which nobody looked at any.
    pub(super) fn at_ends(&self, grid: Grid, metric: GrowthMetric) -> Vec<Option<f64>> {
        let mut sums: Vec<Option<f64>> = vec![None; grid.length()];
        for records in self.sources.values() {
            let looked = grid
                .steps()
                .map(|(start, end)| looked_within(records, start, end));
            for (sum, looked) in sums.iter_mut().zip(looked) {
                *sum = looked.then_some(0.0).or(*sum);
            }
        }
        for records in self.sources.values() {
            for (sum, level) in sums.iter_mut().zip(held(records, grid, metric)) {
                *sum = sum.map(|sum| sum + level);
            }
        }
        sums
    }

    /// What each bucket grew by until its newest snapshot.
    pub(super) fn buckets(&self, metric: GrowthMetric, now: Timestamp) -> Vec<BucketGrowth> {
        let rows = self.sources.iter().filter_map(|(source, records)| {
            let last = records.last()?;
            let level = told(last, metric);
            let over = OVER_DAYS.map(|days| grown(records, (metric, level), days, now));
            Some(BucketGrowth {
                bucket: source.bucket.to_string(),
                prefix: source.prefix.to_string(),
                now: Some(level),
                now_as_of: Some(last.ts),
                grown: over.into_iter().flatten().collect(),
            })
        });
        super::buckets::sorted(rows.collect())
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let firsts = self.sources.values().filter_map(|records| records.first());
        let first = firsts.clone().map(|record| record.ts).min();
        let late = firsts
            .filter(|record| first.is_some_and(|first| record.ts.as_second() - first.as_second() > DAY))
            .map(|record| {
                format!(
                    "{} (since {})",
                    record.source_bucket,
                    record.ts.strftime("%Y-%m-%d")
                )
            });
        let late: Vec<_> = late.take(5).collect();
        if late.is_empty() {
            return Vec::new();
        }
        vec![format!(
            "there are snapshots of some buckets only later: {}; before that they count with their first figure",
            late.join(", ")
        )]
    }
}

fn looked_within(records: &[SnapshotRecord], start: Timestamp, end: Timestamp) -> bool {
    let behind = records.partition_point(|record| record.ts < end);
    let last = behind.checked_sub(1).and_then(|at| records.get(at));
    last.is_some_and(|record| record.ts >= start)
}

/// What one source held at the end of each step. Between two snapshots it held what the first one says; before all of them what the
/// first one says, so that a bucket doesn't seem to grow out of nothing when somebody begins to look at it.
fn held(records: &[SnapshotRecord], grid: Grid, metric: GrowthMetric) -> impl Iterator<Item = f64> {
    let mut since_last = 0;
    grid.steps().map(move |(_, end)| {
        let behind = records.partition_point(|record| record.ts < end);
        since_last += usize::from(behind == records.len());
        let record = records.get(behind.saturating_sub(1));
        let held = record.filter(|_| since_last <= HOLDS + 1);
        held.map_or(0.0, |record| amount(told(record, metric)))
    })
}

/// What it grew by in so many days before now, if somebody looked about then.
fn grown(
    records: &[SnapshotRecord],
    (metric, level): (GrowthMetric, u64),
    days: u32,
    now: Timestamp,
) -> Option<GrownOver> {
    let ago = i64::from(days) * DAY;
    let then = now.as_second().saturating_sub(ago);
    let behind = records.partition_point(|record| record.ts.as_second() <= then);
    let before = records.get(behind.checked_sub(1)?)?;
    // Somebody looked not much longer ago than was asked for.
    let near = then.saturating_sub(before.ts.as_second()) <= (ago / 4).min(2 * DAY);
    near.then(|| GrownOver::of(days, told(before, metric), level))
}
