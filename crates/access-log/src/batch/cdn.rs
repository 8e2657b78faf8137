//! The table of CloudFront records.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::types::{Date32Type, TimestampMicrosecondType};
use arrow_schema::{ArrowError, SchemaRef};

use super::column::{Column, Dictionary, Int, Text, column};
use super::rebuild::write_seconds;
use super::{BatchFull, LineHashKey, Origin, assemble, lossy, schema_of};
use crate::cloudfront::{CdnColumn, CdnRecord};
use crate::lines::Line;
use crate::time::day_of;

/// Columns whose values mostly differ.
const TEXTS: [CdnColumn; 6] = [
    CdnColumn::RemoteIp,
    CdnColumn::UriStem,
    CdnColumn::Referer,
    CdnColumn::UriQuery,
    CdnColumn::RequestId,
    CdnColumn::ForwardedFor,
];

/// Columns whose values repeat.
const WORDS: [CdnColumn; 20] = [
    CdnColumn::EdgeLocation,
    CdnColumn::Method,
    CdnColumn::Distribution,
    CdnColumn::UserAgent,
    CdnColumn::Cookie,
    CdnColumn::ResultType,
    CdnColumn::HostHeader,
    CdnColumn::Protocol,
    CdnColumn::TlsVersion,
    CdnColumn::CipherSuite,
    CdnColumn::ResponseResultType,
    CdnColumn::ProtocolVersion,
    CdnColumn::FleStatus,
    CdnColumn::FleEncryptedFields,
    CdnColumn::Port,
    CdnColumn::DetailedResultType,
    CdnColumn::ContentType,
    CdnColumn::ContentLength,
    CdnColumn::RangeStart,
    CdnColumn::RangeEnd,
];

/// Collects CloudFront records into a [`RecordBatch`].
///
/// `time` (timestamp µs UTC) and `date`; `status` (int16), `bytes_sent`, `bytes_received`, `time_taken_us`,
/// `time_to_first_byte_us` (int64); `key` (text: the path, decoded twice, without its first slash); every other column of
/// [`CdnColumn`] as logged, under [`CdnColumn::column`]'s name; `columns` (dictionary: the log's `#Fields:`); then the
/// same `log_…`, `line_hash_…` and `line` columns as [`S3BatchBuilder`](super::S3BatchBuilder). Missing values (`-`) are null.
#[derive(Debug, Default)]
pub struct CdnBatchBuilder {
    time: Int<i64>,
    date: Int<i32>,
    status: Int<i16>,
    /// Bytes sent and received, time taken, time to first byte.
    numbers: [Int<i64>; 4],
    key: Text,
    texts: [Text; TEXTS.len()],
    words: [Dictionary; WORDS.len()],
    columns: Dictionary,
    names: Vec<u8>,
    scratch: Vec<u8>,
    origin: Origin,
}

const NUMBERS: [&str; 4] = [
    "bytes_sent",
    "bytes_received",
    "time_taken_us",
    "time_to_first_byte_us",
];

impl CdnBatchBuilder {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty batch whose lines are hashed with this key.
    pub fn with_hash_key(key: LineHashKey) -> Self {
        Self {
            origin: Origin::with_hash_key(key),
            ..Self::default()
        }
    }

    /// The schema of the batches.
    pub fn schema() -> SchemaRef {
        schema_of(Self::new().finish())
    }

    /// The records that follow stand in this log object.
    pub fn begin_object(&mut self, name: &str) {
        self.origin.begin_object(name);
    }

    /// Rows so far.
    pub fn len(&self) -> usize {
        self.origin.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the lines so far.
    pub fn bytes(&self) -> usize {
        self.origin.bytes
    }

    /// Adds the record of `line`.
    ///
    /// # Errors
    ///
    /// When the batch holds half a gigabyte already.
    pub fn push(&mut self, line: &Line<'_>, record: &CdnRecord<'_>) -> Result<(), BatchFull> {
        self.origin.admit(line)?;
        let valid = line.bytes.is_ascii() || std::str::from_utf8(line.bytes).is_ok();
        let seconds = record.unix_seconds();
        self.time.push(Some(seconds.saturating_mul(1_000_000)));
        self.date.push(Some(day_of(seconds)));
        self.status
            .push(record.status().and_then(|status| i16::try_from(status).ok()));
        let numbers = [
            record.number(CdnColumn::BytesSent),
            record.number(CdnColumn::BytesReceived),
            record.micros(CdnColumn::TimeTaken),
            record.micros(CdnColumn::TimeToFirstByte),
        ];
        for (column, number) in self.numbers.iter_mut().zip(numbers) {
            column.push_u64(number);
        }
        self.key
            .push(record.key().map(|key| lossy(&key).into_owned()).as_deref());
        for (column, name) in self.texts.iter_mut().zip(TEXTS) {
            column.push(record.get(name).map(lossy).as_deref());
        }
        for (column, name) in self.words.iter_mut().zip(WORDS) {
            column.push(record.get(name).map(lossy).as_deref());
        }
        self.names.clear();
        for column in record.order().iter().flatten() {
            if !self.names.is_empty() {
                self.names.push(b' ');
            }
            self.names.extend_from_slice(column.name().as_bytes());
        }
        self.columns.push(Some(&self.names));
        let keep_line = !(valid && record.is_plain() && self.gives_back(record));
        self.origin.push(line, keep_line);
        Ok(())
    }

    /// Whether every typed value prints as it was read, and nothing is there but empty.
    fn gives_back(&mut self, record: &CdnRecord<'_>) -> bool {
        let scratch = &mut self.scratch;
        let seconds = |scratch: &mut Vec<u8>, column: CdnColumn| {
            scratch.clear();
            let micros = record
                .micros(column)
                .and_then(|micros| i64::try_from(micros).ok());
            write_seconds(scratch, micros);
            scratch.as_slice() == record.text(column)
        };
        record.order().iter().flatten().all(|column| match column {
            CdnColumn::Date | CdnColumn::Time => true,
            CdnColumn::Status => record.text(*column) == b"-" || record.status().is_some(),
            CdnColumn::BytesSent | CdnColumn::BytesReceived => {
                let text = record.text(*column);
                text == b"-" || (record.number(*column).is_some() && !matches!(text, [b'0', _, ..]))
            }
            CdnColumn::TimeTaken | CdnColumn::TimeToFirstByte => seconds(scratch, *column),
            _ => !record.text(*column).is_empty(),
        })
    }

    /// The batch.
    ///
    /// # Errors
    ///
    /// None that can be provoked by the records; Arrow checks what it is given.
    pub fn finish(self) -> Result<RecordBatch, ArrowError> {
        let time = self
            .time
            .finish_as::<TimestampMicrosecondType>()
            .with_timezone("UTC");
        let mut columns: Vec<Column> = vec![
            column("time", false, Arc::new(time)),
            column("date", false, Arc::new(self.date.finish_as::<Date32Type>())),
            column("status", true, self.status.finish()),
        ];
        for (name, numbers) in NUMBERS.into_iter().zip(self.numbers) {
            columns.push(column(name, true, numbers.finish()));
        }
        columns.push(column("key", true, self.key.finish()?));
        for (name, texts) in TEXTS.into_iter().zip(self.texts) {
            columns.push(column(name.column(), true, texts.finish()?));
        }
        for (name, words) in WORDS.into_iter().zip(self.words) {
            columns.push(column(name.column(), true, words.finish()?));
        }
        columns.push(column("columns", false, self.columns.finish()?));
        self.origin.finish(&mut columns)?;
        assemble(columns)
    }
}
