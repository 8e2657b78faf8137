//! What a bucket holds, from an inventory that was taken: answers say as of when, and don't list again.

mod export;
mod fresh;
mod lists;
mod run;
mod tree;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use spacewatch_inventory::{Basis, InventoryError, KeptInventory, Summary};
use spacewatch_model::{BucketName, Prefix};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

pub use export::{InventoryExport, InventoryExportArgs};
pub use fresh::AnswerSource;
pub use lists::{
    InventoryDuplicates, InventoryDuplicatesOutput, InventoryListArgs, InventoryOdd, InventoryOddArgs,
    InventoryOddOutput, InventoryPrefixes, InventoryPrefixesArgs, InventoryPrefixesOutput, InventoryUploads,
    InventoryUploadsArgs, InventoryUploadsOutput,
};
pub use run::{
    InventoryCancel, InventoryReport, InventoryRun, InventoryRunArgs, InventoryRunOutput, InventoryScopeArgs,
    InventoryState, InventoryWatch,
};
pub use tree::{Tree, TreeArgs, TreeOutput};

pub(crate) use fresh::{fresh, object_row};

use crate::{Limit, Tenant, Tool, ToolError};

/// Objects that stand out, of each kind, by default and at most.
const RANKED: usize = 10;
const MAX_RANKED: usize = 1000;

/// Seconds that an age may have at most: longer than anything is kept.
const MAX_AGE_SECONDS: usize = 10 * 365 * 86_400;

/// `inventory`: how much a bucket holds, sorted in every way: by kind, storage class, ending, age, size; what is forgotten, odd,
/// largest, oldest, newest.
#[derive(Debug)]
pub struct InventorySummary;

/// What `inventory` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InventorySummaryArgs {
    /// The bucket.
    pub bucket: BucketName,
    /// Only keys that begin so.
    #[serde(default)]
    pub prefix: Prefix,
    /// Only from an inventory that was begun no more than so many seconds ago.
    #[serde(default)]
    pub max_age: Option<Limit>,
    /// How many objects that stand out, of each kind: 10 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
}

/// How much a bucket holds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InventorySummaryOutput {
    /// The bucket.
    pub bucket: BucketName,
    /// The prefix looked under.
    pub prefix: Prefix,
    /// What the answer rests on.
    #[serde(flatten)]
    pub basis: Basis,
    /// How much there is.
    #[serde(flatten)]
    pub summary: Summary,
}

impl Tool for InventorySummary {
    const NAME: &'static str = "inventory";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = InventorySummaryArgs;
    type Output = InventorySummaryOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let kept = kept(tenant, &args.bucket, &args.prefix, args.max_age).await?;
        let ranked = Limit::rows(args.limit, RANKED, MAX_RANKED);
        Ok(InventorySummaryOutput {
            summary: kept.summary(ranked).await?,
            basis: kept.basis(),
            bucket: args.bucket,
            prefix: args.prefix,
        })
    }
}

/// An inventory that these credentials may be answered from now.
pub(crate) async fn kept(
    tenant: &Tenant,
    bucket: &BucketName,
    prefix: &Prefix,
    max_age: Option<Limit>,
) -> Result<KeptInventory, ToolError> {
    let inventory = tenant.inventories.open(&tenant.store, bucket);
    Ok(inventory.required(prefix, age(max_age)).await?)
}

/// The age that a caller means.
fn age(wished: Option<Limit>) -> Option<Duration> {
    let Limit(seconds) = wished?;
    let seconds = u64::try_from(seconds.max(0)).unwrap_or(0);
    Some(Duration::from_secs(
        seconds.min(u64::try_from(MAX_AGE_SECONDS).unwrap_or(u64::MAX)),
    ))
}

impl From<InventoryError> for ToolError {
    fn from(error: InventoryError) -> Self {
        match error {
            InventoryError::Store(error) => error.into(),
            other => {
                let error = Self::new(other.code(), other.to_string());
                match other.hint() {
                    Some(hint) => error.with_hint(hint),
                    None => error,
                }
            }
        }
    }
}
