//! Finds the figures of a text.

use std::net::IpAddr;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::figure::{Figure, Moment, Number, Says, Sign, Unit};

/// What is looked for, the longest first: names and moments hold what looks like numbers.
static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let month = "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|\
                 Nov(?:ember)?|Dec(?:ember)?)";
    let zone = r"\s?(?:Z|UTC|GMT)\b|\s?[+−-]\d{2}(?::?\d{2})?\b";
    let nth = "(?:st|nd|rd|th)?";
    let clock = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?";
    let units = r"%|percent\b|[kKMGTPE]i?B\b|B\b|[Bb]ytes?\b|(?:kilo|mega|giga|tera|peta)bytes?\b|ms\b|msec\b|milliseconds?\b|s\b|secs?\b|seconds?\b|minutes?\b|mins?\b|hours?\b|h\b|days?\b|d\b|weeks?\b|USD\b|EUR\b|GBP\b|€|£|dollars?\b|euros?\b|thousand\b|million\b|billion\b|[kKM]\b";
    let gap = r"[,_'’ \x{a0}\x{202f}\x{2009}]";
    let pattern = [
        r"(?<url>https?://\S+)".to_owned(),
        r"`(?<code>[^`\n]+)`".to_owned(),
        format!(r"(?<date>\d{{4}}-\d{{2}}(?:-\d{{2}})?)(?:(?:T| |, | at )(?<at>{clock})(?<zone>{zone})?)?"),
        format!(r"(?<day>\d{{1,2}}){nth} (?<month>{month})\b(?:,? (?<year>\d{{4}})\b)?"),
        format!(r"\b(?<month2>{month})\.? (?<day2>\d{{1,2}}){nth}\b(?:,? (?<year2>\d{{4}})\b)?"),
        format!(r"\b(?<month3>{month}) (?<year3>\d{{4}})\b"),
        r"(?<ip>\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?\b)".to_owned(),
        format!(
            r"(?<clock>{clock})(?:\s?(?<half>[AaPp])\.?[Mm]\b\.?)?(?<zone2>\s?(?:Z|UTC|GMT)\b|\s[+−-]\d{{2}}(?::?\d{{2}})?\b)?"
        ),
        r"(?<ip6>[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:/\d{1,3})?)".to_owned(),
        r"(?<version>\d+(?:\.\d+){2,})".to_owned(),
        format!(
            r"(?<sign>[+−-])?(?<money>(?:US)?[$€£]\s?)?(?<number>\d{{1,3}}(?:{gap}\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:[eE](?<power>[+-]?\d{{1,3}})\b)?(?:[\s\x{{a0}}\x{{202f}}]?(?<unit>{units}))?"
        ),
    ];
    Regex::new(&pattern.join("|")).ok()
});

/// All figures of a text, in order.
pub(super) fn figures(text: &str) -> impl Iterator<Item = Figure<'_>> {
    let all = PATTERN.iter().flat_map(|pattern| pattern.captures_iter(text));
    all.filter_map(|captures| read(text, &captures))
}

/// What a whole text says, where it is one figure and nothing besides.
fn alone(text: &str) -> Option<Says<'_>> {
    let captures = PATTERN.as_ref()?.captures(text)?;
    (captures.get(0)?.as_str() == text).then(|| says(&captures))?
}

fn read<'t>(text: &'t str, captures: &Captures<'t>) -> Option<Figure<'t>> {
    let whole = captures.get(0)?;
    if let Some(code) = captures.name("code").map(|code| code.as_str()) {
        let holds_digit = code.contains(|c: char| c.is_ascii_digit());
        return holds_digit.then(|| Figure {
            begin: whole.start(),
            end: whole.end(),
            says: alone(code.trim()).unwrap_or(Says::Name(code)),
            code: Some(code.trim()),
        });
    }
    let mut says = says(captures)?;
    let (mut begin, mut end) = (whole.start(), whole.end());
    if let (Some(sign), Says::Number(number)) = (captures.name("sign"), &mut says)
        && text
            .get(..begin)?
            .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '`'))
    {
        // `5-10` is a range, `SHA-256` a word.
        if text.get(..begin)?.ends_with(char::is_alphabetic) {
            return None;
        }
        begin = sign.end();
        number.sign = Sign::Unsaid;
    }
    let in_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let before = text.get(..begin)?.chars().next_back();
    let after = text.get(end..)?.chars().next();
    if let Says::Number(number) = &mut says
        && after.is_some_and(|c| c.is_ascii_digit())
    {
        // `1,2345` is no number at all, which nothing can back.
        (number.value, number.whole) = (f64::NAN, None);
        end += text
            .get(end..)?
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len() - end);
        return (!in_word(before)).then_some(Figure {
            begin,
            end,
            says,
            code: None,
        });
    }
    // `S3`, `p95`, `4xx`, `7th` are words.
    (!in_word(before) && !in_word(after)).then_some(Figure {
        begin,
        end,
        says,
        code: None,
    })
}

