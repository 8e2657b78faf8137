//! Tables on disk: all or nothing, nothing foreign, nothing removed that someone may read.

#![expect(clippy::unwrap_used, reason = "a test that can't go on shall panic")]

mod bucket;

use std::collections::HashSet;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use arrow_schema::{DataType, Field, Schema};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use spacewatch_delta::{
    Change, DeltaError, Disk, FaultPoint, Faults, Lock, NewFile, Refreshed, Statistics, TableLog, TableSpec,
    Vacuum, Vacuumed,
};
use spacewatch_model::{Clock, SystemClock, Timestamp};

fn spec() -> TableSpec {
    TableSpec {
        name: "cats",
        schema: Arc::new(Schema::new(vec![Field::new("name", DataType::Utf8, false)])),
        application: "cat-keeper",
        check: |statistics| match statistics.numbers("age") {
            Some(_) => Ok(()),
            None => Err("a file doesn't say how old its cats are"),
        },
    }
}

fn now() -> Timestamp {
    SystemClock::new().now()
}

fn later() -> Timestamp {
    now() + Duration::from_secs(600)
}

fn store(directory: &FilePath, faults: Faults) -> Arc<dyn ObjectStore> {
    Disk::open(directory.join("tables"), faults).unwrap()
}

async fn file(store: &Arc<dyn ObjectStore>, age: i64) -> NewFile {
    let statistics = Statistics::new(1).with_numbers("age", (age, age));
    let written = NewFile::write(store.as_ref(), "cats", statistics, "cats".into());
    written.await.unwrap()
}

async fn append(table: &mut TableLog, store: &Arc<dyn ObjectStore>, age: i64) -> Path {
    let file = file(store, age).await;
    let change = Change::append(vec![file.add(now(), true).unwrap()]);
    table.commit(change.numbered(age.unsigned_abs())).await.unwrap();
    file.file().path
}

