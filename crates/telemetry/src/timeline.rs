//! Slots of time, each holding what ended within it.

use std::time::Duration;

use crate::tally::{Sample, Slot};

/// Up to this long back, windows are made of seconds; beyond, of minutes.
const SECONDS_KEPT: u64 = 600;

/// How far back anything is known.
pub(crate) const DAY: u64 = 86_400;

/// A ring of slots, half-open and counted from the epoch.
#[derive(Debug)]
pub(crate) struct Timeline {
    slots: Vec<(u64, Slot)>,
}

impl Timeline {
    fn new(slots: u64) -> Self {
        Self {
            slots: (0..slots).map(|_| (0, Slot::default())).collect(),
        }
    }

    /// The slot with that number; none when its place went to a later one long ago.
    fn slot(&mut self, number: u64) -> Option<&mut Slot> {
        let at = self.place(number);
        let (found, slot) = self.slots.get_mut(at)?;
        if *found < number {
            *found = number;
            *slot = Slot::default();
        }
        (*found == number).then_some(slot)
    }

    fn between(&self, first: u64, last: u64) -> impl Iterator<Item = &Slot> {
        (first..=last).filter_map(|number| {
            let (found, slot) = self.slots.get(self.place(number))?;
            (*found == number).then_some(slot)
        })
    }

    fn place(&self, number: u64) -> usize {
        usize::try_from(number % self.slots.len() as u64).unwrap_or_default()
    }
}

/// Which slots make a window, and how long it really is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    in_minutes: bool,
    pub(crate) first: u64,
    /// The slot of this moment, not over yet.
    pub(crate) last: u64,
    pub(crate) length: Duration,
}

impl Span {
    /// The window that ends `now`. It consists of whole slots and the running one, is never longer than
    /// asked for, and doesn't reach back before the start.
    pub(crate) fn ending(now: Duration, window: Duration, started: Duration) -> Self {
        let window = window.as_secs() + u64::from(window.subsec_nanos() > 0);
        let window = window.clamp(1, DAY);
        let in_minutes = window > SECONDS_KEPT;
        let step = if in_minutes { 60 } else { 1 };
        let last = now.as_secs() / step;
        let first = (last + 1).saturating_sub(window.div_ceil(step));
        let begin = Duration::from_secs(first * step).max(started);
        Self {
            in_minutes,
            first,
            last,
            length: now.saturating_sub(begin),
        }
    }
}

/// Everything one layer keeps by time.
#[derive(Debug)]
pub(crate) struct Timelines {
    seconds: Timeline,
    minutes: Timeline,
    buckets_in_minutes: bool,
}

impl Timelines {
    /// Sums by bucket are kept only in the slots that `window` is made of.
    pub(crate) fn new(window: Duration) -> Self {
        Self {
            seconds: Timeline::new(SECONDS_KEPT),
            minutes: Timeline::new(DAY / 60),
            buckets_in_minutes: window > Duration::from_secs(SECONDS_KEPT),
        }
    }

    pub(crate) fn add(&mut self, at: Duration, sample: &Sample, label: Option<u16>) {
        let (in_seconds, in_minutes) = if self.buckets_in_minutes {
            (None, label)
        } else {
            (label, None)
        };
        if let Some(slot) = self.seconds.slot(at.as_secs()) {
            slot.add(sample, in_seconds);
        }
        if let Some(slot) = self.minutes.slot(at.as_secs() / 60) {
            slot.add(sample, in_minutes);
        }
    }

    /// The slots of single seconds, the last one included.
    pub(crate) fn seconds(&self, first: u64, last: u64) -> impl Iterator<Item = &Slot> {
        self.seconds.between(first, last)
    }

    /// The slots of `span` from number `first` to number `last`.
    pub(crate) fn slots(&self, span: Span, first: u64, last: u64) -> impl Iterator<Item = &Slot> {
        let timeline = if span.in_minutes {
            &self.minutes
        } else {
            &self.seconds
        };
        timeline.between(first, last)
    }
}

/// How many operations ended in each second of the last day.
#[derive(Debug)]
pub(crate) struct DayCounts {
    counts: Vec<u32>,
    latest: u64,
}

impl DayCounts {
    pub(crate) fn new() -> Self {
        Self {
            counts: vec![0; usize::try_from(DAY).unwrap_or_default()],
            latest: 0,
        }
    }

    pub(crate) fn add(&mut self, second: u64) {
        self.advance(second);
        if second + DAY > self.latest
            && let Some(count) = self.counts.get_mut(place_in_day(second))
        {
            *count = count.saturating_add(1);
        }
    }

    /// The operations of the `span` seconds that end with this one.
    pub(crate) fn sum(&mut self, now: u64, span: u64) -> u64 {
        self.advance(now);
        let first = (now + 1).saturating_sub(span);
        (first..=now)
            .filter_map(|second| self.counts.get(place_in_day(second)))
            .map(|&count| u64::from(count))
            .sum()
    }

    fn advance(&mut self, second: u64) {
        if second <= self.latest {
            return;
        }
        let first = (self.latest + 1).max((second + 1).saturating_sub(DAY));
        for passed in first..=second {
            if let Some(count) = self.counts.get_mut(place_in_day(passed)) {
                *count = 0;
            }
        }
        self.latest = second;
    }
}

fn place_in_day(second: u64) -> usize {
    usize::try_from(second % DAY).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(now: f64, window: u64, started: f64, expected: Expect) {
        let span = Span::ending(
            Duration::from_secs_f64(now),
            Duration::from_secs(window),
            Duration::from_secs_f64(started),
        );
        let unit = if span.in_minutes { "min" } else { "s" };
        expected.assert_eq(&format!(
            "{}..={} {unit}, {:?}",
            span.first, span.last, span.length
        ));
    }

    #[test]
    fn spans() {
        check(10_060.0, 300, 10_000.0, expect!["9761..=10060 s, 60s"]);
        check(10_900.25, 300, 10_000.0, expect!["10601..=10900 s, 299.25s"]);
        check(10_000.0, 300, 10_000.0, expect!["9701..=10000 s, 0ns"]);
        check(10_900.5, 0, 10_000.0, expect!["10900..=10900 s, 500ms"]);
        check(10_900.5, 600, 10_000.0, expect!["10301..=10900 s, 599.5s"]);
        check(100_000.0, 601, 10_000.0, expect!["1656..=1666 min, 640s"]);
        check(100_000.0, 999_999, 10_000.0, expect!["227..=1666 min, 86380s"]);
        check(20.0, 300, 0.0, expect!["0..=20 s, 20s"]);
    }

    #[test]
    fn a_day_of_counts() {
        let mut counts = DayCounts::new();
        counts.add(1_000_000);
        counts.add(1_000_001);
        counts.add(1_000_000);
        assert_eq!(counts.sum(1_000_001, 1), 1);
        assert_eq!(counts.sum(1_000_001, 2), 3);
        assert_eq!(counts.sum(1_000_000 + DAY - 1, DAY), 3);
        assert_eq!(counts.sum(1_000_000 + DAY, DAY), 1);
        counts.add(1_000_000);
        assert_eq!(counts.sum(1_000_000 + DAY, DAY), 1);
        counts.add(9_000_000);
        assert_eq!(counts.sum(9_000_000, DAY), 1);
    }
}
