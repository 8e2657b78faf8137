//! Which log objects there are.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_lake::{LogObjectRow, Position, RecordFilter};
use spacewatch_model::{BucketName, ByteSize, Coverage, Prefix};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::logs::{self, Day, Given, Moment, Period, SourceBucket};
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

/// Log objects of one answer, by default and at most.
const ROWS: usize = 50;
const MAX_ROWS: usize = 500;

/// `access-logs`: the log objects that hold records of a bucket and a period, whatever their names.
#[derive(Debug)]
pub struct AccessLogs;

/// What `access-logs` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AccessLogsArgs {
    /// The bucket that requests went to; `*` for every bucket of the log.
    #[schema(value_type = String)]
    pub source_bucket: SourceBucket,
    /// A day in UTC.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub date_yyyy_mm_dd: Given<Day>,
    /// From this moment on, instead of a day: `2026-11-22T10:00:00Z`, `2026-11-22`, `-24h`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Given<Moment>,
    /// Up to this moment, which doesn't belong to it; a day belongs to it as a whole.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// So many hours up to `to` or now, instead of `from`.
    #[serde(default)]
    pub hours: Option<Limit>,
    /// How many log objects, 50 by default.
    #[serde(default)]
    pub max_items: Option<Limit>,
    /// The `next` of the answer before, to go on behind it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub next: Given<String>,
    /// Wait until all that may hold an answer was read.
    #[serde(default)]
    pub wait: bool,
}

/// Log objects.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccessLogsOutput {
    /// The bucket that requests went to.
    #[schema(value_type = String)]
    pub source_bucket: SourceBucket,
    /// The day asked for, as it was written.
    pub date: Option<String>,
    /// The bucket the log objects lie in.
    pub log_bucket: BucketName,
    /// The prefix they lie under.
    pub log_prefix: Prefix,
    /// How many log objects fit in all, those on other pages as well.
    pub total: u64,
    /// How many this answer holds.
    pub count: usize,
    /// How many were wished, after clamping.
    pub max_items: usize,
    /// The log objects, newest first.
    pub objects: Vec<LogObject>,
    /// There are more than this answer holds.
    pub truncated: bool,
    /// Pass this on to get the next ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How to see the others, where there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// A log object that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogObject {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size_bytes: ByteSize,
    /// Its size in binary units.
    pub size_human: String,
    /// When it was delivered, as the store says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_modified: Option<Timestamp>,
    /// When it was read.
    #[schema(value_type = String, format = DateTime)]
    pub read_at: Timestamp,
    /// Lines in it.
    pub lines: u64,
    /// Its records of that bucket and period, those of the CDN in front of the bucket as well.
    pub records: u64,
    /// Those of them that are of the CDN.
    pub cdn_records: u64,
    /// Lines that are no records.
    pub rejected: u64,
    /// Records delivered before.
    pub duplicates: u64,
    /// The oldest of its records that fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_record: Option<Timestamp>,
    /// The newest of its records that fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_record: Option<Timestamp>,
    /// Why it could not be read to its end, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl From<LogObjectRow> for LogObject {
    fn from(row: LogObjectRow) -> Self {
        let size = ByteSize(row.size_bytes);
        Self {
            key: row.key,
            size_bytes: size,
            size_human: size.to_string(),
            last_modified: row.last_modified,
            read_at: row.read_at,
            lines: row.lines,
            records: row.records,
            cdn_records: row.cdn_records,
            rejected: row.rejected,
            duplicates: row.duplicates,
            first_record: row.first_record,
            last_record: row.last_record,
            failure: row.failure,
        }
    }
}

/// Where the page that ends with this log object goes on.
fn position(row: &LogObjectRow) -> String {
    logs::write_position(&Position {
        time: row.last_record.unwrap_or_default(),
        log_object: row.key.clone(),
        log_offset: 0,
    })
}

impl Tool for AccessLogs {
    const NAME: &'static str = "access-logs";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = AccessLogsArgs;
    type Output = AccessLogsOutput;

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
        let max_items = Limit::rows(args.max_items, ROWS, MAX_ROWS);
        let after = args.next.text().map(logs::read_position).transpose()?;
        let source = logs::log_source(tenant)?;
        let asked = logs::ask(tenant, args.source_bucket.name(), period, args.wait).await?;
        let filter = RecordFilter {
            bucket: args.source_bucket.name().cloned(),
            period,
            ..RecordFilter::default()
        };
        // One more than the page holds tells whether there is another.
        let (mut rows, total) = asked
            .lake
            .log_objects(&filter, max_items.saturating_add(1), after.as_ref())
            .await?;
        let truncated = rows.len() > max_items;
        rows.truncate(max_items);
        let next = rows.last().filter(|_| truncated).map(position);
        let objects: Vec<_> = rows.into_iter().map(LogObject::from).collect();
        Ok(AccessLogsOutput {
            source_bucket: args.source_bucket,
            date: args.date_yyyy_mm_dd.text().map(str::to_owned),
            log_bucket: source.bucket,
            log_prefix: source.prefix,
            total,
            count: objects.len(),
            max_items,
            objects,
            truncated,
            next,
            note: truncated.then(|| {
                format!(
                    "there are more; pass on `next`, or raise `max_items` up to {MAX_ROWS}, to see others"
                )
            }),
            coverage: asked.coverage,
        })
    }
}
