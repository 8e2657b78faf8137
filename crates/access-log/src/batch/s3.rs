//! The table of S3 records.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::types::{Date32Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};

use super::column::{Bits, Column, Dictionary, Int, Text, column};
use super::{BatchFull, LineHashKey, Origin, assemble, lossy, schema_of};
use crate::key::KeyEncoding;
use crate::lines::Line;
use crate::operation::{Category, Operation};
use crate::record::{Quotable, Record, TailFields, present};
use crate::time::day_of;

/// The fields every generation of the log has through the user agent.
const FIXED_FIELDS: i16 = 17;

/// Bits of the `quotes` column: which fields stood in quotes.
pub(super) const URI_QUOTED: i16 = 1;
pub(super) const REFERER_QUOTED: i16 = 2;
pub(super) const USER_AGENT_QUOTED: i16 = 4;

/// Collects S3 records into a [`RecordBatch`].
///
/// Missing values (`-`) are null. The columns, in order:
///
/// | column | type | what |
/// |---|---|---|
/// | `time` | timestamp µs UTC | when the request was received |
/// | `date` | date | its day, UTC |
/// | `bucket`, `owner` | dictionary | the bucket and its owner |
/// | `remote_ip` | text | client address |
/// | `requester` | dictionary | who asked; null is anonymous |
/// | `request_id` | text | shared by all lines of one multi-object delete |
/// | `operation`, `method`, `category` | dictionary | see [`Operation`](crate::Operation), [`Category`](crate::Category) |
/// | `is_request` | boolean | whether a client made it |
/// | `key` | text | decoded; bytes that are no UTF-8 are replaced |
/// | `key_raw` | binary | as logged, where that differs from `key` |
/// | `request_uri` | text | method, target, version |
/// | `status` | int16 | HTTP status |
/// | `error_code` | dictionary | the store's code |
/// | `bytes_sent`, `object_size`, `total_ms`, `turnaround_ms` | int64 | |
/// | `referer` | text | |
/// | `user_agent` | dictionary | |
/// | `version_id`, `host_id` | text | |
/// | `signature_version`, `cipher_suite`, `auth_type`, `host`, `tls_version`, `access_point`, `acl_required`, `source_region` | dictionary | |
/// | `extra` | text | what follows the 27th field |
/// | `fields` | int16 | how many of the 27 fields the line has |
/// | `quotes` | int16 | which of request-URI (1), referer (2), user agent (4) stood in quotes |
/// | `dialect` | dictionary | see [`Dialect`](crate::Dialect) |
/// | `ambiguous` | boolean | the line can be split in more than one way |
/// | `log_object`, `log_offset`, `log_length` | dictionary, int64, int64 | where the line stands |
/// | `line_hash_high`, `line_hash_low` | int64 | see [`line_hash`](crate::line_hash) |
/// | `line` | binary | the line itself, where the columns can't give it back |
///
/// [`rebuild`](crate::rebuild) gives the line of any row back, byte for byte.
#[derive(Debug, Default)]
pub struct S3BatchBuilder {
    time: Int<i64>,
    date: Int<i32>,
    /// Bucket, owner, requester, operation, method, category, error code, user agent, dialect.
    words: Words,
    tail: TailColumns,
    remote_ip: Text,
    request_id: Text,
    is_request: Bits,
    key: Text,
    key_raw: Text,
    request_uri: Text,
    status: Int<i16>,
    bytes_sent: Int<i64>,
    object_size: Int<i64>,
    total_ms: Int<i64>,
    turnaround_ms: Int<i64>,
    referer: Text,
    fields: Int<i16>,
    quotes: Int<i16>,
    ambiguous: Bits,
    origin: Origin,
}

#[derive(Debug, Default)]
struct Words {
    bucket: Dictionary,
    owner: Dictionary,
    requester: Dictionary,
    operation: Dictionary,
    method: Dictionary,
    category: Dictionary,
    error_code: Dictionary,
    user_agent: Dictionary,
    dialect: Dictionary,
    /// What each word of `operation` means, worked out once.
    meanings: Vec<Meaning>,
}

#[derive(Debug, Clone, Copy)]
struct Meaning {
    category: Category,
    is_request: bool,
}

