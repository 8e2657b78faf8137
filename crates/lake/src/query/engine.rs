//! The engine: threads, memory and disk that all questions share, and the questions themselves.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::common::DataFusionError;
use datafusion::dataframe::DataFrame;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};
use spacewatch_model::TimeRange;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::task::AbortOnDropHandle;

use super::ask::{
    ActivityAsk, CdnAsk, CensusAsk, DeedsAsk, Dimension, DossierAsk, IntervalAsk, KeysAsk, LatencyAsk,
    PeakAsk, Position, SignatureAsk, SizeAsk, SqlLimits, TopAsk, UsesAsk,
};
use super::footers::Footers;
use super::rows::{
    Activity, CdnActivity, Census, Dossier, Found, Interval, KeyDay, KeyDeed, Latency, LogObjectRow, Peaks,
    RecordRow, Reject, Signatures, Sizes, SqlAnswer, Top, Uses,
};
use super::scan::LakeTable;
use super::session::surroundings;
use super::{
    activity, cdn, census, deeds, dossiers, intervals, keys, objects, peaks, reading, rejects, search,
    signatures, sizes, sql, top, uses,
};
use crate::coverage::ReadObjects;
use crate::tables::{LakeSnapshot, TableSnapshot};
use crate::{LakeError, RecordFilter};

/// Planning and running recurse deeply, in builds without optimisation most of all.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// What questions may take, all together.
#[derive(Debug, Clone)]
pub(crate) struct QueryConfig {
    /// Threads that questions run on.
    pub(crate) threads: usize,
    /// Bytes of memory for sorting and grouping; what needs more goes to disk.
    pub(crate) memory: usize,
    /// Where that is.
    pub(crate) spill_directory: PathBuf,
    /// How many bytes there at most.
    pub(crate) spill_bytes: u64,
    /// Questions answered at once; further ones wait.
    pub(crate) at_once: usize,
}

/// Threads, memory and disk for questions: one for the whole process.
pub(crate) struct QueryRuntime {
    threads: Option<Runtime>,
    surroundings: RuntimeEnv,
    state: SessionState,
    slots: Semaphore,
    memory: usize,
}

impl QueryRuntime {
    /// Starts the threads.
    pub(crate) fn start(config: &QueryConfig) -> Result<Arc<Self>, LakeError> {
        let threads = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(config.threads.max(1))
            .thread_name("lake-query")
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .map_err(|error| LakeError::Internal(format!("no threads for questions: {error}")))?;
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::Directories(vec![config.spill_directory.clone()]))
            .with_max_temp_directory_size(config.spill_bytes);
        let memory: Arc<dyn MemoryPool> = Arc::new(FairSpillPool::new(config.memory));
        let surroundings = RuntimeEnvBuilder::new()
            .with_disk_manager_builder(disk)
            .with_memory_pool(memory)
            .build()
            .map_err(|error| LakeError::Internal(format!("no room for questions: {error}")))?;
        let state = SessionStateBuilder::new()
            .with_config(session_config(config.threads.max(1)))
            .build();
        Ok(Arc::new(Self {
            threads: Some(threads),
            surroundings,
            state,
            slots: Semaphore::new(config.at_once.max(1)),
            memory: config.memory,
        }))
    }

    /// How many pieces of work are under way.
    #[cfg(test)]
    pub(super) fn tasks(&self) -> usize {
        let threads = self.threads.as_ref();
        threads.map_or(0, |threads| threads.metrics().num_alive_tasks())
    }

    /// Runs work on the threads for questions. It ends when the caller stops waiting.
    async fn run<T, W>(&self, work: W) -> Result<T, LakeError>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, LakeError>> + Send + 'static,
    {
        let gone = || LakeError::Internal("the query engine has stopped".to_owned());
        let _slot = self.slots.acquire().await.map_err(|_| gone())?;
        let threads = self.threads.as_ref().ok_or_else(gone)?;
        let task = AbortOnDropHandle::new(threads.spawn(work));
        task.await
            .map_err(|error| LakeError::Internal(format!("a question broke off: {error}")))?
    }
}

impl Drop for QueryRuntime {
    fn drop(&mut self) {
        // Waiting for threads is not allowed where this may be dropped.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

impl fmt::Debug for QueryRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryRuntime").finish_non_exhaustive()
    }
}

fn session_config(cores: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(cores)
        .with_information_schema(false)
        .with_parquet_pruning(true)
        .with_parquet_bloom_filter_pruning(true);
    let options = config.options_mut();
    options.execution.parquet.pushdown_filters = true;
    options.execution.parquet.reorder_filters = true;
    options.execution.enable_recursive_ctes = false;
    config
}

