//! Incomplete uploads, and when they go.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use spacewatch_model::{ByteSize, Timestamp};
use utoipa::ToSchema;

use super::Source;
use crate::entry::{Row, timestamp};
use crate::ranking::Ranking;
use crate::{InventoryError, Kind};

const COLUMNS: [&str; 8] = [
    "key",
    "kind",
    "version_id",
    "size",
    "last_modified",
    "storage_class",
    "parts",
    "drop_after_days",
];

const DAY_SECONDS: i64 = 86_400;

/// What a list of uploads is ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadOrder {
    /// The largest first.
    #[default]
    Bytes,
    /// The oldest first.
    Age,
}

/// An upload in parts that was never completed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct IncompleteUpload {
    /// The key it is for.
    pub key: String,
    /// What the store calls it.
    pub upload_id: String,
    /// The size of its parts.
    pub size_bytes: ByteSize,
    /// How many parts it has.
    pub parts: u64,
    /// When it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub initiated: Option<Timestamp>,
    /// The storage class the object would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// When a lifecycle rule drops it: so many days after it was begun, at the next midnight in UTC. Absent where no rule does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub dropped_at: Option<Timestamp>,
    /// Days until then, from now; 0 when it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<u64>,
}

/// Incomplete uploads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UploadList {
    /// The first of them.
    pub uploads: Vec<IncompleteUpload>,
    /// How many there are.
    pub upload_count: u64,
    /// The size of their parts.
    pub total_bytes: ByteSize,
    /// How many of them no rule drops.
    pub without_rule: u64,
    /// The size of their parts.
    pub without_rule_bytes: ByteSize,
}

pub(crate) fn uploads(
    source: &Source,
    order: UploadOrder,
    limit: usize,
    now: Timestamp,
) -> Result<UploadList, InventoryError> {
    let mut first = Ranking::first(limit);
    let mut list = UploadList {
        uploads: Vec::new(),
        upload_count: 0,
        total_bytes: ByteSize(0),
        without_rule: 0,
        without_rule_bytes: ByteSize(0),
    };
    source.each(&COLUMNS, |row| {
        if row.kind != Kind::Upload {
            return;
        }
        list.upload_count = list.upload_count.saturating_add(1);
        list.total_bytes += ByteSize(row.size);
        if row.drop_after_days.is_none() {
            list.without_rule = list.without_rule.saturating_add(1);
            list.without_rule_bytes += ByteSize(row.size);
        }
        let rank = match order {
            UploadOrder::Bytes => (Reverse(row.size), 0),
            UploadOrder::Age => (Reverse(0), row.modified.unwrap_or(i64::MAX)),
        };
        if first.wants(|(last, _): &(_, IncompleteUpload)| rank <= *last) {
            first.offer((rank, shown(row, now)));
        }
    })?;
    list.uploads = first
        .into_sorted()
        .into_iter()
        .map(|(_, upload)| upload)
        .collect();
    Ok(list)
}

fn shown(row: &Row<'_>, now: Timestamp) -> IncompleteUpload {
    let initiated = timestamp(row.modified);
    let dropped_at = initiated
        .zip(row.drop_after_days)
        .and_then(|(at, days)| drop_time(at, days));
    let seconds_left = dropped_at.map(|at| at.as_second().saturating_sub(now.as_second()).max(0));
    IncompleteUpload {
        key: row.key.to_owned(),
        upload_id: row.version_id.unwrap_or_default().to_owned(),
        size_bytes: ByteSize(row.size),
        parts: row.parts.unwrap_or_default(),
        initiated,
        storage_class: row.storage_class.map(str::to_owned),
        dropped_at,
        days_left: seconds_left
            .and_then(|left| u64::try_from(left).ok())
            .map(|left| left.div_ceil(86_400)),
    }
}

/// Rules count whole days, and act at midnight.
fn drop_time(initiated: Timestamp, days: u32) -> Option<Timestamp> {
    let at = initiated
        .as_second()
        .checked_add(i64::from(days).checked_mul(DAY_SECONDS)?)?;
    let midnight = at
        .div_euclid(DAY_SECONDS)
        .checked_add(i64::from(at.rem_euclid(DAY_SECONDS) > 0))?;
    Timestamp::from_second(midnight.checked_mul(DAY_SECONDS)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_act_at_midnight() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let check = |begun, days, expected| assert_eq!(drop_time(at(begun), days), Some(at(expected)));
        check("2026-01-01T00:00:00Z", 7, "2026-01-08T00:00:00Z");
        check("2026-01-01T10:30:00Z", 7, "2026-01-09T00:00:00Z");
        check("2026-01-01T23:59:59Z", 1, "2026-01-03T00:00:00Z");
        assert_eq!(drop_time(Timestamp::MAX, u32::MAX), None);
    }
}
