//! Forecasts and changes of generated series, whose future and whose changes are known.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

mod backtest;
mod made;
mod turns;
