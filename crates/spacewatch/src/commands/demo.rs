//! `spacewatch demo`: the store, the server and a visitor in one process.

mod banner;
pub(super) mod past;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use spacewatch_demo::{RunningStore, StandaloneConfig, Visitor, VisitorConfig};
use spacewatch_model::{Clock, SystemClock};
use spacewatch_server::{Config, DemoAccess, DemoTenant, Listening};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::shutdown::Signals;
use super::{serve, setup};
use crate::cli::DemoArgs;
use crate::configuration::{self, Configuration, LogLevel};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{logging, output, wiring};

/// Ports tried one after the other where none was asked for.
const PORTS_TRIED: u16 = 20;

/// Where the store alone listens where no port was asked for.
const STORE_PORT: u16 = 9000;

pub(super) async fn run(args: DemoArgs, verbose: u8) -> Result<(), Failure> {
    let loaded = configuration::load(args.flags())?;
    let fixed_port = loaded.given.iter().any(|given| given.key == "PORT");
    let configuration = loaded.configuration;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    // The visitor's requests would bury the banner, so that only warnings show unless more is asked for.
    let level = serve::least_level(verbose).max(LogLevel::Warning);
    let _logging = logging::start(configuration.log_format, level, Arc::clone(&clock));
    check_files(&args)?;
    if args.store_only {
        return store_only(&args, &configuration, fixed_port, &clock).await;
    }
    let store = start_store(&args, &clock, SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .map_err(|error| Failure::new(Exit::Failed, "can't start the demo's store").caused_by(&error))?;
    let makes_key = configuration.app_api_key.is_none();
    let directory = tempfile::tempdir()
        .map_err(|error| Failure::new(Exit::Failed, "can't make a temporary directory").caused_by(&error))?;
    let configuration = for_demo(configuration, &store, directory.path())?;
    let parts = wiring::Parts::remembering(&configuration, &loaded.prices)?;
    // What the operator looks at are other people's requests, so the history is written by parts of its own.
    let writer = wiring::Parts::new(&configuration, &loaded.prices);
    past::write(&store, &writer, writer.policy.default_endpoint()).await?;
    let config = Config {
        demo: Some(access(&store, &configuration)),
        ..parts.server(&configuration)
    };
    let (listening, config) = bind(config, fixed_port).await?;
    let url = serve::url(&listening);
    let signals = Signals::listen()?;
    output::print(&banner::whole(&banner::Facts {
        url: &url,
        store: &store,
        made_api_key: configuration.app_api_key.as_ref().filter(|_| makes_key),
        moved_from: (config.port != configuration.port).then_some(configuration.port),
    }))?;
    let services = parts.services(&configuration)?;
    let stop = CancellationToken::new();
    let visitors = TaskTracker::new();
    if !args.no_visitor {
        visitors.spawn(visitor(&args, &url, &store, &clock).run(stop.clone()));
    }
    if args.open {
        open(&url);
    }
    let result = serve::serve(
        listening,
        Arc::new(config),
        services,
        configuration.data_directory(),
        signals,
    )
    .await;
    stop.cancel();
    visitors.close();
    visitors.wait().await;
    store.shutdown().await;
    remove(directory)?;
    result
}

fn remove(directory: TempDir) -> Result<(), Failure> {
    if let Err(error) = directory.close() {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the demo's directory is left behind"
        );
        return Ok(());
    }
    output::print("\nthe demo has ended, nothing is left behind\n")
}

fn check_files(args: &DemoArgs) -> Result<(), Failure> {
    match args.logs_from.as_ref().filter(|path| !path.is_dir()) {
        Some(path) => Err(Failure::usage(format!(
            "`{}`, given with `--logs-from`, is no directory",
            path.display()
        ))),
        None => Ok(()),
    }
}

/// The operator's settings, but with the demo's store, a key of its own and a directory that ends with it.
fn for_demo(
    configuration: Configuration,
    store: &RunningStore,
    directory: &Path,
) -> Result<Configuration, Failure> {
    let endpoint = Url::parse(&store.endpoint())
        .map_err(|error| Failure::new(Exit::Failed, "the demo's store has no address").caused_by(&error))?;
    let app_api_key = configuration
        .app_api_key
        .clone()
        .or_else(|| Some(setup::made_api_key()));
    // Plain HTTP, whatever is configured: the visitor speaks nothing else.
    Ok(Configuration {
        spaces_endpoint: Some(endpoint),
        data_dir: Some(directory.to_owned()),
        app_api_key,
        tls_cert: None,
        tls_key: None,
        ..configuration
    })
}

