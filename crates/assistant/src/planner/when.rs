//! When: periods as people write them, in the time zone of who asks.

mod atoms;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use super::words::Words;
use atoms::{Atom, Atoms};

/// A period, half open. Without an end it goes on until now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    /// It is a whole month.
    pub(super) month: Option<Date>,
}

/// What the question says of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct When {
    pub(super) period: Option<Period>,
    /// With what it is to be compared.
    pub(super) against: Option<Period>,
    /// So many days, where a length was said: `for 90 days`.
    pub(super) days: Option<i64>,
    /// A time was said that is none, or lies ahead.
    pub(super) unclear: bool,
    /// The same, one earlier: `the month before`.
    pub(super) one_earlier: bool,
}

/// Now, and in which days.
#[derive(Debug, Clone)]
pub(super) struct Now {
    pub(super) at: Timestamp,
    pub(super) zone: TimeZone,
}

impl Now {
    fn local(&self) -> DateTime {
        self.at.to_zoned(self.zone.clone()).datetime()
    }

    pub(super) fn today(&self) -> Date {
        self.local().date()
    }

    fn moment(&self, civil: DateTime) -> Option<Timestamp> {
        civil
            .to_zoned(self.zone.clone())
            .ok()
            .map(|zoned| zoned.timestamp())
    }

    /// So many minutes up to now.
    pub(super) fn last_minutes(&self, minutes: i64) -> Period {
        Period {
            from: Span::new()
                .try_minutes(minutes)
                .ok()
                .and_then(|span| self.at.checked_sub(span).ok()),
            to: None,
            month: None,
        }
    }

    /// Between two moments of the calendar; what lies ahead is left open.
    fn between(&self, from: Option<DateTime>, to: Option<DateTime>) -> Option<Period> {
        let from = match from {
            Some(from) => Some(self.moment(from)?),
            None => None,
        };
        let to = match to {
            Some(to) => Some(self.moment(to)?).filter(|to| *to < self.at),
            None => None,
        };
        let ordered = match (from, to) {
            (Some(from), Some(to)) => from < to,
            (Some(from), None) => from < self.at,
            (None, to) => to.is_some(),
        };
        ordered.then_some(Period {
            from,
            to,
            month: None,
        })
    }

    fn days(&self, from: Date, to: Date) -> Option<Period> {
        self.between(
            Some(from.to_datetime(Time::midnight())),
            Some(to.to_datetime(Time::midnight())),
        )
    }

    /// A calendar day.
    pub(super) fn day(&self, date: Date) -> Option<Period> {
        self.days(date, date.tomorrow().ok()?)
    }

    /// A calendar month.
    pub(super) fn month(&self, date: Date) -> Option<Period> {
        let first = date.first_of_month();
        let period = self.days(first, first.checked_add(1.month()).ok()?)?;
        Some(Period {
            month: Some(first),
            ..period
        })
    }
}

impl Period {
    /// The same length just before; of a month, the month before.
    pub(super) fn one_earlier(self, now: &Now) -> Option<Self> {
        if let Some(month) = self.month {
            return now.month(month.checked_sub(1.month()).ok()?);
        }
        let from = self.from?;
        let length = self.to.unwrap_or(now.at).duration_since(from);
        Some(Self {
            from: Some(from.checked_sub(length).ok()?),
            to: Some(from),
            month: None,
        })
    }
}

/// Reads what the question says of time, and marks those words as understood.
pub(super) fn read(words: &mut Words, now: &Now) -> When {
    let atoms = Atoms::read(words, now);
    let mut when = resolve(&atoms, words, now);
    when.days = atoms.days();
    when.one_earlier = atoms.one_earlier;
    when.unclear = atoms.strange || (when.period.is_none() && !atoms.found.is_empty());
    for index in atoms.taken {
        words.take(index);
    }
    when
}

fn resolve(atoms: &Atoms, words: &Words, now: &Now) -> When {
    let dates: Vec<Dated> = atoms
        .found
        .iter()
        .filter_map(|&(index, atom)| dated(index, atom, now))
        .collect();
    let clocks: Vec<(usize, Time)> = atoms
        .found
        .iter()
        .filter_map(|&(index, atom)| match atom {
            Atom::Clock(time) => Some((index, time)),
            _ => None,
        })
        .collect();
    let mut when = When::default();
    let compared = words.say(&["against", "versus", "vs", "compared", "than", "compare"]);
    when.period = if clocks.is_empty() {
        of_dates(&dates, compared, words, now)
    } else {
        of_clocks(&clocks, &dates, words, now)
    };
    if compared && clocks.is_empty() {
        when.against = dates.get(1).map(|dated| dated.period);
    }
    when
}

