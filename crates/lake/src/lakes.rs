//! All lakes of a data directory.

mod spill;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use object_store::ObjectStore;
use spacewatch_delta::Bucket;
use spacewatch_model::{BucketName, Clock, Prefix};
use spacewatch_s3::{Fingerprint, Store};
use tokio_util::task::TaskTracker;

use crate::answers::Answers;
use crate::ingest::{Ingest, IngestConfig};
use crate::lake::OneLake;
use crate::maintenance::{MaintenanceConfig, Quota, clear_leaving, touch};
use crate::query::{Engine, QueryConfig, QueryRuntime};
use crate::sink::{Room, TableSink, Upkeep};
use crate::tables::{Faults, LakeTables, Place, TablesConfig};
use crate::{Lake, LakeError, LogSource};
use spill::Spill;

/// The folder of all lakes.
const LAKES: &str = "lakes";

/// When a lake was asked is noted down this often at most.
const NOTE_EVERY: Duration = Duration::from_secs(60);

/// Lakes kept open at most; the one that was asked longest ago is closed.
const MAX_OPEN: usize = 256;

/// What is remembered of the files of one lake, in bytes.
const FOOTER_BYTES: usize = 64 << 20;

/// Memory that all questions together take for sorting and grouping.
const QUERY_BYTES: usize = 512 << 20;

/// What they write to disk beyond that.
const SPILL_BYTES: u64 = 8 << 30;

/// A lake in a bucket that nobody asked for so long is closed, and with it the credentials that it was opened with.
const IDLE: Duration = Duration::from_secs(15 * 60);

/// Where lakes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LakePlace {
    /// In the data directory.
    #[default]
    Disk,
    /// In a bucket of whoever asks, so that several servers share them.
    Bucket,
}

/// A folder of a bucket, for lakes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LakeFolder {
    /// The bucket, which is written to.
    pub bucket: BucketName,
    /// Where in it.
    pub prefix: Prefix,
}

/// How lakes are kept.
#[derive(Debug, Clone)]
pub struct LakesConfig {
    /// Where they lie, and what questions write to disk.
    pub directory: PathBuf,
    /// Whether they lie there.
    pub place: LakePlace,
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
    open: Arc<OpenLakes>,
    quota: Arc<Quota>,
    spill: OnceLock<Spill>,
}

/// The lakes that this process has open.
#[derive(Default)]
struct OpenLakes(Mutex<HashMap<Name, Open>>);

/// Whose log it is, and in which bucket its lake lies if not on disk.
type Name = (Fingerprint, LogSource, Option<LakeFolder>);

struct Open {
    lake: Arc<OneLake>,
    /// On disk.
    directory: Option<PathBuf>,
    asked_at: Duration,
    noted_at: Duration,
}

impl OpenLakes {
    fn lock(&self) -> MutexGuard<'_, HashMap<Name, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the lake in this directory; false when it is in use.
    fn close(&self, directory: &Path) -> bool {
        let mut open = self.lock();
        let found = open
            .iter()
            .find(|(_, open)| open.directory.as_deref() == Some(directory));
        let Some((name, lake)) = found else { return true };
        if !lake.is_idle() {
            return false;
        }
        let name = name.clone();
        open.remove(&name);
        true
    }
}

impl Open {
    /// No question and no run knows it.
    fn is_idle(&self) -> bool {
        Arc::strong_count(&self.lake) == 1 && !self.lake.ingest.is_running()
    }
}

impl Lakes {
    /// Touches nothing before the first [`Lakes::open`].
    pub fn new(config: LakesConfig, clock: Arc<dyn Clock>) -> Self {
        let ingest = IngestConfig {
            retention: config.retention,
            ..IngestConfig::default()
        };
        let open = Arc::<OpenLakes>::default();
        let known = Arc::downgrade(&open);
        let close = move |directory: &Path| known.upgrade().is_none_or(|open| open.close(directory));
        let lakes = config.directory.join(LAKES);
        let quota = Quota::new(lakes, config.max_bytes, Arc::clone(&clock), close);
        Self(Arc::new(Inner {
            config,
            clock,
            quota: Arc::new(quota),
            spill: OnceLock::new(),
            queries: OnceLock::new(),
            ingest,
            tasks: TaskTracker::new(),
            open,
        }))
    }

