//! The one place every request passes: time limits, measuring, and reading answers.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use spacewatch_model::{BucketName, Clock};
use spacewatch_telemetry::{Operation, Recorder, S3Call};

use crate::Region;
use crate::endpoint::AddressRefused;
use crate::listing_xml::{self, BadPage, ListPage, PartsPage, UploadsPage, VersionsPage};
use crate::misnamed;
use crate::open_body::OpenBody;

/// Most bytes of an answer that are read; a page of a listing has some hundred kilobytes, and even one of
/// the longest keys with each byte escaped less than four megabytes.
const MAX_BODY: usize = 16 << 20;

/// A page that was read here. What the SDK gets in its place is an empty one.
#[derive(Debug)]
pub(crate) enum Page {
    Keys(ListPage),
    Versions(VersionsPage),
    Uploads(UploadsPage),
    Parts(PartsPage),
}

impl Page {
    /// The page that this call is answered with, and an empty one; `None` when the answer is none.
    fn read(call: S3Call, body: &[u8]) -> Option<Result<(Self, &'static [u8]), BadPage>> {
        Some(match call {
            S3Call::ListObjectsV2 => listing_xml::parse(body).map(|page| {
                (
                    Self::Keys(page),
                    b"<ListBucketResult></ListBucketResult>".as_slice(),
                )
            }),
            S3Call::ListObjectVersions => listing_xml::parse_versions(body).map(|page| {
                (
                    Self::Versions(page),
                    b"<ListVersionsResult></ListVersionsResult>".as_slice(),
                )
            }),
            S3Call::ListMultipartUploads => listing_xml::parse_uploads(body).map(|page| {
                let empty = b"<ListMultipartUploadsResult></ListMultipartUploadsResult>".as_slice();
                (Self::Uploads(page), empty)
            }),
            S3Call::ListParts => listing_xml::parse_parts(body).map(|page| {
                (
                    Self::Parts(page),
                    b"<ListPartsResult></ListPartsResult>".as_slice(),
                )
            }),
            _ => return None,
        })
    }
}

/// One attempt of a call: what it is, and what came of it. Travels with the request.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) call: S3Call,
    pub(crate) bucket: Option<BucketName>,
    /// Most bytes the answer's body may have.
    pub(crate) limit: usize,
    /// Whether the body of a good answer is left to be read by whoever asked.
    streamed: bool,
    outcome: Mutex<Outcome>,
}

/// What came of an attempt, as far as the SDK doesn't tell.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) bucket_region: Option<Region>,
    /// Where a redirect points to.
    pub(crate) location: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) page: Option<Page>,
    /// The body, where it is to be streamed.
    pub(crate) body: Option<OpenBody>,
    /// The name of the root element of a small answer.
    pub(crate) root: Option<String>,
    /// A small answer as it came.
    pub(crate) document: Bytes,
    pub(crate) trouble: Option<Trouble>,
}

/// Why there is no usable answer.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Refused(AddressRefused),
    #[error("no answer within {} seconds", .0.as_secs())]
    Silent(Duration),
    #[error("{0}")]
    NoConnection(String),
    #[error("the answer breaks off")]
    BreaksOff,
    #[error("the answer has more than {0} bytes")]
    TooLong(usize),
    #[error(transparent)]
    BadPage(BadPage),
}

impl Attempt {
    pub(crate) fn new(call: S3Call, bucket: Option<BucketName>) -> Self {
        Self {
            call,
            bucket,
            limit: MAX_BODY,
            streamed: false,
            outcome: Mutex::default(),
        }
    }

    pub(crate) fn with_limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    pub(crate) fn streamed(self) -> Self {
        Self {
            streamed: true,
            ..self
        }
    }

    pub(crate) fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes requests on to a connector that connects, and measures.
#[derive(Debug, Clone)]
pub(crate) struct MeteredConnector {
    pub(crate) inner: SharedHttpConnector,
    pub(crate) meter: Meter,
}

/// What measuring needs.
#[derive(Clone)]
pub(crate) struct Meter {
    pub(crate) recorder: Recorder,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) first_byte: Duration,
    pub(crate) whole: Duration,
}

impl Meter {
    /// An attempt is over.
    pub(crate) fn record(&self, attempt: &Attempt, measured: &Measured, trouble: Option<&Trouble>) {
        let (status, request_id) = {
            let outcome = attempt.outcome();
            (outcome.status, outcome.request_id.as_deref().map(Arc::from))
        };
        let error = match trouble {
            Some(trouble) => Some(trouble.to_string()),
            None if status >= 400 => Some(format!("the store answered with status {status}")),
            None => None,
        };
        self.recorder.record(Operation {
            finished_at: self.clock.now(),
            kind: attempt.call.into(),
            method: measured.method,
            endpoint: path_template(attempt.call).into(),
            bucket: attempt.bucket.clone(),
            status: if trouble.is_some() { 0 } else { status },
            duration: measured.started.elapsed(),
            first_byte: measured.first_byte,
            bytes_in: measured.bytes_in,
            bytes_out: measured.bytes_out,
            error,
            request_id,
        });
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}

impl HttpConnector for MeteredConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let Some(attempt) = request.extension::<Arc<Attempt>>().cloned() else {
            return HttpConnectorFuture::ready(Err(ConnectorError::user(
                "a request without its attempt".into(),
            )));
        };
        // Without encodings the counted bytes are the body's, and nothing can unpack to more than came.
        request.headers_mut().insert("accept-encoding", "identity");
        let this = self.clone();
        HttpConnectorFuture::new(async move { this.send(request, &attempt).await })
    }
}

/// What was measured of one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    method: &'static str,
    started: Instant,
    first_byte: Option<Duration>,
    bytes_in: u64,
    pub(crate) bytes_out: u64,
}

