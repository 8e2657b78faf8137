//! One table of a lake, as its log has it.

use std::collections::HashMap;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::path::Path;
use spacewatch_delta::{Change, Refreshed, Statistics, TableFile, TableLog, TableSpec};

use super::{DataFile, Table, TableSnapshot, schema};
use crate::LakeError;

/// Under which name batches are numbered in the logs.
const APPLICATION: &str = "spacewatch-ingest";

impl Table {
    /// What it must be.
    fn spec(self) -> TableSpec {
        TableSpec {
            name: self.name(),
            schema: schema::of(self),
            application: APPLICATION,
            check: match self {
                Self::Requests => one_bucket_and_day,
                Self::Cdn => one_day,
                Self::Rejects | Self::LogObjects => |_| Ok(()),
            },
        }
    }
}

fn one_bucket_and_day(statistics: &Statistics) -> Result<(), &'static str> {
    let one = statistics.text("bucket").is_some() && statistics.times("time").is_some();
    one.then_some(())
        .ok_or("a file doesn't hold one bucket and one day")
}

fn one_day(statistics: &Statistics) -> Result<(), &'static str> {
    let times = statistics.times("time");
    times.map(drop).ok_or("a file doesn't hold one day")
}

impl DataFile {
    pub(super) fn of(file: &TableFile) -> Arc<Self> {
        let times = file.statistics.times("time");
        Arc::new(Self {
            path: file.path.clone(),
            bytes: file.bytes,
            rows: file.rows(),
            bucket: file.statistics.text("bucket").flatten().map(str::to_owned),
            times: times.or_else(|| file.statistics.times("seen_at")),
        })
    }
}

/// A table's log, and its files as questions see them.
#[derive(Debug)]
pub(super) struct LakeLog {
    log: TableLog,
    files: Arc<[Arc<DataFile>]>,
}

impl LakeLog {
    /// The table as its log has it now; `None` when there is none.
    pub(super) async fn open(store: &Arc<dyn ObjectStore>, table: Table) -> Result<Option<Self>, LakeError> {
        let log = TableLog::open(store, table.spec()).await?;
        Ok(log.map(Self::new))
    }

    /// A new table without rows.
    pub(super) async fn create(store: &Arc<dyn ObjectStore>, table: Table) -> Result<Self, LakeError> {
        Ok(Self::new(TableLog::create(store, table.spec()).await?))
    }

    fn new(log: TableLog) -> Self {
        let mut new = Self {
            log,
            files: Arc::new([]),
        };
        new.read_files();
        new
    }

    fn read_files(&mut self) {
        let known: HashMap<&Path, &Arc<DataFile>> =
            self.files.iter().map(|file| (&file.path, file)).collect();
        let files = self.log.files().iter().map(|file| match known.get(&file.path) {
            Some(known) => Arc::clone(known),
            None => DataFile::of(file),
        });
        self.files = files.collect();
    }

    /// The table as it was read last.
    pub(super) fn snapshot(&self, table: Table) -> TableSnapshot {
        TableSnapshot {
            table,
            schema: Arc::clone(&self.log.spec().schema),
            files: Arc::clone(&self.files),
        }
    }

    /// Reads what was committed since; false when the table is there no more.
    pub(super) async fn refresh(&mut self) -> Result<bool, LakeError> {
        match self.log.refresh().await? {
            Refreshed::Same => Ok(true),
            Refreshed::Changed => {
                self.read_files();
                Ok(true)
            }
            Refreshed::Gone => Ok(false),
        }
    }

    /// The number of the batch that was committed last; 0 before the first.
    pub(super) async fn batch(&self) -> Result<u64, LakeError> {
        Ok(self.log.number().await?)
    }

    /// Makes a change, all of it or nothing.
    pub(super) async fn commit(&mut self, change: Change) -> Result<(), LakeError> {
        self.log.commit(change).await?;
        self.read_files();
        Ok(())
    }

    /// The log itself.
    pub(super) fn log(&mut self) -> &mut TableLog {
        &mut self.log
    }
}

/// A table without files.
pub(super) fn empty(table: Table) -> TableSnapshot {
    TableSnapshot {
        table,
        schema: schema::of(table),
        files: Arc::new([]),
    }
}