/// A piece that is a period by itself.
#[derive(Clone, Copy)]
struct Dated {
    /// Where it stands.
    index: usize,
    period: Period,
    /// The day that a time of day belongs to.
    day: Option<Date>,
    /// It is a moment: as an end, it doesn't belong to the period.
    exact: bool,
}

fn dated(index: usize, atom: Atom, now: &Now) -> Option<Dated> {
    let (period, day, exact) = match atom {
        Atom::Days { from, to } => (now.days(from, to)?, Some(from), false),
        Atom::Month(date) => (now.month(date)?, None, false),
        Atom::Moment(moment) => {
            let to = moment.checked_add(1.hour()).ok()?;
            (now.between(Some(moment), Some(to))?, None, true)
        }
        Atom::Rolling { minutes } => (now.last_minutes(minutes), None, false),
        Atom::Part { from, to } => (now.between(Some(from), Some(to))?, None, false),
        Atom::Clock(_) => return None,
    };
    Some(Dated {
        index,
        period,
        day,
        exact,
    })
}

/// What the word before a date says of it.
fn leads(words: &Words, index: usize) -> &str {
    let skipped = ["the", "on", "at", "about", "around", "day", "of", "last", "this"];
    (0..index)
        .rev()
        .map(|before| words.at(before))
        .find(|word| !skipped.contains(word))
        .unwrap_or("")
}

fn is_since(word: &str) -> bool {
    matches!(word, "since" | "from" | "starting" | "sinds" | "sinse")
}

fn of_dates(dates: &[Dated], compared: bool, words: &Words, now: &Now) -> Option<Period> {
    let first = dates.first()?;
    let lead = leads(words, first.index);
    let open = |from, to| {
        Some(Period {
            from,
            to,
            month: None,
        })
    };
    if let Some(last) = dates.get(1).filter(|_| !compared) {
        let link = leads(words, last.index);
        let is_between = lead == "between" || matches!(link, "to" | "until" | "till" | "through" | "-");
        if first.period.from < last.period.from && (is_between || is_since(lead)) {
            let excluded = last.exact || matches!(link, "till" | "until");
            return open(
                first.period.from,
                if excluded {
                    last.period.from
                } else {
                    last.period.to
                },
            );
        }
        if is_between {
            return None;
        }
    }
    match lead {
        // `logs from yesterday` are those of yesterday.
        "from" if !words.say(&["on", "onward", "onwards", "now"]) => Some(first.period),
        word if is_since(word) => open(first.period.from, None),
        "after" if first.exact => open(first.period.from, None),
        "after" => open(Some(first.period.to?), None),
        "before" | "until" | "till" => open(None, Some(first.period.from.filter(|to| *to < now.at)?)),
        _ => Some(first.period),
    }
}

fn of_clocks(clocks: &[(usize, Time)], dates: &[Dated], words: &Words, now: &Now) -> Option<Period> {
    let mut days = dates.iter().filter_map(|dated| dated.day);
    let said = days.next();
    let day = said.unwrap_or_else(|| now.today());
    let &(index, first) = clocks.first()?;
    let from = day.to_datetime(first);
    if let Some(&(_, last)) = clocks.get(1) {
        let end = days.next().unwrap_or(day);
        let mut to = end.to_datetime(last);
        if to <= from {
            to = to.checked_add(1.day()).ok()?;
        }
        return now.between(Some(from), Some(to));
    }
    match leads(words, index) {
        word if is_since(word) => now.between(Some(from), None),
        "after" => now.between(
            Some(from),
            said.and_then(|day| day.tomorrow().ok())
                .map(|next| next.to_datetime(Time::midnight())),
        ),
        "before" | "until" | "till" => now.between(Some(day.to_datetime(Time::midnight())), Some(from)),
        _ => now.between(Some(from), Some(from.checked_add(1.hour()).ok()?)),
    }
}
