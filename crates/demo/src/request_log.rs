//! What a request's access log record needs to know, gathered while it is answered.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_RANGE, HOST, REFERER, USER_AGENT};
use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode};
use s3s::Body;

use crate::backend::owner_id;
use crate::log_delivery::requester;
use crate::log_line::{Asked, LogRecord, Outcome, Signing};
use crate::operation::{Operation, Target};
use crate::shared::Shared;

/// What the store notes about a request beside its answer: the parts of it that get records of their own.
#[derive(Debug, Default)]
pub(crate) struct Notes(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    access_key: Option<String>,
    deleted: Vec<(String, Option<String>)>,
    copied: Option<(String, String, u64)>,
}

impl Notes {
    /// The signature was right.
    pub(crate) fn signed_by(&self, access_key: &str) {
        self.with(|noted| noted.access_key = Some(access_key.to_owned()));
    }

    /// One key of a multi-object delete, and the version that is gone or came.
    pub(crate) fn deleted(&self, key: &str, version: Option<String>) {
        self.with(|noted| noted.deleted.push((key.to_owned(), version)));
    }

    /// What a copy read.
    pub(crate) fn copied(&self, bucket: &str, key: &str, size: u64) {
        self.with(|noted| noted.copied = Some((bucket.to_owned(), key.to_owned(), size)));
    }

