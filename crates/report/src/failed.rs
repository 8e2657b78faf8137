//! Files that can't be read, or not to their end.

use std::io;

/// Why a file could not be read to its end. What was read before counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// It can't be opened or read.
    #[error("can't be read: {0}")]
    Unreadable(String),
    /// Compressed data that ends or breaks in the middle.
    #[error("the compressed data is broken or cut after {unpacked} unpacked bytes: {detail}")]
    Broken {
        /// How much came out before.
        unpacked: u64,
        /// What the decompressor says.
        detail: String,
    },
    /// It unpacks to far more than a log does.
    #[error("unpacks to more than {limit} bytes, far more than a log of its size; the rest is left out")]
    Bomb {
        /// How much was unpacked at most.
        limit: u64,
    },
    /// A compression that is not known here.
    #[error("is compressed with {0}; unpack it first (gzip, zstd and plain text are read)")]
    Compression(&'static str),
}

impl FileProblem {
    pub(crate) fn unreadable(error: &io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }

    /// A short word for answers.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Broken { .. } => "broken",
            Self::Bomb { .. } => "bomb",
            Self::Compression(_) => "compression",
        }
    }
}
