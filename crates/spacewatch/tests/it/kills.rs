//! The program is killed again and again while it reads access logs. Nothing is lost then, and nothing doubled.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use spacewatch_demo::{DemoStore, RunningStore};
use spacewatch_model::{Secret, SystemClock};
use spacewatch_s3::{Credentials, Endpoint, PutMode, Store, Stores, StoresConfig};
use spacewatch_telemetry::{Config, Recorder};

use crate::sandbox::Sandbox;

/// Log objects that are there from the beginning, and those that come before each run that is killed.
const FIRST: usize = 20;
const MORE: usize = 2;
/// New requests in each log object.
const REQUESTS: usize = 100;
/// Files of the dead that lie about when a run is killed while it clears them away.
const ORPHANS: usize = 100;
/// Runs that are killed in one lake, and each in a lake of its own.
const KILLS: usize = 60;
const YOUNG_KILLS: usize = 15;

const BUCKETS: [&str; 4] = ["prod-assets", "media", "backups", "logs-of-logs"];
const TABLES: [&str; 4] = ["requests", "cdn", "rejects", "log_objects"];

/// A request; each number gives another one.
struct Request(usize);

impl Request {
    fn bucket(&self) -> &'static str {
        BUCKETS[self.0 % BUCKETS.len()]
    }

    fn day(&self) -> usize {
        4 + self.0 / 7 % 3
    }

    fn bytes(&self) -> usize {
        self.0 * 31
    }

    fn line(&self) -> String {
        let (number, bucket, day, bytes) = (self.0, self.bucket(), self.day(), self.bytes());
        format!(
            "79a59df9 {bucket} [{day:02}/Feb/2026:{:02}:{:02}:38 +0000] 192.0.2.{} - {number:016X} REST.GET.OBJECT \
             cat-{number:07}.jpg \"GET /{bucket}/cat-{number:07}.jpg HTTP/1.1\" 200 - {bytes} {bytes} 27 7 \"-\" \
             \"curl/8.5.0\" -\n",
            number % 24,
            number / 24 % 60,
            number % 250,
        )
    }
}

