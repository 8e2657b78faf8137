//! The steps of the past.

use jiff::Timestamp;
use spacewatch_forecast::LEAST_KNOWN;
use spacewatch_model::TimeRange;

use super::GrowthPoint;
use super::amounts::whole;

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
/// How many days are looked at hour by hour.
const HOURLY_DAYS: i64 = 14;

/// Steps of the same length that are over, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    /// The number of the first step, and of the first one behind the last, since 1970.
    first: i64,
    end: i64,
    seconds: i64,
}

/// What each step shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) grid: Grid,
    pub(super) values: Vec<Option<f64>>,
}

impl Grid {
    /// The whole steps of a period.
    pub(super) fn of(period: TimeRange, seconds: i64) -> Self {
        let second = |moment: Option<Timestamp>| moment.map_or(0, Timestamp::as_second);
        let (from, to) = (second(period.from), second(period.to));
        let first = from.div_euclid(seconds) + i64::from(from.rem_euclid(seconds) > 0);
        Self {
            first,
            end: to.div_euclid(seconds).max(first),
            seconds,
        }
    }

    /// Days; hours where too few days are known.
    pub(super) fn fitting(period: TimeRange, show: impl Fn(Self) -> Vec<Option<f64>>) -> Line {
        let line = |grid| Line {
            grid,
            values: show(grid),
        };
        let days = line(Self::of(period, DAY));
        if days.known() >= LEAST_KNOWN {
            return days;
        }
        let last = period
            .to
            .map(|to| to.as_second().saturating_sub(HOURLY_DAYS * DAY));
        let from = last.and_then(|last| Timestamp::from_second(last).ok());
        line(Self::of(
            TimeRange {
                from: period.from.max(from),
                to: period.to,
            },
            HOUR,
        ))
    }

    pub(super) fn length(self) -> usize {
        usize::try_from(self.end - self.first).unwrap_or(0)
    }

    pub(super) fn seconds(self) -> u64 {
        self.seconds.unsigned_abs()
    }

    pub(super) fn is_hourly(self) -> bool {
        self.seconds == HOUR
    }

    /// When a step begins; those behind the last one are the future.
    pub(super) fn start(self, step: usize) -> Timestamp {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let second = self.first.saturating_add(step).saturating_mul(self.seconds);
        Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
    }

    /// The steps with both their ends.
    pub(super) fn steps(self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        (0..self.length()).map(move |step| (self.start(step), self.start(step + 1)))
    }

    /// How many of them are a day.
    pub(super) fn steps_a_day(self) -> usize {
        usize::try_from(DAY / self.seconds.max(1)).unwrap_or(1)
    }
}

impl Line {
    pub(super) fn known(&self) -> usize {
        self.values.iter().flatten().count()
    }

    pub(super) fn points(&self) -> Vec<GrowthPoint> {
        let points = self.values.iter().enumerate().map(|(step, value)| GrowthPoint {
            ts: self.grid.start(step),
            value: value.map(whole),
        });
        points.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> TimeRange {
        TimeRange {
            from: Some(from.parse().unwrap()),
            to: Some(to.parse().unwrap()),
        }
    }

    #[test]
    fn only_whole_steps_count() {
        let period = range("2026-11-01T00:00:01Z", "2026-11-04T12:00:00Z");
        let grid = Grid::of(period, DAY);
        let starts: Vec<_> = grid.steps().map(|(start, _)| start.to_string()).collect();
        assert_eq!(starts, ["2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"]);
        assert_eq!(
            Grid::of(range("2026-11-02T00:00:00Z", "2026-11-02T01:00:00Z"), DAY).length(),
            0
        );
    }

    #[test]
    fn hours_are_taken_where_few_days_are_known() {
        let period = range("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z");
        let known = |days: usize| {
            move |grid: Grid| {
                let last = grid.length().saturating_sub(days * grid.steps_a_day());
                (0..grid.length())
                    .map(|step| (step >= last).then_some(1.0))
                    .collect::<Vec<_>>()
            }
        };
        let days = Grid::fitting(period, known(14));
        assert_eq!(
            (days.grid.is_hourly(), days.known(), days.values.len()),
            (false, 14, 31)
        );
        let hours = Grid::fitting(period, known(3));
        assert_eq!(
            (hours.grid.is_hourly(), hours.known(), hours.values.len()),
            (true, 72, 14 * 24)
        );
        assert_eq!(
            hours.points().last().unwrap().ts.to_string(),
            "2026-10-31T23:00:00Z"
        );
    }
}