fn says<'t>(captures: &Captures<'t>) -> Option<Says<'t>> {
    let of = |name: &str| captures.name(name).map(|found| found.as_str());
    if let Some(name) = of("ip").or(of("ip6")) {
        if let Ok(address) = name.parse::<IpAddr>() {
            // `::` stands in the names of programs' things.
            return (name != "::").then_some(Says::Address(address));
        }
        return name
            .contains(|c: char| c.is_ascii_digit())
            .then_some(Says::Name(name));
    }
    if let Some(version) = of("version") {
        return Some(Says::Name(version));
    }
    let two = |text: Option<&str>| text.and_then(|text| text.parse::<i8>().ok());
    let year = |text: Option<&str>| text.and_then(|text| text.parse::<i16>().ok());
    if let Some(date) = of("date") {
        let mut fields = date.split('-');
        return Some(Says::Moment(Moment {
            year: year(fields.next()),
            month: two(fields.next()),
            day: two(fields.next()),
            clock: of("at").and_then(|at| clock(at, None)),
            offset: of("zone").and_then(offset),
        }));
    }
    if let Some(month) = of("month").or(of("month2")).or(of("month3")) {
        return Some(Says::Moment(Moment {
            year: year(of("year").or(of("year2")).or(of("year3"))),
            month: number_of(month),
            day: two(of("day").or(of("day2"))),
            ..Moment::default()
        }));
    }
    if let Some(at) = of("clock") {
        return Some(Says::Moment(Moment {
            clock: clock(at, of("half")),
            offset: of("zone2").and_then(offset),
            ..Moment::default()
        }));
    }
    number(captures).map(Says::Number)
}

fn clock(at: &str, half: Option<&str>) -> Option<(i8, i8, Option<i8>)> {
    let mut fields = at.split([':', '.']).map(|field| field.parse::<i8>().ok());
    let (hour, minute) = (fields.next()??, fields.next()??);
    let hour = match half {
        Some("p" | "P") if hour < 12 => hour + 12,
        Some("a" | "A") if hour == 12 => 0,
        _ => hour,
    };
    Some((hour, minute, fields.next().flatten()))
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i32> {
    let zone = zone.trim();
    let Some(digits) = zone.strip_prefix(['+', '-', '−']) else {
        return Some(0);
    };
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..)?.trim_start_matches(':').parse().unwrap_or(0);
    let seconds = hours * 3_600 + minutes * 60;
    Some(if zone.starts_with('+') { seconds } else { -seconds })
}

fn number_of(month: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    (1..)
        .zip(MONTHS)
        .find(|(_, name)| month.starts_with(name))
        .map(|(number, _)| number)
}

fn number(captures: &Captures<'_>) -> Option<Number> {
    let written = captures.name("number")?.as_str();
    let digits: String = written
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let power: i32 = captures
        .name("power")
        .map_or(Some(0), |power| power.as_str().parse().ok())?;
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let last = power.saturating_sub(i32::try_from(decimals).unwrap_or(i32::MAX));
    let unit = match captures.name("unit").or(captures.name("money")) {
        None => Unit::None,
        Some(unit) => Unit::named(unit.as_str().trim()).unwrap_or(Unit::None),
    };
    let sign = match captures.name("sign").map(|sign| sign.as_str()) {
        None => Sign::Unsaid,
        Some("+") => Sign::Plus,
        Some(_) => Sign::Minus,
    };
    Some(Number {
        value: format!("{digits}e{power}").parse().ok()?,
        whole: digits.parse().ok().filter(|_| power == 0),
        step: 10_f64.powi(last),
        sign,
        unit,
    })
}
