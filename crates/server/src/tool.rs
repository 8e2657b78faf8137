//! Any tool as a route: headers and query string in, JSON or a stream of events out.

mod events;
mod progress_route;

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request};
use spacewatch_insight::{Tenant, Tool};
use spacewatch_model::{BucketName, ErrorCode};
use spacewatch_s3::{Progress, Store};

use crate::app::App;
use crate::client::{self, ClientKey};
use crate::door::{Subject, read_and_forget};
use crate::problem::Problem;
use crate::query;
use crate::request_id::RequestId;
use crate::tenant::Caller;
use crate::work::{Asked, Question, Waiting};

pub(crate) use events::ProgressReport;
pub(crate) use progress_route::{WorkState, work};

/// Answers with tool `T`.
pub(crate) async fn answer<T: Tool>(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    Caller(tenant): Caller,
    request: Request<Body>,
) -> Response {
    app.services.counters.tool_requests.increment();
    let args = match query::parse::<T::Args>(request.uri().query()) {
        Ok(args) => args,
        Err(problem) => return problem.into_response(),
    };
    let streams = wants_events(request.headers());
    let client = client::of(&request, &app.config.trusted_proxies);
    if let Err(problem) = read_and_forget(&app, request.into_body()).await {
        return problem.into_response();
    }
    let bucket = bucket_of::<T>(&args);
    let asked = ask::<T>(&app, tenant, args, bucket.clone(), client).await;
    let mut response = match asked {
        Err(problem) => problem.into_response(),
        Ok(Ready::Answer(json)) if !streams => json_response(json),
        Ok(Ready::Answer(json)) => events::single(json),
        Ok(Ready::Wait(waiting)) if streams => events::stream(app, waiting, request_id),
        Ok(Ready::Wait(waiting)) => wait(&app, waiting).await,
    };
    if let Some(bucket) = bucket {
        response.extensions_mut().insert(Subject(bucket));
    }
    response
}

enum Ready {
    Answer(Bytes),
    Wait(Waiting),
}

async fn ask<T: Tool>(
    app: &Arc<App>,
    tenant: Tenant,
    args: T::Args,
    bucket: Option<BucketName>,
    client: ClientKey,
) -> Result<Ready, Problem> {
    let question = Question {
        tenant: tenant.store.fingerprint(),
        tool: T::NAME,
        args: serde_json::to_vec(&(&args, &tenant.log_bucket, &tenant.metrics_bucket)).map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "arguments can't be written"
            );
            Problem::internal()
        })?,
    };
    loop {
        let (tenant, args) = (tenant.clone(), args.clone());
        let store = tenant.store.clone();
        let run = |progress| run::<T>(tenant, args, progress);
        match app.works.ask(question.clone(), bucket.clone(), client, run)? {
            Asked::Running(waiting) => return Ok(Ready::Wait(waiting)),
            Asked::Finished(work) => {
                let readable = still_readable(&store, bucket.as_ref()).await;
                app.works.picked_up(&work);
                if let (true, Some(outcome)) = (readable, work.outcome()) {
                    return outcome.map(Ready::Answer);
                }
                // Not readable any more, as far as is known: the question is asked anew and the store says.
            }
        }
    }
}

async fn run<T: Tool>(tenant: Tenant, args: T::Args, progress: Progress) -> Result<Bytes, Problem> {
    let tenant = Tenant { progress, ..tenant };
    let output = T::run(&tenant, args).await?;
    serde_json::to_vec(&output).map(Bytes::from).map_err(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            tool = T::NAME,
            "an answer can't be written"
        );
        Problem::internal()
    })
}

/// Whether the store lets these credentials read that bucket now, or did a moment ago.
async fn still_readable(store: &Store, bucket: Option<&BucketName>) -> bool {
    match bucket {
        _ if store.lease().is_fresh(bucket) => true,
        Some(bucket) => store.check_bucket(bucket).await.is_ok(),
        None => store.list_buckets().await.is_ok(),
    }
}

async fn wait(app: &App, mut waiting: Waiting) -> Response {
    let patience = app.config.request_timeout;
    let outcome = match tokio::time::timeout(patience, waiting.outcome()).await {
        Ok(outcome) => Some(outcome),
        // It may have ended just now; then there is nothing to promise.
        Err(_) if !waiting.promise() => Some(waiting.outcome().await),
        Err(_) => None,
    };
    if let Some(outcome) = outcome {
        app.works.picked_up(&waiting.work);
        return outcome.map_or_else(IntoResponse::into_response, json_response);
    }
    let detail = format!("no answer after {} s; the work goes on", patience.as_secs_f64());
    Problem::new(ErrorCode::StillRunning, detail)
        .with_hint("ask the same again to get the result, or follow the work at its address")
        .with_work(waiting.work.link())
        .into_response()
}

pub(crate) fn json_response(json: Bytes) -> Response {
    let mut response = Response::new(Body::from(json));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn wants_events(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|kind| {
            kind.split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/event-stream"))
        })
}

/// The bucket a question is about, for the operation log.
fn bucket_of<T: Tool>(args: &T::Args) -> Option<BucketName> {
    let args = serde_json::to_value(args).ok()?;
    args.get("bucket")?.as_str()?.parse().ok()
}
