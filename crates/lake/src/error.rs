//! What can go wrong in the lake, by what the caller can do next.

use spacewatch_delta::DeltaError;
use spacewatch_model::ErrorCode;
use spacewatch_s3::StoreError;

/// Why the lake gives no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LakeError {
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process writes this lake.
    #[error("the lake at `{directory}` is written by another process{holder}")]
    Locked {
        /// Where it lies.
        directory: String,
        /// Which process, where that is known: ` (process 123)`, or nothing.
        holder: String,
    },
    /// The store makes an object though there is one with that name, so that nothing keeps two writers apart.
    #[error(
        "the lake can't lie at `{place}`: the store doesn't keep to `If-None-Match: *`, so two writers would spoil each other's work"
    )]
    Unguarded {
        /// The bucket and the prefix.
        place: String,
    },
    /// The disk is full, or failed.
    #[error("the lake can't {doing} `{path}`: {cause}")]
    Disk {
        /// What was tried: `write`.
        doing: &'static str,
        /// Where.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// A table holds what it must not hold: a forged path, another schema.
    #[error("the lake's table `{table}` can't be trusted: {why}")]
    Untrusted {
        /// Which table.
        table: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The question can't be answered as it was asked.
    #[error("{0}")]
    Question(String),
    /// The question needs more than one question may take.
    #[error("the question takes more {what} than the {limit} allowed")]
    Limit {
        /// `memory`, `time`, `rows`.
        what: &'static str,
        /// How much is allowed, in words.
        limit: String,
    },
    /// A fault of this program, or of a library of it. The text is for the log.
    #[error("the lake failed: {0}")]
    Internal(String),
}

impl From<DeltaError> for LakeError {
    fn from(error: DeltaError) -> Self {
        match error {
            DeltaError::Locked { directory, holder } => Self::Locked { directory, holder },
            DeltaError::Disk { doing, path, cause } => Self::Disk { doing, path, cause },
            DeltaError::Untrusted { table, why } => Self::Untrusted { table, why },
            DeltaError::Unguarded { place } => Self::Unguarded { place },
            DeltaError::Internal(text) => Self::Internal(text),
        }
    }
}

impl LakeError {
    /// The code that doors show.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store(error) => error.code(),
            Self::Locked { .. } => ErrorCode::Overloaded,
            Self::Unguarded { .. } => ErrorCode::StoreFailed,
            Self::Question(_) | Self::Limit { .. } => ErrorCode::InvalidValue,
            Self::Disk { .. } | Self::Untrusted { .. } | Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Locked { .. } => Some(
                "wait until it is done; on disk, ask the server that runs on this data directory, or give this one another `DATA_DIR`"
                    .to_owned(),
            ),
            Self::Unguarded { .. } => Some("set `LAKE_PLACE` to `disk`".to_owned()),
            Self::Disk { .. } => Some(
                "see that `DATA_DIR` has room and belongs to this user; with `LAKE_PLACE=bucket`, that these keys may list, read, write \
                 and delete in the metrics bucket"
                    .to_owned(),
            ),
            Self::Untrusted { .. } => {
                Some("delete the lake's directory: it is rebuilt from the log bucket".to_owned())
            }
            Self::Limit { .. } => Some("narrow the period, add filters, or ask for fewer columns".to_owned()),
            Self::Question(_) | Self::Internal(_) => None,
        }
    }
}
