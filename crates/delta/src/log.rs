//! One Delta table: what its log says, checked, and commits to it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, LogicalFileView, StructType, Transaction};
use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::SaveMode;
use deltalake::table::state::DeltaTableState;
use deltalake::{DeltaTable, DeltaTableError};
use futures::TryStreamExt;
use object_store::ObjectStore;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use spacewatch_model::Timestamp;
use url::Url;

use crate::file::location;
use crate::{Change, DeltaError, Statistics, TableFile, is_plain_name};

/// After so many commits the log is summed up.
const CHECKPOINT_EVERY: u64 = 20;

/// What a table is: anything else that stands in its place is refused.
#[derive(Debug, Clone)]
pub struct TableSpec {
    /// Its name, and its folder.
    pub name: &'static str,
    /// Its columns.
    pub schema: SchemaRef,
    /// Under which name its commits are numbered.
    pub application: &'static str,
    /// Whether a file with these statistics belongs into it; what is wrong otherwise.
    pub check: fn(&Statistics) -> Result<(), &'static str>,
}

/// One of the tables of a directory.
pub struct TableLog {
    spec: TableSpec,
    store: Arc<dyn ObjectStore>,
    log_store: LogStoreRef,
    state: DeltaTableState,
    files: Arc<[Arc<TableFile>]>,
    /// The commit up to which it was summed up, or that was the newest when it was opened.
    checkpointed: u64,
}

/// What a table became since it was read last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// It is the same.
    Same,
    /// Something was committed.
    Changed,
    /// It is there no more, or another one has its place: what is known of it says nothing.
    Gone,
}

impl TableLog {
    /// The table as its log has it now; `None` when there is none.
    pub async fn open(store: &Arc<dyn ObjectStore>, spec: TableSpec) -> Result<Option<Self>, DeltaError> {
        if newest_version(store.as_ref(), &spec).await?.is_none() {
            return Ok(None);
        }
        let log_store = log_store(store, &spec)?;
        let state = DeltaTableState::try_new(log_store.as_ref(), None).await;
        let state = state.map_err(|error| unreadable(&spec, &error))?;
        Self::checked(store, spec, log_store, state).map(Some)
    }

    /// A new table without rows.
    pub async fn create(store: &Arc<dyn ObjectStore>, spec: TableSpec) -> Result<Self, DeltaError> {
        let log_store = log_store(store, &spec)?;
        let kernel: StructType = expected(&spec)?;
        let created: Result<DeltaTable, _> = CreateBuilder::new()
            .with_log_store(Arc::clone(&log_store))
            .with_table_name(spec.name)
            .with_columns(kernel.fields().cloned())
            .with_save_mode(SaveMode::ErrorIfExists)
            .await;
        let created = created.map_err(|error| uncommitted(&spec, &error))?;
        let state = created.snapshot().map_err(|error| unreadable(&spec, &error))?;
        Self::checked(store, spec, log_store, state.clone())
    }

    fn checked(
        store: &Arc<dyn ObjectStore>,
        spec: TableSpec,
        log_store: LogStoreRef,
        state: DeltaTableState,
    ) -> Result<Self, DeltaError> {
        let mut log = Self {
            spec,
            store: Arc::clone(store),
            log_store,
            checkpointed: state.version(),
            state,
            files: Arc::new([]),
        };
        log.read_state()?;
        Ok(log)
    }

    /// What the table is.
    pub fn spec(&self) -> &TableSpec {
        &self.spec
    }

    /// Its files, as they were read last. A file that stays is the same `Arc` from one reading to the next.
    pub fn files(&self) -> &Arc<[Arc<TableFile>]> {
        &self.files
    }

    /// Reads what was committed since, by whomever.
    pub async fn refresh(&mut self) -> Result<Refreshed, DeltaError> {
        let before = self.state.version();
        let newest = newest_version(self.store.as_ref(), &self.spec).await?;
        match newest {
            Some(newest) if newest == before => return Ok(Refreshed::Same),
            Some(newest) if newest > before => {}
            _ => return Ok(Refreshed::Gone),
        }
        let next = self.log_store.read_commit_entry(before.saturating_add(1)).await;
        let updated = match next {
            Ok(Some(_)) => self.state.update(self.log_store.as_ref(), None).await,
            // What follows was summed up, and is there only as a whole.
            _ => match DeltaTableState::try_new(self.log_store.as_ref(), None).await {
                Ok(state) => {
                    self.state = state;
                    Ok(())
                }
                Err(error) => Err(error),
            },
        };
        updated.map_err(|error| unreadable(&self.spec, &error))?;
        self.read_state()?;
        Ok(Refreshed::Changed)
    }

