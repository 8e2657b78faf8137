//! What stands in an inventory.

use serde::{Deserialize, Serialize};
use spacewatch_model::Timestamp;
use spacewatch_s3::{ObjectSummary, ObjectVersion, Upload, UploadedParts};
use utoipa::ToSchema;

/// What kind of thing an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What a key holds now.
    Current,
    /// An older version of an object.
    Noncurrent,
    /// The mark that a key was deleted.
    DeleteMarker,
    /// An upload in parts that was never completed.
    Upload,
}

impl Kind {
    /// As it stands in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Noncurrent => "noncurrent",
            Self::DeleteMarker => "delete_marker",
            Self::Upload => "upload",
        }
    }

    /// From the table.
    pub(crate) fn of(text: &str) -> Option<Self> {
        match text {
            "current" => Some(Self::Current),
            "noncurrent" => Some(Self::Noncurrent),
            "delete_marker" => Some(Self::DeleteMarker),
            "upload" => Some(Self::Upload),
            _ => None,
        }
    }
}

/// An entry, borrowed from wherever it stands. Columns that weren't asked for are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) key: &'a str,
    pub(crate) kind: Kind,
    /// Whether it is the newest entry of its key.
    pub(crate) is_latest: bool,
    /// The version, or what the store calls the upload.
    pub(crate) version_id: Option<&'a str>,
    pub(crate) size: u64,
    /// When it was written, or the upload begun: microseconds since the epoch.
    pub(crate) modified: Option<i64>,
    pub(crate) etag: Option<&'a str>,
    pub(crate) storage_class: Option<&'a str>,
    /// Parts of an upload so far.
    pub(crate) parts: Option<u64>,
    /// A rule drops the upload so many days after it was begun.
    pub(crate) drop_after_days: Option<u32>,
}

/// What a key holds now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredObject<'a> {
    /// The key.
    pub key: &'a str,
    /// The object's size.
    pub size: u64,
    /// When it was written.
    pub modified: Option<Timestamp>,
}

impl<'a> StoredObject<'a> {
    pub(crate) const COLUMNS: [&'static str; 4] = ["key", "kind", "size", "last_modified"];

    pub(crate) fn of(row: &Row<'a>) -> Self {
        Self {
            key: row.key,
            size: row.size,
            modified: timestamp(row.modified),
        }
    }
}

/// A version of an object, or the mark that it was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// What it is.
    pub kind: Kind,
    /// Whether it is the newest of its key.
    pub is_latest: bool,
    /// Which version, where the inventory saw versions.
    pub version_id: Option<String>,
    /// Its size; a delete marker has none.
    pub size: u64,
    /// When it was written.
    pub modified: Option<Timestamp>,
    /// Its entity tag.
    pub etag: Option<String>,
    /// Its storage class, where the store tells one.
    pub storage_class: Option<String>,
}

impl StoredVersion {
    pub(crate) fn of(row: &Row<'_>) -> Self {
        Self {
            kind: row.kind,
            is_latest: row.is_latest,
            version_id: row.version_id.map(str::to_owned),
            size: row.size,
            modified: timestamp(row.modified),
            etag: row.etag.map(str::to_owned),
            storage_class: row.storage_class.map(str::to_owned),
        }
    }
}

/// An entry on its way into the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    kind: Kind,
    is_latest: bool,
    version_id: Option<String>,
    size: u64,
    modified: Option<i64>,
    etag: Option<String>,
    storage_class: Option<String>,
    parts: Option<u64>,
    drop_after_days: Option<u32>,
}

impl Entry {
    pub(crate) fn upload(upload: Upload, parts: UploadedParts, drop_after_days: Option<u32>) -> Self {
        Self {
            key: upload.key.into(),
            kind: Kind::Upload,
            is_latest: false,
            version_id: Some(upload.id),
            size: parts.bytes.0,
            modified: micros(upload.initiated),
            etag: None,
            storage_class: upload.storage_class,
            parts: Some(parts.parts),
            drop_after_days,
        }
    }

    pub(crate) fn row(&self) -> Row<'_> {
        Row {
            key: &self.key,
            kind: self.kind,
            is_latest: self.is_latest,
            version_id: self.version_id.as_deref(),
            size: self.size,
            modified: self.modified,
            etag: self.etag.as_deref(),
            storage_class: self.storage_class.as_deref(),
            parts: self.parts,
            drop_after_days: self.drop_after_days,
        }
    }
}

impl From<ObjectSummary> for Entry {
    fn from(object: ObjectSummary) -> Self {
        Self {
            key: object.key.into(),
            kind: Kind::Current,
            is_latest: true,
            version_id: None,
            size: object.size.0,
            modified: micros(object.last_modified),
            etag: object.etag,
            storage_class: object.storage_class,
            parts: None,
            drop_after_days: None,
        }
    }
}

impl From<ObjectVersion> for Entry {
    fn from(version: ObjectVersion) -> Self {
        Self {
            kind: match (version.is_delete_marker, version.is_latest) {
                (true, _) => Kind::DeleteMarker,
                (false, true) => Kind::Current,
                (false, false) => Kind::Noncurrent,
            },
            key: version.key.into(),
            is_latest: version.is_latest,
            version_id: version.version_id,
            size: version.size.0,
            modified: micros(version.last_modified),
            etag: version.etag,
            storage_class: version.storage_class,
            parts: None,
            drop_after_days: None,
        }
    }
}

fn micros(time: Option<Timestamp>) -> Option<i64> {
    time.map(|time| time.as_microsecond())
}

/// A moment as it stands in the table; what is no moment at all is left out.
pub(crate) fn timestamp(micros: Option<i64>) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros?).ok()
}
