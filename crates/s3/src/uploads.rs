//! Uploads that were begun and not completed.

use spacewatch_model::{BucketName, ByteSize, ObjectKey, Prefix};
use spacewatch_telemetry::S3Call;

use crate::client::{Ask, carry};
use crate::connector::Page;
use crate::listing_xml::{PartsPage, UploadsPage};
use crate::{Progress, Store, StoreError, UploadMarker, UploadPage, UploadedParts};

/// Pages of parts at most: an upload has 10,000 parts, and a page 1000.
const MAX_PART_PAGES: usize = 100;

impl Store {
    /// A page of the uploads under `prefix` that were begun and neither completed nor given up.
    pub async fn list_uploads(
        &self,
        bucket: &BucketName,
        prefix: &Prefix,
        after: Option<&UploadMarker>,
        progress: &Progress,
    ) -> Result<UploadPage, StoreError> {
        let ask = Ask {
            progress: Some(progress),
            ..Ask::bucket(S3Call::ListMultipartUploads, bucket)
        };
        let page = self
            .0
            .call(ask, |attempt| {
                let call = self
                    .0
                    .sdk
                    .list_multipart_uploads()
                    .bucket(bucket.as_str())
                    .set_prefix((!prefix.as_str().is_empty()).then(|| prefix.as_str().to_owned()))
                    .set_key_marker(after.map(|marker| marker.key.as_str().to_owned()))
                    .set_upload_id_marker(after.map(|marker| marker.id.clone()));
                async move {
                    call.customize()
                        .mutate_request(carry(attempt.clone()))
                        .send()
                        .await?;
                    Ok(match attempt.outcome().page.take() {
                        Some(Page::Uploads(page)) => page,
                        _ => UploadsPage::default(),
                    })
                }
            })
            .await?;
        let next = page
            .uploads
            .last()
            .filter(|_| page.truncated)
            .map(|last| UploadMarker {
                key: last.key.clone(),
                id: last.id.clone(),
            });
        let stuck = (page.truncated && next.is_none()) || (next.is_some() && next.as_ref() == after);
        if stuck
            || !page
                .uploads
                .iter()
                .all(|upload| upload.key.as_str().starts_with(prefix.as_str()))
        {
            let failure = self
                .0
                .failure(ask)
                .saying("the uploads of a page don't go on from where it was to begin");
            return Err(StoreError::BadAnswer(Box::new(failure)));
        }
        Ok(UploadPage {
            uploads: page.uploads,
            next,
        })
    }

    /// How many parts an upload has so far, and how large they are together.
    pub async fn uploaded_parts(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        upload: &str,
        progress: &Progress,
    ) -> Result<UploadedParts, StoreError> {
        let ask = Ask {
            progress: Some(progress),
            ..Ask::bucket(S3Call::ListParts, bucket)
        };
        let mut sum = UploadedParts::default();
        let mut after: Option<u32> = None;
        for _ in 0..MAX_PART_PAGES {
            let page = self
                .0
                .call(ask, |attempt| {
                    let call = self
                        .0
                        .sdk
                        .list_parts()
                        .bucket(bucket.as_str())
                        .key(key.as_str())
                        .upload_id(upload)
                        .set_part_number_marker(after.map(|number| number.to_string()));
                    async move {
                        call.customize()
                            .mutate_request(carry(attempt.clone()))
                            .send()
                            .await?;
                        Ok(match attempt.outcome().page.take() {
                            Some(Page::Parts(page)) => page,
                            _ => PartsPage::default(),
                        })
                    }
                })
                .await?;
            sum.parts = sum.parts.saturating_add(page.parts);
            sum.bytes = ByteSize(sum.bytes.0.saturating_add(page.bytes));
            if !page.truncated {
                return Ok(sum);
            }
            if page.last <= after {
                break;
            }
            after = page.last;
        }
        let failure = self
            .0
            .failure(ask)
            .saying("the parts of an upload don't come to an end");
        Err(StoreError::BadAnswer(Box::new(failure)))
    }
}
