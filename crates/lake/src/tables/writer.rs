//! The only one who writes to a lake.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use futures::TryStreamExt;
use spacewatch_access_log::LineHashKey;

use super::batch_file::BatchFile;
use super::files::internal;
use super::hold::Hold;
use super::known::KnownObjects;
use super::lake_file::{self, LakeKey};
use super::there::{HashCache, rows_of};
use super::{BatchWriter, DataFile, LakeTables, LogObjectId};
use crate::LakeError;

/// So many batches of a writer who goes on at the same time are brought to their end before he is left alone.
const FENCES: usize = 4;

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
    pub(super) hold: Hold,
}

impl Writer {
    pub(super) async fn open(tables: LakeTables, patience: Duration) -> Result<Self, LakeError> {
        let hold = Hold::take(&tables, patience).await?;
        let key = lake_file::read_or_create(tables.store().as_ref(), &tables.config().source).await?;
        tables.read_or_create().await?;
        let mut writer = Self {
            known: KnownObjects::new(key.objects()),
            hashes: HashCache::default(),
            next: 1,
            unsettled: true,
            hold,
            key,
            tables,
        };
        writer.recover().await?;
        if writer.hold.is_taken_over() {
            writer.fence().await?;
        }
        writer.keep().await?;
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

    /// Sees to it that nobody else writes while the next step is done; [`LakeError::Locked`] when somebody does already.
    pub(super) async fn keep(&mut self) -> Result<(), LakeError> {
        self.hold.keep(&self.tables).await
    }

    /// Says that there is nothing more to write for now, so that others need not wait for the end of a lease. A directory is given
    /// back when the writer is dropped.
    pub(crate) async fn give_back(mut self) -> Result<(), LakeError> {
        if self.unsettled {
            // What was sent last may still arrive. Whoever comes next has to wait, and to fence it off.
            return Ok(());
        }
        self.tables.set_writing(Duration::ZERO);
        self.hold.give_back().await
    }

    /// Takes away the only number under which a writer who was here before may still record a batch.
    async fn fence(&mut self) -> Result<(), LakeError> {
        for _ in 0..FENCES {
            let made = BatchFile::fence(self.next, self.tables.store().as_ref()).await?;
            self.next = self.next.saturating_add(1);
            if made {
                return Ok(());
            }
            // He recorded one just before.
            self.recover().await?;
        }
        Err(LakeError::Locked {
            directory: self.tables.store().to_string(),
            holder: String::new(),
        })
    }

    /// Makes sure that what was recorded last is in all tables.
    pub(crate) async fn settle(&mut self) -> Result<(), LakeError> {
        self.keep().await?;
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
        let recorded = BatchFile::recorded(store.as_ref()).await?;
        // Not before: what was recorded later than this is fenced off by whoever has the lease then.
        self.hold.confirm().await?;
        for batch in &recorded.batches {
            self.tables.commit_batch(batch).await?;
            batch.mark_done(store.as_ref()).await?;
        }
        let newest = self.tables.newest_batch().await?;
        recorded
            .clear_fences(store.as_ref(), newest, self.tables.clock().now())
            .await?;
        self.next = newest.max(recorded.newest_fence()).saturating_add(1);
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
        self.tables.set_writing(Duration::ZERO);
    }
}
