//! One HTTP request: what it is, which faults strike it, and `s3s` in between.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError};

use crate::access::{Gate, Hosts, Keys};
use crate::backend::Backend;
use crate::counts::{InFlight, RequestCounts};
use crate::dice::mix;
use crate::faults::{BodyFault, Faults, Instead};
use crate::listing_route::Listings;
use crate::operation::{Operation, Target};
use crate::shared::Shared;

/// How long the first half of a body gets to reach the client before the connection is reset.
const FLUSH: Duration = Duration::from_millis(5);

/// Serves requests; one for all connections.
pub(crate) struct Service {
    s3: S3Service,
    faults: Faults,
    counts: RequestCounts,
    request_ids: AtomicU64,
}

impl Service {
    pub(crate) fn new(shared: &Arc<Shared>, faults: Faults, counts: RequestCounts) -> Self {
        let mut builder = S3ServiceBuilder::new(Backend(Arc::clone(shared)));
        builder.set_auth(Keys(Arc::clone(shared)));
        builder.set_access(Gate(Arc::clone(shared)));
        builder.set_route(Listings(Arc::clone(shared)));
        builder.set_host(Hosts);
        Self {
            s3: builder.build(),
            faults,
            counts,
            request_ids: AtomicU64::new(0),
        }
    }

    /// Answers one request. `abort` is the connection's: set, it is reset when it closes.
    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
        abort: Arc<AtomicBool>,
    ) -> Result<Response<FaultyBody>, HttpError> {
        let mut target = Target::of(request.method(), request.uri(), request.headers());
        let in_flight = self.counts.begin(target.operation);
        let plan = self.faults.plan(&target);
        if plan.ignore_subresource
            && target.operation == Operation::Other
            && request.method() == http::Method::GET
        {
            target.operation = Operation::ListObjects;
        }
        if !plan.delay.is_zero() {
            tokio::time::sleep(plan.delay).await;
        }
        let id = self.request_ids.fetch_add(1, Ordering::Relaxed);
        let mut response = match plan.instead {
            Some(instead) => replace(instead, &abort).await?,
            None => {
                let mut request = request.map(Body::from);
                request.extensions_mut().insert(target);
                request.extensions_mut().insert(plan.clone());
                self.s3.call(request).await?
            }
        };
        let request_id = format!("tx{:013x}-{id:010x}", mix(id) >> 12);
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert("x-amz-request-id", value);
        }
        if plan.wrong_etag && response.headers().contains_key(http::header::ETAG) {
            let wrong = HeaderValue::from_static("\"00000000000000000000000000000bad\"");
            response.headers_mut().insert(http::header::ETAG, wrong);
        }
        let length = response.headers().get(http::header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        Ok(response.map(|body| FaultyBody {
            end: plan
                .body
                .map(|fault| Break::new(fault, length.or(body.size_hint().exact()), abort)),
            inner: body,
            _in_flight: in_flight,
        }))
    }
}

fn error(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    document(status, xml)
}

fn document(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let xml = HeaderValue::from_static("application/xml");
    response.headers_mut().insert(http::header::CONTENT_TYPE, xml);
    response
}

async fn replace(instead: Instead, abort: &AtomicBool) -> Result<Response<Body>, HttpError> {
    Ok(match instead {
        Instead::SlowDown => error(
            StatusCode::SERVICE_UNAVAILABLE,
            "SlowDown",
            "Please reduce your request rate.",
        ),
        Instead::InternalError => error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "We encountered an internal error.",
        ),
        Instead::GarbageXml => document(
            StatusCode::OK,
            "<<ListBucketResult><Contents><Key>a</Nope>&\u{1}".to_owned(),
        ),
        Instead::Drop => {
            abort.store(true, Ordering::Relaxed);
            return Err(HttpError::new("the connection is dropped on purpose".into()));
        }
        Instead::Hang => std::future::pending().await,
    })
}

/// A body that may break off, and that counts its request as in flight until it ends.
pub(crate) struct FaultyBody {
    inner: Body,
    end: Option<Break>,
    _in_flight: InFlight,
}

struct Break {
    fault: BodyFault,
    left: u64,
    flush: Option<Pin<Box<tokio::time::Sleep>>>,
    abort: Arc<AtomicBool>,
}

impl Break {
    fn new(fault: BodyFault, size: Option<u64>, abort: Arc<AtomicBool>) -> Self {
        Self {
            fault,
            left: size.map_or(32 * 1024, |size| size / 2),
            flush: None,
            abort,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, s3s::StdError>>> {
        if self.fault == BodyFault::Stall {
            return Poll::Pending;
        }
        let flush = self
            .flush
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(FLUSH)));
        if flush.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.abort.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err("the body is broken off on purpose".into())))
    }
}

impl http_body::Body for FaultyBody {
    type Data = Bytes;
    type Error = s3s::StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, s3s::StdError>>> {
        let this = &mut *self;
        if let Some(end) = &mut this.end
            && end.left == 0
        {
            return end.poll(cx);
        }
        let polled = Pin::new(&mut this.inner).poll_frame(cx);
        let (Some(end), Poll::Ready(Some(Ok(frame)))) = (&mut this.end, &polled) else {
            return polled;
        };
        let Some(data) = frame.data_ref() else {
            return polled;
        };
        let sent = end.left.min(data.len() as u64);
        end.left -= sent;
        Poll::Ready(Some(Ok(Frame::data(
            data.slice(..usize::try_from(sent).unwrap_or(0)),
        ))))
    }

    fn is_end_stream(&self) -> bool {
        self.end.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
