//! One level of a bucket, as folders and objects.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, ErrorCode, Prefix};
use spacewatch_s3::PageToken;
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::{Limit, ObjectRow, Tenant, Tool, ToolError};

/// Rows of one answer: a page of S3's own.
const MAX_ROWS: usize = 1000;

/// `browse`: what lies directly below a prefix, folders and objects, a page at a time.
#[derive(Debug)]
pub struct Browse;

/// What `browse` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BrowseArgs {
    /// The bucket to look in.
    pub bucket: BucketName,
    /// The folder to look into, with its `/`; empty for the top.
    #[serde(default)]
    pub prefix: Prefix,
    /// The `next` of the answer before, to go on behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many rows, 200 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
}

/// One level of a bucket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BrowseOutput {
    /// The bucket looked in.
    pub bucket: BucketName,
    /// The folder looked into.
    pub prefix: Prefix,
    /// How many rows were wished, after clamping.
    pub limit: usize,
    /// Folders directly below, in order.
    pub folders: Vec<Folder>,
    /// Objects directly below, in key order.
    pub objects: Vec<ObjectRow>,
    /// There is more at this level than this page holds.
    pub truncated: bool,
    /// Pass this on to get the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// When the page was read.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

/// A folder: keys that share a prefix up to the next `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Folder {
    /// Its whole prefix, with the `/`.
    pub prefix: Prefix,
}

impl Tool for Browse {
    const NAME: &'static str = "browse";
    const OPERATION: OperationType = OperationType::ListObjects;
    type Args = BrowseArgs;
    type Output = BrowseOutput;

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let as_of = tenant.now();
        let limit = Limit::rows(args.limit, 200, MAX_ROWS);
        let page = args.next.as_deref().map(read_token).transpose()?;
        let level = tenant
            .store
            .list_level(&args.bucket, &args.prefix, page.as_ref(), limit)
            .await?;
        Ok(BrowseOutput {
            bucket: args.bucket,
            prefix: args.prefix,
            limit,
            folders: level
                .common_prefixes
                .into_iter()
                .map(|prefix| Folder { prefix })
                .collect(),
            objects: level.objects.into_iter().map(ObjectRow::from).collect(),
            truncated: level.next.is_some(),
            next: level.next.map(|token| token.to_string()),
            as_of,
        })
    }
}

fn read_token(text: &str) -> Result<PageToken, ToolError> {
    text.parse().map_err(|_| {
        ToolError::new(
            ErrorCode::InvalidParameter,
            "`next` is not a token of this listing",
        )
        .with_hint("pass on the `next` of the answer before, with the same bucket and prefix")
    })
}
