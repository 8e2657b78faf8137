//! `POST /chat`: questions in plain words.

mod answering;
mod request;
mod toolbox;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use serde::Serialize;
use serde_json::Value;
use spacewatch_assistant::{Answer, Made, Question};
use spacewatch_model::{ErrorCode, Secret};
use spacewatch_telemetry::Counters;
use utoipa::ToSchema;

use crate::app::App;
use crate::client::{self, ClientKey};
use crate::door::read_body;
use crate::problem::Problem;
use crate::tenant::{self, optional};
use crate::tool::{accepts_events, body, json_response};

use answering::Answering;
pub(crate) use request::ChatRequest;
pub(crate) use toolbox::TenantToolbox;
pub use toolbox::facts as tool_facts;

/// The part of a request's time that a model may take.
const MODEL_PART: f64 = 0.6;

/// The answer to a question in plain words.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChatAnswer {
    /// The answer as text.
    answer: String,
    #[serde(flatten)]
    checked: Answer,
    /// Who answered: the name of the model, or `planner`.
    by: String,
    /// Why the model did not answer, where the planner had to.
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<String>,
    /// The last tool that gave a result.
    tool_used: Option<String>,
    /// The bucket it was about.
    bucket_used: Option<String>,
    /// How many steps it took.
    steps: usize,
    /// How many requests to the model it took.
    model_requests: usize,
    /// The last result that a tool gave.
    raw: Option<Value>,
    /// The conversation it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
}

impl ChatAnswer {
    fn of(made: Made, raw: Option<Value>, session_id: Option<String>) -> Self {
        Self {
            answer: made.answer.text(),
            checked: made.answer,
            by: made.by,
            instead: made.instead,
            tool_used: made.tool_used,
            bucket_used: made.bucket_used,
            steps: made.steps,
            model_requests: made.model_requests,
            raw,
            session_id,
        }
    }
}

/// Answers a question in plain words.
pub(crate) async fn chat(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    app.services.counters.chat_requests.increment();
    let events = accepts_events(request.headers());
    let patience = app.config.request_timeout;
    match begin(app, request, events).await {
        Err(problem) => problem.into_response(),
        Ok(answering) if events => answering.stream(),
        Ok(answering) => match whole(answering, patience).await {
            Ok(json) => json_response(json),
            Err(problem) => problem.into_response(),
        },
    }
}

/// What a model must not be told.
fn secret_of(headers: &HeaderMap) -> Vec<Secret> {
    let secret = headers.get("x-spaces-secret").map(HeaderValue::as_bytes);
    let secret = secret.map(|secret| Secret::new(String::from_utf8_lossy(secret).trim()));
    secret.into_iter().collect()
}

fn count(counters: &Counters, made: &Made) {
    counters
        .agent_calls
        .add(u64::try_from(made.model_requests).unwrap_or(u64::MAX));
    if made.instead.is_some() {
        counters.agent_failures.increment();
    }
}

/// The whole answer as JSON. Somebody who sees nothing of its making doesn't wait for ever.
async fn whole(answering: Answering, patience: Duration) -> Result<Bytes, Problem> {
    let answer = tokio::time::timeout(patience, answering.whole())
        .await
        .map_err(|_| {
            let detail = format!(
                "no answer after {} s; the work was given up",
                patience.as_secs_f64()
            );
            Problem::new(ErrorCode::StoreTimeout, detail).with_hint(
                "ask with `Accept: text/event-stream`, which shows what happens and waits as long as you do",
            )
        })?;
    serde_json::to_vec(&answer).map(Bytes::from).map_err(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "an answer can't be written"
        );
        Problem::internal()
    })
}

async fn begin(app: Arc<App>, request: Request<Body>, events: bool) -> Result<Answering, Problem> {
    body::check_kind(request.headers())?;
    let client = client::of(&request, &app.config.trusted_proxies);
    let (parts, body) = request.into_parts();
    let asked: ChatRequest = body::parse(&read_body(&app, body).await?)?;
    let headers = asked.merged(&parts.headers)?;
    // Who waits for the whole answer shall have the planner's before patience ends.
    let patience = (!events).then(|| app.config.request_timeout.mul_f64(MODEL_PART));
    answering(app, (&headers, client), asked, patience)
}

fn answering(
    app: Arc<App>,
    (headers, client): (&HeaderMap, ClientKey),
    asked: ChatRequest,
    patience: Option<Duration>,
) -> Result<Answering, Problem> {
    let tenant = tenant::of(headers, &app)?;
    let session_id = optional(headers, "X-Session-Id")?.map(str::to_owned);
    let circumstances = asked.circumstances(&tenant)?;
    let question = Question {
        text: asked.message,
        tenant: *tenant.store.fingerprint().as_bytes(),
        session: session_id.clone(),
        secrets: secret_of(headers),
        patience,
    };
    let assistant = app.services.assistant.clone();
    let counters = Arc::clone(&app.services.counters);
    let toolbox = TenantToolbox::new(app, tenant, client, circumstances);
    Ok(Answering::begin(move |tell| async move {
        let mut told = |event| {
            // Nobody listens where the answer is wanted as a whole.
            let _ = tell.send(event);
        };
        let made = assistant.answer(&question, &toolbox, &mut told).await;
        count(&counters, &made);
        ChatAnswer::of(made, toolbox.last_result(), session_id)
    }))
}
