//! What each hour showed.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::try_join;
use jiff::Timestamp;
use spacewatch_lake::{
    ActivityAsk, IntervalAsk, Lake, LakeError, Latency, LatencyAsk, LatencyKind, RecordFilter, SizeAsk,
    SizeKind, StatusFilter, nearest_rank,
};
use spacewatch_model::TimeRange;

use super::AnomalyMetric;
use super::verdict::Amount;
use crate::metrics::UPLOADS;

pub(super) const HOUR: Duration = Duration::from_hours(1);
const SUCCESSES: StatusFilter = StatusFilter { from: 200, to: 299 };
/// Sizes are told apart by steps of the square root of two, so a sum of squares is at most twice the true one.
const CLASSES: u32 = 84;
/// Fewer requests tell no percentile that far out.
const LEAST_TIMED: u64 = 100;
/// Hours whose times are asked for in one go: each has a row for every millisecond that occurs.
const HOURS_AT_ONCE: usize = 72;

/// What one hour showed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Hour {
    pub(super) requests: u64,
    pub(super) client_errors: u64,
    pub(super) server_errors: u64,
    pub(super) sent: Bytes,
    pub(super) uploaded: Bytes,
    /// The 95th percentile, where enough requests were timed.
    pub(super) first_byte_ms: Option<u64>,
    pub(super) total_ms: Option<u64>,
}

/// A sum of sizes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Bytes {
    pub(super) sum: u64,
    /// The sum of their squares, at most twice too large: how far a few large ones can move the sum.
    squares: f64,
}

impl Bytes {
    #[expect(clippy::cast_precision_loss, reason = "a noise is no exact number")]
    pub(super) fn amount(self) -> Amount {
        Amount {
            value: self.sum as f64,
            chance: self.squares.sqrt(),
        }
    }
}

/// Hours by their number since 1970, filled by several questions at the same time, each of which knows a part of them.
#[derive(Default)]
struct Filling(Mutex<BTreeMap<i64, Hour>>);

