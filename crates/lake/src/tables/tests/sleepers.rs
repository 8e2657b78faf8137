//! Writers of a lake in a bucket that stop at some step, and go on when their lease has ended and another wrote.

use object_store::ObjectStoreExt;
use object_store::path::Path;
use spacewatch_model::Timestamp;

use super::*;

const STEPS: [FaultPoint; 5] = [
    FaultPoint::File(spacewatch_delta::FaultPoint::FileUnwritten),
    FaultPoint::File(spacewatch_delta::FaultPoint::FileUnnamed),
    FaultPoint::BatchRecorded,
    FaultPoint::BetweenTables,
    FaultPoint::BatchUnmarked,
];

/// Log objects and their lines; some stand in two.
fn log_of(object: &str) -> Vec<String> {
    match object {
        "one" => some_lines(),
        "two" => vec![line("alpha", 6, 2, "b"), line("gamma", 6, 3, "c")],
        _ => vec![line("beta", 6, 1, "a"), line("alpha", 8, 4, "d")],
    }
}

fn all() -> BTreeMap<String, u32> {
    let lines: Vec<String> = ["one", "two", "three"].into_iter().flat_map(log_of).collect();
    once(&lines)
}

/// Reads what isn't read yet, as a run of ingest does.
async fn read(writer: &mut Writer, objects: &[&str]) -> Result<(), LakeError> {
    for name in objects {
        if !writer.known_objects().contains(object(name).id()) {
            append(writer, name, &log_of(name)).await?;
        }
    }
    Ok(())
}

