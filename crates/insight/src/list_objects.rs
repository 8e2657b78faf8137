//! Every object below a prefix.

use futures::TryStreamExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_inventory::KeptInventory;
use spacewatch_model::{BucketName, Prefix};
use spacewatch_s3::{ObjectSummary, Order};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::inventory::{fresh, object_row};
use crate::list_token::ListToken;
use crate::ranking::Ranking;
use crate::{AnswerSource, Limit, ObjectRow, Tenant, Tool, ToolError};

/// `list-all`: counts every object below a prefix and returns the first of them in key order, with a token
/// to go on.
#[derive(Debug)]
pub struct ListObjects;

/// What `list-all` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ListObjectsArgs {
    /// The bucket to look in.
    pub bucket: BucketName,
    /// Only keys that begin so.
    #[serde(default)]
    pub prefix: Prefix,
    /// The `next` of the answer before, to go on behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// An inventory that was begun no more than so many seconds ago may answer; without this, or without one, the bucket is listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Limit>,
}

/// Objects in key order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListObjectsOutput {
    /// The bucket looked in.
    pub bucket: BucketName,
    /// The prefix looked under.
    pub prefix: Prefix,
    /// All objects below the prefix, counted when the first page was made.
    pub count: u64,
    /// This page of them, in key order.
    pub objects: Vec<ObjectRow>,
    /// There are more objects than this page holds.
    pub truncated: bool,
    /// Pass this on to get the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Whether the bucket was listed for this page, or an inventory gave it.
    pub source: AnswerSource,
    /// When this page's listing began, or that of the inventory.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

/// A page and what is known of the whole.
struct Page {
    objects: Vec<ObjectRow>,
    count: u64,
    more: bool,
}

impl Tool for ListObjects {
    const NAME: &'static str = "list-all";
    const OPERATION: OperationType = OperationType::ListObjects;
    type Args = ListObjectsArgs;
    type Output = ListObjectsOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let as_of = tenant.now();
        let token = args.next.as_deref();
        let token = token
            .map(|token| ListToken::read(token, &args.prefix))
            .transpose()?;
        let kept = fresh(tenant, &args.bucket, &args.prefix, args.max_age).await;
        let (page, source, as_of) = match (&kept, token) {
            (Some(kept), token) => {
                let page = kept_page(tenant, kept, token).await?;
                (page, AnswerSource::Inventory, kept.basis().as_of)
            }
            (None, None) => (first_page(tenant, &args).await?, AnswerSource::Listing, as_of),
            (None, Some(token)) => (
                next_page(tenant, &args, token).await?,
                AnswerSource::Listing,
                as_of,
            ),
        };
        let next = page.objects.last().filter(|_| page.more).map(|last| {
            ListToken {
                after: last.key.clone(),
                count: page.count,
            }
            .encode()
        });
        Ok(ListObjectsOutput {
            bucket: args.bucket,
            prefix: args.prefix,
            count: page.count,
            objects: page.objects,
            truncated: page.more,
            next,
            source,
            as_of,
        })
    }
}

/// A page from an inventory. Asks for one object more than it returns, to know whether that was all.
async fn kept_page(
    tenant: &Tenant,
    kept: &KeptInventory,
    token: Option<ListToken>,
) -> Result<Page, ToolError> {
    let limit = tenant.limits.list_objects;
    let (after, count) = match token {
        Some(token) => (Some(token.after), token.count),
        None => (None, kept.summary(0).await?.totals.objects),
    };
    let found = kept.objects_behind(after, limit.saturating_add(1)).await?;
    Ok(Page {
        more: found.len() > limit,
        objects: found.into_iter().take(limit).filter_map(object_row).collect(),
        count,
    })
}

async fn first_page(tenant: &Tenant, args: &ListObjectsArgs) -> Result<Page, ToolError> {
    let limit = tenant.limits.list_objects;
    let mut first = Ranking::first(limit, |a: &ObjectSummary, b| a.key.cmp(&b.key));
    let mut count = 0_u64;
    let mut pages = std::pin::pin!(tenant.store.list_all(
        args.bucket.clone(),
        args.prefix.clone(),
        Order::Any,
        tenant.progress.clone(),
    ));
    while let Some(page) = pages.try_next().await? {
        for object in page {
            count += 1;
            first.offer(object);
        }
    }
    let objects: Vec<_> = first.into_sorted().into_iter().map(ObjectRow::from).collect();
    let more = count > u64::try_from(objects.len()).unwrap_or(u64::MAX);
    Ok(Page { objects, count, more })
}

/// Goes on behind a key. Asks for one object more than it returns, to know whether that was all.
async fn next_page(tenant: &Tenant, args: &ListObjectsArgs, token: ListToken) -> Result<Page, ToolError> {
    let limit = tenant.limits.list_objects;
    let mut objects = Vec::new();
    let mut after = Some(token.after);
    while objects.len() <= limit && after.is_some() {
        let wanted = limit + 1 - objects.len();
        let page = tenant
            .store
            .list_page(&args.bucket, &args.prefix, after.as_ref(), wanted)
            .await?;
        after = page.next;
        objects.extend(page.objects);
    }
    let more = objects.len() > limit || after.is_some();
    objects.truncate(limit);
    Ok(Page {
        objects: objects.into_iter().map(ObjectRow::from).collect(),
        count: token.count,
        more,
    })
}
