//! Nothing of what stands in the tables changes but the files it stands in.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arrow_array::RecordBatch;
use datafusion::arrow::util::display::array_value_to_string;
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use spacewatch_access_log::{CdnBatchBuilder, Entry, Limits, LineHashKey, LogReader};
use spacewatch_model::{Clock, SystemClock};

use super::*;
use crate::query::{Engine, QueryConfig, QueryRuntime, SqlLimits};
use crate::tables::tests::{NO_PATIENCE, append, batch, failing_at, line, lines, object, once, open};
use crate::tables::{FaultPoint, Faults, LakeTables, RejectedLine, all_rows};

/// All is due, and nothing is waited for.
fn eager() -> MaintenanceConfig {
    MaintenanceConfig {
        small_files: 2,
        grace: Duration::ZERO,
        ..MaintenanceConfig::default()
    }
}

async fn tidy(writer: &mut Writer, config: &MaintenanceConfig) -> Maintained {
    let done = maintain(writer, config, &CancellationToken::new()).await;
    done.expect("tidied up")
}

fn cdn_rows(key: &LineHashKey, object: &str, second: u32) -> RecordBatch {
    let mut builder = CdnBatchBuilder::with_hash_key(key.clone());
    builder.begin_object(object);
    let text = format!(
        "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status\n\
         2026-02-06\t00:00:{second:02}\tFRA2\t{second}\t192.0.2.1\tGET\tcdn.example.com\t/a{second}\t200\n"
    );
    LogReader::new(Limits::default()).feed(text.as_bytes(), |line, entry| {
        if let Entry::Cdn(record) = entry {
            builder.push(&line, &record).expect("room");
        }
    });
    builder.finish().expect("a batch")
}

/// Ten batches: two buckets, two days, and something for each of the other tables.
async fn fill(writer: &mut Writer) -> Vec<String> {
    let mut all = Vec::new();
    for round in 0..10_u32 {
        let name = format!("log-{round}");
        let some: Vec<String> = (0..4)
            .map(|n| {
                line(
                    ["alpha", "beta"][n as usize % 2],
                    6 + n / 2,
                    59 - round,
                    &format!("k{round}é\"{n}"),
                )
            })
            .collect();
        let key = writer.hash_key();
        let (rows, cdn) = (batch(&key, &name, &some), cdn_rows(&key, &name, round));
        assert_eq!(cdn.num_rows(), 1);
        let reject = RejectedLine {
            log_object: name.clone(),
            offset: Some(1),
            length: Some(2),
            reason: "too_short",
            detail: "…".to_owned(),
            line: vec![0xff, u8::try_from(round).expect("small")],
        };
        let mut open = writer.begin().await.expect("a batch");
        open.write(vec![rows], vec![cdn]).await.expect("written");
        open.commit(&[object(&name)], &[reject]).await.expect("committed");
        all.extend(some);
    }
    all
}

/// All rows of all tables, whatever their order.
async fn rows(tables: &LakeTables) -> BTreeMap<(&'static str, String), u32> {
    let snapshot = tables.snapshot().await.expect("a snapshot");
    let mut rows = BTreeMap::new();
    for table in Table::ALL {
        for file in snapshot.table(table).files.iter() {
            let stream = all_rows(&snapshot.store, file).await.expect("a file");
            let batches: Vec<RecordBatch> = stream.try_collect().await.expect("rows");
            assert_eq!(
                batches.iter().map(RecordBatch::num_rows).sum::<usize>() as u64,
                file.rows
            );
            for batch in &batches {
                for row in 0..batch.num_rows() {
                    let cells = batch
                        .columns()
                        .iter()
                        .map(|column| array_value_to_string(column, row).expect("text"));
                    let row = cells.collect::<Vec<_>>().join("|");
                    *rows.entry((table.name(), row)).or_default() += 1;
                }
            }
        }
    }
    rows
}

async fn files(tables: &LakeTables) -> [usize; 4] {
    let snapshot = tables.snapshot().await.expect("a snapshot");
    Table::ALL.map(|table| snapshot.table(table).files.len())
}

fn on_disk(directory: &FilePath, table: &str) -> usize {
    let found = std::fs::read_dir(directory.join("lake").join(table))
        .expect("a folder")
        .flatten();
    found
        .filter(|file| file.file_name().to_string_lossy().starts_with("part-"))
        .count()
}

