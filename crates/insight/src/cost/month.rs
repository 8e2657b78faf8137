//! A calendar month in UTC, which is what stores bill.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use spacewatch_model::{ErrorCode, TimeRange};

use super::bill::Hours;
use crate::ToolError;

/// A month: `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month(Date);

impl FromStr for Month {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written = text.len() == 7 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let date = written.then(|| format!("{text}-01").parse().ok()).flatten();
        date.map(Self).ok_or("is no month such as `2026-11`")
    }
}

impl Month {
    /// The month that a moment is in.
    pub(crate) fn of(moment: Timestamp) -> Self {
        Self(moment.to_zoned(TimeZone::UTC).date().first_of_month())
    }

    /// As people write it.
    pub(super) fn text(self) -> String {
        self.0.strftime("%Y-%m").to_string()
    }

    /// Its first moment and the first one after it.
    pub(crate) fn span(self) -> Result<Span, ToolError> {
        let far = || ToolError::new(ErrorCode::InvalidValue, "that month is out of all reckoning");
        let start = |date: Date| {
            let zoned = date.to_zoned(TimeZone::UTC).map_err(|_| far())?;
            Ok::<_, ToolError>(zoned.timestamp())
        };
        let next = self.0.checked_add(1.month()).map_err(|_| far())?;
        Ok(Span {
            from: start(self.0)?,
            to: start(next)?,
        })
    }
}

/// A period with both its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Span {
    pub(super) fn hours(self) -> f64 {
        hours_between(self.from, self.to)
    }

    pub(super) fn range(self) -> TimeRange {
        TimeRange {
            from: Some(self.from),
            to: Some(self.to),
        }
    }

    /// The same up to a moment within it.
    pub(super) fn until(self, moment: Timestamp) -> Self {
        Self {
            from: self.from,
            to: moment.clamp(self.from, self.to),
        }
    }

    /// As a part of this month.
    pub(super) fn part_of(self, month: Self) -> Hours {
        Hours {
            part: self.hours(),
            month: month.hours(),
        }
    }
}

/// How many hours lie between; less than none when the second comes first.
pub(super) fn hours_between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / 3600.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, hours: Option<f64>) {
        let month = text.parse::<Month>().ok();
        let found = month.map(|month| month.span().unwrap().hours());
        assert_eq!(found, hours, "{text}");
        if let Some(month) = month {
            assert_eq!(month.text(), text);
        }
    }

    #[test]
    fn months() {
        check("2026-11", Some(720.0));
        check("2026-12", Some(744.0));
        check("2028-02", Some(696.0));
        check("2026-13", None);
        check("2026-1", None);
        check("november", None);
    }

    #[test]
    fn a_moment_is_in_a_month() {
        let moment = "2026-11-30T23:59:59.999Z".parse().unwrap();
        assert_eq!(Month::of(moment).text(), "2026-11");
    }
}
