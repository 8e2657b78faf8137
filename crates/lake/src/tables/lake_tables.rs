//! All tables of one lake: what stands in them now, and the way to write to them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use object_store::ObjectStore;
use spacewatch_delta::{Change, Disk, Lease, Vacuum, Vacuumed};
use spacewatch_model::{Clock, Timestamp};

use super::batch_file::BatchFile;
use super::fault::{FaultPoint, Faults};
use super::lake_file::LakeKey;
use super::table_log::{LakeLog, empty};
use super::{LakeSnapshot, Table, Writer, lake_file};
use crate::LakeError;

/// What another process commits is seen after this time at the latest.
const FRESH: Duration = Duration::from_secs(1);

/// Where a lake lies.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// In a directory of its own.
    Directory(PathBuf),
    /// In a bucket, below a prefix.
    Bucket(Arc<dyn ObjectStore>),
}

/// How a lake's tables are kept.
#[derive(Debug, Clone)]
pub(crate) struct TablesConfig {
    /// Which log the lake remembers, for people.
    pub(crate) source: String,
    /// What tests do.
    pub(crate) faults: Faults,
}

/// All tables of one lake. Clones share everything.
#[derive(Debug, Clone)]
pub(crate) struct LakeTables(Arc<Inner>);

struct Inner {
    store: Arc<dyn ObjectStore>,
    directory: Option<PathBuf>,
    config: TablesConfig,
    clock: Arc<dyn Clock>,
    logs: tokio::sync::Mutex<Logs>,
    published: Mutex<Option<Published>>,
    /// Until then, in milliseconds of the clock, only this process writes.
    writing_until: AtomicU64,
}

#[derive(Default)]
struct Logs {
    tables: [Option<LakeLog>; 4],
    /// Whose logs they are: a lake that was removed to make room may be there again, with the same commits in number only.
    lake: Option<LakeKey>,
}

struct Published {
    snapshot: Arc<LakeSnapshot>,
    at: Duration,
}

impl Logs {
    fn snapshot(&self, store: &Arc<dyn ObjectStore>) -> LakeSnapshot {
        let table = |table: Table| {
            let logs = Table::ALL.iter().zip(&self.tables);
            let log = logs
                .filter(|(known, _)| **known == table)
                .find_map(|(_, log)| log.as_ref());
            log.map_or_else(|| empty(table), |log| log.snapshot(table))
        };
        LakeSnapshot {
            store: Arc::clone(store),
            requests: table(Table::Requests),
            cdn: table(Table::Cdn),
            rejects: table(Table::Rejects),
            log_objects: table(Table::LogObjects),
        }
    }
}

impl LakeTables {
    /// The tables at `place`; those that aren't there are made by the first writer.
    pub(crate) fn open(place: Place, config: TablesConfig, clock: Arc<dyn Clock>) -> Result<Self, LakeError> {
        let (store, directory): (Arc<dyn ObjectStore>, _) = match place {
            Place::Directory(directory) => {
                let disk = Disk::open(directory.clone(), config.faults.of_files())?;
                (disk, Some(directory))
            }
            Place::Bucket(store) => (store, None),
        };
        Ok(Self(Arc::new(Inner {
            store,
            directory,
            config,
            clock,
            logs: tokio::sync::Mutex::default(),
            published: Mutex::default(),
            writing_until: AtomicU64::new(0),
        })))
    }

    /// All tables as they are now: what this process commits shows at once, what another commits within a second.
    pub(crate) async fn snapshot(&self) -> Result<Arc<LakeSnapshot>, LakeError> {
        if let Some(snapshot) = self.published() {
            return Ok(snapshot);
        }
        let mut logs = self.0.logs.lock().await;
        // Somebody else may have looked while this waited.
        if let Some(snapshot) = self.published() {
            return Ok(snapshot);
        }
        self.read(&mut logs).await
    }

    /// The only writer of this lake; waits as long as `patience` goes when there is another.
    pub(crate) async fn writer(&self, patience: Duration) -> Result<Writer, LakeError> {
        Writer::open(self.clone(), patience).await
    }

    fn published(&self) -> Option<Arc<LakeSnapshot>> {
        let published = self.0.published.lock().unwrap_or_else(PoisonError::into_inner);
        let published = published.as_ref()?;
        let now = self.0.clock.elapsed();
        let fresh = now.saturating_sub(published.at) < FRESH
            || millis(now) < self.0.writing_until.load(Ordering::Acquire);
        fresh.then(|| Arc::clone(&published.snapshot))
    }

    async fn read(&self, logs: &mut Logs) -> Result<Arc<LakeSnapshot>, LakeError> {
        let lake = lake_file::read(self.0.store.as_ref()).await?;
        if lake != logs.lake {
            *logs = Logs {
                lake,
                ..Logs::default()
            };
        }
        for (table, log) in Table::ALL.into_iter().zip(&mut logs.tables) {
            let there = match log {
                Some(log) => log.refresh().await?,
                None => false,
            };
            if !there {
                *log = LakeLog::open(&self.0.store, table).await?;
            }
        }
        Ok(self.publish(logs))
    }

