//! Bundles made, read, altered and forged.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on shall panic"
)]

mod altered;
mod forged;
mod kit;
mod objects;
