//! Questions to the tables, answered in plain rows.
//!
//! An [`Engine`](engine::Engine) reads the Parquet files of one snapshot through the snapshot's own store and reaches nothing
//! else. Questions with types of their own are built as expressions, so what people ask for is never part of a text that
//! is parsed; free SQL goes through a guard of its own first.

mod activity;
mod ask;
mod cdn;
mod columns;
mod condition;
mod deeds;
mod engine;
mod footers;
mod intervals;
mod keys;
mod objects;
mod reading;
mod records;
mod rejects;
mod rows;
mod scan;
mod search;
mod session;
mod sizes;
mod sql;
mod sums;
#[cfg(test)]
mod tests;
mod top;
mod uses;

pub use activity::nearest_rank;
pub use ask::{
    ActivityAsk, CdnAsk, DeedsAsk, Dimension, IntervalAsk, KeysAsk, LatencyAsk, LatencyKind, Measure,
    Position, SizeAsk, SizeKind, SqlLimits, TopAsk, UsesAsk,
};
pub(crate) use engine::{Engine, QueryConfig, QueryRuntime};
pub use rows::{
    Activity, CdnActivity, Extremes, Found, Interval, IntervalRequests, KeyDay, KeyDeed, Latency,
    LogObjectRow, RecordRow, Reject, Sizes, SqlAnswer, SqlColumn, Top, TopRow, Used, Uses, UsesRow,
};
