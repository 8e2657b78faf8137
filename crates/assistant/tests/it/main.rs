//! Tests of the assistant as its users see it.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may end so")]

mod agent;
mod planner;
