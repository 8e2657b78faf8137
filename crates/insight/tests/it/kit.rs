//! A running store and tenants of it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use spacewatch_demo::{DemoStore, RunningStore};
use spacewatch_insight::{
    BucketCache, Histories, Inventories, InventoriesConfig, Limits, PriceBook, SnapshotsConfig, Tenant,
};
use spacewatch_lake::{Lakes, LakesConfig};
use spacewatch_model::{Clock, ManualClock, Prefix, Secret, SystemClock};
use spacewatch_s3::{Credentials, Endpoint, Progress, Stores, StoresConfig};
use spacewatch_telemetry::{Config, Recorder};
use tempfile::TempDir;

pub(crate) struct Kit {
    pub(crate) store: RunningStore,
    pub(crate) clock: Arc<ManualClock>,
    stores: Stores,
    cache: BucketCache,
    lakes: Lakes,
    histories: Histories,
    inventories: Inventories,
    _directory: TempDir,
}

impl Kit {
    pub(crate) async fn start(store: DemoStore) -> Self {
        Self::start_with(store, StoresConfig::default()).await
    }

    pub(crate) async fn start_with(store: DemoStore, config: StoresConfig) -> Self {
        // Requests are signed with this clock's time, so it can't start just anywhere.
        let clock = Arc::new(ManualClock::starting_at(SystemClock::new().now()));
        Self::start_at(store, config, clock).await
    }

    /// By a clock that the store may share.
    pub(crate) async fn start_at(store: DemoStore, config: StoresConfig, clock: Arc<ManualClock>) -> Self {
        let recorder = Recorder::new(Config::default(), clock.clone());
        let directory = tempfile::tempdir().expect("a directory");
        Self {
            store: store
                .start(([127, 0, 0, 1], 0).into())
                .await
                .expect("the store starts"),
            stores: Stores::new(config, recorder, clock.clone()),
            cache: BucketCache::new(Duration::from_secs(300), Arc::default()),
            lakes: lakes(directory.path(), clock.clone()),
            histories: Histories::new(SnapshotsConfig::default(), clock.clone()),
            inventories: Inventories::new(
                InventoriesConfig {
                    directory: directory.path().to_owned(),
                    max_bytes: 1 << 30,
                },
                clock.clone(),
            ),
            _directory: directory,
            clock,
        }
    }

    /// The tenant that `DemoStore::empty` begins with.
    pub(crate) fn tenant(&self) -> Tenant {
        self.tenant_with("test-key", "test-secret")
    }

    pub(crate) fn tenant_with(&self, key: &str, secret: &str) -> Tenant {
        let url = self.store.endpoint().parse().expect("a URL");
        let endpoint = Endpoint::trusted(&url, "nyc3".parse().expect("a region"));
        let credentials = Credentials::new(key.to_owned(), Secret::new(secret)).expect("credentials");
        Tenant {
            store: self.stores.open(credentials, endpoint),
            log_bucket: None,
            log_prefix: Prefix::default(),
            metrics_bucket: None,
            metrics_prefix: None,
            fallback_buckets: Arc::from([]),
            limits: Limits::default(),
            progress: Progress::default(),
            bucket_cache: self.cache.clone(),
            lakes: self.lakes.clone(),
            histories: self.histories.clone(),
            inventories: self.inventories.clone(),
            prices: PriceBook::default(),
            clock: self.clock.clone() as Arc<dyn Clock>,
        }
    }
}

fn lakes(directory: &Path, clock: Arc<dyn Clock>) -> Lakes {
    let config = LakesConfig {
        directory: directory.to_owned(),
        place: spacewatch_lake::LakePlace::Disk,
        max_bytes: 1 << 30,
        retention: None,
    };
    Lakes::new(config, clock)
}
