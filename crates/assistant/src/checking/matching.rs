//! Whether a result says what a figure says.

use super::index::{Index, Place};
use super::scan::{Figure, Number, Says, Unit, Zone};

/// Values that are compared for one figure; of more that fit, any of the first is as good.
const MOST_COMPARED: usize = 64;
/// Bytes of text around a figure whose words are compared with the names of values.
const AROUND: usize = 80;
/// Texts of results that are searched for a name which none of them is.
const MOST_SEARCHED: usize = 20_000;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    At(Place),
    /// It needs no backing.
    Neutral,
    Nowhere,
}

pub(super) fn find(text: &str, figure: &Figure, index: &Index) -> Found {
    if is_no_claim(text, figure) {
        return Found::Neutral;
    }
    let written = text.get(figure.begin..figure.end).unwrap_or_default();
    let found = match &figure.says {
        Says::Name(name) => named(name, index).map(|place| (place, true)),
        Says::Moment(moment, zone) => at(moment, *zone, index).map(|place| (place, true)),
        Says::Number(number) => counted(text, figure, *number, index),
    };
    let told = index.told.get(written.trim_matches('`')).copied();
    let exactly = found.filter(|(_, exact)| *exact).map(|(place, _)| place);
    match exactly.or(told) {
        Some(place) => Found::At(place),
        None if was_said(figure, index) => Found::Neutral,
        None => found.map_or(Found::Nowhere, |(place, _)| Found::At(place)),
    }
}

fn named(name: &str, index: &Index) -> Option<Place> {
    if let Some(place) = index.names.get(name) {
        return Some(*place);
    }
    let mut texts = index.texts.iter().take(MOST_SEARCHED);
    texts
        .find(|(text, _)| text.contains(name))
        .map(|(_, place)| *place)
}

fn at(moment: &str, zone: Zone, index: &Index) -> Option<Place> {
    let utc = index.utc.get(moment);
    let local = index.local.get(moment).filter(|_| zone == Zone::Unsaid);
    local.or(utc).copied()
}

/// One way of reading a number: what a value must be, and of which fields.
struct Reading {
    /// What one of the field's units is worth in the figure's.
    worth: f64,
    fits: fn(&str) -> bool,
}

fn any(_: &str) -> bool {
    true
}

fn readings(unit: Unit) -> &'static [Reading] {
    const AS_IT_IS: &[Reading] = &[Reading {
        worth: 1.0,
        fits: any,
    }];
    const SHARES: &[Reading] = &[
        Reading {
            worth: 1.0,
            fits: any,
        },
        Reading {
            worth: 100.0,
            fits: any,
        },
    ];
    const TIMES: &[Reading] = &[
        Reading {
            worth: 0.001,
            fits: |name| name.ends_with("ms") || name.contains("millis") || name.starts_with('p'),
        },
        Reading {
            worth: 1.0,
            fits: |name| !name.ends_with("ms"),
        },
        Reading {
            worth: 60.0,
            fits: |name| name.contains("minute"),
        },
        Reading {
            worth: 3_600.0,
            fits: |name| name.contains("hour"),
        },
        Reading {
            worth: 86_400.0,
            fits: |name| name.contains("day"),
        },
    ];
    match unit {
        Unit::Percent => SHARES,
        Unit::Seconds(_) => TIMES,
        _ => AS_IT_IS,
    }
}

/// The place of a number, and whether it stands there exactly.
fn counted(text: &str, figure: &Figure, number: Number, index: &Index) -> Option<(Place, bool)> {
    let scale = number.unit.scale();
    let (written, step) = (number.value * scale, number.step * scale);
    // Right is what rounds to what is written, or what its decimals are the first of.
    let above = if number.step < 1.0 { step } else { step / 2.0 };
    let around = Around::new(text, figure);
    let mut best: Option<(u32, Place, bool)> = None;
    for reading in readings(number.unit) {
        let (least, most) = (
            (written - step / 2.0) / reading.worth,
            (written + above) / reading.worth,
        );
        let slack = written.abs() / reading.worth * 1e-12;
        let first = index.numbers.partition_point(|(value, _)| *value < least - slack);
        let near = index.numbers.iter().skip(first);
        let near = near.take_while(|(value, _)| *value <= most + slack);
        for (value, place) in near.take(MOST_COMPARED) {
            let name = index.path(*place).rsplit('/').next().unwrap_or_default();
            let exact = (value * reading.worth - written).abs() <= written.abs() * 1e-12;
            let must_be_exact =
                number.step >= 1.0 && (scale - 1.0).abs() < f64::EPSILON && index.is_whole(*place);
            if !(reading.fits)(name) || (must_be_exact && !exact) {
                continue;
            }
            let called_so = u32::from(is_called_so(name, number.unit));
            let score = 8 * u32::from(exact) + 2 * called_so + around.alike(index, *place);
            if best.is_none_or(|(known, ..)| score > known) {
                best = Some((score, *place, exact));
            }
        }
    }
    best.map(|(_, place, exact)| (place, exact))
}

