//! What ingest writes into: the lake's writer, or memory in tests.

use std::collections::HashMap;

use arrow_array::RecordBatch;
use async_trait::async_trait;
use spacewatch_access_log::LineHashKey;
use tokio_util::sync::CancellationToken;

use crate::LakeError;
use crate::tables::{KnownObjects, LogObject, RejectedLine};

/// Where records go. One batch is open at a time.
#[async_trait]
pub(crate) trait LogSink: Send + Sync + 'static {
    /// The log objects that were read, and the key of the hash of lines.
    async fn known(&self) -> Result<(KnownObjects, LineHashKey), LakeError>;
    /// A new batch. One that is dropped before its commit leaves nothing behind.
    async fn begin(&self) -> Result<Box<dyn BatchSink>, LakeError>;
    /// After a run: merges small files, removes what is old. Ends early when it is cancelled.
    async fn maintain(&self, cancel: &CancellationToken) -> Result<(), LakeError>;
}

/// One batch, all or nothing.
#[async_trait]
pub(crate) trait BatchSink: Send {
    /// Takes rows, and tells how many records of which log object were there already and are dropped.
    async fn write(
        &mut self,
        requests: Vec<RecordBatch>,
        cdn: Vec<RecordBatch>,
    ) -> Result<HashMap<String, u64>, LakeError>;
    /// Everything taken is there from now on, and these log objects are known.
    async fn commit(
        self: Box<Self>,
        objects: Vec<LogObject>,
        rejects: Vec<RejectedLine>,
    ) -> Result<(), LakeError>;
}