impl Words {
    /// What the operation pushed last means.
    fn meaning(&mut self, operation: Operation<'_>) -> Meaning {
        let known = self
            .operation
            .last()
            .and_then(|place| self.meanings.get(place))
            .copied();
        known.unwrap_or_else(|| {
            let meaning = Meaning {
                category: operation.category(),
                is_request: operation.is_request(),
            };
            // Words are numbered in the order they are met.
            self.meanings.push(meaning);
            meaning
        })
    }
}

#[derive(Debug, Default)]
struct TailColumns {
    version_id: Text,
    host_id: Text,
    words: [Dictionary; 8],
    extra: Text,
}

/// The dictionary columns of the tail, in order.
pub(super) const TAIL_WORDS: [&str; 8] = [
    "signature_version",
    "cipher_suite",
    "auth_type",
    "host",
    "tls_version",
    "access_point",
    "acl_required",
    "source_region",
];

/// Text as it is, or with its bytes that are no UTF-8 replaced.
struct Utf8 {
    valid: bool,
}

impl Utf8 {
    #[inline]
    fn of<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        if self.valid {
            return Cow::Borrowed(text);
        }
        lossy(text)
    }
}

impl S3BatchBuilder {
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

    /// Bytes of the lines so far, about what the batch takes in memory.
    pub fn bytes(&self) -> usize {
        self.origin.bytes
    }

    /// Adds the record of `line`.
    ///
    /// # Errors
    ///
    /// When the batch holds half a gigabyte already. It is meant to be finished long before, by [`Self::len`] and [`Self::bytes`].
    pub fn push(&mut self, line: &Line<'_>, record: &Record<'_>) -> Result<(), BatchFull> {
        self.origin.admit(line)?;
        let utf8 = Utf8 {
            valid: line.bytes.is_ascii() || std::str::from_utf8(line.bytes).is_ok(),
        };
        let tail = record.tail();
        let keep_line = !(utf8.valid && record.is_plain() && tail.is_plain());
        let seconds = record.unix_seconds();
        self.time.push(Some(seconds.saturating_mul(1_000_000)));
        self.date.push(Some(day_of(seconds)));
        self.push_words(record, &utf8);
        self.push_request(record, &utf8);
        self.push_key(record, &utf8);
        self.push_tail(&tail, &utf8);
        self.fields
            .push(Some(FIXED_FIELDS.saturating_add(i16::from(tail.count()))));
        self.ambiguous.push(record.is_ambiguous());
        self.origin.push(line, keep_line);
        Ok(())
    }

    fn push_words(&mut self, record: &Record<'_>, utf8: &Utf8) {
        let words = &mut self.words;
        let put = |column: &mut Dictionary, text: Option<&[u8]>| {
            column.push(text.map(|text| utf8.of(text)).as_deref());
        };
        let operation = record.operation();
        put(&mut words.bucket, record.bucket());
        put(&mut words.owner, record.owner());
        put(&mut words.requester, record.requester());
        put(&mut words.operation, Some(operation.as_bytes()));
        let meaning = words.meaning(operation);
        put(&mut words.method, record.method().map(str::as_bytes));
        put(&mut words.category, Some(meaning.category.as_str().as_bytes()));
        put(&mut words.error_code, record.error_code());
        put(&mut words.user_agent, record.user_agent());
        put(&mut words.dialect, Some(record.dialect().as_str().as_bytes()));
        self.is_request.push(meaning.is_request);
    }

    fn push_request(&mut self, record: &Record<'_>, utf8: &Utf8) {
        let put = |column: &mut Text, text: Option<&[u8]>| {
            column.push(text.map(|text| utf8.of(text)).as_deref());
        };
        put(&mut self.remote_ip, record.remote_ip());
        put(&mut self.request_id, record.request_id());
        put(&mut self.request_uri, record.request_uri());
        put(&mut self.referer, record.referer());
        self.status
            .push(record.status().and_then(|status| i16::try_from(status).ok()));
        self.bytes_sent.push_u64(record.bytes_sent());
        self.object_size.push_u64(record.object_size());
        self.total_ms.push_u64(record.total_ms());
        self.turnaround_ms.push_u64(record.turnaround_ms());
        let bit = |field: &Quotable<'_>, bit: i16| if field.quoted { bit } else { 0 };
        let quotes = bit(&record.middle.uri, URI_QUOTED)
            | bit(&record.end.referer, REFERER_QUOTED)
            | bit(&record.end.user_agent, USER_AGENT_QUOTED);
        self.quotes.push(Some(quotes));
    }

