//! The store as the AWS SDK sees it.

#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "helpers of tests fail like tests, and a test reads best in one piece"
)]

mod access;
mod believable;
mod faults;
mod files;
mod history;
mod kit;
mod listing;
mod logs;
mod objects;
mod uploads;
mod versions;
mod visitor;
