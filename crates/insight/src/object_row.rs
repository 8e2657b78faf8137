//! How an object stands in an answer.

use jiff::Timestamp;
use serde::Serialize;
use spacewatch_model::{ByteSize, ObjectKey};
use spacewatch_s3::ObjectSummary;
use utoipa::ToSchema;

/// One object, as a listing tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ObjectRow {
    /// The whole key.
    pub key: ObjectKey,
    /// Size in bytes.
    pub size_bytes: ByteSize,
    /// Size in binary units, three significant digits.
    #[schema(example = "1.21 GiB")]
    pub size_human: String,
    /// When the object was last written; absent where the store doesn't say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_modified: Option<Timestamp>,
    /// The object's entity tag, without quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The storage class the store names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
}

impl From<ObjectSummary> for ObjectRow {
    fn from(object: ObjectSummary) -> Self {
        Self {
            size_human: object.size.to_string(),
            key: object.key,
            size_bytes: object.size,
            last_modified: object.last_modified,
            etag: object.etag,
            storage_class: object.storage_class,
        }
    }
}