async fn answers(tables: &LakeTables) -> String {
    static RUNTIME: OnceLock<Arc<QueryRuntime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let spill = std::env::temp_dir().join(format!("spacewatch-maintenance-test-{}", std::process::id()));
        let config = QueryConfig {
            threads: 2,
            memory: 64 << 20,
            spill_directory: spill,
            spill_bytes: 1 << 20,
            at_once: 4,
        };
        QueryRuntime::start(&config).expect("a runtime")
    });
    let engine = Engine::new(Arc::clone(runtime), 1 << 20);
    let snapshot = tables.snapshot().await.expect("a snapshot");
    let mut said = String::new();
    for question in [
        "SELECT bucket, date, count(*), min(time), max(time), sum(bytes_sent) FROM requests GROUP BY 1, 2 ORDER BY 1, 2",
        "SELECT key, remote_ip, time, log_object, log_offset FROM requests WHERE bucket = 'alpha' ORDER BY key",
        "SELECT count(*) FROM requests WHERE time >= '2026-02-07T00:00:55Z'",
        "SELECT count(*), max(time) FROM cdn",
        "SELECT log_object, line FROM rejects ORDER BY 1",
        "SELECT key, batch FROM log_objects ORDER BY 1",
    ] {
        let limits = SqlLimits {
            rows: 1000,
            time: Duration::from_secs(60),
            memory: 32 << 20,
        };
        let answer = engine.sql(&snapshot, question, limits).await.expect("an answer");
        said += &format!("{:?}\n", answer.rows);
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn small_files_become_one_and_hold_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    let tables = open(directory.path(), Faults::default());
    let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
    let all = fill(&mut writer).await;
    assert_eq!(files(&tables).await, [40, 10, 10, 10]);
    let (before, said) = (rows(&tables).await, answers(&tables).await);
    let old = tables.snapshot().await.expect("a snapshot");
    let cautious = MaintenanceConfig::default();
    let done = tidy(&mut writer, &cautious).await;
    assert_eq!((done.merged, done.made, done.removed), (70, 7, 0));
    assert_eq!(files(&tables).await, [4, 1, 1, 1]);
    assert_eq!(rows(&tables).await, before);
    assert_eq!(answers(&tables).await, said);
    assert_eq!(lines(&tables).await, once(&all));
    // Whoever began before goes on with what it knew.
    let still = old.requests.files.first().expect("a file");
    assert!(all_rows(&old.store, still).await.is_ok());
    assert_eq!(on_disk(directory.path(), "requests"), 44);
    assert_eq!(
        tidy(&mut writer, &cautious).await,
        Maintained::default(),
        "nothing more is due"
    );
    // Delivered again: known by the writer that merged, and by one that only has the files.
    assert_eq!(append(&mut writer, "again", &all).await.expect("a batch"), 40);
    drop(writer);
    let tables = open(directory.path(), Faults::default());
    let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
    assert_eq!(append(&mut writer, "and again", &all).await.expect("a batch"), 40);
    assert_eq!(lines(&tables).await, once(&all));
    assert_eq!(writer.known_objects().len(), 12);
    assert_eq!(tidy(&mut writer, &eager()).await.removed, 70);
    assert_eq!(on_disk(directory.path(), "requests"), 4);
    assert_eq!(answers(&tables).await.lines().next(), said.lines().next());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_while_tidying_up_changes_no_row() {
    use spacewatch_delta::FaultPoint as File;
    let points = [
        (FaultPoint::Compacted, 7),
        (FaultPoint::File(File::FileUnwritten), 14),
        (FaultPoint::File(File::FileUnnamed), 14),
        (FaultPoint::File(File::Vacuuming), 12),
    ];
    let made = tempfile::tempdir().expect("a directory");
    let mut writer = open(made.path(), Faults::default())
        .writer(NO_PATIENCE)
        .await
        .expect("a writer");
    let all = fill(&mut writer).await;
    let before = rows(writer.tables()).await;
    drop(writer);
    for (point, counts) in points {
        for count in (1..=counts).step_by(3) {
            let directory = tempfile::tempdir().expect("a directory");
            copy(&made.path().join("lake"), &directory.path().join("lake"));
            let tables = open(directory.path(), failing_at(point, count));
            let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
            let mut done = maintain(&mut writer, &eager(), &CancellationToken::new()).await;
            if done.is_ok() {
                // What was merged is removed the next time at the earliest.
                done = maintain(&mut writer, &eager(), &CancellationToken::new()).await;
            }
            assert!(done.is_err(), "{point:?} {count}");
            assert_eq!(
                rows(&open(directory.path(), Faults::default())).await,
                before,
                "{point:?} {count}"
            );
            if count % 2 == 0 {
                // Another process goes on; otherwise the same.
                drop(writer);
                writer = open(directory.path(), Faults::default())
                    .writer(NO_PATIENCE)
                    .await
                    .expect("a writer");
            }
            tidy(&mut writer, &eager()).await;
            assert_eq!(rows(writer.tables()).await, before, "{point:?} {count}");
            assert_eq!(files(writer.tables()).await, [4, 1, 1, 1], "{point:?} {count}");
            assert_eq!(append(&mut writer, "again", &all).await.expect("a batch"), 40);
        }
    }
}

fn copy(from: &FilePath, to: &FilePath) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_stay_as_long_as_somebody_may_read_them() {
    let directory = tempfile::tempdir().expect("a directory");
    let tables = open(directory.path(), Faults::default());
    let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
    fill(&mut writer).await;
    let orphan = directory.path().join("lake/requests/part-0.parquet");
    std::fs::write(&orphan, "of a process that died").expect("a file");
    let old = std::fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
    std::fs::File::options()
        .write(true)
        .open(&orphan)
        .expect("a file")
        .set_times(old)
        .expect("aged");
    let done = tidy(&mut writer, &MaintenanceConfig::default()).await;
    assert_eq!((done.merged, done.removed), (70, 1));
    assert!(!orphan.exists());
    assert_eq!(on_disk(directory.path(), "requests"), 44);
    let done = tidy(&mut writer, &eager()).await;
    assert_eq!((done.merged, done.removed), (0, 70));
    assert_eq!(on_disk(directory.path(), "requests"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_days_go_and_their_log_objects_stay_known() {
    let directory = tempfile::tempdir().expect("a directory");
    let tables = open(directory.path(), Faults::default());
    let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
    let all = fill(&mut writer).await;
    let now = SystemClock::new().now();
    let noon: Timestamp = "2026-02-07T12:00:00Z".parse().expect("a time");
    let config = MaintenanceConfig {
        retention: Some(now.duration_since(noon).unsigned_abs()),
        ..eager()
    };
    // Day 6 in both buckets and the CDN's log of it; what was rejected was seen just now.
    assert_eq!(tidy(&mut writer, &config).await.dropped, 30);
    assert_eq!(files(&tables).await, [2, 0, 1, 1]);
    let left: Vec<String> = all.into_iter().filter(|line| line.contains("[07/Feb")).collect();
    assert_eq!(lines(&tables).await, once(&left));
    assert_eq!(writer.known_objects().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lake_that_is_too_large_loses_its_oldest_days_and_says_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let tables = open(directory.path(), Faults::default());
    let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
    let all: Vec<String> = (1..=9).map(|day| line("alpha", day, 0, "a")).collect();
    append(&mut writer, "one", &all).await.expect("a batch");
    assert_eq!(trim(&mut writer, u64::MAX).await.expect("room"), 0);
    assert_eq!(tables.kept_from().await.expect("read"), None);
    let snapshot = tables.snapshot().await.expect("a snapshot");
    let bytes: u64 = Table::ALL
        .iter()
        .flat_map(|table| snapshot.table(*table).files.iter())
        .map(|file| file.bytes)
        .sum();
    let dropped = trim(&mut writer, bytes * 3 / 4).await.expect("trimmed");
    assert!((2..=4).contains(&dropped), "{dropped}");
    assert_eq!(lines(&tables).await, once(&all[dropped..]));
    let kept = tables.kept_from().await.expect("read").expect("said");
    assert_eq!(kept.to_string(), format!("2026-02-{:02}T00:00:00Z", dropped + 1));
    assert_eq!(trim(&mut writer, bytes * 3 / 4).await.expect("room"), 0);
    assert!(
        !stay_within(&mut writer, bytes * 2 / 3, &eager())
            .await
            .expect("room")
    );
    assert!(
        stay_within(&mut writer, bytes / 3, &eager())
            .await
            .expect("trimmed")
    );
    // The newest day stays, whatever it takes.
    trim(&mut writer, 0).await.expect("trimmed");
    assert_eq!(lines(&tables).await, once(&all[8..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_what_its_log_says_stays_as_it_is() {
    let directory = tempfile::tempdir().expect("a directory");
    let tables = open(directory.path(), Faults::default());
    let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
    append(&mut writer, "one", &[line("alpha", 6, 1, "a")])
        .await
        .expect("a batch");
    append(
        &mut writer,
        "two",
        &[line("alpha", 6, 2, "b"), line("alpha", 6, 3, "c")],
    )
    .await
    .expect("a batch");
    let snapshot = tables.snapshot().await.expect("a snapshot");
    let [first, second] = &snapshot.requests.files[..] else {
        panic!("two files")
    };
    let content = snapshot
        .store
        .get(&first.path)
        .await
        .expect("a file")
        .bytes()
        .await
        .expect("bytes");
    let forged = directory.path().join("lake").join(second.path.as_ref());
    let padding = usize::try_from(second.bytes)
        .expect("small")
        .saturating_sub(content.len());
    assert!(padding < 4096);
    std::fs::write(&forged, content).expect("forged");
    let done = maintain(&mut writer, &eager(), &CancellationToken::new()).await;
    assert!(done.is_err());
    assert_eq!(files(&tables).await[0], 2);
    assert!(forged.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_sees_the_same_while_files_become_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let tables = open(directory.path(), Faults::default());
    let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
    fill(&mut writer).await;
    let other = open(directory.path(), Faults::default());
    let before = rows(&other).await;
    tidy(&mut writer, &eager()).await;
    // Twenty commits more: logs are summed up, and what they said before is forgotten.
    let mut more = Vec::new();
    for second in 0..20 {
        more.push(line("gamma", 8, second, "g"));
        append(&mut writer, &format!("more-{second}"), &more[second as usize..])
            .await
            .expect("a batch");
    }
    tidy(&mut writer, &eager()).await;
    let first = directory
        .path()
        .join("lake/requests/_delta_log/00000000000000000001.json");
    assert!(!first.exists());
    assert!(matches!(
        other.writer(NO_PATIENCE).await,
        Err(LakeError::Locked { .. })
    ));
    drop(writer);
    let writer = other.writer(NO_PATIENCE).await.expect("a writer that slept");
    assert_eq!(writer.known_objects().len(), 30);
    let mut after = rows(&other).await;
    after.retain(|(_, row), _| !row.contains("gamma") && !row.contains("more-"));
    assert_eq!(after, before);
    assert_eq!(files(&other).await[0], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_sees_that_a_lake_was_removed_and_built_anew() {
    let directory = tempfile::tempdir().expect("a directory");
    let one = [line("alpha", 6, 1, "a")];
    let two = [line("beta", 6, 1, "b")];
    let mut writer = open(directory.path(), Faults::default())
        .writer(NO_PATIENCE)
        .await
        .expect("a writer");
    append(&mut writer, "one", &one).await.expect("a batch");
    drop(writer);
    let other = open(directory.path(), Faults::default());
    assert_eq!(lines(&other).await, once(&one));
    std::fs::remove_dir_all(directory.path().join("lake")).expect("removed");
    let mut writer = open(directory.path(), Faults::default())
        .writer(NO_PATIENCE)
        .await
        .expect("a writer");
    append(&mut writer, "two", &two).await.expect("a batch");
    drop(writer);
    drop(other.writer(NO_PATIENCE).await.expect("a writer"));
    assert_eq!(lines(&other).await, once(&two));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_when_it_is_told_to() {
    let directory = tempfile::tempdir().expect("a directory");
    let tables = open(directory.path(), Faults::default());
    let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
    fill(&mut writer).await;
    let before = rows(&tables).await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let done = maintain(&mut writer, &eager(), &cancel).await.expect("nothing");
    assert_eq!(done, Maintained::default());
    let late = MaintenanceConfig {
        longest: Duration::ZERO,
        ..eager()
    };
    assert_eq!(tidy(&mut writer, &late).await.merged, 0);
    assert_eq!(rows(&tables).await, before);
}
