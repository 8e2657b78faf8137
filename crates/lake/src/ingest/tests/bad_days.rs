//! What stores and disks do on bad days.

use std::sync::atomic::Ordering::SeqCst;

use bytes::Bytes;
use spacewatch_demo::{DemoStore, Effect, Fault, Operation, When};

use super::stage::{Stage, config, gzip, line};
use super::*;

fn text(objects: usize, lines: usize) -> Vec<Vec<String>> {
    (0..objects)
        .map(|object| {
            (0..lines)
                .map(|number| line("photos", object * lines + number))
                .collect()
        })
        .collect()
}

fn filled(text: &[Vec<String>]) -> DemoStore {
    text.iter()
        .enumerate()
        .fold(DemoStore::empty(), |store, (number, lines)| {
            store.with_object(
                "logs",
                &format!("a/{number:04}.gz"),
                gzip(lines.concat().as_bytes()),
            )
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn passing_troubles_pass() {
    let text = text(60, 50);
    for effect in [
        Effect::SlowDown,
        Effect::InternalError,
        Effect::Drop,
        Effect::ResetInBody,
        Effect::ResetAfter(100),
        Effect::StallAfter(100),
    ] {
        let stage = Stage::of(filled(&text)).await;
        let when = if matches!(effect, Effect::StallAfter(_)) {
            When::Next(8)
        } else {
            When::Every(3)
        };
        let fault = Fault::new(effect.clone()).on(Operation::GetObject).when(when);
        stage.running.faults().add(fault);
        let status = stage.read().await;
        assert_eq!(status.phase, IngestPhase::Idle, "{effect:?}: {status:?}");
        assert_eq!(stage.sink.lines(), text.concat().concat(), "{effect:?}");
        assert_eq!(
            (status.records, status.duplicates, status.objects_pending),
            (3000, 0, 0),
            "{effect:?}"
        );
        stage.running.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_object_that_fails_doesnt_stop_the_rest() {
    let text = text(20, 10);
    for (effect, pending, failed) in [
        (Effect::InternalError, 0, 1),
        (Effect::ResetInBody, 0, 1),
        (Effect::Vanish, 0, 0),
    ] {
        let stage = Stage::of(filled(&text)).await;
        let fault = Fault::new(effect.clone())
            .on(Operation::GetObject)
            .at_key("a/0007.gz");
        let fault = stage.running.faults().add(fault);
        let status = stage.read().await;
        assert_eq!(
            (status.phase, status.records),
            (IngestPhase::Idle, 190),
            "{effect:?}: {status:?}"
        );
        let left = stage.ingest.pending_for(TimeRange::ALWAYS);
        assert_eq!((left.objects, left.failed), (pending, failed), "{effect:?}");
        assert_eq!(left.last_error.is_some(), failed > 0);
        assert!(!stage.sink.knows("a/0007.gz"));
        // When the trouble is over, the next run reads it.
        stage.running.faults().remove(fault);
        let status = stage.read().await;
        assert_eq!(
            (status.objects_read, status.records, status.duplicates),
            (1, 10, 0),
            "{effect:?}"
        );
        assert_eq!(stage.sink.lines(), text.concat().concat(), "{effect:?}");
        stage.running.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_object_that_breaks_off_leaves_nothing_behind() {
    let large: Vec<String> = (0..60_000).map(|number| line("photos", number)).collect();
    let small: Vec<String> = (100_000..100_010).map(|number| line("photos", number)).collect();
    let mut store = DemoStore::empty().with_object("logs", "a/large", Bytes::from(large.concat()));
    for number in 0..5 {
        let text = small[number * 2..number * 2 + 2].concat();
        store = store.with_object("logs", &format!("a/small-{number}"), Bytes::from(text));
    }
    let stage = Stage::of(store).await;
    let fault = Fault::new(Effect::ResetAfter(3_000_000))
        .on(Operation::GetObject)
        .at_key("a/large");
    let fault = stage.running.faults().add(fault);
    let status = stage.read().await;
    // The store cuts each answer there, so with each try more comes, but not all of it in so few.
    assert_eq!(stage.sink.lines(), small.concat(), "{status:?}");
    assert_eq!(
        (status.records, status.duplicates, status.lines),
        (10, 0, 10),
        "{status:?}"
    );
    assert_eq!(stage.ingest.pending_for(TimeRange::ALWAYS).failed, 1);
    stage.running.faults().remove(fault);
    let status = stage.read().await;
    assert_eq!((status.records, status.duplicates), (60_000, 0), "{status:?}");
    assert_eq!(stage.sink.lines(), [large, small].concat().concat());
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_changed_is_read_as_it_is_now() {
    let text = text(3, 10);
    let stage = Stage::of(filled(&text)).await;
    let fault = Fault::new(Effect::WrongEtag)
        .on(Operation::GetObject)
        .at_key("a/0001.gz");
    stage.running.faults().add(fault);
    let status = stage.read().await;
    assert_eq!((status.records, status.objects_read), (30, 3), "{status:?}");
    // A store whose ETags can't be relied on is not read again and again.
    assert_eq!(stage.read().await.objects_read, 0);
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_the_run_and_loses_nothing() {
    let text = text(40, 50);
    for full_from in 1..4 {
        let config = IngestConfig {
            batch_lines: 200,
            ..config()
        };
        let stage = Stage::with(filled(&text), config).await;
        stage.sink.full_from.store(full_from, SeqCst);
        let status = stage.read().await;
        assert_eq!(status.phase, IngestPhase::Failed);
        assert!(
            status
                .last_error
                .is_some_and(|error| error.contains("no space left"))
        );
        assert_eq!(stage.sink.batches(), full_from - 1);
        assert_eq!(stage.sink.maintained(), 0);
        stage.sink.full_from.store(0, SeqCst);
        let status = stage.read().await;
        assert_eq!(
            (status.phase, status.duplicates),
            (IngestPhase::Idle, 0),
            "{status:?}"
        );
        assert_eq!(stage.sink.lines(), text.concat().concat());
        stage.running.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_down_is_left_alone() {
    let text = text(200, 1);
    let stage = Stage::of(filled(&text)).await;
    stage
        .running
        .faults()
        .add(Fault::slow_down().on(Operation::GetObject));
    let status = stage.read().await;
    assert_eq!(
        (status.phase, status.records),
        (IngestPhase::Failed, 0),
        "{status:?}"
    );
    let asked = stage.running.requests().of(Operation::GetObject);
    assert!(asked < 400, "{asked}");
    let left = stage.ingest.pending_for(TimeRange::ALWAYS);
    assert_eq!(left.objects + left.failed, 200);
    stage.running.faults().clear();
    stage
        .running
        .faults()
        .add(Fault::slow_down().on(Operation::ListObjectsV2));
    assert_eq!(stage.read().await.phase, IngestPhase::Failed);
    stage.running.faults().clear();
    // The next question tries again, however soon it comes.
    stage.ingest.start(&stage.store, TimeRange::ALWAYS);
    stage.over().await;
    assert_eq!(stage.ingest.status().records, 200);
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_is_gone_on_with() {
    let text = text(100, 20);
    let config = IngestConfig {
        batch_lines: 100,
        ..config()
    };
    let stage = Stage::with(filled(&text), config).await;
    stage
        .running
        .faults()
        .add(Fault::latency(Duration::from_millis(5)));
    for at in [1_u64, 10, 40] {
        stage.clock.advance(Duration::from_secs(60));
        stage.ingest.start(&stage.store, TimeRange::ALWAYS);
        let mut status = stage.ingest.watch();
        let enough = |status: &IngestStatus| status.objects_read >= at || !status.phase.is_active();
        status.wait_for(enough).await.expect("a run");
        stage.ingest.cancel();
        stage.over().await;
        assert_eq!(stage.ingest.status().phase, IngestPhase::Idle);
    }
    let status = stage.read().await;
    assert_eq!(status.duplicates, 0);
    assert_eq!(stage.sink.lines(), text.concat().concat());
    stage.running.shutdown().await;
}
