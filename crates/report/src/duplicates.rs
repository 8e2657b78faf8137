//! Which lines were met before.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use hashbrown::HashTable;
use spacewatch_access_log::{LineHashKey, line_hash};

/// Enough that workers seldom want the same part at once.
const PARTS: usize = 64;

type Hash = (i64, i64);

/// The hashes of all lines met so far, by every worker. Keyed at random, so that no line can be made to pass for another.
#[derive(Debug)]
pub(crate) struct SeenLines {
    key: LineHashKey,
    parts: Vec<Mutex<HashTable<Hash>>>,
    room: usize,
    full: AtomicBool,
}

impl SeenLines {
    /// Remembers up to about `most` lines and expects about `likely`.
    pub(crate) fn new(most: usize, likely: usize) -> Self {
        let room = most.div_ceil(PARTS);
        let likely = likely.div_ceil(PARTS).min(room);
        Self {
            key: LineHashKey::new(&rand::random()),
            parts: (0..PARTS)
                .map(|_| Mutex::new(HashTable::with_capacity(likely)))
                .collect(),
            room,
            full: AtomicBool::new(false),
        }
    }

    /// Whether this whole line is met for the first time, as far as is remembered.
    #[inline]
    pub(crate) fn is_new(&self, line: &[u8]) -> bool {
        let hash = line_hash(&self.key, line);
        let bits = spread(hash);
        let Some(part) = usize::try_from(hash.1.cast_unsigned() % PARTS as u64)
            .ok()
            .and_then(|part| self.parts.get(part))
        else {
            return true;
        };
        let mut seen = part.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.find(bits, |other| *other == hash).is_some() {
            return false;
        }
        if seen.len() < self.room {
            seen.insert_unique(bits, hash, |other| spread(*other));
        } else {
            self.full.store(true, Ordering::Relaxed);
        }
        true
    }

    /// Whether lines were met that could not be remembered.
    pub(crate) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }
}

fn spread(hash: Hash) -> u64 {
    hash.0.cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_new_once() {
        let seen = SeenLines::new(1000, 0);
        assert!(seen.is_new(b"a") && seen.is_new(b"b") && !seen.is_new(b"a"));
        assert!(!seen.is_new(b"a\r"), "the line ending is no part of the line");
        assert!(!seen.is_full());
    }

    #[test]
    fn memory_is_bounded_and_it_says_so() {
        let seen = SeenLines::new(64, 1_000_000);
        for line in 0..1000_u32 {
            assert!(seen.is_new(&line.to_be_bytes()));
        }
        assert!(seen.is_full());
        let held: usize = seen
            .parts
            .iter()
            .map(|part| part.lock().expect("unlocked").len())
            .sum();
        assert!(held <= 64);
    }
}
