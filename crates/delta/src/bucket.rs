//! Keys below one prefix of a bucket as an object store: somebody's own client and credentials, and no other key.
//!
//! So calls are measured, paced and bound to the endpoint policy like all others.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt, future, stream};
use object_store::path::Path;
use object_store::{
    Attributes, CopyMode, CopyOptions, Error, GetOptions, GetRange, GetResult, GetResultPayload, ListResult,
    MultipartUpload, ObjectMeta, ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result, UploadPart,
};
use spacewatch_model::{BucketName, ObjectKey, Prefix, Timestamp};
use spacewatch_s3::{self as s3, ObjectHead, ObjectSummary, Order, Progress, Store, StoreError};

const NAME: &str = "bucket";

/// The longest object that is written, and the most that is read of one at once. Files of tables stay far below.
const MAX_BYTES: u64 = 256 << 20;

/// Keys below one prefix of a bucket, as an object store. There is no replacing of a known version; what is copied or sent in parts
/// goes through memory.
#[derive(Clone)]
pub struct Bucket {
    store: Store,
    bucket: BucketName,
    root: Prefix,
}

impl Bucket {
    /// Asks nothing yet. Nothing but keys below `folder` is read or written.
    pub fn open(store: Store, bucket: BucketName, folder: &Prefix) -> Arc<dyn ObjectStore> {
        Arc::new(Self {
            store,
            bucket,
            root: folder.as_folder(),
        })
    }

    fn key(&self, location: &Path) -> Result<ObjectKey> {
        let key = format!("{}{location}", self.root.as_str());
        key.try_into().map_err(|error| generic(format!("{error}")))
    }

    fn prefix(&self, below: Option<&Path>) -> Result<Prefix> {
        let below = match below {
            Some(path) if !path.as_ref().is_empty() => format!("{path}/"),
            _ => String::new(),
        };
        let prefix = format!("{}{below}", self.root.as_str());
        prefix.try_into().map_err(|error| generic(format!("{error}")))
    }

    fn location(&self, key: &str) -> Result<Path> {
        let below = key.strip_prefix(self.root.as_str());
        let below = below.ok_or_else(|| generic("the store listed a key outside of the prefix"))?;
        Ok(Path::parse(below)?)
    }

    fn meta(&self, object: &ObjectSummary) -> Result<ObjectMeta> {
        Ok(ObjectMeta {
            location: self.location(object.key.as_str())?,
            last_modified: modified(object.last_modified),
            size: object.size.0,
            e_tag: object.etag.clone(),
            version: None,
        })
    }

    async fn head(&self, location: &Path) -> Result<ObjectMeta> {
        let head = self.store.head_object(&self.bucket, &self.key(location)?).await;
        Ok(meta(location, head.map_err(|error| sorted(location, error))?))
    }

    async fn put(&self, location: &Path, body: Bytes, mode: s3::PutMode) -> Result<PutResult> {
        let key = self.key(location)?;
        let written = self.store.put_object(&self.bucket, &key, body, mode).await;
        let e_tag = written.map_err(|error| match error {
            StoreError::Precondition(_) => Error::AlreadyExists {
                path: location.to_string(),
                source: Box::new(error),
            },
            error => sorted(location, error),
        })?;
        Ok(PutResult { e_tag, version: None })
    }

    /// All of an object, as it comes.
    async fn whole(&self, location: &Path, options: &GetOptions) -> Result<GetResult> {
        let key = self.key(location)?;
        let opened = self
            .store
            .open_object(&self.bucket, &key, None, &Progress::default())
            .await;
        let body = opened.map_err(|error| sorted(location, error))?;
        let meta = meta(location, body.head().clone());
        if meta.size > MAX_BYTES {
            return Err(generic("the object is longer than any file of a table"));
        }
        options.check_preconditions(&meta)?;
        let parts = stream::try_unfold((body, location.clone()), |(mut body, location)| async move {
            let part = body.next().await.map_err(|error| sorted(&location, error))?;
            Ok(part.map(|part| (part, (body, location))))
        });
        let range = 0..meta.size;
        Ok(result(meta, range, parts.boxed()))
    }

