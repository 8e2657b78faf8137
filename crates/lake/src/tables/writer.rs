//! The only one who writes to a lake.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use futures::TryStreamExt;
use spacewatch_access_log::LineHashKey;
use spacewatch_delta::{Lock, clear_unfinished};

use super::batch_file::BatchFile;
use super::files::internal;
use super::known::KnownObjects;
use super::lake_file::{self, LakeKey};
use super::there::{HashCache, rows_of};
use super::{BatchWriter, DataFile, LakeTables, LogObjectId};
use crate::LakeError;

/// The only one who writes to a lake. Others may once it is dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(super) tables: LakeTables,
    pub(super) known: KnownObjects,
    pub(super) hashes: HashCache,
    key: LakeKey,
    next: u64,
    /// A batch may be recorded that some table doesn't have.
    pub(super) unsettled: bool,
    _lock: Option<Lock>,
}

impl Writer {
    pub(super) async fn open(tables: LakeTables, patience: Duration) -> Result<Self, LakeError> {
        let lock = match tables.directory() {
            Some(directory) => {
                let lock = Lock::take(directory, patience, tables.clock()).await?;
                clear_unfinished(directory)?;
                Some(lock)
            }
            None => None,
        };
        let key = lake_file::read_or_create(tables.store().as_ref(), &tables.config().source).await?;
        tables.read_or_create().await?;
        let mut writer = Self {
            known: KnownObjects::new(key.objects()),
            hashes: HashCache::default(),
            next: 1,
            unsettled: true,
            _lock: lock,
            key,
            tables,
        };
        writer.recover().await?;
        writer.tables.set_writing(true);
        Ok(writer)
    }

    /// What lines are hashed with.
    pub(crate) fn hash_key(&self) -> LineHashKey {
        self.key.lines()
    }

    /// The log objects that were read.
    pub(crate) fn known_objects(&self) -> &KnownObjects {
        &self.known
    }

    /// Makes sure that what was recorded last is in all tables.
    pub(crate) async fn settle(&mut self) -> Result<(), LakeError> {
        if self.unsettled {
            self.recover().await?;
        }
        Ok(())
    }

    /// Brings a batch to its end that was recorded but not committed everywhere, and learns which log objects were read. Done by itself
    /// when a writer is opened and after a commit that failed.
    pub(crate) async fn recover(&mut self) -> Result<(), LakeError> {
        let store = Arc::clone(self.tables.store());
        if self.next > 1 {
            self.tables.read_or_create().await?;
        }
        for batch in BatchFile::pending(store.as_ref()).await? {
            self.tables.commit_batch(&batch).await?;
            batch.mark_done(store.as_ref()).await?;
        }
        self.next = self.tables.newest_batch().await?.saturating_add(1);
        self.known = KnownObjects::new(self.key.objects());
        let snapshot = self.tables.snapshot().await?;
        for file in snapshot.log_objects.files.iter() {
            self.learn(file).await?;
        }
        self.unsettled = false;
        Ok(())
    }

    async fn learn(&mut self, file: &DataFile) -> Result<(), LakeError> {
        let columns = ["key", "etag", "size"];
        let mut rows = rows_of(self.tables.store(), file, &columns, None).await?;
        while let Some(batch) = rows.try_next().await.map_err(internal)? {
            let text = |name: &str| {
                batch
                    .column_by_name(name)
                    .and_then(|column| column.as_string_opt::<i32>())
            };
            let sizes = batch
                .column_by_name("size")
                .and_then(|column| column.as_primitive_opt::<Int64Type>());
            let (Some(keys), Some(etags), Some(sizes)) = (text("key"), text("etag"), sizes) else {
                return Err(LakeError::Untrusted {
                    table: "log_objects",
                    why: "a file has other columns".to_owned(),
                });
            };
            for ((key, etag), size) in keys.iter().zip(etags).zip(sizes) {
                self.known.insert(LogObjectId {
                    key: key.unwrap_or_default(),
                    etag,
                    size: size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
                });
            }
        }
        Ok(())
    }

    /// A new batch. What is written to it shows when it is committed, or never.
    pub(crate) async fn begin(&mut self) -> Result<BatchWriter<'_>, LakeError> {
        self.settle().await?;
        let number = self.next;
        self.next = number.saturating_add(1);
        Ok(BatchWriter::new(self, number))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.tables.set_writing(false);
    }
}
