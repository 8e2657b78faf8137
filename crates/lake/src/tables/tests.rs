//! The tables of a lake, on disk and in a bucket: nothing lost, nothing twice, nothing foreign.

mod sleepers;

use std::collections::{BTreeMap, HashMap};
use std::path::Path as FilePath;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use arrow_array::RecordBatch;
use futures::TryStreamExt;
use proptest::prelude::*;
use spacewatch_access_log::{Entry, Limits, LineHashKey, LogReader, S3BatchBuilder, rebuild};
use spacewatch_delta::Disk;
use spacewatch_model::{Clock, ManualClock, SystemClock};

use super::there::rows_of;
use super::*;
use crate::LakeError;

pub(crate) const NO_PATIENCE: Duration = Duration::ZERO;

/// Where a lake of a test lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Directory,
    Bucket,
}

impl Kind {
    pub(crate) const BOTH: [Self; 2] = [Self::Directory, Self::Bucket];

    /// The tables there, as a process that was just started sees them. A bucket is shown by files as well, so that tests can look at
    /// them; each process comes when the lease of the one before has ended.
    pub(crate) fn open(self, directory: &FilePath, faults: Faults) -> LakeTables {
        static COMES: AtomicU32 = AtomicU32::new(0);
        if self == Self::Directory {
            return open(directory, faults);
        }
        let later = Duration::from_secs(100) * COMES.fetch_add(1, Ordering::SeqCst);
        let clock = ManualClock::starting_at(SystemClock::new().now() + later);
        let objects = Disk::open(directory.join("lake"), faults.of_files()).expect("a directory");
        let config = TablesConfig {
            source: "logs/".to_owned(),
            faults,
        };
        LakeTables::open(Place::Bucket(objects), config, Arc::new(clock)).expect("a bucket")
    }
}

pub(crate) fn open(directory: &FilePath, faults: Faults) -> LakeTables {
    let config = TablesConfig {
        source: "logs/".to_owned(),
        faults,
    };
    let place = Place::Directory(directory.join("lake"));
    LakeTables::open(place, config, Arc::new(SystemClock::new())).expect("a directory")
}

pub(crate) fn line(bucket: &str, day: u32, second: u32, key: &str) -> String {
    format!(
        r#"owner {bucket} [{day:02}/Feb/2026:00:00:{second:02} +0000] 192.0.2.3 - R{second} REST.GET.OBJECT {key} "GET /{key} HTTP/1.1" 200 - 1 1 2 1 "-" "agent" -"#
    )
}

pub(crate) fn batch(key: &LineHashKey, object: &str, lines: &[String]) -> RecordBatch {
    let mut builder = S3BatchBuilder::with_hash_key(key.clone());
    builder.begin_object(object);
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    LogReader::new(Limits::default()).feed(text.as_bytes(), |line, entry| {
        let Entry::S3(record) = entry else {
            panic!("no record")
        };
        builder.push(&line, &record).expect("room");
    });
    builder.finish().expect("a batch")
}

pub(crate) fn object(key: &str) -> LogObject {
    LogObject {
        key: key.to_owned(),
        size: 1,
        format: "plain",
        ..LogObject::default()
    }
}

/// Writes one batch of one log object.
pub(crate) async fn append(writer: &mut Writer, name: &str, lines: &[String]) -> Result<u64, LakeError> {
    let rows = batch(&writer.hash_key(), name, lines);
    let mut open = writer.begin().await?;
    let duplicates: HashMap<String, u64> = open.write(vec![rows], Vec::new()).await?;
    open.commit(&[object(name)], &[]).await?;
    Ok(duplicates.values().sum())
}

/// All lines of the lake, and how often each is there. Files are looked at on the way: one bucket, one day, by time.
pub(crate) async fn lines(tables: &LakeTables) -> BTreeMap<String, u32> {
    let snapshot = tables.snapshot().await.expect("a snapshot");
    let names: Vec<String> = snapshot
        .requests
        .schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut found = BTreeMap::new();
    for file in snapshot.requests.files.iter() {
        let rows = rows_of(&snapshot.store, file, &names, None)
            .await
            .expect("a file");
        let batches: Vec<RecordBatch> = rows.try_collect().await.expect("rows");
        let mut times = Vec::new();
        for batch in &batches {
            for row in 0..batch.num_rows() {
                let line = String::from_utf8(rebuild(batch, row).expect("a line")).expect("text");
                let bucket = line.split(' ').nth(1).expect("a bucket").to_owned();
                assert_eq!(file.bucket.as_deref(), Some(bucket.as_str()));
                times.push(line.split(['[', ']']).nth(1).expect("a time").to_owned());
                *found.entry(line).or_default() += 1;
            }
        }
        assert_eq!(u64::try_from(times.len()).expect("a number"), file.rows);
        assert!(times.is_sorted());
        assert!(times.iter().all(|time| time.get(..11) == times[0].get(..11)));
    }
    found
}