    /// A part of an object, in memory.
    async fn part(&self, location: &Path, range: Range<u64>, options: &GetOptions) -> Result<GetResult> {
        let length = range.end.saturating_sub(range.start);
        if length > MAX_BYTES {
            return Err(generic("more is asked for at once than is held in memory"));
        }
        let length = usize::try_from(length).map_err(|error| generic(error.to_string()))?;
        let key = self.key(location)?;
        let read = self
            .store
            .get_object(&self.bucket, &key, Some(range.clone()), length)
            .await;
        let body = read.map_err(|error| sorted(location, error))?;
        let meta = meta(location, body.head);
        options.check_preconditions(&meta)?;
        let end = range
            .start
            .saturating_add(u64::try_from(body.bytes.len()).unwrap_or(u64::MAX));
        Ok(result(
            meta,
            range.start..end,
            stream::once(async { Ok(body.bytes) }).boxed(),
        ))
    }

    async fn delete_one(&self, location: Path) -> Result<Path> {
        let deleted = self
            .store
            .delete_object(&self.bucket, &self.key(&location)?)
            .await;
        deleted.map_err(|error| sorted(&location, error))?;
        Ok(location)
    }
}

#[async_trait]
impl ObjectStore for Bucket {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let mode = match options.mode {
            PutMode::Overwrite => s3::PutMode::Overwrite,
            PutMode::Create => s3::PutMode::Create,
            PutMode::Update(_) => return Err(unsupported("replacing a known version")),
        };
        self.put(location, joined(payload)?, mode).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        _options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(Upload {
            bucket: self.clone(),
            location: location.clone(),
            parts: Vec::new(),
            bytes: 0,
        }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        if options.version.is_some() {
            return Err(unsupported("reading a version"));
        }
        if options.head {
            let meta = self.head(location).await?;
            options.check_preconditions(&meta)?;
            return Ok(result(meta, 0..0, stream::empty().boxed()));
        }
        match &options.range {
            None => self.whole(location, &options).await,
            Some(GetRange::Bounded(range)) => self.part(location, range.clone(), &options).await,
            Some(range) => {
                let meta = self.head(location).await?;
                let range = range
                    .as_range(meta.size)
                    .map_err(|error| generic(error.to_string()))?;
                self.part(location, range, &options).await
            }
        }
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        locations
            .and_then(move |location| {
                let store = store.clone();
                async move { store.delete_one(location).await }
            })
            .boxed()
    }

    fn list(&self, below: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let store = self.clone();
        let prefix = match self.prefix(below) {
            Ok(prefix) => prefix,
            Err(error) => return stream::once(async { Err(error) }).boxed(),
        };
        let pages = self
            .store
            .list_all(self.bucket.clone(), prefix, Order::ByKey, Progress::default());
        pages
            .map(move |page| {
                let objects = page.map_err(|error| sorted(&Path::default(), error))?;
                let metas: Vec<_> = objects.iter().map(|object| store.meta(object)).collect();
                Ok::<_, Error>(stream::iter(metas))
            })
            .try_flatten()
            .boxed()
    }

    async fn list_with_delimiter(&self, below: Option<&Path>) -> Result<ListResult> {
        let prefix = self.prefix(below)?;
        let (mut objects, mut common_prefixes, mut page) = (Vec::new(), Vec::new(), None);
        loop {
            let level = self.store.list_level(&self.bucket, &prefix, page.as_ref(), 1000);
            let level = level.await.map_err(|error| sorted(&Path::default(), error))?;
            for object in &level.objects {
                objects.push(self.meta(object)?);
            }
            for folder in &level.common_prefixes {
                common_prefixes.push(self.location(folder.as_str().trim_end_matches('/'))?);
            }
            match level.next {
                Some(next) => page = Some(next),
                None => break,
            }
        }
        Ok(ListResult {
            objects,
            common_prefixes,
        })
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let mode = match options.mode {
            CopyMode::Overwrite => s3::PutMode::Overwrite,
            CopyMode::Create => s3::PutMode::Create,
        };
        let body = self.get_opts(from, GetOptions::default()).await?.bytes().await?;
        self.put(to, body, mode).await.map(drop)
    }
}