impl MeteredConnector {
    async fn send(&self, request: HttpRequest, attempt: &Attempt) -> Result<HttpResponse, ConnectorError> {
        let mut measured = Measured {
            method: method(request.method()),
            started: Instant::now(),
            first_byte: None,
            bytes_in: request.body().content_length().unwrap_or_default(),
            bytes_out: 0,
        };
        let whole = self.meter.whole;
        let answer = tokio::time::timeout(whole, self.exchange(request, attempt, &mut measured)).await;
        let answer = answer.unwrap_or(Err(Trouble::Silent(whole)));
        // A future dropped before this point was given up by whoever waited: no operation of the store's.
        // A body that is streamed is recorded at its end.
        if attempt.outcome().body.is_none() {
            self.meter.record(attempt, &measured, answer.as_ref().err());
        }
        answer.map_err(|trouble| {
            attempt.outcome().trouble = Some(trouble.clone());
            match trouble {
                Trouble::Silent(_) => ConnectorError::timeout(trouble.into()),
                _ => ConnectorError::io(trouble.into()),
            }
        })
    }

    async fn exchange(
        &self,
        request: HttpRequest,
        attempt: &Attempt,
        measured: &mut Measured,
    ) -> Result<HttpResponse, Trouble> {
        let first_byte = self.meter.first_byte;
        let mut response = tokio::time::timeout(first_byte, self.inner.call(request))
            .await
            .map_err(|_| Trouble::Silent(first_byte))?
            .map_err(no_answer)?;
        measured.first_byte = Some(measured.started.elapsed());
        note_headers(&mut attempt.outcome(), &response);
        if attempt.streamed && response.status().is_success() {
            let body = response.take_body();
            attempt.outcome().body = Some(OpenBody::new(body, measured.clone(), self.meter.clone()));
            return Ok(response);
        }
        // The limit is for content; what the store says about a failure has a limit of its own.
        let limit = if response.status().is_success() {
            attempt.limit
        } else {
            MAX_BODY
        };
        let announced = response.headers().get("content-length");
        // Not so for HEAD, whose answer has no body.
        if attempt.call != S3Call::HeadObject
            && announced.and_then(|length| length.parse().ok()) > Some(limit)
        {
            return Err(Trouble::TooLong(limit));
        }
        let body = response.take_body();
        let body = self.read(body, limit, measured).await?;
        let page = if response.status().is_success() {
            Page::read(attempt.call, &body)
                .transpose()
                .map_err(Trouble::BadPage)?
        } else {
            None
        };
        let sent = body.len();
        let body = if let Some((page, empty)) = page {
            attempt.outcome().page = Some(page);
            Bytes::from_static(empty)
        } else {
            let mut outcome = attempt.outcome();
            outcome.document = body.clone();
            let body = misnamed::corrected(attempt.call, body);
            outcome.root = listing_xml::root(&body);
            drop(outcome);
            body
        };
        if body.len() != sent {
            // The SDK would compare it with the body that it is given instead.
            response.headers_mut().remove("content-length");
        }
        *response.body_mut() = SdkBody::from(body);
        Ok(response)
    }

    /// Reads a body into memory; every part of it has to come in time.
    async fn read(&self, mut body: SdkBody, limit: usize, measured: &mut Measured) -> Result<Bytes, Trouble> {
        let mut parts = BytesMut::new();
        let pause = self.meter.first_byte;
        loop {
            let frame = tokio::time::timeout(pause, body.frame())
                .await
                .map_err(|_| Trouble::Silent(pause))?;
            let Some(frame) = frame else {
                return Ok(parts.freeze());
            };
            let Ok(data) = frame.map_err(|_| Trouble::BreaksOff)?.into_data() else {
                continue;
            };
            measured.bytes_out = measured
                .bytes_out
                .saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
            if parts.len().saturating_add(data.len()) > limit {
                return Err(Trouble::TooLong(limit));
            }
            parts.extend_from_slice(&data);
        }
    }
}

fn no_answer(error: ConnectorError) -> Trouble {
    let timed_out = error.is_timeout();
    let error = error.into_source();
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error.as_ref());
    let mut said = error.to_string();
    while let Some(error) = next {
        if let Some(refused) = error.downcast_ref::<AddressRefused>() {
            return Trouble::Refused(refused.clone());
        }
        said = error.to_string();
        next = error.source();
    }
    if timed_out {
        Trouble::NoConnection("no connection in time".to_owned())
    } else {
        Trouble::NoConnection(said)
    }
}

fn note_headers(outcome: &mut Outcome, response: &HttpResponse) {
    let header = |name| {
        response
            .headers()
            .get(name)
            .map(|value| value.chars().take(200).collect::<String>())
    };
    outcome.status = response.status().as_u16();
    outcome.retry_after = header("retry-after")
        .and_then(|value| value.trim().parse().ok())
        .map(Duration::from_secs);
    outcome.bucket_region = header("x-amz-bucket-region").and_then(|region| region.parse().ok());
    outcome.location = header("location").filter(|_| (300..400).contains(&outcome.status));
    outcome.request_id = header("x-amz-request-id");
}

fn method(method: &str) -> &'static str {
    match method {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "PUT" => "PUT",
        "POST" => "POST",
        "DELETE" => "DELETE",
        _ => "OTHER",
    }
}

fn path_template(call: S3Call) -> &'static str {
    match call {
        S3Call::ListBuckets => "/",
        S3Call::HeadObject
        | S3Call::GetObject
        | S3Call::PutObject
        | S3Call::DeleteObject
        | S3Call::ListParts => "/{bucket}/{key}",
        _ => "/{bucket}",
    }
}