impl Filling {
    fn hours(&self) -> MutexGuard<'_, BTreeMap<i64, Hour>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the hours of a period showed, by their number since 1970. An hour without a record is not there.
pub(super) async fn by_hour(
    lake: &Lake,
    filter: &RecordFilter,
    wanted: &[AnomalyMetric],
) -> Result<BTreeMap<i64, Hour>, LakeError> {
    let filling = Filling::default();
    let wants = |metric| wanted.contains(&metric);
    let sent = async {
        match wants(AnomalyMetric::BytesSent) {
            true => squares(lake, filter, SizeKind::Sent, &filling).await,
            false => Ok(()),
        }
    };
    let uploaded = async {
        if wants(AnomalyMetric::BytesUploaded) {
            uploads(lake, filter, &filling).await?;
            squares(lake, filter, SizeKind::Object, &filling).await?;
        }
        Ok(())
    };
    let timed = async {
        for (metric, kind) in [
            (AnomalyMetric::FirstByteP95, LatencyKind::Turnaround),
            (AnomalyMetric::TotalP95, LatencyKind::Total),
        ] {
            if wants(metric) {
                percentiles(lake, filter, kind, &filling).await?;
            }
        }
        Ok(())
    };
    try_join!(requests(lake, filter, &filling), sent, uploaded, timed)?;
    Ok(filling.0.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// The number of an hour since 1970.
pub(super) fn number(moment: Timestamp) -> i64 {
    moment.as_second().div_euclid(3600)
}

/// When it begins.
pub(super) fn start(hour: i64) -> Timestamp {
    Timestamp::from_second(hour.saturating_mul(3600)).unwrap_or(Timestamp::MAX)
}

/// The numbers of the hours of a period that has both ends on hours.
pub(super) fn numbers(period: TimeRange) -> std::ops::Range<i64> {
    let end = |moment: Option<Timestamp>| moment.map_or(0, number);
    end(period.from)..end(period.to)
}

async fn requests(lake: &Lake, filter: &RecordFilter, filling: &Filling) -> Result<(), LakeError> {
    let all = numbers(filter.period);
    let ask = IntervalAsk {
        filter: filter.clone(),
        edges: (all.start..=all.end).map(start).collect(),
        addresses: 0,
    };
    let intervals = lake.intervals(&ask).await?;
    let mut hours = filling.hours();
    for interval in intervals {
        if interval.requests.is_empty() {
            continue;
        }
        let hour = hours.entry(number(interval.start)).or_default();
        for alike in &interval.requests {
            let count = |sum: &mut u64| *sum = sum.saturating_add(alike.requests);
            count(&mut hour.requests);
            match alike.status {
                Some(400..=499) => count(&mut hour.client_errors),
                Some(500..=599) => count(&mut hour.server_errors),
                _ => {}
            }
            hour.sent.sum = hour.sent.sum.saturating_add(alike.bytes_sent);
        }
    }
    Ok(())
}

async fn uploads(lake: &Lake, filter: &RecordFilter, filling: &Filling) -> Result<(), LakeError> {
    let ask = ActivityAsk {
        filter: uploaded(filter),
        step: Some(HOUR),
        by: None,
        extremes: false,
    };
    let rows = lake.activity(&ask).await?;
    let mut hours = filling.hours();
    for row in rows {
        let Some(step) = row.step else { continue };
        let sum = &mut hours.entry(number(step)).or_default().uploaded.sum;
        *sum = sum.saturating_add(row.object_bytes);
    }
    Ok(())
}

/// How far a few large ones can move the bytes sent, or those uploaded.
#[expect(clippy::cast_precision_loss, reason = "a noise is no exact number")]
async fn squares(
    lake: &Lake,
    filter: &RecordFilter,
    kind: SizeKind,
    filling: &Filling,
) -> Result<(), LakeError> {
    let uploads = kind == SizeKind::Object;
    let filter = if uploads { uploaded(filter) } else { filter.clone() };
    let ask = SizeAsk {
        filter,
        operations: Vec::new(),
        kind,
        edges: classes(),
        step: Some(HOUR),
        by: None,
    };
    let rows = lake.sizes(&ask).await?;
    let mut hours = filling.hours();
    for row in rows {
        let Some(step) = row.step else { continue };
        let hour = hours.entry(number(step)).or_default();
        let bytes = if uploads {
            &mut hour.uploaded
        } else {
            &mut hour.sent
        };
        bytes.squares += row.requests as f64 * (row.bytes as f64).powi(2);
    }
    Ok(())
}

/// What brought bytes in.
pub(super) fn uploaded(filter: &RecordFilter) -> RecordFilter {
    RecordFilter {
        exact_operations: UPLOADS.iter().map(|&operation| operation.to_owned()).collect(),
        statuses: vec![SUCCESSES],
        ..filter.clone()
    }
}

fn classes() -> Vec<u64> {
    let class = |step: u32| {
        let power = 1_u64 << (step / 2);
        if step.is_multiple_of(2) {
            power
        } else {
            power + power / 2
        }
    };
    std::iter::once(0).chain((0..CLASSES).map(class)).collect()
}

async fn percentiles(
    lake: &Lake,
    filter: &RecordFilter,
    kind: LatencyKind,
    filling: &Filling,
) -> Result<(), LakeError> {
    let all = numbers(filter.period);
    for first in all.clone().step_by(HOURS_AT_ONCE) {
        let behind = all
            .end
            .min(first.saturating_add(i64::try_from(HOURS_AT_ONCE).unwrap_or(1)));
        let ask = LatencyAsk {
            filter: RecordFilter {
                period: TimeRange {
                    from: Some(start(first)),
                    to: Some(start(behind)),
                },
                ..filter.clone()
            },
            kind,
            step: Some(HOUR),
            by: None,
        };
        let rows = lake.latency(&ask).await?;
        let mut hours = filling.hours();
        for rows in rows.chunk_by(|a, b| a.step == b.step) {
            let Some(step) = rows.first().and_then(|row| row.step) else {
                continue;
            };
            let percentile = timed(rows);
            let hour = hours.entry(number(step)).or_default();
            match kind {
                LatencyKind::Turnaround => hour.first_byte_ms = percentile,
                LatencyKind::Total => hour.total_ms = percentile,
            }
        }
    }
    Ok(())
}

fn timed(rows: &[Latency]) -> Option<u64> {
    let requests = rows
        .iter()
        .fold(0_u64, |sum, row| sum.saturating_add(row.requests));
    if requests < LEAST_TIMED {
        return None;
    }
    nearest_rank(rows, 95.0)
}