    fn publish(&self, logs: &Logs) -> Arc<LakeSnapshot> {
        let snapshot = Arc::new(logs.snapshot(&self.0.store));
        let mut published = self.0.published.lock().unwrap_or_else(PoisonError::into_inner);
        *published = Some(Published {
            snapshot: Arc::clone(&snapshot),
            at: self.0.clock.elapsed(),
        });
        snapshot
    }

    pub(super) fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.0.store
    }

    pub(super) fn directory(&self) -> Option<&PathBuf> {
        self.0.directory.as_ref()
    }

    pub(super) fn config(&self) -> &TablesConfig {
        &self.0.config
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    pub(super) fn fault(&self, point: FaultPoint) -> Result<(), LakeError> {
        self.0.config.faults.at(point).map_err(|error| LakeError::Disk {
            doing: "write",
            path: "tables".to_owned(),
            cause: error.to_string(),
        })
    }

    pub(super) fn shared_clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Nobody else writes for so long.
    pub(super) fn set_writing(&self, time: Duration) {
        let until = match time {
            Duration::ZERO => 0,
            time => millis(self.0.clock.elapsed().saturating_add(time)),
        };
        self.0.writing_until.store(until, Ordering::Release);
    }

    /// Reads everything anew, and makes the tables that aren't there. Only for the writer.
    pub(super) async fn read_or_create(&self) -> Result<(), LakeError> {
        let mut logs = self.0.logs.lock().await;
        self.read(&mut logs).await?;
        for (table, log) in Table::ALL.into_iter().zip(&mut logs.tables) {
            if log.is_none() {
                *log = Some(LakeLog::create(&self.0.store, table).await?);
            }
        }
        self.publish(&logs);
        Ok(())
    }

    /// The number of the newest batch that any table has.
    pub(super) async fn newest_batch(&self) -> Result<u64, LakeError> {
        let logs = self.0.logs.lock().await;
        let mut newest = 0;
        for log in logs.tables.iter().flatten() {
            newest = log.batch().await?.max(newest);
        }
        Ok(newest)
    }

    /// Sums up the logs of the tables where that is due. Only for the writer.
    pub(super) async fn checkpoint_when_due(&self) -> Result<(), LakeError> {
        let mut logs = self.0.logs.lock().await;
        for log in logs.tables.iter_mut().flatten() {
            log.log().checkpoint_when_due().await?;
        }
        Ok(())
    }

    /// Makes a change to a table. Only for the writer.
    pub(super) async fn change(&self, table: Table, change: Change) -> Result<(), LakeError> {
        let mut logs = self.0.logs.lock().await;
        let place = Table::ALL.iter().position(|known| *known == table);
        let log = place.and_then(|place| logs.tables.get_mut(place)?.as_mut());
        log.ok_or_else(|| LakeError::Internal("a table that isn't there".to_owned()))?
            .commit(change)
            .await?;
        self.publish(&logs);
        Ok(())
    }

    /// From now on answers say that records before this moment are not kept. Only for the writer.
    pub(crate) async fn keep_from(&self, moment: Timestamp) -> Result<(), LakeError> {
        lake_file::keep_from(self.0.store.as_ref(), moment).await
    }

    /// The moment before which records were dropped to make room, where that is so.
    pub(crate) async fn kept_from(&self) -> Result<Option<Timestamp>, LakeError> {
        lake_file::kept_from(self.0.store.as_ref()).await
    }

    /// Removes what no table needs, files and sayings. Only for the writer.
    pub(super) async fn vacuum(
        &self,
        vacuum: &Vacuum<'_>,
        lease: Option<&Lease>,
    ) -> Result<Vacuumed, LakeError> {
        let mut logs = self.0.logs.lock().await;
        let mut all = Vacuumed::default();
        for log in logs.tables.iter_mut().flatten() {
            let log = log.log();
            let vacuumed = match lease {
                Some(lease) => vacuum.run_leased(log, lease).await?,
                None => vacuum.run(log).await?,
            };
            log.forget_log(vacuum.before).await?;
            all.files = all.files.saturating_add(vacuumed.files);
            all.bytes = all.bytes.saturating_add(vacuumed.bytes);
        }
        Ok(all)
    }

    /// Commits a batch in each table that doesn't have it. Only for the writer.
    ///
    /// Log objects come last and have each batch, an empty one if need be: when they have it, or a later one, all tables do, and what
    /// is recorded is a late copy that nobody wants.
    pub(super) async fn commit_batch(&self, batch: &BatchFile) -> Result<(), LakeError> {
        let mut logs = self.0.logs.lock().await;
        for log in logs.tables.last().into_iter().flatten() {
            if log.batch().await? >= batch.number {
                return Ok(());
            }
        }
        for (table, log) in Table::ALL.into_iter().zip(&mut logs.tables) {
            let Some(log) = log else { continue };
            let adds = batch.adds(table);
            let needless = adds.is_empty() && table != Table::LogObjects;
            if needless || log.batch().await? >= batch.number {
                continue;
            }
            log.commit(Change::append(adds.to_vec()).numbered(batch.number))
                .await?;
            self.fault(FaultPoint::BetweenTables)?;
        }
        self.publish(&logs);
        Ok(())
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LakeTables")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
