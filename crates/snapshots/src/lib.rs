//! History kept in the user's own bucket: what was stored, and what was known of requests, at one moment after another.
//!
//! [`Snapshots`] writes [`SnapshotRecord`]s as write-once objects below the [`Place`] they are kept at, and reads them
//! back for a period. One run is one object with a name that nobody else uses, so that nothing is ever changed, two
//! processes never overwrite each other, and a run that is broken off leaves nothing. Once a day is over, its objects are
//! rolled up into one that holds their records; they are deleted only after that one was read back. Readers tell records
//! by their identity, so at any moment in between each counts once.
//!
//! The files that the Python original wrote into the same folders are read as well, and never touched.
//!
//! This crate doesn't take snapshots: it knows neither buckets to look at nor access logs. What it reads from a bucket is
//! anybody's text: sizes, lines and numbers are bounded, and what is no record is counted instead.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use spacewatch_model::{SystemClock, TimeRange};
//! use spacewatch_s3::Store;
//! use spacewatch_snapshots::{Place, Snapshots, SnapshotsConfig, Wanted};
//!
//! # async fn example(store: Store) -> Result<(), Box<dyn std::error::Error>> {
//! let snapshots = Snapshots::new(SnapshotsConfig::default(), Arc::new(SystemClock::new()));
//! let place = Place { bucket: "my-metrics".parse()?, prefix: None };
//! let period = TimeRange { from: Some("2026-11-01T00:00:00Z".parse()?), to: Some("2026-12-01T00:00:00Z".parse()?) };
//! let history = snapshots.read(&store, &place, &Wanted::everything(period)).await?;
//! println!("{} records, {} broken lines", history.records.len(), history.reading.lines_broken);
//! # Ok(())
//! # }
//! ```

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod body;
mod cache;
mod error;
mod fetching;
mod held;
mod listing;
mod number;
mod place;
mod reading;
mod record;
mod roll_up;
mod snapshots;
mod tidying;

pub use error::SnapshotError;
pub use place::{DEFAULT_PREFIX, Place, unique_name};
pub use reading::{History, Reading, Source, SourceSpan, Sources, Wanted};
pub use record::{RecordId, SnapshotRecord, TopIp};
pub use snapshots::{Snapshots, SnapshotsConfig, write_once};
pub use tidying::RolledUp;
