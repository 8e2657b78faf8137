//! What stands in the files of a bundle.

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Digest;

/// What a bundle says that it is.
pub(crate) const FORMAT: &str = "spacewatch-evidence";
/// Changes when older versions can't check it any more. The second one came with findings; bundles of records only stay with the first.
pub(crate) const VERSION: u32 = 2;

/// In which version of the format a bundle is written.
pub(crate) fn version(of_finding: bool) -> u32 {
    if of_finding { VERSION } else { 1 }
}

/// What a bundle is about, and the digests of what it holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `spacewatch-evidence`.
    pub format: String,
    /// Of the format.
    pub version: u32,
    /// Of the SpaceWatch that wrote it.
    pub tool_version: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// Where the log lies.
    pub store: StoreNote,
    /// What was asked.
    pub question: Question,
    /// What the answer rests on, and the period it is about.
    pub coverage: Value,
    /// How many records it holds.
    pub records: u64,
    /// In how many log objects they stand.
    pub objects: u64,
    /// There were more records, and whoever asked wanted only the newest.
    pub truncated: bool,
    /// The files with records and their digests.
    pub files: Vec<FileDigest>,
}

/// Where a log lies. Never with credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreNote {
    /// The store's host.
    pub endpoint: String,
    /// The bucket that logs are delivered to.
    pub log_bucket: String,
    /// Where in it.
    pub log_prefix: String,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Which tool: `search-logs`.
    pub tool: String,
    /// With which arguments.
    pub arguments: Value,
}

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// Its name.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// The digest of its content.
    pub sha256: Digest,
}

/// A log object, as it was when the bundle was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectNote {
    /// Its key.
    pub key: String,
    /// How many of the records stand in it.
    pub records: u64,
    /// The store's mark of its content.
    pub etag: Option<String>,
    /// Its bytes as the store keeps them, packed or not.
    pub bytes: Option<u64>,
    /// When it was delivered.
    pub last_modified: Option<Timestamp>,
    /// The digest of those bytes; absent where it can't be checked at the store any more.
    pub sha256: Option<Digest>,
    /// Why not.
    pub unverifiable: Option<String>,
}

/// A setting that shows a finding: a line of `settings.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingNote {
    /// The bucket it is a setting of.
    pub bucket: String,
    /// Which one: `policy`.
    pub name: String,
    /// How long the document is.
    pub bytes: u64,
    /// Its digest.
    pub sha256: Digest,
    /// The store sent more than this.
    pub truncated: bool,
    /// What the store sent.
    pub document: String,
}

impl SettingNote {
    /// What a store sent.
    pub fn new(bucket: String, name: String, document: String, truncated: bool) -> Self {
        Self {
            bucket,
            name,
            bytes: u64::try_from(document.len()).unwrap_or(u64::MAX),
            sha256: Digest::of(document.as_bytes()),
            truncated,
            document,
        }
    }

    /// Whether the document is what was digested.
    pub(crate) fn holds(&self) -> bool {
        u64::try_from(self.document.len()).is_ok_and(|length| length == self.bytes)
            && Digest::of(self.document.as_bytes()) == self.sha256
    }
}

/// A line of `records.jsonl`, as it is written.
#[derive(Serialize)]
pub(crate) struct RecordLine<'a> {
    pub(crate) log_object: &'a str,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) sha256: Digest,
    /// Where the line begins in `lines.log`.
    pub(crate) at: u64,
    pub(crate) record: &'a Value,
}

/// The same as it is read: whatever the fields of the record are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordNote {
    pub(crate) log_object: String,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) sha256: Digest,
    pub(crate) at: u64,
    #[serde(rename = "record")]
    pub(crate) _record: IgnoredAny,
}
