//! Whether a result says what a figure says.

use std::collections::HashSet;
use std::ops::Range;

use jiff::civil;
use jiff::tz::{Offset, TimeZone};

use super::Context;
use super::asked::is_within;
use super::figure::{Figure, Moment, Number, Says, Sign, Unit};
use super::index::{Given, Index, Place, Step, words};

/// Values that are compared for one figure; of more that fit, any of the first is as good.
const MOST_COMPARED: usize = 64;
/// Bytes of a line before and after a figure whose words are compared with the names of values.
const LINE: usize = 240;
const NEAR: usize = 48;
/// Relative difference of numbers that are the same but for arithmetic.
const ALIKE: f64 = 1e-12;

/// A place that gives a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) place: Place,
    /// As it is written, not rounded.
    pub(super) is_exact: bool,
    /// The place is a list, and the figure its length.
    pub(super) is_length: bool,
}

impl Found {
    fn exactly(place: Place) -> Self {
        Self {
            place,
            is_exact: true,
            is_length: false,
        }
    }
}

pub(super) fn find(
    text: &str,
    figure: &Figure<'_>,
    index: &Index<'_>,
    context: &Context<'_>,
) -> Option<Found> {
    let found = match &figure.says {
        Says::Name(name) => named(name, index),
        Says::Address(address) => index.addresses.get(address).copied().map(Found::exactly),
        Says::Moment(moment) => at(text, figure, moment, index, context),
        Says::Number(number) => counted(text, figure, number, index),
    };
    let written = || figure.code.or_else(|| text.get(figure.begin..figure.end));
    let is_text = figure.code.is_some() || !matches!(figure.says, Says::Number(_));
    found.or_else(|| named(written().filter(|_| is_text)?, index))
}

fn named(name: &str, index: &Index<'_>) -> Option<Found> {
    if let Some(place) = index.names.get(name) {
        return Some(Found::exactly(*place));
    }
    let name = name.trim_end_matches('…');
    let rarest = words(name)
        .map(|word| index.words.get(word))
        .collect::<Option<Vec<_>>>()?;
    let texts = rarest.into_iter().min_by_key(|texts| texts.len())?;
    texts
        .iter()
        .find(|(text, _)| is_within(text, name))
        .map(|(_, place)| Found::exactly(*place))
}

fn at(
    text: &str,
    figure: &Figure<'_>,
    moment: &Moment,
    index: &Index<'_>,
    context: &Context<'_>,
) -> Option<Found> {
    let mut places = Vec::new();
    if moment.month.is_some() {
        for second in seconds(moment, context) {
            places.extend(within(&index.moments, &second));
        }
    } else {
        let (hour, minute, second) = moment.clock?;
        let begin = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second.unwrap_or(0));
        let long = if second.is_some() { 1 } else { 60 };
        let [utc, local] = &index.clocks;
        if let Some(offset) = moment.offset {
            let begin = (begin - i64::from(offset)).rem_euclid(86_400);
            places.extend(within(utc, &(begin..begin + long)));
        } else {
            for clocks in [local, utc] {
                places.extend(within(clocks, &(begin..begin + long)));
            }
        }
    }
    if places.is_empty() && moment.clock.is_none() {
        let day = moment.day.map_or_else(String::new, |day| format!("-{day:02}"));
        return named(&format!("{}-{:02}{day}", moment.year?, moment.month?), index);
    }
    let around = Around::new(text, figure);
    // The first of the best.
    let mut best: Option<(u32, Place)> = None;
    for place in places {
        let score = around.alike(index, place);
        if best.is_none_or(|(known, _)| score > known) {
            best = Some((score, place));
        }
    }
    best.map(|(_, place)| Found::exactly(place))
}

fn within(moments: &[(i64, Place)], seconds: &Range<i64>) -> impl Iterator<Item = Place> {
    let first = moments.partition_point(|(second, _)| *second < seconds.start);
    let those = moments
        .iter()
        .skip(first)
        .take_while(|(second, _)| *second < seconds.end);
    those.take(MOST_COMPARED).map(|(_, place)| *place)
}

