//! How fast something grows, lately.

use std::collections::VecDeque;
use std::time::Duration;

/// How far back "lately" goes.
const SPAN: Duration = Duration::from_secs(5);

/// Growth of two counters over the last seconds.
#[derive(Debug, Default)]
pub(super) struct Rate(VecDeque<(Duration, [u64; 2])>);

impl Rate {
    /// The counters stand there now; gives their growth a second.
    pub(super) fn note(&mut self, now: Duration, counters: [u64; 2]) -> [f64; 2] {
        while self.0.len() > 1
            && self
                .0
                .front()
                .is_some_and(|(at, _)| now.saturating_sub(*at) > SPAN)
        {
            self.0.pop_front();
        }
        self.0.push_back((now, counters));
        let Some((then, before)) = self.0.front() else {
            return [0.0; 2];
        };
        let seconds = now.saturating_sub(*then).as_secs_f64();
        let growth = |at: usize| {
            let (now, before) = (counters.get(at).copied(), before.get(at).copied());
            now.unwrap_or(0).saturating_sub(before.unwrap_or(0))
        };
        if seconds <= 0.0 {
            return [0.0; 2];
        }
        [0, 1].map(|at| as_f64(growth(at)) / seconds)
    }
}

/// Exact up to fifteen digits, which is enough for a rate.
#[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
pub(super) fn as_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_seconds_count() {
        let mut rate = Rate::default();
        let at = Duration::from_secs;
        assert_eq!(rate.note(at(0), [0, 0]), [0.0, 0.0]);
        assert_eq!(rate.note(at(2), [200, 20]), [100.0, 10.0]);
        assert_eq!(rate.note(at(10), [200, 20]), [0.0, 0.0]);
        assert_eq!(rate.note(at(11), [300, 20]), [100.0, 0.0]);
    }
}
