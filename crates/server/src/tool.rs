//! Any tool as a route: headers and query string in, JSON or a stream of events out.

pub(crate) mod body;
pub(crate) mod events;
mod evidence_route;
mod form;
mod ingest_route;
mod inventory_route;
mod pictures;
mod plot;
mod progress_route;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request};
use serde::Serialize;
use spacewatch_insight::{Evidence, Prepared, Tenant, Tool};
use spacewatch_model::ErrorCode;
use spacewatch_s3::{Progress, Store};

use crate::app::App;
use crate::client::{self, ClientKey};
use crate::door::{Subject, read_and_forget, read_body};
use crate::problem::Problem;
use crate::query;
use crate::request_id::RequestId;
use crate::tenant::Caller;
use crate::work::{Asked, Outcome, Question, Waiting};

/// How often a watcher hears of work.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

use form::Form;
pub(crate) use form::accepts_events;

pub(crate) use events::ProgressReport;
pub(crate) use evidence_route::evidence;
pub(crate) use ingest_route::ingest_status;
pub(crate) use inventory_route::{inventory_export, inventory_status};
pub(crate) use pictures::Pictures;
pub(crate) use plot::{PLOTS, PlotQuery, plot};
pub(crate) use progress_route::{WorkState, work};

/// Answers with tool `T`, whose arguments stand in the address.
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
    let door = Door::of(&app, &request, request_id);
    if let Err(problem) = read_and_forget(&app, request.into_body()).await {
        return problem.into_response();
    }
    respond::<T>(app, door, tenant, args).await
}

/// Answers with tool `T`, whose arguments are the body, as JSON.
pub(crate) async fn answer_body<T: Tool>(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    Caller(tenant): Caller,
    request: Request<Body>,
) -> Response {
    app.services.counters.tool_requests.increment();
    if let Err(problem) = body::check_kind(request.headers()) {
        return problem.into_response();
    }
    let door = Door::of(&app, &request, request_id);
    let args = match read_body(&app, request.into_body()).await {
        Ok(bytes) => body::parse::<T::Args>(&bytes),
        Err(problem) => Err(problem),
    };
    match args {
        Ok(args) => respond::<T>(app, door, tenant, args).await,
        Err(problem) => problem.into_response(),
    }
}

/// How somebody asks.
struct Door {
    request_id: RequestId,
    client: ClientKey,
    form: Form,
}

impl Door {
    fn of(app: &App, request: &Request<Body>, request_id: RequestId) -> Self {
        Self {
            request_id,
            client: client::of(request, &app.config.trusted_proxies),
            form: Form::of(request),
        }
    }
}

async fn respond<T: Tool>(app: Arc<App>, door: Door, tenant: Tenant, args: T::Args) -> Response {
    let evidence = T::evidence(&tenant, &args);
    let subject = evidence.first().map(|evidence| evidence.bucket().clone());
    let asked = ask::<T>(&app, tenant, args, evidence, door.client).await;
    let mut response = match asked {
        Err(problem) => problem.into_response(),
        Ok(Ready::Answer(json)) if door.form.is_events() => events::single(json),
        Ok(Ready::Answer(json)) => door.form.response(json),
        Ok(Ready::Wait(waiting)) if door.form.is_events() => events::stream(app, waiting, door.request_id),
        Ok(Ready::Wait(waiting)) => wait(&app, waiting, |json| door.form.response(json)).await,
    };
    if let Some(bucket) = subject {
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
    evidence: Vec<Evidence>,
    client: ClientKey,
) -> Result<Ready, Problem> {
    let question = Question {
        tenant: tenant.store.fingerprint(),
        tool: T::NAME,
        args: named(&tenant, &args)?,
    };
    let asking = Asking {
        question,
        evidence,
        client,
    };
    let store = tenant.store.clone();
    let run = |progress| run::<T>(tenant.clone(), args.clone(), progress);
    pursue(app, &store, asking, run).await
}

/// Who asks what, and what they must be able to read.
struct Asking {
    question: Question,
    evidence: Vec<Evidence>,
    client: ClientKey,
}

/// Picks a promised result up, or sees to it that the work runs.
async fn pursue<R>(
    app: &App,
    store: &Store,
    asking: Asking,
    run: impl Fn(Progress) -> R,
) -> Result<Ready, Problem>
where
    R: Future<Output = Outcome> + Send + 'static,
{
    let Asking {
        question,
        evidence,
        client,
    } = asking;
    loop {
        match app.works.ask(question.clone(), evidence.clone(), client, &run)? {
            Asked::Running(waiting) => return Ok(Ready::Wait(waiting)),
            Asked::Finished(work) => {
                let readable = still_readable(store, &evidence).await;
                app.works.picked_up(&work);
                if let (true, Some(outcome)) = (readable, work.outcome()) {
                    return outcome.map(Ready::Answer);
                }
                // Not readable any more, as far as is known: the question is asked anew and the store says.
            }
        }
    }
}

/// The arguments and what the headers name, so that only who asks the very same gets the same answer.
fn named<A: Serialize>(tenant: &Tenant, args: &A) -> Result<Vec<u8>, Problem> {
    let all = (
        args,
        &tenant.log_bucket,
        &tenant.log_prefix,
        &tenant.metrics_bucket,
        &tenant.metrics_prefix,
    );
    serde_json::to_vec(&all).map_err(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "arguments can't be written"
        );
        Problem::internal()
    })
}

