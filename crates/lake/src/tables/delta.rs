//! One Delta table: what its log says, checked, and commits to it.

use std::collections::HashMap;
use std::sync::Arc;

use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, Add, LogicalFileView, StructType, Transaction};
use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::table::state::DeltaTableState;
use deltalake::{DeltaTable, DeltaTableError};
use futures::TryStreamExt;
use object_store::ObjectStore;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use url::Url;

use super::statistics::Statistics;
use super::{DataFile, Table, TableSnapshot, schema};
use crate::LakeError;

/// Under which name batches are numbered in the log.
const APPLICATION: &str = "spacewatch-ingest";

/// After so many commits the log is summed up.
const CHECKPOINT_EVERY: u64 = 20;

/// One of the tables.
pub(super) struct DeltaLog {
    table: Table,
    log_store: LogStoreRef,
    state: DeltaTableState,
    snapshot: TableSnapshot,
    /// The commit up to which it was summed up, or that was the newest when it was opened.
    checkpointed: u64,
}

impl DeltaLog {
    /// The table as its log has it now; `None` when there is none.
    pub(super) async fn open(store: &Arc<dyn ObjectStore>, table: Table) -> Result<Option<Self>, LakeError> {
        if !has_log(store.as_ref(), table).await? {
            return Ok(None);
        }
        let log_store = log_store(store, table)?;
        let state = DeltaTableState::try_new(log_store.as_ref(), None).await;
        let state = state.map_err(|error| unreadable(table, &error))?;
        Self::checked(table, log_store, state).map(Some)
    }

    /// A new table without rows.
    pub(super) async fn create(store: &Arc<dyn ObjectStore>, table: Table) -> Result<Self, LakeError> {
        let log_store = log_store(store, table)?;
        let kernel: StructType = expected(table)?;
        let created: Result<DeltaTable, _> = CreateBuilder::new()
            .with_log_store(Arc::clone(&log_store))
            .with_table_name(table.name())
            .with_columns(kernel.fields().cloned())
            .with_save_mode(SaveMode::ErrorIfExists)
            .await;
        let created = created.map_err(|error| uncommitted(table, &error))?;
        let state = created.snapshot().map_err(|error| unreadable(table, &error))?;
        Self::checked(table, log_store, state.clone())
    }

    fn checked(table: Table, log_store: LogStoreRef, state: DeltaTableState) -> Result<Self, LakeError> {
        let mut log = Self {
            table,
            log_store,
            checkpointed: state.version(),
            state,
            snapshot: empty(table),
        };
        log.read_state()?;
        Ok(log)
    }

    /// The table as it was read last.
    pub(super) fn snapshot(&self) -> &TableSnapshot {
        &self.snapshot
    }

    /// Reads what was committed since, by whomever. Whether there is anything.
    pub(super) async fn refresh(&mut self) -> Result<bool, LakeError> {
        let before = self.state.version();
        let next = self.log_store.read_commit_entry(before.saturating_add(1)).await;
        if matches!(next, Ok(None)) {
            return Ok(false);
        }
        let updated = self.state.update(self.log_store.as_ref(), None).await;
        updated.map_err(|error| unreadable(self.table, &error))?;
        self.read_state()?;
        Ok(self.state.version() != before)
    }

    /// The number of the batch that was committed last; 0 before the first.
    pub(super) async fn batch(&self) -> Result<u64, LakeError> {
        let version = self
            .state
            .transaction_version(self.log_store.as_ref(), APPLICATION)
            .await;
        let version = version.map_err(|error| unreadable(self.table, &error))?;
        Ok(version
            .and_then(|version| u64::try_from(version).ok())
            .unwrap_or(0))
    }

