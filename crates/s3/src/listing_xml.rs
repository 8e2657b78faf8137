//! Reads the pages of a listing.
//!
//! A parser of our own, for two reasons. Keys may hold anything, and stores write some of it into XML as
//! it is (control characters, which no XML may hold): a strict parser refuses such a page, a lenient one
//! must still give back the exact key. And a listing is the one answer that is large and comes by the
//! thousand, so its cost decides how fast a bucket is read.

use jiff::Timestamp;
use memchr::{memchr, memchr2};
use spacewatch_model::{ByteSize, ObjectKey, Prefix};

use crate::ObjectSummary;

/// One page of a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ListPage {
    pub(crate) objects: Vec<ObjectSummary>,
    pub(crate) common_prefixes: Vec<Prefix>,
    /// What the store says about whether there is more, if it says anything.
    pub(crate) truncated: Option<bool>,
    /// The store's own token for the next page. Only good for pages that hold nothing else to go on from.
    pub(crate) token: Option<String>,
}

/// Why an answer is no page of a listing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadPage {
    #[error("the page breaks off")]
    BreaksOff,
    #[error("the page is not a listing but `{0}`")]
    Root(String),
    #[error("the page is malformed near `{0}`")]
    Malformed(&'static str),
    #[error("the page holds a key that is none")]
    Key,
}

