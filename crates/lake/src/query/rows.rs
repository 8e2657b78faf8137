//! Plain rows, as questions are answered.

use spacewatch_model::Timestamp;

use super::Position;

/// One record of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// When the request was received.
    pub time: Timestamp,
    /// The bucket; absent where the log has none.
    pub bucket: Option<String>,
    /// Who owns it.
    pub owner: Option<String>,
    /// The client's address; absent for what the store did by itself.
    pub remote_ip: Option<String>,
    /// Who asked; absent is anonymous.
    pub requester: Option<String>,
    /// Shared by all lines of one multi-object delete.
    pub request_id: Option<String>,
    /// `REST.GET.OBJECT`.
    pub operation: String,
    /// `GET`, where the operation has one.
    pub method: Option<String>,
    /// What kind of operation it is: see `spacewatch_access_log::Category`.
    pub category: String,
    /// Whether a client made it.
    pub is_request: bool,
    /// The key, decoded; bytes that are no UTF-8 are replaced.
    pub key: Option<String>,
    /// Method, target and version.
    pub request_uri: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The store's error code.
    pub error_code: Option<String>,
    /// Bytes sent; absent is none.
    pub bytes_sent: Option<u64>,
    /// The object's size.
    pub object_size: Option<u64>,
    /// Milliseconds in all.
    pub total_ms: Option<u64>,
    /// Milliseconds until the first byte of the answer.
    pub turnaround_ms: Option<u64>,
    /// The page that led here, as the client says.
    pub referer: Option<String>,
    /// The client, as it says.
    pub user_agent: Option<String>,
    /// The object's version.
    pub version_id: Option<String>,
    /// `SigV4`, `SigV2`; absent for anonymous requests.
    pub signature_version: Option<String>,
    /// `AuthHeader`, `QueryString`; absent for anonymous requests.
    pub auth_type: Option<String>,
    /// The host asked for.
    pub host: Option<String>,
    /// `TLSv1.3`.
    pub tls_version: Option<String>,
    /// The line can be split in more than one way: a client forged the seam between referer and user agent.
    pub ambiguous: bool,
    /// Where the line stands.
    pub log_object: String,
    /// At which byte of it, decompressed.
    pub log_offset: u64,
    /// How many bytes long it is.
    pub log_length: u64,
    /// The line itself, byte for byte, without its line ending.
    pub line: Vec<u8>,
}

/// Records found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Newest first.
    pub rows: Vec<RecordRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<Position>,
}

/// A key on a day on which it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDay {
    /// The key.
    pub key: String,
    /// When the day begins, in UTC.
    pub day: Timestamp,
    /// How often it was read.
    pub reads: u64,
    /// Bytes sent for it.
    pub bytes_sent: u64,
}

/// Something that was done to a key, and succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDeed {
    /// The key.
    pub key: String,
    /// When the request was received.
    pub time: Timestamp,
    /// `REST.PUT.OBJECT`.
    pub operation: String,
    /// The object's size.
    pub object_size: Option<u64>,
    /// Milliseconds in all.
    pub total_ms: Option<u64>,
    /// The object's version.
    pub version_id: Option<String>,
    /// Who asked; absent is anonymous.
    pub requester: Option<String>,
    /// The client's address; absent for what the store did by itself.
    pub remote_ip: Option<String>,
    /// The client, as it says.
    pub user_agent: Option<String>,
    /// Shared by all lines of one multi-object delete.
    pub request_id: Option<String>,
    /// Where the line stands.
    pub log_object: String,
    /// At which byte of it, decompressed.
    pub log_offset: u64,
    /// How many bytes long it is.
    pub log_length: u64,
}

