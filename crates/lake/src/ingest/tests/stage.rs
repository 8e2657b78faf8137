//! A store with logs, and a sink that keeps rows in memory.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use async_trait::async_trait;
use bytes::Bytes;
use spacewatch_access_log::{LineHashKey, rebuild};
use spacewatch_demo::{DemoStore, RunningStore};
use spacewatch_model::{ManualClock, Secret, SystemClock};
use spacewatch_s3::{Credentials, Endpoint, PutMode, Stores, StoresConfig};
use spacewatch_telemetry::{Config, Recorder};

use super::super::*;
use crate::tables::{KnownObjects, LogObject, LogObjectId, RejectedLine};

/// Rows of a committed batch: log object, offset, line.
type Row = (String, i64, Vec<u8>);

/// Keeps what a lake would keep.
#[derive(Default)]
pub(super) struct Memory {
    state: Arc<Mutex<Kept>>,
    /// Writes from this one on fail, as on a full disk.
    pub(super) full_from: Arc<AtomicUsize>,
    maintained: AtomicUsize,
    /// Tidying up ends only when it is told to.
    pub(super) tidies_for_ever: AtomicBool,
    pub(super) tidying_fails: AtomicBool,
}

#[derive(Default)]
struct Kept {
    rows: Vec<Row>,
    requests: usize,
    cdn: usize,
    hashes: HashSet<(i64, i64)>,
    objects: Vec<LogObject>,
    rejects: Vec<RejectedLine>,
    batches: usize,
    open: bool,
    writes: usize,
    largest_write: usize,
}

struct Open {
    state: Arc<Mutex<Kept>>,
    full_from: Arc<AtomicUsize>,
    rows: Vec<Row>,
    hashes: HashSet<(i64, i64)>,
    counts: (usize, usize),
}

impl Drop for Open {
    fn drop(&mut self) {
        self.state.lock().expect("no panic").open = false;
    }
}

#[async_trait]
impl LogSink for Memory {
    async fn known(&self) -> Result<(KnownObjects, LineHashKey), LakeError> {
        let mut known = KnownObjects::new([7; 32]);
        let kept = self.state.lock().expect("no panic");
        for object in &kept.objects {
            known.insert(LogObjectId {
                key: &object.key,
                etag: object.etag.as_deref(),
                size: object.size,
            });
        }
        Ok((known, LineHashKey::new(&[7; 32])))
    }

    async fn begin(&self) -> Result<Box<dyn BatchSink>, LakeError> {
        let mut kept = self.state.lock().expect("no panic");
        assert!(!kept.open, "one batch at a time");
        kept.open = true;
        Ok(Box::new(Open {
            state: self.state.clone(),
            full_from: self.full_from.clone(),
            rows: Vec::new(),
            hashes: HashSet::new(),
            counts: (0, 0),
        }))
    }

