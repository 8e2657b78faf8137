//! What SpaceWatch itself writes: objects in a bucket of the user's that was named for it.

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use spacewatch_model::{BucketName, ObjectKey};
use spacewatch_telemetry::S3Call;

use crate::client::{Ask, carry};
use crate::listing_xml::unquoted;
use crate::{Store, StoreError};

/// What may be there already when an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PutMode {
    /// Whatever: it is replaced.
    #[default]
    Overwrite,
    /// Nothing (`If-None-Match: *`). Not every store keeps to it.
    Create,
}

impl Store {
    /// Writes an object and tells its ETag. With [`PutMode::Create`], one that is there already is
    /// [`StoreError::Precondition`]; also when an answer was lost and the call repeated, so that the object may be this very one.
    pub async fn put_object(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        body: Bytes,
        mode: PutMode,
    ) -> Result<Option<String>, StoreError> {
        let ask = Ask::bucket(S3Call::PutObject, bucket);
        let none = (mode == PutMode::Create).then(|| "*".to_owned());
        let answer = self
            .0
            .call(ask, |attempt| {
                let call = self.0.sdk.put_object().bucket(bucket.as_str()).key(key.as_str());
                call.set_if_none_match(none.clone())
                    .body(ByteStream::from(body.clone()))
                    .customize()
                    .mutate_request(carry(attempt))
                    .send()
            })
            .await?;
        Ok(answer.e_tag().map(|etag| unquoted(etag.to_owned())))
    }

    /// Deletes an object. One that isn't there is no failure.
    pub async fn delete_object(&self, bucket: &BucketName, key: &ObjectKey) -> Result<(), StoreError> {
        let ask = Ask::bucket(S3Call::DeleteObject, bucket);
        self.0
            .call(ask, |attempt| {
                let call = self
                    .0
                    .sdk
                    .delete_object()
                    .bucket(bucket.as_str())
                    .key(key.as_str());
                call.customize().mutate_request(carry(attempt)).send()
            })
            .await?;
        Ok(())
    }
}
