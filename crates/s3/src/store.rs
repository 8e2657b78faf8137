//! One store as one set of credentials sees it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::DateTime;
use bytes::Bytes;
use futures::Stream;
use jiff::Timestamp;
use spacewatch_model::{BucketName, ByteSize, ObjectKey, Prefix};
use spacewatch_telemetry::S3Call;

use crate::client::{Ask, Client, carry};
use crate::listing_xml::unquoted;
use crate::page::{self, PageAsk};
use crate::{
    Bucket, Endpoint, Fingerprint, KeyPage, KeyRange, Lease, Level, LifecycleRule, LogTarget, ObjectBody,
    ObjectHead, ObjectSummary, ObjectVersion, Order, PageToken, Probe, Progress, Scanned, StoreError,
    Versioning, listing, probe,
};

/// One store as one set of credentials sees it. Cheap to clone.
#[derive(Clone)]
pub struct Store(pub(crate) Arc<Client>);

impl Store {
    /// Which credentials, endpoint and region this is.
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// Where it is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// Whether the store accepted these credentials a moment ago.
    pub fn lease(&self) -> Lease {
        Lease(self.0.leases.clone())
    }

    /// Makes sure the store accepts these credentials for `bucket`: by a fresh lease, else by asking.
    pub async fn ensure(&self, bucket: &BucketName) -> Result<(), StoreError> {
        if self.lease().is_fresh(Some(bucket)) {
            return Ok(());
        }
        self.check_bucket(bucket).await
    }

    /// The account's buckets. Limited keys may not ask this.
    pub async fn list_buckets(&self) -> Result<Vec<Bucket>, StoreError> {
        let ask = Ask::account(S3Call::ListBuckets);
        let answer = self
            .0
            .call(ask, |attempt| {
                self.0
                    .sdk
                    .list_buckets()
                    .customize()
                    .mutate_request(carry(attempt))
                    .send()
            })
            .await?;
        // A name that is none can't be asked about either, so it is left out.
        let buckets = answer.buckets().iter().filter_map(|bucket| {
            Some(Bucket {
                name: bucket.name()?.parse().ok()?,
                created: bucket.creation_date().and_then(timestamp),
            })
        });
        Ok(buckets.collect())
    }

    /// Whether these credentials reach `bucket`, and why not.
    pub async fn check_bucket(&self, bucket: &BucketName) -> Result<(), StoreError> {
        let ask = Ask::bucket(S3Call::HeadBucket, bucket);
        let head = self
            .0
            .call(ask, |attempt| {
                let call = self.0.sdk.head_bucket().bucket(bucket.as_str());
                call.customize().mutate_request(carry(attempt)).send()
            })
            .await;
        match head {
            Ok(_) => Ok(()),
            Err(error @ StoreError::NoSuchBucket(_)) if error.failure().status == 404 => Err(error),
            // An answer to HEAD has no body, so it tells wrong keys and a missing permission not apart.
            Err(error) if (300..500).contains(&error.failure().status) => self
                .list_page(bucket, &Prefix::default(), None, 1)
                .await
                .map(drop),
            Err(error) => Err(error),
        }
    }

    /// A page of what stands directly under `prefix`, at most `max` entries (1000).
    pub async fn list_level(
        &self,
        bucket: &BucketName,
        prefix: &Prefix,
        page: Option<&PageToken>,
        max: usize,
    ) -> Result<Level, StoreError> {
        page::level(&self.0, bucket, prefix, page, max).await
    }

    /// A page of all keys under `prefix` behind `after`, at most `max` (1000).
    pub async fn list_page(
        &self,
        bucket: &BucketName,
        prefix: &Prefix,
        after: Option<&ObjectKey>,
        max: usize,
    ) -> Result<KeyPage, StoreError> {
        let after = after.map_or("", ObjectKey::as_str);
        let ask = PageAsk {
            bucket,
            prefix: prefix.as_str(),
            after,
            max,
            progress: None,
        };
        let page = page::keys(&self.0, ask).await?;
        let next = page
            .objects
            .last()
            .filter(|_| page.truncated)
            .map(|last| last.key.clone());
        Ok(KeyPage {
            objects: page.objects,
            next,
        })
    }

