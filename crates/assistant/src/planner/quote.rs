//! Text from outside, shown as data.

/// Characters that are shown of a name.
const SHOWN: usize = 160;
/// Characters that are shown of a sentence.
const SENTENCE: usize = 600;

/// A name as a piece of code in Markdown: one line, bounded, without characters that steer a terminal or a reader, and without
/// anything that could end the code.
pub(super) fn code(text: &str) -> String {
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
pub(super) fn sentence(text: &str) -> String {
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

/// The character as it may be shown; `\0` for one that may not.
fn harmless(c: char) -> char {
    match c {
        '`' => '\'',
        // Cells of tables end there, in code as well.
        '|' => '¦',
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_control() => '\0',
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{061c}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}' => '\0',
        c => c,
    }
}
