//! The columns of the tables, as their files hold them.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use spacewatch_access_log::{CdnBatchBuilder, S3BatchBuilder};

use super::Table;

/// The columns of a table.
pub(super) fn of(table: Table) -> SchemaRef {
    match table {
        Table::Requests => without_dictionaries(&S3BatchBuilder::schema()),
        Table::Cdn => without_dictionaries(&CdnBatchBuilder::schema()),
        Table::Rejects => rejects(),
        Table::LogObjects => log_objects(),
    }
}

/// A dictionary is how a batch holds words in memory; in a table they are texts.
fn without_dictionaries(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        let kind = match field.data_type() {
            DataType::Dictionary(_, words) => words.as_ref().clone(),
            other => other.clone(),
        };
        Field::new(field.name(), kind, field.is_nullable())
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The columns of `rejects`.
pub(super) fn rejects() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("seen_at", time(), false),
        Field::new("log_object", DataType::Utf8, false),
        Field::new("log_offset", DataType::Int64, true),
        Field::new("log_length", DataType::Int64, true),
        Field::new("reason", DataType::Utf8, false),
        Field::new("detail", DataType::Utf8, false),
        Field::new("line", DataType::Binary, false),
    ]))
}

/// The columns of `log_objects`.
pub(super) fn log_objects() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("etag", DataType::Utf8, true),
        Field::new("size", DataType::Int64, false),
        Field::new("last_modified", time(), true),
        Field::new("read_at", time(), false),
        Field::new("batch", DataType::Int64, false),
        Field::new("format", DataType::Utf8, false),
        Field::new("bytes", DataType::Int64, false),
        Field::new("lines", DataType::Int64, false),
        Field::new("records", DataType::Int64, false),
        Field::new("cdn_records", DataType::Int64, false),
        Field::new("rejected", DataType::Int64, false),
        Field::new("duplicates", DataType::Int64, false),
        Field::new("ambiguous", DataType::Int64, false),
        Field::new("first_record", time(), true),
        Field::new("last_record", time(), true),
        Field::new("failure", DataType::Utf8, true),
    ]))
}

/// The columns of batches that are alike.
pub(super) fn in_memory(batches: &[RecordBatch]) -> Result<SchemaRef, ArrowError> {
    let first = batches.first().map(RecordBatch::schema);
    first.ok_or_else(|| ArrowError::SchemaError("there is no batch".to_owned()))
}
