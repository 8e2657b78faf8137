//! Sizes of folders, for a treemap.

use serde::{Deserialize, Serialize};
use spacewatch_inventory::{Basis, TreeNode};
use spacewatch_model::{BucketName, Prefix};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use super::kept;
use crate::{Limit, Tenant, Tool, ToolError};

/// Levels of a tree, by default and at most.
const DEPTH: usize = 2;
const MAX_DEPTH: usize = 10;

/// Children of a folder, by default and at most.
const CHILDREN: usize = 30;
const MAX_CHILDREN: usize = 1000;

/// `tree`: folders and their sizes, nested, from the last inventory.
#[derive(Debug)]
pub struct Tree;

/// What `tree` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TreeArgs {
    /// The bucket.
    pub bucket: BucketName,
    /// The folder at the root.
    #[serde(default)]
    pub prefix: Prefix,
    /// How many levels below it, 2 by default and 10 at most.
    #[serde(default)]
    pub depth: Option<Limit>,
    /// How many folders of each folder are shown one by one, 30 by default; fewer where the tree is deep. The others are summed up.
    #[serde(default)]
    pub children: Option<Limit>,
    /// Only from an inventory that was begun no more than so many seconds ago.
    #[serde(default)]
    pub max_age: Option<Limit>,
}

/// Folders and their sizes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TreeOutput {
    /// The bucket.
    pub bucket: BucketName,
    /// How many levels deep it is.
    pub depth: usize,
    /// What the answer rests on.
    #[serde(flatten)]
    pub basis: Basis,
    /// The folder asked for.
    pub root: TreeNode,
}

impl Tool for Tree {
    const NAME: &'static str = "tree";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = TreeArgs;
    type Output = TreeOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let kept = kept(tenant, &args.bucket, &args.prefix, args.max_age).await?;
        let depth = Limit::rows(args.depth, DEPTH, MAX_DEPTH);
        let children = Limit::rows(args.children, CHILDREN, MAX_CHILDREN);
        Ok(TreeOutput {
            root: kept.tree(depth, children).await?,
            basis: kept.basis(),
            bucket: args.bucket,
            depth,
        })
    }
}
