//! How far long work is, as it goes on: a stream of events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use serde::Serialize;
use spacewatch_insight::{IngestReport, IngestWatch, InventoryReport, InventoryWatch, ToolError};
use tokio::time::{Instant, sleep_until};

use super::events;
use crate::app::App;
use crate::door::LateStatus;
use crate::problem::Problem;
use crate::request_id::RequestId;

/// A stream of somebody who watches for longer ends; whoever is still there asks again.
const LONGEST: Duration = Duration::from_secs(3600);

/// Work that tells how far it is.
pub(super) trait Watch: Send + 'static {
    /// What it tells.
    type Report: Serialize + Send;

    /// How far it is now, to who may know it now.
    fn now(&mut self) -> impl Future<Output = Result<Self::Report, ToolError>> + Send;

    /// Waits until there is something new to tell; false when there never will be.
    fn changed(&mut self) -> impl Future<Output = bool> + Send;

    /// Whether it goes on.
    fn is_running(report: &Self::Report) -> bool;
}

impl Watch for IngestWatch {
    type Report = IngestReport;

    async fn now(&mut self) -> Result<IngestReport, ToolError> {
        self.now().await
    }

    async fn changed(&mut self) -> bool {
        self.changed().await
    }

    fn is_running(report: &IngestReport) -> bool {
        report.running
    }
}

impl Watch for InventoryWatch {
    type Report = InventoryReport;

    async fn now(&mut self) -> Result<InventoryReport, ToolError> {
        self.now().await
    }

    async fn changed(&mut self) -> bool {
        self.changed().await
    }

    fn is_running(report: &InventoryReport) -> bool {
        report.running
    }
}

/// Events `status` while the work goes on, then one `result` or `problem`.
pub(super) fn stream<W: Watch>(app: &Arc<App>, watch: W, request_id: RequestId) -> Response {
    let late_status = LateStatus::default();
    let watching = Watching {
        watch,
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
    response
}

struct Watching<W> {
    watch: W,
    request_id: RequestId,
    late_status: LateStatus,
    pause: Duration,
    ends: Instant,
    begun: bool,
    done: bool,
}

impl<W: Watch> Watching<W> {
    async fn next(&mut self) -> Option<Bytes> {
        if self.done {
            return None;
        }
        if self.begun {
            self.wait().await;
        }
        self.begun = true;
        let text = match self.watch.now().await {
            Ok(report) if W::is_running(&report) && Instant::now() < self.ends => {
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
