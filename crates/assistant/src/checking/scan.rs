//! Figures in a text: where they stand, and what they say.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A piece of text that says something which can be right or wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    pub(super) begin: usize,
    pub(super) end: usize,
    pub(super) says: Says,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Says {
    /// A name in code, or an address.
    Name(String),
    /// A moment, as far as it is written: `2026-11-23`, `2026-11-23T10:00`, `10:00`, `11-23`. Whether its zone is told.
    Moment(String, Zone),
    Number(Number),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    Utc,
    Unsaid,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    /// As it is written, without its unit, whatever its sign.
    pub(super) value: f64,
    /// What a step of its last digit is worth; 1 for a whole number.
    pub(super) step: f64,
    pub(super) unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unit {
    None,
    Percent,
    Money,
    /// So many bytes each.
    Bytes(f64),
    /// So many seconds each.
    Seconds(f64),
    /// So many each.
    Many(f64),
}

impl Unit {
    /// What one is worth.
    pub(super) fn scale(self) -> f64 {
        match self {
            Self::None | Self::Percent | Self::Money => 1.0,
            Self::Bytes(scale) | Self::Seconds(scale) | Self::Many(scale) => scale,
        }
    }
}

/// What is looked for, the longest first: names and moments hold what looks like numbers.
static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let month = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?";
    let pattern = [
        r"(?<url>https?://\S+)",
        r"`(?<code>[^`\n]{1,300})`",
        r"(?<date>\d{4}-\d{2}-\d{2})(?:(?:T| |, | at )(?<at>\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})?)?(?<zone>\s?(?:Z|UTC|GMT)\b|[+-]\d{2}:\d{2})?",
        &format!(r"(?<day>\d{{1,2}})(?:st|nd|rd|th)? (?<month>{month})(?:,? (?<year>\d{{4}}))?"),
        &format!(r"(?<month2>{month}) (?<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?<year2>\d{{4}}))?"),
        r"(?<ip>\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?)",
        r"(?<ip6>[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:/\d{1,3})?)",
        r"(?<clock>\d{1,2}:\d{2}(?::\d{2})?)(?<zone2>\s?(?:UTC|GMT|Z)\b)?",
        r"(?<money>[$€£]\s?)?(?<number>\d{1,3}(?:[,_'\x{a0}\x{202f}\x{2009}]\d{3})+(?:\.\d{1,12})?|\d{1,30}(?:\.\d{1,12})?)(?:[eE](?<power>[+-]?\d{1,2}))?(?:[\s\x{a0}\x{202f}]?(?<unit>%|percent\b|[kKMGTPE]i?B\b|B\b|[Bb]ytes?\b|kilobytes?\b|megabytes?\b|gigabytes?\b|terabytes?\b|ms\b|milliseconds?\b|s\b|secs?\b|seconds?\b|minutes?\b|min\b|hours?\b|h\b|days?\b|d\b|weeks?\b|USD\b|EUR\b|dollars?\b|euros?\b|thousand\b|million\b|billion\b|[kKM]\b))?",
    ];
    Regex::new(&pattern.join("|")).ok()
});

/// All figures of a text, in order.
pub(super) fn figures(text: &str) -> impl Iterator<Item = Figure> {
    let all = PATTERN
        .iter()
        .flat_map(move |pattern| pattern.captures_iter(text));
    all.filter_map(move |captures| read(text, &captures))
}

fn read(text: &str, captures: &Captures<'_>) -> Option<Figure> {
    let whole = captures.get(0)?;
    let says = says(captures)?;
    let (begin, end) = (whole.start(), whole.start() + whole.as_str().trim_end().len());
    let is_code = captures.name("code").is_some();
    let before = text.get(..begin).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    let in_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let hyphened = before == Some('-') && {
        let mut back = text.get(..begin).unwrap_or_default().chars().rev().skip(1);
        back.next().is_some_and(char::is_alphabetic)
    };
    // `S3`, `p95`, `SHA-256`, `4xx`, `7th` are words.
    if !is_code && (in_word(before) || in_word(after) || hyphened) {
        return None;
    }
    Some(Figure { begin, end, says })
}

