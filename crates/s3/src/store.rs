//! One store as one set of credentials sees it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use futures::Stream;
use spacewatch_model::{BucketName, ObjectKey, Prefix};

use crate::{
    Bucket, Endpoint, Fingerprint, KeyPage, Lease, Level, LifecycleRule, LogTarget, ObjectBody, ObjectHead,
    ObjectSummary, Order, PageToken, Probe, Progress, StoreError, Versioning,
};

pub(crate) struct Core {}

/// One store as one set of credentials sees it. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Core>);

impl Store {
    /// Which credentials, endpoint and region this is.
    pub fn fingerprint(&self) -> Fingerprint {
        todo!()
    }

    /// Where it is.
    pub fn endpoint(&self) -> &Endpoint {
        todo!()
    }

    /// Whether the store accepted these credentials a moment ago.
    pub fn lease(&self) -> Lease {
        todo!()
    }

    /// Makes sure the store accepts these credentials for `bucket`: by a fresh lease, else by asking.
    pub async fn ensure(&self, bucket: &BucketName) -> Result<(), StoreError> {
        todo!()
    }

    /// The account's buckets. Limited keys may not ask this.
    pub async fn list_buckets(&self) -> Result<Vec<Bucket>, StoreError> {
        todo!()
    }

    /// Whether these credentials reach `bucket`, and why not.
    pub async fn check_bucket(&self, bucket: &BucketName) -> Result<(), StoreError> {
        todo!()
    }

    /// A page of what stands directly under `prefix`, at most `max` entries.
    pub async fn list_level(
        &self,
        bucket: &BucketName,
        prefix: &Prefix,
        page: Option<&PageToken>,
        max: usize,
    ) -> Result<Level, StoreError> {
        todo!()
    }

    /// A page of all keys under `prefix` behind `after`, at most `max`.
    pub async fn list_page(
        &self,
        bucket: &BucketName,
        prefix: &Prefix,
        after: Option<&ObjectKey>,
        max: usize,
    ) -> Result<KeyPage, StoreError> {
        todo!()
    }

    /// All objects under `prefix`, in pages, each key exactly once. Dropping the stream ends the work; a
    /// consumer that is slow makes the listing wait.
    pub fn list_all(
        &self,
        bucket: BucketName,
        prefix: Prefix,
        order: Order,
        progress: Progress,
    ) -> impl Stream<Item = Result<Vec<ObjectSummary>, StoreError>> + Send + 'static + use<> {
        futures::stream::once(async { todo!() })
    }

    /// What the store tells about an object without its content.
    pub async fn head_object(&self, bucket: &BucketName, key: &ObjectKey) -> Result<ObjectHead, StoreError> {
        todo!()
    }

    /// An object's content, or the part of it in `range`, in memory: at most `limit` bytes.
    pub async fn get_object(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        range: Option<Range<u64>>,
        limit: usize,
    ) -> Result<ObjectBody, StoreError> {
        todo!()
    }

    /// Whether the bucket keeps versions.
    pub async fn versioning(&self, bucket: &BucketName) -> Result<Probe<Versioning>, StoreError> {
        todo!()
    }

    /// Where the bucket's access log goes.
    pub async fn logging(&self, bucket: &BucketName) -> Result<Probe<LogTarget>, StoreError> {
        todo!()
    }

    /// The bucket's lifecycle rules.
    pub async fn lifecycle(&self, bucket: &BucketName) -> Result<Probe<Vec<LifecycleRule>>, StoreError> {
        todo!()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
