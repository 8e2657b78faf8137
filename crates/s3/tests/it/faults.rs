//! What a store does on bad days.

use std::time::Duration;

use futures::TryStreamExt;
use spacewatch_demo::{DemoStore, Effect, Fault, Operation, SyntheticKeys, When};
use spacewatch_model::{ErrorCode, Prefix};
use spacewatch_s3::{Order, Progress, StoreError, StoresConfig};
use spacewatch_telemetry::{Layer, OperationFilter};

use crate::stage::{Stage, all, bucket, impatient, keys};

async fn huge(config: StoresConfig) -> (Stage, Vec<String>) {
    let synthetic: SyntheticKeys = "tree:100x100".parse().expect("a shape");
    let stage = Stage::of(DemoStore::empty().with_synthetic("huge", synthetic), config).await;
    (stage, (0..10_000).map(|index| synthetic.key(index)).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_down_is_obeyed_and_nothing_lost() {
    let (stage, expected) = huge(StoresConfig::default()).await;
    stage
        .running
        .faults()
        .add(Fault::slow_down().when(When::Every(4)));
    let progress = Progress::default();
    let store = stage.store();
    let pages = store.list_all(bucket("huge"), Prefix::default(), Order::Any, progress.clone());
    let pages: Vec<_> = pages.try_collect().await.expect("a listing");
    assert_eq!(pages.iter().map(Vec::len).sum::<usize>(), expected.len());
    assert_eq!(progress.objects(), 10_000);
    assert!(progress.throttled() > 0);
    assert_eq!(
        progress.requests(),
        stage.running.requests().of(Operation::ListObjectsV2)
    );
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_answers_are_asked_for_again() {
    for effect in [
        Effect::ResetInBody,
        Effect::Drop,
        Effect::InternalError,
        Effect::Hang,
        Effect::StallInBody,
    ] {
        let (stage, expected) = huge(impatient()).await;
        stage
            .running
            .faults()
            .add(Fault::new(effect.clone()).when(When::Next(2)));
        assert_eq!(
            keys(&stage.store(), "huge", "", Order::Any).await,
            expected,
            "{effect:?}"
        );
        stage.running.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn short_pages_that_say_so_lose_nothing() {
    let (stage, expected) = huge(StoresConfig::default()).await;
    stage.running.faults().add(Fault::new(Effect::TruncatePage {
        keep: 337,
        honest: true,
    }));
    assert_eq!(keys(&stage.store(), "huge", "", Order::Any).await, expected);
    assert_eq!(keys(&stage.store(), "huge", "", Order::ByKey).await, expected);
    stage.running.shutdown().await;
}

async fn fails_with(effect: Effect, check: impl Fn(&StoreError) -> bool) {
    let (stage, _) = huge(impatient()).await;
    stage.running.faults().add(Fault::new(effect.clone()));
    for order in [Order::Any, Order::ByKey] {
        let error = all(&stage.store(), "huge", "", order)
            .await
            .expect_err("no listing");
        assert!(check(&error), "{effect:?}: {error}");
        assert!(!error.to_string().contains("test-secret"));
    }
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_doesnt_get_better_is_told() {
    fails_with(Effect::SlowDown, |error| {
        matches!(error, StoreError::Throttled { .. }) && error.store_code() == Some("SlowDown")
    })
    .await;
    fails_with(Effect::GarbageXml, |error| {
        matches!(error, StoreError::BadAnswer { .. })
    })
    .await;
    fails_with(Effect::Drop, |error| {
        matches!(error, StoreError::Unreachable { .. })
    })
    .await;
    fails_with(Effect::ResetInBody, |error| {
        matches!(error, StoreError::Unreachable { .. })
    })
    .await;
    fails_with(Effect::Hang, |error| error.code() == ErrorCode::StoreTimeout).await;
    fails_with(Effect::StallInBody, |error| {
        error.code() == ErrorCode::StoreTimeout
    })
    .await;
    fails_with(Effect::InternalError, |error| {
        error.code() == ErrorCode::StoreUnavailable
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_is_recorded() {
    let (stage, _) = huge(impatient()).await;
    stage
        .running
        .faults()
        .add(Fault::new(Effect::Drop).when(When::Next(1)));
    stage
        .running
        .faults()
        .add(Fault::latency(Duration::from_millis(5)));
    stage
        .store()
        .check_bucket(&bucket("huge"))
        .await
        .expect("a bucket");
    let filter = OperationFilter {
        layer: Layer::S3,
        limit: 10,
        ..OperationFilter::default()
    };
    let recorded = stage.recorder.operations(&filter);
    let shown: Vec<String> = recorded
        .iter()
        .map(|o| format!("{} {} {:?} {}", o.kind.as_str(), o.endpoint, o.bucket, o.status))
        .collect();
    assert_eq!(
        shown,
        [
            r#"HeadBucket /{bucket} Some("huge") 200"#,
            r#"HeadBucket /{bucket} Some("huge") 0"#
        ]
    );
    let good = recorded.first().expect("an operation");
    assert!(
        good.first_byte
            .is_some_and(|first| first >= Duration::from_millis(5) && first <= good.duration)
    );
    stage.running.shutdown().await;
}
