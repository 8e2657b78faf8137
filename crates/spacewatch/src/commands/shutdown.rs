//! How a service ends: in order on the first signal, at once on the second.

use std::io;
use std::process;

use tokio_util::sync::CancellationToken;

use crate::exit::Exit;
use crate::failure::Failure;

/// The signals that end a service. Listened for from the moment this is made, so make it before saying that the
/// service is ready.
pub(super) struct Signals(Listener);

impl Signals {
    pub(super) fn listen() -> Result<Self, Failure> {
        let listener = Listener::new();
        listener
            .map(Self)
            .map_err(|error| Failure::new(Exit::Failed, "can't listen for signals").caused_by(&error))
    }

    /// Waits for signals beside the service: the first cancels `shutdown`, the second ends the process.
    pub(super) async fn cancel(mut self, shutdown: CancellationToken) {
        self.first().await;
        shutdown.cancel();
        self.0.next().await;
        process::exit(Exit::Interrupted as i32);
    }

    /// Waits for the first signal.
    pub(super) async fn first(&mut self) {
        let name = self.0.next().await;
        tracing::info!(signal = name, "stopping; once more ends it at once");
    }
}

#[cfg(unix)]
struct Listener {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Listener {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(not(unix))]
struct Listener(tokio::signal::windows::CtrlC);

#[cfg(not(unix))]
impl Listener {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> &'static str {
        self.0.recv().await;
        "Ctrl-C"
    }
}
