//! Walking over a line token by token, without an index anywhere.

use memchr::memchr;

/// The bytes before and after `at`; everything and nothing when the slice is shorter.
pub(crate) fn cut(bytes: &[u8], at: usize) -> (&[u8], &[u8]) {
    bytes.split_at_checked(at).unwrap_or((bytes, &[]))
}

/// Splits at the first `separator`, which belongs to neither side.
pub(crate) fn split_once(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let (before, after) = cut(bytes, memchr(separator, bytes)?);
    Some((before, after.get(1..).unwrap_or_default()))
}

/// Without the spaces at its end.
pub(crate) fn trim_spaces(mut bytes: &[u8]) -> &[u8] {
    while let [before @ .., b' '] = bytes {
        bytes = before;
    }
    bytes
}

/// A line without the spaces and carriage returns at its end.
pub(crate) fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [before @ .., b' ' | b'\r'] = bytes {
        bytes = before;
    }
    bytes
}

/// What is left of a line, read from the left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    pub(crate) rest: &'a [u8],
    /// Nothing was read so far that would not be printed the same way.
    pub(crate) plain: bool,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(rest: &'a [u8]) -> Self {
        Self { rest, plain: true }
    }

    /// Steps over spaces that a writer of this format doesn't put here.
    #[inline]
    pub(crate) fn skip_spaces(&mut self) {
        while let [b' ', after @ ..] = self.rest {
            self.rest = after;
            self.plain = false;
        }
    }

    /// The next token, and one space after it. Empty at the end of the line only.
    #[inline]
    pub(crate) fn token(&mut self) -> &'a [u8] {
        self.skip_spaces();
        match split_once(self.rest, b' ') {
            Some((token, after)) => {
                self.rest = after;
                token
            }
            None => std::mem::take(&mut self.rest),
        }
    }

    /// Takes `count` bytes and one space after them; `None` when something else follows.
    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, after) = self.rest.split_at_checked(count)?;
        self.rest = match after {
            [] => after,
            [b' ', after @ ..] => after,
            _ => return None,
        };
        Some(taken)
    }
}
