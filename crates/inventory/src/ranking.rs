//! The first so many of a long stream, in memory for so many.

use std::collections::BinaryHeap;

/// Keeps the `capacity` items that come first in their order, whatever comes by.
#[derive(Debug)]
pub(crate) struct Ranking<T> {
    capacity: usize,
    kept: BinaryHeap<T>,
}

impl<T: Ord> Ranking<T> {
    pub(crate) fn first(capacity: usize) -> Self {
        Self {
            capacity,
            kept: BinaryHeap::new(),
        }
    }

    /// Whether an item that compares so to the last one kept would be taken in.
    pub(crate) fn wants(&self, comes_before_last: impl FnOnce(&T) -> bool) -> bool {
        self.kept.len() < self.capacity || self.kept.peek().is_some_and(comes_before_last)
    }

    /// Takes the item in if it is among the first; gives back what has no room.
    pub(crate) fn offer(&mut self, item: T) -> Option<T> {
        if self.kept.len() < self.capacity {
            self.kept.push(item);
            return None;
        }
        match self.kept.peek() {
            Some(last) if item < *last => {
                let out = self.kept.pop();
                self.kept.push(item);
                out
            }
            _ => Some(item),
        }
    }

    /// The kept items, first one first.
    pub(crate) fn into_sorted(self) -> Vec<T> {
        self.kept.into_sorted_vec()
    }
}
