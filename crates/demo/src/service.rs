//! One HTTP request: what it is, which faults strike it, and `s3s` in between.

mod replaced;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError};

use crate::access::{Gate, Hosts, Keys};
use crate::backend::Backend;
use crate::counts::RequestCounts;
use crate::faults::{Faults, Instead, Plan};
use crate::faulty_body::{Break, FaultyBody};
use crate::listing_route::Listings;
use crate::log_line::request_id;
use crate::operation::{Operation, Target};
use crate::request_log::Observed;
use crate::shared::Shared;

/// Serves requests; one for all connections.
pub(crate) struct Service {
    s3: S3Service,
    shared: Arc<Shared>,
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
            shared: Arc::clone(shared),
            faults,
            counts,
            request_ids: AtomicU64::new(0),
        }
    }

    /// Answers one request. `abort` is the connection's: set, it is reset when it closes.
    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
        peer: IpAddr,
        abort: Arc<AtomicBool>,
    ) -> Result<Response<FaultyBody>, HttpError> {
        let mut target = Target::of(request.method(), request.uri(), request.headers());
        let in_flight = self.counts.begin(target.operation);
        let plan = self.faults.plan(&target);
        if plan.ignore_subresource && request.method() == http::Method::GET {
            target.operation = Operation::ListObjects;
        }
        let mut observed = Observed::begin(&self.shared, &request, &target, peer);
        if !plan.delay.is_zero() {
            tokio::time::sleep(plan.delay).await;
        }
        if let Some(bucket) = &target.bucket {
            self.shared.history.wanted(&self.shared, bucket).await;
        }
        let id = request_id(self.request_ids.fetch_add(1, Ordering::Relaxed));
        let mut response = match plan.instead {
            Some(instead) => replace(instead, &abort).await?,
            None => {
                let mut request = request.map(Body::from);
                if let Some(observed) = &observed {
                    request.extensions_mut().insert(observed.notes());
                }
                self.ask(request, target, &plan).await?
            }
        };
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("x-amz-request-id", value);
        }
        replaced::change_etag(response.headers_mut(), &plan);
        let length = response.headers().get(http::header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        if let Some(observed) = &mut observed {
            observed.answered(&response, &id);
        }
        // What has no body is done.
        let observed = observed.and_then(|mut observed| (!observed.sent(0)).then_some(observed));
        let other_bytes = plan.other_bytes && response.status().is_success();
        Ok(response.map(|body| FaultyBody {
            end: plan
                .body
                .map(|fault| Break::new(fault, length.or(body.size_hint().exact()), abort)),
            other_bytes,
            inner: body,
            observed,
            _in_flight: in_flight,
        }))
    }

    /// What the store itself answers.
    async fn ask(
        &self,
        mut request: Request<Body>,
        target: Target,
        plan: &Plan,
    ) -> Result<Response<Body>, HttpError> {
        if plan.changed && replaced::refuses(request.headers()) {
            return Ok(error(
                StatusCode::PRECONDITION_FAILED,
                "PreconditionFailed",
                "At least one of the preconditions did not hold",
            ));
        }
        request.extensions_mut().insert(target);
        request.extensions_mut().insert(plan.clone());
        self.s3.call(request).await
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
        Instead::Revoked => error(
            StatusCode::FORBIDDEN,
            "InvalidAccessKeyId",
            "The access key id does not exist.",
        ),
        Instead::Denied => error(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"),
        Instead::Hidden => error(
            StatusCode::NOT_FOUND,
            "NoSuchBucket",
            "The specified bucket does not exist",
        ),
        Instead::NotImplemented => error(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            "A header or query you provided implies functionality that is not implemented.",
        ),
        Instead::NoSuchKey => error(
            StatusCode::NOT_FOUND,
            "NoSuchKey",
            "The specified key does not exist.",
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
