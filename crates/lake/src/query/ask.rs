//! What can be asked.

use std::time::Duration;

use spacewatch_model::{BucketName, TimeRange, Timestamp};

use crate::RecordFilter;

/// Where in a list newest first the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The time of the last row shown.
    pub time: Timestamp,
    /// Its log object.
    pub log_object: String,
    /// Its place there.
    pub log_offset: u64,
}

/// What records are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// The bucket.
    Bucket,
    /// The client's address.
    RemoteIp,
    /// The key.
    Key,
    /// The key up to its `depth`-th `/`.
    Prefix {
        /// How many levels.
        depth: u8,
    },
    /// The prefix that a listing asked for, as its address names it; empty where it names none.
    ListedPrefix,
    /// Who asked.
    Requester,
    /// The client, as it says.
    UserAgent,
    /// The page that led here.
    Referer,
    /// The operation.
    Operation,
    /// The method.
    Method,
    /// The HTTP status.
    Status,
    /// The store's error code.
    ErrorCode,
    /// The host asked for.
    Host,
    /// How the request was signed.
    SignatureVersion,
    /// Where the signature stood.
    AuthType,
    /// The TLS version.
    TlsVersion,
}

/// What a list is ordered by, largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Measure {
    /// How many.
    #[default]
    Requests,
    /// Bytes sent.
    BytesSent,
    /// Answers of 400 and above.
    Errors,
}

/// A question for what is asked for most.
#[derive(Debug, Clone)]
pub struct TopAsk {
    /// Which records count.
    pub filter: RecordFilter,
    /// Counted by what.
    pub dimension: Dimension,
    /// Ordered by what.
    pub by: Measure,
    /// How many rows.
    pub limit: usize,
}

/// A question for how often values were used since a moment, and whether they were before it.
#[derive(Debug, Clone)]
pub struct UsesAsk {
    /// Which records count; its period tells how far back.
    pub filter: RecordFilter,
    /// Exactly these operations of them; all without any.
    pub operations: Vec<String>,
    /// Only what was done: answered with 200 to 299, or a line without a status.
    pub done: bool,
    /// Told apart by what, together.
    pub by: Vec<Dimension>,
    /// Since when.
    pub since: Timestamp,
    /// How many rows.
    pub limit: usize,
}

/// A question for how much of everything.
#[derive(Debug, Clone)]
pub struct ActivityAsk {
    /// Which records count.
    pub filter: RecordFilter,
    /// The length of a step; without one, the whole period is one.
    pub step: Option<Duration>,
    /// Counted apart by what besides.
    pub by: Option<Dimension>,
    /// The smallest and the largest sizes are wished for as well.
    pub extremes: bool,
}

/// A question for how much clients asked in intervals that follow each other, of any length.
#[derive(Debug, Clone)]
pub struct IntervalAsk {
    /// Which records count; its period doesn't.
    pub filter: RecordFilter,
    /// Where intervals begin; the last one is where the last of them ends.
    pub edges: Vec<Timestamp>,
    /// How many of the addresses that asked most are told of each interval; with 0 none are counted.
    pub addresses: usize,
}

/// Which time is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatencyKind {
    /// Until the first byte of the answer.
    Turnaround,
    /// In all.
    Total,
}

/// A question for how long requests took.
#[derive(Debug, Clone)]
pub struct LatencyAsk {
    /// Which records count.
    pub filter: RecordFilter,
    /// Which time.
    pub kind: LatencyKind,
    /// The length of a step; without one, the whole period is one.
    pub step: Option<Duration>,
    /// Counted apart by what besides.
    pub by: Option<Dimension>,
}

/// Which size is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeKind {
    /// Bytes sent.
    Sent,
    /// The size of the object.
    Object,
}

/// A question for how large requests were. A size that the log doesn't tell is 0.
#[derive(Debug, Clone)]
pub struct SizeAsk {
    /// Which records count.
    pub filter: RecordFilter,
    /// Exactly these operations of them; all without any.
    pub operations: Vec<String>,
    /// Which size.
    pub kind: SizeKind,
    /// Sizes are counted as the first of these, in order, that they don't exceed, beyond the last as [`i64::MAX`]; each by
    /// itself without any.
    pub edges: Vec<u64>,
    /// The length of a step; without one, the whole period is one.
    pub step: Option<Duration>,
    /// Counted apart by what besides.
    pub by: Option<Dimension>,
}

/// A question for which keys were read.
#[derive(Debug, Clone)]
pub struct KeysAsk {
    /// In which bucket, or through its CDN.
    pub bucket: BucketName,
    /// When.
    pub period: TimeRange,
    /// How the keys begin.
    pub key_prefix: String,
}

/// A question for what was done to keys: what wrote, copied, deleted, dropped or moved them, and succeeded.
#[derive(Debug, Clone)]
pub struct DeedsAsk {
    /// In which bucket.
    pub bucket: BucketName,
    /// When.
    pub period: TimeRange,
    /// How the keys begin.
    pub key_prefix: String,
}

/// A question for what the CDN served.
#[derive(Debug, Clone, Default)]
pub struct CdnAsk {
    /// When.
    pub period: TimeRange,
    /// Through which host, where the bucket's name begins it: `BUCKET.REGION.cdn…`.
    pub bucket: Option<BucketName>,
    /// The length of a step; without one, the whole period is one.
    pub step: Option<Duration>,
}

/// A number, and a share of the whole in percent, that are both to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// At least so many.
    pub least: u64,
    /// At least so large a share.
    pub percent: u64,
}

/// A question for what all clients did in a period, and who of them stands out.
#[derive(Debug, Clone)]
pub struct CensusAsk {
    /// Which records count; its period doesn't.
    pub filter: RecordFilter,
    /// When the period begins.
    pub from: Timestamp,
    /// When it ends.
    pub to: Timestamp,
    /// Whose refusals and missing objects, in number and as a share of their requests, reach this, stands out.
    pub misses: Bar,
    /// So does whose listings do.
    pub listings: Bar,
    /// And whose successful reads in an hour do, as a share of everybody's in that hour.
    pub reads: Bar,
    /// What such a client read in other hours is told of those that are farther away.
    pub apart: Duration,
    /// How many clients of each kind.
    pub limit: usize,
}

/// Who a client is taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// An address.
    Address,
    /// A requester.
    Requester,
}

/// A question for what some clients did.
#[derive(Debug, Clone)]
pub struct DossierAsk {
    /// Which records count.
    pub filter: RecordFilter,
    /// What the clients are.
    pub who: Who,
    /// The clients.
    pub values: Vec<String>,
    /// After so many refusals, a read is one after refusals.
    pub after: u64,
}

/// A question for presigned links that several addresses used.
#[derive(Debug, Clone)]
pub struct SignatureAsk {
    /// Which records count; of them only links that were let in.
    pub filter: RecordFilter,
    /// At least so many addresses, two or more.
    pub addresses: u64,
    /// How many links.
    pub limit: usize,
}

/// A question for how many requests came in certain seconds.
#[derive(Debug, Clone)]
pub struct PeakAsk {
    /// Which records count.
    pub filter: RecordFilter,
    /// The seconds.
    pub seconds: Vec<Timestamp>,
}

/// How much one `SELECT` may take.
#[derive(Debug, Clone, Copy)]
pub struct SqlLimits {
    /// Rows of the answer.
    pub rows: usize,
    /// Bytes of memory.
    pub memory: usize,
    /// Time.
    pub time: Duration,
}