/// An upload in parts, which are joined here: files of tables are small enough.
struct Upload {
    bucket: Bucket,
    location: Path,
    parts: Vec<PutPayload>,
    bytes: u64,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.bytes = self.bytes.saturating_add(length_of(&data));
        if self.bytes > MAX_BYTES {
            self.parts.clear();
            return future::ready(Err(too_long())).boxed();
        }
        self.parts.push(data);
        future::ready(Ok(())).boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        if self.bytes > MAX_BYTES {
            return Err(too_long());
        }
        let body: PutPayload = std::mem::take(&mut self.parts).into_iter().flatten().collect();
        self.bucket
            .put(&self.location, joined(body)?, s3::PutMode::Overwrite)
            .await
    }

    async fn abort(&mut self) -> Result<()> {
        self.parts.clear();
        Ok(())
    }
}

fn length_of(payload: &PutPayload) -> u64 {
    u64::try_from(payload.content_length()).unwrap_or(u64::MAX)
}

fn too_long() -> Error {
    generic("more is written at once than a table's file holds")
}

fn joined(payload: PutPayload) -> Result<Bytes> {
    if length_of(&payload) > MAX_BYTES {
        return Err(too_long());
    }
    let mut parts = payload.into_iter();
    let first = parts.next().unwrap_or_default();
    let Some(second) = parts.next() else {
        return Ok(first);
    };
    let mut body = BytesMut::from(first);
    body.extend_from_slice(&second);
    parts.for_each(|part| body.extend_from_slice(&part));
    Ok(body.freeze())
}

fn meta(location: &Path, head: ObjectHead) -> ObjectMeta {
    ObjectMeta {
        location: location.clone(),
        last_modified: modified(head.last_modified),
        size: head.size.0,
        e_tag: head.etag,
        version: head.version_id,
    }
}

fn result(meta: ObjectMeta, range: Range<u64>, parts: BoxStream<'static, Result<Bytes>>) -> GetResult {
    GetResult {
        payload: GetResultPayload::Stream(parts),
        meta,
        range,
        attributes: Attributes::default(),
    }
}

/// The moment as `object_store` writes it; stores that tell none give the beginning of time.
fn modified(moment: Option<Timestamp>) -> chrono::DateTime<chrono::Utc> {
    let moment = moment.unwrap_or(Timestamp::UNIX_EPOCH);
    chrono::DateTime::from_timestamp(moment.as_second(), 0).unwrap_or_default()
}

fn sorted(location: &Path, error: StoreError) -> Error {
    let path = location.to_string();
    match error {
        StoreError::NoSuchKey(_) => Error::NotFound {
            path,
            source: Box::new(error),
        },
        StoreError::NotSupported(_) => Error::NotSupported {
            source: Box::new(error),
        },
        StoreError::Precondition(_) => Error::Precondition {
            path,
            source: Box::new(error),
        },
        StoreError::AccessDenied(_) => Error::PermissionDenied {
            path,
            source: Box::new(error),
        },
        StoreError::InvalidCredentials(_) => Error::Unauthenticated {
            path,
            source: Box::new(error),
        },
        error => Error::Generic {
            store: NAME,
            source: Box::new(error),
        },
    }
}

fn generic(why: impl Into<String>) -> Error {
    Error::Generic {
        store: NAME,
        source: why.into().into(),
    }
}

fn unsupported(what: &str) -> Error {
    Error::NotSupported {
        source: what.to_owned().into(),
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bucket, self.root)
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("location", &self.location)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}
