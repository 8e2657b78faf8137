//! Which time a question is about.

use jiff::{Timestamp, ToSpan};
use spacewatch_model::{ErrorCode, TimeRange};

use super::{Day, Given, Moment};
use crate::ToolError;

/// The parameters that name a period. Nothing given is all of time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Period<'a> {
    pub(crate) from: &'a Given<Moment>,
    pub(crate) to: &'a Given<Moment>,
    pub(crate) day: &'a Given<Day>,
    /// So many hours up to `to`, or to now.
    pub(crate) hours: Option<u32>,
}

impl Period<'_> {
    /// The period that is meant.
    pub(crate) fn range(&self, now: Timestamp) -> Result<TimeRange, ToolError> {
        let (from, to) = (self.from.get(), self.to.get());
        if let Some(day) = self.day.get() {
            if from.is_some() || to.is_some() || self.hours.is_some() {
                return Err(conflict("`date_yyyy_mm_dd`", "`from`, `to` or `hours`"));
            }
            return day.range();
        }
        let to = to.map(|to| to.end(now)).transpose()?;
        let from = match (from, self.hours) {
            (Some(_), Some(_)) => return Err(conflict("`from`", "`hours`")),
            (Some(from), None) => Some(from.beginning(now)?),
            (None, Some(hours)) => Some(before(to.unwrap_or(now), hours)?),
            (None, None) => None,
        };
        TimeRange::new(from, to)
            .map_err(|error| ToolError::new(ErrorCode::InvalidValue, format!("the period {error}")))
    }

    /// The same with so many hours where nothing else says when.
    pub(crate) fn or_hours(self, hours: u32) -> Self {
        let open = self.from.get().is_none() && self.day.get().is_none() && self.hours.is_none();
        Self {
            hours: if open { Some(hours) } else { self.hours },
            ..self
        }
    }
}

fn before(moment: Timestamp, hours: u32) -> Result<Timestamp, ToolError> {
    moment.checked_sub(i64::from(hours).hours()).map_err(|_| {
        ToolError::new(
            ErrorCode::InvalidValue,
            format!("{hours} hours before {moment} there was no time"),
        )
    })
}

fn conflict(one: &str, other: &str) -> ToolError {
    ToolError::new(
        ErrorCode::InvalidValue,
        format!("{one} and {other} name two periods"),
    )
    .with_hint("name the period in one way only")
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(from: &str, to: &str, day: &str, hours: Option<u32>, expected: Expect) {
        let period = Period {
            from: &from.parse().expect("a moment"),
            to: &to.parse().expect("a moment"),
            day: &day.parse().expect("a day"),
            hours,
        };
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        let found = period.range(now);
        expected.assert_eq(&found.map_or_else(|error| error.to_string(), |range| range.to_string()));
    }

    #[test]
    fn periods() {
        check("", "", "", None, expect!["all time"]);
        check(
            "",
            "",
            "2026-11-20",
            None,
            expect!["2026-11-20T00:00:00Z to 2026-11-21T00:00:00Z"],
        );
        check("", "", "", Some(2), expect!["since 2026-11-22T10:00:00Z"]);
        check(
            "",
            "-1h",
            "",
            Some(2),
            expect!["2026-11-22T09:00:00Z to 2026-11-22T11:00:00Z"],
        );
        check(
            "2026-11-20",
            "2026-11-20",
            "",
            None,
            expect!["2026-11-20T00:00:00Z to 2026-11-21T00:00:00Z"],
        );
        check(
            "-1h",
            "",
            "",
            Some(2),
            expect!["`from` and `hours` name two periods"],
        );
        check(
            "-1h",
            "",
            "2026-11-20",
            None,
            expect!["`date_yyyy_mm_dd` and `from`, `to` or `hours` name two periods"],
        );
        check(
            "-1h",
            "-2h",
            "",
            None,
            expect!["the period ends at 2026-11-22T10:00:00Z, before it begins at 2026-11-22T11:00:00Z"],
        );
        check(
            "",
            "-009000-01-01T00:00:00Z",
            "",
            Some(720),
            expect!["-009001-12-02T00:00:00Z to -009000-01-01T00:00:00Z"],
        );
    }
}
