//! The answer: plain figures, the same for the terminal, JSON and the page.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::latency::Percentiles;

mod assemble;
mod notes;
mod ranking;

pub(crate) use assemble::{assemble, class_text};

/// What the files held.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// What was read, and what became of the lines.
    pub read: Reading,
    /// The first and the last second of what was counted.
    pub period: Option<Period>,
    /// What the figures were narrowed to.
    pub filter: Filter,
    /// Whatever limits these figures, in words. Empty when all is exact and complete.
    pub notes: Vec<Note>,
    /// The figures of all buckets together.
    pub total: Figures,
    /// The figures of each bucket.
    pub buckets: BTreeMap<String, Figures>,
    /// CDN requests, where there were any.
    pub cdn: Option<CdnFigures>,
    /// Lines that are no records.
    pub rejects: RejectFigures,
    /// Files that could not be read, or not to their end.
    pub failed_files: Vec<FailedFile>,
}

/// Files and lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Files that were opened.
    pub files: u64,
    /// Files that could not be read to their end.
    pub files_failed: u64,
    /// Their size as they lie there.
    pub bytes: u64,
    /// Their size unpacked, as far as they were read.
    pub unpacked_bytes: u64,
    /// Lines of any kind.
    pub lines: u64,
    /// Blank lines and headers.
    pub silent: u64,
    /// Lines that are records but belong to another bucket or time than was asked for.
    pub filtered_out: u64,
    /// Records that are the same, as a whole line, as one counted before.
    pub duplicates: u64,
    /// Lines that are no records.
    pub rejected: u64,
    /// Records that can be split in more than one way; the first way was taken.
    pub ambiguous: u64,
}

/// From when until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    /// The first second.
    pub first: String,
    /// The last second.
    pub last: String,
}

/// What the figures were narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// Only this bucket.
    pub bucket: Option<String>,
    /// Not before.
    pub from: Option<String>,
    /// Before.
    pub to: Option<String>,
}

/// One limit of the figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// A word that stays the same.
    pub code: &'static str,
    /// What it means here.
    pub detail: String,
}

/// The figures of a bucket, or of all.
///
/// `records` and nothing else also counts what is no client's request: lifecycle actions, the keys of a multi-object delete,
/// the source half of a copy.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figures {
    /// Records of any kind.
    pub records: u64,
    /// Client requests.
    pub requests: u64,
    /// Bytes of the answers.
    pub bytes_sent: u64,
    /// Approximate: object sizes of successful uploads, because the log has no request size.
    pub bytes_uploaded: u64,
    /// Successful object reads without a requester; a website's reads don't count.
    pub anonymous_reads: u64,
    /// Answers with a status of 400 to 499.
    pub errors_4xx: u64,
    /// Answers with a status of 500 to 599.
    pub errors_5xx: u64,
    /// Records by operation.
    pub by_operation: BTreeMap<String, u64>,
    /// Requests by HTTP method.
    pub by_method: BTreeMap<String, u64>,
    /// Requests by status.
    pub by_status: BTreeMap<String, u64>,
    /// Requests by the first digit of the status.
    pub by_class: BTreeMap<String, u64>,
    /// Requests by hour, UTC.
    pub by_hour: BTreeMap<String, u64>,
    /// Requests by day, UTC.
    pub by_day: BTreeMap<String, u64>,
    /// Hour by hour, with bytes and statuses; hours without requests are left out.
    pub timeline: Vec<Slot>,
    /// Different client addresses.
    pub unique_ips: u64,
    /// Different requesters.
    pub requesters: u64,
    /// Different keys that were asked for.
    pub unique_keys: u64,
    /// Addresses with the most requests.
    pub top_ips: Vec<Top>,
    /// Requesters with the most requests.
    pub top_requesters: Vec<Top>,
    /// Keys with the most requests.
    pub top_keys: Vec<Top>,
    /// Folders (keys up to their last slash) with the most requests.
    pub top_prefixes: Vec<Top>,
    /// Keys that were not found.
    pub top_error_keys: Vec<Top>,
    /// User agents with the most requests.
    pub top_user_agents: Vec<Top>,
    /// Referers with the most requests.
    pub top_referers: Vec<Top>,
    /// Host headers with the most requests.
    pub top_hosts: Vec<Top>,
    /// Times by operation, of requests.
    pub latency: BTreeMap<String, Latency>,
}

/// An hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// When it begins.
    pub start: String,
    /// The same in seconds since 1970.
    #[serde(skip)]
    pub unix_seconds: i64,
    /// Requests in it.
    pub requests: u64,
    /// Bytes of their answers.
    pub bytes_sent: u64,
    /// Requests by the first digit of the status; those without one come first.
    pub by_class: [u64; 6],
}

/// A row of a top list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Top {
    /// The address, key, user agent … Bytes that are no UTF-8 are replaced.
    pub value: String,
    /// Of a key: its bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Requests.
    pub count: u64,
    /// Bytes of their answers.
    pub bytes_sent: u64,
}

/// The times of an operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// From the request's last byte to the answer's first.
    pub turnaround_ms: Percentiles,
    /// From the request's first byte to the answer's last.
    pub total_ms: Percentiles,
}

/// The figures of a CDN.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CdnFigures {
    /// Requests at the edge.
    pub requests: u64,
    /// Bytes of the answers, with their headers.
    pub bytes_sent: u64,
    /// Requests by status.
    pub by_status: BTreeMap<String, u64>,
    /// Requests by result type.
    pub by_result: BTreeMap<String, u64>,
    /// Bytes by result type.
    pub bytes_by_result: BTreeMap<String, u64>,
    /// Hits of hits and misses together; errors, redirects and refused requests are neither. None without any.
    pub hit_ratio: Option<f64>,
    /// The same in bytes.
    pub byte_hit_ratio: Option<f64>,
    /// Different client addresses.
    pub unique_ips: u64,
    /// Hour by hour.
    pub timeline: Vec<Slot>,
    /// From the request's receipt to the answer's end, milliseconds.
    pub time_taken_ms: Percentiles,
    /// Addresses with the most requests.
    pub top_ips: Vec<Top>,
    /// Paths with the most requests.
    pub top_paths: Vec<Top>,
    /// Host headers with the most requests.
    pub top_hosts: Vec<Top>,
}

/// Lines that are no records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RejectFigures {
    /// How many.
    pub count: u64,
    /// By reason.
    pub by_reason: BTreeMap<&'static str, ReasonCount>,
    /// The first ones.
    pub samples: Vec<RejectedLine>,
    /// There are more than those shown.
    pub truncated: bool,
}

/// How often a reason was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    /// Lines.
    pub count: u64,
    /// The reason in words.
    pub detail: String,
}

/// A line that is no record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedLine {
    /// Where it stands.
    pub file: String,
    /// The byte of the (unpacked) file it begins at.
    pub offset: u64,
    /// Its length without the line feed.
    pub length: u64,
    /// Why it is none.
    pub reason: &'static str,
    /// Its beginning; bytes that are no UTF-8 are replaced.
    pub line: String,
}

/// A file that could not be read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedFile {
    /// Its name.
    pub file: String,
    /// A word that stays the same.
    pub code: &'static str,
    /// What happened.
    pub detail: String,
}
