//! Single calls: what they give, and what they say when they can't.

use expect_test::{Expect, expect};
use spacewatch_demo::{CannedAcl, DemoStore, Effect, Fault, Grant, Operation};
use spacewatch_model::{ByteSize, ErrorCode};
use spacewatch_s3::{AnonymousListing, Probe, StoreError, StoresConfig, Versioning};

use crate::stage::{Stage, bucket, impatient, open};

async fn stage() -> Stage {
    let store = DemoStore::empty()
        .with_object("photos", "2026/été + 1.jpg", "0123456789")
        .with_versioned_bucket("kept")
        .with_bucket("secret")
        .with_limited_key("limited", "limited-secret", &[("photos", Grant::Read)]);
    Stage::of(store, StoresConfig::default()).await
}

fn shown(error: &StoreError) -> String {
    let text = error.to_string();
    // The port changes from run to run.
    let text = text.split('`').map(|part| {
        if part.starts_with("127.0.0.1:") {
            "HOST"
        } else {
            part
        }
    });
    format!("{:?} {}", error.code(), text.collect::<Vec<_>>().join("`"))
}

fn check<T: std::fmt::Debug>(answer: Result<T, StoreError>, expected: Expect) {
    match answer {
        Ok(answer) => expected.assert_debug_eq(&answer),
        Err(error) => expected.assert_eq(&shown(&error)),
    }
}

