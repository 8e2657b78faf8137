//! Lists from an inventory: prefixes, likely duplicates, incomplete uploads, odd names.

use serde::{Deserialize, Serialize};
use spacewatch_inventory::{Basis, DuplicateList, OddFilter, OddList, PrefixList, UploadList, UploadOrder};
use spacewatch_model::{BucketName, Prefix};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use super::kept;
use crate::{Limit, Tenant, Tool, ToolError};

/// Rows of one answer, by default and at most.
const ROWS: usize = 50;
const MAX_ROWS: usize = 1000;

/// Levels of prefixes at most.
const MAX_DEPTH: usize = 32;

/// `inventory-prefixes`: the largest prefixes at any depth.
#[derive(Debug)]
pub struct InventoryPrefixes;

/// `inventory-duplicates`: objects equal in entity tag and size, those that waste most first.
#[derive(Debug)]
pub struct InventoryDuplicates;

/// `inventory-uploads`: uploads in parts that were never completed, and when a rule drops them.
#[derive(Debug)]
pub struct InventoryUploads;

/// `inventory-odd`: objects whose names cause trouble, and objects without a byte.
#[derive(Debug)]
pub struct InventoryOdd;

/// The arguments of a list: those of every list, and its own.
macro_rules! list_args {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
        pub struct $name {
            /// The bucket.
            pub bucket: BucketName,
            /// Only keys that begin so.
            #[serde(default)]
            pub prefix: Prefix,
            /// Only from an inventory that was begun no more than so many seconds ago.
            #[serde(default)]
            pub max_age: Option<Limit>,
            /// How many rows, 50 by default.
            #[serde(default)]
            pub limit: Option<Limit>,
            $($(#[$of])* #[serde(default)] pub $field: $kind,)*
        }
    };
}

list_args! {
    /// What a list from an inventory needs.
    InventoryListArgs {}
}
list_args! {
    /// What `inventory-prefixes` needs.
    InventoryPrefixesArgs {
        /// How many levels below the prefix, 1 by default.
        depth: Option<Limit>,
    }
}
list_args! {
    /// What `inventory-uploads` needs.
    InventoryUploadsArgs {
        /// What the list is ordered by.
        order: UploadOrder,
    }
}
list_args! {
    /// What `inventory-odd` needs.
    InventoryOddArgs {
        /// Which objects.
        show: OddFilter,
    }
}

macro_rules! list_output {
    ($(#[$doc:meta])* $name:ident, $list:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, ToSchema)]
        pub struct $name {
            /// The bucket.
            pub bucket: BucketName,
            /// The prefix looked under.
            pub prefix: Prefix,
            /// How many rows were wished, after clamping.
            pub limit: usize,
            /// There are more than this answer holds.
            pub truncated: bool,
            /// What the answer rests on.
            #[serde(flatten)]
            pub basis: Basis,
            /// What was found.
            #[serde(flatten)]
            pub list: $list,
        }
    };
}

list_output! {
    /// The largest prefixes.
    InventoryPrefixesOutput, PrefixList
}
list_output! {
    /// Likely duplicates.
    InventoryDuplicatesOutput, DuplicateList
}
list_output! {
    /// Incomplete uploads.
    InventoryUploadsOutput, UploadList
}
list_output! {
    /// Objects that stand out by their names.
    InventoryOddOutput, OddList
}

fn is_cut(shown: usize, all: u64) -> bool {
    u64::try_from(shown).is_ok_and(|shown| shown < all)
}

impl Tool for InventoryPrefixes {
    const NAME: &'static str = "inventory-prefixes";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = InventoryPrefixesArgs;
    type Output = InventoryPrefixesOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let kept = kept(tenant, &args.bucket, &args.prefix, args.max_age).await?;
        let limit = Limit::rows(args.limit, ROWS, MAX_ROWS);
        let list = kept
            .prefixes(Limit::rows(args.depth, 1, MAX_DEPTH), limit)
            .await?;
        Ok(InventoryPrefixesOutput {
            bucket: args.bucket,
            prefix: args.prefix,
            limit,
            truncated: is_cut(list.prefixes.len(), list.prefix_count),
            basis: kept.basis(),
            list,
        })
    }
}

impl Tool for InventoryDuplicates {
    const NAME: &'static str = "inventory-duplicates";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = InventoryListArgs;
    type Output = InventoryDuplicatesOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let kept = kept(tenant, &args.bucket, &args.prefix, args.max_age).await?;
        let limit = Limit::rows(args.limit, ROWS, MAX_ROWS);
        let list = kept.duplicates(limit).await?;
        Ok(InventoryDuplicatesOutput {
            bucket: args.bucket,
            prefix: args.prefix,
            limit,
            truncated: is_cut(list.groups.len(), list.group_count),
            basis: kept.basis(),
            list,
        })
    }
}

impl Tool for InventoryUploads {
    const NAME: &'static str = "inventory-uploads";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = InventoryUploadsArgs;
    type Output = InventoryUploadsOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let kept = kept(tenant, &args.bucket, &args.prefix, args.max_age).await?;
        let limit = Limit::rows(args.limit, ROWS, MAX_ROWS);
        let list = kept.uploads(args.order, limit).await?;
        Ok(InventoryUploadsOutput {
            bucket: args.bucket,
            prefix: args.prefix,
            limit,
            truncated: is_cut(list.uploads.len(), list.upload_count),
            basis: kept.basis(),
            list,
        })
    }
}

impl Tool for InventoryOdd {
    const NAME: &'static str = "inventory-odd";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = InventoryOddArgs;
    type Output = InventoryOddOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let kept = kept(tenant, &args.bucket, &args.prefix, args.max_age).await?;
        let limit = Limit::rows(args.limit, ROWS, MAX_ROWS);
        let list = kept.odd(args.show, limit).await?;
        Ok(InventoryOddOutput {
            bucket: args.bucket,
            prefix: args.prefix,
            limit,
            truncated: is_cut(list.objects.len(), list.object_count),
            basis: kept.basis(),
            list,
        })
    }
}
