//! From log objects to rows in the tables.
//!
//! One run at a time lists the log, reads what is new (what may hold records of the period asked for first), and commits
//! it batch by batch. Memory is bounded whatever the size of objects: bodies are streamed, unpacked piece by piece, and a batch whose
//! rows wait to be written makes its readers wait. An object is in exactly one batch; one that can't be read to its end is
//! listed with what it holds, one that the store doesn't give stays pending, and neither stops the others.

mod batch;
mod delivery;
mod fetch;
mod listing;
mod parse;
mod pending;
mod rate;
mod run;
mod sink;
mod tail;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spacewatch_model::{Clock, TimeRange, Timestamp};
use spacewatch_s3::Store;
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{LakeError, LogSource};
use pending::Pending;

pub(crate) use pending::PendingSummary;
pub(crate) use sink::{BatchSink, LogSink};
pub(crate) use spacewatch_unpack::UnpackLimits;
pub use tail::{Tail, tail_of_object};

/// What ingest does just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IngestPhase {
    /// Nothing.
    #[default]
    Idle,
    /// Looking for new log objects.
    Listing,
    /// Reading log objects.
    Reading,
    /// The store or the disk failed; the next question tries again.
    Failed,
    /// Another process writes this lake.
    Locked,
}

impl IngestPhase {
    fn is_active(self) -> bool {
        matches!(self, Self::Listing | Self::Reading)
    }
}

/// How far ingest is. Counters count since this run began.
#[derive(Debug, Clone, Default)]
pub struct IngestStatus {
    /// What it does.
    pub phase: IngestPhase,
    /// When this run began.
    pub started_at: Option<Timestamp>,
    /// When the last run ended.
    pub finished_at: Option<Timestamp>,
    /// When the log bucket was listed last.
    pub listed_at: Option<Timestamp>,
    /// Log objects known in the bucket.
    pub objects_known: u64,
    /// Log objects still to be read.
    pub objects_pending: u64,
    /// Log objects read in this run.
    pub objects_read: u64,
    /// Log objects of this run that could not be read, or not to their end.
    pub objects_failed: u64,
    /// Log objects older than what is kept, which are not read.
    pub objects_too_old: u64,
    /// Bytes still to be fetched.
    pub bytes_pending: u64,
    /// Bytes fetched in this run.
    pub bytes_read: u64,
    /// Lines read in this run.
    pub lines: u64,
    /// Records of them that are new.
    pub records: u64,
    /// Lines that are no records.
    pub rejected: u64,
    /// Records delivered before.
    pub duplicates: u64,
    /// Lines a second, lately.
    pub lines_per_second: f64,
    /// Seconds until everything known is read, at this pace.
    pub seconds_left: Option<f64>,
    /// What failed last.
    pub last_error: Option<String>,
}

/// How logs are read.
#[derive(Debug, Clone)]
pub(crate) struct IngestConfig {
    /// Log objects fetched at a time.
    pub(crate) concurrency: usize,
    /// A batch takes no further objects from this many lines on.
    pub(crate) batch_lines: u64,
    /// Or from this many bytes of lines on. So many wait to be written at most, in each of two batches.
    pub(crate) batch_bytes: usize,
    /// A run ends after this time, and with it the use of its credentials; the next question goes on.
    pub(crate) longest_run: Duration,
    /// How often an object is tried again in a run.
    pub(crate) retries: u8,
    /// The first time after so long, then twice as long each time.
    pub(crate) first_retry: Duration,
    /// A listing is good for so long.
    pub(crate) fresh_for: Duration,
    /// How long records are kept.
    pub(crate) retention: Option<Duration>,
    /// How much an object may unpack to.
    pub(crate) unpack: UnpackLimits,
    /// As many permits as there are cores, shared by all lakes.
    pub(crate) cores: Arc<Semaphore>,
}

impl Default for IngestConfig {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            concurrency: 8,
            batch_lines: 400_000,
            batch_bytes: 128 << 20,
            longest_run: Duration::from_secs(30 * 60),
            retries: 4,
            first_retry: Duration::from_secs(1),
            fresh_for: Duration::from_secs(30),
            retention: None,
            unpack: UnpackLimits::default(),
            cores: Arc::new(Semaphore::new(cores)),
        }
    }
}

/// Reading one log into one lake. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ingest(Arc<Inner>);

struct Inner {
    sink: Arc<dyn LogSink>,
    source: LogSource,
    config: IngestConfig,
    clock: Arc<dyn Clock>,
    tasks: TaskTracker,
    pending: Mutex<Pending>,
    status: watch::Sender<IngestStatus>,
    turn: Mutex<Turn>,
    prodded: Notify,
}

/// Whose turn it is.
#[derive(Default)]
struct Turn {
    /// The run that goes on.
    running: Option<CancellationToken>,
    /// Ends its tidying up, while it does that.
    tidying: Option<CancellationToken>,
    /// Asked for while a run tidies up: another one with these credentials.
    next: Option<Store>,
    listed: Option<Duration>,
}

impl Ingest {
    /// Nothing is read before [`Ingest::start`]. Runs are spawned into `tasks`.
    pub(crate) fn new(
        sink: Arc<dyn LogSink>,
        source: LogSource,
        config: IngestConfig,
        clock: Arc<dyn Clock>,
        tasks: TaskTracker,
    ) -> Self {
        Self(Arc::new(Inner {
            sink,
            source,
            config,
            clock,
            tasks,
            pending: Mutex::default(),
            status: watch::Sender::default(),
            turn: Mutex::default(),
            prodded: Notify::new(),
        }))
    }

