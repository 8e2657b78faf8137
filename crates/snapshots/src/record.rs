//! One snapshot of one bucket.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, Prefix};
use utoipa::ToSchema;

use crate::number::{count, moment, or_default};
use crate::place::unique_name;

/// Addresses of one record at most; what the store holds beyond is left out.
const MAX_TOP_IPS: usize = 50;
/// Characters of an address.
const MAX_IP: usize = 64;
/// Bytes of one line.
pub(crate) const MAX_LINE: usize = 64 << 10;

/// What was stored, and what was known of requests, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotRecord {
    /// What tells this record from every other.
    #[serde(default)]
    #[schema(value_type = String)]
    pub id: RecordId,
    /// When the snapshot was taken.
    #[serde(deserialize_with = "moment")]
    #[schema(value_type = String, format = DateTime)]
    pub ts: Timestamp,
    /// The bucket looked at.
    pub source_bucket: BucketName,
    /// The prefix looked under.
    #[serde(default, deserialize_with = "or_default")]
    pub source_prefix: Prefix,
    /// How many objects it held.
    #[serde(default, deserialize_with = "count")]
    pub source_objects: u64,
    /// Their size in bytes.
    #[serde(default, deserialize_with = "count")]
    pub source_bytes: u64,
    /// When the inventory began that told so; absent if the bucket was listed at `ts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub source_as_of: Option<Timestamp>,
    /// Where its access log was delivered; empty if none was named.
    #[serde(default, deserialize_with = "or_default")]
    pub logs_bucket: String,
    /// Where in that bucket.
    #[serde(default, deserialize_with = "or_default")]
    pub logs_prefix: String,
    /// How many objects lay there.
    #[serde(default, deserialize_with = "count")]
    pub logs_files: u64,
    /// Their size in bytes.
    #[serde(default, deserialize_with = "count")]
    pub logs_bytes: u64,
    /// How many requests clients sent in the interval.
    #[serde(default, deserialize_with = "count")]
    pub requests_total: u64,
    /// How many of them with GET.
    #[serde(default, deserialize_with = "count")]
    pub requests_get: u64,
    /// How many of them with PUT.
    #[serde(default, deserialize_with = "count")]
    pub requests_put: u64,
    /// How many of them with DELETE.
    #[serde(default, deserialize_with = "count")]
    pub requests_delete: u64,
    /// How many of them with HEAD.
    #[serde(default, deserialize_with = "count")]
    pub requests_head: u64,
    /// How many were answered with 200 to 299.
    #[serde(default, deserialize_with = "count")]
    pub status_2xx: u64,
    /// How many were answered with 300 to 399.
    #[serde(default, deserialize_with = "count")]
    pub status_3xx: u64,
    /// How many were answered with 400 to 499.
    #[serde(default, deserialize_with = "count")]
    pub status_4xx: u64,
    /// How many were answered with 500 to 599.
    #[serde(default, deserialize_with = "count")]
    pub status_5xx: u64,
    /// Bytes sent to clients.
    #[serde(default, deserialize_with = "count")]
    pub bytes_sent: u64,
    /// How many different addresses asked.
    #[serde(default, deserialize_with = "count")]
    pub unique_ips: u64,
    /// The addresses that asked most.
    #[serde(default, deserialize_with = "or_default")]
    pub top_ips: Vec<TopIp>,
    /// How many log objects the request figures rest on.
    #[serde(default, deserialize_with = "count")]
    pub files_scanned: u64,
    /// How many lines were in them.
    #[serde(default, deserialize_with = "count")]
    pub lines_scanned: u64,
    /// Where the time begins that the request figures are about: at the snapshot before this one. Absent if they are about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub interval_start: Option<Timestamp>,
    /// The first moment behind that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub interval_end: Option<Timestamp>,
    /// Everything of that time was delivered and read when the figures were counted.
    #[serde(default)]
    pub requests_complete: bool,
    /// Written by the Python original: its request figures are of the whole log, whatever the time, and are never summed.
    #[serde(default)]
    pub legacy: bool,
}

/// An address and how often it asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TopIp {
    /// The address.
    pub ip: String,
    /// How many requests.
    #[serde(default, deserialize_with = "count")]
    pub count: u64,
}

impl SnapshotRecord {
    /// An empty record of that moment, with an identity of its own.
    pub fn new(ts: Timestamp, source_bucket: BucketName, source_prefix: Prefix) -> Self {
        Self {
            id: RecordId::random(),
            ts,
            source_bucket,
            source_prefix,
            source_objects: 0,
            source_bytes: 0,
            source_as_of: None,
            logs_bucket: String::new(),
            logs_prefix: String::new(),
            logs_files: 0,
            logs_bytes: 0,
            requests_total: 0,
            requests_get: 0,
            requests_put: 0,
            requests_delete: 0,
            requests_head: 0,
            status_2xx: 0,
            status_3xx: 0,
            status_4xx: 0,
            status_5xx: 0,
            bytes_sent: 0,
            unique_ips: 0,
            top_ips: Vec::new(),
            files_scanned: 0,
            lines_scanned: 0,
            interval_start: None,
            interval_end: None,
            requests_complete: false,
            legacy: false,
        }
    }

