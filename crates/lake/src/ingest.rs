//! From log objects to rows in the tables.

use spacewatch_model::Timestamp;

/// What ingest does just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IngestPhase {
    /// Nothing.
    #[default]
    Idle,
    /// Looking for new log objects.
    Listing,
    /// Reading log objects.
    Reading,
    /// The store or the disk failed; the next question tries again.
    Failed,
    /// Another process writes this lake.
    Locked,
}

/// How far ingest is. Counters count since this run began.
#[derive(Debug, Clone, Default)]
pub struct IngestStatus {
    /// What it does.
    pub phase: IngestPhase,
    /// When this run began.
    pub started_at: Option<Timestamp>,
    /// When the last run ended.
    pub finished_at: Option<Timestamp>,
    /// When the log bucket was listed last.
    pub listed_at: Option<Timestamp>,
    /// Log objects known in the bucket.
    pub objects_known: u64,
    /// Log objects still to be read.
    pub objects_pending: u64,
    /// Log objects read in this run.
    pub objects_read: u64,
    /// Log objects of this run that could not be read, or not to their end.
    pub objects_failed: u64,
    /// Bytes still to be fetched.
    pub bytes_pending: u64,
    /// Bytes fetched in this run.
    pub bytes_read: u64,
    /// Lines read in this run.
    pub lines: u64,
    /// Records of them that are new.
    pub records: u64,
    /// Lines that are no records.
    pub rejected: u64,
    /// Records delivered before.
    pub duplicates: u64,
    /// Lines a second, lately.
    pub lines_per_second: f64,
    /// Seconds until everything known is read, at this pace.
    pub seconds_left: Option<f64>,
    /// What failed last.
    pub last_error: Option<String>,
}
