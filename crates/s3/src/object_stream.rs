//! An object's content in parts, of any size, in bounded memory.

use std::fmt;
use std::sync::Arc;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use bytes::Bytes;
use spacewatch_model::{BucketName, ByteSize, ObjectKey};
use spacewatch_telemetry::S3Call;

use crate::client::{Ask, Client, carry, from_trouble};
use crate::connector::{Attempt, Trouble};
use crate::open_body::OpenBody;
use crate::store::head_of;
use crate::{Failure, ObjectHead, Progress, Store, StoreError};

/// An object's content as it comes. It is the content of one version from beginning to end: a body that breaks off is
/// asked for again from there on, and an object that changed meanwhile is [`StoreError::Precondition`].
pub struct ObjectStream {
    client: Arc<Client>,
    bucket: BucketName,
    key: ObjectKey,
    progress: Progress,
    head: ObjectHead,
    /// The whole object's length, if the store says so.
    length: Option<u64>,
    position: u64,
    resumed: u32,
    body: Option<(Arc<Attempt>, OpenBody)>,
}

/// What an answer to a GET brought.
struct Opened {
    head: ObjectHead,
    length: Option<u64>,
    content_range: Option<String>,
    body: (Arc<Attempt>, OpenBody),
}

impl Store {
    /// Opens an object's content, to be read part by part. `etag` is that of the version wanted: another one is
    /// [`StoreError::Precondition`]. Waits for its turn under the rate limit; `progress` counts the requests.
    pub async fn open_object(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        etag: Option<&str>,
        progress: &Progress,
    ) -> Result<ObjectStream, StoreError> {
        let mut stream = ObjectStream {
            client: self.0.clone(),
            bucket: bucket.clone(),
            key: key.clone(),
            progress: progress.clone(),
            head: ObjectHead {
                size: ByteSize(0),
                last_modified: None,
                etag: etag.map(str::to_owned),
                content_type: None,
                storage_class: None,
                version_id: None,
            },
            length: None,
            position: 0,
            resumed: 0,
            body: None,
        };
        let opened = stream.open().await?;
        if etag.is_some() && opened.head.etag.as_deref() != etag {
            return Err(stream.changed(opened));
        }
        stream.head = opened.head;
        stream.length = opened.length;
        stream.body = Some(opened.body);
        Ok(stream)
    }
}

impl ObjectStream {
    /// What the store tells about the object.
    pub fn head(&self) -> &ObjectHead {
        &self.head
    }

    /// How many bytes came so far.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next part of the content, or `None` at its end. After an error nothing more comes.
    pub async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        loop {
            let Some((attempt, mut body)) = self.body.take() else {
                return Ok(None);
            };
            let trouble = match body.next().await {
                Ok(Some(part)) => {
                    self.position = self
                        .position
                        .saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
                    self.body = Some((attempt, body));
                    return Ok(Some(part));
                }
                Ok(None) if self.length.is_none_or(|length| self.position >= length) => {
                    body.close(&attempt, None);
                    return Ok(None);
                }
                Ok(None) => Trouble::BreaksOff,
                Err(trouble) => trouble,
            };
            body.close(&attempt, Some(&trouble));
            self.resume(&trouble).await?;
        }
    }

    /// Asks for what is missing, if that was not tried too often already.
    async fn resume(&mut self, trouble: &Trouble) -> Result<(), StoreError> {
        self.resumed = self.resumed.saturating_add(1);
        let error = from_trouble(self.client.failure(self.ask()), trouble);
        if self.resumed >= self.client.attempts {
            return Err(error);
        }
        self.client.pace_after(&error, self.resumed).await;
        let opened = self.open().await?;
        let same = opened.head.etag == self.head.etag
            && (self.length.is_none() || opened.length == self.length)
            && (self.head.etag.is_some() || opened.head.last_modified == self.head.last_modified);
        if !same {
            return Err(self.changed(opened));
        }
        let from = format!("bytes {}-", self.position);
        let fits = self.position == 0
            || opened
                .content_range
                .as_deref()
                .is_some_and(|sent| sent.starts_with(&from));
        if !fits {
            let failure = self.failure("it sent another part of the object than asked for");
            return Err(StoreError::BadAnswer(failure));
        }
        self.body = Some(opened.body);
        Ok(())
    }

    /// Asks for the content from the position on.
    async fn open(&self) -> Result<Opened, StoreError> {
        let sdk = &self.client.sdk;
        let range = (self.position > 0).then(|| format!("bytes={}-", self.position));
        let etag = self.head.etag.as_ref().map(|etag| format!("\"{etag}\""));
        let (answer, body) = self
            .client
            .call(self.ask(), |attempt| {
                let call = sdk
                    .get_object()
                    .bucket(self.bucket.as_str())
                    .key(self.key.as_str())
                    .set_range(range.clone())
                    .set_if_match(etag.clone());
                async move {
                    let call = call.customize().mutate_request(carry(attempt.clone()));
                    let answer = call.send().await?;
                    let body = attempt.outcome().body.take();
                    Ok((answer, body.map(|body| (attempt, body))))
                }
            })
            .await?;
        let body = body.ok_or_else(|| StoreError::BadAnswer(self.failure("the answer has no body")))?;
        let length = whole_length(&answer);
        Ok(Opened {
            head: head_of(&answer),
            length,
            content_range: answer.content_range().map(str::to_owned),
            body,
        })
    }

    fn ask(&self) -> Ask<'_> {
        Ask {
            progress: Some(&self.progress),
            streamed: true,
            ..Ask::bucket(S3Call::GetObject, &self.bucket)
        }
    }

    fn failure(&self, why: &str) -> Box<Failure> {
        Box::new(self.client.failure(self.ask()).saying(why))
    }

    /// For stores that don't look at `If-Match`.
    fn changed(&self, opened: Opened) -> StoreError {
        let (attempt, body) = opened.body;
        body.close(&attempt, None);
        StoreError::Precondition(self.failure("the object is another one by now"))
    }
}

/// A stream that nobody reads to its end was still a call.
impl Drop for ObjectStream {
    fn drop(&mut self) {
        if let Some((attempt, body)) = self.body.take() {
            body.close(&attempt, None);
        }
    }
}

impl fmt::Debug for ObjectStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStream")
            .field("bucket", &self.bucket)
            .field("key", &self.key)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// The whole object's length, also where only a part of it was sent.
fn whole_length(answer: &GetObjectOutput) -> Option<u64> {
    match answer.content_range() {
        Some(range) => range.rsplit_once('/')?.1.parse().ok(),
        None => u64::try_from(answer.content_length()?).ok(),
    }
}
