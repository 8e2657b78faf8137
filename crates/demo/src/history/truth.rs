//! What the history really holds, counted while it is made, by code that parses nothing.

use std::collections::BTreeMap;

use crate::log_line::{Asked, LogRecord};

/// The true figures of the generated history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogTruth {
    /// By the bucket in which the logs lie.
    pub log_buckets: BTreeMap<String, LogBucketTruth>,
}

/// What lies in one log bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogBucketTruth {
    /// Log objects, those of the CDN not among them.
    pub objects: u64,
    /// All lines in them.
    pub lines: u64,
    /// Lines that are there a second time.
    pub duplicates: u64,
    /// Lines that are no records.
    pub rejects: u64,
    /// The records, each once, by the bucket that was asked for.
    pub buckets: BTreeMap<String, LogFigures>,
    /// Objects in the CDN's format.
    pub cdn: CdnTruth,
}

/// Figures of records, each counted once.
///
/// What counts requests and bytes leaves out records that are no request of their own: `S3.*`, `BATCH.*` and the
/// second record of a copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFigures {
    /// All records.
    pub records: u64,
    /// Requests of clients.
    pub requests: u64,
    /// Records by operation.
    pub by_operation: BTreeMap<String, u64>,
    /// Requests by HTTP status.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests by the hour's beginning, in seconds since 1970.
    pub by_hour: BTreeMap<i64, u64>,
    /// Requests by address.
    pub by_ip: BTreeMap<String, u64>,
    /// Requests by requester; anonymous ones not among them.
    pub by_requester: BTreeMap<String, u64>,
    /// Bytes sent to clients.
    pub bytes_sent: u64,
    /// Sizes of what was stored with success.
    pub bytes_uploaded: u64,
}

/// Figures of CDN log objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CdnTruth {
    /// Log objects.
    pub objects: u64,
    /// Requests.
    pub requests: u64,
    /// Bytes sent to clients.
    pub bytes_sent: u64,
    /// Requests by HTTP status.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests by what the CDN did: `Hit`, `Miss`, …
    pub by_result: BTreeMap<String, u64>,
}

impl LogBucketTruth {
    /// The figures over all buckets.
    pub fn total(&self) -> LogFigures {
        let mut total = LogFigures::default();
        for figures in self.buckets.values() {
            total.add(figures);
        }
        total
    }
}

impl LogFigures {
    /// The addresses with the most requests, by number and then by text.
    pub fn top_ips(&self, limit: usize) -> Vec<(String, u64)> {
        let mut all: Vec<_> = self
            .by_ip
            .iter()
            .map(|(ip, count)| (ip.clone(), *count))
            .collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(limit);
        all
    }

    /// Counts a record.
    pub(crate) fn count(&mut self, record: &LogRecord<'_>) {
        self.records += 1;
        bump(&mut self.by_operation, record.operation.as_ref());
        if !matches!(record.asked, Asked::Client { .. }) {
            return;
        }
        self.requests += 1;
        let outcome = &record.outcome;
        *self.by_status.entry(outcome.status.unwrap_or(0)).or_default() += 1;
        *self
            .by_hour
            .entry(record.time - record.time.rem_euclid(3600))
            .or_default() += 1;
        bump(&mut self.by_ip, record.ip);
        if record.requester != "-" {
            bump(&mut self.by_requester, record.requester.as_ref());
        }
        self.bytes_sent += outcome.bytes_sent.unwrap_or(0);
        let stored = record.operation == "REST.PUT.OBJECT" || record.operation == "REST.PUT.PART";
        if stored && outcome.status.is_some_and(|status| status < 300) {
            self.bytes_uploaded += outcome.object_size.unwrap_or(0);
        }
    }

    fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.requests += other.requests;
        self.bytes_sent += other.bytes_sent;
        self.bytes_uploaded += other.bytes_uploaded;
        add_all(&mut self.by_operation, &other.by_operation);
        add_all(&mut self.by_status, &other.by_status);
        add_all(&mut self.by_hour, &other.by_hour);
        add_all(&mut self.by_ip, &other.by_ip);
        add_all(&mut self.by_requester, &other.by_requester);
    }
}

/// Counts one more under a text, which is copied the first time only.
pub(crate) fn bump(counts: &mut BTreeMap<String, u64>, text: &str) {
    match counts.get_mut(text) {
        Some(count) => *count += 1,
        None => {
            counts.insert(text.to_owned(), 1);
        }
    }
}

fn add_all<K: Ord + Clone>(to: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *to.entry(key.clone()).or_default() += count;
    }
}