    /// The number of the newest commit that has one; 0 before the first.
    pub async fn number(&self) -> Result<u64, DeltaError> {
        let version = self
            .state
            .transaction_version(self.log_store.as_ref(), self.spec.application)
            .await;
        let version = version.map_err(|error| unreadable(&self.spec, &error))?;
        Ok(version
            .and_then(|version| u64::try_from(version).ok())
            .unwrap_or(0))
    }

    /// Makes a change, all of it or nothing. After an error it may have been made nevertheless: [`TableLog::refresh`] tells.
    pub async fn commit(&mut self, change: Change) -> Result<(), DeltaError> {
        let mut actions = self.removals(&change)?;
        actions.extend(change.adds.into_iter().map(Action::Add));
        let mut properties = CommitProperties::default()
            .with_max_retries(0)
            .with_create_checkpoint(false)
            .with_cleanup_expired_logs(Some(false));
        if let Some(number) = change.number {
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            let transaction = Transaction::new(self.spec.application, number);
            properties = properties.with_application_transaction(transaction);
        }
        let committed = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(&self.state), Arc::clone(&self.log_store), change.operation)
            .await;
        self.state = committed
            .map_err(|error| uncommitted(&self.spec, &error))?
            .snapshot();
        self.read_state()
    }

    fn removals(&self, change: &Change) -> Result<Vec<Action>, DeltaError> {
        if change.removed.is_empty() {
            return Ok(Vec::new());
        }
        let log = self.state.log_data();
        let named = log
            .iter()
            .map(|view| (location(self.spec.name, &view.path()), view));
        let views: HashMap<Path, LogicalFileView> = named.collect();
        let remove = |path: &Path| {
            let view = views
                .get(path)
                .ok_or_else(|| DeltaError::Internal(format!("`{path}` is not in the table")))?;
            Ok(Action::Remove(view.remove_action(change.data_change)))
        };
        change.removed.iter().map(remove).collect()
    }

    /// Writes what the log says so far into one file, when enough was committed since, so that it is read quickly.
    pub async fn checkpoint_when_due(&mut self) -> Result<bool, DeltaError> {
        let version = self.state.version();
        if version / CHECKPOINT_EVERY == self.checkpointed / CHECKPOINT_EVERY {
            return Ok(false);
        }
        let mut table = DeltaTable::new(Arc::clone(&self.log_store));
        let loaded = table.load().await;
        loaded.map_err(|error| unreadable(&self.spec, &error))?;
        let made = deltalake::checkpoints::create_checkpoint(&table, None).await;
        made.map_err(|error| uncommitted(&self.spec, &error))?;
        self.checkpointed = version;
        Ok(true)
    }

    /// Removes what the log said before the newest checkpoint, where it was written before this moment.
    pub async fn forget_log(&self, before: Timestamp) -> Result<usize, DeltaError> {
        let removed = deltalake::checkpoints::cleanup_expired_logs_for(
            self.state.version(),
            self.log_store.as_ref(),
            before.as_millisecond(),
            None,
        );
        removed.await.map_err(|error| uncommitted(&self.spec, &error))
    }

    /// The files that a commit took out of the table since this moment: someone may still read them.
    pub(crate) async fn removed_since(&self, moment: Timestamp) -> Result<Vec<Path>, DeltaError> {
        let since = moment.as_millisecond();
        let removed = self.state.all_tombstones(self.log_store.as_ref());
        let late = removed.try_filter_map(|file| async move {
            let late = file.deletion_timestamp().is_none_or(|at| at >= since);
            Ok(late.then(|| location(self.spec.name, &file.path())))
        });
        let late = late.try_collect().await;
        late.map_err(|error| unreadable(&self.spec, &error))
    }

    pub(crate) fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    fn read_state(&mut self) -> Result<(), DeltaError> {
        self.check_shape()?;
        let known: HashMap<&Path, &Arc<TableFile>> =
            self.files.iter().map(|file| (&file.path, file)).collect();
        let files: Result<Vec<_>, DeltaError> = self
            .state
            .log_data()
            .iter()
            .map(|view| match known.get(&location(self.spec.name, &view.path())) {
                Some(file) => Ok(Arc::clone(file)),
                None => self.file(&view).map(Arc::new),
            })
            .collect();
        self.files = files?.into();
        Ok(())
    }

    fn check_shape(&self) -> Result<(), DeltaError> {
        let protocol = self.state.protocol();
        let features = protocol.reader_features().is_some() || protocol.writer_features().is_some();
        if protocol.min_reader_version() > 1 || protocol.min_writer_version() > 2 || features {
            let why = "it needs features of the Delta protocol that this program doesn't know";
            return Err(untrusted(&self.spec, why));
        }
        let metadata = self.state.metadata();
        if !metadata.partition_columns().is_empty() {
            return Err(untrusted(&self.spec, "it is partitioned"));
        }
        if *self.state.schema() != expected(&self.spec)? {
            return Err(untrusted(&self.spec, "it has other columns"));
        }
        Ok(())
    }

    fn file(&self, view: &LogicalFileView) -> Result<TableFile, DeltaError> {
        let name = view.path();
        if !is_plain_name(&name) {
            let why = "its log names a file that doesn't lie in its directory";
            return Err(untrusted(&self.spec, why));
        }
        if view.deletion_vector_descriptor().is_some() {
            return Err(untrusted(&self.spec, "rows of a file are marked as deleted"));
        }
        let statistics = view
            .stats()
            .and_then(|text| serde_json::from_str::<Statistics>(&text).ok());
        let Some((statistics, bytes)) = statistics.zip(u64::try_from(view.size()).ok()) else {
            return Err(untrusted(&self.spec, "its log doesn't say what a file holds"));
        };
        (self.spec.check)(&statistics).map_err(|why| untrusted(&self.spec, why))?;
        Ok(TableFile {
            path: location(self.spec.name, &name),
            bytes,
            statistics,
        })
    }
}

