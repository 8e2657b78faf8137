//! A response body that is counted while it is sent.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::recording::Recording;

/// How a streamed answer ended, which its headers couldn't know yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct LateStatus(Arc<AtomicU16>);

impl LateStatus {
    pub(crate) fn set(&self, status: u16) {
        self.0.store(status, Ordering::Relaxed);
    }
}

/// Counts what is really sent; dropped with the last byte, it records the request.
pub(super) struct Measured {
    body: Body,
    recording: Recording,
    late_status: Option<LateStatus>,
}

impl Measured {
    pub(super) fn new(body: Body, recording: Recording, late_status: Option<LateStatus>) -> Self {
        Self {
            body,
            recording,
            late_status,
        }
    }
}

impl http_body::Body for Measured {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            self.recording.sent(data.len() as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        let status = self
            .late_status
            .as_ref()
            .map_or(0, |late| late.0.load(Ordering::Relaxed));
        if status != 0 {
            self.recording.status_became(status);
        }
    }
}