/// The seconds since 1970 that are meant: in the zone that is written, else in the person's and in UTC.
fn seconds(moment: &Moment, context: &Context<'_>) -> Vec<Range<i64>> {
    let written = moment
        .offset
        .and_then(|offset| Offset::from_seconds(offset).ok())
        .map(TimeZone::fixed);
    let zones = written.map_or_else(
        || vec![context.time_zone.clone(), TimeZone::UTC],
        |zone| vec![zone],
    );
    let this = context.now.to_zoned(context.time_zone.clone()).year();
    let years = moment
        .year
        .map_or_else(|| vec![this, this - 1, this + 1], |year| vec![year]);
    let mut all = Vec::new();
    for zone in &zones {
        all.extend(years.iter().filter_map(|year| seconds_of(*year, moment, zone)));
    }
    all
}

fn seconds_of(year: i16, moment: &Moment, zone: &TimeZone) -> Option<Range<i64>> {
    let date = civil::Date::new(year, moment.month?, moment.day.unwrap_or(1)).ok()?;
    let second = |at: civil::DateTime| {
        at.to_zoned(zone.clone())
            .ok()
            .map(|at| at.timestamp().as_second())
    };
    if let Some((hour, minute, seconds)) = moment.clock {
        let time = civil::Time::new(hour, minute, seconds.unwrap_or(0), 0).ok()?;
        let begin = second(date.to_datetime(time))?;
        return Some(begin..begin + if seconds.is_some() { 1 } else { 60 });
    }
    let next = if moment.day.is_some() {
        date.tomorrow().ok()?
    } else {
        date.last_of_month().tomorrow().ok()?
    };
    Some(
        second(date.to_datetime(civil::Time::midnight()))?
            ..second(next.to_datetime(civil::Time::midnight()))?,
    )
}

/// The place of a number: one that holds it exactly, else one that is so when rounded.
fn counted(text: &str, figure: &Figure<'_>, number: &Number, index: &Index<'_>) -> Option<Found> {
    let scale = number.unit.scale();
    let (written, step) = (number.value * scale, number.step * scale);
    let slack = written.abs() * ALIKE;
    // Right is what rounds to what is written, or what its decimals are the first of.
    let above = if number.step < 1.0 { step } else { step / 2.0 };
    let (mut least, mut most) = (written - step / 2.0, written + above);
    let before = text
        .get(text.floor_char_boundary(figure.begin.saturating_sub(16))..figure.begin)
        .unwrap_or_default();
    if before.trim_end().ends_with("less than") {
        (least, most) = (0.0, written);
    }
    let numbers = &index.numbers;
    // The list that fits to the unit, and the list of what tells no unit: with the value there is.
    let own: &[Given] = match number.unit {
        Unit::None => &numbers.plain,
        Unit::Percent => &numbers.percents,
        Unit::Money(_) => &numbers.money,
        Unit::Bytes(_) => &numbers.bytes,
        Unit::Seconds(_) => &numbers.seconds,
        Unit::Many(_) => &numbers.counts,
    };
    let around = Around::new(text, figure);
    let as_written = (number.value - slack / scale)..(number.value + slack / scale);
    let of_unsaid = match number.unit {
        Unit::None => &[],
        _ => numbers.unsaid.as_slice(),
    };
    let fits = |given: &Given| has_sign(number.sign, given);
    let same = |given: &Given| fits(given) && is_same(number, given);
    best(own, &(written - slack..written + slack), &around, index, &same)
        .map(|given| (given, true))
        .or_else(|| {
            let rounds = |given: &Given| fits(given) && may_be_rounded(number, given);
            best(own, &(least - slack..most + slack), &around, index, &rounds).map(|given| (given, false))
        })
        .or_else(|| {
            // Bytes and amounts of which nothing tells the unit are taken for what they are said to be.
            let (from, to) = match number.unit {
                Unit::Seconds(_) => (as_written.start, as_written.end),
                _ => (least - slack, most + slack),
            };
            let fair =
                |given: &Given| fits(given) && (may_be_rounded(number, given) || is_same(number, given));
            best(of_unsaid, &(from..to), &around, index, &fair).map(|given| (given, false))
        })
        .map(|(given, is_exact)| Found {
            place: given.place,
            is_exact,
            is_length: given.is_length,
        })
}