    fn push_key(&mut self, record: &Record<'_>, utf8: &Utf8) {
        let Some(raw) = present(record.middle.key) else {
            self.key.push(None);
            return self.key_raw.push(None);
        };
        match record.key_encoding().decode(raw) {
            Cow::Borrowed(key) if utf8.valid => {
                self.key.push(Some(key));
                self.key_raw.push(None);
            }
            key => {
                self.key.push(Some(&lossy(&key)));
                self.key_raw.push(Some(raw));
            }
        }
    }

    fn push_tail(&mut self, tail: &TailFields<'_>, utf8: &Utf8) {
        let columns = &mut self.tail;
        let [version_id, host_id, words @ ..] = tail.all();
        columns
            .version_id
            .push(version_id.map(|text| utf8.of(text)).as_deref());
        columns.host_id.push(host_id.map(|text| utf8.of(text)).as_deref());
        for (column, text) in columns.words.iter_mut().zip(words) {
            column.push(text.map(|text| utf8.of(text)).as_deref());
        }
        columns
            .extra
            .push(tail.extra().map(|text| utf8.of(text)).as_deref());
    }

    /// The batch.
    ///
    /// # Errors
    ///
    /// None that can be provoked by the records; Arrow checks what it is given.
    pub fn finish(self) -> Result<RecordBatch, ArrowError> {
        let words = self.words;
        let time = self
            .time
            .finish_as::<TimestampMicrosecondType>()
            .with_timezone("UTC");
        let date: ArrayRef = Arc::new(self.date.finish_as::<Date32Type>());
        let mut columns: Vec<Column> = vec![
            column("time", false, Arc::new(time)),
            column("date", false, date),
            column("bucket", true, words.bucket.finish()?),
            column("owner", true, words.owner.finish()?),
            column("remote_ip", true, self.remote_ip.finish()?),
            column("requester", true, words.requester.finish()?),
            column("request_id", true, self.request_id.finish()?),
            column("operation", false, words.operation.finish()?),
            column("method", true, words.method.finish()?),
            column("category", false, words.category.finish()?),
            column("is_request", false, self.is_request.finish()),
            column("key", true, self.key.finish()?),
            column("key_raw", true, self.key_raw.finish_binary()?),
            column("request_uri", true, self.request_uri.finish()?),
            column("status", true, self.status.finish()),
            column("error_code", true, words.error_code.finish()?),
            column("bytes_sent", true, self.bytes_sent.finish()),
            column("object_size", true, self.object_size.finish()),
            column("total_ms", true, self.total_ms.finish()),
            column("turnaround_ms", true, self.turnaround_ms.finish()),
            column("referer", true, self.referer.finish()?),
            column("user_agent", true, words.user_agent.finish()?),
        ];
        self.tail.finish(&mut columns)?;
        columns.push(column("fields", false, self.fields.finish()));
        columns.push(column("quotes", false, self.quotes.finish()));
        columns.push(column("dialect", false, words.dialect.finish()?));
        columns.push(column("ambiguous", false, self.ambiguous.finish()));
        self.origin.finish(&mut columns)?;
        assemble(columns)
    }
}

impl TailColumns {
    fn finish(self, columns: &mut Vec<Column>) -> Result<(), ArrowError> {
        columns.push(column("version_id", true, self.version_id.finish()?));
        columns.push(column("host_id", true, self.host_id.finish()?));
        for (name, words) in TAIL_WORDS.into_iter().zip(self.words) {
            columns.push(column(name, true, words.finish()?));
        }
        columns.push(column("extra", true, self.extra.finish()?));
        Ok(())
    }
}

/// How the key of an operation is decoded, for rows that come back from a table.
pub(super) fn encoding_of(dialect: &[u8], operation: &[u8]) -> KeyEncoding {
    if dialect == b"ceph" {
        return KeyEncoding::Raw;
    }
    Operation(operation).key_encoding()
}
