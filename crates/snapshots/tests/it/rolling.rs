//! Rolling up: at every moment each record counts once.

use std::time::Duration;

use spacewatch_demo::{DemoStore, Effect, Fault, ObjectBody, Operation};
use spacewatch_model::Timestamp;
use spacewatch_snapshots::SnapshotRecord;
use tokio::task::JoinSet;

use crate::stage::{BUCKET, Stage, at, gzip, line, place, record, sizes};

const FROM: &str = "2026-11-20T00:00:00Z";
const TO: &str = "2026-11-23T00:00:00Z";
/// Two days are over, the third is not.
const NOW: &str = "2026-11-22T12:00:00Z";

/// Runs every so many seconds over some buckets, each an object; the bytes number the records.
fn history(from: Timestamp, runs: i64, every: i64, buckets: u64) -> (DemoStore, Vec<u64>) {
    let (mut store, mut all) = (DemoStore::empty(), Vec::new());
    for run in 0..runs {
        let ts = Timestamp::from_second(from.as_second() + run * every).expect("a time");
        let mut text = String::new();
        for bucket in 0..buckets {
            let number = u64::try_from(run).expect("a number") * buckets + bucket;
            text += &line(&record(&format!("bucket-{bucket}"), ts, number));
            all.push(number);
        }
        let key = ts.strftime("spacewatch-metrics/dt=%Y-%m-%d/hour=%H/snapshot-%Y%m%dT%H%M%SZ-0f.jsonl.gz");
        store = store.with_object(BUCKET, &key.to_string(), ObjectBody::Bytes(gzip(&text)));
    }
    (store, all)
}

fn hourly() -> (DemoStore, Vec<u64>) {
    history(at(FROM), 60, 3600, 2)
}

async fn check_exact(stage: &Stage, all: &[u64]) {
    let history = stage.read(FROM, TO).await;
    let mut found = sizes(&history);
    found.sort_unstable();
    assert_eq!(found, all);
    assert_eq!(
        (history.reading.objects_broken, history.reading.lines_broken),
        (0, 0)
    );
}

#[tokio::test]
async fn a_day_that_is_over_becomes_one_object() {
    let (store, all) = hourly();
    let stage = Stage::of(store, NOW).await;
    check_exact(&stage, &all).await;
    let before = stage.read(FROM, TO).await.records;
    let rolled = stage.roll_up().await;
    assert_eq!(
        (rolled.days, rolled.objects_written, rolled.objects_deleted),
        (2, 2, 48)
    );
    let keys = stage.keys().await;
    assert_eq!(keys.len(), 2 + 12);
    assert!(keys[0].starts_with("spacewatch-metrics/dt=2026-11-20/rollup-000001-"));
    assert_eq!(stage.other_process().read(FROM, TO).await.records, before);
    // Nothing is left to do, until something comes late.
    assert_eq!(stage.roll_up().await.days, 0);
    let late = record("bucket-0", at("2026-11-20T12:34:56Z"), 999);
    stage.write("2026-11-20T12:34:56Z", &[late]).await;
    let rolled = stage.roll_up().await;
    assert_eq!(
        (rolled.days, rolled.objects_written, rolled.objects_deleted),
        (1, 1, 2)
    );
    assert!(stage.keys().await[0].starts_with("spacewatch-metrics/dt=2026-11-20/rollup-000002-"));
    check_exact(&stage, &[all, vec![999]].concat()).await;
}

#[tokio::test]
async fn only_one_source_is_unpacked_for_a_question_about_it() {
    let (store, _) = hourly();
    let stage = Stage::of(store, NOW).await;
    stage.roll_up().await;
    let wanted = spacewatch_snapshots::Wanted {
        source: Some(spacewatch_snapshots::Source {
            bucket: "bucket-1".parse().expect("a name"),
            prefix: "".parse().expect("a prefix"),
        }),
        ..spacewatch_snapshots::Wanted::everything(crate::stage::period(FROM, TO))
    };
    let history = stage
        .snapshots
        .read(&stage.store, &place(), &wanted)
        .await
        .expect("snapshots");
    assert_eq!(
        sizes(&history),
        (0..60).map(|run| run * 2 + 1).collect::<Vec<_>>()
    );
    let spans = stage
        .snapshots
        .sources(&stage.store, &place(), wanted.period)
        .await
        .expect("sources")
        .spans;
    let shown: Vec<_> = spans
        .iter()
        .map(|span| format!("{} {} {}", span.source.bucket, span.first, span.last))
        .collect();
    assert_eq!(
        shown,
        [
            "bucket-0 2026-11-20T00:00:00Z 2026-11-22T11:00:00Z",
            "bucket-1 2026-11-20T00:00:00Z 2026-11-22T11:00:00Z"
        ]
    );
}

