//! Accepting connections, and ending them.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::service::Service;

/// How long requests in work may go on after the store was told to stop.
const GRACE: Duration = Duration::from_millis(500);
/// How long a client may take to send its headers.
const HEADERS: Duration = Duration::from_secs(30);
/// After a failed accept (no more file descriptors, say) others get time to close theirs.
const AFTER_FAILURE: Duration = Duration::from_millis(20);

/// Takes connections until told to stop.
pub(crate) async fn accept(
    listener: TcpListener,
    service: Arc<Service>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                tasks.spawn(serve(stream, peer.ip(), Arc::clone(&service), stop.clone()));
            }
            Err(error) => {
                tracing::debug!(%error, "can't accept a connection");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, peer: IpAddr, service: Arc<Service>, stop: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "can't set TCP_NODELAY");
    }
    let abort = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Connection {
        stream,
        abort: Arc::clone(&abort),
    });
    let answer = service_fn(|request| service.answer(request, peer, Arc::clone(&abort)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(io, answer);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    // What hangs on purpose hangs no longer.
    let _ = tokio::time::timeout(GRACE, connection).await;
}

/// A connection that is reset instead of closed when a fault wants it.
struct Connection {
    stream: TcpStream,
    abort: Arc<AtomicBool>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.abort.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.abort.load(Ordering::Relaxed) {
            // A FIN would come before the reset.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
