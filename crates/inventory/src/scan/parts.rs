//! The files of a scan that goes on, and how they become one sorted whole.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::state::write_whole;
use crate::InventoryError;
use crate::columns::{Builder, Rows};
use crate::entry::{Entry, Row};
use crate::files::{self, FileWriter};

/// Rows that are written at a time.
const BATCH_ROWS: usize = 8 * 1024;

/// Files that are merged at a time: each of them takes some memory.
pub(crate) const MERGED_AT_ONCE: usize = 64;

/// Sorts entries by key (those of one key stay as they came) and writes them.
pub(crate) fn write_part(path: &Path, mut entries: Vec<Entry>) -> Result<(), InventoryError> {
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    let mut writer = FileWriter::small_pages(Vec::new())?;
    let mut builder = Builder::new();
    for entries in entries.chunks(BATCH_ROWS) {
        entries.iter().for_each(|entry| builder.push(&entry.row()));
        writer.write(&builder.finish()?)?;
    }
    write_whole(path, &writer.finish()?)
}

/// Merges sorted files into another one.
pub(crate) fn merge_into(paths: &[PathBuf], into: &Path) -> Result<u64, InventoryError> {
    let failed = |error: std::io::Error| InventoryError::disk("write", into, error);
    let mut file = File::create(into).map_err(failed)?;
    let mut writer = FileWriter::small_pages(&mut file)?;
    let mut builder = Builder::new();
    let mut rows = 0_u64;
    merge(paths, |row| {
        rows = rows.saturating_add(1);
        builder.push(row);
        if builder.rows() >= BATCH_ROWS {
            writer.write(&builder.finish()?)?;
        }
        Ok(())
    })?;
    writer.write(&builder.finish()?)?;
    writer.finish()?;
    file.flush().and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(rows)
}

/// Shows the rows of sorted files in one order; rows of one key in that of the files.
pub(crate) fn merge(
    paths: &[PathBuf],
    mut see: impl FnMut(&Row<'_>) -> Result<(), InventoryError>,
) -> Result<(), InventoryError> {
    let mut sources = Vec::with_capacity(paths.len());
    let mut heads = BinaryHeap::new();
    for (number, path) in paths.iter().enumerate() {
        let source = Source::open(path)?;
        heads.extend(source.key().map(|key| Reverse((key.to_owned(), number))));
        sources.push(source);
    }
    while let Some(Reverse((_, number))) = heads.pop() {
        let Some(source) = sources.get_mut(number) else {
            continue;
        };
        let next = heads.peek().map(|Reverse((key, number))| (key.as_str(), *number));
        // Keys that were listed together mostly stand together.
        source.show_before(next, number, &mut see)?;
        heads.extend(source.key().map(|key| Reverse((key.to_owned(), number))));
    }
    Ok(())
}

/// One of the files that are merged.
struct Source {
    reader: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    at: usize,
}

impl Source {
    fn open(path: &Path) -> Result<Self, InventoryError> {
        let mut source = Self {
            reader: files::open_whole(path)?,
            batch: None,
            at: 0,
        };
        source.next_batch()?;
        Ok(source)
    }

    fn next_batch(&mut self) -> Result<(), InventoryError> {
        let next = self
            .reader
            .find(|batch| batch.as_ref().map_or(true, |batch| batch.num_rows() > 0));
        self.batch = next.transpose().map_err(files::untrusted)?;
        self.at = 0;
        Ok(())
    }

    fn key(&self) -> Option<&str> {
        let rows = Rows::of(self.batch.as_ref()?);
        rows.get(self.at).map(|row| row.key)
    }

    /// Shows rows as long as they stand before the next one of the others.
    fn show_before(
        &mut self,
        next: Option<(&str, usize)>,
        number: usize,
        see: &mut impl FnMut(&Row<'_>) -> Result<(), InventoryError>,
    ) -> Result<(), InventoryError> {
        while let Some(batch) = &self.batch {
            let rows = Rows::of(batch);
            while self.at < rows.len() {
                let row = rows.get(self.at);
                let row =
                    row.ok_or_else(|| InventoryError::Untrusted("a row is of no known kind".to_owned()))?;
                if next.is_some_and(|next| (row.key, number) > next) {
                    return Ok(());
                }
                see(&row)?;
                self.at = self.at.saturating_add(1);
            }
            self.next_batch()?;
        }
        Ok(())
    }
}
