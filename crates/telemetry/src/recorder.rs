//! The recorder: where finished operations go and figures come from.
//!
//! A writer puts its operation into the layer's ledger when nobody holds it. When somebody does, it
//! leaves the operation in the journal and goes on: the next writer that finds the ledger free takes a
//! few along, and a reader takes all before it reads. So a writer never waits, a reader sees everything
//! whose [`Recorder::record`] has returned, and nothing gets lost.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use spacewatch_model::{Clock, Timestamp};

use crate::journal::{Journal, try_lock};
use crate::ledger::{Entry, Ledger};
use crate::{
    Health, Layer, Operation, OperationFilter, OperationKind, OperationsMetrics, Series, StorageMetrics, Sums,
};

/// How much the recorder keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How many single operations of each layer are kept. Zero keeps none.
    pub ring_capacity: usize,
    /// Operations that take longer than this are slow.
    pub slow_operation: Duration,
    /// How far back the figures reach: a second to 24 hours, in whole seconds. Up to ten minutes the
    /// window ends to the second; a longer one consists of minutes.
    pub window: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ring_capacity: 10_000,
            slow_operation: Duration::from_secs(5),
            window: Duration::from_secs(300),
        }
    }
}

/// Takes finished operations and answers what happened. Clones share one memory.
#[derive(Debug, Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    clock: Arc<dyn Clock>,
    /// The clock's elapsed time when the recorder was made.
    started: Duration,
    /// The same moment since the epoch. Slots of time are counted from there, so that they begin with
    /// the second and the minute, but a wall clock that is set doesn't move them.
    epoch: Duration,
    api: Desk,
    s3: Desk,
}

/// What one layer's operations go through.
#[derive(Debug)]
struct Desk {
    ledger: Mutex<Ledger>,
    journal: Journal<Entry>,
    /// Readers that wait for the ledger; writers then leave it to them.
    readers: AtomicUsize,
    /// The number of the next operation.
    next: AtomicU64,
    /// Operations recorded: what was computed at an earlier count is out of date.
    recorded: AtomicU64,
    latest: Mutex<Option<Computed>>,
}

/// The last answer about the window.
#[derive(Debug)]
struct Computed {
    recorded: u64,
    second: u64,
    metrics: Arc<StorageMetrics>,
}

impl Recorder {
    /// An empty recorder, whose windows begin now.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Self {
        let epoch = Duration::try_from(clock.now().duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default();
        let desk = |layer| Desk::new(Ledger::new(layer, config.window, config.ring_capacity, epoch));
        Self {
            inner: Arc::new(Inner {
                api: desk(Layer::Api),
                s3: desk(Layer::S3),
                started: clock.elapsed(),
                epoch,
                config,
                clock,
            }),
        }
    }

    /// How much it keeps.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Takes one finished operation; well under a microsecond, and never waits for anybody.
    ///
    /// Operations that are not about storage (pages, probes) are not kept. Texts longer than is useful
    /// (an endpoint or error of more than a kilobyte) are cut.
    pub fn record(&self, mut operation: Operation) {
        if !operation.kind.is_storage() {
            return;
        }
        bound(&mut operation);
        self.desk(operation.kind.layer())
            .record(operation, self.inner.position());
    }

    /// The storage operations of layer `api` in the configured window. Costs next to nothing as long as
    /// no operation was recorded and the second hasn't passed since the last call.
    pub fn storage_metrics(&self) -> Arc<StorageMetrics> {
        self.metrics(Layer::Api)
    }

    /// The calls to the store in the configured window.
    pub fn s3_metrics(&self) -> Arc<StorageMetrics> {
        self.metrics(Layer::S3)
    }

    /// The operations of a layer in any window, up to 24 hours. Up to ten minutes it is exact to the
    /// second, beyond to the minute.
    pub fn metrics_over(&self, layer: Layer, window: Duration) -> StorageMetrics {
        let ledger = self.desk(layer).read();
        ledger.window_of(window, self.inner.position(), self.inner.clock.now())
    }

    /// The last ten minutes of a layer, in steps of ten seconds.
    pub fn series(&self, layer: Layer) -> Series {
        let ledger = self.desk(layer).read();
        ledger.series(self.inner.position(), self.inner.clock.now())
    }

