//! Objects of a period, from memory or from the store.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt, TryStreamExt};
use spacewatch_model::{BucketName, Prefix, TimeRange};
use spacewatch_s3::{Progress, Store, StoreError};

use crate::cache::CacheKey;
use crate::held::Held;
use crate::listing::{self, Found};
use crate::place::folders;
use crate::reading::off_thread;
use crate::{Place, Reading, SnapshotError, Snapshots};

/// Objects fetched at once.
const AT_ONCE: usize = 32;
/// How often a listing is read anew because what it named was replaced meanwhile.
const ATTEMPTS: usize = 5;
/// Bytes of one object.
const MAX_OBJECT: u64 = 64 << 20;
/// Bytes of all objects of one answer.
const MAX_PACKED: u64 = 512 << 20;

/// Objects of an answer in memory.
pub(crate) struct Gathered {
    pub(crate) held: Vec<Arc<Held>>,
    unreadable: u64,
}

impl Gathered {
    pub(crate) fn reading(&self) -> Reading {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Reading {
            objects_read: count(self.held.len()),
            objects_legacy: count(self.held.iter().filter(|held| held.is_legacy()).count()),
            objects_broken: self.unreadable,
            ..Reading::default()
        }
    }
}

pub(crate) enum Fetched {
    Held(Arc<Held>),
    /// It is not there any more, or another one: what is there now has to be looked up.
    Gone,
    /// Larger than anything that SpaceWatch writes, or archived.
    Unreadable,
}

impl Snapshots {
    /// Everything of a period in memory, as these credentials may read it now.
    pub(crate) async fn gather(
        &self,
        store: &Store,
        place: &Place,
        period: TimeRange,
    ) -> Result<Gathered, SnapshotError> {
        let prefixes = readable(store, place).await?;
        for _ in 0..ATTEMPTS {
            let mut found = Vec::new();
            for prefix in &prefixes {
                found.extend(listing::list(store, &place.bucket, prefix, period).await?);
            }
            if let Some(gathered) = self.fetch_all(store, place, found).await? {
                return Ok(gathered);
            }
        }
        Err(SnapshotError::Changing)
    }

    async fn fetch_all(
        &self,
        store: &Store,
        place: &Place,
        found: Vec<Found>,
    ) -> Result<Option<Gathered>, SnapshotError> {
        let bytes = found
            .iter()
            .fold(0_u64, |sum, found| sum.saturating_add(found.bytes));
        if bytes > MAX_PACKED {
            return Err(SnapshotError::Limit {
                what: "bytes",
                limit: MAX_PACKED,
            });
        }
        let progress = Progress::default();
        let mut fetched = self.fetch_each(store, &place.bucket, &found, &progress);
        let mut gathered = Gathered {
            held: Vec::new(),
            unreadable: 0,
        };
        while let Some((_, fetched)) = fetched.try_next().await? {
            match fetched {
                Fetched::Held(held) => gathered.held.push(held),
                Fetched::Unreadable => gathered.unreadable = gathered.unreadable.saturating_add(1),
                Fetched::Gone => return Ok(None),
            }
        }
        Ok(Some(gathered))
    }

    /// Fetches objects many at once, and gives them in order, each with its place.
    pub(crate) fn fetch_each<'a>(
        &'a self,
        store: &'a Store,
        bucket: &'a BucketName,
        found: &'a [Found],
        progress: &'a Progress,
    ) -> BoxStream<'a, Result<(usize, Fetched), SnapshotError>> {
        let mut fetches: Vec<BoxFuture<'a, _>> = Vec::new();
        for (at, found) in found.iter().enumerate() {
            let fetch = async move { Ok((at, self.fetch(store, bucket, found, progress).await?)) };
            fetches.push(fetch.boxed());
        }
        stream::iter(fetches).buffered(AT_ONCE).boxed()
    }

    async fn fetch(
        &self,
        store: &Store,
        bucket: &BucketName,
        found: &Found,
        progress: &Progress,
    ) -> Result<Fetched, SnapshotError> {
        if found.bytes > MAX_OBJECT {
            return Ok(Fetched::Unreadable);
        }
        let cache_key = found.etag.clone().map(|etag| CacheKey {
            tenant: store.fingerprint(),
            bucket: bucket.clone(),
            key: found.key.clone(),
            etag,
        });
        if let Some(held) = cache_key.as_ref().and_then(|key| self.cache.find(key)) {
            return Ok(Fetched::Held(held));
        }
        let bytes = match download(store, bucket, found, progress).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Fetched::Unreadable),
            Err(StoreError::NoSuchKey(_) | StoreError::Precondition(_)) => return Ok(Fetched::Gone),
            Err(StoreError::NotSupported(_)) => return Ok(Fetched::Unreadable),
            Err(error) => return Err(error.into()),
        };
        let kind = found.kind;
        let held = Arc::new(off_thread(move || Ok(Held::read(bytes, kind))).await?);
        if let Some(key) = cache_key {
            self.cache.keep(key, &held);
        }
        Ok(Fetched::Held(held))
    }
}

/// Where these credentials may read now: objects already read are given out only there. Keys for one prefix alone do
/// without what the original left at the root.
async fn readable(store: &Store, place: &Place) -> Result<Vec<Prefix>, SnapshotError> {
    let mut prefixes = Vec::new();
    for prefix in place.read_prefixes() {
        match store.ensure_readable(&place.bucket, &folders(&prefix)).await {
            Ok(()) => prefixes.push(prefix),
            Err(StoreError::AccessDenied(_)) if !prefixes.is_empty() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(prefixes)
}

/// The object's bytes; none if there are more than the listing said there may be.
async fn download(
    store: &Store,
    bucket: &BucketName,
    found: &Found,
    progress: &Progress,
) -> Result<Option<Bytes>, StoreError> {
    let mut stream = store
        .open_object(bucket, &found.key, found.etag.as_deref(), progress)
        .await?;
    let mut bytes = BytesMut::new();
    while let Some(part) = stream.next().await? {
        bytes.extend_from_slice(&part);
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_OBJECT) {
            return Ok(None);
        }
    }
    Ok(Some(bytes.freeze()))
}
