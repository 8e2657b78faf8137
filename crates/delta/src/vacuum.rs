//! Removes files that no table names.

use std::collections::HashSet;

use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use spacewatch_model::Timestamp;

use crate::{DeltaError, FaultPoint, Faults, Lease, TableLog, is_plain_name};

/// Which files stay though their table doesn't name them. Only the writer may vacuum, and while no file waits for its commit but those
/// that it names here.
#[derive(Debug)]
pub struct Vacuum<'a> {
    /// What was written or taken out of its table since this moment stays: someone may read it.
    pub before: Timestamp,
    /// Files that are recorded elsewhere and are about to be committed.
    pub keep: &'a HashSet<Path>,
    /// What tests do.
    pub faults: &'a Faults,
}

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Vacuumed {
    /// Files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Vacuum<'_> {
    /// Removes the files in a table's folder that nobody needs; those of processes that died before their commit as well.
    pub async fn run(&self, table: &TableLog) -> Result<Vacuumed, DeltaError> {
        let unneeded = self.unneeded(table).await?;
        self.remove(table, unneeded).await
    }

    /// The same in a bucket, where another may write by the time that this is done with looking: then nothing is removed.
    pub async fn run_leased(&self, table: &TableLog, lease: &Lease) -> Result<Vacuumed, DeltaError> {
        let unneeded = self.unneeded(table).await?;
        if !unneeded.is_empty() {
            lease.confirm().await?;
        }
        self.remove(table, unneeded).await
    }

    async fn remove(&self, table: &TableLog, unneeded: Vec<(Path, u64)>) -> Result<Vacuumed, DeltaError> {
        let mut vacuumed = Vacuumed::default();
        for (path, bytes) in unneeded {
            let faulty = self.faults.at(FaultPoint::Vacuuming);
            faulty.map_err(|error| DeltaError::disk("remove", &path, error))?;
            match table.store().delete(&path).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(DeltaError::disk("remove", &path, error)),
            }
            vacuumed.files = vacuumed.files.saturating_add(1);
            vacuumed.bytes = vacuumed.bytes.saturating_add(bytes);
        }
        Ok(vacuumed)
    }

    /// Old files that nobody wants and nobody still reads.
    async fn unneeded(&self, table: &TableLog) -> Result<Vec<(Path, u64)>, DeltaError> {
        let mut unneeded = self.unnamed(table).await?;
        if !unneeded.is_empty() {
            let late: HashSet<Path> = table.removed_since(self.before).await?.into_iter().collect();
            unneeded.retain(|(path, _)| !late.contains(path));
        }
        Ok(unneeded)
    }

    /// Old files that the table doesn't name and nobody else wants.
    async fn unnamed(&self, table: &TableLog) -> Result<Vec<(Path, u64)>, DeltaError> {
        let named: HashSet<&Path> = table.files().iter().map(|file| &file.path).collect();
        let folder = Path::from(table.spec().name);
        let failed = |error| DeltaError::disk("list", &folder, error);
        // Not below it: that is the log.
        let listed = table.store().list_with_delimiter(Some(&folder)).await;
        let before = self.before.as_millisecond();
        let old = listed.map_err(failed)?.objects.into_iter().filter(|file| {
            file.location.filename().is_some_and(is_plain_name)
                && file.last_modified.timestamp_millis() < before
                && !named.contains(&file.location)
                && !self.keep.contains(&file.location)
        });
        Ok(old.map(|file| (file.location, file.size)).collect())
    }
}
