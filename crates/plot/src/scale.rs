//! From values to places, and the round values in between.

use crate::unit::Unit;

/// The greatest value that is drawn; far above anything that can be counted, and safe to add up.
const MAX: f64 = 1e18;
/// What is smaller is nothing.
const MIN: f64 = 1e-5;

/// A value that can be drawn: finite and not negative.
pub(crate) fn drawable(value: f64) -> Option<f64> {
    (value.is_finite() && value >= 0.0).then(|| value.min(MAX))
}

/// An axis that begins at zero and ends at a round value.
pub(crate) struct Scale {
    top: f64,
    step: f64,
}

impl Scale {
    /// An axis up to at least `greatest`, with about `ticks` parts.
    pub(crate) fn up_to(greatest: f64, unit: Unit, ticks: f64) -> Self {
        let greatest = if greatest > MIN { greatest } else { 1.0 };
        let ideal = greatest / ticks.max(1.0);
        let step = if unit.is_binary() {
            binary_step(ideal)
        } else {
            decimal_step(ideal)
        };
        let step = if unit.is_whole() { step.max(1.0) } else { step };
        Self {
            top: (greatest / step).ceil() * step,
            step,
        }
    }

    /// Where a value lies: 0 at the beginning, 1 at the end.
    pub(crate) fn place(&self, value: f64) -> f64 {
        (value / self.top).clamp(0.0, 1.0)
    }

    /// The round values, from zero to the end.
    pub(crate) fn ticks(&self) -> impl Iterator<Item = f64> {
        let (top, step) = (self.top, self.step);
        (0..=64u8)
            .map(move |nth| f64::from(nth) * step)
            .take_while(move |tick| *tick <= top * 1.000_001)
    }
}

/// The least of 1, 2 and 5 times a power of ten that isn't below `ideal`.
fn decimal_step(ideal: f64) -> f64 {
    let power = 10f64.powf(ideal.log10().floor());
    [1.0, 2.0, 5.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= ideal)
        .unwrap_or(10.0 * power)
}

/// The least power of two that isn't below `ideal`.
fn binary_step(ideal: f64) -> f64 {
    2f64.powf(ideal.log2().ceil())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(greatest: f64, unit: Unit, ticks: Expect) {
        let scale = Scale::up_to(greatest, unit, 5.0);
        ticks.assert_eq(
            &scale
                .ticks()
                .map(|tick| unit.tick(tick))
                .collect::<Vec<_>>()
                .join(" | "),
        );
    }

    #[test]
    fn ticks_are_round() {
        check(0.0, Unit::Count, expect!["0 | 1"]);
        check(3.0, Unit::Count, expect!["0 | 1 | 2 | 3"]);
        check(987.0, Unit::Count, expect!["0 | 200 | 400 | 600 | 800 | 1,000"]);
        check(48_000.0, Unit::Count, expect!["0 | 10k | 20k | 30k | 40k | 50k"]);
        check(1e18, Unit::Count, expect!["0 | 200P | 400P | 600P | 800P | 1E"]);
        check(0.0, Unit::Bytes, expect!["0 B | 1 B"]);
        check(3e9, Unit::Bytes, expect!["0 B | 1 GiB | 2 GiB | 3 GiB"]);
        check(
            1e18,
            Unit::Bytes,
            expect!["0 B | 256 PiB | 512 PiB | 768 PiB | 1 EiB"],
        );
        check(
            2_400.0,
            Unit::Milliseconds,
            expect!["0 ms | 500 ms | 1 s | 1.5 s | 2 s | 2.5 s"],
        );
        check(6.1, Unit::Percent, expect!["0 % | 2 % | 4 % | 6 % | 8 %"]);
        check(
            0.001,
            Unit::Percent,
            expect!["0 % | 0.0002 % | 0.0004 % | 0.0006 % | 0.0008 % | 0.001 %"],
        );
    }

    #[test]
    fn absurd_values_have_a_place() {
        assert_eq!(drawable(f64::NAN), None);
        assert_eq!(drawable(f64::INFINITY), None);
        assert_eq!(drawable(-1.0), None);
        assert_eq!(drawable(f64::MAX), Some(1e18));
    }
}