    /// Where lakes are to be opened.
    pub fn place(&self) -> LakePlace {
        self.0.config.place
    }

    /// The lake of this log in a folder of a bucket, read and written with these credentials alone. Whoever opens it there with others
    /// shares it.
    pub async fn open_in(
        &self,
        store: &Store,
        source: LogSource,
        folder: LakeFolder,
    ) -> Result<Lake, LakeError> {
        if folder.bucket == source.bucket && folder.prefix.as_str().starts_with(source.prefix.as_str()) {
            return Err(LakeError::Question(format!(
                "a lake at `{}/{}` would lie among the log objects that it remembers",
                folder.bucket, folder.prefix
            )));
        }
        let name = (store.fingerprint(), source, Some(folder));
        self.0.forget_idle();
        if let Some((lake, _)) = self.0.opened(&name) {
            return Ok(Lake::new(store.clone(), lake));
        }
        let (inner, own) = (Arc::clone(&self.0), store.clone());
        let opened = tokio::task::spawn_blocking(move || inner.open(name, Some(&own))).await;
        let lake = opened.map_err(|error| LakeError::Internal(error.to_string()))??;
        Ok(Lake::new(store.clone(), lake))
    }

    /// The lake of these credentials and this log on disk. Its directory is made at the first need.
    pub async fn open(&self, store: &Store, source: LogSource) -> Result<Lake, LakeError> {
        let inner = Arc::clone(&self.0);
        let name = (store.fingerprint(), source, None);
        if let Some((lake, due)) = inner.opened(&name) {
            if let Some(directory) = due {
                tokio::task::spawn_blocking(move || touch(&directory));
            }
            return Ok(Lake::new(store.clone(), lake));
        }
        // The disk may be slow, and its calls wait.
        let opened = tokio::task::spawn_blocking(move || inner.open(name, None)).await;
        let lake = opened.map_err(|error| LakeError::Internal(error.to_string()))??;
        Ok(Lake::new(store.clone(), lake))
    }

    /// Waits until what goes on is done: reading, and tidying up after it.
    pub async fn finish(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Stops reading logs everywhere and waits for what is being written.
    pub async fn close(&self) {
        for open in self.0.open.lock().values() {
            open.lake.ingest.cancel();
        }
        self.finish().await;
    }
}

impl Inner {
    /// The lake where it is open, and its directory where it is time to note down that it is asked.
    fn opened(&self, name: &Name) -> Option<(Arc<OneLake>, Option<PathBuf>)> {
        let mut open = self.open.lock();
        let found = open.get_mut(name)?;
        found.asked_at = self.clock.elapsed();
        let due = found.asked_at.saturating_sub(found.noted_at) >= NOTE_EVERY;
        if due {
            found.noted_at = found.asked_at;
        }
        let directory = found.directory.clone().filter(|_| due);
        Some((Arc::clone(&found.lake), directory))
    }

    /// Closes the lakes in buckets that nobody asked for long.
    fn forget_idle(&self) {
        let now = self.clock.elapsed();
        let old = |open: &Open| now.saturating_sub(open.asked_at) >= IDLE && open.is_idle();
        let mut open = self.open.lock();
        open.retain(|_, open| open.directory.is_some() || !old(open));
    }

    fn open(&self, name: Name, store: Option<&Store>) -> Result<Arc<OneLake>, LakeError> {
        let (place, directory) = match (&name.2, store) {
            (Some(folder), Some(store)) => (Place::Bucket(objects_in(store, folder, &name.1)?), None),
            _ => {
                let directory = self.directory_of(&name);
                (Place::Directory(directory.clone()), Some(directory))
            }
        };
        let lake = Arc::new(self.make(&name.1, place, directory.clone())?);
        if let Some(directory) = &directory {
            touch(directory);
        }
        let asked_at = self.clock.elapsed();
        let mut open = self.open.lock();
        if open.len() >= MAX_OPEN && !open.contains_key(&name) {
            let idle = open.iter().filter(|(_, open)| open.is_idle());
            let oldest = idle
                .min_by_key(|(_, open)| open.asked_at)
                .map(|(name, _)| name.clone());
            oldest.map(|oldest| open.remove(&oldest));
        }
        // Somebody else may have opened it meanwhile.
        let open = open.entry(name).or_insert(Open {
            lake,
            directory,
            asked_at,
            noted_at: asked_at,
        });
        Ok(Arc::clone(&open.lake))
    }

