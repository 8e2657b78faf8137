//! What a figure says.

use std::net::IpAddr;

/// A piece of text that says something which can be right or wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure<'t> {
    pub(super) begin: usize,
    pub(super) end: usize,
    pub(super) says: Says<'t>,
    /// What the code holds, where it stands in code.
    pub(super) code: Option<&'t str>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Says<'t> {
    /// A name in code, a network, a version.
    Name(&'t str),
    Address(IpAddr),
    Moment(Moment),
    Number(Number),
}

/// A moment, as far as it is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) year: Option<i16>,
    pub(super) month: Option<i8>,
    pub(super) day: Option<i8>,
    /// Hours, minutes, and seconds where they are written.
    pub(super) clock: Option<(i8, i8, Option<i8>)>,
    /// Seconds east of UTC, where a zone is written.
    pub(super) offset: Option<i32>,
}

impl Moment {
    pub(super) fn same_date(&self, other: &Self) -> bool {
        let year = self.year.is_none() || other.year.is_none() || self.year == other.year;
        year && self.month.is_some() && (self.month, self.day) == (other.month, other.day)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Unsaid,
    Plus,
    Minus,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    /// As it is written, without its unit and its sign.
    pub(super) value: f64,
    /// The same, where it is whole and nothing was lost.
    pub(super) whole: Option<u64>,
    /// What a step of its last digit is worth; 1 for a whole number.
    pub(super) step: f64,
    pub(super) sign: Sign,
    pub(super) unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unit {
    None,
    Percent,
    Money(Option<&'static str>),
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
            Self::None | Self::Percent | Self::Money(_) => 1.0,
            Self::Bytes(scale) | Self::Seconds(scale) | Self::Many(scale) => scale,
        }
    }

    /// A unit by its name. Decimal and binary ones are told apart.
    pub(super) fn named(name: &str) -> Option<Self> {
        const K: f64 = 1024.0;
        Some(match name {
            "%" | "percent" => Self::Percent,
            "B" | "byte" | "bytes" | "Bytes" | "Byte" => Self::Bytes(1.0),
            "kB" | "KB" | "kilobyte" | "kilobytes" => Self::Bytes(1e3),
            "MB" | "megabyte" | "megabytes" => Self::Bytes(1e6),
            "GB" | "gigabyte" | "gigabytes" => Self::Bytes(1e9),
            "TB" | "terabyte" | "terabytes" => Self::Bytes(1e12),
            "PB" | "petabyte" | "petabytes" => Self::Bytes(1e15),
            "EB" => Self::Bytes(1e18),
            "KiB" | "kiB" => Self::Bytes(K),
            "MiB" => Self::Bytes(K * K),
            "GiB" => Self::Bytes(K * K * K),
            "TiB" => Self::Bytes(K * K * K * K),
            "PiB" => Self::Bytes(K * K * K * K * K),
            "EiB" => Self::Bytes(K * K * K * K * K * K),
            "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => Self::Seconds(0.001),
            "s" | "sec" | "secs" | "second" | "seconds" => Self::Seconds(1.0),
            "min" | "mins" | "minute" | "minutes" => Self::Seconds(60.0),
            "h" | "hour" | "hours" => Self::Seconds(3_600.0),
            "d" | "day" | "days" => Self::Seconds(86_400.0),
            "week" | "weeks" => Self::Seconds(604_800.0),
            "k" | "K" | "thousand" => Self::Many(1e3),
            "M" | "million" => Self::Many(1e6),
            "billion" => Self::Many(1e9),
            "$" | "USD" | "US$" | "dollar" | "dollars" => Self::Money(Some("USD")),
            "€" | "EUR" | "euro" | "euros" => Self::Money(Some("EUR")),
            "£" | "GBP" => Self::Money(Some("GBP")),
            _ => return None,
        })
    }
}

/// What a value of a result is measured in, as far as the names above it tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Unsaid,
    Count,
    /// Of a hundred.
    Percent,
    /// Of one.
    Ratio,
    Money,
    /// So many bytes each.
    Bytes(f64),
    /// So many seconds each.
    Seconds(f64),
}

impl From<Unit> for Kind {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::None | Unit::Many(_) => Self::Count,
            Unit::Percent => Self::Percent,
            Unit::Money(_) => Self::Money,
            Unit::Bytes(scale) => Self::Bytes(scale),
            Unit::Seconds(scale) => Self::Seconds(scale),
        }
    }
}

impl Kind {
    /// What the name of a field tells. `Count` is said of the field itself only, the others of all below it too.
    pub(super) fn of_field(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let words: Vec<&str> = name.split(['_', '-', ' ', '.']).collect();
        let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
        if has(&["percent", "percentage", "pct"]) {
            Self::Percent
        } else if has(&["share", "ratio", "fraction"]) {
            Self::Ratio
        } else if let Some(Unit::Seconds(scale)) = words.last().and_then(|word| Unit::named(word)) {
            Self::Seconds(scale)
        } else if has(&[
            "cost", "costs", "price", "prices", "usd", "eur", "amount", "bill", "saving", "fee",
        ]) {
            Self::Money
        } else if has(&["bytes", "byte", "size"]) && !has(&["count", "per", "class", "classes"]) {
            Self::Bytes(1.0)
        } else if has(&COUNTS) {
            Self::Count
        } else {
            Self::Unsaid
        }
    }
}

/// Words of fields that count.
const COUNTS: [&str; 22] = [
    "count", "counts", "requests", "objects", "errors", "lines", "records", "versions", "parts", "uploads",
    "keys", "buckets", "events", "clients", "deletes", "reads", "writes", "files", "findings", "rows",
    "status", "markers",
];
