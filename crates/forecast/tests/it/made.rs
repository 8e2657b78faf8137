//! Series of days as buckets have them.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A way that a series goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Family {
    /// The same every day, give or take: requests without a week.
    Flat,
    /// A straight line with noise around it: what is stored, seen through retries and clean-ups.
    Line,
    /// What is stored where every day adds something of its own: the sum of days.
    Stored,
    /// The same where working days add more than weekends.
    StoredByWeek,
    /// A quarter percent more every day.
    Compound,
    /// Requests with a week and a slow rise.
    Weekly,
    /// Bytes sent: skewed, some days three times the usual.
    Egress,
    /// A level that wanders.
    Wandering,
}

pub(crate) const FAMILIES: [Family; 8] = [
    Family::Flat,
    Family::Line,
    Family::Stored,
    Family::StoredByWeek,
    Family::Compound,
    Family::Weekly,
    Family::Egress,
    Family::Wandering,
];

const WEEK: [f64; 7] = [1.2, 1.25, 1.2, 1.15, 1.1, 0.6, 0.5];

pub(crate) struct Chance(StdRng);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.random_range(f64::MIN_POSITIVE..1.0)
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}

pub(crate) fn series(family: Family, days: usize, seed: u64) -> Vec<f64> {
    let mut chance = Chance::new(seed);
    let size = 10f64.powf(3.0 + 9.0 * chance.uniform());
    let (slope, noise) = (chance.uniform() * 0.01, 0.02 + 0.08 * chance.uniform());
    let (mut stored, mut level) = (1.0, 1.0);
    let day = |day: usize| {
        #[expect(clippy::cast_precision_loss, reason = "days")]
        let at = day as f64;
        let week = WEEK[day % 7];
        let value = match family {
            Family::Flat => 1.0 + noise * chance.normal(),
            Family::Line => 1.0 + slope * at + noise * 0.3 * chance.normal(),
            Family::Stored => {
                stored += (slope * (1.0 + 0.5 * chance.normal())).max(0.0);
                stored
            }
            Family::StoredByWeek => {
                stored += (slope * week * (1.0 + 0.3 * chance.normal())).max(0.0);
                stored
            }
            Family::Compound => (0.0025 * at).exp() * (1.0 + 0.003 * chance.normal()),
            Family::Weekly => week * (1.0 + 0.3 * slope * at) * (1.0 + noise * chance.normal()),
            Family::Egress => (0.5 * chance.normal()).exp(),
            Family::Wandering => {
                level += 0.03 * chance.normal();
                level.max(0.05)
            }
        };
        (size * value).max(0.0)
    };
    (0..days).map(day).collect()
}