/// Answers questions over the snapshots of one lake with the embedded engine. Cheap to clone.
///
/// This is the border behind which another engine may stand: what goes in and out are plain values, and the snapshot names all
/// that may be read.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    runtime: Arc<QueryRuntime>,
    footers: Arc<Footers>,
}

impl Engine {
    /// For one lake. It keeps at most `footer_bytes` of what it learned of the files.
    pub(crate) fn new(runtime: Arc<QueryRuntime>, footer_bytes: usize) -> Self {
        Self {
            runtime,
            footers: Arc::new(Footers::new(footer_bytes)),
        }
    }

    fn session(&self, snapshot: &Arc<LakeSnapshot>) -> Result<Session, LakeError> {
        let runtime = &self.runtime;
        let surroundings = surroundings(&runtime.surroundings, &snapshot.store, None);
        let state = SessionStateBuilder::new_from_existing(runtime.state.clone())
            .with_runtime_env(surroundings.map_err(|error| internal(&error))?)
            .build();
        Ok(Session {
            context: SessionContext::new_with_state(state),
            snapshot: Arc::clone(snapshot),
            footers: Arc::clone(&self.footers),
            memory: runtime.memory,
        })
    }

    /// Records, newest first.
    pub(crate) async fn search(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        filter: &RecordFilter,
        limit: usize,
        after: Option<&Position>,
    ) -> Result<Found, LakeError> {
        let (session, filter, after) = (self.session(snapshot)?, filter.clone(), after.cloned());
        self.runtime
            .run(async move { search::answer(&session, &filter, limit, after.as_ref()).await })
            .await
    }

    /// The record that stands at that place of a log object, with its line.
    pub(crate) async fn record_at(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        log_object: &str,
        offset: u64,
    ) -> Result<Option<RecordRow>, LakeError> {
        let (session, log_object) = (self.session(snapshot)?, log_object.to_owned());
        self.runtime
            .run(async move { search::record_at(&session, &log_object, offset).await })
            .await
    }

