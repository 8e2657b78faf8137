//! What the operator decides, and what the server is given to work with.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use serde::Serialize;
use spacewatch_assistant::Assistant;
use spacewatch_insight::{BucketCache, Histories, Inventories, Lakes, Limits, PriceBook};
use spacewatch_model::{BucketName, Clock, Secret};
use spacewatch_s3::{EndpointPolicy, Stores};
use spacewatch_telemetry::{Counters, MissionControl, Recorder};
use url::Url;
use utoipa::ToSchema;

/// How the server behaves. [`Config::default`] is a server on loopback that needs no further word.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// Certificate and key, for HTTPS.
    pub tls: Option<TlsFiles>,
    /// The operator's key for admin routes.
    pub api_key: Option<Secret>,
    /// Host names this server answers to, besides those of loopback when it listens there.
    pub allowed_hosts: Vec<AllowedHost>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Pages of other origins that may call the API from a browser.
    pub cors_origins: Vec<CorsOrigin>,
    /// How long a request may wait for its answer before it is told that the work goes on.
    pub request_timeout: Duration,
    /// How often one client may ask.
    pub rate: RateLimit,
    /// From here on an operation is logged as slow.
    pub slow_operation: Duration,
    /// How much one answer may hold.
    pub limits: Limits,
    /// Buckets to try when credentials may not list buckets.
    pub fallback_buckets: Vec<BucketName>,
    /// The endpoint a request without `X-Endpoint` and `X-Region` goes to, as `/health` shows it.
    pub spaces_endpoint: String,
    /// The region such a request is signed for.
    pub spaces_region: String,
    /// The assistant's budgets, as `/health` shows them.
    pub agent: AgentFacts,
    /// The scheduler's state, as `/health` shows it.
    pub scheduler: SchedulerFacts,
    /// The keys anyone may try, when this server runs the demo.
    pub demo: Option<DemoAccess>,
    /// Limits nobody should have to change.
    pub bounds: Bounds,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8000,
            tls: None,
            api_key: None,
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            request_timeout: Duration::from_secs(120),
            rate: RateLimit::default(),
            slow_operation: Duration::from_secs(5),
            limits: Limits::default(),
            fallback_buckets: Vec::new(),
            spaces_endpoint: "https://sgp1.digitaloceanspaces.com".to_owned(),
            spaces_region: "sgp1".to_owned(),
            agent: AgentFacts::default(),
            scheduler: SchedulerFacts::default(),
            demo: None,
            bounds: Bounds::default(),
        }
    }
}

impl Config {
    /// Where to listen.
    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }
}

/// A PEM certificate chain and its private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain, the server's own first.
    pub cert: PathBuf,
    /// The private key, PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

/// How often one client may ask: `burst` at once, refilled at `per_second`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    /// Requests per second in the long run; zero switches the limit off.
    pub per_second: f64,
    /// Requests at once after a pause.
    pub burst: u32,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self {
            per_second: 20.0,
            burst: 100,
        }
    }
}

/// The assistant's budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgentFacts {
    /// Rounds of tools one question may take.
    pub max_steps: u32,
    /// Bytes of tool results one question may read.
    pub max_tool_bytes: u64,
}

impl Default for AgentFacts {
    fn default() -> Self {
        Self {
            max_steps: 8,
            max_tool_bytes: 250_000,
        }
    }
}

/// Whether snapshots are taken unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct SchedulerFacts {
    /// The scheduler runs.
    pub enabled: bool,
    /// Seconds between two runs.
    pub every_sec: u64,
}

impl Default for SchedulerFacts {
    fn default() -> Self {
        Self {
            enabled: false,
            every_sec: 300,
        }
    }
}

/// The demo's tenants, shown to anyone who asks: nothing in the demo's store is secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DemoAccess {
    /// Who can be tried.
    pub tenants: Vec<DemoTenant>,
}

/// One set of demo keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DemoTenant {
    /// The tenant's name.
    pub name: String,
    /// What there is to see with these keys.
    pub description: String,
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key. Public, like everything in the demo.
    pub secret_access_key: String,
    /// The region to name.
    pub region: String,
    /// The store's endpoint.
    pub endpoint: String,
    /// Where access logs are delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_bucket: Option<String>,
    /// The beginning of the log objects' keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_prefix: Option<String>,
    /// Where snapshots are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_bucket: Option<String>,
}

/// Limits nobody should have to change, here so that tests can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of a request's body.
    pub body_bytes: u64,
    /// Bytes of a request's address.
    pub uri_bytes: usize,
    /// Header lines of a request.
    pub headers: usize,
    /// Bytes of all header lines together.
    pub header_bytes: usize,
    /// How long a client may take to send its headers, or the next request's on a kept connection.
    pub header_read_timeout: Duration,
    /// How long a client may take to send its body.
    pub body_read_timeout: Duration,
    /// How long a client may take nothing of an answer that is being sent.
    pub send_timeout: Duration,
    /// How long a TLS handshake may take.
    pub handshake_timeout: Duration,
    /// Connections at once; fewer where the system's file limit is lower.
    pub connections: usize,
    /// Connections of one client at once; trusted proxies may have all.
    pub connections_per_client: usize,
    /// How long running requests may take to finish after a shutdown was asked for.
    pub shutdown_grace: Duration,
    /// How long work may go on after its request ended.
    pub work_timeout: Duration,
    /// How long the result of such work is kept.
    pub result_time_to_live: Duration,
    /// Pieces of work at once.
    pub works: usize,
    /// Pieces of work at once for one tenant.
    pub works_per_tenant: usize,
    /// Pieces of work at once that one client began, with whatever credentials.
    pub works_per_client: usize,
    /// How often a stream of progress says something.
    pub progress_interval: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            uri_bytes: 16 * 1024,
            headers: 100,
            header_bytes: 32 * 1024,
            header_read_timeout: Duration::from_secs(15),
            body_read_timeout: Duration::from_secs(15),
            send_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(10),
            connections: 8192,
            connections_per_client: 2048,
            shutdown_grace: Duration::from_secs(20),
            work_timeout: Duration::from_secs(1800),
            result_time_to_live: Duration::from_secs(300),
            works: 128,
            works_per_tenant: 16,
            works_per_client: 64,
            progress_interval: Duration::from_millis(250),
        }
    }
}

