//! What keeps the tables small and quick: the same rows in fewer files, old rows dropped, unneeded files removed.

use std::collections::HashSet;
use std::sync::Arc;

use object_store::path::Path;
use spacewatch_delta::{Change, NewFile, Statistics, Vacuum, Vacuumed};
use spacewatch_model::Timestamp;
use tokio_util::sync::CancellationToken;

use super::batch_file::BatchFile;
use super::fault::FaultPoint;
use super::merge;
use super::there::Hashes;
use super::{DataFile, LakeSnapshot, LakeTables, Table, Writer, group};
use crate::LakeError;

impl Writer {
    /// The tables as they are, with everything that was recorded.
    pub(crate) async fn settled(&mut self) -> Result<Arc<LakeSnapshot>, LakeError> {
        self.settle().await?;
        self.tables.snapshot().await
    }

    /// Puts the rows of some files of a table into one, for which they are gone; false when it was cancelled before.
    ///
    /// The files hold rows of one bucket and one day, where the table's files do.
    pub(crate) async fn merge(
        &mut self,
        table: Table,
        files: &[Arc<DataFile>],
        cancel: &CancellationToken,
    ) -> Result<bool, LakeError> {
        let snapshot = self.settled().await?;
        let store = Arc::clone(self.tables.store());
        let of = (table, snapshot.table(table));
        let Some(merged) = merge::merge(&store, of, files, cancel).await? else {
            return Ok(false);
        };
        let statistics = statistics(table, files, &merged.rows)?;
        let file = NewFile::write(store.as_ref(), table.name(), statistics, merged.content).await?;
        self.tables.fault(FaultPoint::Compacted)?;
        self.keep().await?;
        let add = file.add(self.tables.clock().now(), false)?;
        let removed: Vec<Path> = files.iter().map(|file| file.path.clone()).collect();
        if self.hashes.forget(&removed) {
            self.hashes
                .keep(file.file().path, Arc::new(Hashes::of(&merged.rows)));
        }
        self.change(table, Change::rewrite(vec![add], removed)).await?;
        Ok(true)
    }

    /// Drops the rows of some files.
    pub(crate) async fn drop_files(
        &mut self,
        table: Table,
        files: &[Arc<DataFile>],
    ) -> Result<(), LakeError> {
        self.settle().await?;
        let removed: Vec<Path> = files.iter().map(|file| file.path.clone()).collect();
        self.hashes.forget(&removed);
        self.change(table, Change::delete(removed)).await
    }

    async fn change(&mut self, table: Table, change: Change) -> Result<(), LakeError> {
        // Where it fails it may have been made nevertheless.
        self.unsettled = true;
        self.tables.change(table, change).await?;
        self.unsettled = false;
        Ok(())
    }

    /// Removes the files that no table named since this moment, those of processes that died as well, and what the logs said before
    /// they were summed up.
    pub(crate) async fn vacuum(&mut self, before: Timestamp) -> Result<Vacuumed, LakeError> {
        self.settle().await?;
        let store = self.tables.store();
        let mut keep = HashSet::new();
        for batch in BatchFile::recorded(store.as_ref()).await?.batches {
            keep.extend(batch.files());
        }
        let faults = self.tables.config().faults.of_files();
        let vacuum = Vacuum {
            before,
            keep: &keep,
            faults: &faults,
        };
        self.tables.vacuum(&vacuum, self.hold.lease()).await
    }

    /// The tables it writes to.
    pub(crate) fn tables(&self) -> &LakeTables {
        &self.tables
    }

    /// Sums up the logs of the tables where that is due, so that they are opened quickly.
    pub(crate) async fn checkpoint_when_due(&mut self) -> Result<(), LakeError> {
        self.settle().await?;
        self.tables.checkpoint_when_due().await
    }
}

/// What the log says of the file in which all these rows stand.
fn statistics(table: Table, files: &[Arc<DataFile>], rows: &[group::Row]) -> Result<Statistics, LakeError> {
    let statistics = Statistics::new(u64::try_from(rows.len()).unwrap_or(u64::MAX));
    let times = files.iter().map(|file| file.times);
    let times: Option<Vec<_>> = times.collect();
    let first = times.iter().flatten().map(|(first, _)| *first).min();
    let last = times.iter().flatten().map(|(_, last)| *last).max();
    let seen = first.zip(last);
    match table {
        Table::LogObjects => Ok(statistics),
        Table::Rejects => Ok(match seen {
            Some(seen) => statistics.with_times("seen_at", seen),
            None => statistics,
        }),
        Table::Requests | Table::Cdn => {
            let times =
                group::times(rows).ok_or_else(|| LakeError::Internal("files without rows".to_owned()))?;
            let statistics = statistics.with_times("time", times);
            let bucket = files.first().and_then(|file| file.bucket.as_deref());
            Ok(match table {
                Table::Requests => statistics.with_text("bucket", bucket),
                _ => statistics,
            })
        }
    }
}
