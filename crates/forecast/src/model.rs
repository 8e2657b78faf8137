//! One model, fitted to one series.

use augurs::ets::AutoETS;
use augurs::ets::trend::AutoETSTrendModel;
use augurs::mstl::MSTLModel;
use augurs::{Fit, Predict};

use crate::quantile::{count, mean, normal_width};

/// Trends that may be, with errors that add up: of anything else the library can't tell the width.
const TRENDS: &str = "AZN";
/// A season is believed once it was seen so many times.
const SEASONS: usize = 2;
/// The library's own level; what is wished is made of its standard deviation.
const LEVEL: f64 = 0.8;

/// A step of the future as the model sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    pub(crate) value: f64,
    /// The standard deviation of its error, were the model right.
    pub(crate) deviation: f64,
}

/// Continues a series. `None` if no model fits it.
pub(crate) fn continued(values: &[f64], seasons: &[usize], horizon: usize) -> Option<Vec<Step>> {
    let scale = Scale::of(values);
    if scale.spread == 0.0 {
        let same = Step {
            value: scale.base,
            deviation: 0.0,
        };
        return Some(vec![same; horizon]);
    }
    let scaled: Vec<f64> = values.iter().map(|value| scale.down(*value)).collect();
    let seasons = seen(seasons, values.len());
    let predicted = if seasons.is_empty() {
        let ets = AutoETS::new(1, TRENDS).ok()?;
        ets.fit(&scaled).ok()?.predict(horizon, LEVEL).ok()?
    } else {
        let trend = AutoETSTrendModel::from(AutoETS::new(1, TRENDS).ok()?);
        let model = MSTLModel::new(seasons, trend);
        model.fit(&scaled).ok()?.predict(horizon, LEVEL).ok()?
    };
    let intervals = predicted.intervals?;
    let width = 2.0 * normal_width(LEVEL);
    let bounds = intervals.lower.iter().zip(&intervals.upper);
    let steps = predicted
        .point
        .iter()
        .zip(bounds)
        .map(|(value, (lower, upper))| Step {
            value: scale.up(*value),
            deviation: (upper - lower) / width * scale.spread,
        });
    let steps: Vec<_> = steps.collect();
    let sane = |step: &Step| step.value.is_finite() && step.deviation.is_finite();
    (steps.len() == horizon && steps.iter().all(sane)).then_some(steps)
}

/// The seasons that a series of this length has shown.
pub(crate) fn seen(seasons: &[usize], length: usize) -> Vec<usize> {
    let shown = |season: &&usize| **season > 1 && **season * SEASONS < length;
    seasons.iter().filter(shown).copied().collect()
}

/// Brings values near to one: the library reckons seasons with seven digits, and terabytes have more.
struct Scale {
    base: f64,
    spread: f64,
}

impl Scale {
    fn of(values: &[f64]) -> Self {
        let base = mean(values);
        let squares: f64 = values.iter().map(|value| (value - base).powi(2)).sum();
        let spread = (squares / count(values.len()).max(1.0)).sqrt();
        // What is left of equal numbers after reckoning is no spread.
        let spread = if spread > base.abs() * 1e-12 { spread } else { 0.0 };
        Self { base, spread }
    }

    fn down(&self, value: f64) -> f64 {
        (value - self.base) / self.spread
    }

    fn up(&self, value: f64) -> f64 {
        value * self.spread + self.base
    }
}