    async fn maintain(&self, cancel: &CancellationToken) -> Result<(), LakeError> {
        self.maintained.fetch_add(1, SeqCst);
        if self.tidies_for_ever.load(SeqCst) {
            cancel.cancelled().await;
        }
        match self.tidying_fails.load(SeqCst) {
            true => Err(LakeError::Internal("dust".to_owned())),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl BatchSink for Open {
    async fn write(
        &mut self,
        requests: Vec<RecordBatch>,
        cdn: Vec<RecordBatch>,
    ) -> Result<HashMap<String, u64>, LakeError> {
        let state = self.state.clone();
        let mut kept = state.lock().expect("no panic");
        kept.writes += 1;
        let full_from = self.full_from.load(SeqCst);
        if full_from > 0 && kept.writes >= full_from {
            return Err(LakeError::Disk {
                doing: "write",
                path: "requests/part".to_owned(),
                cause: "no space left on device".to_owned(),
            });
        }
        let mut duplicates = HashMap::new();
        let mut bytes = 0;
        for batch in &requests {
            self.counts.0 += self.take(batch, &kept.hashes, &mut duplicates, &mut bytes);
        }
        for batch in &cdn {
            self.counts.1 += self.take(batch, &kept.hashes, &mut duplicates, &mut bytes);
        }
        kept.largest_write = kept.largest_write.max(bytes);
        Ok(duplicates)
    }

    async fn commit(
        mut self: Box<Self>,
        objects: Vec<LogObject>,
        rejects: Vec<RejectedLine>,
    ) -> Result<(), LakeError> {
        let state = self.state.clone();
        let mut kept = state.lock().expect("no panic");
        let mine: HashSet<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        assert!(
            self.rows
                .iter()
                .all(|(object, ..)| mine.contains(object.as_str())),
            "whole objects only"
        );
        kept.rows.append(&mut self.rows);
        kept.hashes.extend(self.hashes.drain());
        kept.requests += self.counts.0;
        kept.cdn += self.counts.1;
        kept.objects.extend(objects);
        kept.rejects.extend(rejects);
        kept.batches += 1;
        drop(kept);
        Ok(())
    }
}

impl Open {
    fn take(
        &mut self,
        batch: &RecordBatch,
        before: &HashSet<(i64, i64)>,
        duplicates: &mut HashMap<String, u64>,
        bytes: &mut usize,
    ) -> usize {
        let words = arrow_cast_to_text(batch, "log_object");
        let number = |name: &str| {
            batch
                .column_by_name(name)
                .expect("a column")
                .as_primitive::<Int64Type>()
                .clone()
        };
        let (offsets, high, low) = (
            number("log_offset"),
            number("line_hash_high"),
            number("line_hash_low"),
        );
        let mut taken = 0;
        for (row, object) in words.into_iter().enumerate() {
            let hash = (high.value(row), low.value(row));
            let line = rebuild(batch, row).expect("a line");
            *bytes += line.len();
            if before.contains(&hash) || !self.hashes.insert(hash) {
                *duplicates.entry(object).or_default() += 1;
                continue;
            }
            self.rows.push((object, offsets.value(row), line));
            taken += 1;
        }
        taken
    }
}

fn arrow_cast_to_text(batch: &RecordBatch, column: &str) -> Vec<String> {
    let column = batch
        .column_by_name(column)
        .expect("a column")
        .as_any_dictionary();
    let (words, keys) = (column.values().as_string::<i32>(), column.normalized_keys());
    keys.into_iter().map(|key| words.value(key).to_owned()).collect()
}

impl Memory {
    fn kept<T>(&self, look: impl FnOnce(&Kept) -> T) -> T {
        look(&self.state.lock().expect("no panic"))
    }

    /// All lines, sorted.
    pub(super) fn lines(&self) -> String {
        let mut lines = self.kept(|kept| {
            kept.rows
                .iter()
                .map(|(_, _, line)| line.clone())
                .collect::<Vec<_>>()
        });
        lines.sort();
        let lines = lines
            .into_iter()
            .map(|line| String::from_utf8(line).expect("text") + "\n");
        lines.collect()
    }

    pub(super) fn rows(&self) -> (usize, usize) {
        self.kept(|kept| (kept.requests, kept.cdn))
    }

    pub(super) fn batches(&self) -> usize {
        self.kept(|kept| kept.batches)
    }

    pub(super) fn maintained(&self) -> usize {
        self.maintained.load(SeqCst)
    }

    pub(super) fn largest_write(&self) -> usize {
        self.kept(|kept| kept.largest_write)
    }

    pub(super) fn object(&self, key: &str) -> LogObject {
        let found = self.kept(|kept| {
            kept.objects
                .iter()
                .filter(|object| object.key == key)
                .cloned()
                .collect::<Vec<_>>()
        });
        assert_eq!(found.len(), 1, "{key} is known once");
        found.into_iter().next().expect("an object")
    }

    pub(super) fn knows(&self, key: &str) -> bool {
        self.kept(|kept| kept.objects.iter().any(|object| object.key == key))
    }

    pub(super) fn rejects(&self, key: &str) -> Vec<RejectedLine> {
        self.kept(|kept| {
            kept.rejects
                .iter()
                .filter(|reject| reject.log_object == key)
                .cloned()
                .collect()
        })
    }
}

pub(super) struct Stage {
    pub(super) running: RunningStore,
    pub(super) store: Store,
    pub(super) sink: Arc<Memory>,
    pub(super) ingest: Ingest,
    pub(super) clock: Arc<ManualClock>,
}

/// Quick to try again.
pub(super) fn config() -> IngestConfig {
    IngestConfig {
        first_retry: Duration::ZERO,
        ..IngestConfig::default()
    }
}

impl Stage {
    pub(super) async fn of(store: DemoStore) -> Self {
        Self::with(store, config()).await
    }

    pub(super) async fn with(store: DemoStore, config: IngestConfig) -> Self {
        let clock = super::clock();
        let running = store
            .start(([127, 0, 0, 1], 0).into())
            .await
            .expect("a free port");
        let real = Arc::new(SystemClock::new());
        let quick = StoresConfig {
            first_byte_timeout: Duration::from_millis(500),
            attempts: 3,
            rate_per_second: 100_000,
            ..StoresConfig::default()
        };
        let stores = Stores::new(quick, Recorder::new(Config::default(), real.clone()), real);
        let url = running.endpoint().parse().expect("a URL");
        let store = stores.open(
            Credentials::new("test-key".to_owned(), Secret::new("test-secret")).expect("credentials"),
            Endpoint::trusted(&url, "us-east-1".parse().expect("a region")),
        );
        let sink = Arc::new(Memory::default());
        let source = LogSource {
            bucket: "logs".parse().expect("a name"),
            prefix: "a/".parse().expect("a prefix"),
        };
        let ingest = Ingest::new(sink.clone(), source, config, clock.clone(), TaskTracker::new());
        Self {
            running,
            store,
            sink,
            ingest,
            clock,
        }
    }

    /// A run, and how it ended.
    pub(super) async fn read(&self) -> IngestStatus {
        self.clock.advance(Duration::from_secs(60));
        self.ingest.start(&self.store, TimeRange::ALWAYS);
        self.over().await;
        self.ingest.status()
    }

    /// Waits until no run goes on.
    pub(super) async fn over(&self) {
        self.ingest.settled(TimeRange::ALWAYS).await;
        let mut status = self.ingest.watch();
        status
            .wait_for(|status| !status.phase.is_active())
            .await
            .expect("a run");
        // Its last act is to make room for the next.
        while self.ingest.0.turn().running.is_some() {
            tokio::task::yield_now().await;
        }
    }

    pub(super) async fn put(&self, key: &str, body: Bytes) {
        let (bucket, key) = ("logs".parse().expect("a name"), key.parse().expect("a key"));
        let put = self.store.put_object(&bucket, &key, body, PutMode::Overwrite);
        put.await.expect("room");
    }
}

/// The line of a request; each number gives another one, in order.
pub(super) fn line(bucket: &str, number: usize) -> String {
    format!(
        "79a59df9 {bucket} [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - {number:016X} REST.GET.OBJECT cat-{number:07}.jpg \
         \"GET /{bucket}/cat-{number:07}.jpg HTTP/1.1\" 200 - 113 113 27 7 \"-\" \"curl/8.5.0\" -\n"
    )
}

pub(super) fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory").into()
}

pub(super) fn zstd(bytes: &[u8]) -> Bytes {
    zstd::encode_all(bytes, 1).expect("memory").into()
}
