//! Which connections are busy: those with a request whose answer isn't finished.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, Version};
use http_body::{Body, Frame, SizeHint};
use tower::Service;

use super::connections::{Connections, Slot};

/// An answer over HTTP/2 is handed over in pieces of at most this size; for each the client has to make room
/// in time.
const PIECE: usize = 16 * 1024;

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

impl<S, R, B> Service<Request<R>> for Speaking<S>
where
    S: Service<Request<R>, Response = Response<B>>,
    S::Future: Send + 'static,
{
    type Response = Response<Answer<B>>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<R>) -> Self::Future {
        let shares_connection = request.version() == Version::HTTP_2;
        let busy = Busy::begin(self.slot.clone(), self.connections.clone());
        let answering = self.service.call(request);
        Box::pin(async move {
            let response = answering.await?;
            Ok(response.map(|body| Answer::new(body, busy, shares_connection)))
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

/// Since when each answer of an HTTP/2 connection waits for the client to make room for more of it. A client
/// that asks and makes no room would leave its answers in our memory.
#[derive(Default)]
pub(super) struct Untaken {
    next: AtomicU64,
    since: Mutex<HashMap<u64, Instant>>,
}

impl Untaken {
    pub(super) fn waits_longer_than(&self, patience: Duration) -> bool {
        self.lock().values().any(|since| since.elapsed() > patience)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Instant>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer's body; its connection is busy until the last of it was handed over.
pub(super) struct Answer<B> {
    body: B,
    /// What is left of a frame that is handed over in pieces.
    rest: Option<Bytes>,
    /// Its number among the answers that wait for room; over HTTP/1 the connection itself tells.
    number: Option<u64>,
    busy: Busy,
}

impl<B> Answer<B> {
    fn new(body: B, busy: Busy, shares_connection: bool) -> Self {
        let next = &busy.slot.untaken.next;
        let number = shares_connection.then(|| next.fetch_add(1, Ordering::Relaxed));
        Self {
            body,
            rest: None,
            number,
            busy,
        }
    }

    /// Over HTTP/2 the last byte waits until what came before it has left: else all of an answer, however
    /// large, would be out of our hands and still in our memory.
    fn piece(&mut self, mut data: Bytes) -> Bytes {
        let Some(number) = self.number else { return data };
        self.busy.slot.untaken.lock().insert(number, Instant::now());
        if data.len() > 1 {
            let rest = data.split_off(PIECE.min(data.len() - 1));
            self.rest = Some(rest);
        }
        data
    }

    /// If anybody is waited for now, it is ourselves.
    fn waits_no_more(&self) {
        if let Some(number) = self.number {
            self.busy.slot.untaken.lock().remove(&number);
        }
    }
}

impl<B> Drop for Answer<B> {
    fn drop(&mut self) {
        self.waits_no_more();
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answer<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if let Some(rest) = self.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(self.piece(rest)))));
        }
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(match frame.into_data() {
                Ok(data) => Frame::data(self.piece(data)),
                Err(frame) => frame,
            }))),
            other => {
                self.waits_no_more();
                other
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.as_ref().map_or(0, |rest| rest.len() as u64);
        let body = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower() + rest);
        if let Some(upper) = body.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
