//! Parquet files of entries: how they are written and read.

use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{RowGroupMetaData, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::InventoryError;
use crate::columns::{self, Rows};
use crate::entry::Row;

/// Rows that are read or skipped together.
const ROW_GROUP_ROWS: usize = 64 * 1024;

/// Rows that are held at a time.
const BATCH_ROWS: usize = 8 * 1024;

/// Bytes of a page that is read along with many others.
const SMALL_PAGE: usize = 64 * 1024;

/// Rows that are held at a time of a file that is read along with many others.
const FEW_ROWS: usize = 1024;

/// Columns whose values hardly ever repeat.
const NO_WORDS: [&str; 4] = ["key", "etag", "version_id", "last_modified"];

fn properties(small_pages: bool) -> Result<WriterProperties, ParquetError> {
    let sorted = SortingColumn {
        column_idx: 0,
        descending: false,
        nulls_first: false,
    };
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by("spacewatch".to_owned())
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_statistics_truncate_length(Some(128))
        .set_column_index_truncate_length(Some(64))
        .set_sorting_columns(Some(vec![sorted]))
        // Neighbours begin alike.
        .set_column_encoding(ColumnPath::from("key"), Encoding::DELTA_BYTE_ARRAY);
    if small_pages {
        builder = builder.set_data_page_size_limit(SMALL_PAGE);
    }
    for name in NO_WORDS {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    for name in ["etag", "version_id"] {
        builder = builder.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::None);
    }
    Ok(builder.build())
}

/// Writes sorted rows into the bytes of a file.
pub(crate) struct FileWriter<W: Write + Send>(ArrowWriter<W>);

impl<W: Write + Send> FileWriter<W> {
    /// A file that is kept.
    pub(crate) fn new(into: W) -> Result<Self, InventoryError> {
        Self::with(into, false)
    }

    /// A file that is read along with many others, so that little of each is in memory.
    pub(crate) fn small_pages(into: W) -> Result<Self, InventoryError> {
        Self::with(into, true)
    }

    /// A file of other columns than entries have.
    pub(crate) fn plain(into: W, schema: SchemaRef) -> Result<Self, InventoryError> {
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_created_by("spacewatch".to_owned())
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .build();
        Self::of(into, schema, properties)
    }

    fn with(into: W, small_pages: bool) -> Result<Self, InventoryError> {
        let properties = properties(small_pages).map_err(InventoryError::internal)?;
        Self::of(into, columns::schema(), properties)
    }

    fn of(into: W, schema: SchemaRef, properties: WriterProperties) -> Result<Self, InventoryError> {
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true);
        let inner = ArrowWriter::try_new_with_options(into, schema, options);
        inner.map(Self).map_err(InventoryError::internal)
    }

    pub(crate) fn write(&mut self, rows: &RecordBatch) -> Result<(), InventoryError> {
        self.0.write(rows).map_err(InventoryError::internal)
    }

    pub(crate) fn finish(self) -> Result<W, InventoryError> {
        self.0.into_inner().map_err(InventoryError::internal)
    }
}

/// Opens a file as a whole, a little of it at a time.
pub(crate) fn open_whole(path: &Path) -> Result<ParquetRecordBatchReader, InventoryError> {
    builder(path)?
        .with_batch_size(FEW_ROWS)
        .build()
        .map_err(untrusted)
}

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, InventoryError> {
    let file = File::open(path).map_err(|error| InventoryError::disk("read", path, error))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(untrusted)
}

/// What Arrow or Parquet say of a file that isn't as it was written.
pub(crate) fn untrusted(error: impl std::fmt::Display) -> InventoryError {
    InventoryError::Untrusted(format!("a file can't be read: {error}"))
}

/// Opens a file for some of its columns and for keys that begin so; row groups without such keys are passed over.
pub(crate) fn open(
    path: &Path,
    wanted: &[&str],
    prefix: &str,
) -> Result<ParquetRecordBatchReader, InventoryError> {
    let builder = builder(path)?;
    let groups = builder.metadata().row_groups().iter().enumerate();
    let groups: Vec<usize> = groups
        .filter(|(_, group)| may_hold(group, prefix))
        .map(|(index, _)| index)
        .collect();
    let mask = ProjectionMask::columns(builder.parquet_schema(), wanted.iter().copied());
    let builder = builder
        .with_row_groups(groups)
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS);
    builder.build().map_err(untrusted)
}

/// Whether a row group may hold keys that begin so. Bounds may be cut, to something smaller or greater.
fn may_hold(group: &RowGroupMetaData, prefix: &str) -> bool {
    let Some(statistics) = group.columns().first().and_then(|column| column.statistics()) else {
        return true;
    };
    let prefix = prefix.as_bytes();
    let below = statistics.max_bytes_opt().is_some_and(|max| max < prefix);
    let above = statistics.min_bytes_opt().is_some_and(|min| {
        let shared = min.len().min(prefix.len());
        min.get(..shared) > prefix.get(..shared)
    });
    !below && !above
}

/// Shows every row whose key begins so, in order, until whoever sees them has seen enough, or `stop` says that nobody waits.
pub(crate) fn each_row(
    paths: &[std::path::PathBuf],
    wanted: &[&str],
    prefix: &str,
    stop: &dyn Fn() -> bool,
    mut see: impl FnMut(&Row<'_>) -> ControlFlow<()>,
) -> Result<(), InventoryError> {
    for path in paths {
        for batch in open(path, wanted, prefix)? {
            let batch = batch.map_err(untrusted)?;
            if stop() {
                return Err(InventoryError::Internal("nobody waits for the answer".to_owned()));
            }
            let rows = Rows::of(&batch);
            for row in (0..rows.len()).filter_map(|at| rows.get(at)) {
                if row.key.starts_with(prefix) && see(&row).is_break() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}
