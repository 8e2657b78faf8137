//! The composition root: makes the parts from the configuration and joins them. No logic of its own.

use std::sync::Arc;
use std::time::Duration;

use spacewatch_assistant::{AgentConfig, Assistant};
use spacewatch_insight::{
    BucketCache, DEFAULT_METRICS_PREFIX, Histories, Inventories, InventoriesConfig, Limits, PriceBook,
    SnapshotsConfig, Tenant,
};
use spacewatch_lake::{LakeError, Lakes, LakesConfig, installation_key};
use spacewatch_model::{Clock, Prefix, SystemClock};
use spacewatch_s3::{
    Credentials, Endpoint, EndpointPolicy, FingerprintKey, PolicyConfig, Progress, Stores, StoresConfig,
};
use spacewatch_server::{AgentFacts, Config, RateLimit, SchedulerFacts, Services, TlsFiles};
use spacewatch_telemetry::{Counters, MissionControl, Recorder};

use crate::configuration::Configuration;
use crate::failure::Failure;

/// The parts that live as long as the process.
pub(crate) struct Parts {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) recorder: Recorder,
    mission: MissionControl,
    pub(crate) stores: Stores,
    pub(crate) policy: EndpointPolicy,
    pub(crate) bucket_cache: BucketCache,
    pub(crate) lakes: Lakes,
    pub(crate) histories: Histories,
    pub(crate) inventories: Inventories,
    prices: PriceBook,
    counters: Arc<Counters>,
}

impl Parts {
    /// For what remembers nothing: fingerprints are this process's own, and no file is touched.
    pub(crate) fn new(configuration: &Configuration, prices: &PriceBook) -> Self {
        Self::with_fingerprints(configuration, prices, None, Arc::new(SystemClock::new()))
    }

    /// For what reads access logs into lakes: fingerprints are those of the installation in the data directory.
    pub(crate) fn remembering(configuration: &Configuration, prices: &PriceBook) -> Result<Self, LakeError> {
        Self::remembering_at(configuration, prices, Arc::new(SystemClock::new()))
    }

