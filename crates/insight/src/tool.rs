//! What every tool is, and how one fails.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use spacewatch_lake::LakeError;
use spacewatch_model::{BucketName, ErrorCode, Prefix};
use spacewatch_s3::{Store, StoreError};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::Tenant;

/// One question about object storage: typed arguments, a typed answer, one function over a tenant.
///
/// Every door (HTTP, command line, chat, MCP) offers the same tools; a door only translates.
pub trait Tool: Send + Sync + 'static {
    /// The tool's name, as it stands in the route: `storage-summary`.
    const NAME: &'static str;

    /// What asking it counts as in the operation metrics.
    const OPERATION: OperationType;

    /// What the question needs.
    type Args: DeserializeOwned + Serialize + ToSchema + Clone + Send + Sync + 'static;

    /// The answer.
    type Output: Serialize + ToSchema + Clone + Send + Sync + 'static;

    /// Where the answer comes from: an answer kept for whoever asked is handed out only while the store lets the same
    /// credentials read all of it. Nothing means the account. The first one is what the question is about.
    fn evidence(_tenant: &Tenant, args: &Self::Args) -> Vec<Evidence> {
        named_bucket(args).map(Evidence::Bucket).into_iter().collect()
    }

    /// Answers the question with what these credentials can see now.
    fn run(tenant: &Tenant, args: Self::Args)
    -> impl Future<Output = Result<Self::Output, ToolError>> + Send;
}

/// The argument `bucket`, where a tool has one.
fn named_bucket<A: Serialize>(args: &A) -> Option<BucketName> {
    let args = serde_json::to_value(args).ok()?;
    args.get("bucket")?.as_str()?.parse().ok()
}

/// Something an answer comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// A bucket: its listing, its properties.
    Bucket(BucketName),
    /// What the objects under a prefix hold.
    Objects(BucketName, Prefix),
}

impl Evidence {
    /// The bucket it lies in.
    pub fn bucket(&self) -> &BucketName {
        match self {
            Self::Bucket(bucket) | Self::Objects(bucket, _) => bucket,
        }
    }

    /// Makes sure that the store lets these credentials read it now, or did a moment ago.
    ///
    /// # Errors
    ///
    /// What the store says against it.
    pub async fn ensure_readable(&self, store: &Store) -> Result<(), StoreError> {
        match self {
            Self::Bucket(bucket) => store.ensure(bucket).await,
            Self::Objects(bucket, prefix) => store.ensure_readable(bucket, prefix).await,
        }
    }
}

/// Why there is no answer, in words for the person who asked.
#[derive(Debug, Clone)]
pub struct ToolError {
    /// What kind of failure this is.
    pub code: ErrorCode,
    /// What happened, with the values that matter.
    pub detail: String,
    /// What the person can do about it.
    pub hint: Option<String>,
    /// The store's own S3 error code, where it gave one.
    pub store_code: Option<String>,
    cause: Option<Arc<StoreError>>,
}

impl ToolError {
    /// A failure that is not the store's.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            hint: None,
            store_code: None,
            cause: None,
        }
    }

    /// The same failure with what can be done about it.
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

impl From<StoreError> for ToolError {
    fn from(error: StoreError) -> Self {
        Self {
            code: error.code(),
            detail: error.to_string(),
            hint: error.hint(),
            store_code: error.store_code().map(str::to_owned),
            cause: Some(Arc::new(error)),
        }
    }
}

impl From<LakeError> for ToolError {
    fn from(error: LakeError) -> Self {
        match error {
            LakeError::Store(error) => error.into(),
            other => Self {
                hint: other.hint(),
                ..Self::new(other.code(), other.to_string())
            },
        }
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Error for ToolError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // `detail` is the cause's own text, so the chain goes on behind it.
        self.cause.as_ref().and_then(|cause| cause.source())
    }
}