pub(crate) fn once(lines: &[String]) -> BTreeMap<String, u32> {
    lines.iter().map(|line| (line.clone(), 1)).collect()
}

#[tokio::test]
async fn a_long_log_is_summed_up_and_read_again_with_everything_in_it() {
    for kind in Kind::BOTH {
        let directory = tempfile::tempdir().expect("a directory");
        let mut expected = Vec::new();
        for round in 0..3_u32 {
            let tables = kind.open(directory.path(), Faults::default());
            let mut writer = tables.writer(NO_PATIENCE).await.expect("the only writer");
            assert_eq!(writer.known_objects().len(), expected.len());
            for second in 0..15_u32 {
                let name = format!("log-{round}-{second}");
                let one = vec![line("alpha", 6 + round, second, "a")];
                append(&mut writer, &name, &one).await.expect("a batch");
                writer.checkpoint_when_due().await.expect("kept quick");
                expected.extend(one);
            }
            assert_eq!(lines(&tables).await, once(&expected));
        }
        let log = directory.path().join("lake/requests/_delta_log");
        let names = std::fs::read_dir(log).expect("a log").flatten();
        let checkpoints = names.filter(|name| name.file_name().to_string_lossy().contains(".checkpoint"));
        assert_eq!(checkpoints.count(), 2, "after 20 and 40 commits");
        assert_eq!(
            lines(&kind.open(directory.path(), Faults::default())).await,
            once(&expected)
        );
    }
}

