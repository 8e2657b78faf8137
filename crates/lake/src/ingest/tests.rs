//! Whole runs over a store in this process, into memory.

mod bad_days;
mod corpus;
mod stage;
mod strange;

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use bytes::Bytes;
use spacewatch_demo::{DemoStore, Operation};
use spacewatch_model::{ManualClock, TimeRange, Timestamp};

use super::*;
use stage::{Stage, gzip, line, zstd};

#[tokio::test(flavor = "multi_thread")]
async fn everything_new_is_read_once() {
    let text: Vec<String> = (0..500).map(|number| line("photos", number)).collect();
    let part = |from: usize, to: usize| Bytes::from(text[from..to].concat());
    let store = DemoStore::empty()
        .with_object("logs", "a/2026-01-02-03-04-05-0123456789ABCDEF", part(0, 100))
        .with_object("logs", "a/packed.gz", gzip(&part(100, 200)))
        .with_object("logs", "a/misnamed.log", zstd(&part(200, 300)))
        .with_object(
            "logs",
            "a/no-end",
            part(300, 400).slice(..part(300, 400).len() - 1),
        )
        .with_object("logs", "a/empty", "")
        .with_object("logs", "elsewhere", part(400, 500));
    let stage = Stage::of(store).await;
    let status = stage.read().await;
    assert_eq!(status.phase, IngestPhase::Idle, "{status:?}");
    assert_eq!(stage.sink.lines(), text[..400].concat());
    let shown = (
        status.objects_known,
        status.objects_read,
        status.objects_pending,
        status.lines,
        status.records,
    );
    assert_eq!(shown, (5, 5, 0, 400, 400));
    assert_eq!(
        (status.rejected, status.duplicates, status.bytes_pending),
        (0, 0, 0)
    );
    // A second run lists, and reads nothing.
    let reads = stage.running.requests().of(Operation::GetObject);
    stage.read().await;
    assert_eq!(stage.running.requests().of(Operation::GetObject), reads);
    // What comes later is read then, and what was delivered before is counted once.
    stage.put("a/later", part(390, 420)).await;
    let status = stage.read().await;
    assert_eq!(
        (status.objects_read, status.records, status.duplicates),
        (1, 20, 10)
    );
    assert_eq!(stage.sink.lines(), text[..420].concat());
    let later = stage.sink.object("a/later");
    assert_eq!((later.lines, later.records, later.duplicates), (30, 20, 10));
    assert!(stage.sink.maintained() >= 3);
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_question_need_not_wait_for_tidying_up() {
    let store = DemoStore::empty().with_object("logs", "a/first", line("alpha", 1).as_str());
    let stage = Stage::of(store).await;
    stage.sink.tidies_for_ever.store(true, SeqCst);
    stage.ingest.start(&stage.store, TimeRange::ALWAYS);
    while stage.sink.maintained() == 0 {
        tokio::task::yield_now().await;
    }
    stage.put("a/second", line("alpha", 2).into()).await;
    stage.sink.tidies_for_ever.store(false, SeqCst);
    assert_eq!(stage.read().await.objects_read, 1);
    assert_eq!(stage.sink.rows().0, 2);
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_is_read_though_it_could_not_be_tidied_up() {
    let store = DemoStore::empty().with_object("logs", "a/first", line("alpha", 1).as_str());
    let stage = Stage::of(store).await;
    stage.sink.tidying_fails.store(true, SeqCst);
    let status = stage.read().await;
    let said = stage.ingest.status().last_error;
    assert_eq!((status.phase, status.objects_read), (IngestPhase::Idle, 1));
    assert_eq!(
        said.as_deref(),
        Some("the lake could not be tidied up: the lake failed: dust")
    );
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cdn_and_store_logs_stand_side_by_side() {
    let cdn = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status\n\
        2026-01-02\t03:04:05\tFRA2\t100\t192.0.2.1\tGET\tphotos.example\t/a.jpg\t200\n\
        2026-01-02\t03:04:06\tFRA2\t100\t192.0.2.1\tGET\tphotos.example\t/b.jpg\t200\n";
    let store = DemoStore::empty()
        .with_object(
            "logs",
            "a/E2EXAMPLE.2026-01-02-03.a1b2c3d4.gz",
            gzip(cdn.as_bytes()),
        )
        .with_object(
            "logs",
            "a/origin",
            Bytes::from(line("photos", 1).replace('\n', "\r\n")),
        );
    let stage = Stage::of(store).await;
    let status = stage.read().await;
    assert_eq!(
        (status.records, status.rejected, status.lines),
        (3, 0, 5),
        "{status:?}"
    );
    assert_eq!(stage.sink.rows(), (1, 2));
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_objects_and_batches_lose_nothing() {
    let mut store = DemoStore::empty();
    let mut expected = Vec::new();
    for object in 0..300 {
        let text: Vec<String> = (0..40)
            .map(|number| line("photos", object * 40 + number))
            .collect();
        expected.extend(text.iter().cloned());
        let packed = if object % 3 == 0 {
            text.concat().into()
        } else {
            gzip(text.concat().as_bytes())
        };
        store = store.with_object("logs", &format!("a/{object:05}"), packed);
    }
    let config = IngestConfig {
        batch_lines: 1000,
        ..stage::config()
    };
    let stage = Stage::with(store, config).await;
    let status = stage.read().await;
    assert_eq!(status.records, 12_000, "{status:?}");
    assert_eq!(stage.sink.lines(), expected.concat());
    assert!(stage.sink.batches() > 10, "{}", stage.sink.batches());
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_larger_than_a_batch_is_written_in_parts() {
    let text: Vec<String> = (0..400_000).map(|number| line("photos", number)).collect();
    let store = DemoStore::empty().with_object("logs", "a/large", gzip(text.concat().as_bytes()));
    let config = IngestConfig {
        batch_bytes: 40 << 20,
        ..stage::config()
    };
    let stage = Stage::with(store, config).await;
    let status = stage.read().await;
    assert_eq!((status.records, status.duplicates), (400_000, 0), "{status:?}");
    assert_eq!(stage.sink.batches(), 1);
    // No more lines wait at once than a batch may have, and what its columns hold.
    let most = stage.sink.largest_write();
    assert!(most < 40 << 20, "{most}");
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_join_the_run_that_goes_on() {
    let stage =
        Stage::of(DemoStore::empty().with_object("logs", "a/1", Bytes::from(line("photos", 1)))).await;
    for _ in 0..10 {
        stage.ingest.start(&stage.store, TimeRange::ALWAYS);
    }
    stage.over().await;
    assert_eq!(stage.running.requests().of(Operation::ListObjectsV2), 1);
    // A moment later nothing needs to be listed again; half a minute later it does.
    stage.ingest.start(&stage.store, TimeRange::ALWAYS);
    stage.over().await;
    assert_eq!(stage.running.requests().of(Operation::ListObjectsV2), 1);
    stage.clock.advance(Duration::from_secs(30));
    stage.ingest.start(&stage.store, TimeRange::ALWAYS);
    stage.over().await;
    assert_eq!(stage.running.requests().of(Operation::ListObjectsV2), 2);
    // Who looks again and again says how old a listing may be; for everybody else nothing changes.
    stage.clock.advance(Duration::from_secs(5));
    let look = async |fresh_for| {
        stage
            .ingest
            .start_within(&stage.store, TimeRange::ALWAYS, Duration::from_secs(fresh_for));
        stage.over().await;
        stage.running.requests().of(Operation::ListObjectsV2)
    };
    assert_eq!((look(6).await, look(5).await), (2, 3));
    stage.ingest.start(&stage.store, TimeRange::ALWAYS);
    stage.over().await;
    assert_eq!(stage.running.requests().of(Operation::ListObjectsV2), 3);
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_in_time_and_the_next_one_goes_on() {
    let objects = (0..50).map(|n| (format!("a/{n}"), line("photos", n)));
    let store = objects.fold(DemoStore::empty(), |store, (key, line)| {
        store.with_object("logs", &key, Bytes::from(line))
    });
    let config = IngestConfig {
        longest_run: Duration::ZERO,
        ..stage::config()
    };
    let stage = Stage::with(store, config).await;
    let status = stage.read().await;
    assert_eq!(
        (status.objects_read, status.objects_pending),
        (0, 50),
        "{status:?}"
    );
    let pending = stage.ingest.pending_for(TimeRange::ALWAYS);
    assert_eq!((pending.objects, pending.failed), (50, 0));
    assert_eq!(pending.listed_at, Some(stage.clock.now()));
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_old_is_not_read() {
    let store = DemoStore::empty()
        .with_object(
            "logs",
            "a/2026-01-02-03-04-05-0123456789ABCDEF",
            Bytes::from(line("photos", 1)),
        )
        .with_object(
            "logs",
            "a/2026-03-02-03-04-05-0123456789ABCDEF",
            Bytes::from(line("photos", 2)),
        );
    let config = IngestConfig {
        retention: Some(Duration::from_secs(30 * 86_400)),
        ..stage::config()
    };
    let stage = Stage::with(store, config).await;
    let status = stage.read().await;
    assert_eq!(
        (status.objects_known, status.objects_read, status.objects_too_old),
        (2, 1, 1),
        "{status:?}"
    );
    assert_eq!(stage.ingest.pending_for(TimeRange::ALWAYS).objects, 0);
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_object_is_shown() {
    let text: Vec<String> = (0..1000).map(|number| line("photos", number)).collect();
    let packed = gzip(text.concat().as_bytes());
    let store = DemoStore::empty()
        .with_object("logs", "packed", packed.clone())
        .with_object("logs", "cut", packed.slice(..packed.len() / 2))
        .with_object("logs", "short", "one\r\ntwo");
    let stage = Stage::of(store).await;
    let tail = async |key: &str, limits| {
        let (bucket, key) = ("logs".parse().expect("a name"), key.parse().expect("a key"));
        tail_of_object(&stage.store, &bucket, &key, limits)
            .await
            .expect("an object")
    };
    let last = tail("packed", (3, 1 << 20)).await;
    assert_eq!(
        last.lines.concat(),
        text[997..].concat().replace('\n', "").into_bytes()
    );
    assert_eq!(
        (last.lines_in_object, last.truncated, last.failure),
        (1000, true, None)
    );
    let last = tail("packed", (1000, 1000)).await;
    assert!(last.truncated && last.lines.concat().len() <= 1000 && last.lines.len() > 1);
    let last = tail("cut", (1000, 1 << 20)).await;
    assert!(last.failure.is_some_and(|why| why.contains("ends in the middle")) && last.lines.len() > 100);
    let last = tail("short", (10, 1 << 20)).await;
    assert_eq!(
        (last.lines, last.truncated),
        (vec![b"one".to_vec(), b"two".to_vec()], false)
    );
    stage.running.shutdown().await;
}

fn clock() -> Arc<ManualClock> {
    let now: Timestamp = "2026-03-10T12:00:00Z".parse().expect("a time");
    Arc::new(ManualClock::starting_at(now))
}
