//! How a service ends: in order on the first signal, at once on the second.

use std::process;

use tokio_util::sync::CancellationToken;

use crate::exit::Exit;

/// Waits for signals beside the service: the first cancels `shutdown`, the second ends the process.
pub(super) async fn on_signals(shutdown: CancellationToken) {
    let name = signal().await;
    tracing::info!(signal = name, "stopping; once more ends it at once");
    shutdown.cancel();
    signal().await;
    process::exit(Exit::Interrupted as i32);
}

#[cfg(unix)]
async fn signal() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        // Without handlers the signal ends the process by itself.
        Err(_) => return std::future::pending().await,
    };
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = tokio::signal::ctrl_c() => "SIGINT",
    }
}

#[cfg(not(unix))]
async fn signal() -> &'static str {
    match tokio::signal::ctrl_c().await {
        Ok(()) => "Ctrl-C",
        Err(_) => std::future::pending().await,
    }
}
