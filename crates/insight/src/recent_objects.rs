//! The objects written last.

use std::cmp::{Ordering, Reverse};

use futures::TryStreamExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, Prefix};
use spacewatch_s3::{ObjectSummary, Order};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::inventory::{fresh, object_row};
use crate::ranking::Ranking;
use crate::{AnswerSource, Limit, ObjectRow, Tenant, Tool, ToolError};

/// `recent-objects`: the newest objects below a prefix.
///
/// S3 lists by key and not by time, so every key is looked at; memory holds only those that are kept.
#[derive(Debug)]
pub struct RecentObjects;

/// What `recent-objects` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecentObjectsArgs {
    /// The bucket to look in.
    pub bucket: BucketName,
    /// Only keys that begin so.
    #[serde(default)]
    pub prefix: Prefix,
    /// How many objects, 10 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// An inventory that was begun no more than so many seconds ago may answer; without this, or without one, the bucket is listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Limit>,
}

/// The newest objects.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecentObjectsOutput {
    /// The bucket looked in.
    pub bucket: BucketName,
    /// The prefix looked under.
    pub prefix: Prefix,
    /// How many objects were looked at: all there are.
    pub count_scanned: u64,
    /// How many were wished, after clamping.
    pub limit: usize,
    /// The newest first; equal times by key.
    pub objects: Vec<ObjectRow>,
    /// Whether the bucket was listed for this answer, or an inventory gave it.
    pub source: AnswerSource,
    /// When the listing began, or that of the inventory.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

impl Tool for RecentObjects {
    const NAME: &'static str = "recent-objects";
    const OPERATION: OperationType = OperationType::ListObjects;
    type Args = RecentObjectsArgs;
    type Output = RecentObjectsOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let as_of = tenant.now();
        let limit = Limit::rows(args.limit, 10, tenant.limits.recent_objects);
        if let Some(kept) = fresh(tenant, &args.bucket, &args.prefix, args.max_age).await {
            let summary = kept.summary(limit).await?;
            return Ok(RecentObjectsOutput {
                bucket: args.bucket,
                prefix: args.prefix,
                limit,
                objects: summary.newest.into_iter().filter_map(object_row).collect(),
                count_scanned: summary.totals.objects,
                source: AnswerSource::Inventory,
                as_of: kept.basis().as_of,
            });
        }
        let mut newest = Ranking::first(limit, newest_first);
        let mut count_scanned = 0_u64;
        let mut pages = std::pin::pin!(tenant.store.list_all(
            args.bucket.clone(),
            args.prefix.clone(),
            Order::Any,
            tenant.progress.clone(),
        ));
        while let Some(page) = pages.try_next().await? {
            for object in page {
                count_scanned += 1;
                newest.offer(object);
            }
        }
        let objects = newest.into_sorted().into_iter().map(ObjectRow::from).collect();
        Ok(RecentObjectsOutput {
            bucket: args.bucket,
            prefix: args.prefix,
            count_scanned,
            limit,
            objects,
            source: AnswerSource::Listing,
            as_of,
        })
    }
}

/// An object without a time sorts as the oldest.
fn newest_first(a: &ObjectSummary, b: &ObjectSummary) -> Ordering {
    Reverse(a.last_modified)
        .cmp(&Reverse(b.last_modified))
        .then_with(|| a.key.cmp(&b.key))
}
