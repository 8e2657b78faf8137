//! Files to reports, through the public interface.
#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    clippy::indexing_slicing,
    reason = "a test that can't go on shall panic, and tables of answers are long"
)]

mod corpus;
mod figures;
mod files;
mod kit;
mod limits;
mod page;
mod segments;
