//! What the tools said, so that a figure is found in no time however long the results are.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::figure::{Kind, Number, Says, Unit};
use super::scan;
use crate::agent::LEFT_OUT;

/// Texts of results that are looked through for the figures in them.
const MAX_SENTENCE: usize = 600;
/// Places that are kept for one word of names; names that are whole texts are found whatever their words.
const MOST_OF_A_WORD: usize = 256;
/// Fields whose texts come from outside: a number in an object's name says nothing of anything.
const OUTSIDE: [&str; 10] = [
    "key",
    "keys",
    "name",
    "value",
    "prefix",
    "user_agent",
    "referer",
    "request_uri",
    "requester",
    "upload_id",
];

/// A place in the results.
pub(super) type Place = usize;

#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    Root,
    Field(&'a str),
    Row(usize),
}

/// A value of a result, and where it stands.
pub(super) struct Node<'a> {
    pub(super) source: usize,
    parent: Place,
    pub(super) step: Step<'a>,
    pub(super) value: &'a Value,
    kind: Kind,
}

/// A number that a place gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    /// Its size, whatever the sign, in the unit of the figures it is compared with.
    pub(super) size: f64,
    pub(super) whole: Option<u64>,
    pub(super) is_negative: bool,
    pub(super) place: Place,
    /// It is a part of a sentence, or the length of a list: it is right as it stands only.
    pub(super) as_is: bool,
    pub(super) is_length: bool,
}

/// Numbers by what they may be compared with, each list by size.
#[derive(Default)]
pub(super) struct Numbers {
    /// As they stand.
    pub(super) plain: Vec<Given>,
    pub(super) counts: Vec<Given>,
    pub(super) percents: Vec<Given>,
    pub(super) money: Vec<Given>,
    pub(super) bytes: Vec<Given>,
    pub(super) seconds: Vec<Given>,
    /// Of which nothing tells the unit: as they stand.
    pub(super) unsaid: Vec<Given>,
}

pub(super) struct Index<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) numbers: Numbers,
    /// Whole texts, and keys of objects.
    pub(super) names: HashMap<&'a str, Place>,
    /// Texts by the words with a digit in them.
    pub(super) words: HashMap<&'a str, Vec<(&'a str, Place)>>,
    pub(super) addresses: HashMap<IpAddr, Place>,
    /// Seconds since 1970.
    pub(super) moments: Vec<(i64, Place)>,
    /// Seconds since midnight, in UTC and in the zone of the person.
    pub(super) clocks: [Vec<(i64, Place)>; 2],
}

impl<'a> Index<'a> {
    pub(super) fn new(values: impl Iterator<Item = &'a Value>, zone: &TimeZone) -> Self {
        let mut index = Self {
            nodes: Vec::new(),
            numbers: Numbers::default(),
            names: HashMap::new(),
            words: HashMap::new(),
            addresses: HashMap::new(),
            moments: Vec::new(),
            clocks: Default::default(),
        };
        for (source, value) in values.enumerate() {
            let root = index.nodes.len();
            index.take(
                Node {
                    source,
                    parent: root,
                    step: Step::Root,
                    value,
                    kind: Kind::Unsaid,
                },
                zone,
            );
        }
        index.sort();
        index
    }

    /// Puts what was added in its place.
    pub(super) fn sort(&mut self) {
        let Numbers {
            plain,
            counts,
            percents,
            money,
            bytes,
            seconds,
            unsaid,
        } = &mut self.numbers;
        for list in [plain, counts, percents, money, bytes, seconds, unsaid] {
            list.sort_by(|a, b| a.size.total_cmp(&b.size));
        }
        self.moments.sort_unstable();
        self.clocks.iter_mut().for_each(|clocks| clocks.sort_unstable());
    }

