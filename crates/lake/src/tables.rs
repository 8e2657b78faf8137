//! The tables of a lake and the files they consist of.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use object_store::ObjectStore;
use object_store::path::Path;

/// The tables of a lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Table {
    /// Records of S3 server access logs.
    Requests,
    /// Records of CloudFront logs.
    Cdn,
    /// Lines that are no records.
    Rejects,
    /// Log objects that were read, or can't be.
    LogObjects,
}

/// A file of a table: one bucket, one day, ordered by time (for `Requests`).
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    /// Below the lake's directory.
    pub(crate) path: Path,
    /// Its length.
    pub(crate) bytes: u64,
    /// How many rows it holds.
    pub(crate) rows: u64,
    /// The bucket of all its rows; absent when they have none, or for tables without.
    pub(crate) bucket: Option<String>,
    /// The oldest and the newest time in it, microseconds since the epoch; absent for tables without.
    pub(crate) times: Option<(i64, i64)>,
}

/// A table at one moment.
#[derive(Debug, Clone)]
pub(crate) struct TableSnapshot {
    /// Which table.
    pub(crate) table: Table,
    /// The columns of its rows, as its files hold them.
    pub(crate) schema: SchemaRef,
    /// Its files.
    pub(crate) files: Arc<[Arc<DataFile>]>,
}

/// All tables at one moment.
#[derive(Debug, Clone)]
pub(crate) struct LakeSnapshot {
    /// Reads the files, and nothing outside of the lake's directory.
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Records of S3 server access logs.
    pub(crate) requests: TableSnapshot,
    /// Records of CloudFront logs.
    pub(crate) cdn: TableSnapshot,
    /// Lines that are no records.
    pub(crate) rejects: TableSnapshot,
    /// Log objects.
    pub(crate) log_objects: TableSnapshot,
}
