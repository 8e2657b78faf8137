//! A period cut into steps.

use std::time::Duration;

use spacewatch_model::{TimeRange, Timestamp};

/// The shortest step, in seconds.
const SHORTEST: u64 = 60;
/// Lengths that steps grow through when there would be too many: a minute to a week, in seconds.
const LENGTHS: [u64; 10] = [60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800];

/// A period cut into steps of one length. They are UTC, half-open, and keyed by their start, which is a multiple of their
/// length since 1970; the first and the last may be cut by the ends of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Steps {
    from: Timestamp,
    to: Timestamp,
    seconds: u64,
}

impl Steps {
    /// Steps of about the length wished for: a multiple of a minute, and so long that there are at most `most` of them.
    pub(crate) fn new(from: Timestamp, to: Timestamp, seconds: u64, most: usize) -> Self {
        let mut steps = Self {
            from,
            to: to.max(from),
            seconds: seconds.clamp(SHORTEST, u64::from(u32::MAX)).div_ceil(SHORTEST) * SHORTEST,
        };
        let most = u64::try_from(most.max(2)).unwrap_or(u64::MAX);
        while steps.count() > most {
            let longer = LENGTHS.iter().find(|&&length| length > steps.seconds);
            steps.seconds = longer.copied().unwrap_or(steps.seconds * 2);
        }
        steps
    }

    /// How long a step is.
    pub(crate) fn seconds(self) -> u64 {
        self.seconds
    }

    pub(crate) fn length(self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// The whole period.
    pub(crate) fn period(self) -> TimeRange {
        TimeRange {
            from: Some(self.from),
            to: Some(self.to),
        }
    }

    /// The starts of all steps, the first at or before the period's.
    pub(crate) fn starts(self) -> impl Iterator<Item = Timestamp> {
        let first = self.start_of(self.from).as_second();
        let length = i64::try_from(self.seconds).unwrap_or(i64::MAX);
        (0..self.count()).map_while(move |step| {
            let since = length.checked_mul(i64::try_from(step).ok()?)?;
            Timestamp::from_second(first.checked_add(since)?).ok()
        })
    }

    /// The start of the step that a moment belongs to.
    pub(crate) fn start_of(self, moment: Timestamp) -> Timestamp {
        let length = i64::try_from(self.seconds).unwrap_or(i64::MAX);
        let second = moment.as_second() - i64::from(moment.subsec_nanosecond() < 0);
        Timestamp::from_second(second - second.rem_euclid(length)).unwrap_or(Timestamp::MIN)
    }

    /// What of the step that starts there lies in the period.
    pub(crate) fn within(self, start: Timestamp) -> TimeRange {
        let end = start.checked_add(self.length()).unwrap_or(Timestamp::MAX);
        TimeRange {
            from: Some(start.max(self.from)),
            to: Some(end.min(self.to)),
        }
    }

    /// Whether the period cuts the step that starts there.
    pub(crate) fn is_cut(self, start: Timestamp) -> bool {
        let end = start.checked_add(self.length()).unwrap_or(Timestamp::MAX);
        start < self.from || end > self.to
    }

    fn count(self) -> u64 {
        let first = self.start_of(self.from).as_second();
        let behind = self.to.as_second() + i64::from(self.to.subsec_nanosecond() > 0);
        let seconds = u64::try_from(behind - first).unwrap_or(0);
        seconds.div_ceil(self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    fn check(from: &str, to: &str, seconds: u64, most: usize, expected: Expect) {
        let steps = Steps::new(
            from.parse().expect("a time"),
            to.parse().expect("a time"),
            seconds,
            most,
        );
        let shown: String = steps
            .starts()
            .map(|start| format!("{start}{}\n", if steps.is_cut(start) { " cut" } else { "" }))
            .collect();
        expected.assert_eq(&format!("{} s\n{shown}", steps.seconds()));
    }

    #[test]
    fn steps_are_utc_and_half_open() {
        check(
            "2026-01-01T00:00:00Z",
            "2026-01-01T02:00:00Z",
            3600,
            100,
            expect![[r#"
                3600 s
                2026-01-01T00:00:00Z
                2026-01-01T01:00:00Z
            "#]],
        );
        check(
            "2026-01-01T00:30:00Z",
            "2026-01-01T02:00:01Z",
            3600,
            100,
            expect![[r#"
                3600 s
                2026-01-01T00:00:00Z cut
                2026-01-01T01:00:00Z
                2026-01-01T02:00:00Z cut
            "#]],
        );
        check(
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:02:00Z",
            1,
            100,
            expect![[r#"
                60 s
                2026-01-01T00:00:00Z
                2026-01-01T00:01:00Z
            "#]],
        );
    }

    #[test]
    fn too_many_steps_become_longer_ones() {
        check(
            "2026-01-01T00:00:00Z",
            "2026-01-03T00:00:00Z",
            61,
            2,
            expect![[r#"
                86400 s
                2026-01-01T00:00:00Z
                2026-01-02T00:00:00Z
            "#]],
        );
        let ages = Steps::new(Timestamp::MIN, Timestamp::MAX, 60, 2000);
        assert!(ages.starts().count() <= 2000 && ages.starts().count() > 500);
    }

    proptest! {
        #[test]
        fn every_moment_of_the_period_has_its_step(
            from in -5_000_000_000_000_i64..5_000_000_000_000,
            length in 1_i64..10_000_000_000,
            seconds in 0_u64..1_000_000,
            thousandths in 0_i64..1000,
        ) {
            let time = |milliseconds| Timestamp::from_millisecond(milliseconds).expect("a time");
            let steps = Steps::new(time(from), time(from + length), seconds, 500);
            let starts: Vec<_> = steps.starts().collect();
            prop_assert!(starts.len() <= 500 && !starts.is_empty());
            let moment = time(from + length * thousandths / 1000);
            let own = steps.start_of(moment);
            prop_assert!(starts.contains(&own));
            prop_assert!(steps.within(own).contains(moment));
        }
    }
}
