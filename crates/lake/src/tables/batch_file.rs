//! `batches/N.json`: what a batch adds to the tables, recorded before any of them says so.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};
use spacewatch_delta::{Add, is_plain_name};
use spacewatch_model::Timestamp;

use super::Table;
use crate::LakeError;

/// The table that errors about batches name.
const BATCHES: &str = "batches";

/// How long a number stays taken, in seconds: nobody wakes in the middle of a request after a week.
const FENCES_STAY: i64 = 7 * 86_400;

/// A batch that was written, and is committed in all tables or in none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchFile {
    pub(super) number: u64,
    adds: BTreeMap<String, Vec<Add>>,
}

impl BatchFile {
    pub(super) fn new(number: u64) -> Self {
        Self {
            number,
            adds: BTreeMap::new(),
        }
    }

    pub(super) fn push(&mut self, table: Table, add: Add) {
        self.adds.entry(table.name().to_owned()).or_default().push(add);
    }

    /// What a table gets.
    pub(super) fn adds(&self, table: Table) -> &[Add] {
        self.adds.get(table.name()).map_or(&[], Vec::as_slice)
    }

    /// Where the files lie that it adds.
    pub(super) fn files(&self) -> impl Iterator<Item = Path> {
        let tables = self.adds.iter();
        tables.flat_map(|(table, adds)| {
            adds.iter()
                .map(|add| Path::from(table.as_str()).join(add.path.as_str()))
        })
    }

    /// Records it.
    pub(super) async fn record(&self, store: &dyn ObjectStore) -> Result<(), LakeError> {
        let text = serde_json::to_vec(self).map_err(|error| LakeError::Internal(error.to_string()))?;
        let path = path(self.number);
        let written = store
            .put_opts(&path, text.into(), PutOptions::from(PutMode::Create))
            .await;
        written.map(drop).map_err(|error| failed("write", &path, &error))
    }

    /// All tables have it.
    pub(super) async fn mark_done(&self, store: &dyn ObjectStore) -> Result<(), LakeError> {
        let path = path(self.number);
        match store.delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed("remove", &path, &error)),
        }
    }

    /// Takes a number, so that nobody records a batch under it; false when it is taken.
    pub(super) async fn fence(number: u64, store: &dyn ObjectStore) -> Result<bool, LakeError> {
        let text =
            serde_json::to_vec(&Self::new(number)).map_err(|error| LakeError::Internal(error.to_string()))?;
        let (path, options) = (path(number), PutOptions::from(PutMode::Create));
        match store.put_opts(&path, text.into(), options).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(failed("write", &path, &error)),
        }
    }

    /// What was recorded and not marked as done, in order.
    pub(super) async fn recorded(store: &dyn ObjectStore) -> Result<Recorded, LakeError> {
        let folder = Path::from(BATCHES);
        let listed: Vec<_> = store
            .list(Some(&folder))
            .try_collect()
            .await
            .map_err(|error| failed("list", &folder, &error))?;
        let mut recorded = Recorded::default();
        for object in listed {
            let (path, made) = (object.location, object.last_modified.timestamp());
            let found = match store.get(&path).await {
                Ok(found) => found,
                // Done meanwhile, by whoever writes now.
                Err(object_store::Error::NotFound { .. }) => continue,
                Err(error) => return Err(failed("read", &path, &error)),
            };
            let text = found
                .bytes()
                .await
                .map_err(|error| failed("read", &path, &error))?;
            let batch: Self = serde_json::from_slice(&text).map_err(|error| untrusted(&error.to_string()))?;
            batch.check(&path)?;
            match batch.adds.is_empty() {
                true => recorded.fences.push((batch.number, made)),
                false => recorded.batches.push(batch),
            }
        }
        recorded.batches.sort_by_key(|batch| batch.number);
        Ok(recorded)
    }

    fn check(&self, found_at: &Path) -> Result<(), LakeError> {
        if *found_at != path(self.number) {
            return Err(untrusted("a batch has another number than its file"));
        }
        let known = |name: &String| Table::ALL.iter().any(|table| table.name() == name);
        if !self.adds.keys().all(known) {
            return Err(untrusted("a batch adds to a table that doesn't exist"));
        }
        let plain = |add: &Add| is_plain_name(&add.path) && add.deletion_vector.is_none();
        if !self.adds.values().flatten().all(plain) {
            return Err(untrusted(
                "a batch names a file that doesn't lie in a table's directory",
            ));
        }
        Ok(())
    }
}

/// What lies in `batches/`.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// Batches that some table may not have.
    pub(super) batches: Vec<BatchFile>,
    /// Numbers that were taken from writers who may wake, and when, in seconds since the epoch.
    fences: Vec<(u64, i64)>,
}

impl Recorded {
    /// The highest number that no batch will have; 0 where there is none.
    pub(super) fn newest_fence(&self) -> u64 {
        self.fences.iter().map(|(number, _)| *number).max().unwrap_or(0)
    }

    /// Removes those that are below the newest batch, when nobody can sleep any more who might want them.
    pub(super) async fn clear_fences(
        &self,
        store: &dyn ObjectStore,
        newest: u64,
        now: Timestamp,
    ) -> Result<(), LakeError> {
        let before = now.as_second().saturating_sub(FENCES_STAY);
        for (number, made) in &self.fences {
            if *number < newest && *made < before {
                BatchFile::new(*number).mark_done(store).await?;
            }
        }
        Ok(())
    }
}

fn path(number: u64) -> Path {
    Path::from(BATCHES).join(format!("{number:020}.json"))
}

fn untrusted(why: &str) -> LakeError {
    LakeError::Untrusted {
        table: BATCHES,
        why: why.to_owned(),
    }
}

fn failed(doing: &'static str, path: &Path, error: &object_store::Error) -> LakeError {
    LakeError::Disk {
        doing,
        path: path.to_string(),
        cause: error.to_string(),
    }
}
