//! The store as it runs, and its contents without the network.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use s3s::crypto::{Checksum, Md5};
use spacewatch_model::Timestamp;
use tokio_util::sync::DropGuard;
use tokio_util::task::TaskTracker;

use crate::counts::RequestCounts;
use crate::faults::Faults;
use crate::history::LogTruth;
use crate::log_delivery::deliver;
use crate::past::{self, StoredThen};
use crate::shared::Shared;
use crate::store::{DemoTenant, LimitedKey, plain, sparse};
use crate::world::{Contents, Etag, Headers, Upload, UploadedPart};

/// A store that answers. Dropping it ends it at once, [`RunningStore::shutdown`] in order.
pub struct RunningStore {
    pub(crate) address: SocketAddr,
    pub(crate) faults: Faults,
    pub(crate) counts: RequestCounts,
    pub(crate) tenants: Vec<DemoTenant>,
    pub(crate) limited: Vec<LimitedKey>,
    pub(crate) handle: StoreHandle,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: DropGuard,
}

impl RunningStore {
    /// Where clients connect to: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The switches for faults.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// How many requests came.
    pub fn requests(&self) -> &RequestCounts {
        &self.counts
    }

    /// The tenants and their keys.
    pub fn tenants(&self) -> &[DemoTenant] {
        &self.tenants
    }

    /// The keys that open some buckets only.
    pub fn limited_keys(&self) -> &[LimitedKey] {
        &self.limited
    }

    /// The contents, without the network.
    pub fn handle(&self) -> StoreHandle {
        self.handle.clone()
    }

    /// What the generated access logs hold; `None` without a history. Makes them if nobody has asked for them yet.
    pub async fn log_truth(&self) -> Option<Arc<LogTruth>> {
        self.handle.0.history.truth(&self.handle.0).await
    }

    /// Stops listening, lets requests in work finish for half a second, delivers the access logs that wait, and ends.
    pub async fn shutdown(self) {
        drop(self.stop);
        self.tasks.wait().await;
        self.handle.deliver_logs();
    }
}

impl fmt::Debug for RunningStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningStore")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// The contents of a running store, looked at and changed without the network. Clones share them.
#[derive(Debug, Clone)]
pub struct StoreHandle(pub(crate) Arc<Shared>);

impl StoreHandle {
    /// The keys of a bucket in byte order, without deleted ones; empty when there is no such bucket.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.sizes(bucket).into_iter().map(|(key, _)| key).collect()
    }

    /// The keys of a bucket with the sizes of the objects.
    pub fn sizes(&self, bucket: &str) -> Vec<(String, u64)> {
        let world = self.0.read();
        let mut all = Vec::new();
        if let Some(bucket) = world.buckets.get(bucket) {
            let mut cursor = bucket.cursor(std::ops::Bound::Unbounded);
            while let Some((key, facts)) = cursor.next() {
                all.push((key.to_owned(), facts.size));
            }
        }
        all
    }

    /// What a bucket held at each of these moments, which follow each other: nothing before it was made. Told from what is there
    /// now, so what was deleted without a version left of it never was.
    pub fn stored_at(&self, bucket: &str, moments: &[Timestamp]) -> Vec<Option<StoredThen>> {
        let seconds: Vec<i64> = moments.iter().map(|moment| moment.as_second()).collect();
        let world = self.0.read();
        match world.buckets.get(bucket) {
            Some(bucket) => past::stored_at(bucket, &seconds),
            None => vec![None; moments.len()],
        }
    }

    /// Writes the access logs that wait into their buckets; tells how many objects that made.
    pub fn deliver_logs(&self) -> usize {
        deliver(&self.0)
    }

    /// Whether there is an object with this key.
    pub(crate) fn has(&self, bucket: &str, key: &str) -> bool {
        let world = self.0.read();
        let newest = world.buckets.get(bucket).and_then(|found| found.newest(key));
        newest.is_some_and(|version| version.object.is_some())
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// Puts a sparse object, without a request; false when the bucket isn't there or can only be read.
    pub fn put_sparse(&self, bucket: &str, key: &str, size: u64, content_type: &str) -> bool {
        let now = self.0.now();
        let (content, etag) = sparse(bucket, key, size);
        let mut object = plain(content, etag);
        object.headers.content_type = Some(content_type.to_owned());
        self.0.write().put(bucket, key, object, now).is_some()
    }

    /// Puts an object with these bytes, without a request; false when there is no room, or the bucket isn't there or can only be read.
    pub fn put_bytes(&self, bucket: &str, key: &str, bytes: Bytes) -> bool {
        let digest = Md5::checksum(&bytes);
        let Some(content) = self.0.budget.keep(bytes) else {
            return false;
        };
        let now = self.0.now();
        let object = plain(content, Etag { digest, parts: 0 });
        self.0.write().put(bucket, key, object, now).is_some()
    }

    /// Begins an upload in parts at this moment (seconds since 1970), uploads parts of these sizes, and leaves it.
    pub fn begin_upload(&self, bucket: &str, key: &str, started: i64, sizes: &[u64]) {
        let part = |(number, size): (i32, &u64)| {
            let (content, etag) = sparse(bucket, key, *size);
            let part = UploadedPart {
                content,
                etag,
                modified: started,
            };
            (number, part)
        };
        let parts = (1..).zip(sizes).map(part).collect();
        let upload = Upload {
            started,
            storage_class: "STANDARD",
            headers: Headers::default(),
            parts,
        };
        let mut world = self.0.write();
        let id = format!("upload-{:08}", world.next_serial());
        if let Some(bucket) = world.buckets.get_mut(bucket) {
            bucket.uploads.insert((key.to_owned(), id), upload);
        }
    }

    /// The versions and delete markers of a key, the newest first: what they are called, and whether each is a marker.
    pub fn versions(&self, bucket: &str, key: &str) -> Vec<(String, bool)> {
        let world = self.0.read();
        let Some(Contents::Stored(keys)) = world.buckets.get(bucket).map(|bucket| &bucket.contents) else {
            return Vec::new();
        };
        let versions = keys
            .get(key)
            .into_iter()
            .flat_map(|history| history.0.iter().rev());
        versions
            .map(|version| (version.id.to_string(), version.object.is_none()))
            .collect()
    }

    /// Deletes a version or a marker of a key, without a request.
    pub fn delete_version(&self, bucket: &str, key: &str, version: &str) {
        let now = self.0.now();
        self.0.write().delete(bucket, key, Some(version), now);
    }

    /// Deletes a key, without a request.
    pub fn delete(&self, bucket: &str, key: &str) {
        let now = self.0.now();
        self.0.write().delete(bucket, key, None, now);
    }
}
