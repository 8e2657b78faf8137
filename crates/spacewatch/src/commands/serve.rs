//! `spacewatch serve`

mod mission_log;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use spacewatch_server::{BindError, Config, Listening, Services};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::shutdown::Signals;
use crate::cli::ServeArgs;
use crate::configuration::{self, LogLevel};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{logging, wiring};
use mission_log::MissionLog;

/// How long what is just being written of access logs may take at the end.
const CLOSING: Duration = Duration::from_secs(10);

pub(super) async fn run(args: ServeArgs, verbose: u8) -> Result<(), Failure> {
    let loaded = configuration::load(args.flags())?;
    let configuration = loaded.configuration;
    let (parts, forgets) = match wiring::Parts::remembering(&configuration, &loaded.prices) {
        Ok(parts) => (parts, None),
        // Everything but the answers from access logs works without a data directory.
        Err(error) => (wiring::Parts::new(&configuration, &loaded.prices), Some(error)),
    };
    let level = configuration.log_level.max(least_level(verbose));
    let _logging = logging::start(configuration.log_format, level, parts.clock.clone());
    for remark in &loaded.remarks {
        tracing::warn!("{remark}");
    }
    if let Some(error) = forgets {
        tracing::warn!("what is read of access logs is not found again after a restart: {error}");
    }
    let services = parts.services(&configuration)?;
    let config = Arc::new(parts.server(&configuration));
    let listening = bind(&config).await?;
    say_who_may_ask(&config);
    let signals = Signals::listen()?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        store = config.spaces_endpoint,
        "listening on {}",
        url(&listening)
    );
    serve(
        listening,
        config,
        services,
        configuration.data_directory(),
        signals,
    )
    .await?;
    tracing::info!("stopped");
    Ok(())
}

/// `-v` says more than the configuration, never less.
pub(super) fn least_level(verbose: u8) -> LogLevel {
    match verbose {
        0 => LogLevel::Off,
        1 => LogLevel::Debug,
        _ => LogLevel::Trace,
    }
}

pub(super) async fn bind(config: &Config) -> Result<Listening, Failure> {
    spacewatch_server::bind(config).await.map_err(failure)
}

/// Serves until a signal comes.
pub(super) async fn serve(
    listening: Listening,
    config: Arc<Config>,
    services: Services,
    directory: PathBuf,
    signals: Signals,
) -> Result<(), Failure> {
    let shutdown = CancellationToken::new();
    let tracker = TaskTracker::new();
    tracker.spawn(signals.cancel(shutdown.clone()));
    let log = MissionLog::open(services.mission.clone(), services.clock.clone(), &directory);
    let ended = CancellationToken::new();
    let watching = tracker.spawn(log.watch(ended.clone()));
    let (lakes, inventories) = (services.lakes.clone(), services.inventories.clone());
    let router = spacewatch_server::router(config, services);
    let served = listening.serve(router, shutdown).await;
    ended.cancel();
    // What is lost by not waiting is read again, so this need not take long.
    let closed = async { tokio::join!(lakes.close(), inventories.close(), watching) };
    if tokio::time::timeout(CLOSING, closed).await.is_err() {
        tracing::warn!("reading was stopped in the middle; it goes on at the next start");
    }
    served.map_err(|error| Failure::new(Exit::Failed, "the server has ended unasked").caused_by(&error))
}

pub(super) fn url(listening: &Listening) -> String {
    let scheme = if listening.is_tls() { "https" } else { "http" };
    format!("{scheme}://{}", listening.address())
}

fn say_who_may_ask(config: &Config) {
    if config.api_key.is_some() {
        return;
    }
    if config.host.is_loopback() {
        tracing::info!("no APP_API_KEY is set: the admin routes answer on this machine only");
    } else {
        tracing::warn!(
            "NO APP_API_KEY is set: the admin routes and /metrics answer 401 to everybody; `spacewatch setup` makes one"
        );
    }
}

pub(super) fn failure(error: BindError) -> Failure {
    let hint = error.hint();
    let failure = match std::error::Error::source(&error) {
        Some(cause) => Failure::new(Exit::Failed, error.to_string()).caused_by(cause),
        None => Failure::new(Exit::Failed, error.to_string()),
    };
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}