#[tokio::test]
async fn buckets() {
    let stage = stage().await;
    let names: Vec<String> = stage
        .store()
        .list_buckets()
        .await
        .expect("buckets")
        .iter()
        .map(|b| b.name.to_string())
        .collect();
    assert_eq!(names, ["kept", "photos", "secret"]);
    let limited = stage.opened_with("limited", "limited-secret");
    check(
        limited.list_buckets().await,
        expect![
            "AccessDenied these keys may not do that: Access Denied (ListBuckets on `HOST`, status 403, code `AccessDenied`)"
        ],
    );
    check(
        limited.check_bucket(&bucket("photos")).await,
        expect![[r#"
        ()
    "#]],
    );
    check(
        limited.check_bucket(&bucket("secret")).await,
        expect![
            "AccessDenied these keys may not do that: Access Denied (ListObjectsV2 on `HOST`, bucket `secret`, status 403, code `AccessDenied`)"
        ],
    );
    check(
        limited.check_bucket(&bucket("missing")).await,
        expect![
            "NoSuchBucket no such bucket (HeadBucket on `HOST`, bucket `missing`, status 404, code `NotFound`)"
        ],
    );
    stage.running.shutdown().await;
}

#[tokio::test]
async fn wrong_keys() {
    let stage = stage().await;
    let unknown = stage.opened_with("nobody", "secret");
    check(
        unknown.list_buckets().await,
        expect![
            "InvalidCredentials the store rejected these keys: The access key id you provided does not exist in our records (ListBuckets on `HOST`, status 403, code `InvalidAccessKeyId`)"
        ],
    );
    check(
        unknown.check_bucket(&bucket("photos")).await,
        expect![
            "InvalidCredentials the store rejected these keys: The access key id you provided does not exist in our records (ListObjectsV2 on `HOST`, bucket `photos`, status 403, code `InvalidAccessKeyId`)"
        ],
    );
    let wrong = stage.opened_with("test-key", "wrong-secret");
    check(
        wrong.check_bucket(&bucket("photos")).await,
        expect![
            "InvalidCredentials the store rejected these keys (ListObjectsV2 on `HOST`, bucket `photos`, status 403, code `SignatureDoesNotMatch`)"
        ],
    );
    assert_eq!(
        wrong
            .check_bucket(&bucket("photos"))
            .await
            .expect_err("no")
            .code(),
        ErrorCode::InvalidCredentials
    );
    stage.running.shutdown().await;
}

#[tokio::test]
async fn objects() {
    let stage = stage().await;
    let (store, photos) = (stage.store(), bucket("photos"));
    let key = "2026/été + 1.jpg".parse().expect("a key");
    let head = store.head_object(&photos, &key).await.expect("a head");
    assert_eq!(head.size, ByteSize(10));
    let body = store
        .get_object(&photos, &key, Some(2..5), 100)
        .await
        .expect("a body");
    assert_eq!((&body.bytes[..], body.head.size), (&b"234"[..], ByteSize(10)));
    check(
        store.get_object(&photos, &key, None, 9).await,
        expect![
            "StoreFailed the store gave an answer that makes no sense: the answer has more than 9 bytes (GetObject on `HOST`, bucket `photos`, status 200)"
        ],
    );
    check(
        store
            .get_object(&photos, &"missing".parse().expect("a key"), None, 9)
            .await,
        expect![
            "NoSuchKey no such object: The specified key does not exist (GetObject on `HOST`, bucket `photos`, status 404, code `NoSuchKey`)"
        ],
    );
    check(
        store
            .head_object(&photos, &"missing".parse().expect("a key"))
            .await,
        expect![
            "NoSuchKey no such object (HeadObject on `HOST`, bucket `photos`, status 404, code `NotFound`)"
        ],
    );
    stage.running.shutdown().await;
}

#[tokio::test]
async fn setup_of_buckets() {
    let stage = stage().await;
    let store = stage.store();
    assert_eq!(
        store.versioning(&bucket("kept")).await.expect("told"),
        Probe::Configured(Versioning::Enabled)
    );
    assert_eq!(
        store.versioning(&bucket("photos")).await.expect("told"),
        Probe::NotConfigured
    );
    check(
        store.logging(&bucket("photos")).await,
        expect![[r#"
        NotConfigured
    "#]],
    );
    check(
        store.lifecycle(&bucket("photos")).await,
        expect![[r#"
        NotConfigured
    "#]],
    );
    let limited = stage.opened_with("limited", "limited-secret");
    check(
        limited.versioning(&bucket("secret")).await,
        expect![[r#"
        NotAllowed
    "#]],
    );
    stage.running.faults().add(Fault::new(Effect::GarbageXml));
    let garbage = store.versioning(&bucket("kept")).await.expect("told");
    assert!(matches!(garbage, Probe::UnexpectedAnswer(_)), "{garbage:?}");
    stage.running.shutdown().await;
}

#[tokio::test]
async fn a_lease_follows_the_store() {
    let stage = stage().await;
    let (store, photos) = (stage.store(), bucket("photos"));
    assert!(!store.lease().is_fresh(Some(&photos)));
    store.ensure(&photos).await.expect("accepted");
    let asked = stage.running.requests().total();
    store.ensure(&photos).await.expect("still accepted");
    assert_eq!(
        stage.running.requests().total(),
        asked,
        "a fresh lease asks nobody"
    );
    assert!(
        !stage
            .opened_with("test-key", "wrong")
            .lease()
            .is_fresh(Some(&photos))
    );
    assert_eq!(stage.stores.cached_count(), 2);
    assert_eq!(stage.store().fingerprint(), store.fingerprint());
    stage.running.shutdown().await;
}

#[tokio::test]
async fn only_what_shows_a_listing_vouches_for_one() {
    let stage = stage().await;
    let (store, photos) = (stage.store(), bucket("photos"));
    store.versioning(&photos).await.expect("an answer");
    assert!(!store.lease().is_fresh(Some(&photos)));
    store
        .list_page(&photos, &spacewatch_model::Prefix::default(), None, 1)
        .await
        .expect("a page");
    assert!(store.lease().is_fresh(Some(&photos)));
    stage.running.shutdown().await;
}

#[tokio::test]
async fn clients_are_bounded() {
    let stage = Stage::of(
        DemoStore::empty(),
        StoresConfig {
            max_clients: 3,
            ..StoresConfig::default()
        },
    )
    .await;
    for number in 0..10 {
        stage.opened_with(&format!("key-{number}"), "secret");
    }
    assert_eq!(stage.stores.cached_count(), 3);
    assert_eq!(stage.running.requests().of(Operation::ListBuckets), 0);
    stage.running.shutdown().await;
}

#[tokio::test]
async fn nobody_there() {
    let stage = Stage::of(DemoStore::empty(), impatient()).await;
    let endpoint = stage.running.endpoint();
    stage.running.shutdown().await;
    let store = open(&stage.stores, &endpoint, "us-east-1", ("id", "secret"));
    check(
        store.list_buckets().await,
        expect![
            "StoreFailed the store can't be reached: Connection refused (os error 111) (ListBuckets on `HOST`)"
        ],
    );
}

/// What somebody without keys is told says nothing about the keys: it neither vouches for them nor takes anything back.
#[tokio::test]
async fn asking_without_keys() {
    let store = DemoStore::empty()
        .with_object("open", "a", "x")
        .with_acl("open", CannedAcl::PublicRead)
        .with_object("closed", "a", "x");
    let stage = Stage::of(store, StoresConfig::default()).await;
    let (store, open, closed) = (stage.store(), bucket("open"), bucket("closed"));
    let listed = store.anonymous_listing(&open).await.expect("an answer");
    assert_eq!(
        listed,
        AnonymousListing::Listed(Some("a".parse().expect("a key")))
    );
    assert!(
        !store.lease().is_fresh(Some(&open)),
        "vouched for keys it never saw"
    );
    store.check_bucket(&closed).await.expect("it is there");
    let refused = store.anonymous_listing(&closed).await.expect("an answer");
    assert_eq!(refused, AnonymousListing::Refused);
    assert!(
        store.lease().is_fresh(Some(&closed)),
        "took back what still holds"
    );
    let wrong = stage.opened_with("test-key", "wrong");
    let listed = wrong.anonymous_listing(&open).await.expect("an answer");
    assert_ne!(listed, AnonymousListing::Refused, "it was signed");
}

#[tokio::test]
async fn settings_that_are_something_else() {
    let stage = Stage::of(
        DemoStore::empty().with_object("photos", "a", "x"),
        StoresConfig::default(),
    )
    .await;
    let (store, photos) = (stage.store(), bucket("photos"));
    let settings = store.bucket_settings(&photos).await;
    assert!(matches!(settings.policy, Ok(Probe::NotConfigured)));
    assert!(matches!(settings.encryption, Ok(Probe::NotConfigured)));
    assert!(matches!(settings.object_lock, Ok(Probe::NotConfigured)));
    assert!(matches!(settings.ownership, Ok(Probe::NotConfigured)));
    stage
        .running
        .faults()
        .add(Fault::new(Effect::IgnoreSubresources).on(Operation::GetBucketPolicy));
    let settings = store.bucket_settings(&photos).await;
    match settings.policy {
        Ok(Probe::UnexpectedAnswer(root)) => assert_eq!(root, "ListBucketResult"),
        other => panic!("taken for a policy: {other:?}"),
    }
}