/// What is asked for most. Rows are ordered by the measure, then by value.
#[derive(Debug, Clone, Default)]
pub struct Top {
    /// The first ones.
    pub rows: Vec<TopRow>,
    /// How many different values there are (absent values not counted).
    pub distinct: u64,
    /// Records counted in all, those without a value as well.
    pub requests: u64,
    /// Their bytes.
    pub bytes_sent: u64,
    /// Answers of 400 and above among them.
    pub errors: u64,
    /// When the first of them was received.
    pub first_seen: Option<Timestamp>,
    /// When the last of them was.
    pub last_seen: Option<Timestamp>,
}

/// One value with what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopRow {
    /// The value.
    pub value: String,
    /// How many records.
    pub requests: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Answers of 400 and above.
    pub errors: u64,
    /// The first of them.
    pub first_seen: Timestamp,
    /// The last of them.
    pub last_seen: Timestamp,
}

/// What was used since a moment: first what was not used before it, then by how often, then by value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uses {
    /// The first ones.
    pub rows: Vec<UsesRow>,
    /// How many different values were used since.
    pub distinct: u64,
    /// How many of them were not used before.
    pub new: u64,
    /// How many others were used before only.
    pub left: u64,
    /// All uses before.
    pub before: Option<Used>,
    /// All uses since.
    pub since: Option<Used>,
}

/// One value, or several together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsesRow {
    /// The values, in the order asked for.
    pub values: Vec<Option<String>>,
    /// Its uses before the moment, as far back as was asked.
    pub before: Option<Used>,
    /// Its uses since.
    pub since: Used,
}

/// How often, how much and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Records.
    pub records: u64,
    /// Answers of 400 and above among them.
    pub errors: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Sizes of objects, summed.
    pub object_bytes: u64,
    /// The first of them.
    pub first: Timestamp,
    /// The last of them.
    pub last: Timestamp,
}

/// Records of one step that are alike in what metrics tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// When the step begins; absent without steps.
    pub step: Option<Timestamp>,
    /// The value of the dimension asked for.
    pub group: Option<String>,
    /// The operation.
    pub operation: String,
    /// What kind of operation it is.
    pub category: String,
    /// Whether a client made it.
    pub is_request: bool,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The store's error code.
    pub error_code: Option<String>,
    /// Where the signature stood.
    pub auth_type: Option<String>,
    /// How it was signed.
    pub signature_version: Option<String>,
    /// The TLS version.
    pub tls_version: Option<String>,
    /// How many.
    pub records: u64,
    /// Bytes sent, summed.
    pub bytes_sent: u64,
    /// Object sizes, summed.
    pub object_bytes: u64,
    /// The fewest and the most bytes sent, where asked for.
    pub sent: Option<Extremes>,
    /// The smallest and the largest object size, where asked for.
    pub object: Option<Extremes>,
}

/// The ends of some numbers; what the log doesn't tell is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extremes {
    /// The smallest.
    pub least: u64,
    /// The largest.
    pub most: u64,
}

/// What clients asked for from one moment up to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// When it begins.
    pub start: Timestamp,
    /// The requests, alike ones together.
    pub requests: Vec<IntervalRequests>,
    /// How many different addresses asked.
    pub addresses: u64,
    /// The addresses that asked most and how often, most first; equal ones in order.
    pub top_addresses: Vec<(String, u64)>,
}

impl Interval {
    pub(crate) fn starting_at(start: Timestamp) -> Self {
        Self {
            start,
            requests: Vec::new(),
            addresses: 0,
            top_addresses: Vec::new(),
        }
    }
}

/// Requests of one interval that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntervalRequests {
    /// The HTTP method.
    pub method: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// How many.
    pub requests: u64,
    /// Bytes sent, summed.
    pub bytes_sent: u64,
}

/// How many requests of a step took exactly so long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latency {
    /// When the step begins; absent without steps.
    pub step: Option<Timestamp>,
    /// The value of the dimension asked for.
    pub group: Option<String>,
    /// How long, in milliseconds.
    pub milliseconds: u64,
    /// How many.
    pub requests: u64,
}

