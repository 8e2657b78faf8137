//! The largest objects.

use std::cmp::{Ordering, Reverse};

use futures::TryStreamExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, ByteSize, Prefix};
use spacewatch_s3::{ObjectSummary, Order};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::inventory::{fresh, object_row};
use crate::ranking::Ranking;
use crate::{AnswerSource, Limit, ObjectRow, Tenant, Tool, ToolError};

/// `top-largest`: the largest objects below a prefix, and what share of everything they are.
#[derive(Debug)]
pub struct TopLargest;

/// What `top-largest` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TopLargestArgs {
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

/// The largest objects.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TopLargestOutput {
    /// The bucket looked in.
    pub bucket: BucketName,
    /// The prefix looked under.
    pub prefix: Prefix,
    /// How many were wished, after clamping.
    pub limit: usize,
    /// The largest first; equal sizes by key.
    pub objects: Vec<ObjectRow>,
    /// How many objects were looked at: all there are.
    pub count_scanned: u64,
    /// The size of all of them together.
    pub total_size_bytes: ByteSize,
    /// Whether the bucket was listed for this answer, or an inventory gave it.
    pub source: AnswerSource,
    /// When the listing began, or that of the inventory.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

impl Tool for TopLargest {
    const NAME: &'static str = "top-largest";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = TopLargestArgs;
    type Output = TopLargestOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let as_of = tenant.now();
        let limit = Limit::rows(args.limit, 10, tenant.limits.top_largest);
        if let Some(kept) = fresh(tenant, &args.bucket, &args.prefix, args.max_age).await {
            let summary = kept.summary(limit).await?;
            return Ok(TopLargestOutput {
                bucket: args.bucket,
                prefix: args.prefix,
                limit,
                objects: summary.largest.into_iter().filter_map(object_row).collect(),
                count_scanned: summary.totals.objects,
                total_size_bytes: summary.totals.bytes,
                source: AnswerSource::Inventory,
                as_of: kept.basis().as_of,
            });
        }
        let mut largest = Ranking::first(limit, largest_first);
        let mut count_scanned = 0_u64;
        let mut total_size_bytes = ByteSize(0);
        let mut pages = std::pin::pin!(tenant.store.list_all(
            args.bucket.clone(),
            args.prefix.clone(),
            Order::Any,
            tenant.progress.clone(),
        ));
        while let Some(page) = pages.try_next().await? {
            for object in page {
                count_scanned += 1;
                total_size_bytes += object.size;
                largest.offer(object);
            }
        }
        Ok(TopLargestOutput {
            bucket: args.bucket,
            prefix: args.prefix,
            limit,
            objects: largest.into_sorted().into_iter().map(ObjectRow::from).collect(),
            count_scanned,
            total_size_bytes,
            source: AnswerSource::Listing,
            as_of,
        })
    }
}

fn largest_first(a: &ObjectSummary, b: &ObjectSummary) -> Ordering {
    Reverse(a.size)
        .cmp(&Reverse(b.size))
        .then_with(|| a.key.cmp(&b.key))
}
