//! Chunks of bytes to lines.

use memchr::memchr;

use crate::scan::cut;

/// One line of a log object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The line without its line feed; a carriage return stays. Only the beginning of a line over the limit.
    pub bytes: &'a [u8],
    /// Where it begins in the (decompressed) object.
    pub offset: u64,
    /// Its whole length without the line feed.
    pub length: u64,
}

impl Line<'_> {
    /// Whether `bytes` is only the beginning.
    pub fn is_cut(&self) -> bool {
        u64::try_from(self.bytes.len()).is_ok_and(|kept| kept < self.length)
    }
}

/// Finds lines in chunks of any size. Lines inside a chunk are borrowed from it; only what crosses chunks is copied, up to a limit.
#[derive(Debug)]
pub struct LineSplitter {
    limit: usize,
    carry: Vec<u8>,
    /// Bytes of the unfinished line, kept or not.
    pending: u64,
    /// Where the unfinished line begins.
    offset: u64,
}

impl LineSplitter {
    /// Lines longer than `limit` bytes are handed on as their first `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            carry: Vec::new(),
            pending: 0,
            offset: 0,
        }
    }

    /// Takes the next bytes of the object and hands on every line that ends in them.
    pub fn feed(&mut self, chunk: &[u8], mut sink: impl FnMut(Line<'_>)) {
        let mut rest = chunk;
        if self.pending > 0 {
            let Some(end) = memchr(b'\n', rest) else {
                return self.keep(rest);
            };
            let (head, tail) = cut(rest, end);
            self.keep(head);
            self.hand_on(&mut sink);
            self.offset = self.offset.saturating_add(1);
            rest = tail.get(1..).unwrap_or_default();
        }
        while let Some(end) = memchr(b'\n', rest) {
            let (line, tail) = cut(rest, end);
            let length = as_u64(end);
            sink(Line {
                bytes: cut(line, self.limit).0,
                offset: self.offset,
                length,
            });
            self.offset = self.offset.saturating_add(length).saturating_add(1);
            rest = tail.get(1..).unwrap_or_default();
        }
        self.keep(rest);
    }

    /// The object ends here: hands on its last line, if no line feed did.
    pub fn finish(&mut self, mut sink: impl FnMut(Line<'_>)) {
        if self.pending > 0 {
            self.hand_on(&mut sink);
        }
    }

    fn keep(&mut self, part: &[u8]) {
        let room = self.limit.saturating_sub(self.carry.len());
        self.carry.extend_from_slice(cut(part, room).0);
        self.pending = self.pending.saturating_add(as_u64(part.len()));
    }

    fn hand_on(&mut self, sink: &mut impl FnMut(Line<'_>)) {
        sink(Line {
            bytes: &self.carry,
            offset: self.offset,
            length: self.pending,
        });
        self.offset = self.offset.saturating_add(self.pending);
        self.pending = 0;
        self.carry.clear();
    }
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
