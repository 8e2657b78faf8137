//! What a key did by hour, bucket and operation.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use spacewatch_lake::{Activity, ActivityAsk, Dimension, Uses};
use spacewatch_model::TimeRange;
use utoipa::ToSchema;

use super::deeds::{DELETES, DELETIONS_OF_MANY, Deeds, LISTINGS, ONE_OF_MANY, READS, WRITES};
use super::{KeyTotals, Suspect};
use crate::ToolError;

/// Lengths of a step; the first is taken that leaves a period no more than [`MAX_STEPS`].
const STEPS: [u64; 3] = [3_600, 86_400, 7 * 86_400];
const MAX_STEPS: u64 = 1_000;

/// One step of the time since a leak.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyHour {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Records.
    pub records: u64,
    /// Objects read.
    pub read: u64,
    /// Objects and parts written.
    pub wrote: u64,
    /// Objects deleted.
    pub deleted: u64,
    /// Listings.
    pub listed: u64,
    /// Refusals.
    pub refused: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
}

/// What was done in one bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyBucket {
    /// The bucket; absent where the log has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Not seen there before the leak, as far back as the log reaches.
    pub new: bool,
    /// Records since.
    pub records: u64,
    /// Objects read.
    pub read: u64,
    /// Objects and parts written.
    pub wrote: u64,
    /// Objects deleted.
    pub deleted: u64,
    /// Listings.
    pub listed: u64,
    /// Refusals.
    pub refused: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Records before.
    pub records_before: u64,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyOperation {
    /// Its name in the log.
    pub operation: String,
    /// Records.
    pub records: u64,
    /// Answered with 200 to 299, or a line without a status.
    pub done: u64,
    /// Refused.
    pub refused: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
}

/// What was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyRefusal {
    /// The bucket; absent where the log has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The operation.
    pub operation: String,
    /// The HTTP status.
    pub status: u16,
    /// The store's error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// How often.
    pub records: u64,
}

/// How much of everything.
#[derive(Debug, Clone, Default)]
struct Tally {
    records: u64,
    requests: u64,
    done: u64,
    read: u64,
    wrote: u64,
    deleted: u64,
    listed: u64,
    refused: u64,
    failed: u64,
    bytes_sent: u64,
}

impl Tally {
    fn add(&mut self, row: &Activity) {
        let count = |counts: bool| if counts { row.records } else { 0 };
        let is = |names: &[&str]| names.contains(&row.operation.as_str());
        let done = is_done(row.status);
        let all = [
            (&mut self.records, row.records),
            (&mut self.requests, count(row.is_request)),
            (&mut self.done, count(done)),
            (&mut self.read, count(done && is(&READS))),
            (&mut self.wrote, count(done && is(&WRITES))),
            (&mut self.deleted, count(done && is(&DELETES))),
            (&mut self.listed, count(done && is(&LISTINGS))),
            (&mut self.refused, count(is_refusal(row.status))),
            (&mut self.failed, count(row.status >= Some(400))),
            (&mut self.bytes_sent, row.bytes_sent),
        ];
        for (sum, more) in all {
            *sum = sum.saturating_add(more);
        }
    }
}

fn is_done(status: Option<u16>) -> bool {
    status.is_none_or(|status| (200..300).contains(&status))
}

fn is_refusal(status: Option<u16>) -> bool {
    matches!(status, Some(401 | 403))
}

/// What a key did since it leaked.
pub(super) struct Figures {
    pub(super) step: Duration,
    pub(super) hours: Vec<KeyHour>,
    /// How often many objects were deleted at once without a line for each.
    pub(super) unnamed_deletions: u64,
    all: Tally,
    by_bucket: BTreeMap<Option<String>, Tally>,
    by_operation: BTreeMap<String, Tally>,
    refused: BTreeMap<(Option<String>, String, u16, Option<String>), u64>,
    /// In which buckets it was seen, before as well.
    buckets: Uses,
}

impl Figures {
    pub(super) async fn of(
        suspect: &Suspect<'_>,
        window: TimeRange,
        now: Timestamp,
    ) -> Result<Self, ToolError> {
        let ask = ActivityAsk {
            filter: suspect.since(),
            step: Some(step_of(window, now)),
            by: Some(Dimension::Bucket),
            extremes: false,
        };
        let rows = suspect.lake.activity(&ask).await?;
        let mut figures = Self {
            step: step_of(window, now),
            hours: Vec::new(),
            unnamed_deletions: 0,
            all: Tally::default(),
            by_bucket: BTreeMap::new(),
            by_operation: BTreeMap::new(),
            refused: BTreeMap::new(),
            buckets: suspect.uses(Dimension::Bucket).await?,
        };
        let mut by_step: BTreeMap<Timestamp, Tally> = BTreeMap::new();
        for row in rows {
            figures.all.add(&row);
            by_step.entry(row.step.unwrap_or_default()).or_default().add(&row);
            figures.by_bucket.entry(row.group.clone()).or_default().add(&row);
            figures
                .by_operation
                .entry(row.operation.clone())
                .or_default()
                .add(&row);
            if let Some(status) = row.status.filter(|status| is_refusal(Some(*status))) {
                let refused = (row.group, row.operation, status, row.error_code);
                let records = figures.refused.entry(refused).or_default();
                *records = records.saturating_add(row.records);
            }
        }
        figures.hours = by_step
            .into_iter()
            .map(|(start, tally)| hour(start, tally))
            .collect();
        figures.unnamed_deletions = figures.unnamed();
        Ok(figures)
    }

