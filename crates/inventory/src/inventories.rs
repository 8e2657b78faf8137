//! All inventories of a data directory.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spacewatch_delta::Lock;
use spacewatch_model::{BucketName, Clock, Prefix};
use spacewatch_s3::{Fingerprint, Store};
use tokio_util::task::TaskTracker;

use crate::kept::{self, Note, disk_bytes};
use crate::question::Desk;
use crate::scan::{Scan, ScanConfig, Scope};
use crate::{Inventory, InventoryError};

/// Scans remembered at most; one that doesn't go on makes room.
const MAX_SCANS: usize = 1024;

/// How inventories are kept.
#[derive(Debug, Clone)]
pub struct InventoriesConfig {
    /// Where they lie.
    pub directory: PathBuf,
    /// Bytes that all of them take on disk at most; those that were taken longest ago make room. The newest one stays in any case.
    pub max_bytes: u64,
}

/// All inventories of a data directory. Clones share everything.
#[derive(Clone)]
pub struct Inventories(Arc<Inner>);

pub(crate) struct Inner {
    config: InventoriesConfig,
    pub(crate) scan_config: ScanConfig,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) desk: Desk,
    tasks: TaskTracker,
    scans: Mutex<HashMap<(Fingerprint, BucketName, Prefix), Scan>>,
}

impl Inventories {
    /// Touches nothing before the first scan.
    pub fn new(config: InventoriesConfig, clock: Arc<dyn Clock>) -> Self {
        Self::with(config, ScanConfig::default(), clock)
    }

    /// In smaller pieces than usual, so that tests see what happens between them.
    #[doc(hidden)]
    pub fn in_small_pieces(config: InventoriesConfig, clock: Arc<dyn Clock>, entries: usize) -> Self {
        let scan_config = ScanConfig {
            part_entries: entries,
            file_rows: u64::try_from(entries).unwrap_or(u64::MAX),
            write_every: Duration::ZERO,
            ..ScanConfig::default()
        };
        Self::with(config, scan_config, clock)
    }

    fn with(config: InventoriesConfig, scan_config: ScanConfig, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            config,
            scan_config,
            clock,
            desk: Desk::new(),
            tasks: TaskTracker::new(),
            scans: Mutex::default(),
        }))
    }

    /// The inventories of a bucket, as these credentials see it. Nothing is read or asked yet.
    pub fn open(&self, store: &Store, bucket: &BucketName) -> Inventory {
        Inventory::new(store.clone(), bucket.clone(), Arc::clone(&self.0))
    }

    /// Stops all scans and waits for what is being written.
    pub async fn close(&self) {
        self.0.scans().values().for_each(Scan::cancel);
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

impl Inner {
    fn scans(&self) -> MutexGuard<'_, HashMap<(Fingerprint, BucketName, Prefix), Scan>> {
        self.scans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn root(&self) -> PathBuf {
        self.config.directory.join("inventories")
    }

    fn bucket_directory(&self, print: Fingerprint, bucket: &BucketName) -> PathBuf {
        let tenant = hex(print.as_bytes().get(..16).unwrap_or_default());
        self.root().join(tenant).join(hash(bucket.as_str()))
    }

    pub(crate) fn scope(&self, print: Fingerprint, bucket: &BucketName, prefix: &Prefix) -> Scope {
        Scope {
            directory: self.bucket_directory(print, bucket).join(hash(prefix.as_str())),
            bucket: bucket.clone(),
            prefix: prefix.clone(),
        }
    }

    /// The scan of this scope; there is one at a time.
    pub(crate) fn scan(self: &Arc<Self>, print: Fingerprint, bucket: &BucketName, prefix: &Prefix) -> Scan {
        let name = (print, bucket.clone(), prefix.clone());
        let mut scans = self.scans();
        if let Some(scan) = scans.get(&name) {
            return scan.clone();
        }
        if scans.len() >= MAX_SCANS {
            scans.retain(|_, scan| scan.is_running());
        }
        let scope = self.scope(print, bucket, prefix);
        let (weak, newest) = (Arc::downgrade(self), scope.directory.clone());
        let kept = move || {
            if let Some(inner) = weak.upgrade() {
                inner.make_room(&newest);
            }
        };
        let scan = Scan::new(
            scope,
            self.scan_config.clone(),
            Arc::clone(&self.clock),
            self.tasks.clone(),
            Box::new(kept),
        );
        scans.insert(name, scan.clone());
        scan
    }

    /// The newest inventory that knows all about a prefix: of the whole bucket, or of a prefix that this one begins with.
    pub(crate) fn newest_about(
        &self,
        print: Fingerprint,
        bucket: &BucketName,
        prefix: &Prefix,
    ) -> Result<Option<(PathBuf, Note)>, InventoryError> {
        let mut best: Option<(PathBuf, Note)> = None;
        for directory in directories(&self.bucket_directory(print, bucket)) {
            let Some(note) = kept::newest(&directory)? else {
                continue;
            };
            let about = note.bucket == *bucket && prefix.as_str().starts_with(note.prefix.as_str());
            if about
                && best
                    .as_ref()
                    .is_none_or(|(_, known)| note.started_at > known.started_at)
            {
                best = Some((directory, note));
            }
        }
        Ok(best)
    }

    /// All inventories that know all about a prefix, the newest first.
    pub(crate) fn all_about(
        &self,
        print: Fingerprint,
        bucket: &BucketName,
        prefix: &Prefix,
    ) -> Result<Vec<(PathBuf, Note)>, InventoryError> {
        let mut all = Vec::new();
        for directory in directories(&self.bucket_directory(print, bucket)) {
            let notes = kept::notes(&directory)?.into_iter();
            let about = notes
                .filter(|note| note.bucket == *bucket && prefix.as_str().starts_with(note.prefix.as_str()));
            all.extend(about.map(|note| (directory.clone(), note)));
        }
        all.sort_by_key(|(_, note)| Reverse((note.started_at, note.finished_at)));
        Ok(all)
    }

    /// Removes inventories until all of them take no more than they may: whole scopes, those scanned longest ago first.
    fn make_room(&self, newest: &Path) {
        let buckets = directories(&self.root())
            .into_iter()
            .flat_map(|tenant| directories(&tenant));
        let mut scopes: Vec<_> = buckets
            .flat_map(|bucket| directories(&bucket))
            .map(|scope| (last_scan(&scope), disk_bytes(&scope), scope))
            .collect();
        scopes.sort();
        let mut bytes = scopes
            .iter()
            .fold(0_u64, |sum, (_, bytes, _)| sum.saturating_add(*bytes));
        for (_, size, scope) in scopes {
            if bytes <= self.config.max_bytes {
                return;
            }
            // A lock that can't be had means that somebody scans there.
            if scope != newest && Lock::try_take(&scope).is_ok_and(|_lock| fs::remove_dir_all(&scope).is_ok())
            {
                bytes = bytes.saturating_sub(size);
            }
        }
    }
}

/// When somebody last finished a scan there; microseconds since the epoch.
fn last_scan(scope: &Path) -> i64 {
    let note = kept::newest(scope).ok().flatten();
    note.map_or(0, |note| note.finished_at.as_microsecond())
}

fn directories(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

fn hash(text: &str) -> String {
    hex(blake3::hash(text.as_bytes())
        .as_bytes()
        .get(..16)
        .unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
