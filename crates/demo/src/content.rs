//! What objects hold: bytes that were uploaded, and bytes that are made when they are read.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use crate::dice::mix;

const CHUNK: u64 = 64 * 1024;
/// What is made as a whole is asked for in larger chunks.
const MADE_CHUNK: u64 = 1024 * 1024;

/// The content of an object: pieces one after the other, so that a multipart upload or a copy of a range
/// moves no bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pieces: Vec<Piece>,
    size: u64,
}

#[derive(Clone, Debug)]
struct Piece {
    source: Source,
    start: u64,
    length: u64,
}

#[derive(Clone)]
enum Source {
    Kept(Arc<Kept>),
    /// Bytes that follow from the seed and the offset alone.
    Sparse(u64),
    /// Bytes that are made or fetched when they are read.
    Made(Arc<dyn Made>),
}

/// Something that gives the bytes of an object when they are read, and always the same.
pub(crate) trait Made: Send + Sync {
    /// The bytes of the range.
    fn read(&self, range: Range<u64>) -> io::Result<Bytes>;
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept(_) => "Kept",
            Self::Sparse(_) => "Sparse",
            Self::Made(_) => "Made",
        })
    }
}

struct Kept {
    bytes: Bytes,
    used: Arc<AtomicU64>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes.len() as u64, Ordering::Relaxed);
    }
}

/// How many uploaded bytes the store keeps at most, over all objects.
#[derive(Debug)]
pub(crate) struct Budget {
    used: Arc<AtomicU64>,
    limit: u64,
}

impl Budget {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            used: Arc::default(),
            limit,
        }
    }

    /// Keeps the bytes as long as any content refers to them; `None` when there is no room.
    pub(crate) fn keep(&self, bytes: Bytes) -> Option<Content> {
        let size = bytes.len() as u64;
        if self.used.fetch_add(size, Ordering::Relaxed).saturating_add(size) > self.limit {
            self.used.fetch_sub(size, Ordering::Relaxed);
            return None;
        }
        let used = Arc::clone(&self.used);
        Some(Content::of(Source::Kept(Arc::new(Kept { bytes, used })), size))
    }
}

impl Content {
    /// Bytes that are made on reading, always the same for the same seed.
    pub(crate) fn sparse(seed: u64, size: u64) -> Self {
        Self::of(Source::Sparse(seed), size)
    }

    /// Bytes that somebody else has.
    pub(crate) fn made(by: Arc<dyn Made>, size: u64) -> Self {
        Self::of(Source::Made(by), size)
    }

    fn of(source: Source, size: u64) -> Self {
        if size == 0 {
            return Self::default();
        }
        let piece = Piece {
            source,
            start: 0,
            length: size,
        };
        Self {
            pieces: vec![piece],
            size,
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Puts the other content behind this one.
    pub(crate) fn append(&mut self, other: &Self) {
        self.pieces.extend(other.pieces.iter().cloned());
        self.size = self.size.saturating_add(other.size);
    }

    /// The part of the content from `range.start` up to `range.end`, as far as it reaches.
    pub(crate) fn slice(&self, range: Range<u64>) -> Self {
        let mut slice = Self::default();
        let mut offset = 0;
        for piece in &self.pieces {
            let from = range.start.clamp(offset, offset + piece.length);
            let to = range.end.clamp(offset, offset + piece.length);
            if from < to {
                slice.pieces.push(Piece {
                    source: piece.source.clone(),
                    start: piece.start + (from - offset),
                    length: to - from,
                });
                slice.size += to - from;
            }
            offset += piece.length;
        }
        slice
    }

    /// The bytes, made chunk by chunk as they are asked for.
    pub(crate) fn into_chunks(self) -> impl Iterator<Item = io::Result<Bytes>> + Send + Sync + 'static {
        self.pieces.into_iter().flat_map(|piece| {
            let chunk = match piece.source {
                Source::Made(_) => MADE_CHUNK,
                Source::Kept(_) | Source::Sparse(_) => CHUNK,
            };
            let chunks = piece.length.div_ceil(chunk);
            (0..chunks).map(move |index| {
                let start = index * chunk;
                piece.bytes(start, chunk.min(piece.length - start))
            })
        })
    }

    /// The bytes in one chunk, when they are few.
    pub(crate) fn small(&self) -> Option<Bytes> {
        match self.pieces.as_slice() {
            [] => Some(Bytes::new()),
            [piece] if piece.length <= CHUNK => piece.bytes(0, piece.length).ok(),
            _ => None,
        }
    }
}

impl Piece {
    fn bytes(&self, from: u64, length: u64) -> io::Result<Bytes> {
        let start = self.start + from;
        Ok(match &self.source {
            Source::Made(by) => return by.read(start..start + length),
            Source::Kept(kept) => {
                let end = usize::try_from(start + length).unwrap_or(usize::MAX);
                let start = usize::try_from(start).unwrap_or(usize::MAX);
                kept.bytes.slice(start..end)
            }
            Source::Sparse(seed) => sparse_bytes(*seed, start, length),
        })
    }
}

fn sparse_bytes(seed: u64, start: u64, length: u64) -> Bytes {
    let end = start + length;
    let (first, last) = (start / 8, end.div_ceil(8));
    let mut bytes = Vec::with_capacity(usize::try_from((last - first) * 8).unwrap_or(0));
    for word in first..last {
        bytes.extend_from_slice(&mix(seed.wrapping_add(word)).to_le_bytes());
    }
    let skip = usize::try_from(start - first * 8).unwrap_or(0);
    let length = usize::try_from(length).unwrap_or(0);
    Bytes::from(bytes).slice(skip..skip + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: Content) -> Vec<u8> {
        content.into_chunks().flat_map(Result::unwrap).collect()
    }

    #[test]
    fn every_slice_of_sparse_content_is_the_same_bytes() {
        let content = Content::sparse(7, 200_003);
        let whole = read(content.clone());
        assert_eq!(whole.len(), 200_003);
        for (from, to) in [
            (0, 1),
            (1, 9),
            (65_535, 65_537),
            (199_999, 200_003),
            (13, 131_077),
        ] {
            let (a, b) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
            assert_eq!(read(content.slice(from..to)), whole[a..b], "{from}..{to}");
        }
    }

    #[test]
    fn the_budget_is_given_back_with_the_last_reference() {
        let budget = Budget::new(10);
        let first = budget.keep(Bytes::from_static(b"12345678")).unwrap();
        assert!(budget.keep(Bytes::from_static(b"123")).is_none());
        let mut both = first.slice(2..4);
        both.append(&first.slice(6..9));
        drop(first);
        assert!(budget.keep(Bytes::from_static(b"123")).is_none());
        assert_eq!(read(both), b"3478");
        assert!(budget.keep(Bytes::from_static(b"123")).is_some());
    }
}