    /// AWS writes a line for each key of a deletion of many; other stores only one for all.
    fn unnamed(&self) -> u64 {
        let done = |operation: &str| self.by_operation.get(operation).map_or(0, |tally| tally.done);
        let of_many = DELETIONS_OF_MANY.iter().map(|operation| done(operation));
        let of_many = of_many.fold(0, u64::saturating_add);
        if done(ONE_OF_MANY) > 0 { 0 } else { of_many }
    }

    pub(super) fn totals(&self, deeds: &Deeds) -> KeyTotals {
        KeyTotals {
            records: self.all.records,
            requests: self.all.requests,
            refused: self.all.refused,
            failed: self.all.failed,
            bytes_sent: self.all.bytes_sent,
            read: deeds.read.total,
            wrote: deeds.wrote.total,
            deleted: deeds.deleted.total,
            listings: deeds.listings,
            listed_prefixes: deeds.listed_prefixes,
            buckets: self.buckets.distinct,
            ..KeyTotals::default()
        }
    }

    /// Each list with how long it is and how much of it is shown.
    pub(super) fn shown(&self, limit: usize) -> [(&'static str, u64, usize); 3] {
        let length = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let (operations, refused) = (self.by_operation.len(), self.refused.len());
        [
            ("buckets", self.buckets.distinct, self.buckets.rows.len()),
            ("operations", length(operations), operations.min(limit)),
            ("refused", length(refused), refused.min(limit)),
        ]
    }

    /// What it did where; what is new first, then where it did most.
    pub(super) fn buckets(&self, limit: usize) -> Vec<KeyBucket> {
        let rows = self.buckets.rows.iter().take(limit);
        let bucket = rows.map(|row| {
            let bucket = row.values.first().cloned().flatten();
            let tally = self.by_bucket.get(&bucket).cloned().unwrap_or_default();
            KeyBucket {
                bucket,
                new: row.before.is_none(),
                records: row.since.records,
                read: tally.read,
                wrote: tally.wrote,
                deleted: tally.deleted,
                listed: tally.listed,
                refused: tally.refused,
                bytes_sent: row.since.bytes_sent,
                records_before: row.before.map_or(0, |before| before.records),
            }
        });
        bucket.collect()
    }

    /// The most frequent operations; equal ones by name.
    pub(super) fn operations(&self, limit: usize) -> Vec<KeyOperation> {
        let operation = |(name, tally): (&String, &Tally)| KeyOperation {
            operation: name.clone(),
            records: tally.records,
            done: tally.done,
            refused: tally.refused,
            bytes_sent: tally.bytes_sent,
        };
        let mut all: Vec<_> = self.by_operation.iter().map(operation).collect();
        all.sort_by_key(|row| Reverse(row.records));
        all.truncate(limit);
        all
    }

    /// The most frequent refusals; equal ones by bucket, then by operation.
    pub(super) fn refusals(&self, limit: usize) -> Vec<KeyRefusal> {
        let refused = self
            .refused
            .iter()
            .map(|((bucket, operation, status, code), records)| KeyRefusal {
                bucket: bucket.clone(),
                operation: operation.clone(),
                status: *status,
                error_code: code.clone(),
                records: *records,
            });
        let mut all: Vec<_> = refused.collect();
        all.sort_by_key(|row| Reverse(row.records));
        all.truncate(limit);
        all
    }
}

fn hour(start: Timestamp, tally: Tally) -> KeyHour {
    KeyHour {
        start,
        records: tally.records,
        read: tally.read,
        wrote: tally.wrote,
        deleted: tally.deleted,
        listed: tally.listed,
        refused: tally.refused,
        bytes_sent: tally.bytes_sent,
    }
}

fn step_of(window: TimeRange, now: Timestamp) -> Duration {
    let from = window.from.unwrap_or(Timestamp::UNIX_EPOCH);
    let seconds = window
        .to
        .unwrap_or(now)
        .as_second()
        .saturating_sub(from.as_second());
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let fits = |step: &&u64| seconds / **step < MAX_STEPS;
    let [.., longest] = STEPS;
    Duration::from_secs(STEPS.iter().find(fits).copied().unwrap_or(longest))
}
