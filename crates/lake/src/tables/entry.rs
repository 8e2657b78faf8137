//! What ingest says of log objects and of lines that are no records, and the rows they become.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;
use spacewatch_model::Timestamp;

use super::schema;

/// A log object that was read, or can't be.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogObject {
    /// Its key.
    pub(crate) key: String,
    /// Which version of its content.
    pub(crate) etag: Option<String>,
    /// Its size in the bucket.
    pub(crate) size: u64,
    /// When it was delivered, as the store says.
    pub(crate) last_modified: Option<Timestamp>,
    /// How it is packed: `plain`, `gzip`, `zstd`.
    pub(crate) format: &'static str,
    /// Its length, unpacked.
    pub(crate) bytes: u64,
    /// Lines in it.
    pub(crate) lines: u64,
    /// New records of S3 server access logs.
    pub(crate) records: u64,
    /// New records of CloudFront logs.
    pub(crate) cdn_records: u64,
    /// Lines that are no records.
    pub(crate) rejected: u64,
    /// Records delivered before.
    pub(crate) duplicates: u64,
    /// Records whose line can be split in more than one way.
    pub(crate) ambiguous: u64,
    /// The oldest record.
    pub(crate) first_record: Option<Timestamp>,
    /// The newest record.
    pub(crate) last_record: Option<Timestamp>,
    /// Why it could not be read to its end, where that is so.
    pub(crate) failure: Option<String>,
}

/// Which content of which log object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogObjectId<'a> {
    /// The object's key.
    pub(crate) key: &'a str,
    /// Which version of its content.
    pub(crate) etag: Option<&'a str>,
    /// Its size in the bucket.
    pub(crate) size: u64,
}

impl LogObject {
    /// What tells it apart from another.
    pub(crate) fn id(&self) -> LogObjectId<'_> {
        LogObjectId {
            key: &self.key,
            etag: self.etag.as_deref(),
            size: self.size,
        }
    }
}

/// A line that is no record, or an object that could not be read.
#[derive(Debug, Clone)]
pub(crate) struct RejectedLine {
    /// In which log object.
    pub(crate) log_object: String,
    /// At which byte of it, unpacked; absent when the object as a whole is meant.
    pub(crate) offset: Option<u64>,
    /// How many bytes long the line is.
    pub(crate) length: Option<u64>,
    /// Why, in a word that stays the same.
    pub(crate) reason: &'static str,
    /// Why, in a sentence.
    pub(crate) detail: String,
    /// The line, or its beginning.
    pub(crate) line: Vec<u8>,
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn column<T>(items: &[T], text: impl Fn(&T) -> Option<&str>) -> ArrayRef {
    let mut column = StringBuilder::new();
    items.iter().for_each(|item| column.append_option(text(item)));
    Arc::new(column.finish())
}

fn numbers<T>(items: &[T], value: impl Fn(&T) -> Option<u64>) -> ArrayRef {
    let mut column = Int64Builder::new();
    items
        .iter()
        .for_each(|item| column.append_option(value(item).map(number)));
    Arc::new(column.finish())
}

fn times<T>(items: &[T], time: impl Fn(&T) -> Option<Timestamp>) -> ArrayRef {
    let mut column = TimestampMicrosecondBuilder::new();
    items
        .iter()
        .for_each(|item| column.append_option(time(item).map(|time| time.as_microsecond())));
    Arc::new(column.finish().with_timezone("UTC"))
}

/// The rows of `log_objects`.
pub(super) fn log_object_rows(
    objects: &[LogObject],
    batch: u64,
    now: Timestamp,
) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_new(
        schema::log_objects(),
        vec![
            column(objects, |object| Some(&object.key)),
            column(objects, |object| object.etag.as_deref()),
            numbers(objects, |object| Some(object.size)),
            times(objects, |object| object.last_modified),
            times(objects, |_| Some(now)),
            numbers(objects, |_| Some(batch)),
            column(objects, |object| Some(object.format)),
            numbers(objects, |object| Some(object.bytes)),
            numbers(objects, |object| Some(object.lines)),
            numbers(objects, |object| Some(object.records)),
            numbers(objects, |object| Some(object.cdn_records)),
            numbers(objects, |object| Some(object.rejected)),
            numbers(objects, |object| Some(object.duplicates)),
            numbers(objects, |object| Some(object.ambiguous)),
            times(objects, |object| object.first_record),
            times(objects, |object| object.last_record),
            column(objects, |object| object.failure.as_deref()),
        ],
    )
}

/// The rows of `rejects`.
pub(super) fn reject_rows(rejects: &[RejectedLine], now: Timestamp) -> Result<RecordBatch, ArrowError> {
    let mut lines = BinaryBuilder::new();
    rejects.iter().for_each(|reject| lines.append_value(&reject.line));
    RecordBatch::try_new(
        schema::rejects(),
        vec![
            times(rejects, |_| Some(now)),
            column(rejects, |reject| Some(&reject.log_object)),
            numbers(rejects, |reject| reject.offset),
            numbers(rejects, |reject| reject.length),
            column(rejects, |reject| Some(reject.reason)),
            column(rejects, |reject| Some(&reject.detail)),
            Arc::new(lines.finish()),
        ],
    )
}