    /// All objects under `prefix`, in pages, each key exactly once. Dropping the stream ends the work; a
    /// consumer that is slow makes the listing wait. After an error nothing more comes.
    pub fn list_all(
        &self,
        bucket: BucketName,
        prefix: Prefix,
        order: Order,
        progress: Progress,
    ) -> impl Stream<Item = Result<Vec<ObjectSummary>, StoreError>> + Send + 'static + use<> {
        listing::stream(self.scan(bucket, prefix, progress), order)
    }

    /// All objects under `prefix` in these parts of the key space, which must be disjoint: in pages, each key exactly once. Each
    /// page says about which keys it tells everything, so that a scan that was interrupted can go on with the others.
    pub fn scan_objects(
        &self,
        bucket: BucketName,
        prefix: Prefix,
        parts: Vec<KeyRange>,
        progress: Progress,
    ) -> impl Stream<Item = Result<Scanned<ObjectSummary>, StoreError>> + Send + 'static + use<> {
        listing::scanned(self.scan(bucket, prefix, progress), parts)
    }

    /// The same for all versions and delete markers. All of a key come in one page.
    pub fn scan_versions(
        &self,
        bucket: BucketName,
        prefix: Prefix,
        parts: Vec<KeyRange>,
        progress: Progress,
    ) -> impl Stream<Item = Result<Scanned<ObjectVersion>, StoreError>> + Send + 'static + use<> {
        listing::scanned(self.scan(bucket, prefix, progress), parts)
    }

    fn scan(&self, bucket: BucketName, prefix: Prefix, progress: Progress) -> listing::Scan {
        listing::Scan {
            client: self.0.clone(),
            bucket,
            prefix,
            progress,
        }
    }

    /// What the store tells about an object without its content.
    pub async fn head_object(&self, bucket: &BucketName, key: &ObjectKey) -> Result<ObjectHead, StoreError> {
        let ask = Ask::bucket(S3Call::HeadObject, bucket);
        let answer = self
            .0
            .call(ask, |attempt| {
                let call = self.0.sdk.head_object().bucket(bucket.as_str()).key(key.as_str());
                call.customize().mutate_request(carry(attempt)).send()
            })
            .await?;
        Ok(ObjectHead {
            size: size(answer.content_length()),
            last_modified: answer.last_modified().and_then(timestamp),
            etag: answer.e_tag().map(|etag| unquoted(etag.to_owned())),
            content_type: answer.content_type().map(str::to_owned),
            storage_class: answer.storage_class().map(|class| class.as_str().to_owned()),
            version_id: answer.version_id().map(str::to_owned),
        })
    }

    /// An object's content, or the part of it in `range`, in memory: more than `limit` bytes is an error. A store
    /// that answers a range with something else is an error as well.
    ///
    /// The ETag is what the store says. It is no checksum of the bytes for many objects (uploads in parts,
    /// encryption), so it is not compared with them: a store that gives a wrong one isn't noticed here.
    pub async fn get_object(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        range: Option<Range<u64>>,
        limit: usize,
    ) -> Result<ObjectBody, StoreError> {
        let ask = Ask {
            limit: Some(limit),
            ..Ask::bucket(S3Call::GetObject, bucket)
        };
        if range.as_ref().is_some_and(Range::is_empty) {
            // Nothing can't be asked for: stores take `5-4` for no range at all and send everything.
            let head = self.head_object(bucket, key).await?;
            let bytes = Bytes::new();
            return Ok(ObjectBody { bytes, head });
        }
        let first = range.as_ref().map(|range| format!("bytes {}-", range.start));
        let range = range.map(|range| format!("bytes={}-{}", range.start, range.end.saturating_sub(1)));
        let answer = self
            .0
            .call(ask, |attempt| {
                let call = self.0.sdk.get_object().bucket(bucket.as_str()).key(key.as_str());
                call.set_range(range.clone())
                    .customize()
                    .mutate_request(carry(attempt))
                    .send()
            })
            .await?;
        let sent = answer.content_range();
        if let Some(first) = first
            && !sent.is_some_and(|sent| sent.starts_with(&first))
        {
            let failure = self
                .0
                .failure(ask)
                .saying("it sent another part of the object than asked for");
            return Err(StoreError::BadAnswer(Box::new(failure)));
        }
        let mut head = head_of(&answer);
        if let Some(whole) = sent.and_then(|range| range.rsplit_once('/')?.1.parse().ok()) {
            head.size = ByteSize(whole);
        }
        let bytes = answer.body.collect().await.map_err(|error| {
            StoreError::BadAnswer(Box::new(self.0.failure(ask).saying(error.to_string())))
        })?;
        Ok(ObjectBody {
            bytes: bytes.into_bytes(),
            head,
        })
    }

    /// Whether the bucket keeps versions.
    pub async fn versioning(&self, bucket: &BucketName) -> Result<Probe<Versioning>, StoreError> {
        Ok(probe::versioning(&self.0, bucket).await?.value())
    }

    /// Where the bucket's access log goes.
    pub async fn logging(&self, bucket: &BucketName) -> Result<Probe<LogTarget>, StoreError> {
        Ok(probe::logging(&self.0, bucket).await?.value())
    }

    /// The bucket's lifecycle rules.
    pub async fn lifecycle(&self, bucket: &BucketName) -> Result<Probe<Vec<LifecycleRule>>, StoreError> {
        Ok(probe::lifecycle(&self.0, bucket).await?.value())
    }
}

/// What an answer to a GET tells about the object; the size is that of what was sent.
pub(crate) fn head_of(answer: &GetObjectOutput) -> ObjectHead {
    ObjectHead {
        size: size(answer.content_length()),
        last_modified: answer.last_modified().and_then(timestamp),
        etag: answer.e_tag().map(|etag| unquoted(etag.to_owned())),
        content_type: answer.content_type().map(str::to_owned),
        storage_class: answer.storage_class().map(|class| class.as_str().to_owned()),
        version_id: answer.version_id().map(str::to_owned),
    }
}

fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

fn size(length: Option<i64>) -> ByteSize {
    ByteSize(
        length
            .and_then(|length| u64::try_from(length).ok())
            .unwrap_or_default(),
    )
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("endpoint", &self.0.endpoint)
            .field("fingerprint", &self.0.fingerprint)
            .finish_non_exhaustive()
    }
}