/// What the server works with; made once by the binary.
#[derive(Clone)]
pub struct Services {
    /// Where operations are recorded.
    pub recorder: Recorder,
    /// How all requests fare.
    pub mission: MissionControl,
    /// The counters `/stats` shows.
    pub counters: Arc<Counters>,
    /// Opens stores with a request's credentials.
    pub stores: Stores,
    /// Which endpoints a request may name.
    pub policy: EndpointPolicy,
    /// Bucket lists already known.
    pub bucket_cache: BucketCache,
    /// What is remembered of access logs.
    pub lakes: Lakes,
    /// What is remembered of snapshots.
    pub histories: Histories,
    /// What is known of what buckets hold.
    pub inventories: Inventories,
    /// What stores charge.
    pub prices: PriceBook,
    /// Answers questions in plain words.
    pub assistant: Assistant,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}

/// A setting that can't be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is no {what}: {reason}")]
pub struct InvalidSetting {
    value: String,
    what: &'static str,
    reason: &'static str,
}

/// A host name the server answers to: `spacewatch.example.com`, `.example.com` for everything below, or `*`
/// for any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost(String);

impl AllowedHost {
    /// Whether the server answers to this host name (lower case, no port).
    pub(crate) fn covers(&self, host: &str) -> bool {
        match self.0.as_str() {
            "*" => true,
            below if below.starts_with('.') => host.ends_with(below) && host.len() > below.len(),
            exact => exact == host,
        }
    }
}

impl FromStr for AllowedHost {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let name = text.trim().to_ascii_lowercase();
        let invalid = |reason| InvalidSetting {
            value: text.to_owned(),
            what: "host name",
            reason,
        };
        let name = match name.strip_prefix("*.") {
            Some(rest) => format!(".{rest}"),
            None => name,
        };
        let plain = name.strip_prefix('.').unwrap_or(&name);
        if plain.is_empty() {
            return Err(invalid("it is empty"));
        }
        let is_address = plain.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        let is_name = plain
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
        if name != "*" && !is_address && !is_name {
            return Err(invalid("name hosts only, without scheme, port or path"));
        }
        Ok(Self(name))
    }
}

/// An origin whose pages may call the API: `https://app.example.com`, or `*` for all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorsOrigin(String);

impl CorsOrigin {
    /// Whether this stands for every origin there is.
    pub(crate) fn is_any(&self) -> bool {
        self.0 == "*"
    }

    /// Whether this is the origin a browser named.
    pub(crate) fn covers(&self, origin: &str) -> bool {
        self.is_any() || self.0.eq_ignore_ascii_case(origin)
    }
}

impl FromStr for CorsOrigin {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let trimmed = text.trim();
        if trimmed == "*" {
            return Ok(Self(trimmed.to_owned()));
        }
        let invalid = |reason| InvalidSetting {
            value: text.to_owned(),
            what: "origin",
            reason,
        };
        let url = Url::parse(trimmed).map_err(|_| invalid("write it as `https://app.example.com`"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("the scheme must be `http` or `https`"));
        }
        if url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
        {
            return Err(invalid("an origin is scheme, host and port only"));
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check_host(setting: &str, host: &str, expected: Expect) {
        let found = match setting.parse::<AllowedHost>() {
            Ok(allowed) => allowed.covers(host).to_string(),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&found);
    }

    #[test]
    fn hosts() {
        check_host("Watch.Example.com", "watch.example.com", expect!["true"]);
        check_host("watch.example.com", "example.com", expect!["false"]);
        check_host("*.example.com", "a.example.com", expect!["true"]);
        check_host("*.example.com", "example.com", expect!["false"]);
        check_host("*.example.com", "badexample.com", expect!["false"]);
        check_host("*", "anything", expect!["true"]);
        check_host(
            "http://a.example",
            "a.example",
            expect!["`http://a.example` is no host name: name hosts only, without scheme, port or path"],
        );
        check_host("", "", expect!["`` is no host name: it is empty"]);
    }

    fn check_origin(setting: &str, origin: &str, expected: Expect) {
        let found = match setting.parse::<CorsOrigin>() {
            Ok(allowed) => allowed.covers(origin).to_string(),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&found);
    }

    #[test]
    fn origins() {
        check_origin(
            "https://app.example.com/",
            "https://app.example.com",
            expect!["true"],
        );
        check_origin(
            "https://app.example.com",
            "https://app.example.com.evil",
            expect!["false"],
        );
        check_origin(
            "https://app.example.com",
            "http://app.example.com",
            expect!["false"],
        );
        check_origin("http://localhost:5173", "http://localhost:5173", expect!["true"]);
        check_origin("*", "https://any.example", expect!["true"]);
        check_origin(
            "app.example.com",
            "",
            expect!["`app.example.com` is no origin: write it as `https://app.example.com`"],
        );
        check_origin(
            "https://a.example/path",
            "",
            expect!["`https://a.example/path` is no origin: an origin is scheme, host and port only"],
        );
        check_origin(
            "file:///x",
            "",
            expect!["`file:///x` is no origin: the scheme must be `http` or `https`"],
        );
    }
}
