//! What values count, and how they are written.

use spacewatch_model::ByteSize;

/// What the values of a chart count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unit {
    /// Things: `1,234`, `12.3k`.
    #[default]
    Count,
    /// Bytes, in binary units: `1.21 GiB`.
    Bytes,
    /// Durations in milliseconds: `45 ms`, `1.2 s`.
    Milliseconds,
    /// Parts of a hundred: `6.1 %`.
    Percent,
}

impl Unit {
    /// A value with its unit, to three significant digits.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Count => count(value),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturates, and a part of a byte is none"
            )]
            Self::Bytes => ByteSize(value.round() as u64).to_string(),
            Self::Milliseconds => duration(value),
            Self::Percent => format!("{} %", digits(value)),
        }
    }

    /// A value of an axis: without the zeros behind the point.
    pub(crate) fn tick(self, value: f64) -> String {
        let shown = self.show(value);
        match (self, shown.split_once(' ')) {
            (Self::Bytes, Some((figure, unit))) if figure.contains('.') => {
                format!("{} {unit}", figure.trim_end_matches('0').trim_end_matches('.'))
            }
            _ => shown,
        }
    }

    /// Whether round values are powers of two.
    pub(crate) fn is_binary(self) -> bool {
        matches!(self, Self::Bytes)
    }

    /// Whether there is nothing between two whole values.
    pub(crate) fn is_whole(self) -> bool {
        matches!(self, Self::Count | Self::Bytes)
    }
}

fn count(value: f64) -> String {
    if value < 9_999.5 {
        let shown = if value < 100.0 {
            digits(value)
        } else {
            format!("{value:.0}")
        };
        return match shown.len() {
            4 if !shown.contains('.') => format!("{},{}", &shown[..1], &shown[1..]),
            _ => shown,
        };
    }
    let (mut value, mut suffix) = (value / 1e3, 'k');
    for next in ['M', 'G', 'T', 'P', 'E'] {
        if value < 999.5 {
            break;
        }
        (value, suffix) = (value / 1e3, next);
    }
    format!("{}{suffix}", digits(value))
}

fn duration(ms: f64) -> String {
    let (value, unit) = match ms {
        ms if ms < 999.5 => (ms, "ms"),
        ms if ms < 59_950.0 => (ms / 1e3, "s"),
        ms if ms < 3_597_000.0 => (ms / 60e3, "min"),
        ms => (ms / 3_600e3, "h"),
    };
    format!("{} {unit}", digits(value))
}

/// About three significant digits, without zeros behind the point.
fn digits(value: f64) -> String {
    let decimals = match value {
        v if v < 0.009_95 => 6,
        v if v < 0.099_5 => 4,
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => return format!("{value:.0}"),
    };
    let shown = format!("{value:.decimals$}");
    shown.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(unit: Unit, shown: Expect) {
        let values = [
            0.0, 0.25, 1.0, 9.999, 45.0, 99.96, 999.6, 1_234.0, 9_999.6, 12_345.0, 999_600.0, 4.2e9, 1e18,
        ];
        shown.assert_eq(&values.map(|value| unit.show(value)).join(" | "));
    }

    #[test]
    fn values_have_three_digits() {
        check(
            Unit::Count,
            expect!["0 | 0.25 | 1 | 10 | 45 | 100 | 1,000 | 1,234 | 10k | 12.3k | 1M | 4.2G | 1E"],
        );
        check(
            Unit::Bytes,
            expect![
                "0 B | 0 B | 1 B | 10 B | 45 B | 100 B | 1000 B | 1.21 KiB | 9.77 KiB | 12.1 KiB | 976 KiB | 3.91 GiB | 888 PiB"
            ],
        );
        check(
            Unit::Milliseconds,
            expect![
                "0 ms | 0.25 ms | 1 ms | 10 ms | 45 ms | 100 ms | 1 s | 1.23 s | 10 s | 12.3 s | 16.7 min | 1167 h | 277777777778 h"
            ],
        );
        check(
            Unit::Percent,
            expect![
                "0 % | 0.25 % | 1 % | 10 % | 45 % | 100 % | 1000 % | 1234 % | 10000 % | 12345 % | 999600 % | 4200000000 % | 1000000000000000000 %"
            ],
        );
    }

    #[test]
    fn ticks_have_no_needless_zeros() {
        let ticks = [0.0, 512.0, 1_024.0, 1_536.0, 104_857_600.0].map(|value| Unit::Bytes.tick(value));
        expect!["0 B | 512 B | 1 KiB | 1.5 KiB | 100 MiB"].assert_eq(&ticks.join(" | "));
    }
}
