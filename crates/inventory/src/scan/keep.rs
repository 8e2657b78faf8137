//! From the files of a scan to the table: sorted, summed up, committed at once.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use spacewatch_delta::{Add, Change, Faults, NewFile, Statistics, TableLog, TableSpec, Vacuum};
use spacewatch_model::Timestamp;
use tokio::sync::mpsc;

use super::parts::{MERGED_AT_ONCE, merge, merge_into};
use super::run::{End, Run};
use crate::columns::{self, Builder};
use crate::entry::Row;
use crate::files::FileWriter;
use crate::folder_sums::FolderSums;
use crate::kept::{self, Note, TABLE, Written};
use crate::summary::Summing;
use crate::{InventoryError, Summary};

/// Rows that are written at a time.
const BATCH_ROWS: usize = 8 * 1024;

/// The sums by folder while they are written.
const FOLDERS: &str = "folders.parquet";

/// The directory of the tables, as the table's library sees it.
type Store = Arc<dyn object_store::ObjectStore>;

/// A file of the table to be.
struct Sorted {
    content: Bytes,
    rows: u64,
    first: String,
    last: String,
}

/// Makes the inventory the newest one, and lets old ones go.
pub(super) async fn keep(run: &Run<'_>, disk: &Store) -> Result<End, InventoryError> {
    let directory = &run.inner.scope.directory;
    let Some((adds, written)) = write(run, disk).await? else {
        return Ok(End::Stopped);
    };
    let mut log = match TableLog::open(disk, spec()).await? {
        Some(log) => log,
        None => TableLog::create(disk, spec()).await?,
    };
    let removed: Vec<_> = log.files().iter().map(|file| file.path.clone()).collect();
    if !adds.is_empty() || !removed.is_empty() {
        log.commit(Change::replace(adds, removed)).await?;
    }
    let folders = directory.join(kept::folders_name(run.state.started_at));
    let renamed = fs::rename(run.directory.join(FOLDERS), &folders);
    renamed.map_err(|error| InventoryError::disk("write", &folders, error))?;
    Note::of(&run.state, run.inner.clock.now(), written).save(directory)?;
    // The inventory stands; what follows only makes room, and is done again by the next one where it fails.
    let (stay, go) = kept::retained(kept::notes(directory)?);
    go.iter().try_for_each(|note| note.remove(directory))?;
    log.checkpoint_when_due().await?;
    let folder = object_store::path::Path::from(TABLE);
    let named = stay.iter().flat_map(|note| &note.files);
    let vacuum = Vacuum {
        before: Timestamp::MAX,
        keep: &named
            .map(|name| folder.clone().join(name.as_str()))
            .collect::<HashSet<_>>(),
        faults: &Faults::default(),
    };
    vacuum.run(&log).await?;
    let cleared = fs::remove_dir_all(&run.directory);
    cleared.map_err(|error| InventoryError::disk("clear", &run.directory, error))?;
    Ok(End::Finished)
}

fn create(path: &Path) -> Result<File, InventoryError> {
    File::create(path).map_err(|error| InventoryError::disk("write", path, error))
}

/// What the table is.
fn spec() -> TableSpec {
    TableSpec {
        name: TABLE,
        schema: columns::schema(),
        application: "spacewatch-inventory",
        check: |_| Ok(()),
    }
}

/// Writes the table's files; nothing when the run was stopped meanwhile.
async fn write(run: &Run<'_>, disk: &Store) -> Result<Option<(Vec<Add>, Written)>, InventoryError> {
    let (sender, mut receiver) = mpsc::channel(1);
    let paths = run
        .state
        .parts
        .iter()
        .map(|part| run.directory.join(part.file_name()));
    let sorter = Sorter {
        summing: Summing::new(run.state.started_at, run.inner.config.ranked),
        folders: FolderSums::new(create(&run.directory.join(FOLDERS))?)?,
        file_rows: run.inner.config.file_rows,
        sender,
        builder: Builder::new(),
        open: None,
    };
    let (paths, directory) = (paths.collect(), run.directory.clone());
    let sorting = tokio::task::spawn_blocking(move || sorter.run(paths, &directory));
    let (mut adds, mut files, mut file_bytes) = (Vec::new(), Vec::new(), 0_u64);
    while let Some(sorted) = receiver.recv().await {
        if !run.goes_on() {
            return Ok(None);
        }
        let Sorted {
            content,
            rows,
            first,
            last,
        } = sorted;
        let statistics = Statistics::new(rows).with_texts("key", (&first, &last));
        let file = NewFile::write(disk.as_ref(), TABLE, statistics, content).await?;
        file_bytes = file_bytes.saturating_add(file.file().bytes);
        files.extend(file.file().path.filename().map(str::to_owned));
        adds.push(file.add(run.inner.clock.now(), true)?);
    }
    let summary = sorting.await.map_err(InventoryError::internal)??;
    Ok(Some((
        adds,
        Written {
            files,
            file_bytes,
            summary,
        },
    )))
}

/// Merges the files of a scan into files of the table.
struct Sorter {
    summing: Summing,
    folders: FolderSums<File>,
    file_rows: u64,
    sender: mpsc::Sender<Sorted>,
    builder: Builder,
    open: Option<Open>,
}

/// The file that is being written.
struct Open {
    writer: FileWriter<Vec<u8>>,
    rows: u64,
    first: String,
    last: String,
}

impl Sorter {
    fn run(mut self, paths: Vec<PathBuf>, directory: &Path) -> Result<Summary, InventoryError> {
        let paths = fewer(paths, directory)?;
        merge(&paths, |row| self.add(row))?;
        self.close()?;
        let synced = self.folders.finish()?.sync_all();
        synced.map_err(|error| InventoryError::disk("write", directory, error))?;
        Ok(self.summing.finish())
    }

    fn add(&mut self, row: &Row<'_>) -> Result<(), InventoryError> {
        self.summing.add(row);
        self.folders.add(row)?;
        // All that is known of a key stands in one file.
        let full = |open: &Open| open.rows >= self.file_rows && open.last != row.key;
        if self.open.as_ref().is_some_and(full) {
            self.close()?;
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => none.insert(Open {
                writer: FileWriter::new(Vec::new())?,
                rows: 0,
                first: row.key.to_owned(),
                last: String::new(),
            }),
        };
        self.builder.push(row);
        open.rows = open.rows.saturating_add(1);
        open.last.clear();
        open.last.push_str(row.key);
        if self.builder.rows() >= BATCH_ROWS {
            open.writer.write(&self.builder.finish()?)?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), InventoryError> {
        let Some(mut open) = self.open.take() else {
            return Ok(());
        };
        open.writer.write(&self.builder.finish()?)?;
        let sorted = Sorted {
            content: open.writer.finish()?.into(),
            rows: open.rows,
            first: open.first,
            last: open.last,
        };
        let sent = self.sender.blocking_send(sorted);
        sent.map_err(|_| InventoryError::Internal("nobody waits for the table".to_owned()))
    }
}

/// So few files that all of them can be merged at once.
fn fewer(mut paths: Vec<PathBuf>, directory: &Path) -> Result<Vec<PathBuf>, InventoryError> {
    let mut number = 0_u32;
    while paths.len() > MERGED_AT_ONCE {
        let mut merged = Vec::new();
        for group in paths.chunks(MERGED_AT_ONCE) {
            let path = directory.join(format!("merged-{number}.parquet"));
            number = number.saturating_add(1);
            merge_into(group, &path)?;
            merged.push(path);
        }
        paths = merged;
    }
    Ok(paths)
}