async fn start_store(
    args: &DemoArgs,
    clock: &Arc<dyn Clock>,
    address: SocketAddr,
) -> io::Result<RunningStore> {
    let config = StandaloneConfig {
        address,
        seed: args.seed,
        synthetic: args.synthetic.clone(),
        faults: args.fault.clone(),
        files: args.logs_from.clone(),
        ..StandaloneConfig::default()
    };
    config.start(Arc::clone(clock)).await
}

/// Somebody who keeps using SpaceWatch and the store, so that there is something to see.
fn visitor(args: &DemoArgs, url: &str, store: &RunningStore, clock: &Arc<dyn Clock>) -> Visitor {
    let config = VisitorConfig {
        base_url: url.to_owned(),
        tenants: store.tenants().to_vec(),
        seed: args.seed,
    };
    Visitor::new(config, Some(store.handle()), Arc::clone(clock))
}

fn access(store: &RunningStore, configuration: &Configuration) -> DemoAccess {
    let tenants = store.tenants().iter().map(|tenant| DemoTenant {
        name: tenant.name.clone(),
        description: output::counted(tenant.buckets.len() as u64, "bucket"),
        access_key_id: tenant.access_key_id.clone(),
        secret_access_key: tenant.secret_access_key.expose().to_owned(),
        region: configuration.spaces_region.to_string(),
        endpoint: store.endpoint(),
        log_bucket: bucket_ending(&tenant.buckets, "-logs"),
        log_prefix: Some(spacewatch_demo::LOG_PREFIX.to_owned()),
        metrics_bucket: bucket_ending(&tenant.buckets, "-metrics"),
    });
    DemoAccess {
        tenants: tenants.collect(),
    }
}

/// The made-up tenants name their buckets for what they are for.
pub(super) fn bucket_ending(buckets: &[String], ending: &str) -> Option<String> {
    buckets.iter().find(|bucket| bucket.ends_with(ending)).cloned()
}

/// Listens; without a wish for a port, on the next free one.
async fn bind(config: Config, fixed_port: bool) -> Result<(Listening, Config), Failure> {
    let first = config.port;
    let mut config = config;
    loop {
        match spacewatch_server::bind(&config).await {
            Ok(listening) => return Ok((listening, config)),
            Err(error) => {
                let taken = matches!(
                    &error,
                    spacewatch_server::BindError::Address { source, .. } if source.kind() == io::ErrorKind::AddrInUse
                );
                if fixed_port || !taken || config.port - first >= PORTS_TRIED {
                    return Err(serve::failure(error));
                }
                config.port += 1;
            }
        }
    }
}

async fn store_only(
    args: &DemoArgs,
    configuration: &Configuration,
    fixed_port: bool,
    clock: &Arc<dyn Clock>,
) -> Result<(), Failure> {
    let first = if fixed_port {
        configuration.port
    } else {
        STORE_PORT
    };
    let mut address = SocketAddr::new(configuration.host, first);
    let store = loop {
        match start_store(args, clock, address).await {
            Ok(store) => break store,
            Err(error) => {
                let taken = error.kind() == io::ErrorKind::AddrInUse;
                if fixed_port || !taken || address.port() - first >= PORTS_TRIED {
                    return Err(Failure::new(Exit::Failed, format!("can't listen on `{address}`"))
                        .caused_by(&error)
                        .with_hint("choose another `--port`, or `--port 0` for any free one"));
                }
                address.set_port(address.port() + 1);
            }
        }
    };
    let mut signals = Signals::listen()?;
    output::print(&banner::store_only(&store))?;
    signals.first().await;
    store.shutdown().await;
    Ok(())
}

/// Opens the dashboard where the desktop knows how; where it doesn't, the banner has the URL.
fn open(url: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let quiet = || std::process::Stdio::null();
    let opened = std::process::Command::new(program)
        .arg(url)
        .stdout(quiet())
        .stderr(quiet())
        .spawn();
    if opened.is_err() {
        tracing::warn!("can't open a browser here: open {url} yourself");
    }
}
