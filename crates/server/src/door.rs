//! The outermost layer: what every request passes on its way in and every answer on its way out.
//!
//! One layer instead of a dozen: the order of its steps is easier to see here, and `/health` is cheap.

mod admission;
mod measured;
mod recording;

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::MatchedPath;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::{HeaderName, HeaderValue, Request};
use tower::{Layer, Service};

use crate::app::App;
use crate::cors;
use crate::problem::Problem;
use crate::request_id::RequestId;
use crate::security_headers;

pub(crate) use admission::{read_and_forget, read_body};
pub(crate) use measured::LateStatus;
pub(crate) use recording::Subject;

use admission::Admission;
use measured::Measured;
use recording::Recording;

const DURATION: HeaderName = HeaderName::from_static("x-request-duration-ms");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const OPERATION_TYPE: HeaderName = HeaderName::from_static("x-operation-type");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

#[derive(Clone)]
pub(crate) struct DoorLayer(pub(crate) Arc<App>);

impl<S> Layer<S> for DoorLayer {
    type Service = Door<S>;

    fn layer(&self, inner: S) -> Door<S> {
        Door {
            app: self.0.clone(),
            inner,
        }
    }
}

#[derive(Clone)]
pub(crate) struct Door<S> {
    app: Arc<App>,
    inner: S,
}

impl<S> Service<Request<Body>> for Door<S>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let app = self.app.clone();
        let next = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, next);
        Box::pin(async move { Ok(pass(app, inner, request).await) })
    }
}

async fn pass<S>(app: Arc<App>, mut inner: S, mut request: Request<Body>) -> Response
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
{
    let template = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let facts = app.routes.facts(template);
    let request_id = RequestId::of(request.headers());
    let recording = Recording::begin(app.clone(), &facts, &request, request_id.id.clone());
    let origin = cors::allowed_origin(request.headers(), &app.config.cors_origins);

    let response = match admission::admit(&app, &facts, &request) {
        Admission::Refused(problem) => {
            admission::linger(&app, request);
            problem.into_response()
        }
        Admission::Preflight => cors::preflight(origin.as_ref()),
        Admission::Granted => {
            security_headers::mark_sensitive(request.headers_mut());
            request.extensions_mut().insert(request_id.clone());
            match AssertUnwindSafe(inner.call(request)).catch_unwind().await {
                Ok(Ok(response)) => response,
                Err(panic) => panicked(&request_id, panic.as_ref()),
            }
        }
    };
    leave(&app, response, recording, &request_id, origin)
}

fn leave(
    app: &App,
    mut response: Response,
    mut recording: Recording,
    request_id: &RequestId,
    origin: Option<HeaderValue>,
) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        problem.write(&request_id.id, &mut response);
        recording.failed(problem.detail);
    }
    let late_status = response.extensions_mut().remove::<LateStatus>();
    recording.answered(response.status(), response.extensions_mut().remove::<Subject>());
    let operation = recording.operation_name();
    let duration = recording.duration_header();
    let headers = response.headers_mut();
    headers.insert(DURATION, duration);
    headers.insert(OPERATION_TYPE, HeaderValue::from_static(operation));
    if let Ok(id) = HeaderValue::from_str(&request_id.id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(traceparent) = &request_id.traceparent {
        headers.insert(TRACEPARENT, traceparent.clone());
    }
    if let Some(origin) = origin {
        cors::expose(headers, origin);
    } else if !app.config.cors_origins.is_empty() {
        cors::vary(headers);
    }
    security_headers::apply(headers, app.config.tls.is_some());
    response.map(|body| Body::new(Measured::new(body, recording, late_status)))
}

fn panicked(request_id: &RequestId, panic: &(dyn Any + Send)) -> Response {
    let why = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("of unknown reason");
    tracing::error!(request_id = &*request_id.id, panic = why, "a handler panicked");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::Router;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use spacewatch_assistant::Assistant;
    use spacewatch_insight::{
        BucketCache, Histories, Inventories, InventoriesConfig, PriceBook, SnapshotsConfig,
    };
    use spacewatch_lake::{Lakes, LakesConfig};
    use spacewatch_model::SystemClock;
    use spacewatch_s3::{EndpointPolicy, PolicyConfig, Stores, StoresConfig};
    use spacewatch_telemetry::{Counters, MissionControl, Recorder};
    use tower::ServiceExt;

    use super::*;
    use crate::route_table::RouteTable;
    use crate::{Config, Services};

    fn app() -> Arc<App> {
        let clock = Arc::new(SystemClock::new());
        let recorder = Recorder::new(spacewatch_telemetry::Config::default(), clock.clone());
        let default_region = "sgp1".parse().expect("a region");
        let policy = PolicyConfig {
            default_region,
            default_endpoint: None,
            allowed: Vec::new(),
        };
        let services = Services {
            stores: Stores::new(StoresConfig::default(), recorder.clone(), clock.clone()),
            policy: EndpointPolicy::new(policy),
            bucket_cache: BucketCache::new(Duration::from_secs(1), Arc::default()),
            lakes: Lakes::new(
                LakesConfig {
                    directory: std::env::temp_dir(),
                    place: spacewatch_lake::LakePlace::Disk,
                    max_bytes: 0,
                    retention: None,
                },
                clock.clone(),
            ),
            histories: Histories::new(SnapshotsConfig::default(), clock.clone()),
            inventories: Inventories::new(
                InventoriesConfig {
                    directory: std::env::temp_dir(),
                    max_bytes: 0,
                },
                clock.clone(),
            ),
            mission: MissionControl::new(clock.clone()),
            assistant: Assistant::new(clock.clone()),
            prices: PriceBook::default(),
            counters: Arc::new(Counters::default()),
            recorder,
            clock,
        };
        App::new(
            Arc::new(Config::default()),
            services,
            RouteTable::new(Default::default()),
        )
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_and_the_service_goes_on() {
        async fn fails() -> &'static str {
            panic!("the secret cause")
        }
        let router = Router::new()
            .route("/", get(fails))
            .route("/fine", get(async || "fine"))
            .layer(DoorLayer(app()));
        let ask = |path: &str| {
            let request = Request::builder()
                .uri(path)
                .header("host", "localhost")
                .body(Body::empty());
            router.clone().oneshot(request.expect("a request"))
        };
        let response = ask("/").await.expect("an answer");
        assert_eq!(response.status(), 500);
        assert!(response.headers().contains_key(REQUEST_ID) && response.headers().contains_key(DURATION));
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&body);
        assert!(
            text.contains("\"Internal\"") && !text.contains("secret"),
            "{text}"
        );
        assert_eq!(ask("/fine").await.expect("an answer").status(), 200);
    }
}