    /// The time its request figures are about, if they are of one: never that of the original's files.
    pub fn interval(&self) -> Option<(Timestamp, Timestamp)> {
        let (start, end) = (self.interval_start?, self.interval_end?);
        (start <= end && !self.legacy).then_some((start, end))
    }

    /// Reads a line. `None` if it is no record.
    pub(crate) fn read(line: &[u8], legacy: bool) -> Option<Self> {
        if line.len() > MAX_LINE {
            return None;
        }
        let mut record: Self = serde_json::from_slice(line).ok()?;
        let too_long = |text: &str| text.len() > 1024;
        if too_long(&record.logs_bucket) || too_long(&record.logs_prefix) {
            return None;
        }
        if legacy {
            record.interval_start = None;
            record.interval_end = None;
            record.requests_complete = false;
        }
        record.legacy = legacy;
        record.top_ips.truncate(MAX_TOP_IPS);
        record.top_ips.retain(|top| top.ip.len() <= MAX_IP);
        if legacy || record.id == RecordId::default() {
            // Whoever gave it none: the same line is the same record, in whichever file it stands.
            record.id = RecordId::of_line(line);
        }
        Some(record)
    }
}

/// What tells a record from every other: 128 random bits, or those of its line's hash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordId(u128);

impl RecordId {
    fn random() -> Self {
        unique_name().parse().unwrap_or_default()
    }

    fn of_line(line: &[u8]) -> Self {
        let hash = blake3::hash(line.trim_ascii());
        let (half, _) = hash.as_bytes().split_first_chunk().unwrap_or((&[0; 16], &[]));
        Self(u128::from_be_bytes(*half))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A text that is no record's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not 32 hexadecimal digits")]
pub struct InvalidRecordId;

impl FromStr for RecordId {
    type Err = InvalidRecordId;

    fn from_str(text: &str) -> Result<Self, InvalidRecordId> {
        let is_hex = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| is_hex);
        number.map(Self).ok_or(InvalidRecordId)
    }
}

impl TryFrom<String> for RecordId {
    type Error = InvalidRecordId;

    fn try_from(text: String) -> Result<Self, InvalidRecordId> {
        text.parse()
    }
}

impl From<RecordId> for String {
    fn from(id: RecordId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(line: &str, expected: Expect) {
        let shown = SnapshotRecord::read(line.as_bytes(), true).map_or_else(
            || "no record".to_owned(),
            |record| {
                format!(
                    "{} {}/{} {} {} {:?}",
                    record.ts,
                    record.source_bucket,
                    record.source_prefix,
                    record.source_objects,
                    record.requests_total,
                    record.top_ips
                )
            },
        );
        expected.assert_eq(&shown);
    }

    #[test]
    fn reads_what_others_wrote() {
        check(
            r#"{"ts":"2024-01-15T10:30:45.5+00:00","source_bucket":"photos","source_prefix":"a/","source_objects":3,"requests_total":7.0,"top_ips":[{"ip":"1.2.3.4","count":2}],"more":[1]}"#,
            expect![[r#"2024-01-15T10:30:45.5Z photos/a/ 3 7 [TopIp { ip: "1.2.3.4", count: 2 }]"#]],
        );
        check(
            r#"{"ts":"2024-01-15T10:30:45","source_bucket":"photos","source_objects":null}"#,
            expect!["2024-01-15T10:30:45Z photos/ 0 0 []"],
        );
        check(
            r#"{"ts":1705314645,"source_bucket":"photos","source_prefix":null,"logs_bucket":null,"top_ips":null}"#,
            expect!["2024-01-15T10:30:45Z photos/ 0 0 []"],
        );
        check(
            r#"{"ts":1705314645250,"source_bucket":"photos"}"#,
            expect!["2024-01-15T10:30:45.25Z photos/ 0 0 []"],
        );
    }

    #[test]
    fn what_is_no_record_is_none() {
        for line in [
            "",
            "{}",
            "[1]",
            r#"{"ts":"2024-01-15T10:30:45Z"}"#,
            r#"{"ts":"yesterday","source_bucket":"photos"}"#,
            r#"{"ts":1e300,"source_bucket":"photos"}"#,
            r#"{"ts":"2024-01-15T10:30:45Z","source_bucket":"../etc"}"#,
            r#"{"ts":"2024-01-15T10:30:45Z","source_bucket":"photos","source_objects":-1}"#,
            r#"{"ts":"2024-01-15T10:30:45Z","source_bucket":"photos","source_bytes":"1"}"#,
            r#"{"ts":"2024-01-15T10:30:45Z","source_bucket":"photos","sour"#,
        ] {
            check(line, expect!["no record"]);
        }
    }

    #[test]
    fn a_line_without_identity_is_told_by_its_text() {
        let line = r#"{"ts":1705314645,"source_bucket":"photos"}"#;
        let read = |line: &str| SnapshotRecord::read(line.as_bytes(), true).expect("a record").id;
        assert_eq!(read(line), read(&format!("{line}\r")));
        assert_ne!(read(line), read(&line.replace("645", "646")));
    }
}