    /// The window, longer windows, and the window by bucket: all of one moment.
    pub fn operations_metrics(&self, layer: Layer) -> OperationsMetrics {
        let mut ledger = self.desk(layer).read();
        ledger.operations_metrics(self.inner.position(), self.inner.clock.now())
    }

    /// What was done since the start, by kind.
    pub fn sums(&self, layer: Layer) -> BTreeMap<OperationKind, Sums> {
        self.desk(layer).read().sums()
    }

    /// The last operations that pass the filter, newest first.
    pub fn operations(&self, filter: &OperationFilter) -> Vec<Operation> {
        self.desk(filter.layer).read().operations(filter)
    }

    /// How storage does, by the errors in the configured window.
    pub fn health(&self) -> Health {
        self.storage_metrics().health()
    }

    fn metrics(&self, layer: Layer) -> Arc<StorageMetrics> {
        let desk = self.desk(layer);
        let mut latest = lock(&desk.latest);
        // Asked before anything is read: what comes meanwhile makes the next call compute again.
        let recorded = desk.recorded.load(Ordering::Acquire);
        let second = self.inner.position().as_secs();
        if let Some(computed) = &*latest
            && computed.recorded == recorded
            && computed.second == second
        {
            return computed.metrics.clone();
        }
        let mut ledger = desk.read();
        // The time is asked for again: the reader may have waited, and writers went on.
        let now = self.inner.position();
        let metrics = Arc::new(ledger.window(now, self.inner.clock.now()));
        drop(ledger);
        *latest = Some(Computed {
            recorded,
            second: now.as_secs(),
            metrics: metrics.clone(),
        });
        metrics
    }

    fn desk(&self, layer: Layer) -> &Desk {
        match layer {
            Layer::Api => &self.inner.api,
            Layer::S3 => &self.inner.s3,
        }
    }
}

impl Inner {
    /// This moment since the epoch. Never goes back.
    fn position(&self) -> Duration {
        self.epoch + self.clock.elapsed().saturating_sub(self.started)
    }
}

impl Desk {
    fn new(ledger: Ledger) -> Self {
        Self {
            ledger: Mutex::new(ledger),
            journal: Journal::new(),
            readers: AtomicUsize::new(0),
            next: AtomicU64::new(0),
            recorded: AtomicU64::new(0),
            latest: Mutex::new(None),
        }
    }

    fn record(&self, operation: Operation, at: Duration) {
        let entry = Entry {
            at,
            number: self.next.fetch_add(1, Ordering::Relaxed),
            operation,
        };
        let free = match self.readers.load(Ordering::Acquire) {
            0 => try_lock(&self.ledger),
            _ => None,
        };
        match free {
            Some(mut ledger) => {
                ledger.enter(entry);
                let waiting = self.journal.waiting();
                if waiting > 0 {
                    // More than one each, so that the journal empties; more when much lies there, so
                    // that it can't grow without end.
                    self.journal.take(2 + waiting / 256, |entry| ledger.enter(entry));
                }
            }
            None => self.journal.push(entry),
        }
        self.recorded.fetch_add(1, Ordering::Release);
    }

    /// The ledger with everything in it.
    fn read(&self) -> MutexGuard<'_, Ledger> {
        self.readers.fetch_add(1, Ordering::AcqRel);
        let mut ledger = lock(&self.ledger);
        self.readers.fetch_sub(1, Ordering::AcqRel);
        self.journal.take_all(|entry| ledger.enter(entry));
        ledger
    }
}

/// A panic in another thread leaves sums that are at most one operation short; better than none.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Cuts what others made too long: it is kept for thousands of operations.
fn bound(operation: &mut Operation) {
    const MAX_BYTES: usize = 1024;
    if operation.endpoint.len() > MAX_BYTES {
        operation.endpoint = cut(&operation.endpoint, MAX_BYTES).into();
    }
    if let Some(error) = &mut operation.error
        && error.len() > MAX_BYTES
    {
        *error = cut(error, MAX_BYTES).to_owned();
    }
    if let Some(id) = &mut operation.request_id
        && id.len() > MAX_BYTES
    {
        *id = cut(id, MAX_BYTES).into();
    }
}

fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}
