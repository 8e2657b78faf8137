//! Text from outside, shown as data.

/// Characters that are shown of a name.
const SHOWN: usize = 160;
/// Characters that are shown of a sentence.
const SENTENCE: usize = 600;

/// A name as a piece of code in Markdown: one line, bounded, without characters that steer a terminal or a reader, and without
/// anything that could end the code.
pub(crate) fn code(text: &str) -> String {
    let clean = plain(text);
    if clean.is_empty() {
        return "(empty)".to_owned();
    }
    format!("`{clean}`")
}

fn plain(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .map(harmless)
        .filter(|c| *c != '\0')
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown.trim().to_owned()
}

/// A sentence that a tool wrote, which may hold such names: without what Markdown makes links, pictures or elements of.
pub(crate) fn sentence(text: &str) -> String {
    let unlinked = |c: char| match c {
        '[' | '<' => '(',
        ']' | '>' => ')',
        c => c,
    };
    let shown = text.chars().take(SENTENCE).map(harmless).filter(|c| *c != '\0');
    let mut shown: String = shown.map(unlinked).collect();
    if text.chars().nth(SENTENCE).is_some() {
        shown.push('…');
    }
    shown
}

/// Text as it came, without characters that steer a terminal or a reader; cut where it is long.
pub(crate) fn cleaned(text: &str, most: usize) -> String {
    let mut kept: String = text
        .chars()
        .take(most)
        .map(|c| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { c })
        .filter(|c| !is_steering(*c))
        .collect();
    if text.chars().nth(most).is_some() {
        kept.push('…');
    }
    kept
}

/// Takes Markdown's links, pictures and elements out of text that comes in pieces: what a model says must not make a reader's browser
/// ask for an address that it made up. A space parts what would belong together; everything stays readable.
#[derive(Debug, Default)]
pub(crate) struct Untangled {
    last: Option<char>,
}

impl Untangled {
    pub(crate) fn push(&mut self, piece: &str) -> String {
        let mut shown = String::with_capacity(piece.len());
        for c in piece
            .chars()
            .filter(|c| matches!(c, '\n' | '\t') || !is_steering(*c))
        {
            let tangled = match self.last {
                Some(']') => matches!(c, '(' | '[' | ':'),
                Some('<') => c.is_alphabetic() || matches!(c, '/' | '!' | '?'),
                Some('!') => c == '[',
                _ => false,
            };
            if tangled {
                shown.push(' ');
            }
            shown.push(c);
            self.last = Some(c);
        }
        shown
    }
}

/// The character as it may be shown; `\0` for one that may not.
fn harmless(c: char) -> char {
    match c {
        '`' => '\'',
        // Cells of tables end there, in code as well.
        '|' => '¦',
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
        c if is_steering(c) => '\0',
        c => c,
    }
}

/// Controls, and what turns the direction of text or hides in it.
fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{061c}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_links_however_it_comes() {
        let text = "![x](http://evil/?q=1) [a][b] <img src=x> <http://evil> a < b\u{202e}";
        let whole = Untangled::default().push(text);
        assert_eq!(
            whole,
            "! [x] (http://evil/?q=1) [a] [b] < img src=x> < http://evil> a < b"
        );
        let mut pieces = Untangled::default();
        let cut: String = text.chars().map(|c| pieces.push(&c.to_string())).collect();
        assert_eq!(cut, whole);
    }

    #[test]
    fn data_is_bounded_and_steers_nothing() {
        assert_eq!(cleaned("a\u{1b}[31mb\nc", 9), "a[31mb c");
        assert_eq!(cleaned("ééééé", 3), "ééé…");
    }
}
