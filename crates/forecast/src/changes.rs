//! When a series changed its way.
//!
//! The series is cut where its mean changes: of all ways to cut it, the one that leaves the least squares, where each cut costs as much
//! as chance could gain by it. Single steps that stand out by far are told on their own, and don't count for the cuts.

use crate::gaps::filled;
use crate::quantile::{count, mean, median, robust_deviation};

/// A way lasts so many steps at least.
const LEAST_STEPS: usize = 5;
/// Steps on both sides that tell what is usual around a step.
const AROUND: usize = 3;
/// A single step that stands out by so many deviations.
const STANDS_OUT: f64 = 8.0;
/// What a cut costs, in the squared deviation times the logarithm of the length.
const COST: f64 = 4.0;
/// A change is so many deviations of what is left, and this part of the larger of both means.
const DEVIATIONS: f64 = 2.0;
const PART: f64 = 0.25;
/// Seasons that must have been seen before they are taken out.
const SEASONS: usize = 3;
/// A factor below this takes nothing out but makes noise loud.
const LEAST_FACTOR: f64 = 0.05;
/// The cuts are looked for in a time that grows with the square of the length.
const MOST_STEPS: usize = 2_000;

/// When a series changed its way, and what stood out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// By time.
    pub changes: Vec<Change>,
    /// By time.
    pub jumps: Vec<Jump>,
}

/// From here on it goes another way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The first step of the new way.
    pub at: usize,
    /// The mean of the way before.
    pub before: f64,
    /// The mean since.
    pub after: f64,
    /// The first step behind the new way.
    pub until: usize,
}

/// A single step that stands out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jump {
    /// The step.
    pub at: usize,
    /// What it shows.
    pub value: f64,
    /// What is usual around it.
    pub usual: f64,
}

/// When a series of amounts changed its way. Of a level (what is stored), give what it grew by in each step. Only the newest steps are
/// looked at where there are very many.
pub fn changes(values: &[Option<f64>], season: usize) -> Changes {
    // Steps are counted from the first one that is known.
    let first = values.iter().position(Option::is_some).unwrap_or(0);
    let all = filled(values);
    let skipped = all.len().saturating_sub(MOST_STEPS);
    let values = all.get(skipped..).unwrap_or_default();
    if values.len() < 2 * LEAST_STEPS {
        return Changes::default();
    }
    let season = Season::of(values, season);
    let mut even = season.out(values);
    let noise = noise(&even);
    let jumps = take_jumps(&mut even, noise);
    let cuts = cuts(&even, COST * noise * noise * count(even.len()).ln());
    let offset = first + skipped;
    let told = |jump: &Jump| Jump {
        at: jump.at + offset,
        value: season.back(jump.at, jump.value),
        usual: season.back(jump.at, jump.usual),
    };
    Changes {
        jumps: jumps.iter().map(told).collect(),
        changes: tell(&even, cuts, noise, offset),
    }
}

/// The usual ups and downs of a season: what each phase usually is beside the season around it, which a change of way doesn't move.
enum Season {
    None,
    /// Of amounts.
    Factors(Vec<f64>),
    /// Of what can go below zero.
    Differences(Vec<f64>),
}

impl Season {
    fn of(values: &[f64], season: usize) -> Self {
        if season < 2 || values.len() < SEASONS * season {
            return Self::None;
        }
        let around = around(values, season);
        let are_amounts = values.iter().all(|value| *value >= 0.0);
        // Where there was nothing all season long, there is no share of it either.
        let beside = |(value, around): (&f64, &f64)| match are_amounts {
            true => (*around > 0.0).then(|| value / around),
            false => Some(value - around),
        };
        let beside: Vec<Option<f64>> = values.iter().zip(&around).map(beside).collect();
        let usual = (0..season).map(|phase| {
            let alike: Vec<f64> = beside
                .iter()
                .skip(phase)
                .step_by(season)
                .flatten()
                .copied()
                .collect();
            median(&alike).unwrap_or(f64::from(are_amounts))
        });
        let usual: Vec<f64> = usual.collect();
        match are_amounts {
            false => Self::Differences(usual),
            true if usual.iter().all(|usual| *usual > LEAST_FACTOR) => Self::Factors(usual),
            // A phase that usually shows nothing can't be made even by a factor.
            true => Self::None,
        }
    }

    fn usual(usual: &[f64], at: usize) -> f64 {
        usual.get(at % usual.len().max(1)).copied().unwrap_or_default()
    }

    /// Takes the season out.
    fn out(&self, values: &[f64]) -> Vec<f64> {
        let even = |(at, value): (usize, &f64)| match self {
            Self::None => *value,
            Self::Factors(usual) => value / Self::usual(usual, at),
            Self::Differences(usual) => value - Self::usual(usual, at),
        };
        values.iter().enumerate().map(even).collect()
    }

    /// Puts the season of a step back in.
    fn back(&self, at: usize, even: f64) -> f64 {
        match self {
            Self::None => even,
            Self::Factors(usual) => even * Self::usual(usual, at),
            Self::Differences(usual) => even + Self::usual(usual, at),
        }
    }
}

