//! Records to Arrow record batches.
//!
//! Columns have types every lake format knows (signed integers, UTF-8, binary, UTC microseconds), so a batch goes into
//! a table as it is. Words that repeat are dictionaries.

mod cdn;
mod column;
mod line_hash;
mod rebuild;
mod s3;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Field, Schema};
use std::borrow::Cow;
use std::sync::Arc;

pub use cdn::CdnBatchBuilder;
pub use line_hash::{LineHashKey, line_hash};
pub use rebuild::{RebuildError, exact_key, rebuild};
pub use s3::S3BatchBuilder;

use crate::lines::Line;
use column::{Dictionary, Int, Text, column};

/// A batch takes no more; finish it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record batch is full")]
pub struct BatchFull;

/// Arrow's offsets are 32 bits. Text grows at most threefold (bytes that are no UTF-8), and stands beside its line.
const MAX_BATCH_BYTES: usize = 512 * 1024 * 1024;

/// Where a record comes from, its hash, and the line itself where it is needed: the last columns of both tables.
#[derive(Debug, Default)]
struct Origin {
    hash_key: LineHashKey,
    object_name: Vec<u8>,
    object: Dictionary,
    offset: Int<i64>,
    length: Int<i64>,
    hash_high: Int<i64>,
    hash_low: Int<i64>,
    line: Text,
    bytes: usize,
    rows: usize,
}

impl Origin {
    fn with_hash_key(hash_key: LineHashKey) -> Self {
        Self {
            hash_key,
            ..Self::default()
        }
    }

    fn begin_object(&mut self, name: &str) {
        self.object_name.clear();
        self.object_name.extend_from_slice(name.as_bytes());
    }

    fn admit(&mut self, line: &Line<'_>) -> Result<(), BatchFull> {
        let bytes = self.bytes.saturating_add(line.bytes.len());
        if bytes > MAX_BATCH_BYTES && self.rows > 0 {
            return Err(BatchFull);
        }
        self.bytes = bytes;
        self.rows = self.rows.saturating_add(1);
        Ok(())
    }

    fn push(&mut self, line: &Line<'_>, keep_line: bool) {
        self.object.push(Some(&self.object_name));
        self.offset.push_u64(Some(line.offset));
        self.length.push_u64(Some(line.length));
        let (high, low) = line_hash(&self.hash_key, line.bytes);
        self.hash_high.push(Some(high));
        self.hash_low.push(Some(low));
        self.line.push(keep_line.then_some(line.bytes));
    }

    fn finish(self, columns: &mut Vec<column::Column>) -> Result<(), ArrowError> {
        columns.push(column("log_object", false, self.object.finish()?));
        columns.push(column("log_offset", false, self.offset.finish()));
        columns.push(column("log_length", false, self.length.finish()));
        columns.push(column("line_hash_high", false, self.hash_high.finish()));
        columns.push(column("line_hash_low", false, self.hash_low.finish()));
        columns.push(column("line", true, self.line.finish_binary()?));
        Ok(())
    }
}

fn assemble(columns: Vec<column::Column>) -> Result<RecordBatch, ArrowError> {
    let (fields, arrays): (Vec<_>, Vec<_>) = columns
        .into_iter()
        .map(|(name, nullable, array)| (Field::new(name, array.data_type().clone(), nullable), array))
        .unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

/// The schema of a builder that holds no rows.
fn schema_of(batch: Result<RecordBatch, ArrowError>) -> Arc<Schema> {
    batch.map_or_else(|_| Arc::new(Schema::empty()), |batch| batch.schema())
}

/// Text with its bytes that are no UTF-8 replaced.
fn lossy(text: &[u8]) -> Cow<'_, [u8]> {
    match String::from_utf8_lossy(text) {
        Cow::Borrowed(same) => Cow::Borrowed(same.as_bytes()),
        Cow::Owned(replaced) => Cow::Owned(replaced.into_bytes()),
    }
}
