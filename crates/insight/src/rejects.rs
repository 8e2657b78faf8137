//! What could not be read of access logs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_lake::{Position, Reject};
use spacewatch_model::{BucketName, Coverage};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::logs::{self, Day, Given, LogPlace, Moment, Period, RawText};
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

/// Rejects of one answer, by default and at most.
const ROWS: usize = 50;
const MAX_ROWS: usize = 500;

/// `rejects`: lines that are no records, and log objects that could not be read to their end, each with its reason.
#[derive(Debug)]
pub struct Rejects;

/// What `rejects` needs. The period is when they were met: what can't be read has no time of its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct RejectsArgs {
    /// Met from this moment on: `2026-11-22T10:00:00Z`, `2026-11-22`, `-24h`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Given<Moment>,
    /// Met before this moment.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// Met on this day in UTC.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub date_yyyy_mm_dd: Given<Day>,
    /// Met within so many hours.
    #[serde(default)]
    pub hours: Option<Limit>,
    /// How many, 50 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// The `next` of the answer before, to go on behind it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub next: Given<String>,
    /// Wait until everything was read.
    #[serde(default)]
    pub wait: bool,
}

/// What could not be read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RejectsOutput {
    /// How many there are in the period.
    pub total: u64,
    /// How many this answer holds.
    pub count: usize,
    /// How many were wished, after clamping.
    pub limit: usize,
    /// The ones met last stand first.
    pub rejects: Vec<RejectedLine>,
    /// There are more than this answer holds.
    pub truncated: bool,
    /// Pass this on to get the next ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// A line that is no record, or a log object that could not be read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RejectedLine {
    /// Where it stands; without an offset the object as a whole is meant.
    pub log_object: LogPlace,
    /// Why, in a word that stays the same.
    pub reason: String,
    /// Why, in a sentence.
    pub detail: String,
    /// The line, or its beginning; bytes that are no UTF-8 are replaced.
    pub raw: String,
    /// The same in Base64, where it is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_base64: Option<String>,
    /// When it was met.
    #[schema(value_type = String, format = DateTime)]
    pub seen_at: Timestamp,
}

impl RejectedLine {
    fn of(reject: Reject, log_bucket: &BucketName) -> Self {
        let raw = RawText::of(&reject.line);
        Self {
            log_object: LogPlace {
                bucket: log_bucket.clone(),
                key: reject.log_object,
                offset: reject.offset,
                length: reject.length,
            },
            reason: reject.reason,
            detail: reject.detail,
            raw: raw.text,
            raw_base64: raw.base64,
            seen_at: reject.seen_at,
        }
    }
}

impl Tool for Rejects {
    const NAME: &'static str = "rejects";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = RejectsArgs;
    type Output = RejectsOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let period = Period {
            from: &args.from,
            to: &args.to,
            day: &args.date_yyyy_mm_dd,
            hours: logs::wished_hours(args.hours),
        };
        let period = period.range(tenant.now())?;
        let limit = Limit::rows(args.limit, ROWS, MAX_ROWS);
        let after = args.next.text().map(logs::read_position).transpose()?;
        let log_bucket = logs::log_source(tenant)?.bucket;
        let asked = logs::ask(tenant, None, period, args.wait).await?;
        // One more than is shown, to know whether that was all.
        let (mut rows, total) = asked.lake.rejects(period, limit + 1, after.as_ref()).await?;
        let truncated = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| truncated).map(|last| {
            logs::write_position(&Position {
                time: last.seen_at,
                log_object: last.log_object.clone(),
                log_offset: last.offset.unwrap_or_default(),
            })
        });
        Ok(RejectsOutput {
            total,
            count: rows.len(),
            limit,
            rejects: rows
                .into_iter()
                .map(|row| RejectedLine::of(row, &log_bucket))
                .collect(),
            truncated,
            next,
            coverage: asked.coverage,
        })
    }
}
