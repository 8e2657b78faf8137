//! Names that cause trouble.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Names longer than this many bytes are close to the 1024 that a key may have, or beyond what file systems take.
const LONG: usize = 512;

/// Longest part of a path that file systems take.
const LONG_PART: usize = 255;

/// Why a name is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// Characters that nobody sees: line breaks, NUL, escapes.
    ControlCharacter,
    /// Marks that change the direction of text or take no room, and the sign for text that was lost.
    InvisibleCharacter,
    /// A space at the beginning or end of the name or of a part of it.
    OuterSpace,
    /// A part without a name: `//`, or `/` at the beginning.
    EmptyPart,
    /// A part called `.` or `..`, which clients take for a way through folders.
    DotPart,
    /// A backslash, which some systems take for a separator.
    Backslash,
    /// What looks percent-encoded, and turns into another name when it is decoded.
    PercentEncoded,
    /// A long name, or a long part of one.
    VeryLong,
    /// `/` at the end: a mark for a folder, or content that clients which copy to disk lose.
    TrailingSlash,
}

impl Oddity {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ControlCharacter,
        Self::InvisibleCharacter,
        Self::OuterSpace,
        Self::EmptyPart,
        Self::DotPart,
        Self::Backslash,
        Self::PercentEncoded,
        Self::VeryLong,
        Self::TrailingSlash,
    ];

    /// As it stands in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ControlCharacter => "control_character",
            Self::InvisibleCharacter => "invisible_character",
            Self::OuterSpace => "outer_space",
            Self::EmptyPart => "empty_part",
            Self::DotPart => "dot_part",
            Self::Backslash => "backslash",
            Self::PercentEncoded => "percent_encoded",
            Self::VeryLong => "very_long",
            Self::TrailingSlash => "trailing_slash",
        }
    }

    fn is_of(self, key: &str) -> bool {
        match self {
            Self::ControlCharacter => key.chars().any(char::is_control),
            Self::InvisibleCharacter => key.chars().any(is_invisible),
            Self::OuterSpace => parts(key).any(|part| part.starts_with(' ') || part.ends_with(' ')),
            Self::EmptyPart => key.starts_with('/') || key.contains("//"),
            Self::DotPart => parts(key).any(|part| part == "." || part == ".."),
            Self::Backslash => key.contains('\\'),
            Self::PercentEncoded => looks_encoded(key),
            Self::VeryLong => key.len() > LONG || parts(key).any(|part| part.len() > LONG_PART),
            Self::TrailingSlash => key.ends_with('/'),
        }
    }
}

/// What is odd about a name.
pub(crate) fn oddities(key: &str) -> impl Iterator<Item = Oddity> + '_ {
    let plain = key.len() < LONG_PART && is_plain(key);
    Oddity::ALL
        .into_iter()
        .filter(move |odd| !plain && odd.is_of(key))
}

/// Most names hold nothing that could be odd, which one look tells.
fn is_plain(key: &str) -> bool {
    let mut before = b'/';
    for byte in key.bytes() {
        let good = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'=' | b'+' | b',' | b':' | b'@')
            || (matches!(byte, b'/' | b'.' | b' ') && before.is_ascii_alphanumeric());
        if !good {
            return false;
        }
        before = byte;
    }
    before != b'/' && before != b' ' && before != b'.' && !key.contains(" /")
}

fn parts(key: &str) -> impl Iterator<Item = &str> {
    key.split('/')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffd}' | '\u{ad}')
}

fn looks_encoded(key: &str) -> bool {
    key.as_bytes().windows(3).any(|three| match three {
        [b'%', high, low] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(key: &str, expected: &str) {
        let found: Vec<_> = oddities(key).map(Oddity::as_str).collect();
        assert_eq!(found.join(" "), expected, "{key:?}");
    }

    #[test]
    fn odd_names() {
        check("photos/2026/a b.jpg", "");
        check("été/日本.txt", "");
        check("a\nb", "control_character");
        check("a\u{202e}gpj.exe", "invisible_character");
        check(" a", "outer_space");
        check("a /b", "outer_space");
        check("a/b ", "outer_space");
        check("/a", "empty_part");
        check("a//b", "empty_part");
        check("a/../b", "dot_part");
        check("./a", "dot_part");
        check("a\\b", "backslash");
        check("a%20b", "percent_encoded");
        check("100%", "");
        check("folder/", "trailing_slash");
        check("/", "empty_part trailing_slash");
        check(&"k".repeat(300), "very_long");
        check(&"ab/".repeat(200), "very_long trailing_slash");
    }

    proptest! {
        #[test]
        fn the_quick_look_overlooks_nothing(key in "[ab/. %\\\\\u{1}é]{0,8}") {
            let slowly: Vec<_> = Oddity::ALL.into_iter().filter(|odd| odd.is_of(&key)).collect();
            prop_assert_eq!(oddities(&key).collect::<Vec<_>>(), slowly);
        }
    }
}
