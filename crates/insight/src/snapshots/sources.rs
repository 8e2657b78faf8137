//! Of what there are snapshots.

use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, Prefix, TimeRange};
use spacewatch_snapshots::{Reading, SourceSpan};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use super::{evidence, place};
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

pub(super) const HOURS: usize = 168;
pub(super) const MOST_HOURS: usize = 720;

/// `metrics-sources`: of which buckets there are snapshots.
#[derive(Debug)]
pub struct SnapshotSources;

/// What `metrics-sources` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SnapshotSourcesArgs {
    /// How many hours to look back, 168 by default and 720 at most.
    #[serde(default)]
    pub hours: Option<Limit>,
}

/// Of which buckets there are snapshots.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SnapshotSourcesOutput {
    /// How many buckets.
    pub count: usize,
    /// Their names, in order.
    pub sources: Vec<BucketName>,
    /// The same by prefix, with the times of the first and the last snapshot.
    pub details: Vec<SourceSpan>,
    /// The bucket that snapshots are kept in.
    pub metrics_bucket: BucketName,
    /// Where in it.
    pub metrics_prefix: Prefix,
    /// How many hours were looked back.
    pub hours: usize,
    /// The period.
    pub window: TimeRange,
    /// What the answer rests on.
    pub snapshots: Reading,
}

impl Tool for SnapshotSources {
    const NAME: &'static str = "metrics-sources";
    const OPERATION: OperationType = OperationType::ListBuckets;
    type Args = SnapshotSourcesArgs;
    type Output = SnapshotSourcesOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let place = place(tenant)?;
        let hours = Limit::rows(args.hours, HOURS, MOST_HOURS);
        let window = last_hours(tenant, hours);
        let snapshots = &tenant.histories.snapshots;
        let found = snapshots.sources(&tenant.store, &place, window).await?;
        let mut sources: Vec<_> = found
            .spans
            .iter()
            .map(|span| span.source.bucket.clone())
            .collect();
        sources.dedup();
        Ok(SnapshotSourcesOutput {
            count: sources.len(),
            sources,
            details: found.spans,
            metrics_prefix: place.prefix(),
            metrics_bucket: place.bucket,
            hours,
            window,
            snapshots: found.reading,
        })
    }
}

/// The hours up to now. What was taken this very moment belongs to them.
pub(super) fn last_hours(tenant: &Tenant, hours: usize) -> TimeRange {
    let now = tenant.now();
    let hours = i64::try_from(hours).unwrap_or(i64::MAX);
    TimeRange {
        from: now.checked_sub(hours.hours()).ok(),
        to: now.checked_add(1.millisecond()).ok(),
    }
}