/// Reads a page. Takes control characters where they stand, unknown elements, and any namespace.
pub(crate) fn parse(body: &[u8]) -> Result<ListPage, BadPage> {
    let mut scanner = Scanner { rest: body };
    let root = loop {
        match scanner.next()? {
            Token::Open(name) => break name,
            Token::Empty(name) => return root_only(name),
            Token::Text(_) => {}
            Token::Close(_) | Token::End => return Err(BadPage::BreaksOff),
        }
    };
    if root != b"ListBucketResult" {
        return Err(BadPage::Root(shorten(root)));
    }
    let mut raw = RawPage::default();
    loop {
        match scanner.next()? {
            Token::Open(b"Contents") => raw.objects.push(object(&mut scanner)?),
            Token::Open(b"CommonPrefixes") => common_prefixes(&mut scanner, &mut raw.prefixes)?,
            Token::Open(b"IsTruncated") => {
                raw.truncated = Some(scanner.text(b"IsTruncated")?.trim() == "true")
            }
            Token::Open(b"EncodingType") => raw.url_encoded = scanner.text(b"EncodingType")?.trim() == "url",
            Token::Open(name @ b"NextContinuationToken") => raw.token = Some(scanner.text(name)?),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(_) => break,
            Token::Text(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
    }
    raw.finish()
}

/// The name of the root element, if the answer is XML.
pub(crate) fn root(body: &[u8]) -> Option<String> {
    let mut scanner = Scanner { rest: body };
    loop {
        match scanner.next().ok()? {
            Token::Open(name) | Token::Empty(name) => return Some(shorten(name)),
            Token::Text(text) if text.trim_ascii().is_empty() => {}
            Token::Text(_) | Token::Close(_) | Token::End => return None,
        }
    }
}

fn root_only(name: &[u8]) -> Result<ListPage, BadPage> {
    match name {
        b"ListBucketResult" => Ok(ListPage::default()),
        other => Err(BadPage::Root(shorten(other))),
    }
}

fn shorten(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(60).collect()
}

#[derive(Default)]
struct RawPage {
    objects: Vec<RawObject>,
    prefixes: Vec<String>,
    truncated: Option<bool>,
    url_encoded: bool,
    token: Option<String>,
}

#[derive(Default)]
struct RawObject {
    key: String,
    size: Option<u64>,
    last_modified: Option<Timestamp>,
    etag: Option<String>,
    storage_class: Option<String>,
}

impl RawPage {
    /// Whether keys are encoded may be said behind them, so they are decoded last.
    fn finish(self) -> Result<ListPage, BadPage> {
        let decode = |text: String| {
            if self.url_encoded {
                url_decode(text)
            } else {
                Ok(text)
            }
        };
        let objects = self.objects.into_iter().map(|raw| {
            Ok(ObjectSummary {
                key: ObjectKey::try_from(decode(raw.key)?).map_err(|_| BadPage::Key)?,
                size: ByteSize(raw.size.ok_or(BadPage::Malformed("Size"))?),
                last_modified: raw.last_modified,
                etag: raw.etag,
                storage_class: raw.storage_class,
            })
        });
        let prefixes = self
            .prefixes
            .into_iter()
            .map(|text| Prefix::try_from(decode(text)?).map_err(|_| BadPage::Key));
        Ok(ListPage {
            objects: objects.collect::<Result<_, BadPage>>()?,
            common_prefixes: prefixes.collect::<Result<_, BadPage>>()?,
            truncated: self.truncated,
            token: self.token.filter(|token| !token.is_empty()),
        })
    }
}

fn object(scanner: &mut Scanner<'_>) -> Result<RawObject, BadPage> {
    let mut raw = RawObject::default();
    loop {
        match scanner.next()? {
            Token::Open(b"Key") => raw.key = scanner.text(b"Key")?,
            Token::Open(b"Size") => raw.size = scanner.text(b"Size")?.trim().parse().ok(),
            Token::Open(b"LastModified") => {
                raw.last_modified = scanner.text(b"LastModified")?.trim().parse().ok();
            }
            Token::Open(b"ETag") => raw.etag = Some(unquoted(scanner.text(b"ETag")?)),
            Token::Open(b"StorageClass") => raw.storage_class = Some(scanner.text(b"StorageClass")?),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(b"Contents") => return Ok(raw),
            Token::Close(_) => return Err(BadPage::Malformed("Contents")),
            Token::Text(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
    }
}

fn common_prefixes(scanner: &mut Scanner<'_>, found: &mut Vec<String>) -> Result<(), BadPage> {
    loop {
        match scanner.next()? {
            Token::Open(b"Prefix") => found.push(scanner.text(b"Prefix")?),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(b"CommonPrefixes") => return Ok(()),
            Token::Close(_) => return Err(BadPage::Malformed("CommonPrefixes")),
            Token::Text(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
    }
}

/// An ETag without the quotes around it.
pub(crate) fn unquoted(etag: String) -> String {
    match etag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.to_owned(),
        None => etag,
    }
}

/// Decodes a key as S3 encodes it: `%XX`, and `+` for a space (a plus sign itself comes as `%2B`).
fn url_decode(text: String) -> Result<String, BadPage> {
    if memchr2(b'%', b'+', text.as_bytes()).is_none() {
        return Ok(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
                let value = digit().zip(digit()).map(|(high, low)| high << 4 | low);
                out.push(
                    value
                        .and_then(|value| u8::try_from(value).ok())
                        .ok_or(BadPage::Key)?,
                );
            }
            other => out.push(other),
        }
    }
    String::from_utf8(out).map_err(|_| BadPage::Key)
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Open(&'a [u8]),
    /// `<Name/>`
    Empty(&'a [u8]),
    Close(&'a [u8]),
    /// Text as it stands, with its references; or a CDATA section's.
    Text(&'a [u8]),
    End,
}

struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    fn next(&mut self) -> Result<Token<'a>, BadPage> {
        loop {
            if self.rest.is_empty() {
                return Ok(Token::End);
            }
            let Some(markup) = self.rest.strip_prefix(b"<") else {
                let length = memchr(b'<', self.rest).unwrap_or(self.rest.len());
                return Ok(Token::Text(self.take(length)));
            };
            if markup.starts_with(b"?") || markup.starts_with(b"!") {
                self.skip_markup(markup)?;
                continue;
            }
            return self.tag(markup);
        }
    }

    fn tag(&mut self, markup: &'a [u8]) -> Result<Token<'a>, BadPage> {
        let mut length = memchr(b'>', markup).ok_or(BadPage::BreaksOff)?;
        let mut inner = markup.get(..length).unwrap_or_default();
        // A `>` between quotes belongs to an attribute.
        while memchr2(b'"', b'\'', inner).is_some() && !quotes_closed(inner) {
            let behind = markup.get(length.saturating_add(1)..).unwrap_or_default();
            length = length
                .saturating_add(1)
                .saturating_add(memchr(b'>', behind).ok_or(BadPage::BreaksOff)?);
            inner = markup.get(..length).unwrap_or_default();
        }
        self.rest = markup.get(length.saturating_add(1)..).unwrap_or_default();
        if let Some(name) = inner.strip_prefix(b"/") {
            return Ok(Token::Close(local_name(name)));
        }
        Ok(match inner.strip_suffix(b"/") {
            Some(name) => Token::Empty(local_name(name)),
            None => Token::Open(local_name(inner)),
        })
    }

    /// Skips a declaration or comment. A CDATA section nobody writes into a listing is skipped like one.
    fn skip_markup(&mut self, markup: &'a [u8]) -> Result<(), BadPage> {
        let end: &[u8] = match markup {
            [b'?', ..] => b"?>",
            [b'!', b'-', b'-', ..] => b"-->",
            [b'!', b'[', ..] => b"]]>",
            _ => b">",
        };
        let at = memchr::memmem::find(markup, end).ok_or(BadPage::BreaksOff)?;
        self.rest = markup.get(at.saturating_add(end.len())..).unwrap_or_default();
        Ok(())
    }

    /// The text up to the closing tag of `name`, references resolved.
    fn text(&mut self, name: &[u8]) -> Result<String, BadPage> {
        let mut text = String::new();
        loop {
            match self.next()? {
                Token::Text(raw) if text.is_empty() => text = unescape(raw)?,
                Token::Text(raw) => text.push_str(&unescape(raw)?),
                Token::Close(closed) if closed == name => return Ok(text),
                Token::End => return Err(BadPage::BreaksOff),
                Token::Open(_) | Token::Empty(_) | Token::Close(_) => return Err(BadPage::Malformed("text")),
            }
        }
    }

    /// Passes over an element with all it holds.
    fn skip(&mut self, name: &[u8]) -> Result<(), BadPage> {
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
                Token::Text(_) | Token::Empty(_) => {}
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

fn quotes_closed(inner: &[u8]) -> bool {
    let mut open = None;
    for byte in inner.iter().copied().filter(|byte| matches!(byte, b'"' | b'\'')) {
        match open {
            None => open = Some(byte),
            Some(quote) if quote == byte => open = None,
            Some(_) => {}
        }
    }
    open.is_none()
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

#[cfg(test)]
mod tests;
