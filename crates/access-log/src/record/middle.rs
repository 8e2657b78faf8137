//! Key, request-URI and numbers, by the rule that holds for AWS.

use memchr::memchr;

use crate::number::{Number, status};
use crate::reject::Reason;
use crate::scan::{Cursor, cut};

use super::{Middle, Numbers, Quotable};

/// How to read one number field.
pub(super) type ReadNumber = fn(&[u8]) -> Option<Number>;

pub(super) fn read<'a>(cursor: &mut Cursor<'a>) -> Result<Middle<'a>, Reason> {
    let key = cursor.token();
    cursor.skip_spaces();
    if key.is_empty() || cursor.rest.is_empty() {
        return Err(Reason::Cut);
    }
    if let Some(inside) = cursor.rest.strip_prefix(b"\"") {
        let (uri, after, numbers) = quoted_uri(inside, Number::strict).ok_or(Reason::NoNumbers)?;
        cursor.rest = after.rest;
        cursor.plain &= after.plain;
        return Ok(Middle {
            key,
            uri: Quotable {
                text: uri,
                quoted: true,
            },
            numbers,
        });
    }
    without_uri(key, cursor, Number::strict).ok_or(Reason::NoNumbers)
}

/// A bare dash stands for the request-URI.
pub(super) fn without_uri<'a>(
    key: &'a [u8],
    cursor: &mut Cursor<'a>,
    number: ReadNumber,
) -> Option<Middle<'a>> {
    if cursor.token() != b"-" {
        return None;
    }
    let numbers = numbers(cursor, number)?;
    Some(Middle {
        key,
        uri: Quotable::MISSING,
        numbers,
    })
}

/// The request-URI ends at the first quote that status, error code, four numbers and a quote or dash follow:
/// clients put quotes into it, and nobody escapes them.
pub(super) fn quoted_uri(inside: &[u8], number: ReadNumber) -> Option<(&[u8], Cursor<'_>, Numbers<'_>)> {
    let mut from = 0_usize;
    loop {
        let at = from.checked_add(memchr(b'"', cut(inside, from).1)?)?;
        from = at.checked_add(1)?;
        let (uri, after) = (cut(inside, at).0, cut(inside, from).1);
        if let [b' ', after @ ..] = after
            && let mut cursor = Cursor::new(after)
            && let Some(numbers) = numbers(&mut cursor, number)
        {
            return Some((uri, cursor, numbers));
        }
    }
}

/// Status, error code and four numbers, with a quote or dash after them.
pub(super) fn numbers<'a>(cursor: &mut Cursor<'a>, number: ReadNumber) -> Option<Numbers<'a>> {
    let found = any_numbers(cursor, number)?;
    matches!(cursor.rest.first(), Some(b'"' | b'-')).then_some(found)
}

/// The same, whatever follows.
pub(super) fn any_numbers<'a>(cursor: &mut Cursor<'a>, number: ReadNumber) -> Option<Numbers<'a>> {
    let status = status(cursor.token())?;
    let error_code = cursor.token();
    if error_code.is_empty() || memchr(b'"', error_code).is_some() {
        return None;
    }
    let mut next = || {
        let number = number(cursor.token())?;
        cursor.plain &= number.plain;
        Some(number.value)
    };
    let (bytes_sent, object_size, total_ms, turnaround_ms) = (next()?, next()?, next()?, next()?);
    cursor.skip_spaces();
    Some(Numbers {
        status,
        error_code,
        bytes_sent,
        object_size,
        total_ms,
        turnaround_ms,
    })
}
