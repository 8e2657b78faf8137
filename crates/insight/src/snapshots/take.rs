//! Taking a snapshot of one bucket.

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use spacewatch_lake::Lake;
use spacewatch_model::{BucketName, Coverage, ObjectKey, Prefix, TimeRange};
use spacewatch_snapshots::{Place, RolledUp, SnapshotRecord, Source};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use super::{evidence, figures, place, previous};
use crate::logs::{self, Asked};
use crate::{AnswerSource, Evidence, Limit, StorageSummary, StorageSummaryArgs, Tenant, Tool, ToolError};

/// How far back requests are counted at the first snapshot of a bucket.
const FIRST_HOURS: i64 = 24;

/// How many seconds old an inventory may be that says what is stored, instead of another listing.
const FRESH: Limit = Limit(300);

/// `snapshot`: writes down what is stored in a bucket now, and what is known of the requests since the snapshot before.
#[derive(Debug)]
pub struct TakeSnapshot;

/// What `snapshot` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TakeSnapshotArgs {
    /// The bucket to look at.
    pub source_bucket: BucketName,
    /// Only keys that begin so.
    #[serde(default)]
    pub source_prefix: Prefix,
    /// Wait until every log object that may hold requests of the interval was read.
    #[serde(default)]
    pub wait: bool,
}

/// What was written down, and where.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TakeSnapshotOutput {
    /// The bucket that snapshots are kept in.
    pub metrics_bucket: BucketName,
    /// The object that was written.
    pub metrics_key: ObjectKey,
    /// What stands in it.
    pub record: SnapshotRecord,
    /// What else the reader should know.
    pub notes: Vec<String>,
    /// What the figures from access logs rest on; absent if no log bucket is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
}

impl Tool for TakeSnapshot {
    const NAME: &'static str = "snapshot";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = TakeSnapshotArgs;
    type Output = TakeSnapshotOutput;

    fn evidence(tenant: &Tenant, args: &Self::Args) -> Vec<Evidence> {
        let mut all = vec![Evidence::Bucket(args.source_bucket.clone())];
        all.extend(evidence(tenant));
        all.extend(logs::evidence(tenant));
        all
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let place = place(tenant)?;
        let source = Source {
            bucket: args.source_bucket,
            prefix: args.source_prefix,
        };
        let run = Run::begin(tenant, place, std::slice::from_ref(&source), args.wait).await?;
        let (record, coverage) = run.look_at(&source).await?;
        let key = run.write(std::slice::from_ref(&record)).await?;
        let mut notes = run.notes.clone();
        notes.extend(run.tidy().await.1);
        Ok(TakeSnapshotOutput {
            metrics_bucket: run.place.bucket,
            metrics_key: key,
            record,
            notes,
            coverage,
        })
    }
}

/// One run over one or more buckets: what they have in common is found out once.
pub(super) struct Run<'a> {
    tenant: &'a Tenant,
    place: Place,
    pub(super) taken: Timestamp,
    last_seen: std::collections::BTreeMap<Source, Timestamp>,
    log: Option<Log>,
    pub(super) notes: Vec<String>,
}

/// The access log, as it is now.
struct Log {
    bucket: BucketName,
    prefix: Prefix,
    files: u64,
    bytes: u64,
    lake: Lake,
}

impl<'a> Run<'a> {
    pub(super) async fn begin(
        tenant: &'a Tenant,
        place: Place,
        sources: &[Source],
        wait: bool,
    ) -> Result<Self, ToolError> {
        // Intervals end at what is written down, so that is no finer than anybody reads it.
        let now = tenant.now();
        let taken = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let last_seen = previous::last_seen(tenant, &place, sources, taken).await?;
        let starts = sources.iter().map(|source| since(&last_seen, source, taken));
        let earliest = starts.min().unwrap_or(taken);
        let mut notes = Vec::new();
        let log = match &tenant.log_bucket {
            None => None,
            // What is stored is worth writing down also when the log can't be read.
            Some(bucket) => match log(tenant, bucket, (earliest, taken), wait).await {
                Ok(log) => Some(log),
                Err(error) => {
                    notes.push(format!("requests are not counted: {error}"));
                    None
                }
            },
        };
        Ok(Self {
            tenant,
            place,
            taken,
            last_seen,
            log,
            notes,
        })
    }

