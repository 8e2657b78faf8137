//! The body of an answer as it goes out, or breaks off.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use s3s::Body;

use crate::counts::InFlight;
use crate::faults::{BodyFault, Breaks};
use crate::request_log::Observed;

/// How long the first bytes of a body get to reach the client before the connection is reset.
const FLUSH: Duration = Duration::from_millis(5);

/// A body that may break off, counts its request as in flight until it ends, and has it logged then.
pub(crate) struct FaultyBody {
    pub(crate) inner: Body,
    pub(crate) end: Option<Break>,
    /// Whether other bytes go out than the object's.
    pub(crate) other_bytes: bool,
    pub(crate) observed: Option<Box<Observed>>,
    pub(crate) _in_flight: InFlight,
}

/// Where a body breaks off.
pub(crate) struct Break {
    how: Breaks,
    left: u64,
    flush: Option<Pin<Box<tokio::time::Sleep>>>,
    abort: Arc<AtomicBool>,
}

impl Break {
    pub(crate) fn new(fault: BodyFault, size: Option<u64>, abort: Arc<AtomicBool>) -> Self {
        let half = size.map_or(32 * 1024, |size| size / 2);
        Self {
            how: fault.how,
            left: fault.after.unwrap_or(half),
            flush: None,
            abort,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, s3s::StdError>>> {
        if self.how == Breaks::Stall {
            return Poll::Pending;
        }
        let flush = self
            .flush
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(FLUSH)));
        if flush.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.abort.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err("the body is broken off on purpose".into())))
    }

    fn cut(&mut self, data: Bytes) -> Bytes {
        let sent = self.left.min(data.len() as u64);
        self.left -= sent;
        data.slice(..usize::try_from(sent).unwrap_or(0))
    }
}

impl http_body::Body for FaultyBody {
    type Data = Bytes;
    type Error = s3s::StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, s3s::StdError>>> {
        let this = &mut *self;
        if let Some(end) = &mut this.end
            && end.left == 0
        {
            return end.poll(cx);
        }
        let polled = Pin::new(&mut this.inner).poll_frame(cx);
        let frame = match polled {
            Poll::Ready(Some(Ok(frame))) => frame,
            Poll::Ready(None) => {
                this.observed = None;
                return polled;
            }
            _ => return polled,
        };
        let mut data = match frame.into_data() {
            Ok(data) => data,
            Err(frame) => return Poll::Ready(Some(Ok(frame))),
        };
        if let Some(end) = &mut this.end {
            data = end.cut(data);
        }
        if this.other_bytes {
            data = data.iter().map(|byte| !byte).collect();
        }
        // The record is complete before the client can have seen the last byte.
        if let Some(observed) = &mut this.observed
            && observed.sent(data.len() as u64)
        {
            this.observed = None;
        }
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.end.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
