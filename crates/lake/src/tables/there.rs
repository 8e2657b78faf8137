//! Which lines are in the table already.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use futures::TryStreamExt;
use object_store::ObjectStore;
use object_store::path::Path;
use parquet::arrow::ProjectionMask;
use parquet::arrow::async_reader::{
    ParquetObjectReader, ParquetRecordBatchStream, ParquetRecordBatchStreamBuilder,
};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use super::DataFile;
use super::files::internal;
use super::group::{Lines, Row, joined};
use crate::LakeError;

/// Rows whose hashes are kept in memory: 24 bytes each.
const KEPT_ROWS: usize = 4_000_000;

/// Rows handed over at once.
const BATCH_ROWS: usize = 16 * 1024;

/// The hashes of the files that this process wrote last, so that they needn't be read back.
#[derive(Default)]
pub(crate) struct HashCache {
    files: VecDeque<(Path, Arc<Hashes>)>,
    rows: usize,
}

/// The lines of a file, by time.
pub(super) struct Hashes {
    times: Vec<i64>,
    hashes: Vec<u128>,
}

impl Hashes {
    /// Of rows in the order of time.
    pub(super) fn of(rows: &[Row]) -> Self {
        Self {
            times: rows.iter().map(|row| row.time).collect(),
            hashes: rows.iter().map(|row| row.hash).collect(),
        }
    }

    fn within(&self, (first, last): (i64, i64)) -> &[u128] {
        let from = self.times.partition_point(|time| *time < first);
        let to = self.times.partition_point(|time| *time <= last);
        self.hashes.get(from..to).unwrap_or_default()
    }
}

impl HashCache {
    pub(super) fn keep(&mut self, path: Path, hashes: Arc<Hashes>) {
        self.rows = self.rows.saturating_add(hashes.times.len());
        self.files.push_back((path, hashes));
        while self.rows > KEPT_ROWS {
            let Some((_, old)) = self.files.pop_front() else {
                return;
            };
            self.rows = self.rows.saturating_sub(old.times.len());
        }
    }

    /// Forgets files; whether it knew any.
    pub(super) fn forget(&mut self, paths: &[Path]) -> bool {
        let before = self.files.len();
        let rows = &mut self.rows;
        self.files.retain(|(path, hashes)| {
            let stays = !paths.contains(path);
            if !stays {
                *rows = rows.saturating_sub(hashes.times.len());
            }
            stays
        });
        self.files.len() < before
    }

    fn get(&self, path: &Path) -> Option<Arc<Hashes>> {
        let found = self.files.iter().find(|(kept, _)| kept == path);
        found.map(|(_, hashes)| Arc::clone(hashes))
    }
}

impl std::fmt::Debug for HashCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HashCache")
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

/// Tells `lines` which of them stand in the file.
pub(super) async fn mark(
    store: &Arc<dyn ObjectStore>,
    cache: &HashCache,
    file: &DataFile,
    times: (i64, i64),
    lines: &mut Lines,
) -> Result<(), LakeError> {
    if let Some(hashes) = cache.get(&file.path) {
        hashes.within(times).iter().for_each(|hash| lines.is_there(*hash));
        return Ok(());
    }
    let columns = ["line_hash_high", "line_hash_low"];
    let mut rows = rows_of(store, file, &columns, Some(times)).await?;
    while let Some(batch) = rows.try_next().await.map_err(internal)? {
        let column = |name: &str| {
            batch
                .column_by_name(name)
                .and_then(|column| column.as_primitive_opt::<Int64Type>())
        };
        let (Some(high), Some(low)) = (column("line_hash_high"), column("line_hash_low")) else {
            return Err(LakeError::Untrusted {
                table: "requests",
                why: "a file has other columns".to_owned(),
            });
        };
        for (high, low) in high.values().iter().zip(low.values()) {
            lines.is_there(joined(*high, *low));
        }
    }
    Ok(())
}

/// Some columns of a file; where times are given, without the row groups that hold none of them.
pub(super) async fn rows_of(
    store: &Arc<dyn ObjectStore>,
    file: &DataFile,
    columns: &[&str],
    times: Option<(i64, i64)>,
) -> Result<ParquetRecordBatchStream<ParquetObjectReader>, LakeError> {
    let builder = open(store, file).await?;
    let mut chosen: Option<Vec<usize>> = None;
    if let Some(times) = times {
        let groups = builder.metadata().row_groups().iter().enumerate();
        chosen = Some(
            groups
                .filter(|(_, group)| may_hold(group, times))
                .map(|(number, _)| number)
                .collect(),
        );
    }
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let mut builder = builder.with_projection(mask).with_batch_size(BATCH_ROWS);
    if let Some(chosen) = chosen {
        builder = builder.with_row_groups(chosen);
    }
    builder.build().map_err(internal)
}

/// A file, with its footer read.
pub(super) async fn open(
    store: &Arc<dyn ObjectStore>,
    file: &DataFile,
) -> Result<ParquetRecordBatchStreamBuilder<ParquetObjectReader>, LakeError> {
    let reader = ParquetObjectReader::new(Arc::clone(store), file.path.clone()).with_file_size(file.bytes);
    let builder = ParquetRecordBatchStreamBuilder::new(reader).await;
    builder.map_err(|error| LakeError::Disk {
        doing: "read",
        path: file.path.to_string(),
        cause: error.to_string(),
    })
}

/// All of a file.
#[cfg(test)]
pub(crate) async fn all_rows(
    store: &Arc<dyn ObjectStore>,
    file: &DataFile,
) -> Result<ParquetRecordBatchStream<ParquetObjectReader>, LakeError> {
    open(store, file).await?.build().map_err(internal)
}

fn may_hold(group: &RowGroupMetaData, (first, last): (i64, i64)) -> bool {
    let time = group
        .columns()
        .iter()
        .find(|column| column.column_path().string() == "time");
    match time.and_then(|column| column.statistics()) {
        Some(Statistics::Int64(found)) => match (found.min_opt(), found.max_opt()) {
            (Some(min), Some(max)) => *min <= last && *max >= first,
            _ => true,
        },
        _ => true,
    }
}

/// Whether two spans of time meet.
pub(super) fn overlap(a: (i64, i64), b: (i64, i64)) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

/// The places of rows that go into one piece.
pub(super) fn pieces(rows: usize, length: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows)
        .step_by(length.max(1))
        .map(move |from| from..from.saturating_add(length).min(rows))
}
