//! The pieces that a period is made of: days, months, hours of the clock, lengths.

mod relative;

use jiff::Span;
use jiff::civil::{Date, DateTime, Time};

use super::super::words::{Words, is_known, nearest};
use super::Now;

/// A piece of what is said of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Atom {
    /// Whole days.
    Days { from: Date, to: Date },
    /// A whole month.
    Month(Date),
    /// A moment.
    Moment(DateTime),
    /// A part of a day or of a night.
    Part { from: DateTime, to: DateTime },
    /// A time of day.
    Clock(Time),
    /// So many minutes up to now.
    Rolling { minutes: i64 },
}

/// The pieces with the places of their last words.
#[derive(Debug, Default)]
pub(super) struct Atoms {
    /// With the place of each piece's first word.
    pub(super) found: Vec<(usize, Atom)>,
    pub(super) taken: Vec<usize>,
    pub(super) one_earlier: bool,
    /// Something is written like a date and is none, or is ahead.
    pub(super) strange: bool,
}

const DAY: i64 = 24 * 60;
/// Twenty years: what is longer is no period that anybody asks of.
const LONGEST: i64 = 20 * 366 * DAY;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const NUMBERS: [(&str, i64); 14] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("twenty", 20),
    ("thirty", 30),
    ("sixty", 60),
    ("ninety", 90),
];

impl Atoms {
    pub(super) fn read(words: &Words, now: &Now) -> Self {
        let mut atoms = Self::default();
        let mut index = 0;
        while index < words.tokens.len() {
            match atom(words, index, now) {
                Some((atom, length)) => {
                    atoms.found.push((index, atom));
                    atoms.taken.extend(index..index + length);
                    // In `the last 3 days`, nothing is the last.
                    if let Some(before) = index
                        .checked_sub(1)
                        .filter(|before| matches!(words.at(*before), "last" | "past" | "previous" | "recent"))
                    {
                        atoms.taken.push(before);
                    }
                    index += length;
                }
                None => {
                    atoms.strange |= is_strange(words, index);
                    index += 1;
                }
            }
        }
        atoms.one_earlier = atoms.found.is_empty()
            && ["month", "week", "day", "year", "one", "period", "hour"]
                .into_iter()
                .any(|unit| words.say_phrase(&format!("the {unit} before")));
        atoms
    }

    /// The longest length that was said, in days.
    pub(super) fn days(&self) -> Option<i64> {
        let lengths = self.found.iter().filter_map(|&(_, atom)| match atom {
            Atom::Rolling { minutes } => Some((minutes / DAY).max(1)),
            _ => None,
        });
        lengths.max()
    }
}

/// `2026-02-30`, `tomorrow`.
fn is_strange(words: &Words, index: usize) -> bool {
    let word = words.at(index);
    let parts: Vec<&str> = word.split('-').collect();
    let dated = parts.len() == 3
        && word.len() == 10
        && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    dated || word == "tomorrow"
}

/// The piece that begins at a word, and of how many words it is.
fn atom(words: &Words, index: usize, now: &Now) -> Option<(Atom, usize)> {
    if words.tokens.get(index)?.quoted {
        return None;
    }
    calendar(words, index, now)
        .or_else(|| relative::relative(words, index, now))
        .or_else(|| length(words, index, now))
        .or_else(|| clock(words, index))
}

fn whole(date: Date) -> Option<Atom> {
    Some(Atom::Days {
        from: date,
        to: date.tomorrow().ok()?,
    })
}

/// A date or a month by its name or number.
fn calendar(words: &Words, index: usize, now: &Now) -> Option<(Atom, usize)> {
    let word = words.at(index);
    let token = words.tokens.get(index)?;
    if let Some(date) = written_date(word) {
        return Some((whole(date)?, 1));
    }
    if let Ok(moment) = token.raw.parse::<jiff::Timestamp>() {
        return Some((Atom::Moment(moment.to_zoned(now.zone.clone()).datetime()), 1));
    }
    if word.contains('t')
        && let Ok(moment) = token.raw.to_uppercase().parse::<DateTime>()
    {
        return Some((Atom::Moment(moment), 1));
    }
    if word.len() == 7
        && let Ok(date) = format!("{word}-01").parse::<Date>()
    {
        return Some((Atom::Month(date), 1));
    }
    if let Some(month) = month_of(word, words.before(index)) {
        if let Some(day) = day_number(words.at(index + 1)) {
            let year = year_number(words.at(index + 2));
            return Some((
                whole(dated(year, month, day, now)?)?,
                if year.is_some() { 3 } else { 2 },
            ));
        }
        let year = year_number(words.at(index + 1));
        return Some((
            Atom::Month(dated(year, month, 1, now)?),
            if year.is_some() { 2 } else { 1 },
        ));
    }
    let day = day_number(word)?;
    let of = usize::from(words.at(index + 1) == "of");
    let month = month_of(words.at(index + 1 + of), "")?;
    let year = year_number(words.at(index + 2 + of));
    let length = 2 + of + usize::from(year.is_some());
    Some((whole(dated(year, month, day, now)?)?, length))
}

