//! Rows back to the lines they were read from.

use std::borrow::Cow;
use std::fmt;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, UInt16Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use jiff::tz::TimeZone;
use spacewatch_model::Timestamp;

use super::s3::{REFERER_QUOTED, TAIL_WORDS, URI_QUOTED, USER_AGENT_QUOTED, encoding_of};
use crate::cloudfront::CdnColumn;
use crate::time::month_name;

/// Why a row gives no line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RebuildError {
    /// The batch has fewer rows.
    #[error("the batch has no row {0}")]
    NoRow(usize),
    /// The batch lacks a column, or it has another type.
    #[error("column `{0}` is missing or of another type")]
    Column(String),
    /// A value that is never null is null, or out of range.
    #[error("column `{0}` holds no usable value")]
    Value(String),
}

/// The line that row `row` was read from, without its line feed, byte for byte.
///
/// Columns are found by name and may come back from a table as plain, dictionary or view arrays.
///
/// # Errors
///
/// When the batch is none of [`S3BatchBuilder`](super::S3BatchBuilder) or [`CdnBatchBuilder`](super::CdnBatchBuilder), or has no such row.
pub fn rebuild(batch: &RecordBatch, row: usize) -> Result<Vec<u8>, RebuildError> {
    let row = Row::new(batch, row)?;
    if let Some(line) = row.text("line")? {
        return Ok(line.to_vec());
    }
    if batch.column_by_name("columns").is_some() {
        return cdn(&row);
    }
    s3(&row)
}

/// The key of a row, with bytes that are no UTF-8 as they are.
///
/// # Errors
///
/// As [`rebuild`].
pub fn exact_key(batch: &RecordBatch, row: usize) -> Result<Option<Cow<'_, [u8]>>, RebuildError> {
    let row = Row::new(batch, row)?;
    let Some(raw) = row.text("key_raw")? else {
        return Ok(row.text("key")?.map(Cow::Borrowed));
    };
    let encoding = encoding_of(row.required("dialect")?, row.required("operation")?);
    Ok(Some(encoding.decode(raw)))
}

fn s3(row: &Row<'_>) -> Result<Vec<u8>, RebuildError> {
    let mut line = Vec::with_capacity(640);
    for name in ["owner", "bucket"] {
        line.extend_from_slice(row.or_dash(name)?);
        line.push(b' ');
    }
    write_time(&mut line, row.micros("time")?)?;
    for name in ["remote_ip", "requester", "request_id", "operation"] {
        line.push(b' ');
        line.extend_from_slice(row.or_dash(name)?);
    }
    line.push(b' ');
    let raw = row.text("key_raw")?;
    line.extend_from_slice(raw.map_or_else(|| row.or_dash("key"), Ok)?);
    let quotes = row.int::<Int16Type>("quotes")?.unwrap_or(0);
    row.write_quotable(&mut line, "request_uri", quotes & URI_QUOTED != 0)?;
    match row.int::<Int16Type>("status")? {
        Some(status) => write(&mut line, format_args!(" {status:03}")),
        None => line.extend_from_slice(b" -"),
    }
    line.push(b' ');
    line.extend_from_slice(row.or_dash("error_code")?);
    for name in ["bytes_sent", "object_size", "total_ms", "turnaround_ms"] {
        match row.int::<Int64Type>(name)? {
            Some(number) => write(&mut line, format_args!(" {number}")),
            None => line.extend_from_slice(b" -"),
        }
    }
    row.write_quotable(&mut line, "referer", quotes & REFERER_QUOTED != 0)?;
    row.write_quotable(&mut line, "user_agent", quotes & USER_AGENT_QUOTED != 0)?;
    let tail = row.int::<Int16Type>("fields")?.unwrap_or(0).saturating_sub(17);
    let names = ["version_id", "host_id"].into_iter().chain(TAIL_WORDS);
    for name in names.take(usize::try_from(tail).unwrap_or(0)) {
        line.push(b' ');
        line.extend_from_slice(row.or_dash(name)?);
    }
    if let Some(extra) = row.text("extra")? {
        line.push(b' ');
        line.extend_from_slice(extra);
    }
    Ok(line)
}

fn cdn(row: &Row<'_>) -> Result<Vec<u8>, RebuildError> {
    let time = civil(row.micros("time")?)?;
    let mut line = Vec::with_capacity(512);
    for name in row.required("columns")?.split(|byte| *byte == b' ') {
        if !line.is_empty() {
            line.push(b'\t');
        }
        let column = CdnColumn::from_name(name).ok_or_else(|| RebuildError::Value("columns".into()))?;
        match column {
            CdnColumn::Date => write(&mut line, format_args!("{}", time.date())),
            CdnColumn::Time => write(&mut line, format_args!("{}", time.time())),
            CdnColumn::BytesSent | CdnColumn::BytesReceived => match row.int::<Int64Type>(column.column())? {
                Some(number) => write(&mut line, format_args!("{number}")),
                None => line.push(b'-'),
            },
            CdnColumn::Status => match row.int::<Int16Type>("status")? {
                Some(status) => write(&mut line, format_args!("{status:03}")),
                None => line.push(b'-'),
            },
            CdnColumn::TimeTaken => write_seconds(&mut line, row.int::<Int64Type>("time_taken_us")?),
            CdnColumn::TimeToFirstByte => {
                write_seconds(&mut line, row.int::<Int64Type>("time_to_first_byte_us")?)
            }
            _ => line.extend_from_slice(row.or_dash(column.column())?),
        }
    }
    Ok(line)
}

