//! Taking a snapshot of every bucket.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, ErrorCode, ObjectKey, Prefix};
use spacewatch_s3::Fingerprint;
use spacewatch_snapshots::{Place, RolledUp, SnapshotRecord, Source};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use super::take::Run;
use super::{evidence, place};
use crate::logs;
use crate::{Buckets, Evidence, NoArgs, Tenant, Tool, ToolError};

/// Whoever asks again within this time gets what was taken before.
const NOT_AGAIN_WITHIN: Duration = Duration::from_secs(60);
/// Buckets looked at at once; each listing fans out by itself.
const AT_ONCE: usize = 4;
/// Tenants whose last run is remembered.
const MAX_RUNS: usize = 1024;

/// `snapshot-all`: takes a snapshot of every bucket but those of logs and snapshots, and writes them down as one object.
#[derive(Debug)]
pub struct SnapshotAll;

/// What `snapshot-all` needs.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
pub struct SnapshotAllArgs {
    /// Wait until every log object that may hold requests of the intervals was read.
    #[serde(default)]
    pub wait: bool,
}

/// What was taken.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SnapshotAllOutput {
    /// How many buckets there is a snapshot of.
    pub snapshots_created: usize,
    /// How many could not be looked at.
    pub snapshots_failed: usize,
    /// The snapshots.
    pub results: Vec<SnapshotTaken>,
    /// What went wrong.
    pub errors: Vec<SnapshotFailed>,
    /// When the snapshots were taken.
    #[schema(value_type = String, format = DateTime)]
    pub taken_at: Timestamp,
    /// They were taken less than a minute ago already, so that none was taken now.
    pub reused: bool,
    /// Buckets left out because logs or snapshots are kept in them.
    pub skipped: Vec<BucketName>,
    /// What was rolled up on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolled_up: Option<RolledUp>,
    /// What else the reader should know.
    pub notes: Vec<String>,
}

/// A bucket there is a snapshot of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SnapshotTaken {
    /// The bucket.
    pub bucket: BucketName,
    /// `ok`.
    pub status: &'static str,
    /// The object that the snapshot was written to.
    pub metrics_key: ObjectKey,
}

/// A bucket that could not be looked at.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SnapshotFailed {
    /// The bucket.
    pub bucket: BucketName,
    /// `error`.
    pub status: &'static str,
    /// Why.
    pub error: String,
    /// What kind of failure it is.
    pub code: ErrorCode,
}

impl Tool for SnapshotAll {
    const NAME: &'static str = "snapshot-all";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = SnapshotAllArgs;
    type Output = SnapshotAllOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        let mut all = evidence(tenant);
        all.extend(logs::evidence(tenant));
        all
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let place = place(tenant)?;
        let slot = tenant.histories.runs.slot(tenant, &place);
        // Whoever comes while a run goes on waits for it, and gets what it took.
        let mut last = slot.lock().await;
        let now = tenant.clock.elapsed();
        if let Some((at, output)) = last.as_ref()
            && now.saturating_sub(*at) < NOT_AGAIN_WITHIN
        {
            for prefix in place.evidence() {
                tenant.store.ensure_readable(&place.bucket, &prefix).await?;
            }
            return Ok(SnapshotAllOutput {
                reused: true,
                ..output.clone()
            });
        }
        let output = take(tenant, place, args.wait).await?;
        *last = Some((now, output.clone()));
        Ok(output)
    }
}

async fn take(tenant: &Tenant, place: Place, wait: bool) -> Result<SnapshotAllOutput, ToolError> {
    let found = Buckets::run(tenant, NoArgs {}).await?;
    let is_own = |bucket: &BucketName| *bucket == place.bucket || Some(bucket) == tenant.log_bucket.as_ref();
    let (skipped, wanted): (Vec<_>, Vec<_>) = found.buckets.into_iter().partition(is_own);
    let sources: Vec<Source> = wanted
        .into_iter()
        .map(|bucket| Source {
            bucket,
            prefix: Prefix::default(),
        })
        .collect();
    let run = Run::begin(tenant, place, &sources, wait).await?;
    let (records, errors) = look_at_all(&run, &sources).await;
    let mut results = Vec::new();
    if !records.is_empty() {
        let key = run.write(&records).await?;
        results.extend(records.into_iter().map(|record| SnapshotTaken {
            bucket: record.source_bucket,
            status: "ok",
            metrics_key: key.clone(),
        }));
    }
    let mut notes = run.notes.clone();
    notes.extend(found.note);
    let (rolled_up, failed) = run.tidy().await;
    notes.extend(failed);
    Ok(SnapshotAllOutput {
        snapshots_created: results.len(),
        snapshots_failed: errors.len(),
        results,
        errors,
        taken_at: run.taken,
        reused: false,
        skipped,
        rolled_up,
        notes,
    })
}

async fn look_at_all(run: &Run<'_>, sources: &[Source]) -> (Vec<SnapshotRecord>, Vec<SnapshotFailed>) {
    let mut looks: Vec<BoxFuture<'_, _>> = Vec::new();
    for source in sources {
        looks.push(async move { (source, run.look_at(source).await) }.boxed());
    }
    let (mut records, mut errors) = (Vec::new(), Vec::new());
    let mut looks = stream::iter(looks).buffered(AT_ONCE);
    while let Some((source, looked)) = looks.next().await {
        match looked {
            Ok((record, _)) => records.push(record),
            Err(error) => errors.push(SnapshotFailed {
                bucket: source.bucket.clone(),
                status: "error",
                error: error.detail,
                code: error.code,
            }),
        }
    }
    (records, errors)
}

/// What one tenant asks for: the same keys, place and log.
type Asker = (Fingerprint, Place, Option<BucketName>, Prefix);
type Slot = Arc<tokio::sync::Mutex<Option<(Duration, SnapshotAllOutput)>>>;

/// The last run of each tenant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Runs(Arc<Mutex<HashMap<Asker, Slot>>>);

impl Runs {
    fn slot(&self, tenant: &Tenant, place: &Place) -> Slot {
        let asker = (
            tenant.store.fingerprint(),
            place.clone(),
            tenant.log_bucket.clone(),
            tenant.log_prefix.clone(),
        );
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MAX_RUNS && !slots.contains_key(&asker) {
            // Whoever waits for one of these holds it as well.
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(slots.entry(asker).or_default())
    }
}
