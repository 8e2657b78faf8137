//! What an answer says: its lines, the figures in each, and the moments.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde_json::Value;
use spacewatch_assistant::Answer;

/// Units behind a number, and what one is worth.
const UNITS: [(&str, f64); 12] = [
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("kB", 1e3),
    ("KB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("B", 1.0),
    ("ms", 1.0),
    ("s", 1e3),
];

/// A line of an answer. What is indented belongs to the line before it.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// The line that a row of a table or a point of a list stands under.
    pub(crate) under: String,
    pub(crate) figures: Vec<f64>,
    pub(crate) moments: Vec<Timestamp>,
}

impl Line {
    /// Whether it is about this.
    pub(crate) fn names(&self, name: &str) -> bool {
        let holds = |text: &str| text.to_lowercase().contains(&name.to_lowercase());
        holds(&self.text) || holds(&self.under)
    }
}

/// The lines of an answer with what tools gave for them, and with what is written in them.
pub(crate) fn lines(answer: &Answer, zone: &TimeZone) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    for part in &answer.parts {
        let mut pieces = part.text.split('\n');
        if let (Some(first), Some(line)) = (pieces.next(), lines.last_mut()) {
            line.text += first;
        }
        for piece in pieces {
            begin(&mut lines, piece);
        }
        let cited = part.citation.and_then(|place| answer.citations.get(place));
        if let (Some(citation), Some(line)) = (cited, lines.last_mut()) {
            take(&citation.value, line);
        }
    }
    for line in &mut lines {
        line.figures.extend(figures(&line.text));
        line.moments.extend(moments(&line.text, zone));
    }
    lines
}

fn begin(lines: &mut Vec<Line>, text: &str) {
    match lines.last_mut() {
        Some(last) if text.starts_with("  ") => {
            last.text.push('\n');
            last.text += text;
        }
        Some(last) => {
            let heading = |line: &Line| {
                let text = line.text.trim_start();
                !text.is_empty() && !text.starts_with(['|', '-', '*'])
            };
            let under = if heading(last) {
                last.text.clone()
            } else {
                last.under.clone()
            };
            lines.push(Line {
                text: text.to_owned(),
                under,
                ..Line::default()
            });
        }
        None => {}
    }
}

fn take(value: &Value, line: &mut Line) {
    match value {
        Value::Number(number) => line.figures.extend(number.as_f64()),
        Value::String(text) => line.moments.extend(text.parse::<Timestamp>().ok()),
        _ => {}
    }
}

/// The numbers in a text, in bytes and milliseconds where a unit stands behind them.
fn figures(text: &str) -> Vec<f64> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let Some(behind) = rest.get(start..) else { break };
        let end = behind
            .find(|c: char| !(c.is_ascii_digit() || c == ',' || c == '.'))
            .unwrap_or(behind.len());
        let (digits, after) = behind.split_at(end);
        let negative = rest
            .get(..start)
            .is_some_and(|before| before.ends_with(['−', '-']));
        let digits = digits.trim_end_matches(['.', ',']).replace(',', "");
        if let Ok(number) = digits.parse::<f64>() {
            let after = after.trim_start();
            let unit = UNITS.iter().find(|(unit, _)| {
                after
                    .strip_prefix(unit)
                    .is_some_and(|more| !more.starts_with(|c: char| c.is_alphanumeric()))
            });
            let number = number * unit.map_or(1.0, |(_, worth)| *worth);
            found.push(if negative { -number } else { number });
        }
        rest = after;
    }
    found
}

/// The moments in a text, `2026-11-16 14:05:00`: in UTC where it says so, else in the asker's time.
fn moments(text: &str, zone: &TimeZone) -> Vec<Timestamp> {
    let mut found = Vec::new();
    for (start, _) in text.match_indices("20") {
        let Some(date) = text
            .get(start..start + 10)
            .and_then(|date| date.parse::<Date>().ok())
        else {
            continue;
        };
        let behind = text.get(start + 10..).unwrap_or_default();
        let time = behind
            .get(1..9)
            .or_else(|| behind.get(1..6))
            .and_then(|time| time.parse::<Time>().ok())
            .or_else(|| behind.get(1..6)?.parse::<Time>().ok())
            .unwrap_or_default();
        let is_utc = behind
            .get(9..)
            .is_some_and(|rest| rest.starts_with('Z') || rest.starts_with(" UTC"));
        let zone = if is_utc { TimeZone::UTC } else { zone.clone() };
        found.extend(
            date.to_datetime(time)
                .to_zoned(zone)
                .map(|moment| moment.timestamp()),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use spacewatch_assistant::Part;

    use super::*;

    #[test]
    fn figures_have_units() {
        assert_eq!(
            figures("1,598 of 4.5 KiB, 20%, $3.50."),
            [1598.0, 4608.0, 20.0, 3.5]
        );
        assert_eq!(figures("−3 MB took 17 ms"), [-3e6, 17.0]);
        assert_eq!(figures("none"), [0.0; 0]);
    }

    #[test]
    fn moments_are_of_the_askers_zone_or_of_utc() {
        let zone = TimeZone::get("Asia/Singapore").unwrap();
        let told = |text| {
            moments(text, &zone)
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(told("at 2026-11-16 14:05:09 +08"), ["2026-11-16T06:05:09Z"]);
        assert_eq!(told("at 2026-11-16T14:05:09Z"), ["2026-11-16T14:05:09Z"]);
        assert_eq!(told("on 2026-11-16, then"), ["2026-11-15T16:00:00Z"]);
    }

    #[test]
    fn rows_stand_under_their_heading() {
        let answer = Answer {
            parts: vec![Part {
                text: "In `a`:\n\n| x | 3 |\n| y | 4 |\n\nIn `b`:\n\n- z\n  5".to_owned(),
                ..Part::default()
            }],
            ..Answer::default()
        };
        let lines = lines(&answer, &TimeZone::UTC);
        let found = |name: &str, number: f64| {
            lines
                .iter()
                .any(|line| line.names(name) && line.figures.contains(&number))
        };
        assert!(found("y", 4.0) && found("`a`", 4.0) && found("z", 5.0) && found("`b`", 5.0));
        assert!(!found("y", 3.0) && !found("`b`", 4.0));
    }
}
