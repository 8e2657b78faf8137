//! A lake that lies in a bucket: `object_store`'s interface over our own client, below one prefix.
//!
//! So its calls are measured, paced and bound to the endpoint policy like all others, and nothing outside of the prefix can be named.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{
    CopyMode, CopyOptions, Error, GetOptions, GetRange, GetResult, GetResultPayload, ListResult,
    MultipartUpload, ObjectMeta, ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result, UploadPart,
};
use spacewatch_model::{BucketName, ObjectKey, Prefix, Timestamp};
use spacewatch_s3::{self as s3, ObjectSummary, Order, Progress, Store, StoreError};

const NAME: &str = "bucket";

/// The largest object that is written or read as a whole. Files of a lake stay far below.
const MAX_OBJECT_BYTES: usize = 1 << 30;

/// Objects below one prefix of a bucket.
#[derive(Clone)]
pub(crate) struct BucketObjectStore {
    store: Store,
    bucket: BucketName,
    root: Prefix,
}

impl BucketObjectStore {
    /// Objects below `root`, which is empty or ends with `/`.
    pub(crate) fn new(store: Store, bucket: BucketName, root: Prefix) -> Self {
        Self { store, bucket, root }
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
        let head = head.map_err(|error| sorted(location, error))?;
        Ok(ObjectMeta {
            location: location.clone(),
            last_modified: modified(head.last_modified),
            size: head.size.0,
            e_tag: head.etag,
            version: head.version_id,
        })
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
impl ObjectStore for BucketObjectStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let mode = match options.mode {
            PutMode::Overwrite => s3::PutMode::Overwrite,
            PutMode::Create => s3::PutMode::Create,
            PutMode::Update(_) => return Err(unsupported("replacing a known version")),
        };
        self.put(location, whole(payload)?, mode).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        _options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(Upload {
            store: self.clone(),
            location: location.clone(),
            parts: Arc::default(),
            begun: 0,
        }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        if options.version.is_some() {
            return Err(unsupported("reading a version"));
        }
        let needs_head = options.head || !matches!(options.range, Some(GetRange::Bounded(_)));
        let (meta, range) = if needs_head {
            let meta = self.head(location).await?;
            let range = match &options.range {
                Some(range) => range
                    .as_range(meta.size)
                    .map_err(|error| generic(error.to_string()))?,
                None => 0..meta.size,
            };
            (Some(meta), range)
        } else {
            let Some(GetRange::Bounded(range)) = options.range.clone() else {
                return Err(generic("no range"));
            };
            (None, range)
        };
        if let (true, Some(meta)) = (options.head, &meta) {
            options.check_preconditions(meta)?;
            return Ok(result(meta.clone(), range, Bytes::new()));
        }
        let length = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
        if length > MAX_OBJECT_BYTES {
            return Err(generic(
                "more bytes are asked for at once than a lake's file holds",
            ));
        }
        let key = self.key(location)?;
        let body = self
            .store
            .get_object(&self.bucket, &key, Some(range.clone()), length);
        let body = body.await.map_err(|error| sorted(location, error))?;
        let meta = ObjectMeta {
            location: location.clone(),
            last_modified: modified(body.head.last_modified),
            size: body.head.size.0,
            e_tag: body.head.etag,
            version: body.head.version_id,
        };
        options.check_preconditions(&meta)?;
        let end = range.start.saturating_add(body.bytes.len() as u64);
        Ok(result(meta, range.start..end, body.bytes))
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

/// An upload in parts, which are joined here: a lake's files are small enough.
struct Upload {
    store: BucketObjectStore,
    location: Path,
    parts: Arc<Mutex<Vec<(usize, PutPayload)>>>,
    begun: usize,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.push((self.begun, data));
        self.begun = self.begun.saturating_add(1);
        futures::future::ready(Ok(())).boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let mut parts = std::mem::take(&mut *self.parts.lock().unwrap_or_else(PoisonError::into_inner));
        parts.sort_by_key(|(number, _)| *number);
        let body: PutPayload = parts.into_iter().flat_map(|(_, part)| part).collect();
        self.store
            .put(&self.location, whole(body)?, s3::PutMode::Overwrite)
            .await
    }

    async fn abort(&mut self) -> Result<()> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }
}

fn whole(payload: PutPayload) -> Result<Bytes> {
    if payload.content_length() > MAX_OBJECT_BYTES {
        return Err(generic("more bytes are written at once than a lake's file holds"));
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

fn result(meta: ObjectMeta, range: Range<u64>, bytes: Bytes) -> GetResult {
    GetResult {
        payload: GetResultPayload::Stream(stream::once(async { Ok(bytes) }).boxed()),
        meta,
        range,
        attributes: Default::default(),
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

impl fmt::Display for BucketObjectStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NAME} {}/{}", self.bucket, self.root)
    }
}

impl fmt::Debug for BucketObjectStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("location", &self.location)
            .field("parts", &self.begun)
            .finish_non_exhaustive()
    }
}
