//! What is written is there, whole, whoever else writes.

use spacewatch_demo::{DemoStore, Effect, Fault, Operation, When};
use spacewatch_s3::StoreError;
use spacewatch_snapshots::SnapshotError;

use crate::stage::{Stage, at, place, record, sizes};

const NOW: &str = "2026-11-22T12:00:00Z";

#[tokio::test]
async fn two_processes_at_once_are_both_there() {
    let stage = Stage::of(DemoStore::empty(), NOW).await;
    let other = stage.other_process();
    for n in 0..10 {
        let (one, two) = (
            [record("photos", at(NOW), n)],
            [record("photos", at(NOW), 100 + n)],
        );
        let keys = tokio::join!(stage.write(NOW, &one), other.write(NOW, &two));
        assert_ne!(keys.0, keys.1);
    }
    let history = stage.read("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z").await;
    let mut sizes = sizes(&history);
    sizes.sort_unstable();
    assert_eq!(sizes, (0..10).chain(100..110).collect::<Vec<_>>());
    assert_eq!(stage.keys().await.len(), 20);
}

#[tokio::test]
async fn a_run_is_one_object_that_comes_back_as_it_was() {
    let stage = Stage::of(DemoStore::empty(), NOW).await;
    let mut first = record("photos", at(NOW), 7);
    first.logs_bucket = "logs".to_owned();
    first.interval_start = Some(at("2026-11-22T11:55:00Z"));
    first.interval_end = Some(at(NOW));
    first.requests_total = u64::MAX;
    let second = record("videos", at("2026-11-22T12:00:00.25Z"), 8);
    let key = stage.write(NOW, &[first.clone(), second.clone()]).await;
    assert!(key.starts_with("spacewatch-metrics/dt=2026-11-22/hour=12/snapshot-20261122T120000Z-"));
    let history = stage.read("2026-11-22T12:00:00Z", "2026-11-22T12:00:01Z").await;
    assert_eq!(history.records, [first, second.clone()]);
    assert_eq!(
        (history.reading.objects_read, history.reading.objects_legacy),
        (1, 0)
    );
    // The end of a period doesn't belong to it.
    let history = stage
        .read("2026-11-22T12:00:00.001Z", "2026-11-22T12:00:00.251Z")
        .await;
    assert_eq!(history.records, [second]);
    let history = stage
        .read("2026-11-22T12:00:00.001Z", "2026-11-22T12:00:00.25Z")
        .await;
    assert!(history.records.is_empty());
}

#[tokio::test]
async fn what_is_interrupted_leaves_nothing_half() {
    let stage = Stage::of(DemoStore::empty(), NOW).await;
    for effect in [Effect::Drop, Effect::SlowDown, Effect::InternalError] {
        stage.running.faults().clear();
        stage
            .running
            .faults()
            .add(Fault::new(effect).on(Operation::PutObject));
        let records = [record("photos", at(NOW), 1)];
        let failed = stage
            .snapshots
            .write(&stage.store, &place(), at(NOW), &records)
            .await;
        assert!(matches!(failed, Err(SnapshotError::Store(_))));
    }
    stage.running.faults().clear();
    assert!(stage.keys().await.is_empty());
    // An answer that is lost and a call that is repeated make one object, not two and not an error.
    let lost = Fault::new(Effect::SlowDown)
        .on(Operation::PutObject)
        .when(When::Next(1));
    stage.running.faults().add(lost);
    stage.write(NOW, &[record("photos", at(NOW), 2)]).await;
    let history = stage.read("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z").await;
    assert_eq!(sizes(&history), [2]);
}

#[tokio::test]
async fn what_is_kept_in_memory_is_for_who_may_read() {
    let stage = Stage::of(
        DemoStore::empty().with_limited_key("no-key", "no-secret", &[]),
        NOW,
    )
    .await;
    stage.write(NOW, &[record("photos", at(NOW), 1)]).await;
    stage.read("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z").await;
    let before = stage.running.requests().of(Operation::GetObject);
    stage.read("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z").await;
    assert_eq!(
        stage.running.requests().of(Operation::GetObject),
        before,
        "it is in memory"
    );
    let denied = Fault::new(Effect::Vanish).on(Operation::GetObject);
    stage.running.faults().add(denied);
    stage.read("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z").await;
    let missing = spacewatch_snapshots::Place {
        bucket: "elsewhere".parse().expect("a name"),
        prefix: None,
    };
    let wanted = spacewatch_snapshots::Wanted::everything(spacewatch_model::TimeRange::ALWAYS);
    let refused = stage.snapshots.read(&stage.store, &missing, &wanted).await;
    assert!(matches!(
        refused,
        Err(SnapshotError::Store(StoreError::NoSuchBucket(_)))
    ));
}
