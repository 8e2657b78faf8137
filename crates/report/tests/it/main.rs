//! Files to reports, through the public interface.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on shall panic"
)]

mod corpus;
mod figures;
mod files;
mod kit;
mod limits;
mod page;
mod segments;
