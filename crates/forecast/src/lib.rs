//! Where a series of numbers is heading.
//!
//! A series has one value a step (an hour, a day), or none where nothing is known. [`forecast`] continues it with an interval for every
//! step, and [`changes`] tells when it changed its way.
//!
//! The trend is told by exponential smoothing, the season by its decomposition (MSTL); both are those of `augurs`. How wide the
//! intervals must be is not left to the model: it is put back to moments of the past from which the future is known already, and the
//! intervals are made as wide as its errors there were.

mod calibration;
mod changes;
mod forecast;
mod gaps;
mod model;
mod quantile;

pub use changes::{Change, Changes, Jump, changes};
pub use forecast::{
    Ask, FARTHEST, Forecast, LEAST_KNOWN, Predicted, Reach, Tested, Unforecastable, forecast,
};
