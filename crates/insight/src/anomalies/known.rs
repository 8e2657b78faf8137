//! Which hours the log tells everything about.

use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use spacewatch_lake::{Lake, LakeError};
use spacewatch_model::{BucketName, TimeRange};
use utoipa::ToSchema;

use super::figures::{HOUR, number, numbers, start};
use crate::metrics::{Steps, known_until};

/// Hours that were not judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NotJudged {
    /// From here on.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Up to here.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Why not.
    pub why: String,
}

/// What of a period the log can tell of: from the first whole hour on that it has records of.
pub(crate) async fn recorded(lake: &Lake, period: TimeRange) -> Result<TimeRange, LakeError> {
    let begins = match lake.recorded().await? {
        Some((first, _)) => start(number(first).saturating_add(1)),
        None => period.to.unwrap_or(Timestamp::MAX),
    };
    let from = period.from.map_or(begins, |from| from.max(begins));
    Ok(TimeRange {
        from: Some(period.to.map_or(from, |to| from.min(to))),
        to: period.to,
    })
}

/// The hours whose log is complete, in order: of the history by days, of the window by hours.
pub(crate) async fn hours(
    lake: &Lake,
    bucket: Option<&BucketName>,
    (history, window): (TimeRange, TimeRange),
) -> Result<Vec<i64>, LakeError> {
    let before = TimeRange {
        from: history.from,
        to: window.from.max(history.from),
    };
    let mut known = Vec::new();
    if lake.coverage(bucket, before).await?.complete {
        known.extend(numbers(before));
    } else {
        for day in days(before) {
            if lake.coverage(bucket, day).await?.complete {
                known.extend(numbers(day));
            }
        }
    }
    let (Some(from), Some(to)) = (window.from.max(history.from), window.to) else {
        return Ok(known);
    };
    let steps = Steps::new(from, to, HOUR.as_secs(), usize::MAX);
    let complete = lake.coverage(bucket, steps.period()).await?.complete;
    let until = known_until(lake, bucket, steps, complete).await?.unwrap_or(to);
    known.extend(number(from)..number(until));
    Ok(known)
}

/// A period cut at midnight, UTC.
fn days(period: TimeRange) -> Vec<TimeRange> {
    let (Some(mut from), Some(to)) = (period.from, period.to) else {
        return Vec::new();
    };
    let mut days = Vec::new();
    while from < to {
        let midnight = start((number(from).div_euclid(24) + 1).saturating_mul(24));
        let end = midnight.min(to).max(from.checked_add(1.hours()).unwrap_or(to));
        days.push(TimeRange {
            from: Some(from),
            to: Some(end),
        });
        from = end;
    }
    days
}
