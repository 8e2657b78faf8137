//! What can go wrong with tables, by what the caller can do next.

/// Why a table can't be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// Another process writes there.
    #[error("`{directory}` is written by another process{holder}")]
    Locked {
        /// Where.
        directory: String,
        /// Which process, where that is known: ` (process 123)`, or nothing.
        holder: String,
    },
    /// The store makes an object though there is one with that name, so that nothing keeps two writers apart.
    #[error(
        "the store of `{place}` doesn't keep to `If-None-Match: *`, so two writers would spoil each other's work"
    )]
    Unguarded {
        /// The bucket and the prefix.
        place: String,
    },
    /// The disk is full, or failed.
    #[error("can't {doing} `{path}`: {cause}")]
    Disk {
        /// What was tried: `write`.
        doing: &'static str,
        /// Where.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// A table holds what it must not hold: a forged path, another schema.
    #[error("the table `{table}` can't be trusted: {why}")]
    Untrusted {
        /// Which table.
        table: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A fault of this program, or of a library of it. The text is for the log.
    #[error("{0}")]
    Internal(String),
}

impl DeltaError {
    pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }

    pub(crate) fn disk(doing: &'static str, path: impl ToString, cause: impl ToString) -> Self {
        Self::Disk {
            doing,
            path: path.to_string(),
            cause: cause.to_string(),
        }
    }
}
