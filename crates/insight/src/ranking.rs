//! The first so many of a long stream, in memory for so many.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Keeps the `capacity` items that come first in an order, whatever comes by.
pub(crate) struct Ranking<T> {
    capacity: usize,
    order: fn(&T, &T) -> Ordering,
    kept: BinaryHeap<Ranked<T>>,
}

struct Ranked<T> {
    item: T,
    order: fn(&T, &T) -> Ordering,
}

impl<T> Ranking<T> {
    pub(crate) fn first(capacity: usize, order: fn(&T, &T) -> Ordering) -> Self {
        Self {
            capacity,
            order,
            kept: BinaryHeap::new(),
        }
    }

    /// Takes the item in if it is among the first; most of a long stream is refused by one comparison.
    pub(crate) fn offer(&mut self, item: T) {
        if self.kept.len() == self.capacity {
            match self.kept.peek() {
                Some(last) if (self.order)(&item, &last.item).is_lt() => drop(self.kept.pop()),
                _ => return,
            }
        }
        self.kept.push(Ranked {
            item,
            order: self.order,
        });
    }

    /// The kept items, first one first.
    pub(crate) fn into_sorted(self) -> Vec<T> {
        self.kept
            .into_sorted_vec()
            .into_iter()
            .map(|ranked| ranked.item)
            .collect()
    }
}

impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.order)(&self.item, &other.item)
    }
}

impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T> Eq for Ranked<T> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keeps_what_sorting_everything_would_keep(items: Vec<u8>, capacity in 0_usize..20) {
            let mut ranking = Ranking::first(capacity, u8::cmp);
            for item in &items {
                ranking.offer(*item);
            }
            let mut sorted = items;
            sorted.sort_unstable();
            sorted.truncate(capacity);
            prop_assert_eq!(ranking.into_sorted(), sorted);
        }
    }
}
