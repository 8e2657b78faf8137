//! How answers look at the terminal: tables for people, JSON for programs, progress while they wait.

mod age;
mod chart;
mod export;
mod json;
mod progress;
mod table;

use std::io::{self, Write};

use console::Term;
use jiff::Timestamp;
use serde::Serialize;
use spacewatch_insight::ObjectRow;

use crate::failure::Failure;

pub(crate) use age::age;
pub(crate) use chart::{bar, sparkline};
pub(crate) use export::{refuse_export, told};
pub(crate) use json::steady_json;
pub(crate) use progress::{AskingBar, PATIENCE, REDRAW, ReadingBar, interruptible, watched};
pub(crate) use table::{Align, Table};

/// Writes one JSON document.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(&format!(
        "{}\n",
        steady_json(&serde_json::to_string_pretty(value)?)
    ))
}

/// Writes text as it is.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Whether people read standard output.
pub(crate) fn is_terminal() -> bool {
    Term::stdout().is_term()
}

/// The columns a terminal has; nothing where standard output is none, so that nothing is cut.
pub(crate) fn terminal_width() -> Option<usize> {
    let term = Term::stdout();
    if !term.is_term() {
        return None;
    }
    term.size_checked()
        .map(|(_, columns)| usize::from(columns))
        .filter(|columns| *columns > 0)
}

/// A number with a comma between thousands.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `1 object`, `2 objects`.
pub(crate) fn counted(number: u64, singular: &str) -> String {
    format!(
        "{} {singular}{}",
        thousands(number),
        if number == 1 { "" } else { "s" }
    )
}

/// A time to the second, in UTC.
pub(crate) fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A table of objects; the key comes last, because it may be long.
pub(crate) fn objects_table(objects: &[ObjectRow], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        ("SIZE", Align::Right),
        ("AGE", Align::Right),
        ("MODIFIED", Align::Left),
        ("KEY", Align::Left),
    ])
    .with_least_widths(&[8, 4, 20]);
    for object in objects {
        table.row(object_cells(object, now));
    }
    table
}

/// The cells of one object in that table.
pub(crate) fn object_cells(object: &ObjectRow, now: Timestamp) -> Vec<String> {
    vec![
        object.size_human.clone(),
        object
            .last_modified
            .map_or_else(|| "-".to_owned(), |time| age(time, now)),
        object.last_modified.map_or_else(|| "-".to_owned(), instant),
        object.key.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_have_commas() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(counted(1, "object"), "1 object");
        assert_eq!(counted(2_000, "object"), "2,000 objects");
    }
}
