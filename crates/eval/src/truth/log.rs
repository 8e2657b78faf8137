//! Log objects: unpacked, parsed, each line counted once.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use spacewatch_access_log as access_log;
use spacewatch_access_log::{CdnColumn, CdnRecord, Entry, Limits, LogReader};

/// A record of an access log.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) bucket: String,
    pub(crate) time: i64,
    pub(crate) ip: String,
    pub(crate) requester: Option<String>,
    pub(crate) request_id: String,
    pub(crate) operation: String,
    pub(crate) key: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) sent: u64,
    pub(crate) size: u64,
    pub(crate) first_byte_ms: Option<u64>,
    pub(crate) total_ms: Option<u64>,
    pub(crate) agent: String,
    pub(crate) signature: String,
    pub(crate) tls: String,
    /// Not the store's own work, nor a part of another request.
    pub(crate) is_request: bool,
}

impl Record {
    pub(crate) fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    pub(crate) fn is_read(&self) -> bool {
        self.operation == "REST.GET.OBJECT"
    }

    pub(crate) fn is_status(&self, range: std::ops::Range<u16>) -> bool {
        self.status.is_some_and(|status| range.contains(&status))
    }

    pub(crate) fn is_user(&self, name: &str) -> bool {
        self.requester
            .as_deref()
            .is_some_and(|requester| requester.rsplit_once('/').map_or(requester, |(_, user)| user) == name)
    }
}

/// A row of a CDN's log.
#[derive(Debug, Clone)]
pub(crate) struct CdnRow {
    /// The bucket behind the CDN.
    pub(crate) bucket: String,
    pub(crate) time: i64,
    pub(crate) key: String,
    pub(crate) status: Option<u16>,
    pub(crate) sent: u64,
}

/// What was read.
#[derive(Default)]
pub(super) struct Logs {
    records: Vec<Record>,
    cdn: Vec<CdnRow>,
    lines: HashSet<Vec<u8>>,
}

impl Logs {
    /// Reads an object, packed or not.
    pub(super) fn add(&mut self, object: &[u8]) -> io::Result<()> {
        let mut text = Cow::Borrowed(object);
        if object.starts_with(&[0x1f, 0x8b]) {
            let mut unpacked = Vec::new();
            MultiGzDecoder::new(object).read_to_end(&mut unpacked)?;
            text = Cow::Owned(unpacked);
        }
        let mut reader = LogReader::new(Limits::default());
        let mut take = |line: access_log::Line<'_>, entry: Entry<'_>| match entry {
            Entry::S3(record) => {
                if self.lines.insert(line.bytes.to_vec()) {
                    self.records.push(told(&record));
                }
            }
            Entry::Cdn(row) => {
                self.cdn.push(cdn_row(&row));
            }
            Entry::Reject(_) => {}
        };
        reader.feed(&text, &mut take);
        reader.finish(take);
        Ok(())
    }

    pub(super) fn done(mut self) -> (Vec<Record>, Vec<CdnRow>) {
        self.records.sort_by_key(|record| record.time);
        (self.records, self.cdn)
    }
}

fn told(record: &access_log::Record<'_>) -> Record {
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let tail = record.tail();
    Record {
        bucket: text(record.bucket()),
        time: record.unix_seconds(),
        ip: text(record.remote_ip()),
        requester: record.requester().map(|requester| text(Some(requester))),
        request_id: text(record.request_id()),
        operation: text(Some(record.operation().as_bytes())),
        key: record.key().map(|key| text(Some(&key))),
        status: record.status(),
        sent: record.bytes_sent().unwrap_or(0),
        size: record.object_size().unwrap_or(0),
        first_byte_ms: record.turnaround_ms(),
        total_ms: record.total_ms(),
        agent: text(record.user_agent()),
        signature: text(tail.signature_version()),
        tls: text(tail.tls_version()),
        is_request: record.operation().is_request(),
    }
}

fn cdn_row(row: &CdnRecord<'_>) -> CdnRow {
    let text =
        |bytes: Option<Cow<'_, [u8]>>| String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    let host = text(row.decoded(CdnColumn::HostHeader));
    CdnRow {
        bucket: host.split('.').next().unwrap_or_default().to_owned(),
        time: row.unix_seconds(),
        key: text(row.key()),
        status: row.status(),
        sent: row.number(CdnColumn::BytesSent).unwrap_or(0),
    }
}
