//! Times counted by value, so that percentiles are exact.

use hashbrown::HashMap;
use serde::Serialize;

/// Values below this are counted in a list, the others in a map.
const SHORT: usize = 1024;

/// Significant bits of a value that is counted when no more different ones can be: an error below 1 %.
const COARSE_BITS: u32 = 8;

/// Nearest-rank percentiles of whole milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Percentiles {
    /// The median.
    pub p50: Option<u64>,
    /// 95 of 100 are at most this.
    pub p95: Option<u64>,
    /// 99 of 100 are at most this.
    pub p99: Option<u64>,
    /// How many values there are.
    pub count: u64,
}

/// How many different long times may still be counted, by one worker over all operations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LongTimes {
    pub(crate) left: usize,
    pub(crate) coarse: bool,
}

/// The times of one operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times {
    short: Vec<u64>,
    long: HashMap<u64, u64>,
}

impl Times {
    /// Counts one time.
    #[inline]
    pub(crate) fn add(&mut self, milliseconds: u64, room: &mut LongTimes) {
        let short = usize::try_from(milliseconds).ok().filter(|at| *at < SHORT);
        let Some(at) = short else {
            return self.add_long(milliseconds, room);
        };
        if at >= self.short.len() {
            self.short.resize((at + 1).next_power_of_two(), 0);
        }
        if let Some(count) = self.short.get_mut(at) {
            *count += 1;
        }
    }

    fn add_long(&mut self, milliseconds: u64, room: &mut LongTimes) {
        if let Some(count) = self.long.get_mut(&milliseconds) {
            *count += 1;
            return;
        }
        let value = if room.left > 0 {
            room.left -= 1;
            milliseconds
        } else {
            room.coarse = true;
            coarse(milliseconds)
        };
        *self.long.entry(value).or_default() += 1;
    }

    /// Takes over what another one counted.
    pub(crate) fn join(&mut self, other: &Self) {
        if self.short.len() < other.short.len() {
            self.short.resize(other.short.len(), 0);
        }
        for (count, more) in self.short.iter_mut().zip(&other.short) {
            *count += more;
        }
        for (value, more) in &other.long {
            *self.long.entry(*value).or_default() += more;
        }
    }

    /// Walks the values in order.
    pub(crate) fn percentiles(&self) -> Percentiles {
        let short = (0_u64..)
            .zip(self.short.iter().copied())
            .filter(|(_, count)| *count > 0);
        let mut long: Vec<_> = self.long.iter().map(|(value, count)| (*value, *count)).collect();
        long.sort_unstable();
        let counts: Vec<_> = short.chain(long).collect();
        let count: u64 = counts.iter().map(|(_, count)| count).sum();
        let at = |percent: u64| {
            let rank = (u128::from(percent) * u128::from(count)).div_ceil(100).max(1);
            let mut passed = 0_u128;
            let mut values = counts.iter();
            values
                .find(|(_, count)| {
                    passed += u128::from(*count);
                    passed >= rank
                })
                .map(|(value, _)| *value)
        };
        Percentiles {
            p50: at(50),
            p95: at(95),
            p99: at(99),
            count,
        }
    }
}

/// The value without its lower bits.
fn coarse(value: u64) -> u64 {
    let lower = (64 - value.leading_zeros()).saturating_sub(COARSE_BITS);
    value >> lower << lower
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact() -> LongTimes {
        LongTimes {
            left: usize::MAX,
            coarse: false,
        }
    }

    proptest! {
        #[test]
        fn the_same_as_sorting(values in proptest::collection::vec(prop_oneof![0..50_u64, 0..5_000_u64, any::<u64>()], 0..300), cut in 0..300_usize) {
            let (mut left, mut right) = (Times::default(), Times::default());
            for (at, value) in values.iter().enumerate() {
                let side = if at < cut { &mut left } else { &mut right };
                side.add(*value, &mut exact());
            }
            left.join(&right);
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let at = |percent: usize| sorted.get((percent * sorted.len()).div_ceil(100).max(1) - 1).copied();
            prop_assert_eq!(left.percentiles(), Percentiles { p50: at(50), p95: at(95), p99: at(99), count: values.len() as u64 });
        }
    }

    #[test]
    fn too_many_different_ones_are_counted_coarsely() {
        let mut room = LongTimes {
            left: 10,
            coarse: false,
        };
        let mut times = Times::default();
        for value in 0..1_000_000_u64 {
            times.add(1_000_000 + value, &mut room);
        }
        assert!(room.coarse && times.long.len() < 400);
        let found = times.percentiles();
        assert_eq!(found.count, 1_000_000);
        assert!(found.p95.expect("one").abs_diff(1_950_000) < 20_000);
    }
}
