//! Where writers leave what they can't hand over at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};

/// More than enough for all threads that can be in the middle of a push at one moment.
const SHELVES: usize = 32;

/// An unordered heap of items that nobody waits for: shelves behind a lock each, and whoever finds a
/// lock taken goes on to the next.
#[derive(Debug)]
pub(crate) struct Journal<T> {
    shelves: Box<[Mutex<Vec<T>>]>,
    turn: AtomicUsize,
    waiting: AtomicUsize,
}

impl<T> Journal<T> {
    pub(crate) fn new() -> Self {
        Self {
            shelves: (0..SHELVES).map(|_| Mutex::default()).collect(),
            turn: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
        }
    }

    /// How many items lie here: at least those whose push has returned.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    pub(crate) fn push(&self, item: T) {
        // Counted first, so that the count is never too low.
        self.waiting.fetch_add(1, Ordering::AcqRel);
        for shelf in self.shelves_in_turn().cycle() {
            if let Some(mut shelf) = try_lock(shelf) {
                shelf.push(item);
                return;
            }
        }
    }

    /// Takes up to `most` items from shelves nobody uses just now. Never waits.
    pub(crate) fn take(&self, most: usize, mut each: impl FnMut(T)) {
        let mut left = most;
        for shelf in self.shelves_in_turn() {
            if left == 0 || self.waiting() == 0 {
                return;
            }
            let Some(mut shelf) = try_lock(shelf) else {
                continue;
            };
            let kept = shelf.len().saturating_sub(left);
            let taken = shelf.drain(kept..);
            left -= taken.len();
            self.waiting.fetch_sub(taken.len(), Ordering::AcqRel);
            taken.for_each(&mut each);
        }
    }

    /// Takes everything whose push has returned. Waits for pushes that are under way.
    pub(crate) fn take_all(&self, mut each: impl FnMut(T)) {
        for shelf in &self.shelves {
            if self.waiting() == 0 {
                return;
            }
            let items = std::mem::take(&mut *shelf.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
            self.waiting.fetch_sub(items.len(), Ordering::AcqRel);
            items.into_iter().for_each(&mut each);
        }
    }

    fn shelves_in_turn(&self) -> impl Iterator<Item = &Mutex<Vec<T>>> + Clone {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.shelves.iter().cycle().skip(turn % SHELVES).take(SHELVES)
    }
}

/// The lock if it is free. A panic while it was held leaves valid data behind: every change here is one call.
pub(crate) fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_left() {
        let journal = Journal::new();
        (0..100).for_each(|item| journal.push(item));
        let mut found = Vec::new();
        journal.take(30, |item| found.push(item));
        assert_eq!((found.len(), journal.waiting()), (30, 70));
        journal.take_all(|item| found.push(item));
        found.sort_unstable();
        assert_eq!(found, (0..100).collect::<Vec<_>>());
        assert_eq!(journal.waiting(), 0);
    }

    #[test]
    fn passes_by_a_shelf_that_is_taken() {
        let journal = Journal::new();
        let held: Vec<_> = journal.shelves[..SHELVES - 1]
            .iter()
            .map(|shelf| shelf.lock().unwrap())
            .collect();
        (0..3).for_each(|item| journal.push(item));
        let mut found = 0;
        journal.take(10, |_| found += 1);
        assert_eq!(found, 3);
        drop(held);
    }
}