fn has_sign(sign: Sign, given: &Given) -> bool {
    match sign {
        Sign::Unsaid => true,
        Sign::Plus => !given.is_negative,
        Sign::Minus => given.is_negative || given.as_is,
    }
}

/// Whole numbers are compared digit by digit, however long they are.
fn is_same(number: &Number, given: &Given) -> bool {
    match (number.whole, given.whole) {
        (Some(written), Some(value)) if (number.unit.scale() - 1.0).abs() < f64::EPSILON => written == value,
        _ => true,
    }
}

/// Whether a value may be written with fewer digits: not a whole number where a whole number is written.
fn may_be_rounded(number: &Number, given: &Given) -> bool {
    let is_whole =
        number.whole.is_some() && (number.unit.scale() - 1.0).abs() < f64::EPSILON && given.whole.is_some();
    !given.as_is && !is_whole
}

/// Of the values in a range, the one that the words near the figure fit best; the first of those.
fn best(
    numbers: &[Given],
    range: &Range<f64>,
    around: &Around<'_>,
    index: &Index<'_>,
    fits: &dyn Fn(&Given) -> bool,
) -> Option<Given> {
    let first = numbers.partition_point(|given| given.size < range.start);
    let near = numbers
        .iter()
        .skip(first)
        .take_while(|given| given.size <= range.end);
    let mut best: Option<(u32, Given)> = None;
    for given in near.take(MOST_COMPARED).filter(|given| fits(given)) {
        let score = 2 * around.alike(index, given.place) + u32::from(!given.as_is);
        if best.is_none_or(|(known, _)| score > known) {
            best = Some((score, *given));
        }
    }
    best.map(|(_, given)| given)
}

/// The words of the line around a figure.
struct Around<'t> {
    near: HashSet<String>,
    line: HashSet<String>,
    before: &'t str,
}

impl<'t> Around<'t> {
    fn new(text: &'t str, figure: &Figure<'_>) -> Self {
        let piece = |before: usize, after: usize| {
            let begin = text.floor_char_boundary(figure.begin.saturating_sub(before));
            let end = text.ceil_char_boundary((figure.end + after).min(text.len()));
            let head = text.get(begin..figure.begin).unwrap_or_default();
            let tail = text.get(figure.end..end).unwrap_or_default();
            (
                head.rsplit('\n').next().unwrap_or_default(),
                tail.split('\n').next().unwrap_or_default(),
            )
        };
        let set = |(head, tail): (&str, &str)| {
            let words = [head, tail]
                .into_iter()
                .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
            words
                .filter(|word| !word.is_empty())
                .map(str::to_lowercase)
                .collect()
        };
        Self {
            near: set(piece(NEAR, NEAR / 2)),
            line: set(piece(LINE, LINE / 2)),
            before: piece(LINE, 0).0,
        }
    }

    /// How well a place fits to the words beside the figure.
    fn alike(&self, index: &Index<'_>, place: Place) -> u32 {
        let mut score = 0;
        let mut weight = 2;
        for node in index.steps(place).take(4) {
            let Step::Field(name) = node.step else { continue };
            let words = name.split(['_', '-']).filter(|word| word.len() > 2);
            for word in words.take(4) {
                let is =
                    |words: &HashSet<String>| words.contains(word) || words.contains(&format!("{word}s"));
                score += if is(&self.near) {
                    weight
                } else {
                    u32::from(is(&self.line))
                };
            }
            weight = 1;
        }
        // The last name before the figure is most probably whose it is.
        let names = index.beside(place).filter(|text| text.len() > 2).take(4);
        let named = names.filter_map(|text| Some(self.before.rfind(text)? + text.len()));
        let nearest = named
            .max()
            .map_or(0, |end| 4 + u32::from(self.before.len() - end <= NEAR) * 3);
        score + nearest
    }
}
