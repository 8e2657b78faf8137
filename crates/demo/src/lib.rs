//! An in-process S3 store with believable buckets and faults on demand: what `spacewatch demo` shows, and the
//! test kit of the other crates.
//!
//! HTTP, signatures and most of the XML are those of the `s3s` crate; the store behind it, listings, tenants
//! and faults are ours. Everything is in memory. Large objects are sparse: their size is declared and their
//! bytes are made when they are read, always the same. Buckets of millions of keys are computed.
//!
//! It is not a store to keep anything in: nothing is written to disk, uploads are bounded by [`Limits`], and
//! what only an operator of a real store needs (encryption, replication, object lock, tags) is answered with
//! 501 NotImplemented. Signatures are checked by `s3s` against the machine's time, not the store's clock.
//!
//! ```
//! use spacewatch_demo::{DemoStore, Fault, Operation, When};
//!
//! # async fn example() -> std::io::Result<()> {
//! let store = DemoStore::empty()
//!     .with_object("photos", "2026/été.jpg", "not really a picture")
//!     .with_synthetic("huge", "flat:1000000".parse().map_err(std::io::Error::other)?)
//!     .start(([127, 0, 0, 1], 0).into())
//!     .await?;
//! // A client of `store.endpoint()` with the keys of `store.tenants()[0]` now sees two buckets.
//! store.faults().add(Fault::slow_down().on(Operation::ListObjectsV2).when(When::Every(10)));
//! assert_eq!(store.requests().of(Operation::ListObjectsV2), 0);
//! store.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod access;
mod backend;
mod believable;
mod civil;
mod connection;
mod content;
mod contents;
mod counts;
mod dice;
mod directory;
mod faults;
mod faulty_body;
mod history;
mod listing;
mod listing_route;
mod listing_xml;
mod log_delivery;
mod log_line;
mod operation;
mod past;
mod request_log;
mod running;
mod service;
mod set_up;
mod shared;
mod standalone;
mod store;
mod synthetic;
mod visitor;
mod visits;
mod world;

pub use believable::LOG_PREFIX;
pub use contents::{BucketSwitches, OpenUpload, StoredVersion};
pub use counts::RequestCounts;
pub use faults::{Effect, Fault, FaultId, Faults, When};
pub use history::{CdnTruth, LogBucketTruth, LogFigures, LogTruth};
pub use operation::{Operation, UnknownOperation};
pub use past::StoredThen;
pub use running::{RunningStore, StoreHandle};
pub use shared::Limits;
pub use standalone::{FILES_BUCKET, InvalidFault, InvalidLatency, Latency, StandaloneConfig};
pub use store::{DemoStore, DemoTenant, LimitedKey, ObjectBody};
pub use synthetic::{InvalidSyntheticKeys, SyntheticKeys};
pub use visitor::{Visitor, VisitorConfig};
pub use world::{CannedAcl, Grant};
