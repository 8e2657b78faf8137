//! What can go wrong with inventories, by what the caller can do next.

use spacewatch_delta::DeltaError;
use spacewatch_model::{BucketName, ErrorCode};
use spacewatch_s3::StoreError;

/// Why there is no answer from an inventory.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InventoryError {
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is none that answers this.
    #[error("there is no inventory of bucket `{bucket}`{which}")]
    Absent {
        /// The bucket.
        bucket: BucketName,
        /// Of what, or how young: ` under prefix `a/``, or nothing.
        which: String,
    },
    /// Another process takes it.
    #[error("another process{holder} takes this inventory")]
    Locked {
        /// Which process, where that is known: ` (process 123)`, or nothing.
        holder: String,
    },
    /// The disk is full, or failed.
    #[error("the inventory can't {doing} `{path}`: {cause}")]
    Disk {
        /// What was tried: `write`.
        doing: &'static str,
        /// Where.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// What is kept isn't what was written.
    #[error("the kept inventory can't be trusted: {0}")]
    Untrusted(String),
    /// A fault of this program, or of a library of it. The text is for the log.
    #[error("the inventory failed: {0}")]
    Internal(String),
}

impl InventoryError {
    pub(crate) fn disk(doing: &'static str, path: &std::path::Path, cause: impl ToString) -> Self {
        Self::Disk {
            doing,
            path: path.display().to_string(),
            cause: cause.to_string(),
        }
    }

    /// A fault of Arrow, Parquet or a task, which is ours.
    pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }

    /// The code that doors show.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store(error) => error.code(),
            Self::Absent { .. } => ErrorCode::NotFound,
            Self::Locked { .. } => ErrorCode::Overloaded,
            Self::Disk { .. } | Self::Untrusted(_) | Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Absent { .. } => Some(
                "take one: `POST /tools/inventory/run`, or `spacewatch inventory run BUCKET` at the command line".to_owned(),
            ),
            Self::Locked { .. } => Some("wait until it is done, and ask again".to_owned()),
            Self::Disk { .. } => Some("see that `DATA_DIR` has room and belongs to this user".to_owned()),
            Self::Untrusted(_) => Some("delete its directory below `DATA_DIR/inventories` and take it anew".to_owned()),
            Self::Internal(_) => None,
        }
    }
}

impl From<DeltaError> for InventoryError {
    fn from(error: DeltaError) -> Self {
        match error {
            DeltaError::Locked { holder, .. } => Self::Locked { holder },
            DeltaError::Disk { doing, path, cause } => Self::Disk { doing, path, cause },
            DeltaError::Untrusted { why, .. } => Self::Untrusted(why),
            unguarded @ DeltaError::Unguarded { .. } => Self::Internal(unguarded.to_string()),
            DeltaError::Internal(what) => Self::Internal(what),
        }
    }
}