fn some_lines() -> Vec<String> {
    vec![
        line("alpha", 7, 9, "late"),
        line("alpha", 6, 2, "b"),
        line("beta", 6, 1, "a"),
        line("alpha", 6, 1, "a"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_stand_by_bucket_and_day_and_each_line_once() {
    for kind in Kind::BOTH {
        let directory = tempfile::tempdir().expect("a directory");
        let tables = kind.open(directory.path(), Faults::default());
        assert!(lines(&tables).await.is_empty());
        let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
        let some = some_lines();
        let twice = [some.clone(), some.clone()].concat();
        assert_eq!(append(&mut writer, "one", &twice).await.expect("a batch"), 4);
        assert_eq!(
            tables.snapshot().await.expect("a snapshot").requests.files.len(),
            3
        );
        // Delivered again, with one that is new in a day that is there.
        let more = [some.clone(), vec![line("alpha", 6, 0, "older")]].concat();
        assert_eq!(append(&mut writer, "two", &more).await.expect("a batch"), 4);
        drop(writer);
        // Read back by a process that wrote none of it.
        let tables = kind.open(directory.path(), Faults::default());
        assert_eq!(lines(&tables).await, once(&more));
        let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
        assert_eq!(append(&mut writer, "three", &more).await.expect("a batch"), 5);
        assert_eq!(writer.known_objects().len(), 3);
        assert!(writer.known_objects().contains(object("two").id()));
        assert!(!writer.known_objects().contains(object("four").id()));
        assert_eq!(lines(&tables).await, once(&more));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_dropped_leaves_nothing() {
    for kind in Kind::BOTH {
        let directory = tempfile::tempdir().expect("a directory");
        let tables = kind.open(directory.path(), Faults::default());
        let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
        let rows = batch(&writer.hash_key(), "one", &some_lines());
        let mut open = writer.begin().await.expect("a batch");
        open.write(vec![rows], Vec::new()).await.expect("written");
        drop(open);
        assert!(lines(&tables).await.is_empty());
        assert_eq!(
            append(&mut writer, "one", &some_lines()).await.expect("a batch"),
            0
        );
        assert_eq!(lines(&tables).await, once(&some_lines()));
    }
}

/// Fails each time the point is reached for the `count`-th time.
pub(crate) fn failing_at(point: FaultPoint, count: u32) -> Faults {
    let met = AtomicU32::new(0);
    Faults::with(move |at| {
        if at == point && met.fetch_add(1, Ordering::SeqCst) + 1 == count {
            return Err(std::io::Error::from_raw_os_error(28));
        }
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_at_any_step_leaves_all_of_a_batch_or_nothing() {
    for kind in Kind::BOTH {
        let points = [
            FaultPoint::File(spacewatch_delta::FaultPoint::FileUnwritten),
            FaultPoint::File(spacewatch_delta::FaultPoint::FileUnnamed),
            FaultPoint::BatchRecorded,
            FaultPoint::BetweenTables,
            FaultPoint::BatchUnmarked,
        ];
        for point in points {
            for count in 1..20 {
                let directory = tempfile::tempdir().expect("a directory");
                let tables = kind.open(directory.path(), failing_at(point, count));
                let written = match tables.writer(NO_PATIENCE).await {
                    Ok(mut writer) => append(&mut writer, "one", &some_lines()).await.is_ok(),
                    Err(_) => false,
                };
                drop(tables);
                let tables = kind.open(directory.path(), Faults::default());
                let mut writer = tables.writer(NO_PATIENCE).await.expect("usable afterwards");
                let known = writer.known_objects().contains(object("one").id());
                let expected = if known {
                    once(&some_lines())
                } else {
                    BTreeMap::new()
                };
                assert_eq!(lines(&tables).await, expected, "{point:?} {count}");
                assert!(known || !written, "{point:?} {count}");
                append(&mut writer, "again", &some_lines())
                    .await
                    .expect("a batch");
                assert_eq!(lines(&tables).await, once(&some_lines()), "{point:?} {count}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_is_told_who_the_first_is() {
    let directory = tempfile::tempdir().expect("a directory");
    let tables = open(directory.path(), Faults::default());
    let writer = tables.writer(NO_PATIENCE).await.expect("a writer");
    let other = open(directory.path(), Faults::default());
    let refused = other.writer(NO_PATIENCE).await.expect_err("locked");
    let LakeError::Locked { holder, .. } = &refused else {
        panic!("{refused}")
    };
    assert_eq!(*holder, format!(" (process {})", std::process::id()));
    drop(writer);
    other.writer(NO_PATIENCE).await.expect("free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_log_leads_nowhere() {
    for kind in Kind::BOTH {
        let stats = r#"{\"numRecords\":1,\"minValues\":{\"bucket\":\"alpha\",\"time\":\"2026-02-06T00:00:00.000Z\"},\"maxValues\":{\"bucket\":\"alpha\",\"time\":\"2026-02-06T00:00:00.000Z\"},\"nullCount\":{\"bucket\":0}}"#;
        let paths = [
            "/etc/passwd",
            "file:///etc/passwd",
            "../cdn/part-0.parquet",
            "%2e%2e/cdn/part-0.parquet",
            "%252e%252e%252fpart-0.parquet",
            "s3://other/part-0.parquet",
            "https://192.0.2.1/part-0.parquet?X-Amz-Signature=0",
            "folder/part-0.parquet",
            "%2Fetc%2Fpasswd",
            ".parquet",
            "",
        ];
        for path in paths {
            let directory = tempfile::tempdir().expect("a directory");
            let tables = kind.open(directory.path(), Faults::default());
            let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
            append(&mut writer, "one", &some_lines()).await.expect("a batch");
            drop(writer);
            let forged = format!(
                r#"{{"add":{{"path":"{path}","partitionValues":{{}},"size":1,"modificationTime":1,"dataChange":true,"stats":"{stats}"}}}}"#
            );
            let log = directory.path().join("lake/requests/_delta_log");
            std::fs::write(log.join("00000000000000000002.json"), forged).expect("forged");
            let refused = kind.open(directory.path(), Faults::default()).snapshot().await;
            assert!(
                matches!(refused, Err(LakeError::Untrusted { .. })),
                "{path}: {refused:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_not_followed() {
    let directory = tempfile::tempdir().expect("a directory");
    let tables = open(directory.path(), Faults::default());
    let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
    append(&mut writer, "one", &some_lines()).await.expect("a batch");
    let snapshot = tables.snapshot().await.expect("a snapshot");
    let file = snapshot.requests.files.first().expect("a file");
    let path = directory.path().join("lake").join(file.path.as_ref());
    let outside = directory.path().join("outside");
    std::fs::rename(&path, &outside).expect("moved");
    std::os::unix::fs::symlink(&outside, &path).expect("linked");
    assert!(rows_of(&snapshot.store, file, &["key"], None).await.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn however_lines_are_split_each_is_there_once(
        batches in prop::collection::vec(prop::collection::vec((0_u8..2, 1_u32..4, 0_u32..30, 0_u8..2), 1..30), 1..6),
        bucket in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let kind = if bucket { Kind::Bucket } else { Kind::Directory };
            let directory = tempfile::tempdir().expect("a directory");
            let tables = kind.open(directory.path(), Faults::default());
            let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
            let (mut all, mut given, mut dropped) = (Vec::new(), 0, 0);
            for (number, rows) in (0..).zip(&batches) {
                let text: Vec<String> = rows
                    .iter()
                    .map(|(bucket, day, second, key)| line(&format!("bucket-{bucket}"), *day, *second, &format!("key-{key}")))
                    .collect();
                dropped += append(&mut writer, &format!("object-{number}"), &text).await.expect("a batch");
                given += text.len();
                all.extend(text);
                if number % 2 == 1 {
                    // So that hashes come from the files as well as from memory.
                    writer.give_back().await.expect("given back");
                    writer = tables.writer(NO_PATIENCE).await.expect("a writer");
                }
            }
            let expected = once(&all);
            assert_eq!(lines(&tables).await, expected);
            assert_eq!(usize::try_from(dropped).expect("a number") + expected.len(), given);
        });
    }
}
