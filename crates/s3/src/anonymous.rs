//! What a bucket shows to somebody without keys.

use aws_sdk_s3::error::SdkError;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::error::ErrorMetadata;
use spacewatch_model::{BucketName, ObjectKey};
use spacewatch_telemetry::S3Call;

use crate::client::Ask;
use crate::connector::Page;
use crate::{Store, StoreError};

/// What somebody without keys is told who asks for one key of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnonymousListing {
    /// A page of the listing, with this key unless it is empty.
    Listed(Option<ObjectKey>),
    /// Nothing.
    Refused,
}

impl Store {
    /// Asks for one key of a bucket without any keys, over the same connections under the same policy of endpoints.
    ///
    /// The request is made here and passes no code that signs. What comes of it says nothing about the credentials
    /// of this store, so it leaves their lease as it is.
    pub async fn anonymous_listing(&self, bucket: &BucketName) -> Result<AnonymousListing, StoreError> {
        let url = format!(
            "{}/{bucket}?list-type=2&max-keys=1&encoding-type=url",
            self.0.endpoint.url()
        );
        let ask = Ask {
            anonymous: true,
            ..Ask::bucket(S3Call::ListObjectsV2, bucket)
        };
        let asked = self.0.call(ask, |attempt| {
            let request = HttpRequest::get(&url).map(|mut request| {
                request.add_extension(attempt.clone());
                self.0.connector.call(request)
            });
            async move {
                let answer = match request {
                    Ok(answer) => answer.await,
                    Err(error) => Err(ConnectorError::user(error.into())),
                };
                let response = answer.map_err(SdkError::<ErrorMetadata, _>::dispatch_failure)?;
                let page = attempt.outcome().page.take();
                match page {
                    Some(Page::Keys(page)) => Ok(page),
                    _ => Err(SdkError::response_error("no listing", response)),
                }
            }
        });
        match asked.await {
            Ok(page) => {
                let first = page.objects.into_iter().next();
                Ok(AnonymousListing::Listed(first.map(|object| object.key)))
            }
            // Some stores hide what they don't show.
            Err(
                StoreError::AccessDenied(_) | StoreError::InvalidCredentials(_) | StoreError::NoSuchBucket(_),
            ) => Ok(AnonymousListing::Refused),
            Err(error) => Err(error),
        }
    }
}
