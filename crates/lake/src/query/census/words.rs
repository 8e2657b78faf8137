//! What operations mean, each worked out once a batch.

use hashbrown::HashMap;

use crate::query::columns::Texts;
use crate::query::peaks::writes_or_lists;
use crate::query::{LISTINGS, READS};

/// What an operation does.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Deed {
    /// An object is read.
    pub(super) is_read: bool,
    /// Keys are listed, or a bucket is looked at.
    pub(super) is_listing: bool,
    /// It counts against the limit for writing and listing.
    pub(super) writes_or_lists: bool,
}

impl Deed {
    fn of(operation: &str) -> Self {
        let begins = |words: &[&str]| words.iter().any(|word| operation.starts_with(word));
        Self {
            is_read: begins(&READS),
            is_listing: begins(&LISTINGS),
            writes_or_lists: writes_or_lists(operation),
        }
    }
}

/// The operations of a batch. The same word is mostly held in the same place, and then known by it.
#[derive(Debug, Default)]
pub(super) struct Words(HashMap<u128, Deed>);

impl Words {
    pub(super) fn deed(&mut self, operations: &Texts<'_>, row: usize) -> Deed {
        let Some(view) = operations.view(row) else {
            return Deed::default();
        };
        *self
            .0
            .entry(view)
            .or_insert_with(|| Deed::of(operations.get(row).unwrap_or_default()))
    }
}
