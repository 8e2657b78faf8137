//! History: snapshots taken, and what they tell afterwards.

mod aggregate;
mod all;
mod figures;
mod grid;
mod previous;
mod series;
mod sources;
mod take;

use std::fmt;
use std::sync::Arc;

use spacewatch_model::{Clock, ErrorCode};
use spacewatch_snapshots::{Place, SnapshotError, Snapshots, SnapshotsConfig};

use crate::suppression::KnownDecisions;
use crate::{Evidence, Tenant, ToolError};

pub use aggregate::{AggregatePoint, AggregateSeries, AggregateSeriesArgs, AggregateSeriesOutput};
pub use all::{SnapshotAll, SnapshotAllArgs, SnapshotAllOutput, SnapshotFailed, SnapshotTaken};
pub(crate) use grid::{BySource, by_source};
pub use series::{
    Gap, RequestsFrom, SnapshotPoint, SnapshotSeries, SnapshotSeriesArgs, SnapshotSeriesOutput,
};
pub use sources::{SnapshotSources, SnapshotSourcesArgs, SnapshotSourcesOutput};
pub use spacewatch_snapshots::{Reading, RolledUp, SnapshotRecord, Source, SourceSpan, TopIp};
pub use take::{TakeSnapshot, TakeSnapshotArgs, TakeSnapshotOutput};

/// What is remembered of snapshots while the process lives. Clones share it.
#[derive(Clone)]
pub struct Histories {
    pub(crate) snapshots: Snapshots,
    pub(crate) runs: all::Runs,
    pub(crate) decisions: Arc<KnownDecisions>,
}

impl Histories {
    /// Nothing is read or written yet.
    pub fn new(config: SnapshotsConfig, clock: Arc<dyn Clock>) -> Self {
        Self {
            snapshots: Snapshots::new(config, clock),
            runs: all::Runs::default(),
            decisions: Arc::default(),
        }
    }
}

impl fmt::Debug for Histories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Histories")
            .field("snapshots", &self.snapshots)
            .finish_non_exhaustive()
    }
}

/// Where this tenant's snapshots are kept.
pub(crate) fn place(tenant: &Tenant) -> Result<Place, ToolError> {
    let bucket = tenant.metrics_bucket.clone().ok_or_else(|| {
        ToolError::new(ErrorCode::MissingBucket, "no bucket for snapshots is named").with_hint(
            "send `X-Metrics-Bucket` (at the command line set `METRICS_BUCKET`): a bucket of yours that snapshots are written to",
        )
    })?;
    Ok(Place {
        bucket,
        prefix: tenant.metrics_prefix.clone(),
    })
}

/// What the store must let these credentials read before they are answered from their snapshots.
pub(crate) fn evidence(tenant: &Tenant) -> Vec<Evidence> {
    let Ok(place) = place(tenant) else {
        return Vec::new();
    };
    let prefixes = place.evidence().into_iter();
    prefixes
        .map(|prefix| Evidence::Objects(place.bucket.clone(), prefix))
        .collect()
}

impl From<SnapshotError> for ToolError {
    fn from(error: SnapshotError) -> Self {
        match error {
            SnapshotError::Store(error) => error.into(),
            other => {
                let told = Self::new(other.code(), other.to_string());
                match other.hint() {
                    Some(hint) => told.with_hint(hint),
                    None => told,
                }
            }
        }
    }
}