fn ages(table: &TableLog) -> Vec<i64> {
    let ages = table
        .files()
        .iter()
        .map(|file| file.statistics.numbers("age").unwrap().0);
    let mut ages: Vec<_> = ages.collect();
    ages.sort_unstable();
    ages
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_shows_at_once_and_to_whoever_looks_again() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path(), Faults::default());
    assert!(TableLog::open(&store, spec()).await.unwrap().is_none());
    let mut table = TableLog::create(&store, spec()).await.unwrap();
    let mut other = TableLog::open(&store, spec()).await.unwrap().unwrap();
    assert_eq!(other.refresh().await.unwrap(), Refreshed::Same);
    let one = append(&mut table, &store, 1).await;
    append(&mut table, &store, 2).await;
    assert_eq!(other.refresh().await.unwrap(), Refreshed::Changed);
    assert_eq!((ages(&other), other.number().await.unwrap()), (vec![1, 2], 2));
    let three = file(&store, 3).await;
    let add = vec![three.add(now(), false).unwrap()];
    table
        .commit(Change::rewrite(add, vec![one.clone()]))
        .await
        .unwrap();
    assert_eq!(ages(&table), [2, 3]);
    assert_eq!(ages(&other), [1, 2], "as it was read last");
    other.refresh().await.unwrap();
    assert_eq!((ages(&other), other.number().await.unwrap()), (vec![2, 3], 2));
    let gone = table.commit(Change::delete(vec![one])).await;
    assert!(matches!(gone, Err(DeltaError::Internal(_))));
    table
        .commit(Change::delete(vec![three.file().path]))
        .await
        .unwrap();
    assert_eq!(ages(&table), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_slept_while_the_log_was_summed_up_and_forgotten_finds_everything() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path(), Faults::default());
    let mut table = TableLog::create(&store, spec()).await.unwrap();
    append(&mut table, &store, 1).await;
    let mut sleeper = TableLog::open(&store, spec()).await.unwrap().unwrap();
    for age in 2..=30 {
        append(&mut table, &store, age).await;
        table.checkpoint_when_due().await.unwrap();
    }
    let forgotten = table.forget_log(later()).await.unwrap();
    assert_eq!(forgotten, 20, "commits before the sum");
    assert_eq!(sleeper.refresh().await.unwrap(), Refreshed::Changed);
    assert_eq!(ages(&sleeper), (1..=30).collect::<Vec<_>>());
    assert_eq!(sleeper.number().await.unwrap(), 30);
    append(&mut sleeper, &store, 31).await;
    table.refresh().await.unwrap();
    assert_eq!(ages(&table), (1..=31).collect::<Vec<_>>());
    assert_eq!(
        ages(&TableLog::open(&store, spec()).await.unwrap().unwrap()),
        ages(&table)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_was_removed_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path(), Faults::default());
    let mut table = TableLog::create(&store, spec()).await.unwrap();
    append(&mut table, &store, 1).await;
    std::fs::remove_dir_all(directory.path().join("tables/cats")).unwrap();
    assert_eq!(table.refresh().await.unwrap(), Refreshed::Gone);
    assert!(TableLog::open(&store, spec()).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_nobody_can_want_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path(), Faults::default());
    let mut table = TableLog::create(&store, spec()).await.unwrap();
    let [one, two] = [
        append(&mut table, &store, 1).await,
        append(&mut table, &store, 2).await,
    ];
    let [orphan, wanted] = [
        file(&store, 3).await.file().path,
        file(&store, 4).await.file().path,
    ];
    std::fs::write(directory.path().join("tables/cats/Notes.txt"), "not ours").unwrap();
    table.commit(Change::delete(vec![one.clone()])).await.unwrap();
    let keep = HashSet::from([wanted.clone()]);
    let vacuum = |before, faults| Vacuum {
        before,
        keep: &keep,
        faults,
    };
    let (quiet, failing) = (
        Faults::default(),
        Faults::with(|point| match point {
            FaultPoint::Vacuuming => Err(std::io::ErrorKind::StorageFull.into()),
            _ => Ok(()),
        }),
    );
    let early = now() - Duration::from_secs(600);
    assert_eq!(
        vacuum(early, &quiet).run(&table).await.unwrap(),
        Vacuumed::default()
    );
    vacuum(later(), &failing).run(&table).await.unwrap_err();
    // A file that is old, but went only now.
    let old = std::fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
    let path = directory.path().join("tables").join(one.as_ref());
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_times(old)
        .unwrap();
    assert_eq!(
        vacuum(early, &quiet).run(&table).await.unwrap(),
        Vacuumed::default()
    );
    assert_eq!(
        vacuum(later(), &quiet).run(&table).await.unwrap(),
        Vacuumed { files: 2, bytes: 8 }
    );
    for (path, there) in [(one, false), (orphan, false), (two, true), (wanted, true)] {
        assert_eq!(store.head(&path).await.is_ok(), there, "{path}");
    }
    assert!(directory.path().join("tables/cats/Notes.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_table_must_not_hold_is_refused() {
    let forged = [
        r#"{"add":{"path":"../other/part-0.parquet","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true,"stats":"{\"numRecords\":1}"}}"#,
        r#"{"add":{"path":"part-0.parquet","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true,"stats":"{\"numRecords\":1}"}}"#,
        r#"{"add":{"path":"part-0.parquet","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}"#,
        r#"{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["columnMapping"],"writerFeatures":["columnMapping"]}}"#,
        "no log",
    ];
    for text in forged {
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path(), Faults::default());
        let mut table = TableLog::create(&store, spec()).await.unwrap();
        let log = directory.path().join("tables/cats/_delta_log");
        std::fs::write(log.join("00000000000000000001.json"), text).unwrap();
        let opened = TableLog::open(&store, spec()).await;
        assert!(
            matches!(opened, Err(DeltaError::Untrusted { .. })),
            "{text}: {opened:?}"
        );
        let refreshed = table.refresh().await;
        assert!(
            matches!(refreshed, Err(DeltaError::Untrusted { .. })),
            "{text}: {refreshed:?}"
        );
    }
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path(), Faults::default());
    TableLog::create(&store, spec()).await.unwrap();
    let others = TableSpec {
        schema: Arc::new(Schema::new(vec![Field::new("age", DataType::Int64, true)])),
        ..spec()
    };
    assert!(TableLog::open(&store, others).await.is_err());
    std::fs::write(directory.path().join("tables/cats/_delta_log/foreign"), "").unwrap();
    assert!(TableLog::open(&store, spec()).await.is_err());
}

#[tokio::test]
async fn one_writes_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let clock = SystemClock::new();
    let take = || Lock::take(directory.path(), Duration::ZERO, &clock);
    let lock = take().await.unwrap();
    assert!(matches!(take().await, Err(DeltaError::Locked { .. })));
    drop(lock);
    take().await.unwrap();
}