fn says(captures: &Captures<'_>) -> Option<Says> {
    let of = |name: &str| captures.name(name).map(|found| found.as_str());
    if let Some(code) = of("code") {
        // A figure in code is a figure.
        let mut inside = figures_of_numbers(code);
        return match inside.take() {
            Some(number) => Some(Says::Number(number)),
            None => code
                .contains(|c: char| c.is_ascii_digit())
                .then(|| Says::Name(code.to_owned())),
        };
    }
    if let Some(name) = of("ip").or_else(|| of("ip6").filter(|name| name.len() > 3)) {
        return Some(Says::Name(name.to_owned()));
    }
    if let Some(date) = of("date") {
        let zone = of("zone").map_or(Zone::Unsaid, zone);
        let moment = of("at").map_or_else(|| date.to_owned(), |at| format!("{date}T{at}"));
        return Some(Says::Moment(moment, zone));
    }
    if let Some((day, month)) = of("day").or(of("day2")).zip(of("month").or(of("month2"))) {
        let date = format!("{}-{day:0>2}", number_of(month)?);
        let year = of("year").or(of("year2"));
        let date = year.map_or_else(|| date.clone(), |year| format!("{year}-{date}"));
        return Some(Says::Moment(date, Zone::Unsaid));
    }
    if let Some(clock) = of("clock") {
        let clock = if clock.find(':') == Some(1) {
            format!("0{clock}")
        } else {
            clock.to_owned()
        };
        return Some(Says::Moment(
            clock,
            of("zone2").map_or(Zone::Unsaid, |_| Zone::Utc),
        ));
    }
    number(captures).map(Says::Number)
}

/// The number that a text is, and nothing besides.
fn figures_of_numbers(text: &str) -> Option<Number> {
    let captures = PATTERN.as_ref()?.captures(text)?;
    let is_all = captures.get(0)?.as_str().trim() == text.trim();
    number(&captures).filter(|_| is_all)
}

/// Other offsets are compared as they are written: results are in UTC, and in the zone of the person.
fn zone(told: &str) -> Zone {
    match told.trim() {
        "Z" | "UTC" | "GMT" | "+00:00" => Zone::Utc,
        _ => Zone::Unsaid,
    }
}

fn number_of(month: &str) -> Option<&'static str> {
    let months = [
        ("Jan", "01"),
        ("Feb", "02"),
        ("Mar", "03"),
        ("Apr", "04"),
        ("May", "05"),
        ("Jun", "06"),
        ("Jul", "07"),
        ("Aug", "08"),
        ("Sep", "09"),
        ("Oct", "10"),
        ("Nov", "11"),
        ("Dec", "12"),
    ];
    months
        .iter()
        .find(|(name, _)| month.starts_with(name))
        .map(|(_, number)| *number)
}

fn number(captures: &Captures<'_>) -> Option<Number> {
    let written = captures.name("number")?.as_str();
    let digits: String = written
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let power = captures.name("power").map_or("0", |power| power.as_str());
    let value: f64 = format!("{digits}e{power}").parse().ok()?;
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let step: f64 = format!("1e-{decimals}").parse().ok()?;
    let power: i32 = power.parse().ok()?;
    let unit = match captures.name("unit") {
        None if captures.name("money").is_some() => Unit::Money,
        None => Unit::None,
        Some(unit) => unit_of(unit.as_str()),
    };
    Some(Number {
        value,
        step: step * 10_f64.powi(power),
        unit,
    })
}

fn unit_of(unit: &str) -> Unit {
    const K: f64 = 1024.0;
    match unit {
        "%" | "percent" => Unit::Percent,
        "B" | "byte" | "bytes" | "Bytes" | "Byte" => Unit::Bytes(1.0),
        "kB" | "KB" | "kilobyte" | "kilobytes" => Unit::Bytes(1e3),
        "MB" | "megabyte" | "megabytes" => Unit::Bytes(1e6),
        "GB" | "gigabyte" | "gigabytes" => Unit::Bytes(1e9),
        "TB" | "terabyte" | "terabytes" => Unit::Bytes(1e12),
        "PB" => Unit::Bytes(1e15),
        "EB" => Unit::Bytes(1e18),
        "KiB" | "kiB" => Unit::Bytes(K),
        "MiB" => Unit::Bytes(K * K),
        "GiB" => Unit::Bytes(K * K * K),
        "TiB" => Unit::Bytes(K * K * K * K),
        "PiB" => Unit::Bytes(K * K * K * K * K),
        "EiB" => Unit::Bytes(K * K * K * K * K * K),
        "ms" | "millisecond" | "milliseconds" => Unit::Seconds(0.001),
        "s" | "sec" | "secs" | "second" | "seconds" => Unit::Seconds(1.0),
        "min" | "minute" | "minutes" => Unit::Seconds(60.0),
        "h" | "hour" | "hours" => Unit::Seconds(3_600.0),
        "d" | "day" | "days" => Unit::Seconds(86_400.0),
        "week" | "weeks" => Unit::Seconds(604_800.0),
        "k" | "K" | "thousand" => Unit::Many(1e3),
        "M" | "million" => Unit::Many(1e6),
        "billion" => Unit::Many(1e9),
        _ => Unit::Money,
    }
}
