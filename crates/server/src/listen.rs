//! The sockets: listening, TLS, patience with slow clients, and an orderly end.

mod connections;
mod speaking;
mod tls;
mod unreadable;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::{Bounds, Config};

use connections::{Admit, Connections};
pub use tls::TlsError;
use unreadable::Explain;

/// Streams of one HTTP/2 connection at once.
const HTTP2_STREAMS: u32 = 128;

/// Why the server can't listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The address can't be listened on.
    #[error("can't listen on `{address}`")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate or its key can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl BindError {
    /// What a person can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Address { source, .. } => match source.kind() {
                io::ErrorKind::AddrInUse => Some("another program listens there; choose another `PORT`"),
                io::ErrorKind::PermissionDenied => {
                    Some("ports below 1024 need rights; choose another `PORT`")
                }
                io::ErrorKind::AddrNotAvailable => Some("this machine has no such address; correct `HOST`"),
                _ => None,
            },
            Self::Tls(error) => Some(error.hint()),
        }
    }
}

/// A socket that listens; nothing is accepted before [`Listening::serve`].
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<RustlsConfig>,
    bounds: Bounds,
    trusted_proxies: Arc<[ipnet::IpNet]>,
}

/// Takes the address, and reads certificate and key, so that everything that can be wrong is wrong now.
pub async fn bind(config: &Config) -> Result<Listening, BindError> {
    let tls = config.tls.as_ref().map(tls::load).transpose()?;
    let failed = |source| BindError::Address {
        address: config.address(),
        source,
    };
    let listener = TcpListener::bind(config.address()).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    warn_of_risks(config, address);
    Ok(Listening {
        listener,
        address,
        tls: tls.map(RustlsConfig::from_config),
        bounds: config.bounds,
        trusted_proxies: config.trusted_proxies.clone().into(),
    })
}

fn warn_of_risks(config: &Config, address: SocketAddr) {
    let is_open = !address.ip().to_canonical().is_loopback();
    if is_open && config.tls.is_none() {
        tracing::warn!(
            %address,
            "PLAIN HTTP ON AN OPEN ADDRESS: everyone on the way can read the storage keys in the requests; \
             set TLS_CERT and TLS_KEY, or listen on 127.0.0.1 behind a proxy that speaks TLS"
        );
    }
    if is_open && config.allowed_hosts.is_empty() {
        tracing::warn!("every Host name is answered; set ALLOWED_HOSTS to the names this server goes by");
    }
    if config.cors_origins.iter().any(crate::CorsOrigin::is_any) {
        tracing::warn!(
            "CORS_ALLOW_ORIGINS is `*`: any page on the web may call this server from its visitors' browsers; \
             name the origins instead"
        );
    }
}

impl Listening {
    /// The address, with the port that was really taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether clients must speak TLS.
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Serves until `shutdown`; then accepts nothing more and lets running requests finish, for a while.
    pub async fn serve(self, router: Router, shutdown: CancellationToken) -> io::Result<()> {
        let connections = Connections::new(&self.bounds, self.trusted_proxies.clone());
        let admit = Admit::new(connections);
        let server = prepare(Server::from_listener(self.listener), &self.bounds);
        let handle = Handle::new();
        let grace = self.bounds.shutdown_grace;
        let make_service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = server.handle(handle.clone());
        match self.tls {
            Some(tls) => {
                let inner = RustlsAcceptor::new(tls)
                    .handshake_timeout(self.bounds.handshake_timeout)
                    .acceptor(admit);
                let acceptor = Explain { inner, tls: true };
                run(
                    server.acceptor(acceptor).serve(make_service),
                    &handle,
                    shutdown,
                    grace,
                )
                .await
            }
            None => {
                let acceptor = Explain {
                    inner: admit,
                    tls: false,
                };
                run(
                    server.acceptor(acceptor).serve(make_service),
                    &handle,
                    shutdown,
                    grace,
                )
                .await
            }
        }
    }
}

/// Sets how long clients may take and how much they may send before a request is one.
fn prepare(mut server: Server<SocketAddr>, bounds: &Bounds) -> Server<SocketAddr> {
    let builder = server.http_builder();
    builder
        .http1()
        // A little more than is let in: what is over our own limits gets a proper answer.
        .max_headers(bounds.headers + 28)
        .header_read_timeout(bounds.header_read_timeout);
    builder
        .http2()
        .max_concurrent_streams(HTTP2_STREAMS)
        .max_header_list_size(u32::try_from(bounds.header_bytes.saturating_mul(2)).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20));
    server
        .first_request_timeout(bounds.header_read_timeout)
        .accept_error_handler(|peer, error| {
            tracing::debug!(
                ?peer,
                error = error as &dyn std::error::Error,
                "a connection was not accepted"
            );
        })
}

async fn run(
    serving: impl Future<Output = io::Result<()>>,
    handle: &Handle<SocketAddr>,
    shutdown: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended,
        () = shutdown.cancelled() => {}
    }
    handle.graceful_shutdown(Some(grace));
    serving.await
}
