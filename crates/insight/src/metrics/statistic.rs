//! What is said of many values in one number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One number for many values: `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p99.9`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Statistic {
    /// All values together.
    Sum,
    /// Their sum by their number.
    Average,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
    /// How many there are.
    SampleCount,
    /// The smallest value that at least this share of them does not exceed (nearest rank).
    Percentile(Percent),
}

/// A share in hundredths of a percent, above 0 % and up to 100 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Percent(u16);

impl Percent {
    /// So many whole percent; outside 1 to 100 the nearest of them.
    pub(crate) const fn whole(percent: u16) -> Self {
        match percent {
            0 => Self(100),
            1..=100 => Self(percent * 100),
            _ => Self(10_000),
        }
    }

    /// Which of `samples` values in order is the one, counted from one. None of none.
    pub(crate) fn rank(self, samples: u64) -> u64 {
        let rank = (u128::from(samples) * u128::from(self.0)).div_ceil(10_000);
        u64::try_from(rank).unwrap_or(samples)
    }

    fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 2 || whole.len() > 3 {
            return None;
        }
        let hundredths = format!("{fraction:0<2}");
        let percent = whole.parse::<u32>().ok()? * 100 + hundredths.parse::<u32>().ok()?;
        let percent = u16::try_from(percent).ok()?;
        (1..=10_000).contains(&percent).then_some(Self(percent))
    }
}

impl Statistic {
    /// The 50th percentile.
    pub const P50: Self = Self::Percentile(Percent::whole(50));
    /// The 95th percentile.
    pub const P95: Self = Self::Percentile(Percent::whole(95));
    /// The 99th percentile.
    pub const P99: Self = Self::Percentile(Percent::whole(99));
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Sum => "Sum",
            Self::Average => "Average",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
            Self::SampleCount => "SampleCount",
            Self::Percentile(Percent(percent)) => {
                let (whole, fraction) = (percent / 100, percent % 100);
                return match (fraction / 10, fraction % 10) {
                    (0, 0) => write!(f, "p{whole}"),
                    (tenths, 0) => write!(f, "p{whole}.{tenths}"),
                    _ => write!(f, "p{whole}.{fraction:02}"),
                };
            }
        };
        f.write_str(name)
    }
}

/// A text that names no statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "is no statistic: `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p99.9`"
)]
pub struct UnknownStatistic;

impl FromStr for Statistic {
    type Err = UnknownStatistic;

    /// Upper and lower case are one; Azure's `Total` and `Count` are `Sum` and `SampleCount`.
    fn from_str(text: &str) -> Result<Self, UnknownStatistic> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "sum" | "total" => Self::Sum,
            "average" => Self::Average,
            "minimum" => Self::Minimum,
            "maximum" => Self::Maximum,
            "samplecount" | "count" => Self::SampleCount,
            other => {
                let percent = other.strip_prefix('p').and_then(Percent::parse);
                Self::Percentile(percent.ok_or(UnknownStatistic)?)
            }
        })
    }
}

impl Serialize for Statistic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Statistic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, shown: &str) {
        let found = text
            .parse::<Statistic>()
            .map_or_else(|_| "none".to_owned(), |s| s.to_string());
        assert_eq!(found, shown, "{text}");
    }

    #[test]
    fn names() {
        check("sum", "Sum");
        check("Total", "Sum");
        check("COUNT", "SampleCount");
        check("p50", "p50");
        check("P99.9", "p99.9");
        check("p99.90", "p99.9");
        check("p99.99", "p99.99");
        check("p99.09", "p99.09");
        check("p100", "p100");
        check("p0.01", "p0.01");
        for wrong in [
            "", "p", "p0", "p0.001", "p100.01", "p-1", "p+1", "p1.", "p.5", "p1e1", "mean", "p999", "p9999",
        ] {
            check(wrong, "none");
        }
    }

    #[test]
    fn ranks_are_the_nearest() {
        let rank = |text: &str, samples| match text.parse() {
            Ok(Statistic::Percentile(percent)) => percent.rank(samples),
            _ => 0,
        };
        assert_eq!(rank("p50", 4), 2);
        assert_eq!(rank("p50", 5), 3);
        assert_eq!(rank("p95", 20), 19);
        assert_eq!(rank("p99.9", 1000), 999);
        assert_eq!(rank("p99.9", 1001), 1000);
        assert_eq!(rank("p0.01", 1), 1);
        assert_eq!(rank("p100", u64::MAX), u64::MAX);
    }
}
