//! What the log can tell of the time between two scans.

use jiff::Timestamp;
use spacewatch_lake::{DeedsAsk, Dimension, KeyDeed, Lake, Measure, RecordFilter, TopAsk, TopRow};
use spacewatch_model::{BucketName, Coverage, TimeRange};
use tokio::sync::mpsc;

use super::DiffArgs;
use super::pick::Picked;
use super::tie::{Between, CLOCKS};
use crate::logs::{self, Asked};
use crate::{Tenant, ToolError};

/// What a request that deletes many objects is called, by several writers.
const DELETIONS: [&str; 2] = ["REST.POST.MULTI_OBJECT_DELETE", "REST.POST.DELETE_MULTI_OBJECT"];
/// A line for each of those objects.
const DELETED: &str = "BATCH.DELETE.OBJECT";

/// The log, and how far it can be relied on.
pub(super) struct AskedLog {
    /// Absent where there is no record of the bucket.
    lake: Option<Lake>,
    pub(super) coverage: Option<Coverage>,
    /// Why the log doesn't tell all.
    pub(super) note: Option<String>,
    nameless_deletions: bool,
}

/// Reads the log of the window as far as may be.
pub(super) async fn ask(tenant: &Tenant, args: &DiffArgs, picked: &Picked) -> Result<AskedLog, ToolError> {
    if tenant.log_bucket.is_none() {
        return Ok(AskedLog {
            lake: None,
            coverage: None,
            note: Some("no bucket with access logs is named, so no change is explained".to_owned()),
            nameless_deletions: false,
        });
    }
    let window = picked.window();
    let Asked { lake, coverage } = logs::ask(tenant, Some(&args.bucket), window, args.wait).await?;
    let wide = widened(window);
    let of_bucket = counted(&lake, &args.bucket, wide, Dimension::Bucket, Vec::new()).await?;
    let known = of_bucket.first().map(|row| (row.first_seen, row.last_seen));
    let mut says: Vec<String> = coverage.note.clone().into_iter().collect();
    if !coverage.complete && says.is_empty() {
        says.push("the log of the window is not complete".to_owned());
    }
    says.extend(gap(known, picked));
    Ok(AskedLog {
        nameless_deletions: are_nameless(&lake, &args.bucket, wide).await?,
        lake: known.map(|_| lake),
        note: (!says.is_empty()).then(|| says.join("; ")),
        coverage: Some(coverage),
    })
}

/// Clocks differ.
pub(super) fn widened(window: TimeRange) -> TimeRange {
    TimeRange {
        from: window
            .from
            .map(|from| from.saturating_sub(CLOCKS).unwrap_or(Timestamp::MIN)),
        to: window
            .to
            .map(|to| to.saturating_add(CLOCKS).unwrap_or(Timestamp::MAX)),
    }
}

async fn counted(
    lake: &Lake,
    bucket: &BucketName,
    period: TimeRange,
    dimension: Dimension,
    operations: Vec<String>,
) -> Result<Vec<TopRow>, ToolError> {
    let ask = TopAsk {
        filter: RecordFilter {
            bucket: Some(bucket.clone()),
            period,
            operations,
            ..RecordFilter::default()
        },
        dimension,
        by: Measure::Requests,
        limit: DELETIONS.len().saturating_add(1),
    };
    Ok(lake.top(&ask).await?.rows)
}

/// Whether objects were deleted many at once, without a line for each of them.
async fn are_nameless(lake: &Lake, bucket: &BucketName, period: TimeRange) -> Result<bool, ToolError> {
    let operations = DELETIONS
        .iter()
        .chain([&DELETED])
        .map(|&name| name.to_owned())
        .collect();
    let found = counted(lake, bucket, period, Dimension::Operation, operations).await?;
    let any = |names: &[&str]| found.iter().any(|row| names.contains(&row.value.as_str()));
    Ok(any(&DELETIONS) && !any(&[DELETED]))
}

/// Taking an inventory is logged as well. Where a scan left no trace, the log doesn't reach over the whole window.
fn gap(known: Option<(Timestamp, Timestamp)>, picked: &Picked) -> Option<String> {
    let (first, second) = (picked.from.basis(), picked.to.basis());
    let Some((oldest, newest)) = known else {
        return Some("the log has no record of this bucket between the scans, so no change is explained: are its access logs switched on?".to_owned());
    };
    let begins_late = first
        .finished_at
        .saturating_add(CLOCKS)
        .is_ok_and(|end| oldest > end);
    let ends_early = second
        .as_of
        .saturating_sub(CLOCKS)
        .is_ok_and(|began| newest < began);
    let says = match (begins_late, ends_early) {
        (false, false) => return None,
        (true, false) => format!("its first record is of {oldest:.0}, after the first scan"),
        (false, true) => format!("its last record is of {newest:.0}, before the second scan"),
        (true, true) => format!("its records are of {oldest:.0} to {newest:.0}, and not of the scans"),
    };
    Some(format!(
        "the log of this bucket doesn't reach over the whole window: {says}"
    ))
}

impl AskedLog {
    /// Whether there is a log that can explain anything.
    pub(super) fn explains(&self) -> bool {
        self.lake.is_some()
    }

    /// What is remembered of it.
    pub(super) fn lake(&self) -> Option<&Lake> {
        self.lake.as_ref()
    }

    /// Whether it tells all of the window, as far as can be known.
    pub(super) fn is_complete(&self) -> bool {
        let complete = self.coverage.as_ref().is_some_and(|coverage| coverage.complete);
        complete && self.note.is_none()
    }

    pub(super) fn between(&self, picked: &Picked) -> Between {
        let (first, second) = (picked.from.basis(), picked.to.basis());
        Between {
            began: first.as_of,
            looked: second.as_of,
            ended: second.finished_at,
            nameless_deletions: self.nameless_deletions,
        }
    }

    /// Sends what was done to keys; nothing without a log.
    pub(super) async fn deeds(
        &self,
        args: &DiffArgs,
        picked: &Picked,
        sender: mpsc::Sender<Vec<KeyDeed>>,
    ) -> Result<(), ToolError> {
        let Some(lake) = &self.lake else {
            return Ok(());
        };
        let ask = DeedsAsk {
            bucket: args.bucket.clone(),
            period: widened(picked.window()),
            key_prefix: args.prefix.to_string(),
        };
        Ok(lake.deeds(&ask, sender).await?)
    }
}
