//! The built program, run as people run it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    reason = "a test that can't go on shall panic, and tables of answers are long"
)]

mod answers;
mod arrows;
mod assistant;
mod command_line;
mod docs;
mod eval;
mod evidence;
mod findings;
mod kills;
mod logs_report;
mod sandbox;
mod services;
mod setup;
