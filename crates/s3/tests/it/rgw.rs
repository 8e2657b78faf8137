//! The client against a real Ceph gateway, which is what Spaces is made of.

mod settings;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, RequestChecksumCalculation};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use spacewatch_model::SystemClock;
use spacewatch_s3::{KeyRange, Order, Probe, Store, StoreError, Stores};
use spacewatch_telemetry::{Config, Recorder};

use crate::stage::{bucket, hostile_keys, keys, open, small_pages};
use crate::versions::{counted, versions};

struct Gateway {
    endpoint: String,
    region: String,
    id: String,
    secret: String,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the script that starts a gateway says so by the environment"
)]
fn gateway() -> Option<Gateway> {
    let read = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let found = read("RGW_ENDPOINT")
        .zip(read("RGW_ACCESS_KEY"))
        .zip(read("RGW_SECRET_KEY"));
    let Some(((endpoint, id), secret)) = found else {
        println!("skipped: RGW_ENDPOINT, RGW_ACCESS_KEY and RGW_SECRET_KEY name no gateway");
        return None;
    };
    Some(Gateway {
        endpoint,
        region: read("RGW_REGION").unwrap_or_else(|| "default".to_owned()),
        id,
        secret,
    })
}

impl Gateway {
    fn store(&self, page_size: usize) -> Store {
        let clock = Arc::new(SystemClock::new());
        let stores = Stores::new(
            small_pages(page_size),
            Recorder::new(Config::default(), clock.clone()),
            clock,
        );
        open(&stores, &self.endpoint, &self.region, (&self.id, &self.secret))
    }

