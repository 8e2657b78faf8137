//! What the store holds: tenants, keys, buckets and every version of every object.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use s3s::dto;

use crate::content::Content;
use crate::dice::mix;
use crate::operation::Operation;
use crate::synthetic::SyntheticBucket;

/// Everything, behind one lock: a page of a listing or a copy sees one moment.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) tenants: Vec<String>,
    pub(crate) keys: HashMap<String, AccessKey>,
    pub(crate) buckets: BTreeMap<String, Bucket>,
    serial: u64,
}

/// A key pair: whose it is, and what it may do.
#[derive(Debug, Clone)]
pub(crate) struct AccessKey {
    pub(crate) tenant: usize,
    pub(crate) secret: spacewatch_model::Secret,
    /// `None`: everything the tenant has. Else only these buckets.
    pub(crate) grants: Option<Vec<(String, Grant)>>,
}

/// What a limited key may do with a bucket, as on Spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// List and read.
    Read,
    /// List, read, write and delete objects.
    ReadWrite,
    /// All of that, and the bucket's configuration except its ACL.
    FullAccess,
}

/// One bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) owner: usize,
    pub(crate) created: i64,
    pub(crate) contents: Contents,
    pub(crate) versioning: Versioning,
    pub(crate) settings: Settings,
    /// By key, then upload id: the order of ListMultipartUploads.
    pub(crate) uploads: BTreeMap<(String, String), Upload>,
}

/// Whether old versions are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Versioning {
    #[default]
    Never,
    Enabled,
    Suspended,
}

/// The configuration documents of a bucket, kept as they came.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) logging: Option<dto::LoggingEnabled>,
    /// Whether the log objects of this bucket are packed. S3 has no setting for it, but some stores do it.
    pub(crate) gzip_logs: bool,
    pub(crate) lifecycle: Option<dto::LifecycleRules>,
    pub(crate) cors: Option<dto::CORSRules>,
    pub(crate) policy: Option<String>,
    /// What the policy lets everybody do.
    pub(crate) opened: Opened,
    pub(crate) acl: CannedAcl,
    pub(crate) encryption: Option<dto::ServerSideEncryptionConfiguration>,
    pub(crate) object_lock: Option<dto::ObjectLockConfiguration>,
    pub(crate) public_access_block: Option<dto::PublicAccessBlockConfiguration>,
    pub(crate) ownership: Option<dto::OwnershipControls>,
}

/// The access control lists that a bucket can have here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CannedAcl {
    /// The owner alone.
    #[default]
    Private,
    /// Everybody may list and read.
    PublicRead,
    /// Everybody may list, read and write.
    PublicReadWrite,
    /// Whoever has any keys of this store may list and read.
    AuthenticatedRead,
}

/// What a policy lets everybody do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) read: bool,
    pub(crate) list: bool,
    pub(crate) write: bool,
}

impl Settings {
    /// Whether somebody who isn't of the bucket's tenant may do this; `signed` with some keys or not.
    pub(crate) fn opens(&self, operation: Operation, signed: bool) -> bool {
        let block = self.public_access_block.as_ref();
        let is_set = |flag: Option<Option<bool>>| flag.flatten() == Some(true);
        let opened = if is_set(block.map(|block| block.restrict_public_buckets)) {
            Opened::default()
        } else {
            self.opened
        };
        let acl = if is_set(block.map(|block| block.ignore_public_acls)) {
            CannedAcl::Private
        } else {
            self.acl
        };
        let reads = match acl {
            CannedAcl::Private => false,
            CannedAcl::PublicRead | CannedAcl::PublicReadWrite => true,
            CannedAcl::AuthenticatedRead => signed,
        };
        match operation {
            Operation::GetObject | Operation::HeadObject => reads || opened.read,
            Operation::ListObjects | Operation::ListObjectsV2 | Operation::HeadBucket => reads || opened.list,
            Operation::PutObject => acl == CannedAcl::PublicReadWrite || opened.write,
            _ => false,
        }
    }
}

/// The keys of a bucket.
#[derive(Debug)]
pub(crate) enum Contents {
    /// Every key with its versions.
    Stored(BTreeMap<String, History>),
    /// Keys that follow from their index; such a bucket can only be read.
    Synthetic(SyntheticBucket),
}

/// The versions of one key, oldest first.
#[derive(Debug, Default)]
pub(crate) struct History(pub(crate) Vec<Version>);

/// A version: an object, or the mark that it was deleted.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) id: VersionId,
    pub(crate) modified: i64,
    pub(crate) object: Option<Arc<Object>>,
}

/// The name of a version: `null` in a bucket that keeps no versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VersionId(Option<u64>);

