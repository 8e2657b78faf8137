//! Which hours an hour is compared with.

use serde::Serialize;
use utoipa::ToSchema;

/// Hours of a day and of a week.
const DAY: i64 = 24;
const WEEK: i64 = 7 * DAY;
/// Fewer like it tell nothing about what an hour usually shows.
const FEWEST_ALIKE: usize = 3;
/// Days looked back where there are not enough weeks: traffic of longer ago was another one.
const DAYS: i64 = 14;
/// Other hours needed where there is no history at all.
const FEWEST_OTHERS: usize = 12;

/// What an hour is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparedWith {
    /// The same hour of the same weekday, in weeks before.
    HourOfWeek,
    /// The same hour of the days before: there is no history of three weeks.
    HourOfDay,
    /// All other hours, whatever the time of day: there is no history of three days.
    OtherHours,
}

/// The hours, counted since 1970, that one is compared with: the best comparison that has enough of them. `known` are the hours whose
/// log is complete, in order.
pub(super) fn alike(hour: i64, known: &[i64]) -> Option<(ComparedWith, Vec<i64>)> {
    let before = known.iter().copied().take_while(|other| *other < hour);
    let weeks: Vec<i64> = before
        .clone()
        .filter(|other| (hour - other) % WEEK == 0)
        .collect();
    if weeks.len() >= FEWEST_ALIKE {
        return Some((ComparedWith::HourOfWeek, weeks));
    }
    let days: Vec<i64> = before
        .filter(|other| (hour - other) % DAY == 0 && hour - other <= DAYS * DAY)
        .collect();
    if days.len() >= FEWEST_ALIKE {
        return Some((ComparedWith::HourOfDay, days));
    }
    let others: Vec<i64> = known.iter().copied().filter(|other| *other != hour).collect();
    (others.len() >= FEWEST_OTHERS).then_some((ComparedWith::OtherHours, others))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_history_is_compared_with_first() {
        let of = |known: Vec<i64>, hour| alike(hour, &known).map(|(with, hours)| (with, hours.len()));
        assert_eq!(of((0..1000).collect(), 999), Some((ComparedWith::HourOfWeek, 5)));
        assert_eq!(
            of((500..1000).collect(), 999),
            Some((ComparedWith::HourOfDay, 14))
        );
        assert_eq!(of((900..1000).collect(), 999), Some((ComparedWith::HourOfDay, 4)));
        assert_eq!(
            of((950..1000).collect(), 999),
            Some((ComparedWith::OtherHours, 49))
        );
        assert_eq!(of((990..1000).collect(), 999), None);
        // What comes later is no history, but another hour.
        assert_eq!(of((0..100).collect(), 10), Some((ComparedWith::OtherHours, 99)));
        assert_eq!(of(Vec::new(), 10), None);
    }

    #[test]
    fn what_is_not_known_is_not_compared_with() {
        let known: Vec<i64> = (0..1000).filter(|hour| hour % 168 != 999 % 168).collect();
        assert_eq!(
            alike(999, &known).map(|(with, _)| with),
            Some(ComparedWith::HourOfDay)
        );
    }
}
