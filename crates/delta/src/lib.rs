//! Delta tables below one directory, or one prefix of a bucket, that trust nothing a forged log says.
//!
//! A directory ([`Disk`]) or a prefix ([`Bucket`]) holds tables, each in a folder of its own: Parquet files, and a log that names
//! them. Whoever writes takes the directory's [`Lock`], or the prefix's [`Lease`], writes files ([`NewFile`]) and commits them ([`TableLog::commit`]), so that all of them show at once or none. What
//! a log names is checked before anything is opened: plain files in the table's own folder, in the columns and of the kind that
//! [`TableSpec`] says.
//!
//! What stands in the files, and how they are encoded, is the business of whoever uses this. It is neither an engine that answers
//! questions nor a general reader of Delta tables: a table that needs features of the protocol that it doesn't write is refused.
//!
//! ```
//! # use std::{sync::Arc, time::Duration};
//! # use arrow_schema::{DataType, Field, Schema};
//! # use spacewatch_model::Clock;
//! use spacewatch_delta::{Change, DeltaError, Disk, Faults, Lock, NewFile, Statistics, TableLog, TableSpec};
//!
//! # async fn example(directory: std::path::PathBuf, parquet: bytes::Bytes, clock: &dyn Clock) -> Result<(), DeltaError> {
//! let spec = TableSpec {
//!     name: "cats",
//!     schema: Arc::new(Schema::new(vec![Field::new("name", DataType::Utf8, false)])),
//!     application: "cat-keeper",
//!     check: |statistics| match statistics.text("name") {
//!         Some(_) => Ok(()),
//!         None => Err("a file doesn't hold one cat"),
//!     },
//! };
//! let store = Disk::open(directory.clone(), Faults::default())?;
//! let _lock = Lock::take(&directory, Duration::ZERO, clock).await?;
//! let mut cats = match TableLog::open(&store, spec.clone()).await? {
//!     Some(cats) => cats,
//!     None => TableLog::create(&store, spec).await?,
//! };
//! let statistics = Statistics::new(1).with_text("name", Some("Tom"));
//! let file = NewFile::write(store.as_ref(), "cats", statistics, parquet).await?;
//! let change = Change::append(vec![file.add(clock.now(), true)?]).numbered(1);
//! cats.commit(change).await?;
//! assert_eq!(cats.files().len(), 1);
//! # Ok(())
//! # }
//! ```

mod bucket;
mod change;
mod disk;
mod error;
mod fault;
mod file;
mod lease;
mod lock;
mod log;
mod statistics;
mod vacuum;

pub use bucket::Bucket;
pub use change::Change;
pub use deltalake::kernel::Add;
pub use disk::{Disk, clear_unfinished};
pub use error::DeltaError;
pub use fault::{FaultPoint, Faults};
pub use file::{NewFile, TableFile, is_plain_name};
pub use lease::{Lease, LeaseTimes};
pub use lock::Lock;
pub use log::{Refreshed, TableLog, TableSpec};
pub use statistics::Statistics;
pub use vacuum::{Vacuum, Vacuumed};
