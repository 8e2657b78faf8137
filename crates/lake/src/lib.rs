//! What is remembered of access logs: Delta tables, ingest, maintenance and the query engine.
//!
//! [`Lakes`] opens a [`Lake`] for one set of credentials and one [`LogSource`] (a log bucket and a prefix in it). A lake
//! finds the log objects, reads each exactly once into Delta tables on disk or in a bucket, and answers questions from them in plain rows. No
//! type of Arrow, DataFusion or Delta leaves this crate.
//!
//! What is in a lake is derived: it can be rebuilt from the log bucket at any time, so losing the directory loses nothing.

mod answers;
mod coverage;
mod error;
mod filter;
mod ingest;
mod installation;
mod lake;
mod lakes;
mod maintenance;
mod query;
mod sink;
mod tables;

pub use error::LakeError;
pub use filter::{IpFilter, RecordFilter, StatusFilter};
pub use ingest::{IngestPhase, IngestStatus, Tail, tail_of_object};
pub use installation::installation_key;
pub use lake::{Lake, LogSource, Patience};
pub use lakes::{LakeFolder, LakePlace, Lakes, LakesConfig};
pub use query::{
    Activity, ActivityAsk, Bar, Burst, BusySeconds, CdnActivity, CdnAsk, Census, CensusAsk, Client, Clients,
    DeedsAsk, Dimension, Dossier, DossierAsk, Extremes, Found, Interval, IntervalAsk, IntervalRequests,
    KeyDay, KeyDeed, KeysAsk, LISTINGS, Latency, LatencyAsk, LatencyKind, LogObjectRow, Measure, OutcomeStep,
    Outcomes, Peak, PeakAsk, Peaks, Position, READS, RecordRow, Reject, Signature, SignatureAsk, Signatures,
    SizeAsk, SizeKind, Sizes, SqlAnswer, SqlColumn, SqlLimits, Top, TopAsk, TopRow, Used, Uses, UsesAsk,
    UsesRow, Who, nearest_rank,
};