/// An object as stored.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) content: Content,
    pub(crate) etag: Etag,
    pub(crate) storage_class: &'static str,
    pub(crate) headers: Headers,
}

/// What is given back with an object on reading.
#[derive(Debug, Clone, Default)]
pub(crate) struct Headers {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) metadata: Option<dto::Metadata>,
}

/// A multipart upload that goes on.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) started: i64,
    pub(crate) storage_class: &'static str,
    pub(crate) headers: Headers,
    pub(crate) parts: BTreeMap<i32, UploadedPart>,
}

/// A part of it.
#[derive(Debug, Clone)]
pub(crate) struct UploadedPart {
    pub(crate) content: Content,
    pub(crate) etag: Etag,
    pub(crate) modified: i64,
}

/// What a listing tells of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) size: u64,
    /// Seconds since 1970: S3 tells whole seconds.
    pub(crate) modified: i64,
    pub(crate) etag: Etag,
    pub(crate) storage_class: &'static str,
}

/// An ETag: a digest, and the number of parts of a multipart upload (0 for a plain one).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Etag {
    pub(crate) digest: [u8; 16],
    pub(crate) parts: u32,
}

/// Parts in which clients upload large files.
const USUAL_PART: u64 = 8 * 1024 * 1024;

impl Etag {
    /// An ETag for content that was never uploaded. It has the form of a multipart upload, because clients
    /// compare a plain one with the MD5 of what they read.
    pub(crate) fn scattered(seed: u64, size: u64) -> Self {
        let mut digest = [0; 16];
        digest[..8].copy_from_slice(&mix(seed ^ size).to_le_bytes());
        digest[8..].copy_from_slice(&mix(seed.wrapping_add(size) ^ 0x5eed).to_le_bytes());
        let parts = u32::try_from(size.div_ceil(USUAL_PART).max(1)).unwrap_or(u32::MAX);
        Self { digest, parts }
    }

    /// Writes the text without quotes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        for byte in self.digest {
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        }
        if self.parts > 0 {
            out.push(b'-');
            out.extend_from_slice(self.parts.to_string().as_bytes());
        }
    }

    pub(crate) fn dto(&self) -> dto::ETag {
        dto::ETag::Strong(self.to_string())
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(40);
        self.write(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(serial) => write!(f, "{:016x}{serial:08x}", mix(serial)),
            None => f.write_str("null"),
        }
    }
}

impl VersionId {
    pub(crate) const NULL: Self = Self(None);

    pub(crate) fn numbered(serial: u64) -> Self {
        Self(Some(serial))
    }
}

impl Version {
    pub(crate) fn facts(&self) -> Option<Facts> {
        let object = self.object.as_ref()?;
        Some(Facts {
            size: object.content.size(),
            modified: self.modified,
            etag: object.etag,
            storage_class: object.storage_class,
        })
    }
}

impl History {
    pub(crate) fn newest(&self) -> Option<&Version> {
        self.0.last()
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Version> {
        self.0.iter().find(|version| version.id.to_string() == id)
    }

    /// Puts a version on top. The version called `null` is there at most once.
    fn push(&mut self, version: Version) {
        if version.id == VersionId::NULL {
            self.0.retain(|old| old.id != VersionId::NULL);
        }
        self.0.push(version);
    }
}

impl Bucket {
    pub(crate) fn new(owner: usize, created: i64) -> Self {
        Self {
            owner,
            created,
            contents: Contents::Stored(BTreeMap::new()),
            versioning: Versioning::default(),
            settings: Settings::default(),
            uploads: BTreeMap::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match &self.contents {
            Contents::Stored(keys) => keys.is_empty(),
            Contents::Synthetic(bucket) => bucket.keys.count() == 0,
        }
    }

    /// The newest version of a key, made up for a synthetic one; a delete marker is a version too.
    pub(crate) fn newest(&self, key: &str) -> Option<Version> {
        match &self.contents {
            Contents::Stored(keys) => keys.get(key)?.newest().cloned(),
            Contents::Synthetic(bucket) => {
                let (facts, seed) = bucket.find(key)?;
                let object = Object {
                    content: Content::sparse(seed, facts.size),
                    etag: facts.etag,
                    storage_class: facts.storage_class,
                    headers: Headers {
                        content_type: Some("application/octet-stream".to_owned()),
                        ..Headers::default()
                    },
                };
                Some(Version {
                    id: VersionId::NULL,
                    modified: facts.modified,
                    object: Some(Arc::new(object)),
                })
            }
        }
    }

    /// The keys from a bound on, as a listing needs them.
    pub(crate) fn cursor(&self, from: Bound<&str>) -> Cursor<'_> {
        let mut cursor = match &self.contents {
            Contents::Stored(keys) => Cursor::Stored {
                keys,
                range: keys.range::<str, _>((Bound::Unbounded, Bound::Unbounded)),
            },
            Contents::Synthetic(bucket) => Cursor::Synthetic {
                bucket,
                index: 0,
                key: String::new(),
            },
        };
        cursor.seek(from);
        cursor
    }
}

/// A place in the keys of a bucket, in byte order.
#[derive(Debug)]
pub(crate) enum Cursor<'a> {
    Stored {
        keys: &'a BTreeMap<String, History>,
        range: std::collections::btree_map::Range<'a, String, History>,
    },
    Synthetic {
        bucket: &'a SyntheticBucket,
        index: u64,
        key: String,
    },
}

