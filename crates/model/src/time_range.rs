//! Spans of time.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A half-open span of time: `from` belongs to it, `to` doesn't. An absent end is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct TimeRange {
    /// The first moment that belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// The first moment that doesn't any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
}

impl TimeRange {
    /// All of time.
    pub const ALWAYS: Self = Self { from: None, to: None };

    /// From one moment up to, and without, another.
    ///
    /// # Errors
    ///
    /// When it would end before it begins.
    pub fn new(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<Self, InvalidTimeRange> {
        match (from, to) {
            (Some(from), Some(to)) if to < from => Err(InvalidTimeRange { from, to }),
            _ => Ok(Self { from, to }),
        }
    }

    /// Whether a moment belongs to it.
    pub fn contains(&self, moment: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= moment) && self.to.is_none_or(|to| moment < to)
    }

    /// Whether anything between `first` and `last`, both included, may belong to it.
    pub fn overlaps(&self, first: Timestamp, last: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= last) && self.to.is_none_or(|to| first < to)
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (Some(from), Some(to)) => write!(f, "{from} to {to}"),
            (Some(from), None) => write!(f, "since {from}"),
            (None, Some(to)) => write!(f, "before {to}"),
            (None, None) => f.write_str("all time"),
        }
    }
}

/// A span of time that ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("ends at {to}, before it begins at {from}")]
pub struct InvalidTimeRange {
    from: Timestamp,
    to: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn ends_are_half_open() {
        let range = TimeRange::new(Some(at(10)), Some(at(20))).expect("a range");
        assert!(!range.contains(at(9)) && range.contains(at(10)) && range.contains(at(19)));
        assert!(!range.contains(at(20)));
        assert!(
            range.overlaps(at(0), at(10)) && range.overlaps(at(19), at(90)) && range.overlaps(at(0), at(90))
        );
        assert!(!range.overlaps(at(0), at(9)) && !range.overlaps(at(20), at(90)));
        assert!(TimeRange::ALWAYS.contains(at(-5)) && TimeRange::ALWAYS.overlaps(at(1), at(1)));
        assert!(TimeRange::new(Some(at(20)), Some(at(10))).is_err());
    }
}
