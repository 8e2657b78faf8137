//! All rows of an inventory, for other programs.

use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use serde::{Deserialize, Serialize};
use spacewatch_inventory::{Basis, ExportFormat, KeptInventory};
use spacewatch_model::{BucketName, Prefix};
use utoipa::ToSchema;

use super::kept;
use crate::{Limit, Tenant, ToolError};

/// What an export needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InventoryExportArgs {
    /// The bucket.
    pub bucket: BucketName,
    /// Only keys that begin so.
    #[serde(default)]
    pub prefix: Prefix,
    /// Only from an inventory that was begun no more than so many seconds ago.
    #[serde(default)]
    pub max_age: Option<Limit>,
    /// As what rows are written.
    #[serde(default)]
    pub format: ExportFormat,
}

/// `inventory-export`: all rows of an inventory, as a stream. No tool like the others, as its answer has any length.
pub struct InventoryExport {
    kept: KeptInventory,
    format: ExportFormat,
    /// What a file of it may be called: letters, digits, dots and dashes only.
    pub file_name: String,
}

impl InventoryExport {
    /// Finds the inventory.
    ///
    /// # Errors
    ///
    /// When there is none, or the store doesn't let these credentials list the bucket.
    pub async fn open(tenant: &Tenant, args: &InventoryExportArgs) -> Result<Self, ToolError> {
        let kept = kept(tenant, &args.bucket, &args.prefix, args.max_age).await?;
        let day = kept.basis().as_of.strftime("%Y-%m-%d").to_string();
        Ok(Self {
            file_name: format!("inventory-{}-{day}.{}", args.bucket, args.format.extension()),
            format: args.format,
            kept,
        })
    }

    /// What the rows rest on.
    pub fn basis(&self) -> Basis {
        self.kept.basis()
    }

    /// The media type of what comes.
    pub fn media_type(&self) -> &'static str {
        self.format.media_type()
    }

    /// The rows, piece by piece.
    pub fn rows(&self) -> impl Stream<Item = Result<Bytes, ToolError>> + Send + 'static + use<> {
        self.kept.export(self.format).map_err(ToolError::from)
    }
}