    fn take(&mut self, node: Node<'a>, zone: &TimeZone) {
        let (place, value, kind) = (self.nodes.len(), node.value, node.kind);
        self.nodes.push(node);
        match value {
            Value::Object(fields) => self.take_fields(fields, place, zone),
            Value::Array(values) => self.take_rows(values, place, zone),
            Value::Number(number) => {
                let size = number.as_f64().unwrap_or(f64::NAN);
                let whole = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
                let given = Given {
                    size: size.abs(),
                    whole,
                    is_negative: size < 0.0,
                    place,
                    as_is: false,
                    is_length: false,
                };
                self.give(given, kind);
            }
            Value::String(text) => self.take_text(place, text, zone),
            Value::Bool(_) | Value::Null => {}
        }
    }

    fn take_fields(&mut self, fields: &'a Map<String, Value>, place: Place, zone: &TimeZone) {
        let Some(&Node { source, kind, .. }) = self.nodes.get(place) else {
            return;
        };
        // `{"quantity": 375.5, "unit": "GiB-months"}`
        let unit = fields
            .get("unit")
            .and_then(Value::as_str)
            .and_then(|unit| unit.split('-').next());
        let told = unit.and_then(Unit::named).map_or(kind, Kind::from);
        for (name, value) in fields.iter().filter(|(name, _)| *name != LEFT_OUT) {
            let kind = match Kind::of_field(name) {
                Kind::Unsaid => told,
                own => own,
            };
            let inside = self.nodes.len();
            self.take(
                Node {
                    source,
                    parent: place,
                    step: Step::Field(name),
                    value,
                    kind,
                },
                zone,
            );
            self.take_key(name, inside);
        }
    }

    fn take_rows(&mut self, values: &'a [Value], place: Place, zone: &TimeZone) {
        let Some(&Node { source, kind, .. }) = self.nodes.get(place) else {
            return;
        };
        if !values.iter().any(|value| value.get(LEFT_OUT).is_some()) {
            let mut length = Given::spoken(values.len() as f64, u64::try_from(values.len()).ok(), place);
            length.is_length = true;
            self.give(length, Kind::Count);
        }
        // What counts the rows doesn't count what each of them holds.
        let kind = if kind == Kind::Count && values.iter().any(|value| !value.is_number()) {
            Kind::Unsaid
        } else {
            kind
        };
        for (row, value) in values
            .iter()
            .enumerate()
            .filter(|(_, value)| value.get(LEFT_OUT).is_none())
        {
            self.take(
                Node {
                    source,
                    parent: place,
                    step: Step::Row(row),
                    value,
                    kind,
                },
                zone,
            );
        }
    }

    /// Names of fields that are data: `{"404": 12}`.
    fn take_key(&mut self, name: &'a str, place: Place) {
        if !name.contains(|c: char| c.is_ascii_digit()) {
            return;
        }
        self.names.entry(name).or_insert(place);
        self.take_words(name, place);
        if let Ok(whole) = name.parse::<u32>() {
            self.give(
                Given::spoken(f64::from(whole), Some(whole.into()), place),
                Kind::Count,
            );
        }
    }

    fn take_text(&mut self, place: Place, text: &'a str, zone: &TimeZone) {
        self.names.entry(text).or_insert(place);
        if !text.contains(|c: char| c.is_ascii_digit()) {
            return;
        }
        if let Ok(moment) = text.parse::<Timestamp>() {
            self.take_moment(moment, place, zone);
            return;
        }
        if let Ok(address) = text.parse() {
            self.addresses.entry(address).or_insert(place);
        }
        self.take_words(text, place);
        let is_sentence =
            text.len() <= MAX_SENTENCE && text.split(' ').filter(|word| word.len() > 1).count() >= 3;
        if is_sentence && !self.field(place).is_some_and(|name| OUTSIDE.contains(&name)) {
            self.take_figures(text, place, zone);
        }
    }

    /// The figures that a sentence holds.
    pub(super) fn take_figures(&mut self, text: &str, place: Place, zone: &TimeZone) {
        for figure in scan::figures(text) {
            match figure.says {
                Says::Number(Number {
                    value, whole, unit, ..
                }) => {
                    let whole = whole.filter(|_| (unit.scale() - 1.0).abs() < f64::EPSILON);
                    self.give(Given::spoken(value, whole, place), unit.into());
                }
                Says::Address(address) => {
                    self.addresses.entry(address).or_insert(place);
                }
                Says::Moment(_) => {
                    let moment = text
                        .get(figure.begin..figure.end)
                        .and_then(|text| text.parse().ok());
                    if let Some(moment) = moment {
                        self.take_moment(moment, place, zone);
                    }
                }
                Says::Name(_) => {}
            }
        }
    }

