//! What needs no backing: what was asked, what the tools were asked, and what day it is.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::figure::{Figure, Moment, Says, Unit};
use super::index::{Given, Index};
use super::{Context, Source, matching, scan};

/// Numbers as words.
const WORDS: [&str; 12] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
];
/// As much of a line before a figure as tells what it is.
const BEFORE: usize = 40;

pub(super) struct Asked<'a> {
    /// What the tools were asked, with the figures of the question.
    index: Index<'a>,
    moments: Vec<Moment>,
    days: Vec<Date>,
    question: &'a str,
}

impl<'a> Asked<'a> {
    pub(super) fn new(sources: &[Source<'a>], context: &Context<'a>) -> Self {
        let args = sources.iter().map(|source| source.args);
        // The question is a value too, the last.
        let mut index = Index::new(args.chain([&Value::Null]), context.time_zone);
        let place = index.nodes.len().saturating_sub(1);
        index.take_figures(context.question, place, context.time_zone);
        let said = context.question.split(|c: char| !c.is_alphabetic());
        for word in said {
            let number = (1_u32..)
                .zip(WORDS)
                .find(|(_, name)| word.eq_ignore_ascii_case(name));
            if let Some((number, _)) = number {
                index
                    .numbers
                    .plain
                    .push(Given::spoken(f64::from(number), Some(number.into()), place));
            }
        }
        index.sort();
        let moments = scan::figures(context.question).filter_map(|figure| match figure.says {
            Says::Moment(moment) => Some(moment),
            _ => None,
        });
        let today = [context.time_zone, &TimeZone::UTC].map(|zone| context.now.to_zoned(zone.clone()).date());
        let yesterday = today.iter().filter_map(|day| day.checked_sub(1.day()).ok());
        Self {
            index,
            moments: moments.collect(),
            days: today.into_iter().chain(yesterday).collect(),
            question: context.question,
        }
    }

    /// Whether a figure repeats what was asked for.
    pub(super) fn knows(&self, text: &str, figure: &Figure<'_>, context: &Context<'_>) -> bool {
        if figure.code.is_some_and(|code| is_within(self.question, code)) {
            return true;
        }
        match figure.says {
            Says::Moment(moment) if self.knows_moment(&moment) => return true,
            Says::Number(number)
                if number.unit == Unit::None
                    && self
                        .days
                        .iter()
                        .any(|day| number.whole == u64::try_from(day.year()).ok()) =>
            {
                return true;
            }
            Says::Name(name) if is_within(self.question, name) => return true,
            _ => {}
        }
        matching::find(text, figure, &self.index, context).is_some_and(|found| found.is_exact)
    }

    fn knows_moment(&self, moment: &Moment) -> bool {
        let is_day = |day: &Date| {
            let known = Moment {
                year: Some(day.year()),
                month: Some(day.month()),
                day: Some(day.day()),
                ..*moment
            };
            moment.clock.is_none() && moment.same_date(&known)
        };
        let is_asked = |asked: &Moment| match (moment.month, moment.clock) {
            (Some(_), None) => moment.same_date(asked),
            (Some(_), Some(_)) => moment.same_date(asked) && moment.clock == asked.clock,
            (None, _) => moment.clock == asked.clock,
        };
        self.days.iter().any(is_day) || self.moments.iter().any(is_asked)
    }
}

/// The number of a list's row, a period's length, a version.
pub(super) fn is_no_claim(text: &str, figure: &Figure<'_>) -> bool {
    let Says::Number(number) = figure.says else {
        return false;
    };
    let begin = text.floor_char_boundary(figure.begin.saturating_sub(BEFORE));
    let before = text.get(begin..figure.begin).unwrap_or_default();
    let after = text.get(figure.end..).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_at_begin = begin == 0 || before.contains('\n');
    let marks_row = is_at_begin
        && line.trim_matches([' ', '\t', '#', '*', '>']).is_empty()
        && (after.starts_with(". ") || after.starts_with(") "));
    let word = line
        .trim_end()
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let is_period = matches!(number.unit, Unit::Seconds(_))
        && ["last", "past", "previous", "next", "within"].contains(&word);
    let is_version = before.ends_with([' ', '/', 'v'])
        && ["TLS", "HTTP", "SSL"]
            .iter()
            .any(|name| before.trim_end_matches([' ', '/', 'v']).ends_with(name));
    marks_row || is_period || is_version
}

/// Whether a text holds a name from the beginning of a word to the end of one.
pub(super) fn is_within(text: &str, name: &str) -> bool {
    // `203.0.113` is no part of `203.0.113.7`.
    let is_dotted = name.contains('.') && name.chars().all(|c| c.is_ascii_digit() || c == '.');
    let ends = |c: Option<char>| c.is_none_or(|c| !(c.is_alphanumeric() || is_dotted && c == '.'));
    !name.is_empty()
        && text.match_indices(name).take(16).any(|(begin, _)| {
            let before = text.get(..begin).and_then(|text| text.chars().next_back());
            let after = text
                .get(begin + name.len()..)
                .and_then(|text| text.chars().next());
            let (first, last) = (name.chars().next(), name.chars().next_back());
            (ends(before) || ends(first)) && (ends(after) || ends(last))
        })
}