    /// Adds the files of a batch, all at once.
    pub(super) async fn commit(&mut self, batch: u64, adds: Vec<Add>) -> Result<(), LakeError> {
        let number = i64::try_from(batch).unwrap_or(i64::MAX);
        let properties = CommitProperties::default()
            .with_max_retries(0)
            .with_create_checkpoint(false)
            .with_cleanup_expired_logs(Some(false))
            .with_application_transaction(Transaction::new(APPLICATION, number));
        let operation = DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: None,
            predicate: None,
        };
        let committed = CommitBuilder::from(properties)
            .with_actions(adds.into_iter().map(Action::Add).collect())
            .build(Some(&self.state), Arc::clone(&self.log_store), operation)
            .await;
        self.state = committed
            .map_err(|error| uncommitted(self.table, &error))?
            .snapshot();
        self.read_state()
    }

    /// Writes what the log says so far into one file, when enough was committed since, so that it is read quickly.
    pub(super) async fn checkpoint_when_due(&mut self) -> Result<(), LakeError> {
        let version = self.state.version();
        if version / CHECKPOINT_EVERY == self.checkpointed / CHECKPOINT_EVERY {
            return Ok(());
        }
        let mut table = DeltaTable::new(Arc::clone(&self.log_store));
        table
            .load()
            .await
            .map_err(|error| unreadable(self.table, &error))?;
        let made = deltalake::checkpoints::create_checkpoint(&table, None).await;
        made.map_err(|error| uncommitted(self.table, &error))?;
        self.checkpointed = version;
        Ok(())
    }

    fn read_state(&mut self) -> Result<(), LakeError> {
        self.check_shape()?;
        let known: HashMap<&Path, &Arc<DataFile>> = self
            .snapshot
            .files
            .iter()
            .map(|file| (&file.path, file))
            .collect();
        let files: Result<Vec<_>, LakeError> = self
            .state
            .log_data()
            .iter()
            .map(|view| match known.get(&location(self.table, &view.path())) {
                Some(file) => Ok(Arc::clone(file)),
                None => self.data_file(&view).map(Arc::new),
            })
            .collect();
        self.snapshot.files = files?.into();
        Ok(())
    }

    fn check_shape(&self) -> Result<(), LakeError> {
        let protocol = self.state.protocol();
        let features = protocol.reader_features().is_some() || protocol.writer_features().is_some();
        if protocol.min_reader_version() > 1 || protocol.min_writer_version() > 2 || features {
            return Err(
                self.untrusted("it needs features of the Delta protocol that this program doesn't know")
            );
        }
        let metadata = self.state.metadata();
        if !metadata.partition_columns().is_empty() {
            return Err(self.untrusted("it is partitioned"));
        }
        if *self.state.schema() != expected(self.table)? {
            return Err(self.untrusted("it has other columns"));
        }
        Ok(())
    }

    fn data_file(&self, view: &LogicalFileView) -> Result<DataFile, LakeError> {
        let name = view.path();
        if !is_our_name(&name) {
            return Err(self.untrusted("its log names a file that doesn't lie in its directory"));
        }
        if view.deletion_vector_descriptor().is_some() {
            return Err(self.untrusted("rows of a file are marked as deleted"));
        }
        let statistics = view
            .stats()
            .and_then(|text| serde_json::from_str::<Statistics>(&text).ok());
        let Some((statistics, bytes)) = statistics.zip(u64::try_from(view.size()).ok()) else {
            return Err(self.untrusted("its log doesn't say what a file holds"));
        };
        let times = statistics.times();
        let bucket = statistics.bucket();
        let dated = matches!(self.table, Table::Requests | Table::Cdn);
        if (dated && times.is_none()) || (self.table == Table::Requests && bucket.is_none()) {
            return Err(self.untrusted("a file doesn't hold one bucket and one day"));
        }
        Ok(DataFile {
            path: location(self.table, &name),
            bytes,
            rows: statistics.num_records,
            bucket: bucket.flatten().map(str::to_owned),
            times,
        })
    }

    fn untrusted(&self, why: &str) -> LakeError {
        LakeError::Untrusted {
            table: self.table.name(),
            why: why.to_owned(),
        }
    }
}

/// A table without files.
pub(super) fn empty(table: Table) -> TableSnapshot {
    TableSnapshot {
        table,
        schema: schema::of(table),
        files: Arc::new([]),
    }
}

/// Where a file of a table lies below the lake's directory.
pub(super) fn location(table: Table, name: &str) -> Path {
    Path::from(table.name()).join(name)
}

/// Whether a log may name such a file: all files stand in the table's own folder, and their names are plain. What a log writes with
/// `%` was decoded before, so no other spelling gets through.
pub(super) fn is_our_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 100
        && name
            .strip_suffix(".parquet")
            .is_some_and(|stem| !stem.is_empty() && stem.bytes().all(plain))
}

fn expected(table: Table) -> Result<StructType, LakeError> {
    let kernel = schema::of(table).as_ref().try_into_kernel();
    kernel.map_err(|error| LakeError::Internal(error.to_string()))
}

fn log_store(store: &Arc<dyn ObjectStore>, table: Table) -> Result<LogStoreRef, LakeError> {
    let url = Url::parse(&format!("lake:///{}/", table.name()));
    let url = url.map_err(|error| LakeError::Internal(error.to_string()))?;
    let prefixed = Arc::new(PrefixStore::new(Arc::clone(store), table.name()));
    Ok(default_logstore(
        prefixed,
        Arc::clone(store),
        &url,
        &StorageConfig::default(),
    ))
}

/// Whether the table was made. What stands in its log is looked at by name first: what this program never writes there may be read in
/// ways that lead elsewhere.
async fn has_log(store: &dyn ObjectStore, table: Table) -> Result<bool, LakeError> {
    let folder = Path::from(table.name()).join("_delta_log");
    let mut listed = store.list(Some(&folder));
    let mut found = false;
    loop {
        let entry = listed.try_next().await.map_err(|error| LakeError::Disk {
            doing: "list",
            path: folder.to_string(),
            cause: error.to_string(),
        })?;
        let Some(entry) = entry else { return Ok(found) };
        let name = entry.location.prefix_match(&folder).map(|parts| {
            let parts: Vec<String> = parts.map(|part| part.as_ref().to_owned()).collect();
            parts.join("/")
        });
        if !name.is_some_and(|name| is_log_name(&name)) {
            return Err(LakeError::Untrusted {
                table: table.name(),
                why: "its log holds a file that this program never writes".to_owned(),
            });
        }
        found = true;
    }
}

fn is_log_name(name: &str) -> bool {
    if name == "_last_checkpoint" {
        return true;
    }
    let Some((version, kind)) = name.split_at_checked(20) else {
        return false;
    };
    version.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(kind, ".json" | ".checkpoint.parquet" | ".crc")
}

fn unreadable(table: Table, error: &DeltaTableError) -> LakeError {
    match error {
        DeltaTableError::ObjectStore { source } => LakeError::Disk {
            doing: "read",
            path: table.name().to_owned(),
            cause: source.to_string(),
        },
        other => LakeError::Untrusted {
            table: table.name(),
            why: format!("its log can't be read: {other}"),
        },
    }
}

fn uncommitted(table: Table, error: &DeltaTableError) -> LakeError {
    LakeError::Disk {
        doing: "commit to",
        path: table.name().to_owned(),
        cause: error.to_string(),
    }
}