    /// The same at another time.
    pub(crate) fn remembering_at(
        configuration: &Configuration,
        prices: &PriceBook,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LakeError> {
        let key = FingerprintKey::new(installation_key(&configuration.data_directory())?);
        Ok(Self::with_fingerprints(configuration, prices, Some(key), clock))
    }

    fn with_fingerprints(
        configuration: &Configuration,
        prices: &PriceBook,
        key: Option<FingerprintKey>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let recorder = Recorder::new(telemetry(configuration), Arc::clone(&clock));
        let limits = StoresConfig {
            fingerprint_key: key,
            ..store_limits(configuration)
        };
        // Requests are signed with the machine's time: stores refuse what is signed at another.
        let stores = Stores::new(limits, recorder.clone(), Arc::new(SystemClock::new()));
        let counters = Arc::<Counters>::default();
        let policy = EndpointPolicy::new(PolicyConfig {
            default_region: configuration.spaces_region.clone(),
            default_endpoint: configuration.spaces_endpoint.clone(),
            allowed: configuration.allowed_endpoints.clone(),
        });
        Self {
            recorder,
            mission: MissionControl::new(Arc::clone(&clock)),
            stores,
            policy,
            bucket_cache: BucketCache::new(configuration.bucket_cache_ttl, counters.clone()),
            lakes: Lakes::new(lakes(configuration), Arc::clone(&clock)),
            histories: Histories::new(snapshots(configuration), Arc::clone(&clock)),
            inventories: Inventories::new(inventories(configuration), Arc::clone(&clock)),
            prices: prices.clone(),
            clock,
            counters,
        }
    }

    /// What the tools work for at the command line.
    pub(crate) fn tenant(
        &self,
        configuration: &Configuration,
        credentials: Credentials,
        endpoint: Endpoint,
    ) -> Tenant {
        Tenant {
            store: self.stores.open(credentials, endpoint),
            log_bucket: configuration.access_logs_bucket.clone(),
            log_prefix: configuration.access_logs_root_prefix.clone(),
            metrics_bucket: configuration.metrics_bucket.clone(),
            metrics_prefix: metrics_prefix(configuration),
            fallback_buckets: configuration.fallback_buckets.clone().into(),
            limits: limits(configuration),
            progress: Progress::default(),
            bucket_cache: self.bucket_cache.clone(),
            lakes: self.lakes.clone(),
            histories: self.histories.clone(),
            inventories: self.inventories.clone(),
            prices: self.prices.clone(),
            clock: Arc::clone(&self.clock),
        }
    }

    /// What the server works with.
    pub(crate) fn services(&self, configuration: &Configuration) -> Result<Services, Failure> {
        Ok(Services {
            mission: self.mission.clone(),
            assistant: assistant(configuration, Arc::clone(&self.clock), REST)?,
            recorder: self.recorder.clone(),
            counters: Arc::clone(&self.counters),
            stores: self.stores.clone(),
            policy: self.policy.clone(),
            bucket_cache: self.bucket_cache.clone(),
            lakes: self.lakes.clone(),
            histories: self.histories.clone(),
            inventories: self.inventories.clone(),
            prices: self.prices.clone(),
            clock: Arc::clone(&self.clock),
        })
    }

    /// How the server behaves.
    pub(crate) fn server(&self, configuration: &Configuration) -> Config {
        let endpoint = self.policy.default_endpoint();
        let tls = configuration.tls_cert.clone().zip(configuration.tls_key.clone());
        Config {
            host: configuration.host,
            port: configuration.port,
            tls: tls.map(|(cert, key)| TlsFiles { cert, key }),
            api_key: configuration.app_api_key.clone(),
            allowed_hosts: configuration.allowed_hosts.clone(),
            trusted_proxies: configuration.trusted_proxies.clone(),
            cors_origins: configuration.cors_allow_origins.clone(),
            request_timeout: configuration.request_timeout,
            rate: RateLimit {
                per_second: configuration.rate_limit_rps,
                burst: configuration.rate_limit_burst,
            },
            slow_operation: configuration.slow_operation,
            limits: limits(configuration),
            fallback_buckets: configuration.fallback_buckets.clone(),
            spaces_endpoint: endpoint.url().to_owned(),
            spaces_region: endpoint.region().to_string(),
            agent: AgentFacts {
                max_steps: configuration.agent_max_steps,
                max_tool_bytes: configuration.agent_max_tool_bytes,
            },
            scheduler: SchedulerFacts {
                enabled: configuration.enable_scheduler,
                every_sec: configuration.snapshot_every.as_secs(),
            },
            ..Config::default()
        }
    }
}

/// How long a model that is away is left alone, so that not everybody waits for it in vain.
pub(crate) const REST: Duration = Duration::from_secs(30);

/// Who answers questions in plain words: a model where one is configured, else the built-in planner alone.
pub(crate) fn assistant(
    configuration: &Configuration,
    clock: Arc<dyn Clock>,
    rest: Duration,
) -> Result<Assistant, Failure> {
    let planner = Assistant::new(clock);
    match agent(configuration, rest) {
        None => Ok(planner),
        Some(agent) => planner.with_model(agent).map_err(|error| {
            Failure::usage("the model can't be asked")
                .caused_by(&error)
                .with_hint("see DO_AGENT_URL")
        }),
    }
}

fn agent(configuration: &Configuration, rest: Duration) -> Option<AgentConfig> {
    let whole = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    Some(AgentConfig {
        url: configuration.do_agent_url.as_ref()?.to_string(),
        key: configuration.do_agent_key.clone(),
        model: configuration.do_agent_model.clone(),
        timeout: configuration.do_agent_timeout,
        retries: configuration.do_agent_retries,
        max_steps: whole(configuration.agent_max_steps.into()),
        max_tool_bytes: whole(configuration.agent_max_tool_bytes),
        max_tokens: configuration.agent_max_tokens,
        rest,
    })
}

fn telemetry(configuration: &Configuration) -> spacewatch_telemetry::Config {
    spacewatch_telemetry::Config {
        ring_capacity: configuration.max_storage_metrics_samples,
        slow_operation: configuration.slow_operation,
        window: configuration.metrics_window,
    }
}

fn limits(configuration: &Configuration) -> Limits {
    Limits {
        list_objects: configuration.max_list_objects_return,
        top_largest: configuration.max_top_largest,
        metric_points: configuration.metrics_max_points,
        log_lines: configuration.max_log_lines,
        log_bytes: configuration.max_log_bytes,
        sql_rows: configuration.sql_max_rows,
        sql_time: configuration.sql_timeout,
        sql_memory: configuration.sql_memory_bytes,
        ..Limits::default()
    }
}

/// The default prefix is what nobody has chosen: then snapshots are looked for at the bucket's root as well.
fn metrics_prefix(configuration: &Configuration) -> Option<Prefix> {
    let prefix = configuration.metrics_prefix.clone();
    Some(prefix).filter(|prefix| prefix.as_str() != DEFAULT_METRICS_PREFIX)
}

fn snapshots(configuration: &Configuration) -> SnapshotsConfig {
    SnapshotsConfig {
        gzip: configuration.metrics_gzip,
        ..SnapshotsConfig::default()
    }
}

fn lakes(configuration: &Configuration) -> LakesConfig {
    let days = u64::from(configuration.lake_retention_days);
    LakesConfig {
        directory: configuration.data_directory(),
        place: configuration.lake_place,
        max_bytes: configuration.lake_max_bytes,
        retention: (days > 0).then(|| Duration::from_hours(24 * days)),
    }
}

fn inventories(configuration: &Configuration) -> InventoriesConfig {
    InventoriesConfig {
        directory: configuration.data_directory(),
        max_bytes: configuration.inventory_max_bytes,
    }
}

fn store_limits(configuration: &Configuration) -> StoresConfig {
    StoresConfig {
        rate_per_second: configuration.store_rate_limit,
        ..StoresConfig::default()
    }
}
