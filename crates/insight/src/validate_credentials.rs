//! Whether the store accepts these credentials.

use jiff::Timestamp;
use serde::Serialize;
use spacewatch_model::BucketName;
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::{Buckets, NoArgs, Tenant, Tool, ToolError};

/// `validate-credentials`: does the store accept these keys, and what do they open?
///
/// Rejected keys are an error, never an answer. An account without buckets is valid.
#[derive(Debug)]
pub struct ValidateCredentials;

/// The store accepts these credentials.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ValidateCredentialsOutput {
    /// Always true: keys that are not valid are an error.
    pub valid: bool,
    /// How many buckets they open.
    pub bucket_count: usize,
    /// The names of those buckets.
    pub buckets: Vec<BucketName>,
    /// The keys may not list buckets; those tried by name stand in `buckets`.
    pub limited: bool,
    /// What that means for the reader, where it needs saying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When the store was asked.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

impl Tool for ValidateCredentials {
    const NAME: &'static str = "validate-credentials";
    const OPERATION: OperationType = OperationType::ListBuckets;
    type Args = NoArgs;
    type Output = ValidateCredentialsOutput;

    async fn run(tenant: &Tenant, args: NoArgs) -> Result<Self::Output, ToolError> {
        let found = Buckets::run(tenant, args).await?;
        let note = if found.limited && found.buckets.is_empty() {
            Some(
                "the store knows these keys, but they may not list buckets and no named bucket can be \
                 reached: name the bucket they were made for"
                    .to_owned(),
            )
        } else {
            found.note
        };
        Ok(ValidateCredentialsOutput {
            valid: true,
            bucket_count: found.bucket_count,
            buckets: found.buckets,
            limited: found.limited,
            note,
            as_of: found.as_of,
        })
    }
}
