//! All lakes of a data directory.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use spacewatch_model::Clock;
use spacewatch_s3::{Fingerprint, Store};
use tokio_util::task::TaskTracker;

use crate::ingest::{Ingest, IngestConfig};
use crate::lake::OneLake;
use crate::query::{Engine, QueryConfig, QueryRuntime};
use crate::sink::TableSink;
use crate::tables::{Faults, LakeTables, Place, TablesConfig};
use crate::{Lake, LakeError, LogSource};

/// Lakes kept open at most; the one that was asked longest ago is closed.
const MAX_OPEN: usize = 256;

/// What is remembered of the files of one lake, in bytes.
const FOOTER_BYTES: usize = 64 << 20;

/// Memory that all questions together take for sorting and grouping.
const QUERY_BYTES: usize = 512 << 20;

/// What they write to disk beyond that.
const SPILL_BYTES: u64 = 8 << 30;

/// How lakes are kept.
#[derive(Debug, Clone)]
pub struct LakesConfig {
    /// Where they lie.
    pub directory: PathBuf,
    /// Bytes that all of them take on disk at most; the least recently used makes room.
    pub max_bytes: u64,
    /// How long records are kept; older ones are dropped, and log objects that old are not read.
    pub retention: Option<Duration>,
}

/// All lakes of a data directory. Clones share everything.
#[derive(Clone)]
pub struct Lakes(Arc<Inner>);

struct Inner {
    config: LakesConfig,
    clock: Arc<dyn Clock>,
    queries: OnceLock<Arc<QueryRuntime>>,
    ingest: IngestConfig,
    tasks: TaskTracker,
    open: Mutex<HashMap<(Fingerprint, LogSource), Open>>,
}

struct Open {
    lake: Arc<OneLake>,
    asked_at: Duration,
}

impl Lakes {
    /// Touches nothing before the first [`Lakes::open`].
    pub fn new(config: LakesConfig, clock: Arc<dyn Clock>) -> Self {
        let ingest = IngestConfig {
            retention: config.retention,
            ..IngestConfig::default()
        };
        Self(Arc::new(Inner {
            config,
            clock,
            queries: OnceLock::new(),
            ingest,
            tasks: TaskTracker::new(),
            open: Mutex::default(),
        }))
    }

    /// The lake of these credentials and this log. Its directory is made at the first need.
    pub async fn open(&self, store: &Store, source: LogSource) -> Result<Lake, LakeError> {
        let inner = Arc::clone(&self.0);
        let name = (store.fingerprint(), source);
        if let Some(lake) = inner.opened(&name) {
            return Ok(Lake::new(store.clone(), lake));
        }
        // The disk may be slow, and its calls wait.
        let opened = tokio::task::spawn_blocking(move || inner.open(name)).await;
        let lake = opened.map_err(|error| LakeError::Internal(error.to_string()))??;
        Ok(Lake::new(store.clone(), lake))
    }

    /// Stops reading logs everywhere and waits for what is being written.
    pub async fn close(&self) {
        for open in self.0.lock().values() {
            open.lake.ingest.cancel();
        }
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, HashMap<(Fingerprint, LogSource), Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self, name: &(Fingerprint, LogSource)) -> Option<Arc<OneLake>> {
        let mut open = self.lock();
        let found = open.get_mut(name)?;
        found.asked_at = self.clock.elapsed();
        Some(Arc::clone(&found.lake))
    }

    fn open(&self, name: (Fingerprint, LogSource)) -> Result<Arc<OneLake>, LakeError> {
        let lake = Arc::new(self.make(&name)?);
        let asked_at = self.clock.elapsed();
        let mut open = self.lock();
        if open.len() >= MAX_OPEN && !open.contains_key(&name) {
            let idle = open.iter().filter(|(_, open)| Arc::strong_count(&open.lake) == 1);
            let oldest = idle
                .min_by_key(|(_, open)| open.asked_at)
                .map(|(name, _)| name.clone());
            oldest.map(|oldest| open.remove(&oldest));
        }
        // Somebody else may have opened it meanwhile.
        let open = open.entry(name).or_insert(Open { lake, asked_at });
        Ok(Arc::clone(&open.lake))
    }

    fn make(&self, (fingerprint, source): &(Fingerprint, LogSource)) -> Result<OneLake, LakeError> {
        let log = format!("{}/{}", source.bucket, source.prefix);
        let lakes = self.config.directory.join("lakes");
        let place = lakes
            .join(hex(fingerprint.as_bytes().get(..16).unwrap_or_default()))
            .join(hex(blake3::hash(log.as_bytes())
                .as_bytes()
                .get(..16)
                .unwrap_or_default()));
        let config = TablesConfig {
            source: log,
            faults: Faults::default(),
        };
        let tables = LakeTables::open(Place::Directory(place), config, Arc::clone(&self.clock))?;
        let sink = TableSink::new(tables.clone(), self.tasks.clone());
        Ok(OneLake {
            source: source.clone(),
            engine: Engine::new(self.queries()?, FOOTER_BYTES),
            ingest: Ingest::new(
                Arc::new(sink),
                source.clone(),
                self.ingest.clone(),
                Arc::clone(&self.clock),
                self.tasks.clone(),
            ),
            tables,
            clock: Arc::clone(&self.clock),
        })
    }

    /// The threads for questions, started with the first lake.
    fn queries(&self) -> Result<Arc<QueryRuntime>, LakeError> {
        if let Some(running) = self.queries.get() {
            return Ok(Arc::clone(running));
        }
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let started = QueryRuntime::start(&QueryConfig {
            threads,
            memory: QUERY_BYTES,
            spill_directory: self.config.directory.join("spill"),
            spill_bytes: SPILL_BYTES,
            at_once: threads.saturating_mul(4),
        })?;
        Ok(Arc::clone(self.queries.get_or_init(|| started)))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
