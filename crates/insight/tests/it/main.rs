//! The tools against an in-process store.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on shall panic"
)]

mod anomalies;
mod corpus;
mod cost;
mod credentials;
mod diagnose;
mod diff;
mod evidence;
mod findings;
mod ghosts;
mod growth;
mod hot_cold;
mod kit;
mod leaked_key;
mod metrics;
mod objects;
mod posture;
mod snapshots;
mod suppression;
