//! Clients, made once for each set of credentials and kept a while.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spacewatch_model::Clock;
use spacewatch_telemetry::Recorder;

use crate::client::{Client, Parts};
use crate::connection::Connections;
use crate::endpoint::GuardedResolver;
use crate::fingerprint::FingerprintKey;
use crate::pace::Pace;
use crate::{Credentials, Endpoint, Fingerprint, Store};

/// How stores are called.
#[derive(Debug, Clone)]
pub struct StoresConfig {
    /// Until a connection stands, name lookup and TLS included.
    pub connect_timeout: Duration,
    /// From sending a request to the first byte of its answer, and between two parts of a body.
    pub first_byte_timeout: Duration,
    /// For one attempt as a whole, its body included.
    pub request_timeout: Duration,
    /// How often a call is sent at most, the first time included.
    pub attempts: u32,
    /// Requests per second to one endpoint: a share of the store's own limit (1,500 for Spaces).
    pub rate_per_second: u32,
    /// Listing requests under way at one endpoint at most.
    pub concurrency: usize,
    /// Keys asked for in one page of a listing.
    pub page_size: usize,
    /// Clients kept at most.
    pub max_clients: usize,
    /// A client not used for this long is forgotten.
    pub client_idle: Duration,
    /// How long an accepted call vouches for its credentials.
    pub lease: Duration,
    /// What fingerprints are made with; without it, a random key of this process.
    pub fingerprint_key: Option<FingerprintKey>,
}

impl Default for StoresConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            first_byte_timeout: Duration::from_secs(20),
            request_timeout: Duration::from_secs(60),
            attempts: 6,
            rate_per_second: 750,
            concurrency: 64,
            page_size: 1000,
            max_clients: 1024,
            client_idle: Duration::from_secs(15 * 60),
            lease: Duration::from_secs(60),
            fingerprint_key: None,
        }
    }
}

/// Opens stores. Clones share everything.
#[derive(Clone)]
pub struct Stores(Arc<Inner>);

struct Inner {
    config: StoresConfig,
    clock: Arc<dyn Clock>,
    key: FingerprintKey,
    connections: Connections,
    clients: Mutex<HashMap<Fingerprint, Cached>>,
    paces: Mutex<HashMap<String, Arc<Pace>>>,
}

struct Cached {
    client: Arc<Client>,
    last_used: Duration,
}

impl Stores {
    /// No client is made, and nothing is called, before the first [`Stores::open`].
    pub fn new(config: StoresConfig, recorder: Recorder, clock: Arc<dyn Clock>) -> Self {
        Self::resolving(config, recorder, clock, GuardedResolver::system())
    }

    fn resolving(
        config: StoresConfig,
        recorder: Recorder,
        clock: Arc<dyn Clock>,
        resolver: GuardedResolver,
    ) -> Self {
        let connections = Connections::new(&config, (recorder, clock.clone()), resolver);
        let key = config.fingerprint_key.clone();
        Self(Arc::new(Inner {
            config,
            clock,
            key: key.unwrap_or_else(FingerprintKey::random),
            connections,
            clients: Mutex::default(),
            paces: Mutex::default(),
        }))
    }

    /// The store at `endpoint` as `credentials` see it. Calls nothing yet: wrong keys show at the first call.
    pub fn open(&self, credentials: Credentials, endpoint: Endpoint) -> Store {
        let fingerprint = self.0.key.of(&credentials, &endpoint);
        let now = self.0.clock.elapsed();
        if let Some(cached) = self.clients().get_mut(&fingerprint) {
            cached.last_used = now;
            return Store(cached.client.clone());
        }
        let pace = self.pace(&endpoint);
        let connector = self.0.connections.to(&endpoint);
        let parts = Parts {
            endpoint,
            fingerprint,
            connector,
            pace,
        };
        let client = Arc::new(Client::new(
            &credentials,
            parts,
            &self.0.config,
            self.0.clock.clone(),
        ));
        let mut clients = self.clients();
        clients.retain(|_, cached| now.saturating_sub(cached.last_used) < self.0.config.client_idle);
        if clients.len() >= self.0.config.max_clients.max(1) {
            let oldest = clients
                .iter()
                .min_by_key(|(_, cached)| cached.last_used)
                .map(|(print, _)| *print);
            oldest.map(|oldest| clients.remove(&oldest));
        }
        // Somebody else may have been as quick: then theirs stays, so that both share one lease.
        let cached = clients.entry(fingerprint).or_insert(Cached {
            client,
            last_used: now,
        });
        Store(cached.client.clone())
    }

    /// How many sets of credentials there are clients for now.
    pub fn cached_count(&self) -> usize {
        self.clients().len()
    }

    /// The pace of an endpoint is everybody's, so it outlives clients; one that nobody uses is dropped
    /// when many have gathered.
    fn pace(&self, endpoint: &Endpoint) -> Arc<Pace> {
        let mut paces = self.0.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.len() >= self.0.config.max_clients.max(1) {
            paces.retain(|_, pace| Arc::strong_count(pace) > 1);
        }
        let new = || {
            Arc::new(Pace::new(
                self.0.config.rate_per_second,
                self.0.config.concurrency,
            ))
        };
        paces.entry(endpoint.url().to_owned()).or_insert_with(new).clone()
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<Fingerprint, Cached>> {
        self.0.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores")
            .field("config", &self.0.config)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
