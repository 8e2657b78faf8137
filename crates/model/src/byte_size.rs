//! Sizes in bytes, shown in binary units.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A number of bytes. Adding saturates: a size is never wrapped around.
///
/// Shown with three significant digits in binary units (`1.21 GiB`), plain below one KiB (`512 B`).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = u64)]
pub struct ByteSize(pub u64);

const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1024 {
            return f.pad(&format!("{} B", self.0));
        }
        let mut value = self.0 as f64 / 1024.0;
        let mut unit = 0;
        // 999.5 rounds to four digits, so the next unit begins there and not at 1024.
        while value >= 999.5 && unit + 1 < UNITS.len() {
            value /= 1024.0;
            unit += 1;
        }
        let decimals = match value {
            v if v < 0.9995 => 3,
            v if v < 9.995 => 2,
            v if v < 99.95 => 1,
            _ => 0,
        };
        let unit = UNITS.get(unit).copied().unwrap_or("EiB");
        f.pad(&format!("{value:.decimals$} {unit}"))
    }
}

impl FromStr for ByteSize {
    type Err = &'static str;

    /// Reads `1000`, `250 GiB` (2^30) and `1.5TB` (10^12).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = parse_size::Config::new().with_decimal().parse_size(text);
        read.map(Self)
            .map_err(|_| "is no size such as `250GiB`, `1.5TB` or `1000`")
    }
}

impl Add for ByteSize {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for ByteSize {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for ByteSize {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self(0), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: u64, shown: &str) {
        assert_eq!(ByteSize(bytes).to_string(), shown);
    }

    #[test]
    fn sizes_are_read() {
        for (text, bytes) in [
            ("1000", 1000),
            ("1TB", 1_000_000_000_000),
            ("1 TiB", 1_099_511_627_776),
            ("250 GiB", 268_435_456_000),
            ("1.5 kB", 1500),
            ("2G", 2_000_000_000),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for wrong in ["", "much", "-1", "1 XB", "99999999 EB"] {
            assert!(wrong.parse::<ByteSize>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn three_significant_digits() {
        check(0, "0 B");
        check(1023, "1023 B");
        check(1024, "1.00 KiB");
        check(10_240, "10.0 KiB");
        check(102_400, "100 KiB");
        check(1_023_488, "0.976 MiB");
        check(1_300_000_000, "1.21 GiB");
        check(u64::MAX, "16.0 EiB");
    }

    #[test]
    fn sums_saturate() {
        assert_eq!(
            [ByteSize(u64::MAX), ByteSize(1)].into_iter().sum::<ByteSize>(),
            ByteSize(u64::MAX)
        );
    }
}
