//! What happened, as the access log tells.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};
use spacewatch_lake::{Dimension, IntervalAsk, Lake, Measure, RecordFilter, Top, TopAsk};
use spacewatch_model::{BucketName, TimeRange};

use super::GrowthMetric;
use super::amounts::amount;
use super::buckets::{BucketGrowth, GrownOver, OVER_DAYS};
use super::grid::{Grid, HOUR};
use crate::ToolError;
use crate::anomalies::known;

/// Buckets told apart.
const MAX_BUCKETS: usize = 1_000;

/// What happened, hour by hour.
pub(super) struct Flows {
    /// By the number of the hour since 1970.
    hours: BTreeMap<i64, u64>,
    /// The hours whose log is complete.
    known: BTreeSet<i64>,
}

/// The requests that count.
pub(super) fn requests(bucket: Option<&BucketName>, period: TimeRange) -> RecordFilter {
    RecordFilter {
        bucket: bucket.cloned(),
        period,
        requests_only: true,
        ..RecordFilter::default()
    }
}

pub(super) async fn read(
    lake: &Lake,
    bucket: Option<&BucketName>,
    (metric, window): (GrowthMetric, TimeRange),
) -> Result<Flows, ToolError> {
    let period = known::recorded(lake, whole_hours(window)).await?;
    let nothing = TimeRange {
        from: period.to,
        to: period.to,
    };
    let known = known::hours(lake, bucket, (period, nothing)).await?;
    let ask = IntervalAsk {
        filter: requests(bucket, period),
        edges: Grid::of(period, HOUR)
            .steps()
            .map(|(start, _)| start)
            .chain(period.to)
            .collect(),
        addresses: 0,
    };
    let mut hours = BTreeMap::new();
    for interval in lake.intervals(&ask).await? {
        let hour = hours.entry(number(interval.start)).or_insert(0_u64);
        for alike in &interval.requests {
            let value = match metric {
                GrowthMetric::BytesSent => alike.bytes_sent,
                _ => alike.requests,
            };
            *hour = hour.saturating_add(value);
        }
    }
    Ok(Flows {
        hours,
        known: known.into_iter().collect(),
    })
}

fn number(moment: Timestamp) -> i64 {
    moment.as_second().div_euclid(HOUR)
}

fn whole_hours(window: TimeRange) -> TimeRange {
    let grid = Grid::of(window, HOUR);
    TimeRange {
        from: Some(grid.start(0)),
        to: Some(grid.start(grid.length())),
    }
}

impl Flows {
    /// What happened in each step; none where the log of it is not complete.
    pub(super) fn sums(&self, grid: Grid) -> Vec<Option<f64>> {
        let sum = |(start, end): (Timestamp, Timestamp)| {
            let hours = number(start)..number(end);
            let complete = hours.clone().all(|hour| self.known.contains(&hour));
            let sum = self
                .hours
                .range(hours)
                .fold(0_u64, |sum, (_, value)| sum.saturating_add(*value));
            complete.then(|| amount(sum))
        };
        grid.steps().map(sum).collect()
    }
}

/// What happened of each bucket in some days up to now, against as many before them, as far as the log reaches.
pub(super) async fn buckets(
    lake: &Lake,
    bucket: Option<&BucketName>,
    metric: GrowthMetric,
    now: Timestamp,
) -> Result<Vec<BucketGrowth>, ToolError> {
    let mut rows: BTreeMap<String, Vec<GrownOver>> = BTreeMap::new();
    let oldest = lake.recorded().await?.map_or(now, |(oldest, _)| oldest);
    for days in OVER_DAYS {
        let ago = |times: i64| now.checked_sub((i64::from(days) * 24 * times).hours()).ok();
        let (Some(begin), Some(before)) = (ago(1), ago(2)) else {
            continue;
        };
        if before < oldest {
            continue;
        }
        let earlier = by_bucket(lake, bucket, (metric, before, begin)).await?;
        let later = by_bucket(lake, bucket, (metric, begin, now)).await?;
        let names: BTreeSet<&String> = earlier.keys().chain(later.keys()).collect();
        for name in names {
            let value = |of: &BTreeMap<String, u64>| of.get(name).copied().unwrap_or(0);
            let over = GrownOver::of(days, value(&earlier), value(&later));
            rows.entry(name.clone()).or_default().push(over);
        }
    }
    let rows = rows.into_iter().map(|(bucket, grown)| BucketGrowth {
        bucket,
        prefix: String::new(),
        now: None,
        now_as_of: None,
        grown,
    });
    Ok(super::buckets::sorted(rows.collect()))
}

async fn by_bucket(
    lake: &Lake,
    bucket: Option<&BucketName>,
    (metric, from, to): (GrowthMetric, Timestamp, Timestamp),
) -> Result<BTreeMap<String, u64>, ToolError> {
    let period = TimeRange {
        from: Some(from),
        to: Some(to),
    };
    let Top { rows, .. } = lake
        .top(&TopAsk {
            filter: requests(bucket, period),
            dimension: Dimension::Bucket,
            by: measure(metric),
            limit: MAX_BUCKETS,
        })
        .await?;
    let value = |row: &spacewatch_lake::TopRow| match metric {
        GrowthMetric::BytesSent => row.bytes_sent,
        _ => row.requests,
    };
    Ok(rows.iter().map(|row| (row.value.clone(), value(row))).collect())
}

pub(super) fn measure(metric: GrowthMetric) -> Measure {
    match metric {
        GrowthMetric::BytesSent => Measure::BytesSent,
        _ => Measure::Requests,
    }
}
