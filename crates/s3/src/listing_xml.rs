//! Reads the pages of a listing.
//!
//! A parser of our own, for two reasons. Keys may hold anything, and stores write some of it into XML as
//! it is (control characters, which no XML may hold): a strict parser refuses such a page, a lenient one
//! must still give back the exact key. And a listing is the one answer that is large and comes by the
//! thousand, so its cost decides how fast a bucket is read.

mod scanner;
mod uploads;
mod versions;

use jiff::Timestamp;
use memchr::{memchr, memchr2, memmem};
use spacewatch_model::{ByteSize, ObjectKey, Prefix};

use self::scanner::{Scanner, Token};
use crate::ObjectSummary;

pub(crate) use self::uploads::{PartsPage, UploadsPage, parse_parts, parse_uploads};
pub(crate) use self::versions::{VersionsPage, parse_versions};

/// Most entries of a page that are kept; no more than 1000 are ever asked for.
const MAX_ENTRIES: usize = 10_000;
/// Longest mark or storage class that is kept.
const MAX_NOTE: usize = 256;

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
    #[error("the page says that it holds {said} entries, but holds {found}")]
    Cut { said: u64, found: u64 },
    #[error("the page holds more than {MAX_ENTRIES} entries")]
    TooMany,
}

/// Reads a page. Takes control characters where they stand, unknown elements, and any namespace.
pub(crate) fn parse(body: &[u8]) -> Result<ListPage, BadPage> {
    let mut scanner = Scanner::new(body);
    enter(&mut scanner, b"ListBucketResult")?;
    let mut raw = RawPage::default();
    loop {
        match scanner.next()? {
            Token::Open(b"Contents") => raw.objects.push(object(&mut scanner)?),
            Token::Open(b"CommonPrefixes") => common_prefixes(&mut scanner, &mut raw.prefixes)?,
            Token::Open(name @ b"IsTruncated") => {
                raw.truncated = scanner.text(name)?.trim().parse().ok();
            }
            Token::Open(name @ b"KeyCount") => raw.key_count = scanner.text(name)?.trim().parse().ok(),
            Token::Open(b"EncodingType") => raw.url_encoded = scanner.text(b"EncodingType")?.trim() == "url",
            Token::Open(name @ b"NextContinuationToken") => raw.token = Some(scanner.text(name)?),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(b"ListBucketResult") => break,
            Token::Close(_) => return Err(BadPage::Malformed("a closing tag")),
            Token::Text(_) | Token::Verbatim(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
        if raw.entries() > MAX_ENTRIES {
            return Err(BadPage::TooMany);
        }
    }
    raw.finish()
}

/// Goes into the root element, which must be this one.
fn enter(scanner: &mut Scanner<'_>, root: &[u8]) -> Result<(), BadPage> {
    loop {
        match scanner.next()? {
            Token::Open(name) if name == root => return Ok(()),
            Token::Open(name) => return Err(BadPage::Root(shorten(name))),
            // A listing that says nothing at all: a bucket without keys says at least that it isn't truncated.
            Token::Empty(name) if name == root => return Err(BadPage::Malformed("IsTruncated")),
            Token::Empty(name) => return Err(BadPage::Root(shorten(name))),
            Token::Text(_) | Token::Verbatim(_) => {}
            Token::Close(_) | Token::End => return Err(BadPage::BreaksOff),
        }
    }
}

/// The name of the root element, if the answer is XML.
pub(crate) fn root(body: &[u8]) -> Option<String> {
    let mut scanner = Scanner::new(body);
    loop {
        match scanner.next().ok()? {
            Token::Open(name) | Token::Empty(name) => return Some(shorten(name)),
            Token::Text(text) if text.trim_ascii().is_empty() => {}
            Token::Text(_) | Token::Verbatim(_) | Token::Close(_) | Token::End => return None,
        }
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
    key_count: Option<u64>,
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
    fn entries(&self) -> usize {
        self.objects.len().saturating_add(self.prefixes.len())
    }

    /// Whether keys are encoded may be said behind them, so they are decoded last.
    fn finish(self) -> Result<ListPage, BadPage> {
        let found = u64::try_from(self.entries()).unwrap_or(u64::MAX);
        // Some gateways count keys without prefixes, so only fewer than said are too few.
        if let Some(said) = self.key_count.filter(|said| *said > found) {
            return Err(BadPage::Cut { said, found });
        }
        if found == 0 && self.truncated.is_none() {
            return Err(BadPage::Malformed("IsTruncated"));
        }
        let encoding = self.encoding();
        let objects = self.objects.into_iter().map(|raw| {
            Ok(ObjectSummary {
                key: ObjectKey::try_from(decode(raw.key, encoding)?).map_err(|_| BadPage::Key)?,
                size: ByteSize(raw.size.ok_or(BadPage::Malformed("Size"))?),
                last_modified: raw.last_modified,
                etag: raw.etag,
                storage_class: raw.storage_class,
            })
        });
        let prefixes = self
            .prefixes
            .into_iter()
            .map(|text| Prefix::try_from(decode(text, encoding)?).map_err(|_| BadPage::Key));
        Ok(ListPage {
            objects: objects.collect::<Result<_, BadPage>>()?,
            common_prefixes: prefixes.collect::<Result<_, BadPage>>()?,
            truncated: self.truncated,
            token: self.token.filter(|token| !token.is_empty()).map(|token| {
                // Ceph's gateway gives a key for a token, and encodes it like one. AWS's hold no `%`.
                let encoding = if self.url_encoded {
                    Encoding::Percent
                } else {
                    Encoding::None
                };
                decode(token.clone(), encoding).unwrap_or(token)
            }),
        })
    }

    fn encoding(&self) -> Encoding {
        let keys = self.objects.iter().map(|object| object.key.as_str());
        let texts = keys.chain(self.prefixes.iter().map(String::as_str));
        Encoding::of(self.url_encoded, texts)
    }
}

/// How a page writes keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// As they are.
    None,
    /// `%XX`, and `+` for itself.
    Percent,
    /// `%XX`, and `+` for a space: AWS writes so. Right for Ceph's gateway as well, which writes `%20` and
    /// `%2B` and never a `+`.
    Form,
}

impl Encoding {
    /// How the texts of a page are encoded, as far as it shows: what it says isn't all of it.
    fn of<'a>(url_encoded: bool, texts: impl Iterator<Item = &'a str> + Clone) -> Self {
        let texts = || texts.clone().map(str::as_bytes);
        // Whoever encodes leaves nothing but printable ASCII.
        if !url_encoded || !texts().all(|text| text.iter().all(u8::is_ascii_graphic)) {
            return Self::None;
        }
        let has = |what: &[u8]| texts().any(|text| memmem::find(text, what).is_some());
        let plus = texts().any(|text| memchr(b'+', text).is_some());
        // Who encodes plus signs means something else by `+`.
        if plus && has(b"%20") && !has(b"%2B") && !has(b"%2b") {
            Self::Percent
        } else {
            Self::Form
        }
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
            Token::Open(name @ b"ETag") => raw.etag = note(scanner.text(name)?).map(unquoted),
            Token::Open(name @ b"StorageClass") => raw.storage_class = note(scanner.text(name)?),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(b"Contents") => return Ok(raw),
            Token::Close(_) => return Err(BadPage::Malformed("Contents")),
            Token::Text(_) | Token::Verbatim(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
    }
}

fn common_prefixes(scanner: &mut Scanner<'_>, found: &mut Vec<String>) -> Result<(), BadPage> {
    loop {
        match scanner.next()? {
            Token::Open(_) if found.len() > MAX_ENTRIES => return Err(BadPage::TooMany),
            Token::Open(b"Prefix") => found.push(scanner.text(b"Prefix")?),
            Token::Open(name) => scanner.skip(name)?,
            Token::Close(b"CommonPrefixes") => return Ok(()),
            Token::Close(_) => return Err(BadPage::Malformed("CommonPrefixes")),
            Token::Text(_) | Token::Verbatim(_) | Token::Empty(_) => {}
            Token::End => return Err(BadPage::BreaksOff),
        }
    }
}

/// A text that is passed on, unless it is longer than any that means something.
fn note(text: String) -> Option<String> {
    (text.len() <= MAX_NOTE).then_some(text)
}

/// An ETag without the quotes around it.
pub(crate) fn unquoted(etag: String) -> String {
    match etag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.to_owned(),
        None => etag,
    }
}

fn decode(text: String, encoding: Encoding) -> Result<String, BadPage> {
    if encoding == Encoding::None || memchr2(b'%', b'+', text.as_bytes()).is_none() {
        return Ok(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' if encoding == Encoding::Form => out.push(b' '),
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

#[cfg(test)]
mod tests;
