//! Why a bundle can't be read.

use std::io;

/// Why a bundle can't be read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The file can't be read.
    #[error("the bundle can't be read: {0}")]
    Io(#[from] io::Error),
    /// It is no bundle, or not as it was written.
    #[error("the bundle is damaged: {0}")]
    Damaged(String),
    /// It is whole, but of a kind that this version doesn't know.
    #[error("the bundle was written by a newer version, in format {0}")]
    Newer(u32),
}

pub(crate) fn damaged(what: impl Into<String>) -> BundleError {
    BundleError::Damaged(what.into())
}
