//! Points in time as people write them.

use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use spacewatch_model::{ErrorCode, TimeRange};

use crate::ToolError;

/// Characters of a moment; none that means something is as long.
const MAX_LENGTH: usize = 64;

/// A day in UTC: `2026-11-22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(Date);

impl Day {
    /// Its first moment, and the first one after it.
    pub(crate) fn range(self) -> Result<TimeRange, ToolError> {
        let start = |date: Date| {
            TimeZone::UTC
                .to_timestamp(date.at(0, 0, 0, 0))
                .map_err(|_| out_of_range())
        };
        let next = self.0.tomorrow().map_err(|_| out_of_range())?;
        Ok(TimeRange {
            from: Some(start(self.0)?),
            to: Some(start(next)?),
        })
    }
}

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let date = if written { text.parse().ok() } else { None };
        date.map(Self).ok_or("is no day such as `2026-11-22`")
    }
}

/// A moment: `2026-11-22T10:00:00Z`, `2026-11-22 10:00` (UTC), a whole day `2026-11-22`, `now`, or how long ago:
/// `-24h`, `24h`, `2h ago`, `7d`.
#[derive(Debug, Clone)]
pub struct Moment(Meant);

#[derive(Debug, Clone)]
enum Meant {
    At(Timestamp),
    Day(Day),
    Ago(Span),
}

impl Moment {
    /// As the beginning of a period.
    pub(crate) fn beginning(&self, now: Timestamp) -> Result<Timestamp, ToolError> {
        match &self.0 {
            Meant::At(moment) => Ok(*moment),
            Meant::Day(day) => day.range()?.from.ok_or_else(out_of_range),
            Meant::Ago(span) => ago(now, span),
        }
    }

    /// As the end of a period, which a whole day belongs to.
    pub(crate) fn end(&self, now: Timestamp) -> Result<Timestamp, ToolError> {
        match &self.0 {
            Meant::Day(day) => day.range()?.to.ok_or_else(out_of_range),
            Meant::At(_) | Meant::Ago(_) => self.beginning(now),
        }
    }
}

fn ago(now: Timestamp, span: &Span) -> Result<Timestamp, ToolError> {
    let then = now.to_zoned(TimeZone::UTC).checked_sub(span.abs());
    then.map(|then| then.timestamp()).map_err(|_| out_of_range())
}

fn out_of_range() -> ToolError {
    ToolError::new(
        ErrorCode::InvalidValue,
        "the period lies outside of all time that can be reckoned with",
    )
}

impl From<Timestamp> for Moment {
    fn from(moment: Timestamp) -> Self {
        Self(Meant::At(moment))
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let wrong = "is no moment such as `2026-11-22T10:00:00Z`, `2026-11-22`, `-24h` or `now`";
        if text.len() > MAX_LENGTH {
            return Err(wrong);
        }
        if text.eq_ignore_ascii_case("now") {
            return Ok(Self(Meant::Ago(0.seconds())));
        }
        if let Ok(day) = text.parse() {
            return Ok(Self(Meant::Day(day)));
        }
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(Self(Meant::At(moment)));
        }
        // Without an offset it is UTC, like every time here.
        if text.len() > 10
            && let Ok(civil) = text.parse::<DateTime>()
        {
            let moment = TimeZone::UTC.to_timestamp(civil).map_err(|_| wrong)?;
            return Ok(Self(Meant::At(moment)));
        }
        text.parse().map(Meant::Ago).map(Self).map_err(|_| wrong)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Expect) {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a time");
        let found = text.parse::<Moment>().map_or_else(str::to_owned, |moment| {
            let text =
                |time: Result<Timestamp, ToolError>| time.map_or_else(|e| e.to_string(), |t| t.to_string());
            format!("{} … {}", text(moment.beginning(now)), text(moment.end(now)))
        });
        expected.assert_eq(&found);
    }

    #[test]
    fn moments() {
        check(
            "2026-11-20T10:00:00Z",
            expect!["2026-11-20T10:00:00Z … 2026-11-20T10:00:00Z"],
        );
        check(
            "2026-11-20T10:00:00+08:00",
            expect!["2026-11-20T02:00:00Z … 2026-11-20T02:00:00Z"],
        );
        check(
            "2026-11-20 10:30",
            expect!["2026-11-20T10:30:00Z … 2026-11-20T10:30:00Z"],
        );
        check(
            "2026-11-20",
            expect!["2026-11-20T00:00:00Z … 2026-11-21T00:00:00Z"],
        );
        check("now", expect!["2026-11-22T12:00:00Z … 2026-11-22T12:00:00Z"]);
        check("-24h", expect!["2026-11-21T12:00:00Z … 2026-11-21T12:00:00Z"]);
        check("24h", expect!["2026-11-21T12:00:00Z … 2026-11-21T12:00:00Z"]);
        check("2h ago", expect!["2026-11-22T10:00:00Z … 2026-11-22T10:00:00Z"]);
        check("7d", expect!["2026-11-15T12:00:00Z … 2026-11-15T12:00:00Z"]);
        check(
            "99999y",
            expect!["is no moment such as `2026-11-22T10:00:00Z`, `2026-11-22`, `-24h` or `now`"],
        );
        check(
            "yesterday-ish",
            expect!["is no moment such as `2026-11-22T10:00:00Z`, `2026-11-22`, `-24h` or `now`"],
        );
        check(
            "2026-02-30",
            expect!["is no moment such as `2026-11-22T10:00:00Z`, `2026-11-22`, `-24h` or `now`"],
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_calmly(text in ".{0,80}") {
            if let Ok(moment) = text.parse::<Moment>() {
                let now = Timestamp::UNIX_EPOCH;
                let _ = (moment.beginning(now), moment.end(now));
            }
            if let Ok(day) = text.parse::<Day>() {
                let _ = day.range();
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        for text in ["9999-12-31", "-9999-01-01", "19998y", "-19998y"] {
            if let Ok(moment) = text.parse::<Moment>() {
                let _ = (moment.beginning(Timestamp::MIN), moment.end(Timestamp::MAX));
            }
        }
    }
}