/// The mean of the season that each step is in the middle of, or of the nearest whole one.
fn around(values: &[f64], season: usize) -> Vec<f64> {
    let last = values.len().saturating_sub(season);
    let window = |at: usize| {
        let start = at.saturating_sub(season / 2).min(last);
        mean(values.get(start..start + season).unwrap_or_default())
    };
    (0..values.len()).map(window).collect()
}

/// The deviation from step to step, which a change of way hardly moves.
fn noise(values: &[f64]) -> f64 {
    let steps: Vec<f64> = values
        .windows(2)
        .filter_map(|pair| Some(pair.last()? - pair.first()?))
        .collect();
    let robust = robust_deviation(&steps).unwrap_or(0.0) / std::f64::consts::SQRT_2;
    // Where most steps are the same, what the others do is not beyond chance just because of that.
    let sizes: Vec<f64> = steps.iter().map(|step| step.abs()).collect();
    robust.max(mean(&sizes) / 10.0)
}

/// Steps that stand out from those around them; these take their place.
fn take_jumps(values: &mut [f64], noise: f64) -> Vec<Jump> {
    let around = |at: usize| {
        let window = values.get(at.saturating_sub(AROUND)..(at + AROUND + 1).min(values.len()))?;
        median(window)
    };
    let jumps: Vec<Jump> = (0..values.len())
        .filter_map(|at| {
            let (value, usual) = (*values.get(at)?, around(at)?);
            let stands_out = (value - usual).abs() > STANDS_OUT * noise;
            stands_out.then_some(Jump { at, value, usual })
        })
        .collect();
    for jump in &jumps {
        if let Some(value) = values.get_mut(jump.at) {
            *value = jump.usual;
        }
    }
    jumps
}

/// The first steps of each way, the first one's included: optimal partitioning over sums.
fn cuts(values: &[f64], cost: f64) -> Vec<usize> {
    let sums = Sums::of(values);
    let length = values.len();
    // The least that the first so many steps cost, and where their last way begins.
    let mut least = vec![-cost; length + 1];
    let mut begins = vec![0; length + 1];
    for end in LEAST_STEPS..=length {
        let starts = std::iter::once(0).chain(LEAST_STEPS..=end - LEAST_STEPS);
        let costs = starts.filter_map(|start| {
            let before = least.get(start)?;
            Some((before + sums.squares(start, end) + cost, start))
        });
        if let Some((sum, start)) = costs.min_by(|a, b| a.0.total_cmp(&b.0)) {
            (least[end], begins[end]) = (sum, start);
        }
    }
    let mut found = Vec::new();
    let mut end = length;
    while end > 0 {
        end = begins.get(end).copied().unwrap_or(0);
        found.push(end);
    }
    found.reverse();
    found
}

struct Sums(Vec<(f64, f64)>);

impl Sums {
    fn of(values: &[f64]) -> Self {
        // Around their mean: squares of large numbers would swallow what differs.
        let middle = mean(values);
        let (mut sum, mut squares) = (0.0, 0.0);
        let running = values.iter().map(|value| {
            let off = value - middle;
            (sum, squares) = (sum + off, squares + off * off);
            (sum, squares)
        });
        Self(std::iter::once((0.0, 0.0)).chain(running).collect())
    }

    /// The squares of what lies between these steps and their mean.
    fn squares(&self, start: usize, end: usize) -> f64 {
        let (Some(from), Some(to)) = (self.0.get(start), self.0.get(end)) else {
            return 0.0;
        };
        let sum = to.0 - from.0;
        (to.1 - from.1 - sum * sum / count(end - start).max(1.0)).max(0.0)
    }
}

/// The changes that matter.
fn tell(values: &[f64], cuts: Vec<usize>, noise: f64, offset: usize) -> Vec<Change> {
    let ends = cuts.iter().skip(1).copied().chain([values.len()]);
    let ways: Vec<(usize, usize)> = cuts.iter().copied().zip(ends).collect();
    let mean_of = |way: (usize, usize)| mean(values.get(way.0..way.1).unwrap_or_default());
    let left: Vec<f64> = ways
        .iter()
        .flat_map(|way| {
            let mean = mean_of(*way);
            values
                .get(way.0..way.1)
                .unwrap_or_default()
                .iter()
                .map(move |value| value - mean)
        })
        .collect();
    let deviation = robust_deviation(&left).unwrap_or(0.0).max(noise);
    let pairs = ways.windows(2).filter_map(|pair| {
        let (old, new) = (*pair.first()?, *pair.last()?);
        let (before, after) = (mean_of(old), mean_of(new));
        let size = (after - before).abs();
        let matters = size >= DEVIATIONS * deviation && size >= PART * before.abs().max(after.abs());
        matters.then_some(Change {
            at: new.0 + offset,
            before,
            after,
            until: new.1 + offset,
        })
    });
    pairs.collect()
}
