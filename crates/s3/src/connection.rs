//! Connections to stores, shared by all who call them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};
use spacewatch_model::Clock;
use spacewatch_telemetry::Recorder;

use crate::connector::{Meter, MeteredConnector};
use crate::endpoint::GuardedResolver;
use crate::{Endpoint, StoresConfig};

/// Idle connections kept to one host.
const MAX_IDLE: usize = 128;

/// Three connectors, each with a pool of connections by host: thousands of tenants of one provider share
/// its connections, because each request is signed by itself. No proxy is ever used.
pub(crate) struct Connections {
    settings: HttpConnectorSettings,
    meter: Meter,
    resolver: GuardedResolver,
    /// For endpoints that requests name: public addresses only.
    guarded: OnceLock<SharedHttpConnector>,
    /// For the operator's own, which may be anywhere.
    trusted: OnceLock<SharedHttpConnector>,
    /// For the operator's own without TLS: spares reading the machine's certificates.
    plain: OnceLock<SharedHttpConnector>,
}

impl Connections {
    pub(crate) fn new(
        config: &StoresConfig,
        meter: (Recorder, Arc<dyn Clock>),
        resolver: GuardedResolver,
    ) -> Self {
        let (recorder, clock) = meter;
        Self {
            settings: HttpConnectorSettings::builder()
                .connect_timeout(config.connect_timeout)
                .build(),
            meter: Meter {
                recorder,
                clock,
                first_byte: config.first_byte_timeout,
                whole: config.request_timeout,
            },
            resolver,
            guarded: OnceLock::new(),
            trusted: OnceLock::new(),
            plain: OnceLock::new(),
        }
    }

    /// The connector for an endpoint. The first one with TLS reads the machine's certificates.
    pub(crate) fn to(&self, endpoint: &Endpoint) -> SharedHttpConnector {
        if !endpoint.is_trusted() {
            return self
                .guarded
                .get_or_init(|| self.connector(true, Some(self.resolver.clone())))
                .clone();
        }
        let tls = endpoint.url().starts_with("https://");
        let cell = if tls { &self.trusted } else { &self.plain };
        cell.get_or_init(|| self.connector(tls, None)).clone()
    }

    fn connector(&self, tls: bool, guard: Option<GuardedResolver>) -> SharedHttpConnector {
        let trust = TrustStore::empty().with_native_roots(tls);
        let mut builder = Connector::builder()
            .connector_settings(self.settings.clone())
            .sleep_impl(TokioSleep::new())
            .pool_max_idle_per_host(MAX_IDLE)
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
        if let Ok(context) = TlsContext::builder().with_trust_store(trust).build() {
            builder.set_tls_context(context);
        }
        self.metered(match guard {
            Some(guard) => builder.build_with_resolver(guard),
            None => builder.build(),
        })
    }

    fn metered(&self, inner: Connector) -> SharedHttpConnector {
        SharedHttpConnector::new(MeteredConnector {
            inner: SharedHttpConnector::new(inner),
            meter: self.meter.clone(),
        })
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}
