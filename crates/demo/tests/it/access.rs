//! Signatures, tenants, limited keys.

use spacewatch_demo::{DemoStore, Grant};

use crate::kit::{client, client_with, code, start};

fn two_tenants() -> DemoStore {
    DemoStore::empty()
        .with_object("mine", "a", "mine")
        .with_bucket("other")
        .with_limited_key("reader", "rs", &[("mine", Grant::Read)])
        .with_limited_key("writer", "ws", &[("mine", Grant::ReadWrite)])
        .with_limited_key("full", "fs", &[("mine", Grant::FullAccess)])
        .with_tenant("second", "second-key", "second-secret")
        .with_object("theirs", "b", "theirs")
}

#[tokio::test]
async fn signatures_are_checked() {
    let store = start(two_tenants()).await;
    let wrong = client_with(&store, "test-key", "wrong")
        .list_buckets()
        .send()
        .await;
    assert_eq!(code(wrong), "403 SignatureDoesNotMatch");
    let wrong = client_with(&store, "test-key", "wrong")
        .list_objects_v2()
        .bucket("mine")
        .send()
        .await;
    assert_eq!(code(wrong), "403 SignatureDoesNotMatch");
    let unknown = client_with(&store, "nobody", "wrong").list_buckets().send().await;
    assert_eq!(code(unknown), "403 InvalidAccessKeyId");
}

#[tokio::test]
async fn tenants_see_their_own() {
    let store = start(two_tenants()).await;
    let (first, second) = (client(&store), client_with(&store, "second-key", "second-secret"));
    for (client, expected) in [(&first, vec!["mine", "other"]), (&second, vec!["theirs"])] {
        let buckets = client.list_buckets().send().await.unwrap();
        let names: Vec<_> = buckets
            .buckets()
            .iter()
            .filter_map(|bucket| bucket.name())
            .collect();
        assert_eq!(names, expected);
    }
    assert_eq!(
        code(first.list_objects_v2().bucket("theirs").send().await),
        "403 AccessDenied"
    );
    assert_eq!(
        code(first.list_objects_v2().bucket("nowhere").send().await),
        "404 NoSuchBucket"
    );
    assert_eq!(
        code(first.get_object().bucket("theirs").key("b").send().await),
        "403 AccessDenied"
    );
    let copy = first
        .copy_object()
        .bucket("mine")
        .key("c")
        .copy_source("theirs/b")
        .send()
        .await;
    assert_eq!(code(copy), "403 AccessDenied");
    assert_eq!(
        code(second.create_bucket().bucket("mine").send().await),
        "409 BucketAlreadyExists"
    );
    assert_eq!(code(second.create_bucket().bucket("fresh").send().await), "ok");
    assert_eq!(
        code(second.delete_bucket().bucket("mine").send().await),
        "403 AccessDenied"
    );
}

/// The matrix of Spaces: the root of the account, making buckets and ACLs are closed to every limited key.
#[tokio::test]
async fn limited_keys() {
    let store = start(two_tenants()).await;
    let denied = "403 AccessDenied";
    for (key, secret, write, configure) in [
        ("reader", "rs", denied, denied),
        ("writer", "ws", "ok", denied),
        ("full", "fs", "ok", "404 NoSuchLifecycleConfiguration"),
    ] {
        let client = client_with(&store, key, secret);
        assert_eq!(code(client.list_buckets().send().await), denied, "{key}");
        assert_eq!(
            code(client.create_bucket().bucket("fresh").send().await),
            denied,
            "{key}"
        );
        assert_eq!(
            code(client.get_bucket_acl().bucket("mine").send().await),
            denied,
            "{key}"
        );
        assert_eq!(
            code(client.list_objects_v2().bucket("other").send().await),
            denied,
            "{key}"
        );
        assert_eq!(
            code(client.list_objects_v2().bucket("mine").send().await),
            "ok",
            "{key}"
        );
        assert_eq!(
            code(client.get_object().bucket("mine").key("a").send().await),
            "ok",
            "{key}"
        );
        assert_eq!(
            code(client.put_object().bucket("mine").key("w").send().await),
            write,
            "{key}"
        );
        let lifecycle = client
            .get_bucket_lifecycle_configuration()
            .bucket("mine")
            .send()
            .await;
        assert_eq!(code(lifecycle), configure, "{key}");
    }
}
