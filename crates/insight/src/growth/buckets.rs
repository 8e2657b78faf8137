//! How much each bucket grew.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::amounts::{amount, percent};

/// Over how many days it is told.
pub(super) const OVER_DAYS: [u32; 3] = [1, 7, 30];

/// How much one bucket grew.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BucketGrowth {
    /// The bucket.
    pub bucket: String,
    /// The prefix that snapshots of it look under; empty for all of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// What is stored, as the newest snapshot says. Absent of what happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<u64>,
    /// When that was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub now_as_of: Option<Timestamp>,
    /// Over 1, 7 and 30 days, as far as the past is known.
    pub grown: Vec<GrownOver>,
}

/// How much it grew over some days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct GrownOver {
    /// How many days.
    pub days: u32,
    /// What was stored before them, or what happened in as many days before them.
    pub before: u64,
    /// What is stored now, or what happened in them.
    pub after: u64,
    /// The difference.
    pub change: i64,
    /// The same in percent of before; absent where that is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<f64>,
}

impl GrownOver {
    pub(super) fn of(days: u32, before: u64, after: u64) -> Self {
        let change = i128::from(after) - i128::from(before);
        Self {
            days,
            before,
            after,
            change: i64::try_from(change).unwrap_or(if change < 0 { i64::MIN } else { i64::MAX }),
            change_percent: percent(amount(after) - amount(before), amount(before)),
        }
    }
}

/// Those that grew most over the longest time first.
pub(super) fn sorted(mut rows: Vec<BucketGrowth>) -> Vec<BucketGrowth> {
    rows.sort_by(|a, b| {
        let key = |row: &BucketGrowth| {
            let longest = row.grown.last();
            Reverse((longest.map(|over| (over.days, over.change)), row.now))
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| a.bucket.cmp(&b.bucket))
            .then_with(|| a.prefix.cmp(&b.prefix))
    });
    rows
}