/// Another process, which has a whole life in the meantime. It removes every file that it finds unneeded.
fn meanwhile(directory: &FilePath, gives_back: bool) {
    let life = async {
        let tables = Kind::Bucket.open(directory, Faults::default());
        let mut writer = tables.writer(NO_PATIENCE).await.expect("the lease has ended");
        writer.vacuum(Timestamp::MAX).await.expect("removed");
        read(&mut writer, &["one", "two"]).await.expect("read");
        writer.vacuum(Timestamp::MAX).await.expect("removed");
        if gives_back {
            writer.give_back().await.expect("given back");
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(life);
}

/// Sleeps when the step is taken for the `count`-th time; whether it did is told by the other.
fn sleeping_at(step: FaultPoint, count: u32, directory: &FilePath) -> (Faults, Arc<AtomicU32>) {
    let (met, directory) = (Arc::new(AtomicU32::new(0)), directory.to_owned());
    let seen = Arc::clone(&met);
    let faults = Faults::with(move |at| {
        if at == step && met.fetch_add(1, Ordering::SeqCst) + 1 == count {
            let directory = directory.clone();
            let other = std::thread::spawn(move || meanwhile(&directory, count.is_multiple_of(2)));
            other.join().expect("the other is well");
        }
        Ok(())
    });
    (faults, seen)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_sleeps_at_any_step_while_another_writes_spoils_nothing() {
    for step in STEPS {
        for count in 1.. {
            let directory = tempfile::tempdir().expect("a directory");
            let (faults, met) = sleeping_at(step, count, directory.path());
            let tables = Kind::Bucket.open(directory.path(), faults);
            let told;
            match tables.writer(NO_PATIENCE).await {
                Ok(mut writer) => {
                    told = read(&mut writer, &["one", "three"]).await;
                    if told.is_err() {
                        // Whatever was the matter, it doesn't go on writing beside the other.
                        let settled = writer.settle().await;
                        assert!(
                            matches!(settled, Err(LakeError::Locked { .. })),
                            "{step:?} {count}: {settled:?}"
                        );
                    }
                }
                Err(error) => told = Err(error),
            }
            let slept = met.load(Ordering::SeqCst) >= count;
            assert!(slept || told.is_ok(), "{step:?} {count}: {told:?}");
            let tables = Kind::Bucket.open(directory.path(), Faults::default());
            let mut writer = tables.writer(NO_PATIENCE).await.expect("the lease has ended");
            let known = writer.known_objects().contains(object("three").id());
            assert!(known || told.is_err(), "{step:?} {count}: said to be read");
            read(&mut writer, &["one", "two", "three"]).await.expect("read");
            assert_eq!(lines(&tables).await, all(), "{step:?} {count}");
            assert_eq!(writer.known_objects().len(), 3, "{step:?} {count}");
            if !slept {
                assert!(count > 1, "{step:?} is never reached");
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_writer_s_batch_is_brought_to_its_end_by_the_next() {
    for step in STEPS {
        for count in [1, 2, 5, 9, 14] {
            let directory = tempfile::tempdir().expect("a directory");
            let tables = Kind::Bucket.open(directory.path(), failing_at(step, count));
            let mut told = Err(());
            if let Ok(mut writer) = tables.writer(NO_PATIENCE).await {
                told = read(&mut writer, &["one", "three"]).await.map_err(drop);
            }
            let tables = Kind::Bucket.open(directory.path(), Faults::default());
            let mut writer = tables.writer(NO_PATIENCE).await.expect("the lease has ended");
            let known = writer.known_objects().contains(object("three").id());
            assert!(known || told.is_err(), "{step:?} {count}: said to be read");
            read(&mut writer, &["one", "two", "three"]).await.expect("read");
            assert_eq!(lines(&tables).await, all(), "{step:?} {count}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_writes_the_other_is_told_and_both_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let open = || {
        let objects = Disk::open(directory.path().join("lake"), spacewatch_delta::Faults::default());
        let config = TablesConfig {
            source: "logs/".to_owned(),
            faults: Faults::default(),
        };
        let place = Place::Bucket(objects.expect("a directory"));
        LakeTables::open(place, config, Arc::clone(&clock)).expect("a bucket")
    };
    let (one, two) = (open(), open());
    let mut writer = one.writer(NO_PATIENCE).await.expect("a writer");
    read(&mut writer, &["one"]).await.expect("read");
    let refused = two.writer(NO_PATIENCE).await;
    assert!(matches!(refused, Err(LakeError::Locked { .. })));
    assert_eq!(lines(&two).await, once(&log_of("one")));
    writer.give_back().await.expect("given back");
    let mut writer = two.writer(NO_PATIENCE).await.expect("free at once");
    assert_eq!(writer.known_objects().len(), 1);
    read(&mut writer, &["one", "two", "three"]).await.expect("read");
    assert_eq!(lines(&two).await, all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_arrives_late_is_cleared_away() {
    let directory = tempfile::tempdir().expect("a directory");
    let tables = Kind::Bucket.open(directory.path(), failing_at(FaultPoint::BatchUnmarked, 1));
    let mut writer = tables.writer(NO_PATIENCE).await.expect("a writer");
    read(&mut writer, &["one"]).await.expect_err("not marked as done");
    let batches = directory.path().join("lake/batches");
    let records = || {
        let found = std::fs::read_dir(&batches).expect("a folder").flatten();
        let mut found: Vec<_> = found.map(|file| file.path()).collect();
        found.sort();
        found
    };
    let record = records().pop().expect("a record");
    let text = std::fs::read(&record).expect("a record");
    writer.settle().await.expect("settled");
    read(&mut writer, &["two"]).await.expect("read");
    // The first try of a request, whose second one was answered long ago.
    let name = record.file_name().expect("a name").to_string_lossy().into_owned();
    let path = Path::from("batches").join(name);
    tables.store().put(&path, text.into()).await.expect("written");
    drop(writer);
    let tables = Kind::Bucket.open(directory.path(), Faults::default());
    let mut writer = tables.writer(NO_PATIENCE).await.expect("the lease has ended");
    read(&mut writer, &["three"]).await.expect("read");
    assert_eq!(lines(&tables).await, all());
    assert!(!records().contains(&record));
    assert_eq!(records().len(), 2, "the fences of the two who took over");
}
