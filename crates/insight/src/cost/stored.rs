//! How much was stored over a month.

use jiff::Timestamp;

use super::month::{Span, hours_between};

/// What a bucket held at some moments, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct History(Vec<(Timestamp, u64)>);

/// Bytes by the hours they were stored.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ByteHours {
    pub(super) sum: f64,
    /// Hours at the beginning of which nothing is known: there the first known size is taken.
    pub(super) assumed_hours: f64,
}

impl History {
    /// What was seen when, in any order.
    pub(super) fn new(mut seen: Vec<(Timestamp, u64)>) -> Self {
        seen.sort_unstable();
        Self(seen)
    }

    /// A size holds until another is seen, the last one until the end.
    pub(super) fn over(&self, span: Span) -> ByteHours {
        let Some((first, _)) = self.0.first() else {
            return ByteHours::default();
        };
        let mut sum = 0.0;
        let mut at = span.from;
        let before = self.0.iter().take_while(|(seen, _)| *seen <= span.from);
        let mut bytes = before.last().or(self.0.first()).map_or(0, |(_, bytes)| *bytes);
        for (seen, next) in self
            .0
            .iter()
            .filter(|(seen, _)| span.from < *seen && *seen < span.to)
        {
            sum += as_f64(bytes) * hours_between(at, *seen);
            (at, bytes) = (*seen, *next);
        }
        sum += as_f64(bytes) * hours_between(at, span.to);
        ByteHours {
            sum,
            assumed_hours: hours_between(span.from, *first).clamp(0.0, span.hours()),
        }
    }
}

/// As a number that can be multiplied.
#[expect(
    clippy::cast_precision_loss,
    reason = "bytes up to 2^53 are exact, beyond a rounding in the 16th digit"
)]
pub(super) fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_second(1_793_491_200 + hour * 3600).unwrap()
    }

    fn check(seen: &[(i64, u64)], (from, to): (i64, i64), sum: f64, assumed_hours: f64) {
        let history = History::new(seen.iter().map(|(at, bytes)| (hour(*at), *bytes)).collect());
        let span = Span {
            from: hour(from),
            to: hour(to),
        };
        assert_eq!(history.over(span), ByteHours { sum, assumed_hours }, "{seen:?}");
    }

    #[test]
    fn sizes_hold_until_another_is_seen() {
        check(&[], (0, 10), 0.0, 0.0);
        check(&[(4, 100)], (0, 10), 1000.0, 4.0);
        check(&[(12, 100)], (0, 10), 1000.0, 10.0);
        check(&[(-5, 100)], (0, 10), 1000.0, 0.0);
        check(&[(-5, 100), (0, 50)], (0, 10), 500.0, 0.0);
        check(&[(6, 30), (-5, 10), (-2, 20), (10, 99)], (0, 10), 240.0, 0.0);
        check(&[(2, 10), (4, 20)], (0, 10), 160.0, 2.0);
    }
}
