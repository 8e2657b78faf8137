//! Sums since the start, for whoever makes rates of them: Prometheus, and what speaks like it.
//!
//! Memory is bounded whatever a store or a client does: durations are counted in fixed buckets, and so many different statuses of
//! one kind are told apart; the rest is counted together.

use std::time::Duration;

/// The upper edges of the buckets that durations are counted in.
pub const DURATION_EDGES: [Duration; 15] = [
    Duration::from_micros(1_000),
    Duration::from_micros(2_500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_millis(1_000),
    Duration::from_millis(2_500),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(120),
];

/// Statuses of one kind that are told apart.
const MAX_CODES: usize = 40;

/// Durations, counted in buckets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Durations {
    /// How many fell between the edge before and each edge; the last place counts those beyond all edges.
    counts: [u64; DURATION_EDGES.len() + 1],
    sum: Duration,
}

impl Durations {
    pub(crate) fn add(&mut self, duration: Duration) {
        let place = DURATION_EDGES.partition_point(|edge| *edge < duration);
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
        self.sum = self.sum.saturating_add(duration);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All of them together.
    pub fn sum(&self) -> Duration {
        self.sum
    }

    /// For each edge how many were no longer than it.
    pub fn cumulative(&self) -> impl Iterator<Item = (Duration, u64)> {
        let mut passed = 0;
        DURATION_EDGES
            .into_iter()
            .zip(self.counts)
            .map(move |(edge, count)| {
                passed += count;
                (edge, passed)
            })
    }
}

/// What was done of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many ended with which status.
    codes: Vec<(Code, u64)>,
    durations: Durations,
    first_bytes: Durations,
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// With an HTTP status.
    Status(u16),
    /// Without an answer.
    NoAnswer,
    /// With one of the statuses that are counted together.
    Other,
}

impl Sums {
    pub(crate) fn add(&mut self, status: u16, duration: Duration, first_byte: Option<Duration>) {
        let code = match status {
            0 => Code::NoAnswer,
            status => Code::Status(status),
        };
        let full = self.codes.len() >= MAX_CODES;
        let known = self.codes.iter().any(|(counted, _)| *counted == code);
        let code = if full && !known { Code::Other } else { code };
        match self.codes.iter_mut().find(|(counted, _)| *counted == code) {
            Some((_, count)) => *count += 1,
            None => self.codes.push((code, 1)),
        }
        self.durations.add(duration);
        if let Some(first_byte) = first_byte {
            self.first_bytes.add(first_byte);
        }
    }

    /// How many ended how.
    pub fn codes(&self) -> &[(Code, u64)] {
        &self.codes
    }

    /// How long they took.
    pub fn durations(&self) -> &Durations {
        &self.durations
    }

    /// How long the first byte of an answer took, where that was measured.
    pub fn first_bytes(&self) -> &Durations {
        &self.first_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_belongs_to_its_own_bucket() {
        let mut durations = Durations::default();
        for micros in [0, 1_000, 1_001, 2_500, 120_000_000, 120_000_001] {
            durations.add(Duration::from_micros(micros));
        }
        let cumulative: Vec<u64> = durations.cumulative().map(|(_, count)| count).collect();
        assert_eq!(cumulative[..3], [2, 4, 4]);
        assert_eq!(cumulative.last(), Some(&5));
        assert_eq!(durations.count(), 6);
        assert_eq!(durations.sum(), Duration::from_micros(240_004_502));
    }

    #[test]
    fn made_up_statuses_fill_no_memory() {
        let mut sums = Sums::default();
        for status in 0..=999 {
            sums.add(status, Duration::ZERO, None);
        }
        sums.add(7, Duration::ZERO, None);
        assert_eq!(sums.codes().len(), MAX_CODES + 1);
        assert_eq!(sums.codes().iter().map(|(_, count)| count).sum::<u64>(), 1_001);
        assert_eq!(sums.codes()[0], (Code::NoAnswer, 1));
        assert_eq!(sums.codes()[7], (Code::Status(7), 2));
        assert_eq!(sums.codes().last(), Some(&(Code::Other, 960)));
    }
}