    /// The plain SDK, which makes what is read here.
    fn sdk(&self) -> aws_sdk_s3::Client {
        let http = aws_smithy_http_client::Builder::new().build_http();
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http)
            .credentials_provider(Credentials::new(&self.id, &self.secret, None, None, "test"))
            .region(Region::new(self.region.clone()))
            .endpoint_url(&self.endpoint)
            .force_path_style(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// A bucket with these keys.
    async fn fill(&self, name: &str, keys: &[String]) {
        let client = self.sdk();
        client
            .create_bucket()
            .bucket(name)
            .send()
            .await
            .expect("a bucket");
        for key in keys {
            let body = ByteStream::from_static(b"x");
            client
                .put_object()
                .bucket(name)
                .key(key)
                .body(body)
                .send()
                .await
                .expect("an object");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_keys_are_exact() {
    let Some(gateway) = gateway() else { return };
    // The SDK refuses to write a key of spaces alone.
    let hostile: Vec<String> = hostile_keys()
        .into_iter()
        .filter(|key| !key.trim().is_empty())
        .collect();
    gateway.fill("rgw-hostile", &hostile).await;
    for page_size in [1, 3, 1000] {
        let store = gateway.store(page_size);
        assert_eq!(keys(&store, "rgw-hostile", "", Order::ByKey).await, hostile);
        assert_eq!(keys(&store, "rgw-hostile", "", Order::Any).await, hostile);
    }
}

/// Ceph begins a page with the versions of the marker's own key once more.
#[tokio::test(flavor = "multi_thread")]
async fn versions_are_exact_whatever_the_page() {
    let Some(gateway) = gateway() else { return };
    let keys: Vec<String> = ["a", "b", "b/c", "été", "z z"].map(str::to_owned).to_vec();
    // One version of each key is called `null`: it was there before versions were kept.
    gateway.fill("rgw-versions", &keys).await;
    let client = gateway.sdk();
    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let versioned = client
        .put_bucket_versioning()
        .bucket("rgw-versions")
        .versioning_configuration(enabled.build());
    versioned.send().await.expect("versions are kept");
    let mut expected = BTreeMap::new();
    for (number, key) in keys.into_iter().enumerate() {
        for _ in 0..number {
            let put = client.put_object().bucket("rgw-versions").key(&key);
            put.send().await.expect("an object");
        }
        if number % 2 == 1 {
            // Once: where the newest is a delete marker already, Ceph adds no other.
            let delete = client.delete_object().bucket("rgw-versions").key(&key);
            delete.send().await.expect("deleted");
        }
        expected.insert(key, (1 + number, number % 2, 1));
    }
    for page_size in [1, 2, 3, 1000] {
        let pages = versions(&gateway.store(page_size), "rgw-versions", vec![KeyRange::whole()]).await;
        let found = counted(pages.iter().flat_map(|page| &page.entries));
        assert_eq!(found, expected, "pages of {page_size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spaces_and_plus_signs_are_told_apart() {
    let Some(gateway) = gateway() else { return };
    // Alone and together, since what a page holds decides how it is read.
    for (name, found) in [
        ("rgw-plus", &["a+b", "a++", "c+/d"][..]),
        ("rgw-space", &["a b", "c /d"]),
        ("rgw-percent", &["a%20b", "a%2Bb", "c%20/d"]),
        ("rgw-all", &["a b", "a%20b", "a%2Bb", "a+b", "c +%/d+ %2B"]),
    ] {
        let mut found: Vec<String> = found.iter().map(|key| (*key).to_owned()).collect();
        found.sort();
        gateway.fill(name, &found).await;
        for page_size in [1, 2, 1000] {
            let store = gateway.store(page_size);
            assert_eq!(keys(&store, name, "", Order::ByKey).await, found);
            assert_eq!(keys(&store, name, "", Order::Any).await, found);
            for key in &found {
                assert_eq!(keys(&store, name, key, Order::Any).await, [key.as_str()]);
            }
        }
        let store = gateway.store(1000);
        let level = store
            .list_level(&bucket(name), &"".parse().expect("a prefix"), None, 1000)
            .await
            .expect("a level");
        let entries = level.objects.iter().map(|object| object.key.as_str());
        let folders = level.common_prefixes.iter().map(|folder| folder.as_str());
        let mut expected: Vec<&str> = found
            .iter()
            .map(|key| key.split_inclusive('/').next().expect("a part"))
            .collect();
        expected.sort_unstable();
        let mut entries: Vec<&str> = entries.chain(folders).collect();
        entries.sort_unstable();
        assert_eq!(entries, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_keys_are_exact() {
    let Some(gateway) = gateway() else { return };
    let expected: Vec<String> = (0..1500)
        .map(|n| format!("dir-{:02}/obj-{:04}", n / 100, n))
        .collect();
    gateway.fill("rgw-many", &expected).await;
    for page_size in [100, 1000] {
        let store = gateway.store(page_size);
        assert_eq!(keys(&store, "rgw-many", "", Order::ByKey).await, expected);
        assert_eq!(keys(&store, "rgw-many", "", Order::Any).await, expected);
        assert_eq!(keys(&store, "rgw-many", "dir-03/", Order::Any).await.len(), 100);
    }
    let store = gateway.store(1000);
    let level = store
        .list_level(&bucket("rgw-many"), &"".parse().expect("a prefix"), None, 4)
        .await
        .expect("a level");
    let folders: Vec<&str> = level
        .common_prefixes
        .iter()
        .map(|folder| folder.as_str())
        .collect();
    assert_eq!(folders, ["dir-00/", "dir-01/", "dir-02/", "dir-03/"]);
    let next = store
        .list_level(
            &bucket("rgw-many"),
            &"".parse().expect("a prefix"),
            level.next.as_ref(),
            4,
        )
        .await;
    assert_eq!(
        next.expect("a level")
            .common_prefixes
            .first()
            .map(|folder| folder.as_str()),
        Some("dir-04/")
    );
}

#[tokio::test]
async fn errors_and_settings() {
    let Some(gateway) = gateway() else { return };
    gateway.fill("rgw-settings", &[]).await;
    let store = gateway.store(1000);
    assert!(!store.list_buckets().await.expect("buckets").is_empty());
    let missing = store
        .check_bucket(&bucket("rgw-missing"))
        .await
        .expect_err("no bucket");
    assert!(matches!(missing, StoreError::NoSuchBucket { .. }), "{missing}");
    let settings = bucket("rgw-settings");
    assert_eq!(
        store.versioning(&settings).await.expect("told"),
        Probe::NotConfigured
    );
    assert_eq!(
        store.logging(&settings).await.expect("told"),
        Probe::NotConfigured
    );
    assert_eq!(
        store.lifecycle(&settings).await.expect("told"),
        Probe::NotConfigured
    );
    let wrong = Gateway {
        secret: "wrong".to_owned(),
        ..gateway
    };
    for error in [
        wrong
            .store(1000)
            .check_bucket(&settings)
            .await
            .expect_err("wrong keys"),
        wrong.store(1000).list_buckets().await.expect_err("wrong keys"),
    ] {
        assert!(matches!(error, StoreError::InvalidCredentials { .. }), "{error}");
        assert_eq!(error.store_code(), Some("SignatureDoesNotMatch"));
    }
}
