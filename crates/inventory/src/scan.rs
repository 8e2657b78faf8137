//! Scans: one at a time for each part of a bucket, which goes on where the last one stopped.

mod covered;
mod keep;
mod list;
mod parts;
mod run;
mod state;
mod uploads;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spacewatch_model::{BucketName, Clock, Prefix, Timestamp};
use spacewatch_s3::Store;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::InventoryError;
use crate::kept;

#[cfg(test)]
pub(crate) use parts::write_part;
pub(crate) use state::{DropRule, ScanState, Source, UploadsState, write_whole};

/// What a scan does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScanPhase {
    /// Nothing.
    #[default]
    Idle,
    /// It lists objects or versions.
    Listing,
    /// It lists incomplete uploads and their parts.
    Uploads,
    /// It sorts what it found, and writes the table.
    Writing,
    /// It failed; the next one goes on from there.
    Failed,
    /// It was stopped; the next one goes on from there.
    Stopped,
    /// Another process scans.
    Locked,
}

impl ScanPhase {
    /// Whether it goes on.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Listing | Self::Uploads | Self::Writing)
    }

    /// As it stands in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Listing => "listing",
            Self::Uploads => "uploads",
            Self::Writing => "writing",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Locked => "locked",
        }
    }
}

/// How far a scan is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScanStatus {
    /// What it does.
    pub phase: ScanPhase,
    /// When the scan began: before it was interrupted, if it was.
    pub started_at: Option<Timestamp>,
    /// When the last one was finished.
    pub finished_at: Option<Timestamp>,
    /// How much was found by runs before this one, which is not listed again.
    pub resumed_entries: u64,
    /// Entries found so far: objects, versions, delete markers, uploads.
    pub entries: u64,
    /// Their size.
    pub bytes: u64,
    /// Requests sent so far, by all runs.
    pub requests: u64,
    /// How often the store asked to slow down.
    pub throttled: u64,
    /// How many entries the last inventory had.
    pub expected_entries: Option<u64>,
    /// Entries a second, in this run.
    pub entries_per_second: f64,
    /// Seconds until the end, by the last inventory and at this pace.
    pub seconds_left: Option<f64>,
    /// What failed last.
    pub last_error: Option<String>,
}

/// How scans work.
#[derive(Debug, Clone)]
pub(crate) struct ScanConfig {
    /// Entries that are written together.
    pub(crate) part_entries: usize,
    /// What was found is written after so long at the latest.
    pub(crate) write_every: Duration,
    /// A scan that began longer ago isn't gone on with: what it found says too little about now. A run ends after this time too.
    pub(crate) longest: Duration,
    /// Entries in a file of the table.
    pub(crate) file_rows: u64,
    /// Objects that stand out, of each kind, that are kept with the sums.
    pub(crate) ranked: usize,
}

impl Default for ScanConfig {
    fn default() -> Self {
        Self {
            part_entries: 64 * 1024,
            write_every: Duration::from_secs(5),
            longest: Duration::from_secs(24 * 3600),
            file_rows: 512 * 1024,
            ranked: 200,
        }
    }
}

/// What is scanned, and where it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub(crate) bucket: BucketName,
    pub(crate) prefix: Prefix,
    pub(crate) directory: PathBuf,
}

/// Scans one scope. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Scan(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) scope: Scope,
    pub(crate) config: ScanConfig,
    pub(crate) clock: Arc<dyn Clock>,
    tasks: TaskTracker,
    status: watch::Sender<ScanStatus>,
    running: Mutex<Option<CancellationToken>>,
    /// What is done when an inventory was added.
    kept: Box<dyn Fn() + Send + Sync>,
}

impl Scan {
    pub(crate) fn new(
        scope: Scope,
        config: ScanConfig,
        clock: Arc<dyn Clock>,
        tasks: TaskTracker,
        kept: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self(Arc::new(Inner {
            scope,
            config,
            clock,
            tasks,
            status: watch::Sender::default(),
            running: Mutex::default(),
            kept,
        }))
    }

    /// Scans, unless that goes on already: whether it began now.
    pub(crate) fn start(&self, store: &Store) -> bool {
        let mut running = self.0.running();
        if running.is_some() {
            return false;
        }
        let cancel = CancellationToken::new();
        *running = Some(cancel.clone());
        drop(running);
        self.0.status.send_modify(|status| {
            *status = ScanStatus {
                phase: ScanPhase::Listing,
                finished_at: status.finished_at,
                ..ScanStatus::default()
            }
        });
        let (inner, store) = (Arc::clone(&self.0), store.clone());
        self.0.tasks.spawn(async move {
            let mut ending = Ending(Some(Arc::clone(&inner)));
            let result = run::run(&inner, store, &cancel).await;
            ending.0 = None;
            inner.end(result);
            // Looking through directories waits for the disk.
            let _ = tokio::task::spawn_blocking(move || (inner.kept)()).await;
        });
        true
    }

    /// Whether one goes on in this process.
    pub(crate) fn is_running(&self) -> bool {
        self.0.running().is_some()
    }

    /// Stops; what was found stays for the next one.
    pub(crate) fn cancel(&self) {
        self.0.running().iter().for_each(CancellationToken::cancel);
    }

    /// How far it is. The time the last one was finished is that of the newest inventory, whoever took it.
    pub(crate) fn status(&self) -> Result<ScanStatus, InventoryError> {
        let mut status = self.0.status.borrow().clone();
        let newest = kept::newest(&self.0.scope.directory)?;
        status.finished_at = newest.map(|note| note.finished_at).or(status.finished_at);
        Ok(status)
    }

    /// How far it is, as it goes on.
    pub(crate) fn watch(&self) -> watch::Receiver<ScanStatus> {
        self.0.status.subscribe()
    }
}

impl Inner {
    fn running(&self) -> MutexGuard<'_, Option<CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut ScanStatus)) {
        self.status.send_modify(change);
    }

    fn end(&self, result: Result<run::End, InventoryError>) {
        *self.running() = None;
        let finished_at = self.clock.now();
        if let Err(error) = &result {
            tracing::warn!(bucket = %self.scope.bucket, %error, "an inventory was not finished");
        }
        self.status.send_modify(|status| {
            status.seconds_left = None;
            match result {
                Ok(run::End::Finished) => {
                    status.phase = ScanPhase::Idle;
                    status.finished_at = Some(finished_at);
                }
                Ok(run::End::Stopped) => status.phase = ScanPhase::Stopped,
                Err(error) => {
                    status.phase = match error {
                        InventoryError::Locked { .. } => ScanPhase::Locked,
                        _ => ScanPhase::Failed,
                    };
                    status.last_error = Some(error.to_string());
                }
            }
        });
    }
}

/// A run that ends in the middle, by a panic, makes room for the next one too.
struct Ending(Option<Arc<Inner>>);

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(inner) = self.0.take() {
            inner.end(Err(InventoryError::Internal(
                "the scan ended in the middle".to_owned(),
            )));
        }
    }
}
