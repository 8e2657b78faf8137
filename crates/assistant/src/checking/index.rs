//! What the tools said, so that a figure is found in no time however long the results are.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::scan::{self, Says};
use super::{Context, Source};
use crate::Citation;
use crate::agent::LEFT_OUT;

/// Texts of results that are looked through for the figures in them.
const MAX_SENTENCE: usize = 600;

/// A place in the results: which source, and where.
pub(super) type Place = usize;

struct Leaf {
    source: usize,
    path: String,
    /// The value there; how long it is, of a list.
    value: Value,
}

/// The values of all results by what a text may say of them.
pub(super) struct Index {
    leaves: Vec<Leaf>,
    /// By size, whatever the sign.
    pub(super) numbers: Vec<(f64, Place)>,
    /// Whole texts, and keys of objects.
    pub(super) names: HashMap<String, Place>,
    /// Longer texts, in which a name may be a part.
    pub(super) texts: Vec<(String, Place)>,
    /// As dates and times may be written, in UTC.
    pub(super) utc: HashMap<String, Place>,
    /// The same in the zone of the person.
    pub(super) local: HashMap<String, Place>,
    /// Figures in sentences.
    pub(super) told: HashMap<String, Place>,
    /// Texts beside a value, by the place of the object that holds both.
    rows: HashMap<(usize, String), Vec<String>>,
    /// What needs no backing: numbers, and texts.
    pub(super) neutral: HashSet<u64>,
    pub(super) said: Vec<String>,
    pub(super) dates: HashSet<String>,
}