    /// Sees to it that what is new is read, what may hold records of `period` first: starts a run, joins the one that goes on, or
    /// leaves it where everything was read a moment ago.
    pub(crate) fn start(&self, store: &Store, period: TimeRange) {
        self.start_within(store, period, self.0.config.fresh_for);
    }

    /// The same for somebody to whom a listing is good for that long only.
    pub(crate) fn start_within(&self, store: &Store, period: TimeRange, fresh_for: Duration) {
        let inner = &self.0;
        inner.pending().prefer(period);
        let mut turn = inner.turn();
        let now = inner.clock.elapsed();
        let fresh = turn.listed.is_some_and(|at| now.saturating_sub(at) < fresh_for);
        let nothing_to_do = fresh && inner.pending().left().0 == 0;
        if turn.running.is_some() {
            // It may be tidying up: then another one follows at once, and whoever waits waits for that.
            if !inner.status.borrow().phase.is_active() && !nothing_to_do {
                turn.next = Some(store.clone());
                turn.tidying.iter().for_each(CancellationToken::cancel);
                inner.begin();
            }
            inner.prodded.notify_one();
            return;
        }
        if nothing_to_do {
            return;
        }
        let cancel = CancellationToken::new();
        turn.running = Some(cancel.clone());
        turn.listed = Some(now);
        drop(turn);
        inner.begin();
        let (inner, store) = (inner.clone(), store.clone());
        self.0.tasks.spawn(async move { inner.work(store, cancel).await });
    }

    /// Stops the run that goes on. What it committed stays.
    pub(crate) fn cancel(&self) {
        let mut turn = self.0.turn();
        turn.next = None;
        turn.running.iter().for_each(CancellationToken::cancel);
    }

    /// Whether a run goes on, or its tidying up.
    pub(crate) fn is_running(&self) -> bool {
        self.0.turn().running.is_some()
    }

    /// How far it is.
    pub(crate) fn status(&self) -> IngestStatus {
        self.0.status.borrow().clone()
    }

    /// How far it is, as it goes on.
    pub(crate) fn watch(&self) -> watch::Receiver<IngestStatus> {
        self.0.status.subscribe()
    }

    /// What is not read yet of a period.
    pub(crate) fn pending_for(&self, period: TimeRange) -> PendingSummary {
        self.0.pending().summary(period)
    }

    /// Waits until everything known that may hold records of the period was read, or the run is over.
    pub(crate) async fn settled(&self, period: TimeRange) {
        let mut status = self.watch();
        loop {
            let phase = status.borrow_and_update().phase;
            let read = phase == IngestPhase::Reading && self.pending_for(period).objects == 0;
            if read || !phase.is_active() || status.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Inner {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new run: counters begin anew.
    fn begin(&self) {
        let started_at = Some(self.clock.now());
        self.status.send_modify(|status| {
            *status = IngestStatus {
                phase: IngestPhase::Listing,
                started_at,
                finished_at: status.finished_at,
                listed_at: status.listed_at,
                objects_known: status.objects_known,
                ..IngestStatus::default()
            }
        });
    }

    async fn work(self: Arc<Self>, store: Store, cancel: CancellationToken) {
        let mut ending = Ending(Some(self.clone()));
        let mut next = Some((store, cancel));
        while let Some((store, cancel)) = next.take() {
            let result = run::run(&self, store, &cancel).await;
            let good = result.is_ok();
            if !good {
                // The next question tries again at once.
                self.turn().listed = None;
            }
            self.end(result);
            if good && !cancel.is_cancelled() {
                self.tidy_up(&cancel).await;
            }
            let mut turn = self.turn();
            turn.tidying = None;
            let Some(store) = turn.next.take() else {
                turn.running = None;
                ending.0 = None;
                return;
            };
            let cancel = CancellationToken::new();
            turn.running = Some(cancel.clone());
            turn.listed = Some(self.clock.elapsed());
            drop(turn);
            self.begin();
            next = Some((store, cancel));
        }
    }

    /// What was read is read, whatever becomes of this.
    async fn tidy_up(&self, cancel: &CancellationToken) {
        let tidying = cancel.child_token();
        self.turn().tidying = Some(tidying.clone());
        if let Err(error) = self.sink.maintain(&tidying).await {
            tracing::warn!(%error, "a lake could not be tidied up");
            let said = format!("the lake could not be tidied up: {error}");
            self.status.send_modify(|status| status.last_error = Some(said));
        }
    }

    fn end(&self, result: Result<(), LakeError>) {
        let finished_at = Some(self.clock.now());
        self.status.send_modify(|status| {
            status.finished_at = finished_at;
            status.phase = match &result {
                Ok(()) => IngestPhase::Idle,
                Err(LakeError::Locked { .. }) => IngestPhase::Locked,
                Err(_) => IngestPhase::Failed,
            };
            if let Err(error) = result {
                status.last_error = Some(error.to_string());
            }
        });
    }
}

/// A run that ends in the middle, by a panic, makes room for the next one too.
struct Ending(Option<Arc<Inner>>);

impl Drop for Ending {
    fn drop(&mut self) {
        let Some(inner) = self.0.take() else { return };
        inner.turn().running = None;
        if inner.status.borrow().phase.is_active() {
            inner.end(Err(LakeError::Internal("reading ended in the middle".to_owned())));
        }
    }
}

#[cfg(test)]
mod tests;
