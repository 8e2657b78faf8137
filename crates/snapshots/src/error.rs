//! Why snapshots could be neither read nor written.

use spacewatch_model::ErrorCode;
use spacewatch_s3::StoreError;

/// Why snapshots could be neither read nor written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SnapshotError {
    /// The store says why.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is more than one answer may hold.
    #[error("the snapshots of this period hold more than {limit} {what}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How much one answer may hold.
        limit: u64,
    },
    /// Objects were replaced faster than they could be read.
    #[error("the snapshots changed while they were read")]
    Changing,
    /// A record can't be written as text, or reading was broken off.
    #[error("the snapshots can't be processed: {0}")]
    Internal(String),
}

impl SnapshotError {
    /// What kind of failure this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store(error) => error.code(),
            Self::Limit { .. } => ErrorCode::InvalidValue,
            Self::Changing => ErrorCode::StoreUnavailable,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// What can be done about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Limit { .. } => Some("ask for fewer `hours`".to_owned()),
            Self::Changing => Some("ask again".to_owned()),
            Self::Internal(_) => None,
        }
    }
}
