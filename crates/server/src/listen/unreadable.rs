//! Answers to what is no request.
//!
//! What the HTTP library can't read it answers by itself, with a bare status and no header of ours. Such an
//! answer is recognised on its way out and replaced by a problem document with everything an answer must have.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum_server::accept::Accept;
use futures::future::BoxFuture;
use http::HeaderMap;
use spacewatch_model::ErrorCode;
use spacewatch_telemetry::OperationType;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::problem::Problem;
use crate::request_id::RequestId;
use crate::security_headers;

/// Wraps every accepted stream.
#[derive(Clone)]
pub(super) struct Explain<A> {
    pub(super) inner: A,
    pub(super) tls: bool,
}

impl<A, I, S> Accept<I, S> for Explain<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
{
    type Stream = Explained<A::Stream>;
    type Service = A::Service;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, A::Service)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let accepting = self.inner.accept(stream, service);
        let tls = self.tls;
        Box::pin(async move {
            let (stream, service) = accepting.await?;
            let stream = Explained {
                stream,
                tls,
                answer: Vec::new(),
            };
            Ok((stream, service))
        })
    }
}

/// A stream that watches for bare refusals.
pub(super) struct Explained<S> {
    stream: S,
    tls: bool,
    /// What is left to write of an answer of ours.
    answer: Vec<u8>,
}

impl<S: AsyncWrite + Unpin> Explained<S> {
    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.answer.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.answer))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.answer.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

/// What a bare refusal is about; `None` for every answer that came through the door.
fn refusal(bytes: &[u8]) -> Option<Problem> {
    let status = bytes
        .strip_prefix(b"HTTP/1.1 ")
        .or_else(|| bytes.strip_prefix(b"HTTP/1.0 "))?
        .get(..3)?;
    let (code, detail) = match status {
        b"400" => (ErrorCode::InvalidValue, "the request is no HTTP that can be read"),
        b"414" => (ErrorCode::UriTooLong, "the address is longer than can be read"),
        b"431" => (
            ErrorCode::HeadersTooLarge,
            "the headers are more than can be read",
        ),
        _ => return None,
    };
    let has_id = bytes.windows(12).any(|part| part == b"x-request-id");
    (!has_id).then(|| Problem::new(code, detail))
}

fn answer(problem: &Problem, tls: bool) -> Vec<u8> {
    let id = RequestId::of(&HeaderMap::new()).id;
    let body = serde_json::to_vec(&problem.document(&id)).unwrap_or_default();
    let mut headers = HeaderMap::new();
    security_headers::apply(&mut headers, tls);
    let status = problem.status();
    let mut answer = format!(
        "HTTP/1.1 {} {}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n\
         content-length: {}\r\nx-request-duration-ms: 0.00\r\nx-operation-type: {}\r\nx-request-id: {id}\r\n",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default(),
        body.len(),
        OperationType::Unknown.as_str(),
    )
    .into_bytes();
    for (name, value) in &headers {
        answer.extend_from_slice(name.as_str().as_bytes());
        answer.extend_from_slice(b": ");
        answer.extend_from_slice(value.as_bytes());
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"\r\n");
    answer.extend_from_slice(&body);
    answer
}

impl<S: AsyncRead + Unpin> AsyncRead for Explained<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Explained<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_answer(context))?;
        if let Some(problem) = refusal(bytes) {
            tracing::debug!(detail = problem.detail, "what came in was no request");
            self.answer = answer(&problem, self.tls);
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_answer(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_answer(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let is_bare = matches!(buffers, [only] if refusal(only).is_some());
        if is_bare || !self.answer.is_empty() {
            let first = buffers.iter().find(|buffer| !buffer.is_empty());
            return self.poll_write(context, first.map_or(&[], |buffer| buffer));
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
