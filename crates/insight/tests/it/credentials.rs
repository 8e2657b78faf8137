//! Buckets, credentials and the lease.

use std::sync::Arc;
use std::time::Duration;

use spacewatch_demo::{DemoStore, Grant, Operation};
use spacewatch_insight::{Buckets, NoArgs, Tool, ValidateCredentials};
use spacewatch_model::ErrorCode;

use crate::kit::Kit;

fn names(buckets: &[spacewatch_model::BucketName]) -> Vec<&str> {
    buckets.iter().map(|bucket| bucket.as_str()).collect()
}

#[tokio::test]
async fn buckets_come_in_order_and_from_the_cache_within_the_lease() {
    let kit = Kit::start(DemoStore::empty().with_bucket("zebra").with_bucket("apple")).await;
    let tenant = kit.tenant();
    let found = Buckets::run(&tenant, NoArgs {}).await.expect("an answer");
    assert_eq!(names(&found.buckets), ["apple", "zebra"]);
    assert_eq!(found.bucket_count, 2);
    assert!(!found.limited);

    kit.clock.advance(Duration::from_secs(59));
    Buckets::run(&tenant, NoArgs {}).await.expect("an answer");
    assert_eq!(kit.store.requests().of(Operation::ListBuckets), 1);

    kit.clock.advance(Duration::from_secs(2));
    Buckets::run(&tenant, NoArgs {}).await.expect("an answer");
    assert_eq!(
        kit.store.requests().of(Operation::ListBuckets),
        2,
        "the lease is over: the store is asked"
    );
}

#[tokio::test]
async fn a_cached_list_opens_nothing_for_a_wrong_secret() {
    let kit = Kit::start(DemoStore::empty().with_bucket("private")).await;
    Buckets::run(&kit.tenant(), NoArgs {}).await.expect("an answer");
    let thief = kit.tenant_with("test-key", "guessed");
    let error = Buckets::run(&thief, NoArgs {}).await.expect_err("a wrong secret");
    assert_eq!(error.code, ErrorCode::InvalidCredentials);
    assert_eq!(error.store_code.as_deref(), Some("SignatureDoesNotMatch"));
    assert!(!error.to_string().contains("guessed"));
}

#[tokio::test]
async fn an_account_without_buckets_is_valid_and_unknown_keys_never_are() {
    let kit = Kit::start(DemoStore::empty()).await;
    let found = ValidateCredentials::run(&kit.tenant(), NoArgs {})
        .await
        .expect("an answer");
    assert!(found.valid);
    assert_eq!(found.bucket_count, 0);
    let stranger = kit.tenant_with("nobody", "test-secret");
    let error = ValidateCredentials::run(&stranger, NoArgs {})
        .await
        .expect_err("unknown keys");
    assert_eq!(error.code, ErrorCode::InvalidCredentials);
    assert_eq!(error.store_code.as_deref(), Some("InvalidAccessKeyId"));
}

#[tokio::test]
async fn limited_keys_find_the_buckets_that_were_named() {
    let store = DemoStore::empty()
        .with_bucket("mine")
        .with_bucket("other")
        .with_limited_key("limited", "limited-secret", &[("mine", Grant::Read)]);
    let kit = Kit::start(store).await;
    let mut tenant = kit.tenant_with("limited", "limited-secret");
    let found = ValidateCredentials::run(&tenant, NoArgs {})
        .await
        .expect("an answer");
    assert!(found.valid && found.limited && found.buckets.is_empty());
    assert!(found.note.expect("a word about it").contains("name the bucket"));

    tenant.log_bucket = Some("mine".parse().expect("a name"));
    tenant.fallback_buckets =
        Arc::from(["other", "absent", "mine"].map(|name| name.parse().expect("a name")));
    let found = Buckets::run(&tenant, NoArgs {}).await.expect("an answer");
    assert_eq!(names(&found.buckets), ["mine"]);
    assert!(found.limited);
}
