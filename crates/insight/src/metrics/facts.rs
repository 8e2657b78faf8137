//! From counted records to values.

use std::collections::BTreeMap;

use serde::Serialize;
use spacewatch_lake::{Activity, Extremes, Latency, Sizes};
use spacewatch_model::Timestamp;

use super::catalog::Rule;
use super::class::{By, is_upload};
use super::statistic::Statistic;

/// A value: whole where it counts something, a fraction where something was divided.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Number {
    /// A count, a sum, a time in milliseconds.
    Whole(u64),
    /// An average, a share.
    Fraction(f64),
}

impl Number {
    /// The first by the second. None by zero.
    pub(crate) fn quotient(dividend: u64, divisor: u64) -> Option<Self> {
        (divisor > 0).then(|| Self::Fraction(as_f64(dividend) / as_f64(divisor)))
    }

    /// The first in percent of the second. None of zero.
    pub(crate) fn percent(part: u64, whole: u64) -> Option<Self> {
        (whole > 0).then(|| Self::Fraction(as_f64(part) * 100.0 / as_f64(whole)))
    }

    /// The value as one that can be compared and drawn.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Whole(value) => as_f64(value),
            Self::Fraction(value) => value,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and bytes up to 2^53 are exact, beyond a rounding in the 16th digit"
)]
pub(crate) fn as_f64(value: u64) -> f64 {
    value as f64
}

/// What gives one number of many values.
pub(crate) trait Summary: Default {
    /// The number; none where there are no values to say it of.
    fn statistic(&self, statistic: Statistic) -> Option<Number>;

    /// How much there is of it, to rank by.
    fn weight(&self) -> (u64, u64);
}

/// The values of some requests, each 0, 1 or a number of bytes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) sum: u64,
    pub(crate) samples: u64,
    /// The ends of sizes, where they were asked for.
    pub(crate) ends: Option<Extremes>,
}

impl Tally {
    /// Adds what these requests are worth by a rule of requests.
    pub(crate) fn add(&mut self, rule: Rule, row: &Activity) {
        let (sum, ends) = match rule {
            Rule::Requests(class) if class.holds(row) => (row.records, None),
            Rule::Flag(class) | Rule::Share(class) => {
                let held = class.holds(row);
                let ends = Extremes {
                    least: held.into(),
                    most: held.into(),
                };
                (if held { row.records } else { 0 }, Some(ends))
            }
            Rule::Downloaded | Rule::Retrieval => (row.bytes_sent, row.sent),
            Rule::Uploaded | Rule::Ingest if is_upload(row) => (row.object_bytes, row.object),
            _ => return,
        };
        self.sum = self.sum.saturating_add(sum);
        self.samples = self.samples.saturating_add(row.records);
        if let Some(ends) = ends {
            let so_far = self.ends.unwrap_or(ends);
            self.ends = Some(Extremes {
                least: so_far.least.min(ends.least),
                most: so_far.most.max(ends.most),
            });
        }
    }
}

impl Summary for Tally {
    fn statistic(&self, statistic: Statistic) -> Option<Number> {
        match statistic {
            Statistic::Sum => Some(Number::Whole(self.sum)),
            Statistic::SampleCount => Some(Number::Whole(self.samples)),
            Statistic::Average => Number::quotient(self.sum, self.samples),
            Statistic::Minimum => self.ends.map(|ends| Number::Whole(ends.least)),
            Statistic::Maximum => self.ends.map(|ends| Number::Whole(ends.most)),
            // Percentiles need every single value: see `Times`.
            Statistic::Percentile(_) => None,
        }
    }

    fn weight(&self) -> (u64, u64) {
        (self.sum, self.samples)
    }
}

/// How many requests took how many milliseconds, or were how many bytes large.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Times(BTreeMap<u64, u64>);

impl Times {
    pub(crate) fn add(&mut self, value: u64, requests: u64) {
        if requests > 0 {
            let count = self.0.entry(value).or_default();
            *count = count.saturating_add(requests);
        }
    }

    /// How many took how long, shortest first.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0
            .iter()
            .map(|(&milliseconds, &requests)| (milliseconds, requests))
    }

    /// How many requests there are.
    pub(crate) fn samples(&self) -> u64 {
        self.0
            .values()
            .fold(0, |samples, &requests| samples.saturating_add(requests))
    }

    fn at_rank(&self, rank: u64) -> Option<u64> {
        let mut passed = 0_u64;
        self.0.iter().find_map(|(&milliseconds, &requests)| {
            passed = passed.saturating_add(requests);
            (passed >= rank).then_some(milliseconds)
        })
    }

    fn sum(&self) -> u64 {
        self.counts().fold(0, |sum, (value, requests)| {
            sum.saturating_add(value.saturating_mul(requests))
        })
    }
}

impl Summary for Times {
    fn statistic(&self, statistic: Statistic) -> Option<Number> {
        let samples = self.samples();
        match statistic {
            Statistic::Sum => Some(Number::Whole(self.sum())),
            Statistic::SampleCount => Some(Number::Whole(samples)),
            Statistic::Average => Number::quotient(self.sum(), samples),
            Statistic::Minimum => self.0.keys().next().copied().map(Number::Whole),
            Statistic::Maximum => self.0.keys().next_back().copied().map(Number::Whole),
            Statistic::Percentile(percent) => self.at_rank(percent.rank(samples)).map(Number::Whole),
        }
    }

    fn weight(&self) -> (u64, u64) {
        (self.samples(), 0)
    }
}

/// Values by group (the value of the dimension, if there is one) and by the start of their step (if there are steps).
pub(crate) type Cells<T> = BTreeMap<Option<String>, BTreeMap<Option<Timestamp>, T>>;

/// What the requests are worth by a rule. Records that are no client request are worth nothing.
pub(crate) fn tallies(rows: &[Activity], rule: Rule, by: Option<By>) -> Cells<Tally> {
    let mut cells: Cells<Tally> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is_request) {
        cells
            .entry(by.map(|by| by.value(row)))
            .or_default()
            .entry(row.step)
            .or_default()
            .add(rule, row);
    }
    for steps in cells.values_mut() {
        steps.retain(|_, tally| tally.samples > 0);
    }
    cells.retain(|_, steps| !steps.is_empty());
    cells
}

/// How long the requests took.
pub(crate) fn times(rows: &[Latency], by: Option<By>) -> Cells<Times> {
    let mut cells: Cells<Times> = BTreeMap::new();
    for row in rows {
        cells
            .entry(by.map(|by| by.of_group(row.group.as_deref())))
            .or_default()
            .entry(row.step)
            .or_default()
            .add(row.milliseconds, row.requests);
    }
    cells
}

/// How large the requests were.
pub(crate) fn sizes(rows: &[Sizes], by: Option<By>) -> Cells<Times> {
    let mut cells: Cells<Times> = BTreeMap::new();
    for row in rows {
        cells
            .entry(by.map(|by| by.of_group(row.group.as_deref())))
            .or_default()
            .entry(row.step)
            .or_default()
            .add(row.bytes, row.requests);
    }
    cells
}

#[cfg(test)]
mod tests;