/// How many requests of a step were exactly so large, or of one class of sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    /// When the step begins; absent without steps.
    pub step: Option<Timestamp>,
    /// The value of the dimension asked for.
    pub group: Option<String>,
    /// How large, in bytes; with classes, the largest size of the class.
    pub bytes: u64,
    /// How many.
    pub requests: u64,
}

/// Requests to the CDN of one step that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CdnActivity {
    /// When the step begins; absent without steps.
    pub step: Option<Timestamp>,
    /// The host asked for.
    pub host: Option<String>,
    /// `Hit`, `Miss`, `Error` …
    pub result: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// How many.
    pub requests: u64,
    /// Bytes sent to clients.
    pub bytes_sent: u64,
    /// Bytes received from clients.
    pub bytes_received: u64,
}

/// A log object that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogObjectRow {
    /// Its key.
    pub key: String,
    /// Its size in the bucket.
    pub size_bytes: u64,
    /// When it was delivered, as the store says.
    pub last_modified: Option<Timestamp>,
    /// When it was read.
    pub read_at: Timestamp,
    /// Lines in it.
    pub lines: u64,
    /// Its records that fit the question, those of the CDN as well.
    pub records: u64,
    /// Those of them that are of the CDN.
    pub cdn_records: u64,
    /// Lines that are no records.
    pub rejected: u64,
    /// Records delivered before.
    pub duplicates: u64,
    /// The oldest record that fits.
    pub first_record: Option<Timestamp>,
    /// The newest record that fits.
    pub last_record: Option<Timestamp>,
    /// Why it could not be read to its end, where that is so.
    pub failure: Option<String>,
}

/// A line that is no record, or an object that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// In which log object.
    pub log_object: String,
    /// At which byte of it, decompressed; absent when the object as a whole is meant.
    pub offset: Option<u64>,
    /// How many bytes long the line is.
    pub length: Option<u64>,
    /// Why, in a word that stays the same.
    pub reason: String,
    /// Why, in a sentence.
    pub detail: String,
    /// The line, or its beginning.
    pub line: Vec<u8>,
    /// When it was met.
    pub seen_at: Timestamp,
}

/// What a `SELECT` gave.
#[derive(Debug, Clone)]
pub struct SqlAnswer {
    /// Its columns.
    pub columns: Vec<SqlColumn>,
    /// Its rows, a value a column.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// There are more rows than the answer may hold.
    pub truncated: bool,
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlColumn {
    /// Its name.
    pub name: String,
    /// Its type, as SQL engines name it.
    pub kind: String,
}

/// What all clients did in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// How all requests ended.
    pub totals: Outcomes,
    /// How they ended in steps of five minutes, in order; those without requests are left out.
    pub steps: Vec<OutcomeStep>,
    /// Addresses that stand out by what they were not given or what they listed.
    pub addresses: Clients,
    /// Requesters that do.
    pub requesters: Clients,
    /// Addresses that read much in an hour.
    pub reading_addresses: Vec<Burst>,
    /// Requesters that did.
    pub reading_requesters: Vec<Burst>,
    /// The seconds with most requests.
    pub busy: BusySeconds,
    /// The seconds with most requests that write or list.
    pub busy_writing: BusySeconds,
    /// Requests of clients that were not followed, for there were too many clients.
    pub unfollowed: u64,
}

/// How requests ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// All of them.
    pub requests: u64,
    /// 401 and 403.
    pub refused: u64,
    /// 404.
    pub missing: u64,
    /// 429 and 503.
    pub slow_downs: u64,
    /// Any other 5xx.
    pub server_errors: u64,
    /// Listings, whatever the answer.
    pub listings: u64,
    /// Objects read: 2xx.
    pub reads: u64,
    /// Objects read as a whole: 200.
    pub whole_reads: u64,
    /// Parts of objects read: 206.
    pub partial_reads: u64,
    /// Objects that were to be read as a whole, of which fewer bytes were sent than they have.
    pub cut_short: u64,
}

