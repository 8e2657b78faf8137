//! All lakes of a data directory.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use spacewatch_model::Clock;
use spacewatch_s3::Store;

use crate::{Lake, LakeError, LogSource};

/// How lakes are kept.
#[derive(Debug, Clone)]
pub struct LakesConfig {
    /// Where they lie.
    pub directory: PathBuf,
    /// Bytes that all of them take on disk at most; the least recently used makes room.
    pub max_bytes: u64,
    /// How long records are kept; older ones are dropped, and log objects that old are not read.
    pub retention: Option<Duration>,
}

/// All lakes of a data directory. Clones share everything.
#[derive(Clone)]
pub struct Lakes {
    config: Arc<LakesConfig>,
    clock: Arc<dyn Clock>,
}

impl Lakes {
    /// Touches nothing before the first [`Lakes::open`].
    pub fn new(config: LakesConfig, clock: Arc<dyn Clock>) -> Self {
        Self {
            config: Arc::new(config),
            clock,
        }
    }

    /// The lake of these credentials and this log. Its directory is made at the first need.
    pub async fn open(&self, store: &Store, source: LogSource) -> Result<Lake, LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }
}
