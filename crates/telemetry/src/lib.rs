//! What SpaceWatch itself does: operations, windows, percentiles, health.
//!
//! Whoever finishes an [`Operation`] hands it to a [`Recorder`]: the HTTP door for layer `api`, the S3
//! client for layer `s3`. The recorder answers at any moment how many there were in a window, how many
//! failed, how long they took and which were the last ones.
//!
//! - [`Recorder::record`] costs well under a microsecond and never waits for a reader or another writer.
//! - Counts are exact at any rate. Percentiles are nearest rank, from histograms, at most 1 % off.
//! - Memory is bounded: windows hold numbers, not operations; only the last operations of each layer are
//!   kept one by one; bucket names beyond a cap are counted together under [`OTHER_BUCKETS`].
//!
//! An operation is an *error* when its status is 400 or more, or when there was no answer at all: a
//! client's mistake counts like the store's failure, because the panel shows what users met.
//!
//! [`Exposition`] writes metrics as Prometheus reads them. This crate is no log writer, opens no file and no socket and knows no HTTP.
//! It emits the operation's log line as a `tracing` event ([`log_operation`]); the binary decides where
//! it goes.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use spacewatch_model::{Clock, SystemClock};
//! use spacewatch_telemetry::{Config, Health, Operation, OperationType, Recorder};
//!
//! let clock = Arc::new(SystemClock::new());
//! let recorder = Recorder::new(Config::default(), clock.clone());
//! recorder.record(Operation {
//!     finished_at: clock.now(),
//!     kind: OperationType::ListObjects.into(),
//!     method: "GET",
//!     endpoint: "/tools/list-all".into(),
//!     bucket: Some("prod-assets".parse()?),
//!     status: 200,
//!     duration: Duration::from_micros(45_230),
//!     first_byte: None,
//!     bytes_in: 0,
//!     bytes_out: 2048,
//!     error: None,
//!     request_id: None,
//! });
//!
//! let metrics = recorder.storage_metrics();
//! assert_eq!(metrics.total_operations_5m, 1);
//! assert_eq!(metrics.operation_breakdown["LIST_OBJECTS"].p95, 45.23);
//! assert_eq!(recorder.health(), Health::Healthy);
//! # Ok::<(), spacewatch_model::InvalidName>(())
//! ```

mod answer;
mod counters;
mod exposition;
mod health;
mod histogram;
mod journal;
mod kind;
mod labels;
mod ledger;
mod log_line;
mod mission;
mod operation;
mod operation_log;
mod recorder;
mod series;
mod since;
mod tally;
mod timeline;

pub use answer::{BucketStats, OTHER_BUCKETS, OperationStats, OperationsMetrics, StorageMetrics, Trends};
pub use counters::{Counter, Counters, CountersSnapshot};
pub use exposition::{Exposition, Family, Form, Kind};
pub use health::Health;
pub use kind::{Layer, OperationKind, OperationType, S3Call, UnknownOperation};
pub use log_line::{LOG_TARGET, LogLine, log_lines, log_operation, text_line};
pub use mission::{
    Answered, ErrorProneRoute, EventKind, MissionControl, MissionEvent, MissionReport, MissionStatus, Now,
    RouteVolume, SavedError, SavedMission, Severity, SlowRoute, Timeseries, TopRoutes, Users,
};
pub use operation::Operation;
pub use operation_log::{OperationFilter, OperationRow};
pub use recorder::{Config, Recorder};
pub use series::Series;
pub use since::{Code, DURATION_EDGES, Durations, Sums};