/// Whether a field's name tells of such a unit.
fn is_called_so(name: &str, unit: Unit) -> bool {
    let words: &[&str] = match unit {
        Unit::Percent => &["share", "rate", "percent", "ratio"],
        Unit::Money => &["cost", "price", "total", "amount", "usd", "saving", "bill"],
        Unit::Bytes(_) => &["bytes", "size"],
        Unit::Seconds(_) => &["ms", "seconds", "days", "hours", "age"],
        Unit::None | Unit::Many(_) => return false,
    };
    words.iter().any(|word| name.contains(word))
}

/// The text near a figure.
struct Around {
    near: String,
    line: String,
}

impl Around {
    fn new(text: &str, figure: &Figure) -> Self {
        let begin = text.floor_char_boundary(figure.begin.saturating_sub(AROUND));
        let end = text.ceil_char_boundary((figure.end + AROUND).min(text.len()));
        let line_begin = text
            .get(..figure.begin)
            .and_then(|text| text.rfind('\n'))
            .map_or(0, |at| at + 1);
        let line_end = text
            .get(figure.end..)
            .and_then(|rest| rest.find('\n'))
            .map_or(text.len(), |at| figure.end + at);
        let long = |begin: usize, end: usize| {
            let end = text.ceil_char_boundary(end.min(begin + 1_000));
            text.get(begin..end).unwrap_or_default()
        };
        Self {
            near: text.get(begin..end).unwrap_or_default().to_lowercase(),
            line: long(line_begin.max(begin.saturating_sub(500)), line_end).to_owned(),
        }
    }

    /// How well a value fits to the words beside the figure.
    fn alike(&self, index: &Index, place: Place) -> u32 {
        let path = index.path(place);
        let name = path.rsplit('/').next().unwrap_or_default();
        let words = name.split(['_', '-']).filter(|word| word.len() > 2);
        let shared = words.filter(|word| self.near.contains(*word)).count();
        let beside = index
            .row(place)
            .iter()
            .any(|text| text.len() > 2 && self.line.contains(text.as_str()));
        u32::try_from(shared.min(3)).unwrap_or(0) + 3 * u32::from(beside)
    }
}

/// The number of a list's row, a period's length, a version.
fn is_no_claim(text: &str, figure: &Figure) -> bool {
    let Says::Number(number) = figure.says else {
        return false;
    };
    let before = text.get(..figure.begin).unwrap_or_default();
    let after = text.get(figure.end..).unwrap_or_default();
    marks_row(before, after) || is_period(before, number.unit) || is_version(before)
}

/// What was asked for, and what day it is.
fn was_said(figure: &Figure, index: &Index) -> bool {
    match &figure.says {
        Says::Name(name) => index.said.iter().any(|said| said.contains(name.as_str())),
        Says::Moment(moment, _) => index.dates.contains(moment),
        Says::Number(number) => index.neutral.contains(&number.value.to_bits()),
    }
}

fn marks_row(before: &str, after: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.trim_matches([' ', '\t', '#', '*', '>', '|']).is_empty()
        && (after.starts_with(". ") || after.starts_with(") "))
}

fn is_period(before: &str, unit: Unit) -> bool {
    let word = before
        .trim_end()
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    matches!(unit, Unit::Seconds(_))
        && ["last", "past", "previous", "next", "within", "every"].contains(&word)
}

fn is_version(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '/', 'v']);
    ["TLS", "HTTP", "SSL", "Sig", "below TLS"]
        .iter()
        .any(|word| before.ends_with(word))
}