    fn directory_of(&self, (fingerprint, source, _): &Name) -> PathBuf {
        let tenant = hex(fingerprint.as_bytes());
        self.config
            .directory
            .join(LAKES)
            .join(tenant)
            .join(folder_of(source))
    }

    fn make(
        &self,
        source: &LogSource,
        place: Place,
        directory: Option<PathBuf>,
    ) -> Result<OneLake, LakeError> {
        let config = TablesConfig {
            source: name_of(source),
            faults: Faults::default(),
        };
        let tables = LakeTables::open(place, config, Arc::clone(&self.clock))?;
        let upkeep = Upkeep {
            config: MaintenanceConfig {
                retention: self.config.retention,
                ..MaintenanceConfig::default()
            },
            room: directory.map(|directory| Room {
                directory,
                quota: Arc::clone(&self.quota),
                bytes: AtomicU64::new(self.config.max_bytes),
            }),
        };
        let sink = TableSink::new(tables.clone(), self.tasks.clone(), upkeep);
        Ok(OneLake {
            source: source.clone(),
            engine: Engine::new(self.queries()?, FOOTER_BYTES),
            answers: Answers::default(),
            ingest: Ingest::new(
                Arc::new(sink),
                source.clone(),
                self.ingest.clone(),
                Arc::clone(&self.clock),
                self.tasks.clone(),
            ),
            tables,
            clock: Arc::clone(&self.clock),
            retention: self.config.retention,
        })
    }

    /// The threads for questions, started with the first lake.
    fn queries(&self) -> Result<Arc<QueryRuntime>, LakeError> {
        if let Some(running) = self.queries.get() {
            return Ok(Arc::clone(running));
        }
        let failed = |doing, error: &std::io::Error| LakeError::Disk {
            doing,
            path: self.config.directory.display().to_string(),
            cause: error.to_string(),
        };
        clear_leaving(&self.config.directory.join(LAKES)).map_err(|error| failed("clear", &error))?;
        let spill = Spill::new(&self.config.directory.join("spill"))?;
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let started = QueryRuntime::start(&QueryConfig {
            threads,
            memory: QUERY_BYTES,
            spill_directory: spill.directory().to_owned(),
            spill_bytes: SPILL_BYTES,
            at_once: threads.saturating_mul(4),
        })?;
        let running = self.queries.get_or_init(|| {
            // Where two began at a time, only one of them is used.
            let _ = self.spill.set(spill);
            started
        });
        Ok(Arc::clone(running))
    }
}

/// The log that a lake remembers, in words.
fn name_of(source: &LogSource) -> String {
    format!("{}/{}", source.bucket, source.prefix)
}

/// The folder of the lake that remembers this log.
fn folder_of(source: &LogSource) -> String {
    hex(blake3::hash(name_of(source).as_bytes()).as_bytes())
}

/// What lies in the lake's own folder, and nothing else, with these credentials.
fn objects_in(
    store: &Store,
    folder: &LakeFolder,
    source: &LogSource,
) -> Result<Arc<dyn ObjectStore>, LakeError> {
    let prefix = format!("{}{}/", folder.prefix.as_folder(), folder_of(source));
    let prefix = prefix
        .parse()
        .map_err(|error| LakeError::Question(format!("no lake can lie at `{prefix}`: {error}")))?;
    Ok(Bucket::open(store.clone(), folder.bucket.clone(), &prefix))
}

/// Half of a hash is enough.
fn hex(bytes: &[u8]) -> String {
    let bytes = bytes.get(..16).unwrap_or(bytes);
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
