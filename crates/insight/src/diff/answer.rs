//! How changes stand in an answer.

use jiff::Timestamp;
use serde::Serialize;
use spacewatch_model::ByteSize;
use utoipa::ToSchema;

use super::changes::DiffKind;
use crate::logs::LogPlace;

/// What a change is explained by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExplainedBy {
    /// A request in the log.
    Request,
    /// A lifecycle rule: the log tells that the store did it.
    Lifecycle,
    /// No record was found, and nothing can be concluded from that; `note` says why.
    Ambiguous,
    /// No record was found where there should be one.
    Unexplained,
    /// There is no log to ask.
    NoLog,
}

impl ExplainedBy {
    /// The word for it, as answers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Lifecycle => "lifecycle",
            Self::Ambiguous => "ambiguous",
            Self::Unexplained => "unexplained",
            Self::NoLog => "no_log",
        }
    }
}

/// Some changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffHeap {
    /// How many.
    pub objects: u64,
    /// Their size: of what was removed before, of all others now.
    pub bytes: ByteSize,
}

/// Writes that the log tells of and the difference doesn't show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffWrites {
    /// How many keys.
    pub keys: u64,
    /// How often they were written.
    pub writes: u64,
    /// How much was written, as far as the log tells sizes.
    pub bytes: ByteSize,
}

/// All changes of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffTotal {
    /// The kind.
    pub kind: DiffKind,
    /// How many.
    pub objects: u64,
    /// What the first scan saw of them.
    pub bytes_before: ByteSize,
    /// What the second scan saw of them.
    pub bytes_after: ByteSize,
    /// How many a request made.
    pub by_request: u64,
    /// How many a lifecycle rule made.
    pub by_lifecycle: u64,
    /// For how many no record was found, and nothing can be concluded from that.
    pub ambiguous: u64,
    /// For how many there should be a record, and none was found.
    pub unexplained: u64,
    /// Their size.
    pub unexplained_bytes: ByteSize,
    /// How many are not explained because there is no log to ask.
    pub without_log: u64,
}

impl DiffTotal {
    pub(super) fn of(kind: DiffKind) -> Self {
        Self {
            kind,
            objects: 0,
            bytes_before: ByteSize(0),
            bytes_after: ByteSize(0),
            by_request: 0,
            by_lifecycle: 0,
            ambiguous: 0,
            unexplained: 0,
            unexplained_bytes: ByteSize(0),
            without_log: 0,
        }
    }
}

/// What an object, a version or a marker was at a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffState {
    /// Its size.
    pub size_bytes: ByteSize,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_modified: Option<Timestamp>,
    /// Its entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Its storage class, where the store tells one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// Which version, where the inventory saw versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
}

/// The record that made a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffDeed {
    /// When the request was received.
    #[schema(value_type = String, format = DateTime)]
    pub ts: Timestamp,
    /// The operation: `REST.PUT.OBJECT`, `S3.EXPIRE.OBJECT`.
    pub operation: String,
    /// Who asked; absent is anonymous, or the store itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester: Option<String>,
    /// The client's address; absent for what the store did by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The client, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The request's id, which all lines of one multi-object delete share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The size it tells of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_size: Option<u64>,
    /// Where the line stands.
    pub log_object: LogPlace,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffRow {
    /// The key.
    pub key: String,
    /// What kind of change.
    pub kind: DiffKind,
    /// How much it is about: the size of what came or went, how much an object grew or shrank.
    pub bytes: ByteSize,
    /// What explains it.
    pub explained_by: ExplainedBy,
    /// What had to be supposed, or why nothing can be concluded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the first scan saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<DiffState>,
    /// What the second scan saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<DiffState>,
    /// The record that made the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deed: Option<DiffDeed>,
    /// Of what vanished, the record that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_by: Option<DiffDeed>,
}

/// The changes under one prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffPrefix {
    /// The prefix, with its `/`.
    pub prefix: String,
    /// Objects and versions that came.
    pub added: DiffHeap,
    /// Objects and versions that went.
    pub removed: DiffHeap,
    /// All other changes.
    pub changed: DiffHeap,
    /// By how much objects grew.
    pub grown_bytes: ByteSize,
    /// By how much objects shrank.
    pub shrunk_bytes: ByteSize,
    /// For how many changes there should be a record, and none was found.
    pub unexplained: u64,
}

/// The changes of one client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffBy {
    /// The requester or the address; absent is anonymous.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// How many changes.
    pub changes: u64,
    /// Objects and versions that came.
    pub added: DiffHeap,
    /// Objects and versions that went.
    pub removed: DiffHeap,
    /// All other changes.
    pub changed: DiffHeap,
}

/// The rows of an answer, most bytes first, equal ones by key.
#[derive(Debug, Clone, Default)]
pub(super) struct DiffLists {
    pub(super) unexplained: Vec<DiffRow>,
    pub(super) added: Vec<DiffRow>,
    pub(super) grown: Vec<DiffRow>,
    pub(super) shrunk: Vec<DiffRow>,
    pub(super) overwritten: Vec<DiffRow>,
    pub(super) removed: Vec<DiffRow>,
    pub(super) transitioned: Vec<DiffRow>,
    pub(super) versions: Vec<DiffRow>,
    pub(super) prefixes: Vec<DiffPrefix>,
    pub(super) requesters: Vec<DiffBy>,
    pub(super) addresses: Vec<DiffBy>,
    pub(super) truncated: bool,
}