    /// What there is to say of one source.
    pub(super) async fn look_at(
        &self,
        source: &Source,
    ) -> Result<(SnapshotRecord, Option<Coverage>), ToolError> {
        let summary = StorageSummaryArgs {
            bucket: source.bucket.clone(),
            prefix: source.prefix.clone(),
            depth: 0,
            max_age: Some(FRESH),
        };
        let stored = StorageSummary::run(self.tenant, summary).await?;
        let mut record = SnapshotRecord::new(self.taken, source.bucket.clone(), source.prefix.clone());
        record.source_objects = stored.object_count;
        record.source_bytes = stored.total_size_bytes.0;
        record.source_as_of = (stored.source == AnswerSource::Inventory).then_some(stored.as_of);
        let Some(log) = &self.log else {
            return Ok((record, None));
        };
        let start = since(&self.last_seen, source, self.taken);
        let interval = TimeRange {
            from: Some(start),
            to: Some(self.taken),
        };
        let coverage = log.lake.coverage(Some(&source.bucket), interval).await?;
        let intervals = figures::intervals(&log.lake, source, vec![start, self.taken]).await?;
        figures::tell(&mut record, intervals.first());
        record.logs_bucket = log.bucket.to_string();
        record.logs_prefix = log.prefix.to_string();
        (record.logs_files, record.logs_bytes) = (log.files, log.bytes);
        (record.files_scanned, record.lines_scanned) = (coverage.objects_read, coverage.lines_read);
        (record.interval_start, record.interval_end) = (Some(start), Some(self.taken));
        record.requests_complete = coverage.complete;
        Ok((record, Some(coverage)))
    }

    /// Writes everything down as one object.
    pub(super) async fn write(&self, records: &[SnapshotRecord]) -> Result<ObjectKey, ToolError> {
        let snapshots = &self.tenant.histories.snapshots;
        let written = snapshots.write(&self.tenant.store, &self.place, self.taken, records);
        Ok(written.await?)
    }

    /// Rolls days up that are over, now and then. A snapshot that was taken is taken, whatever becomes of this.
    pub(super) async fn tidy(&self) -> (Option<RolledUp>, Option<String>) {
        let snapshots = &self.tenant.histories.snapshots;
        match snapshots.tidy(&self.tenant.store, &self.place).await {
            Ok(rolled) => (rolled.filter(|rolled| rolled.days > 0), None),
            Err(error) => (
                None,
                Some(format!("days that are over were not rolled up: {error}")),
            ),
        }
    }
}

/// Where the time begins that a snapshot counts requests of.
fn since(
    last_seen: &std::collections::BTreeMap<Source, Timestamp>,
    source: &Source,
    taken: Timestamp,
) -> Timestamp {
    let first = || taken.checked_sub(FIRST_HOURS.hours()).unwrap_or(taken);
    last_seen.get(source).copied().unwrap_or_else(first)
}

async fn log(
    tenant: &Tenant,
    bucket: &BucketName,
    (from, to): (Timestamp, Timestamp),
    wait: bool,
) -> Result<Log, ToolError> {
    let summary = StorageSummaryArgs {
        bucket: bucket.clone(),
        prefix: tenant.log_prefix.clone(),
        depth: 0,
        max_age: None,
    };
    let stored = StorageSummary::run(tenant, summary).await?;
    let period = TimeRange {
        from: Some(from),
        to: Some(to),
    };
    let Asked { lake, .. } = logs::ask(tenant, None, period, wait).await?;
    Ok(Log {
        bucket: bucket.clone(),
        prefix: tenant.log_prefix.clone(),
        files: stored.object_count,
        bytes: stored.total_size_bytes.0,
        lake,
    })
}
