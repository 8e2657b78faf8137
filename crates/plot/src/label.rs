//! Texts that fit.

use spacewatch_model::OneLine;

use crate::font::{Weight, width};

/// More of a text is never looked at: no line of a picture has room for it.
const MAX_CHARS: usize = 600;

/// Anybody's text on one line, without what XML can't carry.
pub(crate) fn clean(text: &str) -> String {
    let mut chars = text.chars();
    let mut start: String = chars.by_ref().take(MAX_CHARS).collect();
    if chars.next().is_some() {
        // The end tells more than the middle: of a key it is the name, of a user agent the version.
        let mut end: Vec<char> = text.chars().rev().take(MAX_CHARS / 2).collect();
        end.reverse();
        start = start
            .chars()
            .take(MAX_CHARS / 2)
            .chain(['…'])
            .chain(end)
            .collect();
    }
    OneLine(&start)
        .to_string()
        .replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// A clean text, shortened in the middle so that it is at most `room` wide.
pub(crate) fn fit(text: &str, room: f64, size: f64, weight: Weight) -> String {
    let text = clean(text);
    if width(&text, size, weight) <= room {
        return text;
    }
    let letters: Vec<char> = text.chars().collect();
    let shortened = |keep: usize| -> String {
        let head = letters.iter().take(keep.div_ceil(2));
        let tail = letters.iter().skip(letters.len() - keep / 2);
        head.chain(&['…']).chain(tail).collect()
    };
    let (mut fits, mut too_long) = (0, letters.len());
    while too_long - fits > 1 {
        let keep = fits.midpoint(too_long);
        if width(&shortened(keep), size, weight) <= room {
            fits = keep;
        } else {
            too_long = keep;
        }
    }
    shortened(fits)
}

/// A clean text in at most `lines` lines, broken at spaces. The last is shortened if need be.
pub(crate) fn wrap(text: &str, room: f64, size: f64, lines: usize) -> Vec<String> {
    let text = clean(text);
    let mut wrapped: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let full = wrapped.len() >= lines;
        match wrapped.last_mut() {
            Some(line) if full || width(&format!("{line} {word}"), size, Weight::Regular) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => wrapped.push(word.to_owned()),
        }
    }
    wrapped
        .iter()
        .map(|line| fit(line, room, size, Weight::Regular))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, shown: Expect) {
        shown.assert_eq(&fit(text, 120.0, 12.0, Weight::Regular));
    }

    #[test]
    fn the_middle_goes_first() {
        check("192.0.2.7", expect!["192.0.2.7"]);
        check(
            "photos/2026/07/holiday-in-the-mountains.jpg",
            expect!["photos/20…tains.jpg"],
        );
        check("a\u{202e}b\n", expect![[r#"a\u{202e}b\n"#]]);
        check("\u{ffff}", expect!["�"]);
        check("日本語の長い長い長い名前", expect!["日本語の長…長い名前"]);
    }

    #[test]
    fn no_room_at_all_leaves_the_dots() {
        assert_eq!(fit("photos", 0.0, 12.0, Weight::Regular), "…");
    }

    #[test]
    fn lines_break_at_spaces() {
        let lines = wrap(
            "July 2026 · 98 % of expected logs · 3 lines rejected",
            140.0,
            12.0,
            2,
        );
        expect![[r#"
            July 2026 · 98 % of
            expected lo…es rejected"#]]
        .assert_eq(&lines.join("\n"));
    }
}
