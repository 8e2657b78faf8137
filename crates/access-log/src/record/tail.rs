//! The right part: referer, user agent and what newer generations of the log added.

use memchr::{memchr, memrchr};

use crate::reject::Reason;
use crate::scan::{Cursor, cut};

use super::{End, Quotable, present};

/// Fields right of the user agent that have a name.
pub(crate) const NAMED: usize = 10;

/// Referer and user agent; the rest of the line is the tail.
pub(super) fn read_end<'a>(cursor: &mut Cursor<'a>) -> Result<End<'a>, Reason> {
    match cursor.rest {
        [b'"', inside @ ..] => quoted_end(inside, cursor),
        _ => {
            let (referer, user_agent) = (cursor.token(), cursor.token());
            if referer != b"-" || user_agent != b"-" {
                return Err(Reason::NoUserAgent);
            }
            Ok(End {
                referer: Quotable::MISSING,
                user_agent: Quotable::MISSING,
                tail: cursor.rest,
                ambiguous: false,
            })
        }
    }
}

/// No field right of the user agent can hold a quote, so the last one ends it.
fn quoted_end<'a>(inside: &'a [u8], cursor: &mut Cursor<'a>) -> Result<End<'a>, Reason> {
    let (span, tail) = before_last_quote(inside).ok_or(Reason::NoUserAgent)?;
    let quoted = |text| Quotable { text, quoted: true };
    let Some(at) = find_seam(span) else {
        // Only the referer is quoted.
        let mut after = Cursor::new(tail);
        let bare = after.token();
        cursor.plain &= after.plain;
        if bare != b"-" {
            return Err(Reason::NoUserAgent);
        }
        return Ok(End {
            referer: quoted(span),
            user_agent: Quotable::MISSING,
            tail: after.rest,
            ambiguous: false,
        });
    };
    let (referer, seam) = cut(span, at);
    Ok(End {
        referer: quoted(referer),
        user_agent: quoted(cut(seam, SEAM.len()).1),
        tail,
        ambiguous: find_seam(cut(seam, 1).1).is_some(),
    })
}

/// What stands between two quoted fields.
const SEAM: &[u8] = b"\" \"";

fn find_seam(text: &[u8]) -> Option<usize> {
    let mut from = 0_usize;
    loop {
        let at = from.checked_add(memchr(b'"', cut(text, from).1)?)?;
        if cut(text, at).1.starts_with(SEAM) {
            return Some(at);
        }
        from = at.checked_add(1)?;
    }
}

/// Splits at the last quote that a space or the end of the line follows. A quote inside a word of the tail
/// is rubbish that somebody appended.
pub(super) fn before_last_quote(inside: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut until = inside;
    loop {
        let (before, _) = cut(until, memrchr(b'"', until)?);
        match cut(inside, before.len().checked_add(1)?).1 {
            [] => return Some((before, &[])),
            [b' ', tail @ ..] => return Some((before, tail)),
            _ => until = before,
        }
    }
}

/// The fields right of the user agent, 18 to 27 of the documentation. Older lines end earlier; what follows the
/// 27th is kept in one piece.
#[derive(Debug, Clone, Copy)]
pub struct TailFields<'a> {
    fields: [&'a [u8]; NAMED],
    count: u8,
    extra: &'a [u8],
    plain: bool,
}

impl<'a> TailFields<'a> {
    pub(crate) fn split(tail: &'a [u8]) -> Self {
        let mut cursor = Cursor::new(tail);
        let mut fields: [&[u8]; NAMED] = [b"-"; NAMED];
        let mut count = 0_u8;
        for slot in &mut fields {
            let token = cursor.token();
            if token.is_empty() {
                break;
            }
            *slot = token;
            count = count.wrapping_add(1);
        }
        // The space after the last field was eaten; a line that ends with one is not plain anyway.
        Self {
            fields,
            count,
            extra: cursor.rest,
            plain: cursor.plain,
        }
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    pub(crate) fn all(&self) -> [Option<&'a [u8]>; NAMED] {
        self.fields.map(present)
    }

    fn get(&self, index: usize) -> Option<&'a [u8]> {
        self.fields.get(index).copied().and_then(present)
    }

    /// How many of the ten this line has.
    pub fn count(&self) -> u8 {
        self.count
    }

    /// The version of the object.
    pub fn version_id(&self) -> Option<&'a [u8]> {
        self.get(0)
    }

    /// The store's extended request id.
    pub fn host_id(&self) -> Option<&'a [u8]> {
        self.get(1)
    }

    /// `SigV2`, `SigV4`, or none for anonymous requests.
    pub fn signature_version(&self) -> Option<&'a [u8]> {
        self.get(2)
    }

    /// The TLS cipher suite; none for plain HTTP.
    pub fn cipher_suite(&self) -> Option<&'a [u8]> {
        self.get(3)
    }

    /// `AuthHeader`, `QueryString` (presigned), or none for anonymous requests.
    pub fn auth_type(&self) -> Option<&'a [u8]> {
        self.get(4)
    }

    /// The `Host` header.
    pub fn host(&self) -> Option<&'a [u8]> {
        self.get(5)
    }

    /// The TLS version; its upper and lower case vary.
    pub fn tls_version(&self) -> Option<&'a [u8]> {
        self.get(6)
    }

    /// The access point's ARN.
    pub fn access_point(&self) -> Option<&'a [u8]> {
        self.get(7)
    }

    /// `Yes` where an ACL was needed to allow the request.
    pub fn acl_required(&self) -> Option<&'a [u8]> {
        self.get(8)
    }

    /// The AWS region the request came from.
    pub fn source_region(&self) -> Option<&'a [u8]> {
        self.get(9)
    }

    /// Whatever follows the 27th field.
    pub fn extra(&self) -> Option<&'a [u8]> {
        (!self.extra.is_empty()).then_some(self.extra)
    }
}