/// `2026-11-15`, `2026/11/15`, `15.11.2026`.
fn written_date(word: &str) -> Option<Date> {
    if let Some(date) = word.replace('/', "-").parse().ok().filter(|_| word.len() == 10) {
        return Some(date);
    }
    let mut parts = word.splitn(3, '.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn month_of(word: &str, before: &str) -> Option<i8> {
    let by_name = MONTHS.iter().position(|month| {
        *month == word
            || (word.len() >= 3 && word.len() <= 4 && month.starts_with(word) && *month != "may")
            || (word == "sept" && *month == "september")
    });
    // `may` and `march` are words too: a month only where a date is led in.
    let doubtful = matches!(word, "may" | "march" | "mar")
        && !matches!(
            before,
            "in" | "since" | "of" | "on" | "last" | "during" | "from" | "until" | "before" | "after" | "for"
        );
    let alike = || {
        let fuzzy = nearest(word, MONTHS.into_iter().filter(|month| month.len() > 5))?;
        MONTHS.iter().position(|month| *month == fuzzy)
    };
    let month = by_name
        .filter(|_| !doubtful)
        .or_else(|| (word.len() > 5 && !is_known(word)).then(alike).flatten())?;
    i8::try_from(month + 1).ok()
}

fn day_number(word: &str) -> Option<i8> {
    let digits = ["st", "nd", "rd", "th"]
        .into_iter()
        .find_map(|ending| word.strip_suffix(ending))
        .unwrap_or(word);
    digits
        .parse()
        .ok()
        .filter(|day| (1..=31).contains(day) && digits.len() <= 2)
}

fn year_number(word: &str) -> Option<i16> {
    word.parse().ok().filter(|year| (2000..2100).contains(year))
}

/// A date whose year may be left out: then the last one that isn't ahead.
fn dated(year: Option<i16>, month: i8, day: i8, now: &Now) -> Option<Date> {
    let today = now.today();
    if let Some(year) = year {
        return Date::new(year, month, day).ok();
    }
    let this_year = Date::new(today.year(), month, day).ok();
    this_year
        .filter(|date| *date <= today)
        .or_else(|| Date::new(today.year() - 1, month, day).ok())
}

/// `last 7 days`, `past hour`, `24h`, `3 days ago`.
fn length(words: &Words, index: usize, now: &Now) -> Option<(Atom, usize)> {
    let word = words.at(index);
    if matches!(words.before(index), "next" | "coming" | "upcoming" | "than") {
        return None;
    }
    if matches!(word, "past" | "last" | "previous")
        && matches!(
            words.at(index + 1),
            "hour" | "day" | "week" | "month" | "year" | "minute"
        )
    {
        return Some((
            Atom::Rolling {
                minutes: minutes_of(words.at(index + 1))?,
            },
            2,
        ));
    }
    let (number, unit, length) = match word.find(|c: char| !c.is_ascii_digit()) {
        Some(end) if end > 0 => {
            let (digits, unit) = word.split_at(end);
            (digits.parse().ok()?, unit.trim_start_matches('-'), 1)
        }
        _ => {
            let number = word.parse().ok().or_else(|| {
                NUMBERS
                    .iter()
                    .find(|(name, _)| *name == word)
                    .map(|&(_, number)| number)
            })?;
            (number, words.at(index + 1), 2)
        }
    };
    let minutes = minutes_of(unit)?
        .checked_mul(number)
        .filter(|minutes| (1..=LONGEST).contains(minutes))?;
    if words.at(index + length) == "ago" {
        let then = now
            .at
            .checked_sub(Span::new().try_minutes(minutes).ok()?)
            .ok()?
            .to_zoned(now.zone.clone());
        let atom = if minutes < DAY {
            Atom::Moment(then.datetime())
        } else {
            whole(then.date())?
        };
        return Some((atom, length + 1));
    }
    Some((Atom::Rolling { minutes }, length))
}

fn minutes_of(unit: &str) -> Option<i64> {
    let minutes = match unit {
        "m" | "min" | "mins" | "minute" | "minutes" => 1,
        "h" | "hr" | "hrs" | "hour" | "hours" => 60,
        "d" | "day" | "days" | "dyas" => DAY,
        "w" | "week" | "weeks" => 7 * DAY,
        "month" | "months" => 30 * DAY,
        "year" | "years" => 365 * DAY,
        _ => return None,
    };
    Some(minutes)
}

/// `14:00`, `2pm`, `2:30 pm`, `noon`.
fn clock(words: &Words, index: usize) -> Option<(Atom, usize)> {
    let word = words.at(index);
    match word {
        "noon" | "midday" => return Some((Atom::Clock(jiff::civil::time(12, 0, 0, 0)), 1)),
        "midnight" => return Some((Atom::Clock(Time::midnight()), 1)),
        _ => {}
    }
    let half = |text: &str| match text {
        "am" | "a.m" => Some(0),
        "pm" | "p.m" => Some(12),
        _ => None,
    };
    let letters = word.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(word.len());
    let (digits, ending) = word.split_at(letters);
    let (add, length) = match half(ending) {
        Some(add) => (Some(add), 1),
        None if ending.is_empty() => half(words.at(index + 1)).map_or((None, 1), |add| (Some(add), 2)),
        None => return None,
    };
    let mut parts = digits.split(':');
    let hour: i8 = parts.next()?.parse().ok()?;
    let minutes: Option<i8> = parts.next().map(str::parse).transpose().ok()?;
    let seconds: Option<i8> = parts.next().map(str::parse).transpose().ok()?;
    if minutes.is_none() && add.is_none() {
        return None;
    }
    let hour = match add {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(add) => hour % 12 + add,
        None => hour,
    };
    let time = Time::new(hour, minutes.unwrap_or(0), seconds.unwrap_or(0), 0).ok()?;
    Some((Atom::Clock(time), length))
}
