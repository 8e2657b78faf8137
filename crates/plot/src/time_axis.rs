//! The axis of time, in UTC.

use std::time::Duration;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use spacewatch_model::{TimeRange, Timestamp};

use crate::font::{Weight, width};
use crate::frame::{Frame, LETTER};
use crate::scene::Anchor;

/// The room that the two lines of labels need.
pub(crate) const LABELS: f64 = 40.0;

const DAY: i64 = 86_400;
const SECONDS: [i64; 20] = [
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1_800,
    3_600,
    7_200,
    10_800,
    21_600,
    43_200,
    DAY,
    2 * DAY,
    7 * DAY,
];
const MONTHS: [i64; 14] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 2_400, 6_000, 24_000];

/// From moments, in milliseconds, to places.
pub(crate) struct TimeAxis {
    from: i64,
    to: i64,
}

/// A round moment, and how it is named: `lower` says what the moments after it have in common.
struct Tick {
    moment: i64,
    upper: String,
    lower: String,
}

/// How far apart round moments are.
#[derive(Clone, Copy)]
enum Step {
    Seconds(i64),
    Months(i64),
}

impl TimeAxis {
    /// From the first to the last moment; the ends of a range go before those of the data.
    pub(crate) fn new(range: TimeRange, first: i64, last: i64) -> Self {
        let from = range.from.map_or(first, Timestamp::as_millisecond);
        let to = range.to.map_or(last, Timestamp::as_millisecond);
        Self {
            from,
            to: to.max(from + 1),
        }
    }

    /// Where a moment lies: 0 at the beginning, 1 at the end. Others lie beyond.
    pub(crate) fn place(&self, moment: i64) -> f64 {
        (moment - self.from) as f64 / (self.to - self.from) as f64
    }

    pub(crate) fn contains(&self, moment: i64) -> bool {
        (self.from..=self.to).contains(&moment)
    }

    /// Names the round moments below the frame's room, and draws a line up from each if asked to.
    pub(crate) fn draw(&self, frame: &mut Frame, lines: bool) {
        let room = frame.room;
        let (grid, muted) = (frame.palette.grid, frame.palette.muted);
        for tick in self.ticks((room.width / 95.0).max(1.0)) {
            let x = room.x + self.place(tick.moment) * room.width;
            if lines {
                frame.scene.hairline((x, room.y), (x, room.bottom()), grid);
            }
            frame
                .scene
                .hairline((x, room.bottom()), (x, room.bottom() + 5.0), frame.palette.axis);
            for (text, y) in [(tick.upper, 18.0), (tick.lower, 33.0)] {
                let half = width(&text, LETTER, Weight::Regular) / 2.0;
                let x = x.min(frame.scene.width - half - 8.0).max(half + 8.0);
                frame.label(&text, (x, room.bottom() + y), Anchor::Middle, muted);
            }
        }
    }

    fn ticks(&self, most: f64) -> Vec<Tick> {
        let step = self.step(most);
        let mut before: Option<Date> = None;
        let mut ticks = Vec::new();
        for moment in self.round_moments(step) {
            let Some(time) = civil(moment) else { continue };
            let (upper, lower) = name(time, step, before);
            before = Some(time.date());
            ticks.push(Tick { moment, upper, lower });
        }
        ticks
    }

    fn step(&self, most: f64) -> Step {
        let seconds = (self.to - self.from) as f64 / 1000.0;
        let fits = |step: i64| seconds / step as f64 <= most;
        if let Some(step) = SECONDS.into_iter().find(|step| fits(*step)) {
            return Step::Seconds(step);
        }
        Step::Months(
            MONTHS
                .into_iter()
                .find(|months| fits(months * 30 * DAY))
                .unwrap_or(60_000),
        )
    }

    fn round_moments(&self, step: Step) -> Vec<i64> {
        match step {
            Step::Seconds(step) => {
                // Weeks begin on Mondays; the first day of 1970 was a Thursday.
                let offset = if step == 7 * DAY { 4 * DAY * 1000 } else { 0 };
                let step = step * 1000;
                let first = (self.from - offset).div_euclid(step) * step + offset;
                (0..200)
                    .map(|nth| first + nth * step)
                    .filter(|moment| self.contains(*moment))
                    .collect()
            }
            Step::Months(step) => {
                let Some(from) = civil(self.from) else {
                    return Vec::new();
                };
                let first =
                    (i64::from(from.year()) * 12 + i64::from(from.month()) - 1).div_euclid(step) * step;
                (0..200)
                    .filter_map(|nth| month_begin(first + nth * step))
                    .filter(|moment| self.contains(*moment))
                    .collect()
            }
        }
    }
}

