//! How far reading of access logs is: once, or as it goes on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use http::Request;
use spacewatch_insight::{IngestState, IngestWatch, Tenant, ToolError};
use tokio::time::{Instant, sleep_until};

use super::{Door, events, respond, wants_events};
use crate::app::App;
use crate::door::{LateStatus, read_and_forget};
use crate::problem::Problem;
use crate::request_id::RequestId;
use crate::tenant::Caller;

/// A stream of somebody who watches for longer ends; whoever is still there asks again.
const LONGEST: Duration = Duration::from_secs(3600);

pub(crate) async fn ingest_status(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    Caller(tenant): Caller,
    request: Request<Body>,
) -> Response {
    app.services.counters.tool_requests.increment();
    let streams = wants_events(request.headers());
    let door = Door::of(&app, &request, request_id.clone());
    if let Err(problem) = read_and_forget(&app, request.into_body()).await {
        return problem.into_response();
    }
    if !streams {
        return respond::<IngestState>(app, door, tenant, Default::default()).await;
    }
    match watch(app, tenant, request_id).await {
        Ok(response) => response,
        Err(error) => Problem::from(error).into_response(),
    }
}

struct Watching {
    watch: IngestWatch,
    request_id: RequestId,
    late_status: LateStatus,
    pause: Duration,
    ends: Instant,
    begun: bool,
    done: bool,
}

async fn watch(app: Arc<App>, tenant: Tenant, request_id: RequestId) -> Result<Response, ToolError> {
    let late_status = LateStatus::default();
    let watching = Watching {
        watch: IngestWatch::open(tenant).await?,
        request_id,
        late_status: late_status.clone(),
        pause: app.config.bounds.progress_interval,
        ends: Instant::now() + LONGEST,
        begun: false,
        done: false,
    };
    let events = stream::unfold(watching, async |mut watching| {
        let text = watching.next().await?;
        Some((Ok::<_, Infallible>(text), watching))
    });
    let mut response = events::respond(Body::from_stream(events));
    response.extensions_mut().insert(late_status);
    Ok(response)
}

impl Watching {
    async fn next(&mut self) -> Option<Bytes> {
        if self.done {
            return None;
        }
        if self.begun {
            self.wait().await;
        }
        self.begun = true;
        let text = match self.watch.now().await {
            Ok(report) if report.running && Instant::now() < self.ends => {
                events::event("status", &events::to_json(&report))
            }
            Ok(report) => {
                self.done = true;
                self.late_status.set(200);
                events::event("result", &events::to_json(&report))
            }
            Err(error) => {
                self.done = true;
                let problem = Problem::from(error);
                self.late_status.set(problem.status().as_u16());
                events::event(
                    "problem",
                    &events::to_json(&problem.document(&self.request_id.id)),
                )
            }
        };
        Some(text.into())
    }

    /// Waits for news, but not for each single one: somebody looks at them.
    async fn wait(&mut self) {
        let soonest = Instant::now() + self.pause;
        tokio::select! {
            news = self.watch.changed() => {
                // No news can come any more; then what is known is the last word.
                if !news {
                    self.ends = Instant::now();
                }
            }
            () = sleep_until(self.ends) => return,
        }
        sleep_until(soonest).await;
    }
}