impl fmt::Debug for TableLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableLog")
            .field("table", &self.spec.name)
            .field("version", &self.state.version())
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}

fn expected(spec: &TableSpec) -> Result<StructType, DeltaError> {
    let kernel = spec.schema.as_ref().try_into_kernel();
    kernel.map_err(DeltaError::internal)
}

fn log_store(store: &Arc<dyn ObjectStore>, spec: &TableSpec) -> Result<LogStoreRef, DeltaError> {
    let url = Url::parse(&format!("lake:///{}/", spec.name)).map_err(DeltaError::internal)?;
    let prefixed = Arc::new(PrefixStore::new(Arc::clone(store), spec.name));
    Ok(default_logstore(
        prefixed,
        Arc::clone(store),
        &url,
        &StorageConfig::default(),
    ))
}

/// The number of the newest commit; `None` where there is no table. What stands in the log is looked at by name first: what this
/// program never writes there may be read in ways that lead elsewhere.
async fn newest_version(store: &dyn ObjectStore, spec: &TableSpec) -> Result<Option<u64>, DeltaError> {
    let folder = Path::from(spec.name).join("_delta_log");
    let mut listed = store.list(Some(&folder));
    let mut newest = None;
    loop {
        let entry = listed.try_next().await;
        let entry = entry.map_err(|error| DeltaError::disk("list", &folder, error))?;
        let Some(entry) = entry else { return Ok(newest) };
        let name = entry.location.prefix_match(&folder).map(|parts| {
            let parts: Vec<String> = parts.map(|part| part.as_ref().to_owned()).collect();
            parts.join("/")
        });
        match name.as_deref().map(log_entry) {
            Some(LogEntry::Version(version)) => newest = newest.max(Some(version)),
            Some(LogEntry::Hint) => {}
            _ => {
                let why = "its log holds a file that this program never writes";
                return Err(untrusted(spec, why));
            }
        }
    }
}

/// What a file in a log is.
enum LogEntry {
    /// A commit, or a sum of all up to it.
    Version(u64),
    /// Which sum is the newest.
    Hint,
    Foreign,
}

fn log_entry(name: &str) -> LogEntry {
    if name == "_last_checkpoint" {
        return LogEntry::Hint;
    }
    let Some((version, kind)) = name.split_at_checked(20) else {
        return LogEntry::Foreign;
    };
    let number = version.bytes().all(|byte| byte.is_ascii_digit());
    match version.parse() {
        Ok(version) if number && matches!(kind, ".json" | ".checkpoint.parquet" | ".crc") => {
            LogEntry::Version(version)
        }
        _ => LogEntry::Foreign,
    }
}

fn untrusted(spec: &TableSpec, why: &str) -> DeltaError {
    DeltaError::Untrusted {
        table: spec.name,
        why: why.to_owned(),
    }
}

fn unreadable(spec: &TableSpec, error: &DeltaTableError) -> DeltaError {
    match error {
        DeltaTableError::ObjectStore { source } => DeltaError::disk("read", spec.name, source),
        other => untrusted(spec, &format!("its log can't be read: {other}")),
    }
}

fn uncommitted(spec: &TableSpec, error: &DeltaTableError) -> DeltaError {
    DeltaError::disk("commit to", spec.name, error)
}
