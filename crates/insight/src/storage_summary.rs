//! How much is stored.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_inventory::KeptInventory;
use spacewatch_model::{BucketName, ByteSize, Prefix};
use spacewatch_s3::{ObjectSummary, Order};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::inventory::fresh;
use crate::{AnswerSource, Limit, Tenant, Tool, ToolError};

/// `storage-summary`: how many objects, how many bytes, and, if asked, how they spread over prefixes.
#[derive(Debug)]
pub struct StorageSummary;

/// What `storage-summary` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StorageSummaryArgs {
    /// The bucket to look in.
    pub bucket: BucketName,
    /// Only keys that begin so.
    #[serde(default)]
    pub prefix: Prefix,
    /// Also sum up by folder, this many levels below the prefix. 0 gives only the total.
    #[serde(default)]
    #[schema(maximum = 255)]
    pub depth: u8,
    /// An inventory that was begun no more than so many seconds ago may answer; without this, or without one, the bucket is listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Limit>,
}

impl StorageSummaryArgs {
    /// A whole bucket, the total only.
    pub fn of(bucket: BucketName) -> Self {
        Self {
            bucket,
            prefix: Prefix::default(),
            depth: 0,
            max_age: None,
        }
    }
}

/// How much is stored.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StorageSummaryOutput {
    /// The bucket looked in.
    pub bucket: BucketName,
    /// The prefix looked under.
    pub prefix: Prefix,
    /// How many objects there are.
    pub object_count: u64,
    /// The size of all of them in bytes.
    pub total_size_bytes: ByteSize,
    /// The same in binary units.
    #[schema(example = "1.21 GiB")]
    pub total_size_human: String,
    /// Sums by folder, largest first; empty unless `depth` was asked for.
    pub prefixes: Vec<PrefixTotal>,
    /// There are more folders than the answer holds: objects in none of `prefixes` are only in the total.
    pub truncated: bool,
    /// Whether the bucket was listed for this answer, or an inventory gave it.
    pub source: AnswerSource,
    /// When the listing began, or that of the inventory.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

/// What one folder holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PrefixTotal {
    /// The folder's whole prefix, with its `/`; without one it sums the objects directly at that level.
    pub prefix: Prefix,
    /// How many objects lie below it.
    pub object_count: u64,
    /// Their size in bytes.
    pub total_size_bytes: ByteSize,
    /// The same in binary units.
    pub total_size_human: String,
}

/// Folders told apart while counting. More can't be ranked fairly in bounded memory, so their objects
/// count in the total only and the answer says so.
const MAX_FOLDERS: usize = 100_000;

impl Tool for StorageSummary {
    const NAME: &'static str = "storage-summary";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = StorageSummaryArgs;
    type Output = StorageSummaryOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        if let Some(kept) = fresh(tenant, &args.bucket, &args.prefix, args.max_age).await {
            return kept_summary(tenant, args, &kept).await;
        }
        let as_of = tenant.now();
        let mut total = Sum::default();
        let mut folders = Folders::below(args.prefix.as_str().len(), args.depth);
        let mut pages = std::pin::pin!(tenant.store.list_all(
            args.bucket.clone(),
            args.prefix.clone(),
            Order::Any,
            tenant.progress.clone(),
        ));
        while let Some(page) = pages.try_next().await? {
            for object in &page {
                total.add(object);
                folders.add(object);
            }
        }
        let (prefixes, truncated) = folders.into_largest(tenant.limits.prefixes);
        Ok(StorageSummaryOutput {
            bucket: args.bucket,
            prefix: args.prefix,
            object_count: total.objects,
            total_size_bytes: total.bytes,
            total_size_human: total.bytes.to_string(),
            prefixes,
            truncated,
            source: AnswerSource::Listing,
            as_of,
        })
    }
}