    fn with<T>(&self, act: impl FnOnce(&mut Noted) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A request on a bucket whose requests are logged. Its record is written when the answer has gone out, or as far as
/// it went.
pub(crate) struct Observed {
    shared: Arc<Shared>,
    notes: Arc<Notes>,
    bucket: String,
    key: Option<String>,
    operation: Operation,
    method: Method,
    target: String,
    operation_name: Cow<'static, str>,
    headers: HeaderMap,
    peer: IpAddr,
    signing: Signing,
    time: i64,
    began: Duration,
    answered: Option<Answered>,
    sent: u64,
}

struct Answered {
    status: StatusCode,
    error: Option<String>,
    size: Option<u64>,
    version: Option<String>,
    /// How many bytes of body will go out, where that is known.
    expected: Option<u64>,
    request_id: String,
    after: Duration,
}

impl Observed {
    /// `None` where nobody asked for logs of the bucket.
    pub(crate) fn begin<B>(
        shared: &Arc<Shared>,
        request: &Request<B>,
        target: &Target,
        peer: IpAddr,
    ) -> Option<Box<Self>> {
        let bucket = target.bucket.as_ref()?;
        if !shared.read().is_logged(bucket) {
            return None;
        }
        let uri = request.uri();
        Some(Box::new(Self {
            shared: Arc::clone(shared),
            notes: Arc::default(),
            bucket: bucket.clone(),
            key: target.key.clone(),
            operation: target.operation,
            method: request.method().clone(),
            target: uri.path_and_query().map_or("/", |text| text.as_str()).to_owned(),
            operation_name: target
                .operation
                .log_name(request.method(), uri, target.key.is_some()),
            headers: request.headers().clone(),
            peer,
            signing: signing(request.headers(), uri.query().unwrap_or("")),
            time: shared.now(),
            began: shared.clock.elapsed(),
            answered: None,
            sent: 0,
        }))
    }

    /// Where the store notes what it does.
    pub(crate) fn notes(&self) -> Arc<Notes> {
        Arc::clone(&self.notes)
    }

    /// The headers of the answer are there.
    pub(crate) fn answered(&mut self, response: &Response<Body>, request_id: &str) {
        let headers = response.headers();
        let length = number(headers, &CONTENT_LENGTH);
        let good = response.status().is_success();
        let size = match self.operation {
            Operation::GetObject if good => content_range_size(headers).or(length),
            Operation::HeadObject if good => length,
            Operation::PutObject | Operation::UploadPart => self.uploaded(),
            _ => None,
        };
        let silent = self.method == Method::HEAD || response.status() == StatusCode::NOT_MODIFIED;
        self.answered = Some(Answered {
            status: response.status(),
            error: self.error_code(response),
            size,
            version: headers
                .get("x-amz-version-id")
                .and_then(|id| id.to_str().ok())
                .map(str::to_owned),
            expected: if silent {
                Some(0)
            } else {
                length.or_else(|| response.body().bytes().map(|bytes| bytes.len() as u64))
            },
            request_id: request_id.to_owned(),
            after: self.since(),
        });
    }

    /// More of the body went out; tells whether that was all.
    pub(crate) fn sent(&mut self, bytes: u64) -> bool {
        self.sent += bytes;
        let expected = self.answered.as_ref().and_then(|answered| answered.expected);
        expected.is_some_and(|expected| self.sent >= expected)
    }

    fn since(&self) -> Duration {
        self.shared.clock.elapsed().saturating_sub(self.began)
    }

    fn uploaded(&self) -> Option<u64> {
        let decoded = HeaderName::from_static("x-amz-decoded-content-length");
        number(&self.headers, &decoded).or_else(|| number(&self.headers, &CONTENT_LENGTH))
    }

    /// The code in the error document; an answer without one (to a HEAD) is logged with the usual code.
    fn error_code(&self, response: &Response<Body>) -> Option<String> {
        let status = response.status().as_u16();
        if status < 400 {
            return None;
        }
        let text = response.body().bytes().unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let code = text
            .split_once("<Code>")
            .and_then(|(_, rest)| rest.split_once("</Code>"));
        let usual = match (status, &self.key) {
            (403, _) => "AccessDenied",
            (404, Some(_)) => "NoSuchKey",
            (404, None) => "NoSuchBucket",
            (412, _) => "PreconditionFailed",
            _ => return code.map(|(code, _)| code.to_owned()),
        };
        Some(code.map_or(usual, |(code, _)| code).to_owned())
    }

    fn record(&mut self) {
        let Some(answered) = self.answered.take() else {
            return;
        };
        let noted = self.notes.with(std::mem::take);
        let (owner, requester) = {
            let world = self.shared.read();
            let owner = world
                .buckets
                .get(&self.bucket)
                .and_then(|bucket| world.tenants.get(bucket.owner));
            let requester = noted
                .access_key
                .as_ref()
                .map_or_else(|| "-".to_owned(), |id| requester(&world, id));
            (
                owner.map_or_else(|| "-".to_owned(), |name| owner_id(name)),
                requester,
            )
        };
        let header = |name: HeaderName| self.headers.get(name).map_or(&b"-"[..], |value| value.as_bytes());
        let host = self.headers.get(HOST).and_then(|host| host.to_str().ok());
        let ip = self.peer.to_string();
        let whole = LogRecord {
            owner: &owner,
            bucket: &self.bucket,
            time: self.time,
            ip: &ip,
            requester: requester.as_str().into(),
            request_id: answered.request_id.clone(),
            operation: Cow::Borrowed(&self.operation_name),
            key: self.key.as_deref().map(Cow::Borrowed),
            asked: Asked::Client {
                method: self.method.as_str(),
                target: Cow::Borrowed(&self.target),
                referer: Cow::Borrowed(header(REFERER)),
                agent: Cow::Borrowed(header(USER_AGENT)),
            },
            outcome: Outcome {
                status: Some(answered.status.as_u16()),
                error: answered.error.as_deref().map(Cow::Borrowed),
                bytes_sent: Some(self.sent).filter(|sent| *sent > 0),
                object_size: answered.size,
                total_ms: Some(milliseconds(self.since())),
                turnaround_ms: Some(milliseconds(answered.after)),
            },
            version: answered.version.as_deref().map(Cow::Borrowed),
            signing: self.signing,
            host: host.filter(|host| !host.contains(' ')).unwrap_or("-"),
            encrypted: false,
            fields: 26,
        };
        self.shared.logs.add(&whole);
        self.record_parts(&whole, &noted);
    }

    fn record_parts(&self, whole: &LogRecord<'_>, noted: &Noted) {
        for (key, version) in &noted.deleted {
            self.shared.logs.add(&LogRecord {
                operation: "BATCH.DELETE.OBJECT".into(),
                key: Some(key.into()),
                asked: Asked::Part,
                outcome: Outcome {
                    status: Some(204),
                    ..Outcome::default()
                },
                version: version.as_deref().map(Cow::Borrowed),
                ..whole.clone()
            });
        }
        let Some((bucket, key, size)) = &noted.copied else {
            return;
        };
        if self.shared.read().is_logged(bucket) {
            self.shared.logs.add(&LogRecord {
                bucket,
                operation: format!("{}_GET", whole.operation).into(),
                key: Some(key.into()),
                asked: Asked::Part,
                outcome: Outcome {
                    object_size: Some(*size),
                    bytes_sent: None,
                    ..whole.outcome.clone()
                },
                version: None,
                ..whole.clone()
            });
        }
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.record();
    }
}

fn signing(headers: &HeaderMap, query: &str) -> Signing {
    let header = headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    match header {
        Some(text) if text.starts_with("AWS4-") => Signing::Header,
        Some(text) if text.starts_with("AWS ") => Signing::HeaderV2,
        _ if query.contains("X-Amz-Signature=") => Signing::Query,
        _ => Signing::Anonymous,
    }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// The size behind the slash of `bytes 0-99/1234`.
fn content_range_size(headers: &HeaderMap) -> Option<u64> {
    let (_, size) = headers.get(CONTENT_RANGE)?.to_str().ok()?.rsplit_once('/')?;
    size.parse().ok()
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