impl Index {
    pub(super) fn new(sources: &[Source<'_>], context: &Context<'_>) -> Self {
        let mut index = Self {
            leaves: Vec::new(),
            numbers: Vec::new(),
            names: HashMap::new(),
            texts: Vec::new(),
            utc: HashMap::new(),
            local: HashMap::new(),
            told: HashMap::new(),
            rows: HashMap::new(),
            neutral: HashSet::new(),
            said: Vec::new(),
            dates: HashSet::new(),
        };
        for (number, source) in sources.iter().enumerate() {
            index.take(number, String::new(), source.result, context.time_zone);
            index.need_no_backing(&source.args.to_string());
        }
        index.numbers.sort_by(|a, b| a.0.total_cmp(&b.0));
        index.need_no_backing(context.question);
        index.know_the_day(context);
        index
    }

    fn take(&mut self, source: usize, path: String, value: &Value, zone: &TimeZone) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields.iter().filter(|(name, _)| *name != LEFT_OUT) {
                    let inside = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                    if name.contains(|c: char| c.is_ascii_digit()) {
                        let place = self.leaf(source, &inside, value.clone());
                        self.names.entry(name.clone()).or_insert(place);
                        if let Ok(number) = name.parse::<f64>() {
                            self.numbers.push((number.abs(), place));
                        }
                    }
                    if let Value::String(text) = value {
                        self.rows
                            .entry((source, path.clone()))
                            .or_default()
                            .push(text.clone());
                    }
                    self.take(source, inside, value, zone);
                }
            }
            Value::Array(values) => {
                if !values.iter().any(|value| value.get(LEFT_OUT).is_some()) {
                    let place = self.leaf(source, &path, values.len().into());
                    self.numbers
                        .push((f64::from(u32::try_from(values.len()).unwrap_or(u32::MAX)), place));
                }
                for (row, value) in values.iter().enumerate() {
                    self.take(source, format!("{path}/{row}"), value, zone);
                }
            }
            Value::Number(number) => {
                let place = self.leaf(source, &path, value.clone());
                self.numbers
                    .push((number.as_f64().unwrap_or(f64::NAN).abs(), place));
            }
            Value::String(text) => self.take_text(source, &path, text, zone),
            Value::Bool(_) | Value::Null => {}
        }
    }

    fn take_text(&mut self, source: usize, path: &str, text: &str, zone: &TimeZone) {
        let place = self.leaf(source, path, text.into());
        if let Ok(moment) = text.parse::<Timestamp>() {
            for form in forms(moment, &TimeZone::UTC) {
                self.utc.entry(form).or_insert(place);
            }
            for form in forms(moment, zone) {
                self.local.entry(form).or_insert(place);
            }
        }
        self.names.entry(text.to_owned()).or_insert(place);
        if text.len() <= MAX_SENTENCE && text.contains(|c: char| c.is_ascii_digit()) {
            for figure in scan::figures(text) {
                let told = text
                    .get(figure.begin..figure.end)
                    .unwrap_or_default()
                    .trim_matches('`');
                self.told.entry(told.to_owned()).or_insert(place);
            }
            self.texts.push((text.to_owned(), place));
        }
    }

    fn leaf(&mut self, source: usize, path: &str, value: Value) -> Place {
        self.leaves.push(Leaf {
            source,
            path: path.to_owned(),
            value,
        });
        self.leaves.len() - 1
    }

    /// Whoever asked for it knows it.
    fn need_no_backing(&mut self, text: &str) {
        for figure in scan::figures(text) {
            match figure.says {
                Says::Number(number) => {
                    self.neutral.insert(number.value.to_bits());
                }
                Says::Moment(moment, _) => {
                    self.dates.extend(moment.get(..10).map(str::to_owned));
                    self.dates.insert(moment);
                }
                Says::Name(_) => {}
            }
        }
        let words = [
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        ];
        for (number, word) in (1_u32..).zip(words) {
            if text
                .split(|c: char| !c.is_alphabetic())
                .any(|said| said.eq_ignore_ascii_case(word))
            {
                self.neutral.insert(f64::from(number).to_bits());
            }
        }
        self.said.push(text.to_owned());
    }

    fn know_the_day(&mut self, context: &Context<'_>) {
        let today = context.now.to_zoned(context.time_zone.clone()).date();
        let days = [
            Some(today),
            today.checked_sub(1.day()).ok(),
            Some(context.now.to_zoned(TimeZone::UTC).date()),
        ];
        for day in days.into_iter().flatten() {
            self.dates.extend(dates(day));
            self.neutral.insert(f64::from(day.year()).to_bits());
        }
    }

    /// Where a value stands.
    pub(super) fn path(&self, place: Place) -> &str {
        self.leaves.get(place).map_or("", |leaf| &leaf.path)
    }

    pub(super) fn is_whole(&self, place: Place) -> bool {
        self.leaves
            .get(place)
            .is_some_and(|leaf| leaf.value.is_u64() || leaf.value.is_i64())
    }

    /// The texts beside a value.
    pub(super) fn row(&self, place: Place) -> &[String] {
        let Some(leaf) = self.leaves.get(place) else {
            return &[];
        };
        let parent = leaf.path.rsplit_once('/').map_or("", |(parent, _)| parent);
        self.rows
            .get(&(leaf.source, parent.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn citation(&self, place: Place, sources: &[Source<'_>]) -> Citation {
        let leaf = self.leaves.get(place);
        let source = leaf.and_then(|leaf| sources.get(leaf.source));
        let at = |paths: &[&str]| {
            paths
                .iter()
                .find_map(|path| source?.result.pointer(path).cloned())
        };
        Citation {
            call: source.map_or(0, |source| source.call),
            tool: source.map(|source| source.tool.to_owned()).unwrap_or_default(),
            args: source.map(|source| source.args.clone()).unwrap_or_default(),
            path: leaf.map(|leaf| leaf.path.clone()).unwrap_or_default(),
            value: leaf.map(|leaf| leaf.value.clone()).unwrap_or_default(),
            coverage: at(&["/coverage"]),
            as_of: at(&["/as_of", "/coverage/as_of"]),
        }
    }
}

/// A moment, as it may be written.
fn forms(moment: Timestamp, zone: &TimeZone) -> Vec<String> {
    let there = moment.to_zoned(zone.clone());
    let date = there.date();
    let clock = there.strftime("%H:%M").to_string();
    let exact = there.strftime("%H:%M:%S").to_string();
    let mut forms = vec![format!("{date}T{clock}"), format!("{date}T{exact}"), clock, exact];
    forms.extend(dates(date));
    forms
}

/// A day, with its year and without.
fn dates(day: Date) -> [String; 2] {
    [day.to_string(), day.strftime("%m-%d").to_string()]
}