/// CloudFront writes seconds with three digits after the point.
pub(super) fn write_seconds(line: &mut Vec<u8>, micros: Option<i64>) {
    match micros {
        Some(micros) => {
            let (seconds, millis) = (
                micros.div_euclid(1_000_000),
                micros.rem_euclid(1_000_000).div_euclid(1_000),
            );
            write(line, format_args!("{seconds}.{millis:03}"));
        }
        None => line.push(b'-'),
    }
}

fn civil(micros: i64) -> Result<jiff::civil::DateTime, RebuildError> {
    let time = Timestamp::from_microsecond(micros).map_err(|_| RebuildError::Value("time".into()))?;
    Ok(time.to_zoned(TimeZone::UTC).datetime())
}

fn write_time(line: &mut Vec<u8>, micros: i64) -> Result<(), RebuildError> {
    let time = civil(micros)?;
    let (day, month, year) = (time.day(), month_name(time.month()), time.year());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    write(
        line,
        format_args!("[{day:02}/{month}/{year:04}:{hour:02}:{minute:02}:{second:02} +0000]"),
    );
    Ok(())
}

fn write(line: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    use std::io::Write;
    // Writing into a vector can't fail.
    let _ = line.write_fmt(text);
}

struct Row<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

impl<'a> Row<'a> {
    fn new(batch: &'a RecordBatch, row: usize) -> Result<Self, RebuildError> {
        if row >= batch.num_rows() {
            return Err(RebuildError::NoRow(row));
        }
        Ok(Self { batch, row })
    }

    fn column(&self, name: &str) -> Result<&'a dyn Array, RebuildError> {
        let column = self.batch.column_by_name(name);
        column
            .map(AsRef::as_ref)
            .ok_or_else(|| RebuildError::Column(name.into()))
    }

    fn text(&self, name: &str) -> Result<Option<&'a [u8]>, RebuildError> {
        text_at(self.column(name)?, self.row).ok_or_else(|| RebuildError::Column(name.into()))
    }

    fn required(&self, name: &str) -> Result<&'a [u8], RebuildError> {
        self.text(name)?.ok_or_else(|| RebuildError::Value(name.into()))
    }

    fn or_dash(&self, name: &str) -> Result<&'a [u8], RebuildError> {
        Ok(self.text(name)?.unwrap_or(b"-"))
    }

    fn int<T: ArrowPrimitiveType>(&self, name: &str) -> Result<Option<T::Native>, RebuildError> {
        let array = self.column(name)?.as_primitive_opt::<T>();
        let array = array.ok_or_else(|| RebuildError::Column(name.into()))?;
        Ok(array.is_valid(self.row).then(|| array.value(self.row)))
    }

    fn micros(&self, name: &str) -> Result<i64, RebuildError> {
        self.int::<TimestampMicrosecondType>(name)?
            .ok_or_else(|| RebuildError::Value(name.into()))
    }

    fn write_quotable(&self, line: &mut Vec<u8>, name: &str, quoted: bool) -> Result<(), RebuildError> {
        let quote: &[u8] = if quoted { b"\"" } else { b"" };
        for part in [b" ", quote, self.or_dash(name)?, quote] {
            line.extend_from_slice(part);
        }
        Ok(())
    }
}

/// A value of any text or binary array; `None` when it is another kind of array.
fn text_at(array: &dyn Array, row: usize) -> Option<Option<&[u8]>> {
    if array.is_null(row) {
        return Some(None);
    }
    Some(Some(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).as_bytes(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).as_bytes(),
        DataType::Utf8View => array.as_string_view().value(row).as_bytes(),
        DataType::Binary => array.as_binary::<i32>().value(row),
        DataType::LargeBinary => array.as_binary::<i64>().value(row),
        DataType::BinaryView => array.as_binary_view().value(row),
        DataType::Dictionary(..) => {
            return match array.as_dictionary_opt::<Int32Type>() {
                Some(words) => text_at(words.values().as_ref(), words.key(row)?),
                None => {
                    let words = array.as_dictionary_opt::<UInt16Type>()?;
                    text_at(words.values().as_ref(), words.key(row)?)
                }
            };
        }
        _ => return None,
    }))
}
