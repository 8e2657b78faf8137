//! What is asked for and isn't there.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_lake::{Dimension, Lake, Measure, RecordFilter, StatusFilter, TopAsk, TopRow};
use spacewatch_model::{BucketName, Coverage, ObjectKey, TimeRange};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::logs::{self, Asked, Day, Deed, DeedList, Given, LogRecord, Moment, Period};
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

/// Keys of one answer, by default and at most: for each the log is searched.
const ROWS: usize = 10;
const MAX_ROWS: usize = 100;
/// The period without a word about it: seven days.
const HOURS: u32 = 168;
/// Searches at a time.
const AT_ONCE: usize = 4;

/// `ghosts`: keys that clients ask for and that are not there, and who deleted them.
#[derive(Debug)]
pub struct Ghosts;

/// What `ghosts` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GhostsArgs {
    /// The bucket that was asked.
    pub bucket: BucketName,
    /// Only keys that begin so.
    #[serde(default)]
    pub key_prefix: Option<String>,
    /// From this moment on: seven days ago by default.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Given<Moment>,
    /// Up to this moment, which doesn't belong to it; a day belongs to it as a whole.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// A day in UTC, instead of the two.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub date_yyyy_mm_dd: Given<Day>,
    /// How many keys, 10 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Wait until all that may hold an answer was read.
    #[serde(default)]
    pub wait: bool,
}

/// What is asked for and isn't there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GhostsOutput {
    /// The bucket that was asked.
    pub bucket: BucketName,
    /// The period in which it was asked.
    pub window: TimeRange,
    /// How many keys were wished, after clamping.
    pub limit: usize,
    /// Asked for most first; equal ones by key.
    pub rows: Vec<Ghost>,
    /// How many such keys there are.
    pub distinct: u64,
    /// How many requests were answered with 404.
    pub requests: u64,
    /// There are more keys than this answer holds.
    pub truncated: bool,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// A key that is not there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ghost {
    /// The key.
    pub key: String,
    /// How many requests for it were answered with 404.
    pub requests: u64,
    /// The first of them.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// The last of them.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// The last time that somebody, or a lifecycle rule, deleted it, whenever that was; absent where the log tells of none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<LogRecord>,
}

impl Tool for Ghosts {
    const NAME: &'static str = "ghosts";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = GhostsArgs;
    type Output = GhostsOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let period = Period {
            from: &args.from,
            to: &args.to,
            day: &args.date_yyyy_mm_dd,
            hours: None,
        };
        let window = period.or_hours(HOURS).range(tenant.now())?;
        let limit = Limit::rows(args.limit, ROWS, MAX_ROWS);
        let Asked { lake, coverage } = logs::ask(tenant, Some(&args.bucket), window, args.wait).await?;
        let ask = TopAsk {
            filter: RecordFilter {
                bucket: Some(args.bucket.clone()),
                period: window,
                requests_only: true,
                key_prefix: args.key_prefix.clone().filter(|prefix| !prefix.is_empty()),
                statuses: vec![StatusFilter { from: 404, to: 404 }],
                ..RecordFilter::default()
            },
            dimension: Dimension::Key,
            by: Measure::Requests,
            limit,
        };
        let top = lake.top(&ask).await?;
        let log_bucket = logs::log_source(tenant)?.bucket;
        let rows: Vec<Ghost> = stream::iter(top.rows)
            .map(|row| ghost(&lake, &args.bucket, &log_bucket, row))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(GhostsOutput {
            bucket: args.bucket,
            window,
            limit,
            truncated: top.distinct > u64::try_from(rows.len()).unwrap_or(u64::MAX),
            rows,
            distinct: top.distinct,
            requests: top.requests,
            coverage,
        })
    }
}

async fn ghost(
    lake: &Lake,
    bucket: &BucketName,
    log_bucket: &BucketName,
    row: TopRow,
) -> Result<Ghost, ToolError> {
    Ok(Ghost {
        deleted: deletion(lake, bucket, log_bucket, &row.value).await?,
        key: row.value,
        requests: row.requests,
        first_seen: row.first_seen,
        last_seen: row.last_seen,
    })
}

/// The last successful deletion of a key.
async fn deletion(
    lake: &Lake,
    bucket: &BucketName,
    log_bucket: &BucketName,
    key: &str,
) -> Result<Option<LogRecord>, ToolError> {
    // What is no key can be asked for, but was never there.
    let Ok(key) = key.parse::<ObjectKey>() else {
        return Ok(None);
    };
    let filter = RecordFilter {
        bucket: Some(bucket.clone()),
        key: Some(key),
        operations: DeedList::of(&[Deed::Delete, Deed::Expire]).operations(),
        ..RecordFilter::default()
    };
    let found = lake.search(&filter, FEW, None).await?;
    let mut successes = found
        .rows
        .into_iter()
        .filter(|row| row.status.is_none_or(|status| status < 400));
    Ok(successes.next().map(|row| LogRecord::with_deed(row, log_bucket)))
}

/// Deletions looked at: one that was refused does not count, so more than one is needed.
const FEW: usize = 20;
