//! What the tests stand on.

use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use spacewatch_demo::{DemoStore, RunningStore};
use spacewatch_model::{BucketName, Prefix, Secret, SystemClock};
use spacewatch_s3::{
    Credentials, Endpoint, ObjectSummary, Order, Progress, Store, StoreError, Stores, StoresConfig,
};
use spacewatch_telemetry::{Config, Recorder};

/// A running store, and what opens it.
pub(crate) struct Stage {
    pub(crate) running: RunningStore,
    pub(crate) stores: Stores,
    pub(crate) recorder: Recorder,
}

impl Stage {
    pub(crate) async fn of(store: DemoStore, config: StoresConfig) -> Self {
        let running = store
            .start(([127, 0, 0, 1], 0).into())
            .await
            .expect("a free port");
        let clock = Arc::new(SystemClock::new());
        let recorder = Recorder::new(Config::default(), clock.clone());
        let stores = Stores::new(config, recorder.clone(), clock);
        Self {
            running,
            stores,
            recorder,
        }
    }

    pub(crate) fn store(&self) -> Store {
        self.opened_with("test-key", "test-secret")
    }

    pub(crate) fn opened_with(&self, id: &str, secret: &str) -> Store {
        open(&self.stores, &self.running.endpoint(), "us-east-1", (id, secret))
    }
}

pub(crate) fn stores(config: StoresConfig) -> Stores {
    let clock = Arc::new(SystemClock::new());
    let recorder = Recorder::new(Config::default(), clock.clone());
    Stores::new(config, recorder, clock)
}

pub(crate) fn open(stores: &Stores, endpoint: &str, region: &str, (id, secret): (&str, &str)) -> Store {
    let credentials = Credentials::new(id.to_owned(), Secret::new(secret)).expect("credentials");
    let url = endpoint.parse().expect("a URL");
    stores.open(
        credentials,
        Endpoint::trusted(&url, region.parse().expect("a region")),
    )
}

/// Quick to give up and small in its pages, so that small stores make many of them.
pub(crate) fn small_pages(page_size: usize) -> StoresConfig {
    StoresConfig {
        page_size,
        rate_per_second: 1_000_000,
        ..StoresConfig::default()
    }
}

pub(crate) fn impatient() -> StoresConfig {
    StoresConfig {
        first_byte_timeout: Duration::from_millis(300),
        request_timeout: Duration::from_millis(600),
        attempts: 3,
        ..StoresConfig::default()
    }
}

pub(crate) fn bucket(name: &str) -> BucketName {
    name.parse().expect("a bucket name")
}

pub(crate) async fn all(
    store: &Store,
    bucket_name: &str,
    prefix: &str,
    order: Order,
) -> Result<Vec<ObjectSummary>, StoreError> {
    let prefix: Prefix = prefix.parse().expect("a prefix");
    let pages = store.list_all(bucket(bucket_name), prefix, order, Progress::default());
    Ok(pages
        .try_collect::<Vec<_>>()
        .await?
        .into_iter()
        .flatten()
        .collect())
}

/// The keys of a listing, which must hold none twice.
pub(crate) async fn keys(store: &Store, bucket_name: &str, prefix: &str, order: Order) -> Vec<String> {
    let objects = all(store, bucket_name, prefix, order).await.expect("a listing");
    let mut keys: Vec<String> = objects
        .into_iter()
        .map(|object| object.key.as_str().to_owned())
        .collect();
    if order == Order::Any {
        keys.sort();
    }
    let ascending = keys.is_sorted_by(|a, b| a < b);
    assert!(ascending, "a key came twice, or out of order");
    keys
}

/// Keys that break clients.
pub(crate) fn hostile_keys() -> Vec<String> {
    let mut keys: Vec<String> = [
        " ",
        " lead",
        "trail ",
        "a b",
        "a+b",
        "a%b",
        "a%20b",
        "a%2Bb",
        "a&b",
        "a&amp;b",
        "a<b>",
        "a\"b'c",
        "]]>",
        "a\\b",
        "a\u{1}b",
        "a\u{1f}b",
        "\u{1}",
        "a\rb",
        "a\nb",
        "a\r\nb",
        "a\tb",
        "\u{7f}",
        "a\u{85}b",
        "a\u{2028}b",
        "//",
        "/",
        "/lead",
        "a//b",
        "a/",
        "a/b/",
        "a/./b",
        "a/../b",
        "..",
        ".",
        "é",
        "e\u{301}",
        "日本語/ファイル",
        "😀",
        "😀/😀",
        "\u{fffd}",
        "\u{e000}",
        "\u{ffff}",
        "\u{fffe}x",
        "\u{10ffff}",
        "\u{10ffff}\u{10ffff}",
        "zz?x=y#z",
        "*",
        "~",
        "$@=;:,!()'",
    ]
    .map(str::to_owned)
    .to_vec();
    keys.push("k".repeat(1024));
    keys.push("é".repeat(512));
    keys.push(format!("{}/x", "d".repeat(1000)));
    keys.sort();
    keys
}
