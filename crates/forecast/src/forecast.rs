//! What comes next.

use crate::calibration::{Calibration, calibrate, sums};
use crate::gaps::filled;
use crate::model::{Step, continued, seen};
use crate::quantile::normal_width;

/// Fewer known values tell no trend.
pub const LEAST_KNOWN: usize = 14;
/// What may be missing between the first known value and the last one, of a hundred steps.
const MOST_MISSING: usize = 40;
/// A forecast reaches so many times as far as what is known.
pub const FARTHEST: usize = 2;

/// What is to be told.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The past, one value a step, the newest last.
    pub values: &'a [Option<f64>],
    /// After how many steps it repeats itself, if it does: `[7]` for days, `[24, 168]` for hours.
    pub seasons: &'a [usize],
    /// How many steps.
    pub horizon: usize,
    /// The share of true values that should lie within the intervals: 0.8.
    pub confidence: f64,
}

/// What comes next, step by step.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The steps behind the last known value; fewer than asked for where the past is too short.
    pub steps: Vec<Predicted>,
    /// The sum up to each of those.
    pub sums: Vec<Predicted>,
    /// The seasons that were seen.
    pub seasons: Vec<usize>,
    /// How it was tested.
    pub tested: Tested,
}

/// A value of the future. What is told is never below zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Predicted {
    /// The likeliest.
    pub value: f64,
    /// The interval's lower end.
    pub lower: f64,
    /// The interval's upper end.
    pub upper: f64,
}

/// How a forecast was tested: the model was put back to moments of the past, and its errors made the intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tested {
    /// Moments.
    pub origins: usize,
    /// Steps behind those, in all.
    pub steps: usize,
    /// What the model's own intervals were multiplied with.
    pub widened: f64,
}

/// Why nothing is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unforecastable {
    /// The past is too short.
    #[error("only {known} values are known, {LEAST_KNOWN} are needed")]
    TooShort {
        /// How much of it is known.
        known: usize,
    },
    /// The past has too many gaps.
    #[error("{missing} of {steps} values are missing")]
    TooManyGaps {
        /// Values that are missing.
        missing: usize,
        /// Values that should be there.
        steps: usize,
    },
    /// No model fits.
    #[error("no trend fits the values")]
    NoModel,
}

/// Tells what comes next.
pub fn forecast(ask: &Ask<'_>) -> Result<Forecast, Unforecastable> {
    let known = ask.values.iter().flatten().count();
    if known < LEAST_KNOWN {
        return Err(Unforecastable::TooShort { known });
    }
    let values = filled(ask.values);
    let (steps, missing) = (values.len(), values.len() - known);
    if missing * 100 > steps * MOST_MISSING {
        return Err(Unforecastable::TooManyGaps { missing, steps });
    }
    let horizon = ask.horizon.min(values.len() * FARTHEST);
    // Values that are missing at the end are told first: the future begins behind them.
    let late = ask
        .values
        .iter()
        .rev()
        .take_while(|value| value.is_none())
        .count();
    let told = continued(&values, ask.seasons, horizon + late).ok_or(Unforecastable::NoModel)?;
    let told = told.get(late..).unwrap_or_default();
    let calibration = calibrate(&values, ask.seasons, horizon, ask.confidence);
    Ok(Forecast {
        seasons: seen(ask.seasons, values.len()),
        ..widened(told, &calibration, normal_width(ask.confidence))
    })
}

fn widened(steps: &[Step], calibration: &Calibration, width: f64) -> Forecast {
    let around = |value: f64, half: f64| Predicted {
        value: value.max(0.0),
        lower: (value - half).max(0.0),
        upper: (value + half).max(0.0),
    };
    let singly = steps
        .iter()
        .map(|step| around(step.value, step.deviation * calibration.single * width));
    let mut sum = 0.0;
    let summed = steps.iter().zip(sums(steps)).map(|(step, deviation)| {
        sum += step.value.max(0.0);
        around(sum, deviation * calibration.summed * width)
    });
    Forecast {
        steps: singly.collect(),
        sums: summed.collect(),
        seasons: Vec::new(),
        tested: Tested {
            origins: calibration.origins,
            steps: calibration.steps,
            widened: calibration.single,
        },
    }
}

impl Forecast {
    /// When the series reaches a value from below, in steps behind the last one: step 0 is the first of the future.
    pub fn reaches(&self, value: f64) -> Reach {
        reach(&self.steps, value)
    }

    /// When the sum of the series reaches a value.
    pub fn sum_reaches(&self, value: f64) -> Reach {
        reach(&self.sums, value)
    }
}

/// In which steps a value is reached; none where not within the forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// If all comes as the upper end of the interval.
    pub earliest: Option<usize>,
    /// The likeliest.
    pub likely: Option<usize>,
    /// If all comes as the lower end of the interval.
    pub latest: Option<usize>,
}

fn reach(steps: &[Predicted], value: f64) -> Reach {
    let first = |end: fn(&Predicted) -> f64| steps.iter().position(|step| end(step) >= value);
    Reach {
        earliest: first(|step| step.upper),
        likely: first(|step| step.value),
        latest: first(|step| step.lower),
    }
}
