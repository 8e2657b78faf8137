//! An answer as server-sent events: how far the work is, then what came out.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;
use tokio::time::{Interval, MissedTickBehavior, interval};
use utoipa::ToSchema;

use crate::app::App;
use crate::door::LateStatus;
use crate::request_id::RequestId;
use crate::work::{Outcome, Waiting, Work};

/// How far a piece of work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ProgressReport {
    /// Objects seen so far.
    pub(crate) objects: u64,
    /// Requests sent to the store so far.
    pub(crate) requests: u64,
    /// The sum of the sizes of the objects seen so far.
    pub(crate) bytes: u64,
    /// Milliseconds since the work began.
    pub(crate) elapsed_ms: u64,
}

impl ProgressReport {
    pub(crate) fn of(work: &Work, app: &App) -> Self {
        let elapsed = app.services.clock.elapsed().saturating_sub(work.started);
        Self {
            objects: work.progress.objects(),
            requests: work.progress.requests(),
            bytes: work.progress.bytes(),
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

struct Stream {
    app: Arc<App>,
    waiting: Waiting,
    request_id: RequestId,
    late_status: LateStatus,
    ticks: Interval,
    done: bool,
}

impl Stream {
    async fn next(&mut self) -> Option<Bytes> {
        if self.done {
            return None;
        }
        let ended = tokio::select! {
            _ = self.ticks.tick() => None,
            outcome = self.waiting.outcome() => Some(outcome),
        };
        let mut text = event(
            "progress",
            &to_json(&ProgressReport::of(&self.waiting.work, &self.app)),
        );
        if let Some(outcome) = ended {
            self.done = true;
            self.app.works.picked_up(&self.waiting.work);
            text.extend_from_slice(&self.last(&outcome));
        }
        Some(text.into())
    }

    fn last(&self, outcome: &Outcome) -> Vec<u8> {
        match outcome {
            Ok(json) => {
                self.late_status.set(200);
                event("result", json)
            }
            Err(problem) => {
                self.late_status.set(problem.status().as_u16());
                event("problem", &to_json(&problem.document(&self.request_id.id)))
            }
        }
    }
}

/// Streams the work until it ends. When the client goes away, the stream is dropped and with it the waiting.
pub(crate) fn stream(app: Arc<App>, waiting: Waiting, request_id: RequestId) -> Response {
    let mut ticks = interval(app.config.bounds.progress_interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let late_status = LateStatus::default();
    let stream = Stream {
        app,
        waiting,
        request_id,
        late_status: late_status.clone(),
        ticks,
        done: false,
    };
    let events = stream::unfold(stream, async |mut stream| {
        let text = stream.next().await?;
        Some((Ok::<_, std::convert::Infallible>(text), stream))
    });
    let mut response = respond(Body::from_stream(events));
    response.extensions_mut().insert(late_status);
    response
}

/// The stream of work that was done before.
pub(crate) fn single(json: Bytes) -> Response {
    respond(Body::from(event("result", &json)))
}

pub(crate) fn respond(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// One event. Compact JSON holds no line break, so one `data` line is enough.
pub(crate) fn event(name: &str, json: &[u8]) -> Vec<u8> {
    let mut text = format!("event: {name}\ndata: ").into_bytes();
    text.extend_from_slice(json);
    text.extend_from_slice(b"\n\n");
    text
}

pub(crate) fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