    /// What is asked for most.
    pub(crate) async fn top(&self, snapshot: &Arc<LakeSnapshot>, ask: &TopAsk) -> Result<Top, LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { top::answer(&session, &ask).await })
            .await
    }

    /// What was used since a moment, and what of it was not before.
    pub(crate) async fn uses(&self, snapshot: &Arc<LakeSnapshot>, ask: &UsesAsk) -> Result<Uses, LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { uses::answer(&session, &ask).await })
            .await
    }

    /// How many different values there are.
    pub(crate) async fn distinct(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        filter: &RecordFilter,
        dimension: Dimension,
    ) -> Result<u64, LakeError> {
        let (session, filter) = (self.session(snapshot)?, filter.clone());
        self.runtime
            .run(async move { top::distinct(&session, &filter, dimension).await })
            .await
    }

    /// How much of everything, by step and by dimension.
    pub(crate) async fn activity(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        ask: &ActivityAsk,
    ) -> Result<Vec<Activity>, LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { activity::answer(&session, &ask).await })
            .await
    }

    /// How much clients asked in intervals.
    pub(crate) async fn intervals(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        ask: &IntervalAsk,
    ) -> Result<Vec<Interval>, LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { intervals::answer(&session, &ask).await })
            .await
    }

    /// How many requests took how long, exactly.
    pub(crate) async fn latency(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        ask: &LatencyAsk,
    ) -> Result<Vec<Latency>, LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { activity::latency(&session, &ask).await })
            .await
    }

    /// How large requests were.
    pub(crate) async fn sizes(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        ask: &SizeAsk,
    ) -> Result<Vec<Sizes>, LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { sizes::answer(&session, &ask).await })
            .await
    }

    /// Which keys were read on which days, in the order of the keys, as long as anybody takes them.
    pub(crate) async fn keys_read(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        ask: &KeysAsk,
        rows: mpsc::Sender<Vec<KeyDay>>,
    ) -> Result<(), LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { keys::answer(&session, &ask, rows).await })
            .await
    }

    /// What was done to keys, in the order of the keys and then of time, as long as anybody takes it.
    pub(crate) async fn deeds(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        ask: &DeedsAsk,
        rows: mpsc::Sender<Vec<KeyDeed>>,
    ) -> Result<(), LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { deeds::answer(&session, &ask, rows).await })
            .await
    }

    /// What all clients did in a period, and who stands out.
    pub(crate) async fn census(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        ask: &CensusAsk,
    ) -> Result<Census, LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { census::answer(&session, &ask).await })
            .await
    }

    /// What some clients did.
    pub(crate) async fn dossiers(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        ask: &DossierAsk,
    ) -> Result<Vec<Dossier>, LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { dossiers::answer(&session, &ask).await })
            .await
    }

    /// Links that several addresses used.
    pub(crate) async fn signatures(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        ask: &SignatureAsk,
    ) -> Result<Signatures, LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { signatures::answer(&session, &ask).await })
            .await
    }

    /// How many requests came in the busiest of some seconds.
    pub(crate) async fn peaks(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        ask: &PeakAsk,
    ) -> Result<Peaks, LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { peaks::answer(&session, &ask).await })
            .await
    }

    /// What the CDN served.
    pub(crate) async fn cdn_activity(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        ask: &CdnAsk,
    ) -> Result<Vec<CdnActivity>, LakeError> {
        let (session, ask) = (self.session(snapshot)?, ask.clone());
        self.runtime
            .run(async move { cdn::answer(&session, &ask).await })
            .await
    }

    /// The log objects that hold records that fit, those with the newest records first, and how many there are.
    pub(crate) async fn log_objects(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        filter: &RecordFilter,
        limit: usize,
        after: Option<&Position>,
    ) -> Result<(Vec<LogObjectRow>, u64), LakeError> {
        let session = self.session(snapshot)?;
        let (filter, after) = (filter.clone(), after.cloned());
        self.runtime
            .run(async move { objects::answer(&session, &filter, limit, after.as_ref()).await })
            .await
    }

    /// How much of the log was read that may hold records of a period.
    pub(crate) async fn read_objects(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        period: TimeRange,
    ) -> Result<ReadObjects, LakeError> {
        let session = self.session(snapshot)?;
        self.runtime
            .run(async move { reading::answer(&session, period).await })
            .await
    }

    /// Lines and objects that could not be read, newest first, and how many there are.
    pub(crate) async fn rejects(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        period: TimeRange,
        limit: usize,
        after: Option<&Position>,
    ) -> Result<(Vec<Reject>, u64), LakeError> {
        let (session, after) = (self.session(snapshot)?, after.cloned());
        self.runtime
            .run(async move { rejects::answer(&session, period, limit, after.as_ref()).await })
            .await
    }

    /// One `SELECT` over the tables `requests`, `cdn`, `rejects` and `log_objects`.
    pub(crate) async fn sql(
        &self,
        snapshot: &Arc<LakeSnapshot>,
        text: &str,
        limits: SqlLimits,
    ) -> Result<SqlAnswer, LakeError> {
        let runtime = &self.runtime;
        let session = sql::SqlSession {
            snapshot: Arc::clone(snapshot),
            footers: Arc::clone(&self.footers),
            surroundings: sql::surroundings(&runtime.surroundings, snapshot, limits)?,
            config: runtime.state.config().clone(),
            limits,
        };
        let text = text.to_owned();
        let work = runtime.run(async move { session.answer(&text).await });
        // The clock runs while the question waits for its turn as well.
        match tokio::time::timeout(limits.time, work).await {
            Ok(answer) => answer,
            Err(_) => Err(LakeError::Limit {
                what: "time",
                limit: format!("{} ms", limits.time.as_millis()),
            }),
        }
    }
}

/// What one question works with.
pub(super) struct Session {
    context: SessionContext,
    snapshot: Arc<LakeSnapshot>,
    footers: Arc<Footers>,
    memory: usize,
}

impl Session {
    pub(super) fn snapshot(&self) -> &LakeSnapshot {
        &self.snapshot
    }

    pub(super) fn table(&self, table: &TableSnapshot) -> LakeTable {
        LakeTable::new(&self.snapshot, table, &self.footers)
    }

    pub(super) fn read(&self, table: LakeTable) -> Result<DataFrame, LakeError> {
        self.context
            .read_table(Arc::new(table))
            .map_err(|error| self.failure(&error))
    }

    /// What an error of the engine means to who asked.
    pub(super) fn failure(&self, error: &DataFusionError) -> LakeError {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => LakeError::Limit {
                what: "memory",
                limit: format!("{} MiB", self.memory / (1024 * 1024)),
            },
            root => internal(root),
        }
    }
}

pub(super) fn internal(error: &DataFusionError) -> LakeError {
    LakeError::Internal(error.strip_backtrace())
}
