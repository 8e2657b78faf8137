//! How values are shown.

use crate::quote;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use spacewatch_model::ByteSize;

/// As what a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum As {
    /// `1.21 GiB`.
    Bytes,
    /// The same with its sign: `+1.21 GiB`.
    Change,
    /// `1,598`.
    Count,
    /// `12.3 %`.
    Percent,
    /// `$5.00`.
    Money,
    /// `17 ms`.
    Ms,
    /// `2026-11-23 14:11:02 UTC`.
    Time,
    /// `2026-11-23`.
    Day,
    /// A name from outside.
    Name,
    /// A sentence that a tool wrote.
    Sentence,
    /// The bucket that was asked about.
    Bucket,
}

impl As {
    /// Whether it is text and not a number.
    pub(super) fn is_name(self) -> bool {
        matches!(
            self,
            Self::Name | Self::Sentence | Self::Time | Self::Day | Self::Bucket
        )
    }
}

/// A value as people read it. `None` where it is none of that kind.
pub(super) fn show(value: &Value, form: As, zone: &TimeZone, currency: Option<&str>) -> Option<String> {
    match form {
        As::Name => value
            .as_str()
            .map(quote::code)
            .or_else(|| value.as_number().map(ToString::to_string)),
        As::Sentence | As::Bucket => value.as_str().map(quote::sentence),
        As::Time => moment(value, zone, "%Y-%m-%d %H:%M:%S %Z"),
        As::Day => moment(value, zone, "%Y-%m-%d"),
        As::Bytes => bytes(value),
        As::Change => change(value),
        As::Count => count(value),
        As::Percent => value.as_f64().map(|percent| format!("{percent:.1} %")),
        As::Money => value.as_f64().map(|amount| money(amount, currency)),
        As::Ms => count(value).map(|ms| format!("{ms} ms")),
    }
}

fn moment(value: &Value, zone: &TimeZone, format: &str) -> Option<String> {
    let moment: Timestamp = value.as_str()?.parse().ok()?;
    Some(moment.to_zoned(zone.clone()).strftime(format).to_string())
}

fn bytes(value: &Value) -> Option<String> {
    // Some figures come as `8965721.0`.
    let whole = value
        .as_u64()
        .or_else(|| format!("{:.0}", value.as_f64()?).parse().ok())?;
    Some(ByteSize(whole).to_string())
}

fn change(value: &Value) -> Option<String> {
    let change = value.as_i64()?;
    let sign = if change < 0 { "−" } else { "+" };
    Some(format!("{sign}{}", ByteSize(change.unsigned_abs())))
}

fn count(value: &Value) -> Option<String> {
    let number = value.as_f64()?;
    if value.is_f64() && number.fract().abs() > 0.0 {
        return Some(format!("{number:.1}"));
    }
    let digits = value
        .as_i64()
        .map_or_else(|| format!("{number:.0}"), |whole| whole.to_string());
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits.as_str()), |digits| ("−", digits));
    let mut shown = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    Some(format!("{sign}{shown}"))
}

fn money(amount: f64, currency: Option<&str>) -> String {
    let shown = if amount > 0.0 && amount < 0.005 {
        "less than 0.01".to_owned()
    } else {
        format!("{amount:.2}")
    };
    match currency {
        Some("USD") if shown.starts_with('l') => "less than $0.01".to_owned(),
        Some("USD") => format!("${shown}"),
        Some(currency) => format!("{shown} {currency}"),
        None => shown,
    }
}
