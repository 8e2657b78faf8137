//! A store, and what writes to and reads from it.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::TryStreamExt;
use spacewatch_demo::{DemoStore, RunningStore};
use spacewatch_model::{ManualClock, Secret, SystemClock, TimeRange, Timestamp};
use spacewatch_s3::{Credentials, Endpoint, Order, Progress, Store, Stores, StoresConfig};
use spacewatch_snapshots::{History, Place, RolledUp, SnapshotRecord, Snapshots, SnapshotsConfig, Wanted};
use spacewatch_telemetry::{Config, Recorder};

pub(crate) const BUCKET: &str = "metrics";

pub(crate) struct Stage {
    pub(crate) running: Arc<RunningStore>,
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) snapshots: Snapshots,
}

impl Stage {
    pub(crate) async fn of(store: DemoStore, now: &str) -> Self {
        let running = store
            .with_bucket(BUCKET)
            .start(([127, 0, 0, 1], 0).into())
            .await
            .expect("a free port");
        let clock = Arc::new(ManualClock::starting_at(at(now)));
        Self {
            store: open(&running),
            snapshots: Snapshots::new(SnapshotsConfig::default(), clock.clone()),
            clock,
            running: Arc::new(running),
        }
    }

    /// Another process: nothing in memory is shared.
    pub(crate) fn other_process(&self) -> Self {
        Self {
            running: Arc::clone(&self.running),
            store: open(&self.running),
            clock: Arc::clone(&self.clock),
            snapshots: Snapshots::new(SnapshotsConfig::default(), self.clock.clone()),
        }
    }

    pub(crate) async fn keys(&self) -> Vec<String> {
        let pages = self.store.list_all(
            BUCKET.parse().expect("a name"),
            "".parse().expect("a prefix"),
            Order::ByKey,
            Progress::default(),
        );
        let pages: Vec<_> = pages.try_collect().await.expect("a listing");
        let keys = pages.into_iter().flatten();
        keys.map(|object| object.key.as_str().to_owned()).collect()
    }

    pub(crate) async fn read(&self, from: &str, to: &str) -> History {
        let wanted = Wanted::everything(period(from, to));
        let history = self.snapshots.read(&self.store, &place(), &wanted).await;
        history.expect("the snapshots")
    }

    pub(crate) async fn roll_up(&self) -> RolledUp {
        let rolled = self.snapshots.roll_up(&self.store, &place()).await;
        rolled.expect("rolled up")
    }

    pub(crate) async fn write(&self, ts: &str, records: &[SnapshotRecord]) -> String {
        let key = self.snapshots.write(&self.store, &place(), at(ts), records).await;
        key.expect("written").as_str().to_owned()
    }
}

fn open(running: &RunningStore) -> Store {
    let clock = Arc::new(SystemClock::new());
    let recorder = Recorder::new(Config::default(), clock.clone());
    let config = StoresConfig {
        attempts: 2,
        rate_per_second: 1_000_000,
        request_timeout: Duration::from_secs(20),
        ..StoresConfig::default()
    };
    let credentials = Credentials::new("test-key".to_owned(), Secret::new("test-secret")).expect("keys");
    let url = running.endpoint().parse().expect("a URL");
    let endpoint = Endpoint::trusted(&url, "nyc3".parse().expect("a region"));
    Stores::new(config, recorder, clock).open(credentials, endpoint)
}

pub(crate) fn place() -> Place {
    Place {
        bucket: BUCKET.parse().expect("a name"),
        prefix: None,
    }
}

pub(crate) fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

pub(crate) fn period(from: &str, to: &str) -> TimeRange {
    TimeRange {
        from: Some(at(from)),
        to: Some(at(to)),
    }
}

pub(crate) fn record(bucket: &str, ts: Timestamp, bytes: u64) -> SnapshotRecord {
    let mut record = SnapshotRecord::new(ts, bucket.parse().expect("a name"), "".parse().expect("a prefix"));
    record.source_bytes = bytes;
    record
}

pub(crate) fn line(record: &SnapshotRecord) -> String {
    serde_json::to_string(record).expect("JSON") + "\n"
}

pub(crate) fn gzip(text: &str) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("packed");
    encoder.finish().expect("packed").into()
}

/// The bytes of the records, by time.
pub(crate) fn sizes(history: &History) -> Vec<u64> {
    history.records.iter().map(|record| record.source_bytes).collect()
}