/// Who is told how far a piece of work is.
pub(crate) type Watcher<'a> = &'a mut (dyn FnMut(&Progress) + Send);

/// Answers a question that was asked by the tool's name, and waits for as long as the caller does. The watcher hears of it every second.
pub(crate) async fn ask_prepared(
    app: &App,
    tenant: &Tenant,
    (tool, prepared): (&'static str, Prepared),
    client: ClientKey,
    watcher: Watcher<'_>,
) -> Result<Bytes, Problem> {
    let asking = Asking {
        question: Question {
            tenant: tenant.store.fingerprint(),
            tool,
            args: named(tenant, &prepared.args)?,
        },
        evidence: prepared.evidence.clone(),
        client,
    };
    let run = |progress| {
        let answer = prepared.run(Tenant {
            progress,
            ..tenant.clone()
        });
        async move { written(tool, &answer.await?) }
    };
    match pursue(app, &tenant.store, asking, run).await? {
        Ready::Answer(json) => Ok(json),
        Ready::Wait(mut waiting) => {
            let outcome = loop {
                tokio::select! {
                    outcome = waiting.outcome() => break outcome,
                    () = tokio::time::sleep(WATCH_INTERVAL) => {}
                }
                watcher(&waiting.work.progress);
            };
            app.works.picked_up(&waiting.work);
            outcome
        }
    }
}

async fn run<T: Tool>(tenant: Tenant, args: T::Args, progress: Progress) -> Result<Bytes, Problem> {
    let tenant = Tenant { progress, ..tenant };
    written(T::NAME, &T::run(&tenant, args).await?)
}

fn written<A: Serialize>(tool: &str, answer: &A) -> Outcome {
    serde_json::to_vec(answer).map(Bytes::from).map_err(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            tool,
            "an answer can't be written"
        );
        Problem::internal()
    })
}

/// Whether the store lets these credentials read all of it now, or did a moment ago.
async fn still_readable(store: &Store, evidence: &[Evidence]) -> bool {
    if evidence.is_empty() {
        return store.lease().is_fresh(None) || store.list_buckets().await.is_ok();
    }
    for evidence in evidence {
        if evidence.ensure_readable(store).await.is_err() {
            return false;
        }
    }
    true
}

async fn wait(app: &App, mut waiting: Waiting, told: impl FnOnce(Bytes) -> Response) -> Response {
    let patience = app.config.request_timeout;
    let outcome = match tokio::time::timeout(patience, waiting.outcome()).await {
        Ok(outcome) => Some(outcome),
        // It may have ended just now; then there is nothing to promise.
        Err(_) if !waiting.promise() => Some(waiting.outcome().await),
        Err(_) => None,
    };
    if let Some(outcome) = outcome {
        app.works.picked_up(&waiting.work);
        return outcome.map_or_else(IntoResponse::into_response, told);
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

/// A header made of what we know to be plain text.
fn set_header(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), Problem> {
    let value = HeaderValue::from_str(value).map_err(|_| Problem::internal())?;
    headers.insert(name, value);
    Ok(())
}
