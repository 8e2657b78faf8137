//! The HTTP door, tried from outside: through the router, and over real connections.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests end the test")]

mod admission;
mod chat;
mod diff;
mod document;
mod growth;
mod inventory;
mod kit;
mod listener;
mod logs;
mod mcp;
mod mission;
mod operator;
mod pages;
mod plots;
mod prometheus;
mod snapshots;
mod telemetry;
mod tenancy;
mod tools;
mod work;
