//! How far reading of access logs is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_lake::{IngestPhase, IngestStatus, Lake};
use spacewatch_model::{BucketName, Coverage, Prefix};
use spacewatch_telemetry::OperationType;
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::logs::{self, Day, Given, Moment, Period};
use crate::{Evidence, Limit, NoArgs, Tenant, Tool, ToolError};

/// `ingest-status`: how far reading of this log is. Asking it reads nothing.
#[derive(Debug)]
pub struct IngestState;

/// `ingest-cancel`: stops reading; a later question goes on with it.
#[derive(Debug)]
pub struct IngestCancel;

/// `ingest`: reads what is new, and waits for it where that is wished.
#[derive(Debug)]
pub struct Ingest;

/// What `ingest` needs. What may hold records of the period is read first, or alone where `wait` asks for it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct IngestArgs {
    /// From this moment on: `2026-11-22T10:00:00Z`, `2026-11-22`, `-24h`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Given<Moment>,
    /// Up to this moment, which doesn't belong to it; a day belongs to it as a whole.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// A day in UTC.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub date_yyyy_mm_dd: Given<Day>,
    /// So many hours up to `to` or now, instead of `from`.
    #[serde(default)]
    pub hours: Option<Limit>,
    /// Wait until everything of the period was read.
    #[serde(default)]
    pub wait: bool,
}

/// What `ingest` did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IngestOutput {
    /// How far it is.
    pub status: IngestReport,
    /// What an answer about the period rests on now.
    pub coverage: Coverage,
}

/// How far reading of a log is. Counters count since this run began.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IngestReport {
    /// The bucket with access logs.
    pub log_bucket: BucketName,
    /// Where in it.
    pub log_prefix: Prefix,
    /// What it does: `idle`, `listing`, `reading`, `failed` or `locked`.
    pub phase: &'static str,
    /// Whether it goes on.
    pub running: bool,
    /// When this run began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When the last run ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// When the log bucket was listed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub listed_at: Option<Timestamp>,
    /// Log objects known in the bucket.
    pub objects_known: u64,
    /// Log objects still to be read.
    pub objects_pending: u64,
    /// Log objects read in this run.
    pub objects_read: u64,
    /// Log objects of this run that could not be read, or not to their end.
    pub objects_failed: u64,
    /// Bytes still to be fetched.
    pub bytes_pending: u64,
    /// Bytes fetched in this run.
    pub bytes_read: u64,
    /// Lines read in this run.
    pub lines: u64,
    /// Records of them that are new.
    pub records: u64,
    /// Lines that are no records.
    pub rejected: u64,
    /// Records delivered before.
    pub duplicates: u64,
    /// Lines a second, lately.
    pub lines_per_second: f64,
    /// Seconds until everything known is read, at this pace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<f64>,
    /// What failed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// How far reading is, as it goes on.
pub struct IngestWatch {
    tenant: Tenant,
    evidence: Evidence,
    /// Reading is told of as long as somebody has the lake open.
    _lake: Lake,
    changes: watch::Receiver<IngestStatus>,
}

impl IngestWatch {
    /// Looks at the log of this tenant, who must be able to read it.
    ///
    /// # Errors
    ///
    /// When no log bucket is named, or the store doesn't let these credentials read it.
    pub async fn open(tenant: Tenant) -> Result<Self, ToolError> {
        let lake = open_readable(&tenant).await?;
        let source = logs::log_source(&tenant)?;
        let mut changes = lake.watch_ingest();
        changes.mark_changed();
        Ok(Self {
            evidence: Evidence::Objects(source.bucket, source.prefix),
            changes,
            _lake: lake,
            tenant,
        })
    }

    /// How far it is now.
    ///
    /// # Errors
    ///
    /// As [`IngestWatch::open`]: what was readable then may not be any more.
    pub async fn now(&mut self) -> Result<IngestReport, ToolError> {
        self.evidence.ensure_readable(&self.tenant.store).await?;
        let status = self.changes.borrow_and_update().clone();
        report(&self.tenant, status)
    }

    /// Waits until there is something new to tell; false when there never will be.
    pub async fn changed(&mut self) -> bool {
        self.changes.changed().await.is_ok()
    }
}

impl Tool for IngestState {
    const NAME: &'static str = "ingest-status";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = NoArgs;
    type Output = IngestReport;

    fn evidence(tenant: &Tenant, _: &NoArgs) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, _: NoArgs) -> Result<IngestReport, ToolError> {
        let lake = open_readable(tenant).await?;
        report(tenant, lake.ingest_status())
    }
}

impl Tool for IngestCancel {
    const NAME: &'static str = "ingest-cancel";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = NoArgs;
    type Output = IngestReport;

    fn evidence(tenant: &Tenant, _: &NoArgs) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, _: NoArgs) -> Result<IngestReport, ToolError> {
        let lake = open_readable(tenant).await?;
        lake.cancel_ingest();
        report(tenant, lake.ingest_status())
    }
}

impl Tool for Ingest {
    const NAME: &'static str = "ingest";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = IngestArgs;
    type Output = IngestOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<IngestOutput, ToolError> {
        let period = Period {
            from: &args.from,
            to: &args.to,
            day: &args.date_yyyy_mm_dd,
            hours: logs::wished_hours(args.hours),
        };
        let asked = logs::ask(tenant, None, period.range(tenant.now())?, args.wait).await?;
        Ok(IngestOutput {
            status: report(tenant, asked.lake.ingest_status())?,
            coverage: asked.coverage,
        })
    }
}

/// The lake of this tenant, after the store said yes to reading the log.
async fn open_readable(tenant: &Tenant) -> Result<Lake, ToolError> {
    let source = logs::log_source(tenant)?;
    tenant
        .store
        .ensure_readable(&source.bucket, &source.prefix)
        .await?;
    logs::open(tenant).await
}

fn is_running(phase: IngestPhase) -> bool {
    matches!(phase, IngestPhase::Listing | IngestPhase::Reading)
}

fn report(tenant: &Tenant, status: IngestStatus) -> Result<IngestReport, ToolError> {
    let source = logs::log_source(tenant)?;
    Ok(IngestReport {
        log_bucket: source.bucket,
        log_prefix: source.prefix,
        phase: match status.phase {
            IngestPhase::Idle => "idle",
            IngestPhase::Listing => "listing",
            IngestPhase::Reading => "reading",
            IngestPhase::Failed => "failed",
            IngestPhase::Locked => "locked",
        },
        running: is_running(status.phase),
        started_at: status.started_at,
        finished_at: status.finished_at,
        listed_at: status.listed_at,
        objects_known: status.objects_known,
        objects_pending: status.objects_pending,
        objects_read: status.objects_read,
        objects_failed: status.objects_failed,
        bytes_pending: status.bytes_pending,
        bytes_read: status.bytes_read,
        lines: status.lines,
        records: status.records,
        rejected: status.rejected,
        duplicates: status.duplicates,
        lines_per_second: status.lines_per_second,
        seconds_left: status.seconds_left,
        last_error: status.last_error,
    })
}
