//! Everything that happened to one object.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_lake::RecordFilter;
use spacewatch_model::{Coverage, ObjectKey, TimeRange};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::logs::{self, Day, Deed, DeedList, Given, LogRecord, Moment, Period, SourceBucket};
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

/// Events of one answer, by default and at most.
const ROWS: usize = 50;
const MAX_ROWS: usize = 200;

/// Hours looked back where no period is named.
const HOURS: u32 = 168;

/// `object-audit`: everything that was done to one key, newest first: reads and writes, versions, both halves of copies,
/// deletes alone and in batches, and what lifecycle rules did.
#[derive(Debug)]
pub struct ObjectAudit;

/// What `object-audit` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ObjectAuditArgs {
    /// The bucket the object lies or lay in; `*` for every bucket of the log.
    #[schema(value_type = String)]
    pub source_bucket: SourceBucket,
    /// The whole key.
    pub object_key: ObjectKey,
    /// So many hours up to `to` or now: 168 by default, at most 720.
    #[serde(default)]
    pub hours: Option<Limit>,
    /// From this moment on, instead of `hours`: `2026-11-22T10:00:00Z`, `2026-11-22`, `-90d`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Given<Moment>,
    /// Up to this moment, which doesn't belong to it; a day belongs to it as a whole.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// A day in UTC, instead of the others.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub date_yyyy_mm_dd: Given<Day>,
    /// Only these, separated by commas: `GET`, `HEAD`, `PUT`, `POST`, `DELETE`, `COPY`, `EXPIRE`, `TRANSITION`, `OPTIONS`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub methods: Given<DeedList>,
    /// How many events, 50 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// The `next` of the answer before, to go on behind it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub next: Given<String>,
    /// Wait until all that may hold an answer was read.
    #[serde(default)]
    pub wait: bool,
}

impl ObjectAuditArgs {
    /// The period that is meant.
    pub(crate) fn window(&self, now: Timestamp) -> Result<TimeRange, ToolError> {
        let period = Period {
            from: &self.from,
            to: &self.to,
            day: &self.date_yyyy_mm_dd,
            hours: logs::wished_hours(self.hours),
        };
        period.or_hours(HOURS).range(now)
    }

    /// The records of a period that are meant.
    pub(crate) fn records(&self, period: TimeRange) -> RecordFilter {
        RecordFilter {
            bucket: self.source_bucket.name().cloned(),
            period,
            key: Some(self.object_key.clone()),
            operations: self.methods.get().map(DeedList::operations).unwrap_or_default(),
            ..RecordFilter::default()
        }
    }
}

/// What happened to an object.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ObjectAuditOutput {
    /// The bucket.
    #[schema(value_type = String)]
    pub source_bucket: SourceBucket,
    /// The key.
    pub object_key: ObjectKey,
    /// The length of the period in hours, the begun one included.
    pub hours: u64,
    /// What was looked for; empty is everything.
    pub methods: Vec<Deed>,
    /// How many events this answer holds.
    pub count: usize,
    /// How many were wished, after clamping.
    pub limit: usize,
    /// The events, newest first. `method` says what was done, also where the store did it by itself.
    pub events: Vec<LogRecord>,
    /// There are more than this answer holds.
    pub truncated: bool,
    /// Pass this on to get the next ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

impl Tool for ObjectAudit {
    const NAME: &'static str = "object-audit";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = ObjectAuditArgs;
    type Output = ObjectAuditOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let now = tenant.now();
        let period = args.window(now)?;
        let limit = Limit::rows(args.limit, ROWS, MAX_ROWS);
        let after = args.next.text().map(logs::read_position).transpose()?;
        let log_bucket = logs::log_source(tenant)?.bucket;
        let asked = logs::ask(tenant, args.source_bucket.name(), period, args.wait).await?;
        let found = asked
            .lake
            .search(&args.records(period), limit, after.as_ref())
            .await?;
        let events: Vec<_> = found
            .rows
            .into_iter()
            .map(|row| LogRecord::with_deed(row, &log_bucket))
            .collect();
        Ok(ObjectAuditOutput {
            hours: hours(period, now),
            methods: args
                .methods
                .get()
                .map_or_else(Vec::new, |deeds| deeds.deeds().to_vec()),
            source_bucket: args.source_bucket,
            object_key: args.object_key,
            count: events.len(),
            limit,
            events,
            truncated: found.next.is_some(),
            next: found.next.as_ref().map(logs::write_position),
            coverage: asked.coverage,
        })
    }
}

/// Hours from the period's beginning to its end, or to now.
fn hours(period: TimeRange, now: Timestamp) -> u64 {
    let from = period.from.unwrap_or(Timestamp::UNIX_EPOCH);
    let seconds = period
        .to
        .unwrap_or(now)
        .as_second()
        .saturating_sub(from.as_second());
    u64::try_from(seconds).unwrap_or_default().div_ceil(3600)
}
