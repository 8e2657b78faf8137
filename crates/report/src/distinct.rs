//! How many different values there were, when they are too many to remember.

/// 2^14 registers: a standard error of 0.8 %.
const BITS: u32 = 14;
const REGISTERS: usize = 1 << BITS;

/// An estimate by the HyperLogLog algorithm, with linear counting where few values were met.
#[derive(Debug, Clone)]
pub(crate) struct Distinct(Vec<u8>);

impl Default for Distinct {
    fn default() -> Self {
        Self(vec![0; REGISTERS])
    }
}

impl Distinct {
    /// Takes a value in by its hash.
    pub(crate) fn add(&mut self, hash: u64) {
        let hash = mix(hash);
        let register = usize::try_from(hash >> (64 - BITS)).unwrap_or(0);
        let rank = u8::try_from((hash << BITS | 1 << (BITS - 1)).leading_zeros() + 1).unwrap_or(u8::MAX);
        if let Some(highest) = self.0.get_mut(register) {
            *highest = (*highest).max(rank);
        }
    }

    /// Takes in what another one met.
    pub(crate) fn join(&mut self, other: &Self) {
        for (highest, rank) in self.0.iter_mut().zip(&other.0) {
            *highest = (*highest).max(*rank);
        }
    }

    /// About how many there were.
    pub(crate) fn estimate(&self) -> u64 {
        let registers = REGISTERS as f64;
        let sum: f64 = self.0.iter().map(|rank| (-f64::from(*rank)).exp2()).sum();
        let raw = 0.7213 / (1.0 + 1.079 / registers) * registers * registers / sum;
        let empty = self.0.iter().filter(|rank| **rank == 0).count();
        let estimate = if raw <= 2.5 * registers && empty > 0 {
            registers * (registers / empty as f64).ln()
        } else {
            raw
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive number far below 2^64"
        )]
        let estimate = estimate.round() as u64;
        estimate
    }
}

/// Spreads what a fast hash leaves close together over all bits.
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_close() {
        for count in [0_u64, 1, 100, 10_000, 100_000, 1_000_000] {
            let (mut left, mut right) = (Distinct::default(), Distinct::default());
            for value in 0..count {
                // Twice, and on both sides: what is met again doesn't count.
                left.add(value);
                if value % 2 == 0 {
                    right.add(value);
                }
            }
            left.join(&right);
            let off = left.estimate().abs_diff(count) as f64;
            assert!(off <= 0.025 * count as f64, "{count}: {}", left.estimate());
        }
    }
}
