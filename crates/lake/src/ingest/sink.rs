//! What ingest writes into: the lake's writer, or memory in tests.

use std::collections::{HashMap, HashSet};

use arrow_array::RecordBatch;
use async_trait::async_trait;
use spacewatch_access_log::LineHashKey;
use spacewatch_model::Timestamp;

use crate::LakeError;

/// Where records go. One batch is open at a time.
#[async_trait]
pub(crate) trait LogSink: Send + Sync + 'static {
    /// The log objects that were read.
    async fn known(&self) -> Result<KnownObjects, LakeError>;
    /// A new batch. One that is dropped before its commit leaves nothing behind.
    async fn begin(&self) -> Result<Box<dyn BatchSink>, LakeError>;
    /// After a run: merges small files, removes what is old.
    async fn maintain(&self) -> Result<(), LakeError>;
    /// The key of the hash of lines.
    fn hash_key(&self) -> LineHashKey;
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
        objects: Vec<IngestedObject>,
        rejects: Vec<RejectedLine>,
    ) -> Result<(), LakeError>;
}

/// A log object that was read, to its end or as far as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IngestedObject {
    /// Its key.
    pub(crate) key: String,
    /// The store's mark of its content.
    pub(crate) etag: Option<String>,
    /// Its size in the bucket.
    pub(crate) size_bytes: u64,
    /// When it was written, as the store says.
    pub(crate) last_modified: Option<Timestamp>,
    /// When it was read.
    pub(crate) read_at: Timestamp,
    /// Lines in it.
    pub(crate) lines: u64,
    /// Records in it, those delivered before as well.
    pub(crate) records: u64,
    /// Lines that are no records.
    pub(crate) rejected: u64,
    /// Records delivered before.
    pub(crate) duplicates: u64,
    /// Why it could not be read to its end.
    pub(crate) failure: Option<String>,
}

/// A line that is no record, or an object that is no log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RejectedLine {
    /// In which log object.
    pub(crate) log_object: String,
    /// At which byte of it, unpacked; absent when the object as a whole is meant.
    pub(crate) offset: Option<u64>,
    /// How many bytes long the line is.
    pub(crate) length: Option<u64>,
    /// Why, in a word that stays the same.
    pub(crate) reason: &'static str,
    /// Why, in a sentence.
    pub(crate) detail: String,
    /// The line, or its beginning.
    pub(crate) line: Vec<u8>,
    /// When it was met.
    pub(crate) seen_at: Timestamp,
}

/// Which log objects were read: sixteen bytes for each.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownObjects(HashSet<[u8; 16]>);

impl KnownObjects {
    /// This version of this object was read.
    pub(crate) fn insert(&mut self, key: &str, etag: Option<&str>, size_bytes: u64) {
        self.0.insert(identity(key, etag, size_bytes));
    }

    /// Whether this version of this object was read.
    pub(crate) fn contains(&self, key: &str, etag: Option<&str>, size_bytes: u64) -> bool {
        self.0.contains(&identity(key, etag, size_bytes))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Keys hold no NUL, so the parts can't run into each other.
fn identity(key: &str, etag: Option<&str>, size_bytes: u64) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key.as_bytes());
    hasher.update(&[0, u8::from(etag.is_some())]);
    hasher.update(etag.unwrap_or_default().as_bytes());
    hasher.update(&size_bytes.to_le_bytes());
    let mut short = [0; 16];
    hasher.finalize_xof().fill(&mut short);
    short
}