/// How the requests of five minutes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeStep {
    /// When they begin.
    pub start: Timestamp,
    /// All of them.
    pub requests: u64,
    /// 429 and 503.
    pub slow_downs: u64,
    /// Any other 5xx.
    pub server_errors: u64,
}

/// Clients that stand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clients {
    /// Those with most of it first; equal ones in order.
    pub rows: Vec<Client>,
    /// How many different clients there are.
    pub distinct: u64,
    /// More stand out than are told.
    pub truncated: bool,
}

/// How the requests of a client ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The address or the requester.
    pub value: String,
    /// All of its requests.
    pub requests: u64,
    /// 401 and 403.
    pub refused: u64,
    /// 404.
    pub missing: u64,
    /// Listings, whatever the answer.
    pub listings: u64,
}

/// Who read much in the hour from `start` on: of two half-hours that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Burst {
    /// The address or the requester.
    pub value: String,
    /// When the hour begins.
    pub start: Timestamp,
    /// It read at least so often.
    pub reads_at_least: u64,
    /// And at most so often.
    pub reads_at_most: u64,
    /// How often everybody did.
    pub reads_of_all: u64,
    /// In no hour did it read more often than this.
    pub ever_at_most: u64,
    /// In some hour farther away than asked, it read at least so often.
    pub elsewhere_at_least: u64,
}

/// The seconds with most requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusySeconds {
    /// The seconds and their requests, most first.
    pub seconds: Vec<(Timestamp, u64)>,
    /// No other second has more.
    pub rest_at_most: u64,
}

/// What a client did, in the order in which it did it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dossier {
    /// The address or the requester.
    pub value: String,
    /// How often it got 401 or 403.
    pub refused: u64,
    /// The first time.
    pub first_refused: Option<Timestamp>,
    /// The last time.
    pub last_refused: Option<Timestamp>,
    /// When it had been refused as often as asked.
    pub refused_enough: Option<Timestamp>,
    /// How often it got 401, 403 or 404.
    pub misses: u64,
    /// How many different keys it got that for.
    pub keys_missed: u64,
    /// The first time.
    pub first_missed: Option<Timestamp>,
    /// The last time.
    pub last_missed: Option<Timestamp>,
    /// Objects it read before it was refused for the first time.
    pub reads_before: u64,
    /// Objects it read later than in the second in which it had been refused as often as asked.
    pub reads_after: u64,
    /// Those it read as nobody in particular.
    pub anonymous_after: u64,
    /// How many different keys those were.
    pub keys_after: u64,
    /// Some of them.
    pub some_keys: Vec<String>,
    /// Bytes it was sent for them.
    pub bytes_after: u64,
    /// The first of those reads.
    pub first_read_after: Option<Timestamp>,
    /// The last.
    pub last_read_after: Option<Timestamp>,
}

/// Links that several addresses used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signatures {
    /// Those with most addresses first.
    pub links: Vec<Signature>,
    /// There are more than are told.
    pub truncated: bool,
}

/// A presigned link, and how it was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The signature, as the request-URI has it.
    pub signature: String,
    /// The bucket it leads to.
    pub bucket: Option<String>,
    /// The key it leads to.
    pub key: Option<String>,
    /// How many different addresses used it.
    pub addresses: u64,
    /// How often it was used.
    pub requests: u64,
    /// Bytes sent for it.
    pub bytes_sent: u64,
    /// The first time.
    pub first_seen: Timestamp,
    /// The last time.
    pub last_seen: Timestamp,
}

/// The highest numbers of requests in one second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peaks {
    /// Of one address.
    pub address: Option<Peak>,
    /// To one bucket.
    pub bucket: Option<Peak>,
    /// To one bucket, of those that write or list.
    pub writing: Option<Peak>,
}

/// How many requests came in a second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peak {
    /// The address or the bucket.
    pub value: String,
    /// The second.
    pub second: Timestamp,
    /// The requests.
    pub requests: u64,
}
