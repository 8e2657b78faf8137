//! What the tests stand on.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use spacewatch_demo::{DemoStore, RunningStore};
use spacewatch_inventory::{Inventories, InventoriesConfig, Inventory, KeptInventory, ScanPhase, ScanStatus};
use spacewatch_model::{Clock, Prefix, Secret, SystemClock};
use spacewatch_s3::{Credentials, Endpoint, FingerprintKey, Progress, Store, Stores, StoresConfig};
use spacewatch_telemetry::{Config, Recorder};
use tempfile::TempDir;

/// A running store, what opens it, and a data directory.
pub(crate) struct Stage {
    pub(crate) running: RunningStore,
    pub(crate) stores: Stores,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) data: TempDir,
}

/// Entries of one part of a scan that is written at once.
pub(crate) const PIECE: usize = 16;

impl Stage {
    pub(crate) async fn of(store: DemoStore) -> Self {
        Self::with(store, 7, Arc::new(SystemClock::new())).await
    }

    pub(crate) async fn with(store: DemoStore, page_size: usize, clock: Arc<dyn Clock>) -> Self {
        let running = store
            .start(([127, 0, 0, 1], 0).into())
            .await
            .expect("a free port");
        let recorder = Recorder::new(Config::default(), Arc::clone(&clock));
        let config = StoresConfig {
            page_size,
            rate_per_second: 1_000_000,
            first_byte_timeout: Duration::from_secs(5),
            fingerprint_key: Some(FingerprintKey::new([7; 32])),
            ..StoresConfig::default()
        };
        Self {
            running,
            stores: Stores::new(config, recorder, Arc::clone(&clock)),
            clock,
            data: tempfile::tempdir().expect("a directory"),
        }
    }

    pub(crate) fn store(&self) -> Store {
        self.opened_with("test-key", "test-secret")
    }

    pub(crate) fn opened_with(&self, id: &str, secret: &str) -> Store {
        let credentials = Credentials::new(id.to_owned(), Secret::new(secret)).expect("credentials");
        let url = self.running.endpoint().parse().expect("a URL");
        let region = "us-east-1".parse().expect("a region");
        self.stores.open(credentials, Endpoint::trusted(&url, region))
    }

    /// As a process that was just started sees the data directory.
    pub(crate) fn inventories(&self) -> Inventories {
        Inventories::in_small_pieces(config(self.data.path()), Arc::clone(&self.clock), PIECE)
    }

    pub(crate) fn inventory(&self, bucket: &str) -> Inventory {
        self.inventories()
            .open(&self.store(), &bucket.parse().expect("a bucket name"))
    }
}

pub(crate) fn config(directory: &Path) -> InventoriesConfig {
    InventoriesConfig {
        directory: directory.to_owned(),
        max_bytes: 1 << 30,
    }
}

pub(crate) fn everything() -> Prefix {
    Prefix::default()
}

/// Scans to the end.
pub(crate) async fn scan(inventory: &Inventory) -> ScanStatus {
    inventory.start(&everything()).await.expect("a start");
    let status = inventory
        .finished(&everything(), &Progress::default())
        .await
        .expect("an end");
    assert_eq!(status.phase, ScanPhase::Idle, "{status:?}");
    status
}

pub(crate) async fn kept(inventory: &Inventory, prefix: &str) -> KeptInventory {
    let prefix = prefix.parse().expect("a prefix");
    inventory.required(&prefix, None).await.expect("an inventory")
}
