//! The second try, for the writers that don't follow AWS to the letter.
//!
//! Ceph writes keys raw, so a key may hold spaces and quotes and even a whole forged request. What no client can put
//! into a request-URI is a space, so the URI is found from its end: the numbers, the quote before them, and the last ` "` before that.

use memchr::{memchr, memmem};

use crate::key::path_bytes;
use crate::number::Number;
use crate::scan::{Cursor, cut, split_once};

use super::middle::{any_numbers, without_uri};
use super::tail::{before_last_quote, read_end};
use super::{Dialect, End, Middle, Numbers, Quotable};

/// More forged requests than this don't fit into a key, and what stands right of the key is forged too.
const MAX_CANDIDATES: usize = 64;

#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) middle: Middle<'a>,
    pub(super) end: End<'a>,
    pub(super) dialect: Dialect,
    /// The key is what the URI names, so neither forged the other.
    pub(super) key_in_uri: bool,
}

pub(super) fn read(rest: &[u8]) -> Option<Found<'_>> {
    let mut best: Option<Found<'_>> = None;
    let mut several = false;
    let mut from = 0_usize;
    let mut candidates = 0_usize;
    while let Some(at) = memchr(b'"', cut(rest, from).1) {
        let at = from.checked_add(at)?;
        from = at.checked_add(1)?;
        let Some(found) = candidate(rest, at) else {
            continue;
        };
        candidates = candidates.saturating_add(1);
        if candidates > MAX_CANDIDATES {
            break;
        }
        several |= best.is_some();
        // A key can hold a forged request that agrees with itself, but it stands left of the real one.
        if best.is_none_or(|_| found.key_in_uri) {
            best = Some(found);
        }
    }
    let mut found = best.or_else(|| without_request(rest))?;
    found.end.ambiguous |= several;
    Some(found)
}

/// A record without request-URI, its times in Scality's form.
fn without_request(rest: &[u8]) -> Option<Found<'_>> {
    let mut cursor = Cursor::new(rest);
    let key = cursor.token();
    Some(Found {
        middle: without_uri(key, &mut cursor, Number::loose)?,
        end: read_end(&mut cursor).ok()?,
        dialect: Dialect::Scality,
        key_in_uri: false,
    })
}

/// The line read as if the request-URI ended at `quote`.
fn candidate(rest: &[u8], quote: usize) -> Option<Found<'_>> {
    let (before, after) = cut(rest, quote);
    let mut cursor = Cursor::new(after.strip_prefix(b"\" ")?);
    let numbers_text = cursor.rest;
    let numbers = any_numbers(&mut cursor, Number::loose)?;
    let numbers_text = cut(numbers_text, numbers_text.len().checked_sub(cursor.rest.len())?).0;
    let start = memmem::rfind(before, b" \"")?;
    let (key, uri) = (cut(before, start).0, cut(before, start.checked_add(2)?).1);
    if key.is_empty() {
        return None;
    }
    let (end, dialect) = end_of(&mut cursor, &numbers, numbers_text)?;
    let key_in_uri = dialect == Dialect::Ceph && (key == b"-" || names(uri, key));
    Some(Found {
        middle: Middle {
            key,
            uri: Quotable {
                text: uri,
                quoted: true,
            },
            numbers,
        },
        end,
        dialect,
        key_in_uri,
    })
}

fn end_of<'a>(cursor: &mut Cursor<'a>, numbers: &Numbers<'_>, text: &[u8]) -> Option<(End<'a>, Dialect)> {
    let in_milliseconds = numbers.total_ms.is_none() && text.trim_ascii_end().ends_with(b"ms");
    if in_milliseconds || !matches!(cursor.rest.first(), Some(b'"')) {
        return Some((unquoted_referer(cursor.rest)?, Dialect::Ceph));
    }
    Some((read_end(cursor).ok()?, Dialect::Scality))
}

/// Ceph: the referer as it came, then the user agent in quotes.
fn unquoted_referer(rest: &[u8]) -> Option<End<'_>> {
    let (span, tail) = before_last_quote(rest)?;
    let at = memmem::find(span, b" \"")?;
    let (referer, user_agent) = (cut(span, at).0, cut(span, at.checked_add(2)?).1);
    Some(End {
        referer: Quotable {
            text: referer,
            quoted: false,
        },
        user_agent: Quotable {
            text: user_agent,
            quoted: true,
        },
        tail,
        ambiguous: memmem::find(user_agent, b" \"").is_some(),
    })
}

/// Whether the path of a request line, decoded, ends with `key`.
fn names(uri: &[u8], key: &[u8]) -> bool {
    let Some((_, target)) = split_once(uri, b' ') else {
        return false;
    };
    let target = split_once(target, b' ').map_or(target, |(target, _)| target);
    let path = split_once(target, b'?').map_or(target, |(path, _)| path);
    let decoded = path_bytes(path);
    let Some(skip) = decoded.clone().count().checked_sub(key.len()) else {
        return false;
    };
    decoded.skip(skip).eq(key.iter().copied())
}
