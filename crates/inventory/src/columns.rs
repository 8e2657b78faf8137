//! Entries as columns: how the table is built, and how rows are read from it.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::{
    BooleanBuilder, Int32Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::InventoryError;
use crate::entry::{Kind, Row};

/// The columns of an inventory.
pub(crate) fn schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        Arc::new(Schema::new(vec![
            Field::new("key", DataType::Utf8, false),
            Field::new("kind", DataType::Utf8, false),
            Field::new("is_latest", DataType::Boolean, false),
            Field::new("version_id", DataType::Utf8, true),
            Field::new("size", DataType::Int64, false),
            Field::new("last_modified", time, true),
            Field::new("etag", DataType::Utf8, true),
            Field::new("storage_class", DataType::Utf8, true),
            Field::new("parts", DataType::Int64, true),
            Field::new("drop_after_days", DataType::Int32, true),
        ]))
    });
    Arc::clone(&SCHEMA)
}

/// Gathers rows into a batch.
pub(crate) struct Builder {
    key: StringBuilder,
    kind: StringBuilder,
    is_latest: BooleanBuilder,
    version_id: StringBuilder,
    size: Int64Builder,
    modified: TimestampMicrosecondBuilder,
    etag: StringBuilder,
    storage_class: StringBuilder,
    parts: Int64Builder,
    drop_after_days: Int32Builder,
    rows: usize,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            key: StringBuilder::new(),
            kind: StringBuilder::new(),
            is_latest: BooleanBuilder::new(),
            version_id: StringBuilder::new(),
            size: Int64Builder::new(),
            modified: TimestampMicrosecondBuilder::new().with_timezone("UTC"),
            etag: StringBuilder::new(),
            storage_class: StringBuilder::new(),
            parts: Int64Builder::new(),
            drop_after_days: Int32Builder::new(),
            rows: 0,
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn push(&mut self, row: &Row<'_>) {
        self.key.append_value(row.key);
        self.kind.append_value(row.kind.as_str());
        self.is_latest.append_value(row.is_latest);
        self.version_id.append_option(row.version_id);
        self.size
            .append_value(i64::try_from(row.size).unwrap_or(i64::MAX));
        self.modified.append_option(row.modified);
        self.etag.append_option(row.etag);
        self.storage_class.append_option(row.storage_class);
        let parts = row.parts.map(|parts| i64::try_from(parts).unwrap_or(i64::MAX));
        self.parts.append_option(parts);
        let days = row
            .drop_after_days
            .map(|days| i32::try_from(days).unwrap_or(i32::MAX));
        self.drop_after_days.append_option(days);
        self.rows = self.rows.saturating_add(1);
    }

    /// What was gathered; the builder is empty afterwards.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, InventoryError> {
        self.rows = 0;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.key.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.is_latest.finish()),
            Arc::new(self.version_id.finish()),
            Arc::new(self.size.finish()),
            Arc::new(self.modified.finish()),
            Arc::new(self.etag.finish()),
            Arc::new(self.storage_class.finish()),
            Arc::new(self.parts.finish()),
            Arc::new(self.drop_after_days.finish()),
        ];
        RecordBatch::try_new(schema(), columns).map_err(InventoryError::internal)
    }
}

/// The rows of a batch, which may lack columns nobody asked for.
pub(crate) struct Rows<'a> {
    key: Option<&'a StringArray>,
    kind: Option<&'a StringArray>,
    is_latest: Option<&'a BooleanArray>,
    version_id: Option<&'a StringArray>,
    size: Option<&'a Int64Array>,
    modified: Option<&'a TimestampMicrosecondArray>,
    etag: Option<&'a StringArray>,
    storage_class: Option<&'a StringArray>,
    parts: Option<&'a Int64Array>,
    drop_after_days: Option<&'a Int32Array>,
    rows: usize,
}

impl<'a> Rows<'a> {
    pub(crate) fn of(batch: &'a RecordBatch) -> Self {
        Self {
            key: column(batch, "key"),
            kind: column(batch, "kind"),
            is_latest: column(batch, "is_latest"),
            version_id: column(batch, "version_id"),
            size: column(batch, "size"),
            modified: column(batch, "last_modified"),
            etag: column(batch, "etag"),
            storage_class: column(batch, "storage_class"),
            parts: column(batch, "parts"),
            drop_after_days: column(batch, "drop_after_days"),
            rows: batch.num_rows(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// A row; `None` behind the last one, and where the kind is none.
    pub(crate) fn get(&self, at: usize) -> Option<Row<'a>> {
        if at >= self.rows {
            return None;
        }
        let number = |column: Option<&Int64Array>| {
            let column = column.filter(|column| column.is_valid(at))?;
            u64::try_from(column.value(at)).ok()
        };
        let modified = self.modified.filter(|column| column.is_valid(at));
        let days = self.drop_after_days.filter(|column| column.is_valid(at));
        Some(Row {
            key: text(self.key, at).unwrap_or_default(),
            kind: match self.kind {
                Some(column) => Kind::of(column.value(at))?,
                None => Kind::Current,
            },
            is_latest: self.is_latest.is_some_and(|column| column.value(at)),
            version_id: text(self.version_id, at),
            size: number(self.size).unwrap_or_default(),
            modified: modified.map(|column| column.value(at)),
            etag: text(self.etag, at),
            storage_class: text(self.storage_class, at),
            parts: number(self.parts),
            drop_after_days: days.and_then(|column| u32::try_from(column.value(at)).ok()),
        })
    }
}

fn text(column: Option<&StringArray>, at: usize) -> Option<&str> {
    let column = column?;
    column.is_valid(at).then(|| column.value(at))
}

fn column<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> Option<&'a T> {
    batch.column_by_name(name)?.as_any().downcast_ref()
}
