//! Values in a row, step by step.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;
use spacewatch_model::Timestamp;
use utoipa::ToSchema;

use super::catalog::{Metric, Unit, Vocabulary};
use super::class::By;
use super::facts::{Cells, Number, Summary};
use super::statistic::Statistic;
use super::steps::Steps;

/// The values of one statistic of one metric. `timestamps` and `values` belong together one by one.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MetricSeries {
    /// The metric's name.
    pub metric: &'static str,
    /// Whose name it is.
    pub vocabulary: Vocabulary,
    /// What the values are numbers of.
    pub unit: Unit,
    /// What was computed of each step's values.
    #[schema(value_type = String, example = "p99.9")]
    pub statistic: Statistic,
    /// What the series is told apart by, and its value; empty without `by`.
    pub dimensions: BTreeMap<&'static str, String>,
    /// When each step begins. Sums and counts have every step; averages, extremes and percentiles leave out steps without
    /// values.
    #[schema(value_type = Vec<String>)]
    pub timestamps: Vec<Timestamp>,
    /// The value of each step.
    #[schema(value_type = Vec<f64>)]
    pub values: Vec<Number>,
    /// The steps whose values may still change or cover a part of the step only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub incomplete: Vec<Timestamp>,
}

/// What all series of an answer have in common.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) steps: Steps,
    pub(crate) by: Option<By>,
    /// Everything before is known; absent when all is.
    pub(crate) known_until: Option<Timestamp>,
    /// How many values of the dimension are shown.
    pub(crate) groups: usize,
}

impl Frame {
    fn is_incomplete(&self, start: Timestamp) -> bool {
        let end = self.steps.within(start).to;
        self.steps.is_cut(start)
            || self
                .known_until
                .is_some_and(|known| end.is_none_or(|end| end > known))
    }

    /// The series of one statistic, the weightiest values of the dimension first; and whether some were left out.
    pub(crate) fn series<T: Summary>(
        &self,
        metric: &'static Metric,
        statistic: Statistic,
        cells: &Cells<T>,
        value: impl Fn(&T) -> Option<Number>,
    ) -> (Vec<MetricSeries>, bool) {
        let mut groups: Vec<_> = cells.iter().collect();
        groups.sort_by_cached_key(|(group, steps)| (Reverse(weight(steps.values())), (*group).clone()));
        let truncated = groups.len() > self.groups;
        groups.truncate(self.groups);
        let nothing = BTreeMap::new();
        if groups.is_empty() && self.by.is_none() {
            groups.push((&None, &nothing));
        }
        let series = groups.into_iter().map(|(group, steps)| {
            let series = MetricSeries::new(metric, statistic, self.dimensions(group.as_deref()));
            self.filled(series, |start| {
                value(steps.get(&Some(start)).unwrap_or(&T::default()))
            })
        });
        (series.collect(), truncated)
    }

    /// The series with the value of each step that has one.
    pub(crate) fn filled(
        &self,
        mut series: MetricSeries,
        value: impl Fn(Timestamp) -> Option<Number>,
    ) -> MetricSeries {
        for start in self.steps.starts() {
            if let Some(value) = value(start) {
                series.push(start, value);
                series
                    .incomplete
                    .extend(self.is_incomplete(start).then_some(start));
            }
        }
        series
    }

    fn dimensions(&self, group: Option<&str>) -> BTreeMap<&'static str, String> {
        let named = self.by.zip(group);
        named
            .into_iter()
            .map(|(by, group)| (by.as_str(), group.to_owned()))
            .collect()
    }
}

impl MetricSeries {
    pub(crate) fn new(
        metric: &'static Metric,
        statistic: Statistic,
        dimensions: BTreeMap<&'static str, String>,
    ) -> Self {
        Self {
            metric: metric.name,
            vocabulary: metric.vocabulary,
            unit: metric.unit(),
            statistic,
            dimensions,
            timestamps: Vec::new(),
            values: Vec::new(),
            incomplete: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, timestamp: Timestamp, value: Number) {
        self.timestamps.push(timestamp);
        self.values.push(value);
    }
}

fn weight<'a, T: Summary + 'a>(steps: impl Iterator<Item = &'a T>) -> (u64, u64) {
    steps.fold((0, 0), |(first, second), step| {
        let (more, besides) = step.weight();
        (first.saturating_add(more), second.saturating_add(besides))
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::catalog::find;
    use super::super::facts::Tally;
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).expect("a time")
    }

    fn check(name: &str, statistic: Statistic, frame: &Frame, expected: Expect) {
        let tally = |sum, samples| Tally {
            sum,
            samples,
            ends: None,
        };
        let mut cells: Cells<Tally> = BTreeMap::new();
        let group = |name: &str| frame.by.map(|_| name.to_owned());
        cells
            .entry(group("a"))
            .or_default()
            .insert(Some(at(1)), tally(1, 4));
        cells
            .entry(group("b"))
            .or_default()
            .insert(Some(at(3)), tally(2, 2));
        cells
            .entry(group("c"))
            .or_default()
            .insert(Some(at(3)), tally(0, 9));
        let metric = find(name).expect("a metric");
        let (series, truncated) = frame.series(metric, statistic, &cells, |tally| tally.statistic(statistic));
        let mut shown = String::new();
        for one in series {
            let minutes =
                |times: &[Timestamp]| times.iter().map(|time| time.as_second() / 60).collect::<Vec<_>>();
            let values: Vec<_> = one.values.iter().map(|value| value.as_f64()).collect();
            let (timestamps, incomplete) = (minutes(&one.timestamps), minutes(&one.incomplete));
            shown += &format!(
                "{:?} {timestamps:?} {values:?} incomplete {incomplete:?}\n",
                one.dimensions
            );
        }
        if truncated {
            shown += "truncated\n";
        }
        expected.assert_eq(&shown);
    }

    fn frame(by: Option<By>, known_until: Option<i64>) -> Frame {
        Frame {
            steps: Steps::new(at(0), Timestamp::from_second(270).expect("a time"), 60, 100),
            by,
            known_until: known_until.map(at),
            groups: 2,
        }
    }

    #[test]
    fn sums_are_zero_where_averages_have_gaps() {
        check(
            "4xxErrors",
            Statistic::Sum,
            &frame(None, None),
            expect![[r#"
                {} [0, 1, 2, 3, 4] [0.0, 1.0, 0.0, 0.0, 0.0] incomplete [4]
            "#]],
        );
        check(
            "4xxErrors",
            Statistic::Average,
            &frame(None, Some(3)),
            expect![[r#"
                {} [1, 3] [0.25, 0.0] incomplete [3]
            "#]],
        );
    }

    #[test]
    fn the_weightiest_groups_are_shown() {
        check(
            "4xxErrors",
            Statistic::SampleCount,
            &frame(Some(By::Operation), Some(2)),
            expect![[r#"
                {"operation": "b"} [0, 1, 2, 3, 4] [0.0, 0.0, 0.0, 2.0, 0.0] incomplete [2, 3, 4]
                {"operation": "a"} [0, 1, 2, 3, 4] [0.0, 4.0, 0.0, 0.0, 0.0] incomplete [2, 3, 4]
                truncated
            "#]],
        );
    }
}
