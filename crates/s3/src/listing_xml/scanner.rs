//! Tags and text of XML, as much of it as stores write.

use memchr::{memchr, memchr3_iter, memmem};

use super::BadPage;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open(&'a [u8]),
    /// `<Name/>`
    Empty(&'a [u8]),
    Close(&'a [u8]),
    /// Text as it stands, with its references.
    Text(&'a [u8]),
    /// The text of a CDATA section, which has no references.
    Verbatim(&'a [u8]),
    End,
}

pub(super) struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    pub(super) fn new(body: &'a [u8]) -> Self {
        Self { rest: body }
    }

    pub(super) fn next(&mut self) -> Result<Token<'a>, BadPage> {
        loop {
            if self.rest.is_empty() {
                return Ok(Token::End);
            }
            let Some(markup) = self.rest.strip_prefix(b"<") else {
                let length = memchr(b'<', self.rest).unwrap_or(self.rest.len());
                return Ok(Token::Text(self.take(length)));
            };
            if let Some(text) = markup.strip_prefix(b"![CDATA[") {
                let length = memmem::find(text, b"]]>").ok_or(BadPage::BreaksOff)?;
                let (inside, behind) = text.split_at_checked(length).unwrap_or_default();
                self.rest = behind.get(3..).unwrap_or_default();
                return Ok(Token::Verbatim(inside));
            }
            if markup.starts_with(b"?") || markup.starts_with(b"!") {
                self.skip_markup(markup)?;
                continue;
            }
            return self.tag(markup);
        }
    }

    fn tag(&mut self, markup: &'a [u8]) -> Result<Token<'a>, BadPage> {
        let length = tag_length(markup).ok_or(BadPage::BreaksOff)?;
        let (inner, behind) = markup.split_at_checked(length).unwrap_or_default();
        self.rest = behind.get(1..).unwrap_or_default();
        if let Some(name) = inner.strip_prefix(b"/") {
            return Ok(Token::Close(local_name(name)));
        }
        Ok(match inner.strip_suffix(b"/") {
            Some(name) => Token::Empty(local_name(name)),
            None => Token::Open(local_name(inner)),
        })
    }

    /// Skips a declaration or comment.
    fn skip_markup(&mut self, markup: &'a [u8]) -> Result<(), BadPage> {
        let end: &[u8] = match markup {
            [b'?', ..] => b"?>",
            [b'!', b'-', b'-', ..] => b"-->",
            _ => b">",
        };
        let at = memmem::find(markup, end).ok_or(BadPage::BreaksOff)?;
        self.rest = markup.get(at.saturating_add(end.len())..).unwrap_or_default();
        Ok(())
    }

    /// The text up to the closing tag of `name`, references resolved.
    pub(super) fn text(&mut self, name: &[u8]) -> Result<String, BadPage> {
        let mut text = String::new();
        loop {
            match self.next()? {
                Token::Text(raw) if text.is_empty() => text = unescape(raw)?,
                Token::Text(raw) => text.push_str(&unescape(raw)?),
                Token::Verbatim(raw) => text.push_str(std::str::from_utf8(raw).map_err(|_| BadPage::Key)?),
                Token::Close(closed) if closed == name => return Ok(text),
                Token::End => return Err(BadPage::BreaksOff),
                Token::Open(_) | Token::Empty(_) | Token::Close(_) => return Err(BadPage::Malformed("text")),
            }
        }
    }

    /// Passes over an element with all it holds.
    pub(super) fn skip(&mut self, name: &[u8]) -> Result<(), BadPage> {
        let mut depth = 1_usize;
        loop {
            match self.next()? {
                Token::Open(_) => depth = depth.saturating_add(1),
                Token::Close(closed) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return if closed == name {
                            Ok(())
                        } else {
                            Err(BadPage::Malformed("a closing tag"))
                        };
                    }
                }
                Token::Text(_) | Token::Verbatim(_) | Token::Empty(_) => {}
                Token::End => return Err(BadPage::BreaksOff),
            }
        }
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }
}

/// Where a tag ends. A `>` between quotes belongs to an attribute. One pass, whatever stands there.
fn tag_length(markup: &[u8]) -> Option<usize> {
    let mut open = None;
    memchr3_iter(b'>', b'"', b'\'', markup).find(|at| match (markup.get(*at), open) {
        (Some(b'>'), None) => true,
        (Some(b'>'), Some(_)) => false,
        (quote, None) => {
            open = quote;
            false
        }
        (quote, Some(_)) => {
            if quote == open {
                open = None;
            }
            false
        }
    })
}

/// The name of a tag, without its namespace's prefix and its attributes.
fn local_name(tag: &[u8]) -> &[u8] {
    let name = tag.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    match memchr(b':', name) {
        Some(colon) => name.get(colon.saturating_add(1)..).unwrap_or_default(),
        None => name,
    }
}

fn unescape(raw: &[u8]) -> Result<String, BadPage> {
    let text = std::str::from_utf8(raw).map_err(|_| BadPage::Key)?;
    if memchr(b'&', raw).is_none() {
        return Ok(text.to_owned());
    }
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('&');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, behind) = part.split_once(';').ok_or(BadPage::Malformed("a reference"))?;
        out.push(referenced(name).ok_or(BadPage::Malformed("a reference"))?);
        out.push_str(behind);
    }
    Ok(out)
}

fn referenced(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}
