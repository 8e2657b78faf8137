//! The demo's buckets.

use spacewatch_demo::{DemoStore, Operation};
use spacewatch_model::Timestamp;

use crate::kit::{client, client_with, code, start};

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn the_same_seed_gives_the_same_store() {
    let (one, two) = (
        start(DemoStore::believable(1, now())).await,
        start(DemoStore::believable(1, now())).await,
    );
    let other = start(DemoStore::believable(2, now())).await;
    let mut total = 0;
    for tenant in one.tenants() {
        for bucket in &tenant.buckets {
            assert_eq!(one.handle().sizes(bucket), two.handle().sizes(bucket), "{bucket}");
            total += one.handle().keys(bucket).len();
        }
    }
    assert_ne!(
        one.handle().sizes("prod-assets"),
        other.handle().sizes("prod-assets")
    );
    assert!((4_000..10_000).contains(&total), "{total}");
}

#[tokio::test]
async fn it_has_what_a_demo_needs() {
    let store = start(DemoStore::believable(1, now())).await;
    let northwind = client(&store);
    let uploads = northwind
        .list_multipart_uploads()
        .bucket("prod-uploads")
        .send()
        .await
        .unwrap();
    assert_eq!(uploads.uploads().len(), 2);
    let (key, id) = (
        uploads.uploads()[0].key().unwrap(),
        uploads.uploads()[0].upload_id().unwrap(),
    );
    let parts = northwind
        .list_parts()
        .bucket("prod-uploads")
        .key(key)
        .upload_id(id)
        .send()
        .await
        .unwrap();
    assert!(!parts.parts().is_empty());
    let versions = northwind
        .list_object_versions()
        .bucket("documents")
        .send()
        .await
        .unwrap();
    assert!(
        versions.versions().len() > 300 && versions.delete_markers().len() > 5,
        "{versions:?}"
    );
    let lifecycle = northwind
        .get_bucket_lifecycle_configuration()
        .bucket("backups")
        .send()
        .await
        .unwrap();
    assert_eq!(lifecycle.rules().len(), 1);
    let logging = northwind
        .get_bucket_logging()
        .bucket("prod-assets")
        .send()
        .await
        .unwrap();
    assert_eq!(
        logging.logging_enabled().map(|to| to.target_bucket()),
        Some("northwind-logs")
    );
    assert_eq!(
        code(northwind.get_bucket_policy().bucket("prod-assets").send().await),
        "ok"
    );
    assert_eq!(
        code(northwind.get_bucket_cors().bucket("prod-assets").send().await),
        "ok"
    );
    assert_eq!(
        code(northwind.get_bucket_acl().bucket("staging").send().await),
        "ok"
    );
    let harbor = &store.tenants()[1];
    let harbor = client_with(&store, &harbor.access_key_id, harbor.secret_access_key.expose());
    let lifecycle = harbor
        .get_bucket_lifecycle_configuration()
        .bucket("ml-datasets")
        .send()
        .await;
    assert_eq!(code(lifecycle), "404 NoSuchLifecycleConfiguration");
    for key in store.limited_keys() {
        let client = client_with(&store, &key.access_key_id, key.secret_access_key.expose());
        assert_eq!(code(client.list_buckets().send().await), "403 AccessDenied");
        for (bucket, _) in &key.grants {
            assert_eq!(
                code(client.head_bucket().bucket(bucket).send().await),
                "ok",
                "{bucket}"
            );
        }
    }
    assert_eq!(store.requests().of(Operation::ListBuckets), 3);
}

#[tokio::test]
async fn all_names_can_be_read() {
    let store = start(DemoStore::believable(1, now())).await;
    let client = client(&store);
    for (key, size) in store.handle().sizes("staging") {
        let head = client
            .head_object()
            .bucket("staging")
            .key(&key)
            .send()
            .await
            .unwrap();
        assert_eq!(
            head.content_length()
                .and_then(|length| u64::try_from(length).ok()),
            Some(size),
            "{key}"
        );
    }
}
