//! Access logs as they really are.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that finds something amiss fails"
)]

mod batches;
mod cloudfront;
mod corpus;
mod generated;
mod hostile;
mod keys;
mod lines;
mod operations;
mod shown;
