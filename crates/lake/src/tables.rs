//! The tables of a lake and the files they consist of.
//!
//! Four Delta tables below one directory, written by one [`Writer`] at a time. What a snapshot names was checked first: nothing that
//! a forged log says leads out of the directory.

mod batch;
mod batch_file;
mod entry;
mod fault;
mod files;
mod group;
mod hold;
mod known;
mod lake_file;
mod lake_tables;
#[expect(
    deprecated,
    reason = "its successor wants a reader of our own, which the query half has"
)]
mod merge;
mod schema;
mod table_log;
#[expect(
    deprecated,
    reason = "its successor wants a reader of our own, which the query half has"
)]
mod there;
mod upkeep;
mod writer;

use std::sync::Arc;

use arrow_schema::SchemaRef;
use object_store::ObjectStore;
use object_store::path::Path;
use spacewatch_model::{BucketName, TimeRange, Timestamp};

pub(crate) use batch::BatchWriter;
pub(crate) use entry::{LogObject, LogObjectId, RejectedLine};
#[cfg(test)]
pub(crate) use fault::FaultPoint;
pub(crate) use fault::Faults;
pub(crate) use known::KnownObjects;
pub(crate) use lake_tables::{LakeTables, Place, TablesConfig};
#[cfg(test)]
pub(crate) use there::all_rows;
pub(crate) use writer::Writer;

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

impl Table {
    /// All of them, in the order in which a batch is committed: log objects last, so that none is said to be read whose records
    /// aren't there yet.
    pub(crate) const ALL: [Self; 4] = [Self::Requests, Self::Cdn, Self::Rejects, Self::LogObjects];

    /// The table's name, and its folder below the lake's directory.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Cdn => "cdn",
            Self::Rejects => "rejects",
            Self::LogObjects => "log_objects",
        }
    }
}

/// A file of a table: one bucket, one day, ordered by time (for `Requests`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataFile {
    /// Below the lake's directory.
    pub(crate) path: Path,
    /// Its length.
    pub(crate) bytes: u64,
    /// How many rows it holds.
    pub(crate) rows: u64,
    /// The bucket of all its rows; absent when they have none, or for tables without.
    pub(crate) bucket: Option<String>,
    /// The oldest and the newest time in it, microseconds since the epoch; of rejects when they were seen; absent for tables without.
    pub(crate) times: Option<(i64, i64)>,
}

impl DataFile {
    /// Whether it may hold rows of a bucket (of any without one) and a period. Files without times may always.
    pub(crate) fn may_hold(&self, bucket: Option<&BucketName>, period: TimeRange) -> bool {
        let of_bucket = bucket.is_none_or(|bucket| self.bucket.as_deref() == Some(bucket.as_str()));
        of_bucket
            && self
                .span()
                .is_none_or(|(first, last)| period.overlaps(first, last))
    }

    /// The oldest and the newest time in it.
    pub(crate) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let (first, last) = self.times?;
        let at = |micros| Timestamp::from_microsecond(micros).ok();
        at(first).zip(at(last))
    }
}

/// A table at one moment.
#[derive(Debug, Clone)]
pub(crate) struct TableSnapshot {
    /// Which table.
    #[expect(dead_code, reason = "shown by `Debug`")]
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

impl LakeSnapshot {
    /// One of its tables.
    pub(crate) fn table(&self, table: Table) -> &TableSnapshot {
        match table {
            Table::Requests => &self.requests,
            Table::Cdn => &self.cdn,
            Table::Rejects => &self.rejects,
            Table::LogObjects => &self.log_objects,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
