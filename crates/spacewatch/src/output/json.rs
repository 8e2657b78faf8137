//! JSON that is safe to look at.

use std::fmt::Write;

/// Escapes what JSON leaves as it is, though a terminal or a log reader may obey it: C1 controls, separators of
/// lines, marks of direction. All of it can stand only in strings, so that the meaning stays the same.
pub(crate) fn steady_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        match c {
            '\u{7f}'..='\u{9f}'
            | '\u{061c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(c));
            }
            _ => escaped.push(c),
        }
    }
    escaped
}
