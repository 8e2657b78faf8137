//! Parquet files: how rows are written.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use parquet::schema::types::ColumnPath;

use super::Table;
use crate::LakeError;

/// Rows that are read or skipped together.
pub(super) const ROW_GROUP_ROWS: usize = 128 * 1024;

/// How hard a file is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Press {
    /// The first step of zstd, which keeps up with reading: for what is soon replaced.
    Quickly,
    /// For what stays.
    Well,
}

/// Columns that are looked up by single values.
const LOOKED_UP: [&str; 3] = ["key", "remote_ip", "request_id"];

/// Columns whose values hardly ever repeat: looking for words would cost more than it saves.
const NO_WORDS: [&str; 13] = [
    "time",
    "request_id",
    "key_raw",
    "host_id",
    "version_id",
    "extra",
    "log_offset",
    "log_length",
    "line_hash_high",
    "line_hash_low",
    "line",
    "total_ms",
    "turnaround_ms",
];

/// Whole numbers whose neighbours are close.
const CLOSE: [&str; 3] = ["time", "log_offset", "log_length"];

/// Random bits.
const RANDOM: [&str; 2] = ["line_hash_high", "line_hash_low"];

/// Columns nobody looks for a range of.
const NO_BOUNDS: [&str; 14] = [
    "key_raw",
    "request_uri",
    "referer",
    "user_agent",
    "host_id",
    "version_id",
    "extra",
    "fields",
    "quotes",
    "log_length",
    "line_hash_high",
    "line_hash_low",
    "line",
    "cipher_suite",
];

fn properties(
    table: Table,
    schema: &SchemaRef,
    rows: usize,
    press: Press,
) -> Result<WriterProperties, ParquetError> {
    let level = match press {
        Press::Quickly => 1,
        Press::Well => 3,
    };
    let builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by("spacewatch".to_owned())
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(level)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_statistics_truncate_length(Some(64))
        .set_column_index_truncate_length(Some(64));
    if !matches!(table, Table::Requests | Table::Cdn) {
        return Ok(builder.build());
    }
    let time = schema
        .index_of("time")
        .ok()
        .and_then(|index| i32::try_from(index).ok());
    let sorted = time.map(|column_idx| {
        vec![SortingColumn {
            column_idx,
            descending: false,
            nulls_first: false,
        }]
    });
    let mut builder = builder
        .set_sorting_columns(sorted)
        .set_column_statistics_enabled(ColumnPath::from("time"), EnabledStatistics::Page);
    for name in NO_WORDS {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    for name in CLOSE {
        builder = builder.set_column_encoding(ColumnPath::from(name), Encoding::DELTA_BINARY_PACKED);
    }
    for name in RANDOM {
        builder = builder.set_column_compression(ColumnPath::from(name), Compression::UNCOMPRESSED);
    }
    for name in NO_BOUNDS {
        builder = builder.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::None);
    }
    Ok(with_bloom(builder, rows).build())
}

fn with_bloom(mut builder: WriterPropertiesBuilder, rows: usize) -> WriterPropertiesBuilder {
    let most = u64::try_from(rows.clamp(1, ROW_GROUP_ROWS)).unwrap_or(1);
    for name in LOOKED_UP {
        let path = ColumnPath::from(name);
        builder = builder
            .set_column_bloom_filter_fpp(path.clone(), 0.01)
            .set_column_bloom_filter_max_ndv(path, most);
    }
    builder
}

/// Writes rows into the bytes of a file.
pub(super) struct FileWriter {
    inner: ArrowWriter<Vec<u8>>,
}

impl FileWriter {
    /// A file for about so many rows with these columns, which may be dictionaries.
    pub(super) fn new(
        table: Table,
        schema: SchemaRef,
        rows: usize,
        press: Press,
    ) -> Result<Self, ParquetError> {
        let properties = properties(table, &schema, rows, press)?;
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            // Whether words were dictionaries in memory is no matter of the file.
            .with_skip_arrow_metadata(true);
        Ok(Self {
            inner: ArrowWriter::try_new_with_options(Vec::new(), schema, options)?,
        })
    }

    /// The next rows.
    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<(), ParquetError> {
        self.inner.write(rows)
    }

    /// The bytes of the file.
    pub(super) fn finish(self) -> Result<Bytes, ParquetError> {
        self.inner.into_inner().map(Bytes::from)
    }
}

/// A fault of Arrow or Parquet, which is ours.
pub(super) fn internal(error: impl std::fmt::Display) -> LakeError {
    LakeError::Internal(error.to_string())
}
