//! Hostile text on one line.

use std::fmt::{self, Write};

/// Shows text from outside on one line of a log or terminal: control characters, line and paragraph
/// separators and bidirectional marks are escaped (`\u{1b}`), everything else stays as it is.
#[derive(Debug, Clone, Copy)]
pub struct OneLine<'a>(pub &'a str);

fn is_safe(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{feff}'
        )
        && !('\u{202a}'..='\u{202e}').contains(&c)
        && !('\u{2066}'..='\u{2069}').contains(&c)
}

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if is_safe(c) {
                f.write_char(c)?;
            } else {
                write!(f, "{}", c.escape_default())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, shown: &str) {
        assert_eq!(OneLine(text).to_string(), shown);
    }

    #[test]
    fn stays_on_one_line() {
        check("photos/été 1.jpg", "photos/été 1.jpg");
        check("a\r\nb\x1b[31m\0", "a\\r\\nb\\u{1b}[31m\\u{0}");
        check("\u{202e}gpj.exe\u{2028}", "\\u{202e}gpj.exe\\u{2028}");
        check("C1 \u{9b}2J", "C1 \\u{9b}2J");
    }
}