    fn take_moment(&mut self, moment: Timestamp, place: Place, zone: &TimeZone) {
        let second = moment.as_second();
        let there = second + i64::from(zone.to_offset(moment).seconds());
        self.moments.push((second, place));
        for (clocks, second) in self.clocks.iter_mut().zip([second, there]) {
            clocks.push((second.rem_euclid(86_400), place));
        }
    }

    fn take_words(&mut self, text: &'a str, place: Place) {
        for word in words(text) {
            let places = self.words.entry(word).or_default();
            if places.len() < MOST_OF_A_WORD {
                places.push((text, place));
            }
        }
    }

    fn give(&mut self, given: Given, kind: Kind) {
        let times = |factor: f64| Given {
            size: given.size * factor,
            ..given
        };
        self.numbers.plain.push(given);
        match kind {
            Kind::Unsaid => self.numbers.unsaid.push(given),
            Kind::Count => self.numbers.counts.push(given),
            Kind::Percent => self.numbers.percents.push(given),
            Kind::Ratio if given.size > 1.0 => self.numbers.percents.push(given),
            Kind::Ratio => self.numbers.percents.push(Given {
                whole: None,
                ..times(100.0)
            }),
            Kind::Money => self.numbers.money.push(given),
            Kind::Bytes(scale) => self.numbers.bytes.push(times(scale)),
            Kind::Seconds(scale) => self.numbers.seconds.push(times(scale)),
        }
    }

    /// The name of the field that a value is, or is a row of.
    fn field(&self, place: Place) -> Option<&'a str> {
        let mut place = place;
        loop {
            let node = self.nodes.get(place)?;
            match node.step {
                Step::Root => return None,
                Step::Field(name) => return Some(name),
                Step::Row(_) => place = node.parent,
            }
        }
    }

    /// The steps to a value, from the last.
    pub(super) fn steps(&self, place: Place) -> impl Iterator<Item = &Node<'a>> {
        std::iter::successors(self.nodes.get(place), |node| self.nodes.get(node.parent))
            .take_while(|node| !matches!(node.step, Step::Root))
    }

    /// The currency that is told beside a value or above it.
    pub(super) fn currency(&self, place: Place) -> Option<&'a str> {
        let mut above = self.steps(place).filter_map(|node| self.nodes.get(node.parent));
        above.find_map(|node| {
            let told = node.value.get("currency");
            told.or_else(|| node.value.pointer("/price_list/currency"))?
                .as_str()
        })
    }

    /// The texts beside a value.
    pub(super) fn beside(&self, place: Place) -> impl Iterator<Item = &'a str> {
        let parent = self.nodes.get(place).and_then(|node| self.nodes.get(node.parent));
        let fields = parent.and_then(|parent| parent.value.as_object());
        fields
            .into_iter()
            .flat_map(|fields| fields.values().filter_map(Value::as_str))
    }

    /// Where a value stands, as a JSON pointer.
    pub(super) fn path(&self, place: Place) -> String {
        let mut steps: Vec<Cow<'_, str>> = self
            .steps(place)
            .map(|node| match node.step {
                Step::Root => Cow::Borrowed(""),
                Step::Field(name) => name.replace('~', "~0").replace('/', "~1").into(),
                Step::Row(row) => row.to_string().into(),
            })
            .collect();
        steps.reverse();
        steps.iter().map(|step| format!("/{step}")).collect()
    }
}

impl Given {
    pub(super) fn spoken(size: f64, whole: Option<u64>, place: Place) -> Self {
        Self {
            size,
            whole,
            is_negative: false,
            place,
            as_is: true,
            is_length: false,
        }
    }
}

/// Words that hold a digit.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()))
}
