//! Taking an inventory, and how far that is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_inventory::{Basis, ScanCost, ScanStatus};
use spacewatch_model::{BucketName, Prefix};
use spacewatch_telemetry::OperationType;
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::{Tenant, Tool, ToolError};

/// `inventory-run`: lists a bucket once, for all questions about what it holds; goes on with a scan that was interrupted.
#[derive(Debug)]
pub struct InventoryRun;

/// `inventory-status`: how far taking an inventory is. Asking it lists nothing.
#[derive(Debug)]
pub struct InventoryState;

/// `inventory-cancel`: stops a scan; the next one goes on with it.
#[derive(Debug)]
pub struct InventoryCancel;

/// What `inventory-run` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InventoryRunArgs {
    /// The bucket.
    pub bucket: BucketName,
    /// Only keys that begin so: then questions can be asked about what lies below it alone.
    #[serde(default)]
    pub prefix: Prefix,
    /// Wait until it is done.
    #[serde(default)]
    pub wait: bool,
    /// Only tell what it would take.
    #[serde(default)]
    pub dry_run: bool,
}

/// Which inventory is meant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InventoryScopeArgs {
    /// The bucket.
    pub bucket: BucketName,
    /// The prefix that is scanned; empty for the whole bucket.
    #[serde(default)]
    pub prefix: Prefix,
}

/// What `inventory-run` did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InventoryRunOutput {
    /// Whether a scan began with this call; false when one went on already, and when only the cost was asked for.
    pub begun: bool,
    /// What it will most likely take.
    pub cost: ScanCost,
    /// How far it is.
    pub status: InventoryReport,
    /// The inventory that was taken, if the call waited for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inventory: Option<Basis>,
}

/// How far a scan is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InventoryReport {
    /// The bucket.
    pub bucket: BucketName,
    /// The prefix that is scanned.
    pub prefix: Prefix,
    /// What it does: `idle`, `listing`, `uploads`, `writing`, `failed`, `stopped` or `locked`.
    pub phase: &'static str,
    /// Whether it goes on.
    pub running: bool,
    /// When the scan began, before it was interrupted if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When the last one was finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// Entries found before it was interrupted, which are not listed again.
    pub resumed_entries: u64,
    /// Entries found so far: objects, versions, delete markers, incomplete uploads.
    pub entries: u64,
    /// Requests sent so far.
    pub requests: u64,
    /// How often the store asked to slow down.
    pub throttled: u64,
    /// How many entries the last inventory had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_entries: Option<u64>,
    /// Entries a second.
    pub entries_per_second: f64,
    /// Seconds until the listing is done, by the last inventory and at this pace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<f64>,
    /// What failed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

impl InventoryReport {
    fn of(scope: &InventoryScopeArgs, status: ScanStatus) -> Self {
        Self {
            bucket: scope.bucket.clone(),
            prefix: scope.prefix.clone(),
            phase: status.phase.as_str(),
            running: status.is_active(),
            started_at: status.started_at,
            finished_at: status.finished_at,
            resumed_entries: status.resumed_entries,
            entries: status.entries,
            requests: status.requests,
            throttled: status.throttled,
            expected_entries: status.expected_entries,
            entries_per_second: status.entries_per_second,
            seconds_left: status.seconds_left,
            last_error: status.last_error,
        }
    }
}

/// How far a scan is, as it goes on.
pub struct InventoryWatch {
    tenant: Tenant,
    scope: InventoryScopeArgs,
    changes: watch::Receiver<ScanStatus>,
}

impl InventoryWatch {
    /// Looks at the scan of this tenant, who must be able to list the bucket.
    ///
    /// # Errors
    ///
    /// When the store doesn't let these credentials list it.
    pub async fn open(tenant: Tenant, scope: InventoryScopeArgs) -> Result<Self, ToolError> {
        let inventory = tenant.inventories.open(&tenant.store, &scope.bucket);
        tenant.store.ensure(&scope.bucket).await?;
        let mut changes = inventory.watch(&scope.prefix);
        changes.mark_changed();
        Ok(Self {
            tenant,
            scope,
            changes,
        })
    }

    /// How far it is now.
    ///
    /// # Errors
    ///
    /// As [`InventoryWatch::open`]: what could be listed then may not be any more.
    pub async fn now(&mut self) -> Result<InventoryReport, ToolError> {
        self.changes.mark_unchanged();
        let inventory = self
            .tenant
            .inventories
            .open(&self.tenant.store, &self.scope.bucket);
        let status = inventory.status(&self.scope.prefix).await?;
        Ok(InventoryReport::of(&self.scope, status))
    }

    /// Waits until there is something new to tell; false when there never will be.
    pub async fn changed(&mut self) -> bool {
        self.changes.changed().await.is_ok()
    }
}

impl Tool for InventoryRun {
    const NAME: &'static str = "inventory-run";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = InventoryRunArgs;
    type Output = InventoryRunOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let scope = InventoryScopeArgs {
            bucket: args.bucket,
            prefix: args.prefix,
        };
        let inventory = tenant.inventories.open(&tenant.store, &scope.bucket);
        let cost = inventory.cost(&scope.prefix).await?;
        let begun = !args.dry_run && inventory.start(&scope.prefix).await?;
        let mut found = None;
        let status = if args.wait && !args.dry_run {
            let status = inventory.finished(&scope.prefix, &tenant.progress).await?;
            let kept = inventory.kept(&scope.prefix, None).await?;
            found = kept.map(|kept| kept.basis());
            status
        } else {
            inventory.status(&scope.prefix).await?
        };
        Ok(InventoryRunOutput {
            begun,
            cost,
            status: InventoryReport::of(&scope, status),
            inventory: found,
        })
    }
}

impl Tool for InventoryState {
    const NAME: &'static str = "inventory-status";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = InventoryScopeArgs;
    type Output = InventoryReport;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let inventory = tenant.inventories.open(&tenant.store, &args.bucket);
        let status = inventory.status(&args.prefix).await?;
        Ok(InventoryReport::of(&args, status))
    }
}

impl Tool for InventoryCancel {
    const NAME: &'static str = "inventory-cancel";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = InventoryScopeArgs;
    type Output = InventoryReport;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let inventory = tenant.inventories.open(&tenant.store, &args.bucket);
        inventory.cancel(&args.prefix).await?;
        let status = inventory.status(&args.prefix).await?;
        Ok(InventoryReport::of(&args, status))
    }
}
