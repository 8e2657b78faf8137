//! Lakes in a bucket, shared by processes.

use spacewatch_demo::{DemoStore, Operation, RunningStore};
use spacewatch_model::{Secret, SystemClock, TimeRange};
use spacewatch_s3::{Credentials, Endpoint, Progress, PutMode, Stores, StoresConfig};
use spacewatch_telemetry::{Config, Recorder};
use tempfile::TempDir;

use super::*;
use crate::tables::tests::line;
use crate::{Patience, SqlLimits};

/// A process of its own: a data directory, a client, open lakes.
struct Process {
    lakes: Lakes,
    store: Store,
    data: TempDir,
}

impl Process {
    fn new(running: &RunningStore, place: LakePlace) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let recorder = Recorder::new(Config::default(), Arc::clone(&clock));
        let stores = Stores::new(StoresConfig::default(), recorder, Arc::clone(&clock));
        let credentials = Credentials::new("test-key".to_owned(), Secret::new("test-secret"));
        let url = running.endpoint().parse().expect("a URL");
        let endpoint = Endpoint::trusted(&url, "us-east-1".parse().expect("a region"));
        let data = tempfile::tempdir().expect("a directory");
        let config = LakesConfig {
            directory: data.path().to_owned(),
            place,
            max_bytes: 1 << 30,
            retention: None,
        };
        Self {
            lakes: Lakes::new(config, clock),
            store: stores.open(credentials.expect("credentials"), endpoint),
            data,
        }
    }

    async fn lake(&self) -> Lake {
        let opened = match self.lakes.place() {
            LakePlace::Disk => self.lakes.open(&self.store, source()).await,
            LakePlace::Bucket => {
                self.lakes
                    .open_in(&self.store, source(), folder("kept/lake/"))
                    .await
            }
        };
        opened.expect("a lake")
    }

    async fn read(&self) {
        let read = self
            .lake()
            .await
            .listed_within(Some(Duration::ZERO))
            .freshen(ever(), Patience::Complete, &Progress::default())
            .await;
        read.expect("read");
    }

    async fn answer(&self) -> String {
        let limits = SqlLimits {
            rows: 100,
            memory: 64 << 20,
            time: Duration::from_secs(60),
        };
        let text = "SELECT bucket, key, count(*) FROM requests GROUP BY bucket, key ORDER BY bucket, key";
        let answer = self.lake().await.sql(text, limits).await.expect("an answer");
        let rows = answer
            .rows
            .into_iter()
            .map(|row| serde_json::Value::from(row).to_string());
        rows.collect::<Vec<_>>().join("\n")
    }
}

fn ever() -> TimeRange {
    TimeRange::new(None, None).expect("a period")
}

fn source() -> LogSource {
    LogSource {
        bucket: "logs".parse().expect("a name"),
        prefix: "a/".parse().expect("a prefix"),
    }
}

fn folder(prefix: &str) -> LakeFolder {
    LakeFolder {
        bucket: "metrics".parse().expect("a name"),
        prefix: prefix.parse().expect("a prefix"),
    }
}

fn text(keys: &[&str]) -> String {
    let lines = keys
        .iter()
        .zip(1..)
        .map(|(key, second)| line("alpha", 6, second, key) + "\n");
    lines.collect()
}

async fn store() -> RunningStore {
    let store = DemoStore::empty()
        .with_object("logs", "a/one", text(&["x", "y", "z"]).as_str())
        .with_object("logs", "a/two", text(&["x", "v"]).as_str())
        .with_object("metrics", "kept/lake-not/mine", "of somebody else");
    store
        .start(([127, 0, 0, 1], 0).into())
        .await
        .expect("a free port")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_reads_another_answers_from() {
    let running = store().await;
    let [one, two] = [LakePlace::Bucket; 2].map(|place| Process::new(&running, place));
    let alone = Process::new(&running, LakePlace::Disk);
    assert_eq!(two.answer().await, "", "nothing was read");
    one.read().await;
    alone.read().await;
    assert_eq!(
        alone.answer().await.lines().count(),
        4,
        "the same line counts once"
    );
    assert_eq!(one.answer().await, alone.answer().await);
    one.lakes.finish().await;
    // Within a second the other sees what was committed; one that begins now sees it at once.
    let late = Process::new(&running, LakePlace::Bucket);
    assert_eq!(late.answer().await, alone.answer().await);
    let writes = || running.requests().of(Operation::PutObject);
    let before = writes();
    late.read().await;
    late.lakes.finish().await;
    assert_eq!(late.answer().await, alone.answer().await);
    assert!(
        writes() - before < 8,
        "nothing was read anew, and the lease cost little"
    );
    // The next object is read by the other one.
    let key = "a/three".parse().expect("a key");
    let (bucket, more) = (source().bucket, text(&["x", "w", "u"]).into());
    let put = two.store.put_object(&bucket, &key, more, PutMode::Create);
    put.await.expect("written");
    two.read().await;
    alone.read().await;
    assert_eq!(alone.answer().await.lines().count(), 6);
    assert_eq!(two.answer().await, alone.answer().await);
    two.lakes.finish().await;
    // All of it lies below the folder, nothing on disk, and nothing of others was touched.
    let keys = running.handle().keys("metrics");
    let (own, other): (Vec<_>, Vec<_>) = keys.iter().partition(|key| key.starts_with("kept/lake/"));
    assert!(own.len() > 8, "{own:?}");
    assert_eq!(other, ["kept/lake-not/mine"]);
    let on_disk = std::fs::read_dir(one.data.path().join(LAKES)).map_or(0, Iterator::count);
    assert_eq!(on_disk, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lake_among_its_own_log_objects_is_refused() {
    let running = store().await;
    let one = Process::new(&running, LakePlace::Bucket);
    let among = LakeFolder {
        bucket: source().bucket,
        prefix: "a/lake/".parse().expect("a prefix"),
    };
    let refused = one.lakes.open_in(&one.store, source(), among).await.err();
    assert!(matches!(refused, Some(LakeError::Question(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lake_in_a_bucket_is_closed_when_nobody_asks() {
    let running = store().await;
    let clock = Arc::new(spacewatch_model::ManualClock::starting_at(
        SystemClock::new().now(),
    ));
    let mut one = Process::new(&running, LakePlace::Bucket);
    let config = LakesConfig {
        directory: one.data.path().to_owned(),
        place: LakePlace::Bucket,
        max_bytes: 1 << 30,
        retention: None,
    };
    one.lakes = Lakes::new(config, Arc::clone(&clock) as Arc<dyn Clock>);
    drop(one.lake().await);
    clock.advance(IDLE);
    let other = folder("other/");
    one.lakes
        .open_in(&one.store, source(), other.clone())
        .await
        .expect("a lake");
    let open: Vec<_> = one
        .lakes
        .0
        .open
        .lock()
        .keys()
        .map(|(_, _, folder)| folder.clone())
        .collect();
    assert_eq!(open, [Some(other)]);
}