/// The same from an inventory.
async fn kept_summary(
    tenant: &Tenant,
    args: StorageSummaryArgs,
    kept: &KeptInventory,
) -> Result<StorageSummaryOutput, ToolError> {
    let list = kept.prefixes(usize::from(args.depth), MAX_FOLDERS).await?;
    let total = list.totals;
    let with_objects = list
        .prefixes
        .into_iter()
        .filter(|row| row.totals.objects > 0 && args.depth > 0);
    let mut prefixes: Vec<PrefixTotal> = with_objects
        .filter_map(|row| {
            Some(PrefixTotal {
                prefix: row.prefix.try_into().ok()?,
                object_count: row.totals.objects,
                total_size_bytes: row.totals.bytes,
                total_size_human: row.totals.bytes.to_string(),
            })
        })
        .collect();
    // There they go by all that takes room, here by what keys hold now.
    prefixes.sort_by(|a, b| {
        let larger = b.total_size_bytes.cmp(&a.total_size_bytes);
        larger.then_with(|| a.prefix.cmp(&b.prefix))
    });
    let truncated = list.other.is_some() || prefixes.len() > tenant.limits.prefixes;
    prefixes.truncate(tenant.limits.prefixes);
    Ok(StorageSummaryOutput {
        bucket: args.bucket,
        prefix: args.prefix,
        object_count: total.objects,
        total_size_bytes: total.bytes,
        total_size_human: total.bytes.to_string(),
        prefixes,
        truncated,
        source: AnswerSource::Inventory,
        as_of: kept.basis().as_of,
    })
}

#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    objects: u64,
    bytes: ByteSize,
}

impl Sum {
    fn add(&mut self, object: &ObjectSummary) {
        self.objects += 1;
        self.bytes += object.size;
    }
}

/// Sums by folder while a listing goes by.
struct Folders {
    prefix_length: usize,
    depth: u8,
    sums: BTreeMap<String, Sum>,
    overflowed: bool,
}

impl Folders {
    fn below(prefix_length: usize, depth: u8) -> Self {
        Self {
            prefix_length,
            depth,
            sums: BTreeMap::new(),
            overflowed: false,
        }
    }

    fn add(&mut self, object: &ObjectSummary) {
        if self.depth == 0 {
            return;
        }
        let folder = folder_of(object.key.as_str(), self.prefix_length, self.depth);
        if let Some(sum) = self.sums.get_mut(folder) {
            sum.add(object);
        } else if self.sums.len() < MAX_FOLDERS {
            self.sums.entry(folder.to_owned()).or_default().add(object);
        } else {
            self.overflowed = true;
        }
    }

    fn into_largest(self, rows: usize) -> (Vec<PrefixTotal>, bool) {
        let truncated = self.overflowed || self.sums.len() > rows;
        let mut sums: Vec<_> = self.sums.into_iter().collect();
        sums.sort_by(|a, b| b.1.bytes.cmp(&a.1.bytes).then_with(|| a.0.cmp(&b.0)));
        sums.truncate(rows);
        let totals = sums.into_iter().filter_map(|(folder, sum)| {
            Some(PrefixTotal {
                prefix: folder.try_into().ok()?,
                object_count: sum.objects,
                total_size_bytes: sum.bytes,
                total_size_human: sum.bytes.to_string(),
            })
        });
        (totals.collect(), truncated)
    }
}

/// The key up to its `depth`-th `/` below the prefix; up to its last one when it is not that deep.
pub(crate) fn folder_of(key: &str, prefix_length: usize, depth: u8) -> &str {
    let below = key.get(prefix_length..).unwrap_or_default();
    let end = below
        .match_indices('/')
        .take(usize::from(depth))
        .last()
        .map_or(0, |(at, _)| at + 1);
    key.get(..prefix_length + end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &str, prefix: &str, depth: u8, folder: &str) {
        assert_eq!(folder_of(key, prefix.len(), depth), folder);
    }

    #[test]
    fn folders() {
        check("a/b/c.txt", "", 1, "a/");
        check("a/b/c.txt", "", 2, "a/b/");
        check("a/b/c.txt", "", 9, "a/b/");
        check("a/b/c.txt", "a/", 1, "a/b/");
        check("a/b/c.txt", "a/b", 1, "a/b/");
        check("c.txt", "", 1, "");
        check("//x", "", 1, "/");
        check("//x", "", 2, "//");
        check("été/ñ/x", "é", 1, "été/");
    }
}
