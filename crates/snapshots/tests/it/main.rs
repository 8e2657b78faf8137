//! Snapshots in the demo's store.
#![expect(clippy::expect_used, reason = "a test that can't go on shall panic")]

mod legacy;
mod rolling;
mod stage;
mod writing;
