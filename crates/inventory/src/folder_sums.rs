//! Sums by folder, beside the table: what questions about folders read instead of every key.
//!
//! Keys of one folder that follow each other make one row, so that the file is written in one pass and in memory for one row. A folder
//! with folders in it may have several: its own keys stand before and behind those of the others. The rows come in the order of the
//! keys, which is all that summing up by folder needs.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use spacewatch_model::ByteSize;

use crate::entry::Row;
use crate::files::{self, FileWriter};
use crate::{InventoryError, Totals};

/// Rows that are written at a time.
const BATCH_ROWS: usize = 8 * 1024;

const NUMBERS: [&str; 7] = [
    "objects",
    "bytes",
    "noncurrent_versions",
    "noncurrent_bytes",
    "delete_markers",
    "incomplete_uploads",
    "incomplete_bytes",
];

fn schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let numbers = NUMBERS
            .iter()
            .map(|name| Field::new(*name, DataType::Int64, false));
        let prefix = Field::new("prefix", DataType::Utf8, false);
        Arc::new(Schema::new(
            [prefix].into_iter().chain(numbers).collect::<Vec<_>>(),
        ))
    });
    Arc::clone(&SCHEMA)
}

/// Writes the sums while rows go by in the order of their keys.
pub(crate) struct FolderSums<W: Write + Send> {
    writer: FileWriter<W>,
    folder: String,
    sum: Totals,
    prefix: StringBuilder,
    numbers: [Int64Builder; NUMBERS.len()],
    rows: usize,
}

impl<W: Write + Send> FolderSums<W> {
    pub(crate) fn new(into: W) -> Result<Self, InventoryError> {
        Ok(Self {
            writer: FileWriter::plain(into, schema())?,
            folder: String::new(),
            sum: Totals::default(),
            prefix: StringBuilder::new(),
            numbers: Default::default(),
            rows: 0,
        })
    }

    pub(crate) fn add(&mut self, row: &Row<'_>) -> Result<(), InventoryError> {
        let folder = row
            .key
            .rfind('/')
            .and_then(|at| row.key.get(..=at))
            .unwrap_or_default();
        if folder != self.folder {
            self.close()?;
            self.folder.clear();
            self.folder.push_str(folder);
        }
        self.sum.add(row);
        Ok(())
    }

    fn close(&mut self) -> Result<(), InventoryError> {
        let sum = std::mem::take(&mut self.sum);
        if sum.entries() == 0 {
            return Ok(());
        }
        self.prefix.append_value(&self.folder);
        for (column, number) in self.numbers.iter_mut().zip(numbers(&sum)) {
            column.append_value(i64::try_from(number).unwrap_or(i64::MAX));
        }
        self.rows = self.rows.saturating_add(1);
        if self.rows >= BATCH_ROWS {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), InventoryError> {
        self.rows = 0;
        let prefix: ArrayRef = Arc::new(self.prefix.finish());
        let numbers = self
            .numbers
            .iter_mut()
            .map(|column| Arc::new(column.finish()) as ArrayRef);
        let columns = [prefix].into_iter().chain(numbers).collect();
        let batch = RecordBatch::try_new(schema(), columns).map_err(InventoryError::internal)?;
        self.writer.write(&batch)
    }

    pub(crate) fn finish(mut self) -> Result<W, InventoryError> {
        self.close()?;
        self.write()?;
        self.writer.finish()
    }
}

fn numbers(sum: &Totals) -> [u64; NUMBERS.len()] {
    [
        sum.objects,
        sum.bytes.0,
        sum.noncurrent_versions,
        sum.noncurrent_bytes.0,
        sum.delete_markers,
        sum.incomplete_uploads,
        sum.incomplete_bytes.0,
    ]
}

/// Shows the sums of all folders that begin so, in the order of their keys, until `stop` says so.
pub(crate) fn each_folder(
    path: &Path,
    prefix: &str,
    stop: &dyn Fn() -> bool,
    mut see: impl FnMut(&str, &Totals),
) -> Result<(), InventoryError> {
    let wanted: Vec<&str> = ["prefix"].into_iter().chain(NUMBERS).collect();
    for batch in files::open(path, &wanted, prefix)? {
        let batch = batch.map_err(files::untrusted)?;
        if stop() {
            return Err(InventoryError::Internal("nobody waits for the answer".to_owned()));
        }
        let folders: Option<&StringArray> = column(&batch, 0);
        let numbers: Option<Vec<&Int64Array>> = (1..=NUMBERS.len()).map(|at| column(&batch, at)).collect();
        let (Some(folders), Some(numbers)) = (folders, numbers) else {
            return Err(files::untrusted("it has other columns"));
        };
        for at in 0..batch.num_rows() {
            let folder = folders.value(at);
            if folder.starts_with(prefix) {
                see(folder, &totals(&numbers, at));
            }
        }
    }
    Ok(())
}

fn column<T: Array + 'static>(batch: &RecordBatch, at: usize) -> Option<&T> {
    batch.columns().get(at)?.as_any().downcast_ref()
}

fn totals(numbers: &[&Int64Array], at: usize) -> Totals {
    let number = |column: usize| {
        let value = numbers.get(column).map_or(0, |column| column.value(at));
        u64::try_from(value).unwrap_or_default()
    };
    Totals {
        objects: number(0),
        bytes: ByteSize(number(1)),
        noncurrent_versions: number(2),
        noncurrent_bytes: ByteSize(number(3)),
        delete_markers: number(4),
        incomplete_uploads: number(5),
        incomplete_bytes: ByteSize(number(6)),
    }
}