impl Cursor<'_> {
    /// Goes to the first key at or behind the bound.
    pub(crate) fn seek(&mut self, from: Bound<&str>) {
        match self {
            Self::Stored { keys, range } => *range = keys.range::<str, _>((from, Bound::Unbounded)),
            Self::Synthetic { bucket, index, .. } => *index = bucket.seek(from),
        }
    }

    /// The next key whose newest version is an object.
    pub(crate) fn next(&mut self) -> Option<(&str, Facts)> {
        match self {
            Self::Stored { range, .. } => range.find_map(|(key, history)| {
                let facts = history.newest()?.facts()?;
                Some((key.as_str(), facts))
            }),
            Self::Synthetic { bucket, index, key } => {
                let facts = bucket.at(*index, key)?;
                *index += 1;
                Some((key.as_str(), facts))
            }
        }
    }
}

/// What a deletion left behind.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Deleted {
    pub(crate) version: Option<VersionId>,
    pub(crate) marker: bool,
}

impl World {
    /// Whether requests on the bucket are logged. Those on a bucket that takes logs never are: they would go round.
    pub(crate) fn is_logged(&self, name: &str) -> bool {
        let takes_logs = |bucket: &Bucket| {
            let logging = bucket.settings.logging.as_ref();
            logging.is_some_and(|logging| logging.target_bucket == name)
        };
        let bucket = self.buckets.get(name);
        bucket.is_some_and(|bucket| bucket.settings.logging.is_some())
            && !self.buckets.values().any(takes_logs)
    }

    /// A number never given before.
    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Stores an object as the newest version; `None` when there is no such bucket or it is synthetic.
    pub(crate) fn put(&mut self, bucket: &str, key: &str, object: Object, now: i64) -> Option<VersionId> {
        self.push(bucket, key, Some(Arc::new(object)), now)
    }

    fn push(
        &mut self,
        bucket: &str,
        key: &str,
        object: Option<Arc<Object>>,
        modified: i64,
    ) -> Option<VersionId> {
        let serial = self.next_serial();
        let bucket = self.buckets.get_mut(bucket)?;
        let id = match bucket.versioning {
            Versioning::Enabled => VersionId(Some(serial)),
            Versioning::Never | Versioning::Suspended => VersionId::NULL,
        };
        let Contents::Stored(keys) = &mut bucket.contents else {
            return None;
        };
        let version = Version { id, modified, object };
        match keys.get_mut(key) {
            Some(history) => history.push(version),
            None => {
                keys.insert(key.to_owned(), History(vec![version]));
            }
        }
        Some(id)
    }

    /// Deletes one version for good, or the key: with a marker where versions are kept.
    pub(crate) fn delete(&mut self, bucket: &str, key: &str, version: Option<&str>, now: i64) -> Deleted {
        let Some(found) = self.buckets.get_mut(bucket) else {
            return Deleted::default();
        };
        let versioning = found.versioning;
        let Contents::Stored(keys) = &mut found.contents else {
            return Deleted::default();
        };
        if let Some(version) = version {
            return delete_version(keys, key, version);
        }
        if versioning == Versioning::Never {
            keys.remove(key);
            return Deleted::default();
        }
        Deleted {
            version: self.push(bucket, key, None, now),
            marker: true,
        }
    }
}

fn delete_version(keys: &mut BTreeMap<String, History>, key: &str, version: &str) -> Deleted {
    let Some(history) = keys.get_mut(key) else {
        return Deleted::default();
    };
    let Some(index) = history.0.iter().position(|v| v.id.to_string() == version) else {
        return Deleted::default();
    };
    let removed = history.0.remove(index);
    if history.0.is_empty() {
        keys.remove(key);
    }
    Deleted {
        version: Some(removed.id),
        marker: removed.object.is_none(),
    }
}