/// The time between two neighbours of sorted moments: as told, else the least there is, else a minute.
pub(crate) fn step_between(told: Option<Duration>, moments: &[i64]) -> i64 {
    let told = told.and_then(|step| i64::try_from(step.as_millis()).ok());
    let pairs = moments.iter().zip(moments.iter().skip(1));
    told.or_else(|| pairs.map(|(one, next)| next - one).min())
        .unwrap_or(60_000)
        .clamp(1, 100 * 366 * DAY * 1000)
}

fn civil(moment: i64) -> Option<DateTime> {
    Some(
        Timestamp::from_millisecond(moment)
            .ok()?
            .to_zoned(TimeZone::UTC)
            .datetime(),
    )
}

fn month_begin(months: i64) -> Option<i64> {
    let year = i16::try_from(months.div_euclid(12)).ok()?;
    let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
    let date = Date::new(year, month, 1).ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

fn name(time: DateTime, step: Step, before: Option<Date>) -> (String, String) {
    let date = time.date();
    let (upper, common, changed) = match step {
        Step::Seconds(step) if step < DAY => {
            let upper = if step < 60 { "%H:%M:%S" } else { "%H:%M" };
            (upper, "%-d %b %Y", before.is_none_or(|before| before != date))
        }
        Step::Months(12..) => ("%Y", "", before.is_none()),
        Step::Seconds(_) => (
            "%-d %b",
            "%Y",
            before.is_none_or(|before| before.year() != date.year()),
        ),
        Step::Months(_) => (
            "%b",
            "%Y",
            before.is_none_or(|before| before.year() != date.year()),
        ),
    };
    let lower = if changed {
        time.strftime(common).to_string()
    } else {
        String::new()
    };
    let lower = if before.is_none() {
        format!("{lower} UTC").trim_start().to_owned()
    } else {
        lower
    };
    (time.strftime(upper).to_string(), lower)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(from: &str, to: &str, ticks: Expect) {
        let [from, to] = [from, to].map(|time| time.parse::<Timestamp>().unwrap().as_millisecond());
        let axis = TimeAxis::new(TimeRange::ALWAYS, from, to);
        let shown = axis.ticks(6.0).into_iter().map(|tick| match tick.lower.as_str() {
            "" => tick.upper,
            lower => format!("{} ({lower})", tick.upper),
        });
        ticks.assert_eq(&shown.collect::<Vec<_>>().join(" | "));
    }

    #[test]
    fn moments_are_round() {
        check(
            "2026-07-01T14:05:07Z",
            "2026-07-01T14:05:20Z",
            expect!["14:05:10 (1 Jul 2026 UTC) | 14:05:15 | 14:05:20"],
        );
        check(
            "2026-07-01T14:05:00Z",
            "2026-07-01T15:05:00Z",
            expect!["14:10 (1 Jul 2026 UTC) | 14:20 | 14:30 | 14:40 | 14:50 | 15:00"],
        );
        check(
            "2026-07-01T20:00:00Z",
            "2026-07-02T07:00:00Z",
            expect!["20:00 (1 Jul 2026 UTC) | 22:00 | 00:00 (2 Jul 2026) | 02:00 | 04:00 | 06:00"],
        );
        check(
            "2026-12-28T00:00:00Z",
            "2027-01-04T00:00:00Z",
            expect!["29 Dec (2026 UTC) | 31 Dec | 2 Jan (2027) | 4 Jan"],
        );
        check(
            "2026-07-01T00:00:00Z",
            "2026-08-05T00:00:00Z",
            expect!["6 Jul (2026 UTC) | 13 Jul | 20 Jul | 27 Jul | 3 Aug"],
        );
        check(
            "2025-11-20T00:00:00Z",
            "2026-11-20T00:00:00Z",
            expect!["Jan (2026 UTC) | Apr | Jul | Oct"],
        );
        check(
            "2006-01-01T00:00:00Z",
            "2026-11-20T00:00:00Z",
            expect!["2010 (UTC) | 2015 | 2020 | 2025"],
        );
        check(
            "-009999-01-03T00:00:00Z",
            "9999-11-20T00:00:00Z",
            expect!["-5000 (UTC) | 0000 | 5000"],
        );
    }
}
