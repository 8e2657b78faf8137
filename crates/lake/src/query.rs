//! Questions to the tables, answered in plain rows.
//!
//! An [`Engine`](engine::Engine) reads the Parquet files of one snapshot through the snapshot's own store and reaches nothing
//! else. Questions with types of their own are built as expressions, so what people ask for is never part of a text that
//! is parsed; free SQL goes through a guard of its own first.

mod activity;
mod ask;
mod cdn;
mod census;
mod columns;
mod condition;
mod deeds;
mod dossiers;
mod engine;
mod footers;
mod intervals;
mod keys;
mod objects;
mod peaks;
mod reading;
mod records;
mod rejects;
mod rows;
mod scan;
mod search;
mod session;
mod signatures;
mod sizes;
mod sql;
mod sums;
#[cfg(test)]
mod tests;
mod top;
mod uses;

pub use activity::nearest_rank;
pub use ask::{
    ActivityAsk, Bar, CdnAsk, CensusAsk, DeedsAsk, Dimension, DossierAsk, IntervalAsk, KeysAsk, LatencyAsk,
    LatencyKind, Measure, PeakAsk, Position, SignatureAsk, SizeAsk, SizeKind, SqlLimits, TopAsk, UsesAsk,
    Who,
};
pub(crate) use engine::{Engine, QueryConfig, QueryRuntime};
pub use records::{LISTINGS, READS};
pub use rows::{
    Activity, Burst, BusySeconds, CdnActivity, Census, Client, Clients, Dossier, Extremes, Found, Interval,
    IntervalRequests, KeyDay, KeyDeed, Latency, LogObjectRow, OutcomeStep, Outcomes, Peak, Peaks, RecordRow,
    Reject, Signature, Signatures, Sizes, SqlAnswer, SqlColumn, Top, TopRow, Used, Uses, UsesRow,
};
