//! Object keys: as logged and as they are.

use std::borrow::Cow;

use memchr::memchr2;

/// How often a writer percent-encoded the key.
///
/// AWS does it twice for requests and once for what it does itself; Ceph not at all. A key such as
/// `foo-%2525Y` can't be read without knowing which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEncoding {
    /// As it is.
    Raw,
    /// Percent-encoded once, `+` is a space.
    Once,
    /// Percent-encoded twice.
    Twice,
}

impl KeyEncoding {
    /// The key itself. Bytes that are no UTF-8 come out as they went in; a broken escape stays as it stands.
    pub fn decode(self, logged: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Raw => Cow::Borrowed(logged),
            Self::Once => once(logged),
            Self::Twice => match once(logged) {
                Cow::Borrowed(same) => Cow::Borrowed(same),
                Cow::Owned(half) => match once(&half) {
                    Cow::Owned(whole) => Cow::Owned(whole),
                    Cow::Borrowed(_) => Cow::Owned(half),
                },
            },
        }
    }
}

fn once(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr2(b'%', b'+', text).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(decoded(text, true).collect())
}

/// Percent-decoded bytes of a URI path, where `+` is no space.
pub(crate) fn path_bytes(text: &[u8]) -> impl Iterator<Item = u8> + Clone {
    decoded(text, false)
}

fn decoded(text: &[u8], plus_is_space: bool) -> impl Iterator<Item = u8> + Clone {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (first, after) = rest.split_first()?;
        rest = after;
        Some(match (first, after) {
            (b'+', _) if plus_is_space => b' ',
            (b'%', [high, low, more @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = more;
                    (high << 4) | low
                }
                _ => b'%',
            },
            (byte, _) => *byte,
        })
    })
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}
