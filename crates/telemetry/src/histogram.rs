//! Latencies as counts per cell, and percentiles from them.
//!
//! Cells grow geometrically, so that a cell's middle is never more than [`MAX_RELATIVE_ERROR`] away from
//! anything in it, from a nanosecond to centuries. A percentile is nearest rank: the cell is the exact
//! one, only the place within the cell is not known.

use serde::{Deserialize, Serialize};

/// How far a percentile may be from the exact one, as a share of it.
#[cfg(test)]
pub(crate) const MAX_RELATIVE_ERROR: f64 = 0.01;

/// The natural logarithm of how much larger each cell is than the one before. Half of it is the error:
/// 0.99 %, which leaves room for what rounding adds.
const LN_GROWTH: f64 = 0.0198;

/// Which cell a latency falls into. Cell 0 holds exactly 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the largest latency is in cell 2242, and the logarithm of a whole number is not negative"
)]
pub(crate) fn cell_of(nanos: u64) -> u16 {
    if nanos == 0 {
        return 0;
    }
    1 + ((nanos as f64).ln() / LN_GROWTH).ceil() as u16
}

/// The value in the middle of the cell: as far from one end as from the other, in parts of itself.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float beyond the largest whole number becomes the largest"
)]
fn middle_of(cell: usize) -> u64 {
    let Some(step) = cell.checked_sub(1) else {
        return 0;
    };
    let step = u32::try_from(step).unwrap_or(u32::MAX);
    let upper = (f64::from(step) * LN_GROWTH).exp();
    (upper * 2.0 / (1.0 + LN_GROWTH.exp())).round() as u64
}

/// Latencies of one kind in one slot of time. Holds only the cells that occur.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Histogram {
    least: u64,
    most: u64,
    cells: Vec<(u16, u32)>,
}

impl Histogram {
    pub(crate) fn add(&mut self, nanos: u64, cell: u16) {
        if self.cells.is_empty() {
            self.least = nanos;
            self.most = nanos;
        }
        self.least = self.least.min(nanos);
        self.most = self.most.max(nanos);
        match self.cells.binary_search_by_key(&cell, |&(cell, _)| cell) {
            Ok(at) => {
                if let Some((_, count)) = self.cells.get_mut(at) {
                    *count = count.saturating_add(1);
                }
            }
            Err(at) => self.cells.insert(at, (cell, 1)),
        }
    }

    /// Adds what another one holds.
    pub(crate) fn join(&mut self, other: &Self) {
        if other.cells.is_empty() {
            return;
        }
        if self.cells.is_empty() {
            self.clone_from(other);
            return;
        }
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
        for &(cell, more) in &other.cells {
            match self.cells.binary_search_by_key(&cell, |&(cell, _)| cell) {
                Ok(at) => {
                    if let Some((_, count)) = self.cells.get_mut(at) {
                        *count = count.saturating_add(more);
                    }
                }
                Err(at) => self.cells.insert(at, (cell, more)),
            }
        }
    }
}

/// Histograms added up.
#[derive(Debug, Clone)]
pub(crate) struct Spread {
    least: u64,
    most: u64,
    /// By cell.
    counts: Vec<u64>,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            least: u64::MAX,
            most: 0,
            counts: Vec::new(),
        }
    }
}

impl Spread {
    pub(crate) fn add(&mut self, histogram: &Histogram) {
        let Some(&(last, _)) = histogram.cells.last() else {
            return;
        };
        self.make_room(usize::from(last) + 1);
        for &(cell, count) in &histogram.cells {
            if let Some(sum) = self.counts.get_mut(usize::from(cell)) {
                *sum += u64::from(count);
            }
        }
        self.least = self.least.min(histogram.least);
        self.most = self.most.max(histogram.most);
    }

    pub(crate) fn add_spread(&mut self, other: &Self) {
        self.make_room(other.counts.len());
        for (sum, count) in self.counts.iter_mut().zip(&other.counts) {
            *sum += count;
        }
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }

    /// The percentiles asked for (1 to 100, ascending) of `total` latencies, in nanoseconds; zeros when
    /// there is nothing.
    pub(crate) fn percentiles<const N: usize>(&self, total: u64, asked: [u64; N]) -> [u64; N] {
        let mut passed = 0;
        let mut cells = self.counts.iter().enumerate();
        let mut found = 0;
        asked.map(|percent| {
            let rank = u128::from(total) * u128::from(percent);
            let rank = u64::try_from(rank.div_ceil(100)).unwrap_or(u64::MAX);
            while passed < rank
                && let Some((cell, count)) = cells.next()
            {
                passed += count;
                found = cell;
            }
            // The smallest and the largest latency are known exactly.
            if rank >= total {
                self.most
            } else if rank <= 1 {
                self.least
            } else {
                middle_of(found).max(self.least).min(self.most)
            }
        })
    }

    fn make_room(&mut self, cells: usize) {
        if self.counts.len() < cells {
            self.counts.resize(cells, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nearest_rank(sorted: &[u64], percent: u64) -> u64 {
        let percent = usize::try_from(percent).unwrap();
        sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1]
    }

    fn is_close(found: u64, exact: u64) -> bool {
        // Half a nanosecond is what rounding to whole nanoseconds may add.
        found.abs_diff(exact) as f64 <= exact as f64 * MAX_RELATIVE_ERROR + 0.5
    }

    fn spread_of(latencies: &[u64]) -> Spread {
        let mut spread = Spread::default();
        for part in latencies.chunks(7) {
            let mut histogram = Histogram::default();
            for &nanos in part {
                histogram.add(nanos, cell_of(nanos));
            }
            spread.add(&histogram);
        }
        spread
    }

    #[test]
    fn the_middle_of_a_cell_is_close_to_its_ends() {
        let mut nanos = 1_u64;
        while nanos < u64::MAX / 2 {
            for at in [nanos - 1, nanos, nanos + 1] {
                let middle = middle_of(usize::from(cell_of(at)));
                assert!(is_close(middle, at), "{at} became {middle}");
            }
            nanos += 1 + nanos / 997;
        }
        assert!(is_close(middle_of(usize::from(cell_of(u64::MAX))), u64::MAX));
    }

    #[test]
    fn nothing_is_zero() {
        assert_eq!(Spread::default().percentiles(0, [50, 95, 99]), [0, 0, 0]);
    }

    #[test]
    fn one_latency_is_exact() {
        assert_eq!(
            spread_of(&[45_230_001]).percentiles(1, [50, 95, 99]),
            [45_230_001; 3]
        );
    }

    proptest! {
        #[test]
        fn percentiles_are_within_the_error(
            mut latencies in prop::collection::vec(
                prop_oneof![0..2000_u64, 1_000_000..100_000_000_u64, any::<u64>()], 1..400
            )
        ) {
            let spread = spread_of(&latencies);
            latencies.sort_unstable();
            let asked = [1, 50, 90, 95, 99, 100];
            let found = spread.percentiles(latencies.len() as u64, asked);
            for (percent, found) in asked.into_iter().zip(found) {
                let exact = nearest_rank(&latencies, percent);
                prop_assert!(is_close(found, exact), "p{} is {}, found {}", percent, exact, found);
            }
        }
    }
}
