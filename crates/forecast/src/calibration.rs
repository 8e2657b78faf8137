//! How wide the intervals must be: as wide as the errors of the past were.

use crate::model::{Step, continued};
use crate::quantile::{count, normal_width, quantile};

/// How often the model is put back to a moment of the past.
const ORIGINS: usize = 10;
/// With fewer known values a model would be put to a test that nobody could pass.
const LEAST: usize = 8;
/// So much of the series is known at the first of those moments, at least.
const FIRST: f64 = 0.4;
/// Tests that lie close together are not independent: so many of them say as much as the model's own word.
const WORTH: f64 = 12.0;
/// What a model that was not put to any test is widened by: it was chosen because it fits. Sums more, as its errors add up.
const UNTESTED: f64 = 1.45;
const UNTESTED_SUM: f64 = 1.9;

/// What came of putting the model back to the past.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Calibration {
    /// What the model's standard deviations are multiplied with: of single steps, and of sums.
    pub(crate) single: f64,
    pub(crate) summed: f64,
    /// From how many moments it was tested, and at how many steps behind them.
    pub(crate) origins: usize,
    pub(crate) steps: usize,
}

/// Errors, in the model's standard deviations.
#[derive(Default)]
struct Errors {
    single: Vec<f64>,
    summed: Vec<f64>,
    origins: usize,
}

pub(crate) fn calibrate(values: &[f64], seasons: &[usize], horizon: usize, confidence: f64) -> Calibration {
    let mut errors = Errors::default();
    for origin in origins(values.len()) {
        let (known, future) = values.split_at(origin);
        let tested = future.len().min(horizon);
        if let Some(steps) = continued(known, seasons, tested) {
            errors.add(&steps, future);
        }
    }
    let width = normal_width(confidence);
    Calibration {
        single: factor(&errors.single, errors.origins, UNTESTED, (confidence, width)),
        summed: factor(&errors.summed, errors.origins, UNTESTED_SUM, (confidence, width)),
        origins: errors.origins,
        steps: errors.single.len(),
    }
}

/// Moments of the past, the same distance apart, the last one a step before the end.
fn origins(length: usize) -> Vec<usize> {
    let first = first_origin(length).max(LEAST);
    let Some(room) = length.checked_sub(first).filter(|room| *room > 0) else {
        return Vec::new();
    };
    let tests = ORIGINS.min(room);
    (0..tests).map(|test| first + room * test / tests).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a length"
)]
fn first_origin(length: usize) -> usize {
    (count(length) * FIRST).ceil() as usize
}

impl Errors {
    fn add(&mut self, steps: &[Step], future: &[f64]) {
        self.origins += 1;
        let (mut sum, mut told) = (0.0, 0.0);
        for ((step, summed), truth) in steps.iter().zip(sums(steps)).zip(future) {
            (sum, told) = (sum + truth, told + step.value);
            self.single
                .push(in_deviations(truth - step.value, step.deviation));
            self.summed.push(in_deviations(sum - told, summed));
        }
    }
}

fn in_deviations(error: f64, deviation: f64) -> f64 {
    if error == 0.0 {
        0.0
    } else {
        (error / deviation).abs()
    }
}

/// The standard deviation of the sum up to each step. What all steps have in common (the level) adds up as it is, what is each step's
/// own evens out.
pub(crate) fn sums(steps: &[Step]) -> impl Iterator<Item = f64> {
    let own = steps.first().map_or(0.0, |step| step.deviation.powi(2));
    let (mut singles, mut level) = (0.0, 0.0);
    steps.iter().map(move |step| {
        let variance = step.deviation.powi(2);
        singles += own.min(variance);
        level += (variance - own).max(0.0).sqrt();
        (singles + level * level).sqrt()
    })
}

/// Between what the tests say and what the model says of itself, the nearer to the tests the more there were.
fn factor(errors: &[f64], origins: usize, untested: f64, (confidence, width): (f64, f64)) -> f64 {
    let Some(tested) = quantile(errors, confidence).filter(|tested| tested.is_finite()) else {
        return untested;
    };
    let weight = count(errors.len().min(origins * 3));
    (tested / width * weight + untested * WORTH) / (weight + WORTH)
}
