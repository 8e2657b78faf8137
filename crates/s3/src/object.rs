//! What a store tells about buckets and objects.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use jiff::Timestamp;
use spacewatch_model::{BucketName, ByteSize, ObjectKey, Prefix};

/// A bucket of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: BucketName,
    /// When it was made, if the store says so.
    pub created: Option<Timestamp>,
}

/// An object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSummary {
    /// Its key.
    pub key: ObjectKey,
    /// Its size.
    pub size: ByteSize,
    /// When it was written last, if the store says so.
    pub last_modified: Option<Timestamp>,
    /// The store's mark of this content, without the quotes around it.
    pub etag: Option<String>,
    /// The storage class, as the store writes it.
    pub storage_class: Option<String>,
}

/// A version of an object, or a mark that it was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectVersion {
    /// Its key.
    pub key: ObjectKey,
    /// Its version; `null` for what was written before the bucket kept versions.
    pub version_id: Option<String>,
    /// Whether it is what the key holds now.
    pub is_latest: bool,
    /// Whether it is no content but a mark that there is none.
    pub is_delete_marker: bool,
    /// Its size; 0 for a delete marker.
    pub size: ByteSize,
    /// When it was written, if the store says so.
    pub last_modified: Option<Timestamp>,
    /// The store's mark of this content, without the quotes around it.
    pub etag: Option<String>,
    /// The storage class, as the store writes it.
    pub storage_class: Option<String>,
}

/// An upload in parts that was begun and neither completed nor given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The key it is for.
    pub key: ObjectKey,
    /// What the store calls it.
    pub id: String,
    /// When it was begun, if the store says so.
    pub initiated: Option<Timestamp>,
    /// The storage class the object would have.
    pub storage_class: Option<String>,
}

/// A page of uploads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadPage {
    /// Uploads, by key.
    pub uploads: Vec<Upload>,
    /// The next page begins behind this upload; absent when this was the last one.
    pub next: Option<UploadMarker>,
}

/// An upload that a page begins behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadMarker {
    /// Its key.
    pub key: ObjectKey,
    /// What the store calls it.
    pub id: String,
}

/// What an upload holds so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UploadedParts {
    /// How many parts.
    pub parts: u64,
    /// Their size together.
    pub bytes: ByteSize,
}

/// Keys behind one and up to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyRange {
    /// Behind this key; empty means from the beginning.
    pub after: String,
    /// Up to this key; absent means to the end.
    pub until: Option<String>,
}

impl KeyRange {
    /// All keys.
    pub fn whole() -> Self {
        Self {
            after: String::new(),
            until: None,
        }
    }
}

/// What one page of a scan brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned<T> {
    /// What lies there, by key.
    pub entries: Vec<T>,
    /// The keys about which this page told everything.
    pub covered: Vec<KeyRange>,
}

/// An object as `HEAD` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    /// Its size.
    pub size: ByteSize,
    /// When it was written last.
    pub last_modified: Option<Timestamp>,
    /// The store's mark of this content, without the quotes around it.
    pub etag: Option<String>,
    /// Its media type.
    pub content_type: Option<String>,
    /// Its storage class, where it isn't the standard one.
    pub storage_class: Option<String>,
    /// Its version, in a bucket with versions.
    pub version_id: Option<String>,
}

/// An object's content, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectBody {
    /// The bytes asked for.
    pub bytes: Bytes,
    /// What the store tells about the object; the size is the whole object's.
    pub head: ObjectHead,
}

/// One level of a prefix: what stands directly under it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Level {
    /// Objects directly under the prefix, by key.
    pub objects: Vec<ObjectSummary>,
    /// Prefixes one level down, each with its `/` at the end, by name.
    pub common_prefixes: Vec<Prefix>,
    /// Where the next page begins, if there is one.
    pub next: Option<PageToken>,
}

/// A page of a listing without levels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyPage {
    /// Objects, by key.
    pub objects: Vec<ObjectSummary>,
    /// The next page begins behind this key; absent when this was the last one.
    pub next: Option<ObjectKey>,
}

/// Where a page of a [`Level`] begins: behind a key or a common prefix. Opaque to whoever passes it on;
/// its text form holds only letters and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageToken(Prefix);

impl PageToken {
    pub(crate) fn after(last: Prefix) -> Self {
        Self(last)
    }

    pub(crate) fn last(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("p")?;
        self.0
            .as_str()
            .bytes()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for PageToken {
    type Err = InvalidPageToken;

    fn from_str(text: &str) -> Result<Self, InvalidPageToken> {
        decode(text).map(Self).ok_or(InvalidPageToken)
    }
}

fn decode(text: &str) -> Option<Prefix> {
    let digits = text
        .strip_prefix('p')
        .filter(|digits| digits.is_ascii() && digits.len().is_multiple_of(2))?;
    let bytes: Option<Vec<u8>> = (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digits.get(at..at.saturating_add(2))?, 16).ok())
        .collect();
    String::from_utf8(bytes?).ok()?.try_into().ok()
}

/// The text is no page token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a page token of a listing")]
pub struct InvalidPageToken;

/// In which order a listing comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// In whatever order parts of the key space arrive: many requests at a time.
    #[default]
    Any,
    /// By key, in the order of their UTF-8 bytes: one request after the other.
    ByKey,
}