/// What the log holds, counted while it is made.
#[derive(Default)]
struct Truth {
    objects: usize,
    lines: usize,
    requests: usize,
    bytes: usize,
    repeated: usize,
    broken: usize,
    days: BTreeMap<(&'static str, usize), usize>,
}

impl Truth {
    /// The next log object: new requests, some of them twice, some of an earlier object, and lines that are no records.
    fn next_object(&mut self) -> (String, Vec<u8>) {
        let number = self.objects;
        let mut text = String::new();
        for request in (number * REQUESTS..).take(REQUESTS).map(Request) {
            text += &request.line();
            self.requests += 1;
            self.bytes += request.bytes();
            *self.days.entry((request.bucket(), request.day())).or_default() += 1;
            if request.0 % 13 == 0 {
                text += &request.line();
                self.repeated += 1;
            }
            // What another object holds as well: the one before, or one that was most likely read by another run.
            let older = request
                .0
                .checked_sub(if request.0 % 2 == 0 { 100 } else { 1_700 });
            if let (0, Some(older)) = (request.0 % 9, older) {
                text += &Request(older).line();
                self.repeated += 1;
            }
            if request.0 % 31 == 0 {
                writeln!(text, "79a59df9 media [31/Feb/2026 broken {}", request.0).unwrap();
                self.broken += 1;
            }
        }
        self.lines += text.lines().count();
        self.objects += 1;
        match number % 3 {
            0 => (format!("access/{number:05}.gz"), gzip(text.as_bytes())),
            _ => (format!("access/{number:05}"), text.into_bytes()),
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A log bucket, and the program that reads it.
struct Scene {
    _running: RunningStore,
    store: Store,
    sandbox: Sandbox,
    truth: Truth,
}

impl Scene {
    async fn new() -> Self {
        let running = DemoStore::empty()
            .with_bucket("logs")
            .start(([127, 0, 0, 1], 0).into())
            .await
            .unwrap();
        let clock = Arc::new(SystemClock::new());
        let config = StoresConfig {
            rate_per_second: 100_000,
            ..StoresConfig::default()
        };
        let stores = Stores::new(config, Recorder::new(Config::default(), clock.clone()), clock);
        let store = stores.open(
            Credentials::new("test-key".to_owned(), Secret::new("test-secret")).unwrap(),
            Endpoint::trusted(&running.endpoint().parse().unwrap(), "us-east-1".parse().unwrap()),
        );
        let sandbox = Sandbox::new()
            .with_variable("SPACES_ENDPOINT", &running.endpoint())
            .with_variable("SPACES_KEY", "test-key")
            .with_variable("SPACES_SECRET", "test-secret")
            .with_variable("ACCESS_LOGS_BUCKET", "logs");
        let mut scene = Self {
            _running: running,
            store,
            sandbox,
            truth: Truth::default(),
        };
        scene.deliver(FIRST).await;
        scene
    }

    async fn deliver(&mut self, objects: usize) {
        for _ in 0..objects {
            let (key, body) = self.truth.next_object();
            let (bucket, key) = ("logs".parse().unwrap(), key.parse().unwrap());
            let put = self.store.put_object(&bucket, &key, body.into(), PutMode::Create);
            put.await.unwrap();
        }
    }

    fn start(&self, lake: &str) -> Child {
        let mut command = self
            .sandbox
            .command(&["logs", "ingest", "--json", "--data-dir", lake]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn ask(&self, lake: &str, args: &[&str]) -> Value {
        let mut command = self.sandbox.command(args);
        let output = command.args(["--json", "--data-dir", lake]).output().unwrap();
        answer(&output)
    }

    fn sql(&self, lake: &str, question: &str) -> Value {
        self.ask(lake, &["logs", "sql", question])["rows"].take()
    }

    /// The directory of the only lake, once it is there.
    fn directory(&self, lake: &str) -> Option<PathBuf> {
        let only = |directory: PathBuf| fs::read_dir(directory).ok()?.next()?.ok();
        let tenant = only(self.sandbox.path().join(lake).join("lakes"))?;
        Some(only(tenant.path())?.path())
    }

    /// Lets a run go to its end, and compares what the lake says with what the log holds.
    fn check(&self, lake: &str) {
        if let Some(lake) = self.directory(lake) {
            age(&lake);
        }
        let read = answer(&self.start(lake).wait_with_output().unwrap());
        assert_eq!(read["status"]["objects_pending"], 0, "{read:#}");
        assert_eq!(read["status"]["objects_failed"], 0, "{read:#}");
        let Truth {
            objects,
            lines,
            requests,
            bytes,
            repeated,
            broken,
            ..
        } = self.truth;
        let coverage = &read["coverage"];
        assert_eq!(coverage["objects_read"], objects);
        assert_eq!(coverage["lines_read"], lines);
        assert_eq!(coverage["lines_rejected"], broken);
        assert_eq!(coverage["lines_duplicate"], repeated);
        let counted = self.sql(
            lake,
            "SELECT count(*), count(DISTINCT request_id), sum(bytes_sent) FROM requests",
        );
        assert_eq!(counted, json!([[requests, requests, bytes]]));
        let hashes = "SELECT count(*) FROM (SELECT DISTINCT line_hash_high, line_hash_low FROM requests)";
        assert_eq!(self.sql(lake, hashes), json!([[requests]]));
        let days = "SELECT bucket, date, count(*) FROM requests GROUP BY 1, 2 ORDER BY 1, 2";
        let expected = self.truth.days.iter();
        let expected: Vec<_> = expected
            .map(|((bucket, day), count)| json!([bucket, format!("2026-02-{day:02}"), count]))
            .collect();
        assert_eq!(self.sql(lake, days), Value::Array(expected));
        let rejects = "SELECT count(*), count(DISTINCT line) FROM rejects";
        assert_eq!(self.sql(lake, rejects), json!([[broken, broken]]));
        let objects_read = "SELECT count(*), count(DISTINCT key), sum(lines), sum(records), sum(duplicates), sum(rejected) \
                            FROM log_objects";
        assert_eq!(
            self.sql(lake, objects_read),
            json!([[objects, objects, lines, requests, repeated, broken]])
        );
        let top = self.ask(lake, &["logs", "top", "--by", "bucket", "--from", "2026-02-01"]);
        let sum = |what: &str| -> u64 {
            let rows = top["rows"].as_array().unwrap();
            rows.iter().map(|row| row[what].as_u64().unwrap()).sum()
        };
        assert_eq!(sum("requests"), requests as u64);
        assert_eq!(sum("bytes_sent"), bytes as u64);
        assert_eq!(self.phase(lake), Phase::Settled);
    }

    /// How far the lake's newest batch is.
    fn phase(&self, lake: &str) -> Phase {
        let Some(directory) = self.directory(lake) else {
            return Phase::NoLake;
        };
        let Some(batch) = names(&directory.join("batches")).pop_last() else {
            return match unnamed_parts(&directory) {
                true => Phase::PartsWritten,
                false => Phase::Settled,
            };
        };
        let Ok(number) = batch.trim_end_matches(".json").parse::<u64>() else {
            return Phase::PartsWritten;
        };
        let text = fs::read_to_string(directory.join("batches").join(&batch)).unwrap();
        let batch: Value = serde_json::from_str(&text).expect("a batch that is recorded is whole");
        let told = batch["adds"].as_object().unwrap();
        let have = told.keys().filter(|table| has(&directory, table, number));
        Phase::Recorded {
            tables: told.len(),
            have: have.count(),
        }
    }
}

/// Where a kill hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    NoLake,
    /// All that is in the tables is known, and nothing else is there.
    Settled,
    /// Files that no table names, of a batch that is not recorded.
    PartsWritten,
    /// The batch is recorded for so many tables, and so many have it.
    Recorded {
        tables: usize,
        have: usize,
    },
}

/// When a run is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    After(Duration),
    /// As soon as there is something new in this folder of the lake.
    New(&'static str),
    /// After so many times files became one, most likely while the next ones do.
    Merged(usize),
    /// After so many files that nobody needs were removed.
    Vacuumed(usize),
}

impl Moment {
    /// Looks whether it has come. Made before the run begins.
    fn watch<'a>(self, scene: &'a Scene, lake: &'a str) -> Box<dyn FnMut() -> bool + 'a> {
        let found = move |folder: &str| match scene.directory(lake) {
            Some(lake) => (names(&lake.join(folder)), lake.join(folder)),
            None => (BTreeSet::new(), PathBuf::new()),
        };
        match self {
            Self::After(delay) => {
                let started = Instant::now();
                Box::new(move || started.elapsed() >= delay)
            }
            Self::New(folder) => {
                let (there, _) = found(folder);
                Box::new(move || !found(folder).0.is_subset(&there))
            }
            Self::Merged(times) => {
                let (mut there, _) = found("requests/_delta_log");
                let mut merged = 0;
                Box::new(move || {
                    let (now, folder) = found("requests/_delta_log");
                    for name in now.difference(&there).filter(|name| name.ends_with(".json")) {
                        let commit = fs::read_to_string(folder.join(name)).unwrap_or_default();
                        merged += usize::from(commit.contains("\"remove\""));
                    }
                    there = now;
                    merged > times
                })
            }
            Self::Vacuumed(files) => {
                let (_, folder) = found("requests");
                for number in (0..ORPHANS).filter(|_| folder.is_dir()) {
                    fs::write(folder.join(format!("part-dead-{number}.parquet")), "dead").unwrap();
                    age_file(&folder.join(format!("part-dead-{number}.parquet")));
                }
                Box::new(move || {
                    let (now, folder) = found("requests");
                    let left = now.iter().filter(|name| name.starts_with("part-dead-"));
                    folder.is_dir() && left.count() + files < ORPHANS
                })
            }
        }
    }
}

/// Makes a file look so old that nobody reads it any more.
fn age_file(path: &Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH).unwrap();
}

/// The same for all files of a lake; those that a table took out a moment ago stay nevertheless.
fn age(lake: &Path) {
    for folder in TABLES.map(|table| lake.join(table)) {
        for part in names(&folder).iter().filter(|name| name.starts_with("part-")) {
            age_file(&folder.join(part));
        }
    }
}

/// A program that was killed, or that ended before.
fn kill(scene: &Scene, lake: &str, moment: Moment) -> bool {
    let mut has_come = moment.watch(scene, lake);
    let mut child = scene.start(lake);
    while !has_come() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let alive = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    if !alive {
        // Nothing but the kill keeps a run from its end.
        answer(&output);
    }
    alive
}

fn answer(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} {said}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn names(directory: &Path) -> BTreeSet<String> {
    let found = fs::read_dir(directory).into_iter().flatten().flatten();
    found
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

/// All that the log of a table says.
fn log(lake: &Path, table: &str) -> String {
    let directory = lake.join(table).join("_delta_log");
    let commits = names(&directory)
        .into_iter()
        .filter(|name| name.ends_with(".json"));
    commits
        .map(|name| fs::read_to_string(directory.join(name)).unwrap())
        .collect()
}

fn has(lake: &Path, table: &str, batch: u64) -> bool {
    let log = log(lake, table);
    let mut transactions = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    transactions.any(|action| action["txn"]["version"] == batch)
}

/// Whether a table's folder holds files of a batch that it doesn't know.
fn unnamed_parts(lake: &Path) -> bool {
    TABLES.iter().any(|table| {
        let log = log(lake, table);
        let parts = names(&lake.join(table));
        parts
            .iter()
            .any(|part| part.starts_with("part-") && !log.contains(part.as_str()))
    })
}

/// The moments of kill number `n`: some at a time that sweeps over a whole run, the others at what is hard to hit by chance.
fn moment(n: usize, whole: Duration) -> Moment {
    let folders = [
        "requests",
        "batches",
        "requests/_delta_log",
        "rejects/_delta_log",
        "log_objects/_delta_log",
    ];
    let round = n / 4;
    match n % 4 {
        0 => Moment::After(whole * u32::try_from(round * 17 % 31).unwrap() / 28),
        1 => Moment::New(folders[round % folders.len()]),
        2 => Moment::Merged(round * 5 % 12),
        _ => Moment::Vacuumed(round * 13 % ORPHANS),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lake_outlives_every_kill() {
    let mut scene = Scene::new().await;
    let started = Instant::now();
    scene.check("whole");
    let started_run = Instant::now();
    answer(&scene.start("measured").wait_with_output().unwrap());
    let whole = started_run.elapsed();

    let mut phases: BTreeMap<(usize, Phase, bool), usize> = BTreeMap::new();
    for n in 0..KILLS {
        let alive = kill(&scene, "lake", moment(n, whole));
        *phases.entry((n % 4, scene.phase("lake"), alive)).or_default() += 1;
        scene.deliver(MORE).await;
    }
    scene.check("lake");
    // Nothing is left to be done, so a second look changes nothing.
    scene.check("lake");
    eprintln!("{whole:?} a run, {:?} in all: {phases:#?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lake_that_is_being_made_outlives_a_kill() {
    let scene = Scene::new().await;
    let started_run = Instant::now();
    scene.check("measured");
    let whole = started_run.elapsed();
    for n in 0..YOUNG_KILLS {
        let lake = format!("lake-{n}");
        // Nothing is there yet that could become one, or be removed.
        let alive = kill(&scene, &lake, moment(n / 2 * 4 + n % 2, whole));
        eprintln!("{n}: {:?} {alive}", scene.phase(&lake));
        scene.check(&lake);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_one_lake_in_turn() {
    let mut scene = Scene::new().await;
    for round in 0..6 {
        scene.deliver(MORE).await;
        let mut children = [scene.start("lake"), scene.start("lake"), scene.start("lake")];
        if round % 2 == 1 {
            // The one who waits for the lock of another that is killed goes on with its batch.
            children[0].kill().unwrap();
        }
        for child in children.into_iter().skip(round % 2) {
            let read = answer(&child.wait_with_output().unwrap());
            eprintln!("{round}: {}", read["status"]);
        }
        scene.check("lake");
    }
}
