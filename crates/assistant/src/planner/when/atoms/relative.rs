//! Days, weeks and months as they are seen from now.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::super::super::words::{Words, is_known, nearest};
use super::super::Now;
use super::{Atom, whole};

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// `yesterday`, `last week`, `this month`, `monday`.
pub(super) fn relative(words: &Words, index: usize, now: &Now) -> Option<(Atom, usize)> {
    let today = now.today();
    let back = |days: i64| today.checked_sub(Span::new().try_days(days).ok()?).ok();
    let (word, next) = (alike(words.at(index)), words.at(index + 1));
    let before_yesterday = words.at(index + 2) == "before" && alike(words.at(index + 3)) == "yesterday";
    let found = match (word, next) {
        ("the", "day") if before_yesterday => (whole(back(2)?)?, 4),
        ("today" | "todays" | "tonight", _) => (whole(today)?, 1),
        ("yesterday" | "yesterdays", _) => (whole(back(1)?)?, 1),
        ("this", "morning") => (
            Atom::Part {
                from: today.at(0, 0, 0, 0),
                to: today.at(12, 0, 0, 0),
            },
            2,
        ),
        ("last", "night") => (
            Atom::Part {
                from: back(1)?.at(18, 0, 0, 0),
                to: today.at(6, 0, 0, 0),
            },
            2,
        ),
        ("this" | "current" | "last" | "previous", unit) => {
            match of_unit(unit, matches!(word, "last" | "previous"), today) {
                Some(atom) => (atom, 2),
                None => (whole(weekday(next, today, false)?)?, 2),
            }
        }
        (day, _) => (whole(weekday(day, today, true)?)?, 1),
    };
    Some(found)
}

/// This week, month or year, or the one before.
fn of_unit(unit: &str, before: bool, today: Date) -> Option<Atom> {
    let monday = today
        .checked_sub(
            Span::new()
                .try_days(i64::from(today.weekday().to_monday_zero_offset()))
                .ok()?,
        )
        .ok()?;
    let shift = i64::from(before);
    let span = |unit: Span| unit.checked_mul(shift).ok();
    let days = |from: Date, length: Span| {
        Some(Atom::Days {
            from,
            to: from.checked_add(length).ok()?,
        })
    };
    match unit {
        "week" | "weeks" => days(monday.checked_sub(span(1.week())?).ok()?, 1.week()),
        "month" | "months" => Some(Atom::Month(
            today.first_of_month().checked_sub(span(1.month())?).ok()?,
        )),
        "year" => days(today.first_of_year().checked_sub(span(1.year())?).ok()?, 1.year()),
        "weekend" => days(monday.checked_sub(2.days()).ok()?, 2.days()),
        _ => None,
    }
}

/// A word that tells a day, also with a typo in it.
fn alike(word: &str) -> &str {
    if word.len() < 5 || is_known(word) {
        return word;
    }
    nearest(word, ["yesterday", "today"].into_iter().chain(WEEKDAYS)).unwrap_or(word)
}

fn weekday(word: &str, today: Date, may_be_today: bool) -> Option<Date> {
    let place = WEEKDAYS
        .iter()
        .position(|day| *day == alike(word) || word.strip_suffix('s') == Some(*day))?;
    let day = Weekday::from_monday_zero_offset(i8::try_from(place).ok()?).ok()?;
    if may_be_today && today.weekday() == day {
        return Some(today);
    }
    today.nth_weekday(-1, day).ok()
}
