//! Which connections are busy: those with a request whose answer isn't finished.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use tower::Service;

use super::connections::{Connections, Slot};

/// A service that tells its connection's place when there is something to do and when it is done.
#[derive(Clone)]
pub(super) struct Speaking<S> {
    service: S,
    slot: Arc<Slot>,
    connections: Arc<Connections>,
}

impl<S> Speaking<S> {
    pub(super) fn new(service: S, slot: Arc<Slot>, connections: Arc<Connections>) -> Self {
        Self {
            service,
            slot,
            connections,
        }
    }
}

impl<S, R, B> Service<R> for Speaking<S>
where
    S: Service<R, Response = Response<B>>,
    S::Future: Send + 'static,
{
    type Response = Response<Answer<B>>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let busy = Busy::begin(self.slot.clone(), self.connections.clone());
        let answering = self.service.call(request);
        Box::pin(async move {
            let response = answering.await?;
            Ok(response.map(|body| Answer { body, _busy: busy }))
        })
    }
}

/// While this lives, its connection keeps its place.
struct Busy {
    slot: Arc<Slot>,
    connections: Arc<Connections>,
}

impl Busy {
    fn begin(slot: Arc<Slot>, connections: Arc<Connections>) -> Self {
        connections.begin(&slot);
        Self { slot, connections }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.connections.end(&self.slot);
    }
}

/// An answer's body; its connection is busy until the last of it was handed over.
pub(super) struct Answer<B> {
    body: B,
    _busy: Busy,
}

impl<B: Body + Unpin> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