/// Ends the work as soon as the store has seen so many requests.
async fn roll_up_killed_after(stage: &Stage, requests: u64) -> bool {
    let before = stage.running.requests().total();
    let victim = stage.other_process();
    let mut work = JoinSet::new();
    work.spawn(async move { victim.snapshots.roll_up(&victim.store, &place()).await });
    loop {
        if let Some(ended) = work.try_join_next() {
            ended.expect("it ends").expect("rolled up");
            return true;
        }
        if stage.running.requests().total() - before >= requests {
            work.abort_all();
            while work.join_next().await.is_some() {}
            return false;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_point_it_loses_and_repeats_nothing() {
    for kill_after in (1..120).step_by(7) {
        let (store, all) = hourly();
        let stage = Stage::of(store, NOW).await;
        roll_up_killed_after(&stage, kill_after).await;
        check_exact(&stage.other_process(), &all).await;
        // Whoever comes next finishes it.
        stage.other_process().roll_up().await;
        check_exact(&stage, &all).await;
        assert_eq!(stage.keys().await.len(), 2 + 12, "killed after {kill_after}");
    }
}

#[tokio::test]
async fn where_the_store_fails_nothing_is_deleted() {
    for (operation, left) in [
        (Operation::PutObject, 60),
        (Operation::GetObject, 60),
        (Operation::DeleteObject, 61),
    ] {
        let (store, all) = hourly();
        let stage = Stage::of(store, NOW).await;
        let fault = stage
            .running
            .faults()
            .add(Fault::new(Effect::InternalError).on(operation));
        let other = stage.other_process();
        other
            .snapshots
            .roll_up(&other.store, &place())
            .await
            .expect_err("the store fails");
        stage.running.faults().remove(fault);
        assert_eq!(stage.keys().await.len(), left);
        check_exact(&stage, &all).await;
        let finished = stage.roll_up().await;
        // A roll-up that is there already is not written again.
        let written = if operation == Operation::DeleteObject {
            1
        } else {
            2
        };
        assert_eq!(
            (finished.objects_written, finished.objects_deleted),
            (written, 48)
        );
        check_exact(&stage, &all).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_at_once_and_readers_meanwhile() {
    for _ in 0..5 {
        let (store, all) = hourly();
        let stage = Stage::of(store, NOW).await;
        let mut work = JoinSet::new();
        for _ in 0..3 {
            let process = stage.other_process();
            work.spawn(async move { process.snapshots.roll_up(&process.store, &place()).await });
        }
        while let Some(ended) = {
            check_exact(&stage.other_process(), &all).await;
            work.try_join_next()
                .or_else(|| (!work.is_empty()).then_some(Ok(Ok(Default::default()))))
        } {
            ended.expect("it ends").expect("rolled up");
        }
        check_exact(&stage, &all).await;
        stage.roll_up().await;
        assert_eq!(stage.keys().await.len(), 2 + 12);
        check_exact(&stage, &all).await;
    }
}

#[tokio::test]
async fn what_can_not_be_read_to_its_end_stays() {
    let (store, all) = hourly();
    let broken = "spacewatch-metrics/dt=2026-11-20/hour=05/snapshot-20261120T050001Z-00.jsonl";
    let good = record("bucket-0", at("2026-11-20T05:00:01Z"), 999);
    let text = format!("{}half a li", line(&good));
    let stage = Stage::of(store.with_object(BUCKET, broken, text.as_str()), NOW).await;
    stage.roll_up().await;
    let keys = stage.keys().await;
    assert!(keys.iter().any(|key| key == broken));
    assert_eq!(keys.len(), 2 + 12 + 1);
    let history = stage.read(FROM, TO).await;
    assert_eq!(history.records.len(), all.len() + 1);
    assert_eq!(history.reading.lines_broken, 1);
}

#[tokio::test]
async fn a_year_stays_few_objects_and_counts_exactly() {
    // As many days as a year has, each of runs every two hours; the next test has a day of five-minute runs.
    let begin = at("2025-11-22T00:00:00Z");
    let (store, all) = history(begin, 365 * 12 + 6, 7200, 3);
    let stage = Stage::of(store, "2025-11-22T00:30:00Z").await;
    let mut deleted = 0;
    // Somebody rolls up every week.
    for _ in 0..53 {
        stage.clock.advance(Duration::from_secs(7 * 86_400));
        loop {
            let rolled = stage.roll_up().await;
            deleted += rolled.objects_deleted;
            if !rolled.more {
                break;
            }
        }
    }
    assert_eq!(deleted, 365 * 12 + 6);
    assert_eq!(stage.keys().await.len(), 366);
    let history = stage
        .other_process()
        .read("2025-11-01T00:00:00Z", "2026-12-31T00:00:00Z")
        .await;
    let found: std::collections::BTreeSet<_> = sizes(&history).into_iter().collect();
    assert_eq!(found, all.into_iter().collect());
    assert_eq!(history.reading.objects_read, 366);
    assert_eq!(history.reading.records_repeated, 0);
}

#[tokio::test]
async fn a_day_of_five_minute_runs_of_twenty_buckets_is_one_object() {
    let (store, all) = history(at(FROM), 288, 300, 20);
    let stage = Stage::of(store, NOW).await;
    let before: Vec<SnapshotRecord> = stage.read(FROM, TO).await.records;
    stage.roll_up().await;
    assert_eq!(stage.keys().await.len(), 1);
    check_exact(&stage, &all).await;
    assert_eq!(stage.read(FROM, TO).await.records, before);
    // Thirty such days fit into memory, packed as they are.
    let bytes = stage.running.handle().sizes(BUCKET);
    assert!(bytes[0].1 < 2 << 20, "{bytes:?}");
}
