//! An answer while it is made, and as a stream of events.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use spacewatch_assistant::Event;
use tokio::sync::mpsc;

use super::ChatAnswer;
use crate::door::LateStatus;
use crate::tool::events;

/// The work, which ends when this is dropped, and what it tells on its way.
pub(super) struct Answering {
    work: Pin<Box<dyn Future<Output = ChatAnswer> + Send>>,
    told: mpsc::UnboundedReceiver<Event>,
    ended: bool,
}

impl Answering {
    /// How much is told is bounded by the budgets of the assistant.
    pub(super) fn begin<W>(work: impl FnOnce(mpsc::UnboundedSender<Event>) -> W) -> Self
    where
        W: Future<Output = ChatAnswer> + Send + 'static,
    {
        let (tell, told) = mpsc::unbounded_channel();
        Self {
            work: Box::pin(work(tell)),
            told,
            ended: false,
        }
    }

    /// Waits for the end.
    pub(super) async fn whole(self) -> ChatAnswer {
        self.work.await
    }

    /// What happens next, as an event.
    async fn next(&mut self) -> Option<Vec<u8>> {
        if self.ended {
            return None;
        }
        tokio::select! {
            biased;
            Some(told) = self.told.recv() => Some(events::event(told.name(), &events::to_json(&told))),
            answer = &mut self.work => {
                self.ended = true;
                let mut text = Vec::new();
                while let Ok(told) = self.told.try_recv() {
                    text.extend(events::event(told.name(), &events::to_json(&told)));
                }
                text.extend(events::event("done", &events::to_json(&answer)));
                Some(text)
            }
        }
    }

    /// All of it as server-sent events. When the client goes away, the stream is dropped and with it the work.
    pub(super) fn stream(self) -> Response {
        let late_status = LateStatus::default();
        let events = stream::unfold(
            (self, late_status.clone()),
            async |(mut answering, late_status)| {
                let text = answering.next().await?;
                if answering.ended {
                    late_status.set(200);
                }
                Some((Ok::<_, Infallible>(Bytes::from(text)), (answering, late_status)))
            },
        );
        let mut response = events::respond(Body::from_stream(events));
        response.extensions_mut().insert(late_status);
        response
    }
}
