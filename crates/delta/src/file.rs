//! The files of a table: their names, and what the log says of them.

use bytes::Bytes;
use deltalake::kernel::Add;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use spacewatch_model::Timestamp;

use crate::{DeltaError, Statistics};

/// A file that a table names.
#[derive(Debug, Clone, PartialEq)]
pub struct TableFile {
    /// Below the directory of the tables.
    pub path: Path,
    /// Its length.
    pub bytes: u64,
    /// What stands in it.
    pub statistics: Statistics,
}

impl TableFile {
    /// How many rows it holds.
    pub fn rows(&self) -> u64 {
        self.statistics.rows()
    }
}

/// A file that was written, and is not named by its table yet.
#[derive(Debug, Clone)]
pub struct NewFile {
    table: &'static str,
    name: String,
    bytes: u64,
    statistics: Statistics,
}

impl NewFile {
    /// Writes it into a table's folder under a name that nobody had before.
    pub async fn write(
        store: &dyn ObjectStore,
        table: &'static str,
        statistics: Statistics,
        content: Bytes,
    ) -> Result<Self, DeltaError> {
        let name = format!("part-{:032x}.parquet", rand::random::<u128>());
        let path = location(table, &name);
        let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
        let written = store.put(&path, content.into()).await;
        written.map_err(|error| DeltaError::disk("write", &path, error))?;
        Ok(Self {
            table,
            name,
            bytes,
            statistics,
        })
    }

    /// What the table's log will say of it: whether its rows are new, or stood in other files before.
    pub fn add(&self, now: Timestamp, data_change: bool) -> Result<Add, DeltaError> {
        let stats = serde_json::to_string(&self.statistics).map_err(DeltaError::internal)?;
        Ok(Add {
            path: self.name.clone(),
            size: i64::try_from(self.bytes).unwrap_or(i64::MAX),
            modification_time: now.as_millisecond(),
            data_change,
            stats: Some(stats),
            ..Add::default()
        })
    }

    /// The file as its table will show it.
    pub fn file(&self) -> TableFile {
        TableFile {
            path: location(self.table, &self.name),
            bytes: self.bytes,
            statistics: self.statistics.clone(),
        }
    }
}

/// Where a file of a table lies below the directory of the tables.
pub(crate) fn location(table: &str, name: &str) -> Path {
    Path::from(table).join(name)
}

/// Whether a log may name such a file: all files stand in the table's own folder, and their names are plain. What a log writes with
/// `%` was decoded before, so no other spelling gets through.
pub fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 100
        && name
            .strip_suffix(".parquet")
            .is_some_and(|stem| !stem.is_empty() && stem.bytes().all(plain))
}
