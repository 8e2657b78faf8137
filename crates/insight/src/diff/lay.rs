//! Two inventories and the log, all in the order of the keys, side by side.

use jiff::Timestamp;
use spacewatch_inventory::KeyPair;
use spacewatch_lake::KeyDeed;
use tokio::sync::mpsc;

use super::changes::{DiffKind, Open, between};
use super::rows::Told;
use super::sums::Sums;
use super::tie::{Between, CLOCKS, Found, Search, Seeking, end_of, is_removal, is_write};

/// Where states and deeds are laid side by side.
pub(super) struct SideBySide {
    deeds: mpsc::Receiver<Vec<KeyDeed>>,
    batch: std::iter::Peekable<std::vec::IntoIter<KeyDeed>>,
    between: Between,
    /// Both inventories saw versions.
    versions: bool,
    sums: Sums,
}

/// Writes of one key.
#[derive(Default)]
struct Writes {
    count: u64,
    bytes: u64,
}

impl Writes {
    fn see(&mut self, deed: &KeyDeed) {
        self.count = self.count.saturating_add(1);
        self.bytes = self.bytes.saturating_add(deed.object_size.unwrap_or(0));
    }

    fn without(&mut self, deed: &KeyDeed) {
        self.count = self.count.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(deed.object_size.unwrap_or(0));
    }
}

impl SideBySide {
    pub(super) fn new(
        deeds: mpsc::Receiver<Vec<KeyDeed>>,
        between: Between,
        versions: bool,
        sums: Sums,
    ) -> Self {
        Self {
            deeds,
            batch: Vec::new().into_iter().peekable(),
            between,
            versions,
            sums,
        }
    }

    /// The next deed. Waits for it, so this is for a thread that may.
    fn peek(&mut self) -> Option<&KeyDeed> {
        while self.batch.peek().is_none() {
            self.batch = self.deeds.blocking_recv()?.into_iter().peekable();
        }
        self.batch.peek()
    }

    /// The next deed, if it was done to this key.
    fn next_of(&mut self, key: &str) -> Option<KeyDeed> {
        self.peek().filter(|deed| deed.key == key)?;
        self.batch.next()
    }

    /// The next key of the inventories.
    pub(super) fn meet(&mut self, pair: KeyPair<'_>) {
        while self.peek().is_some_and(|deed| deed.key.as_str() < pair.key) {
            self.pass_stranger();
        }
        let versions_cut = self.versions && (pair.before.truncated || pair.after.truncated);
        self.sums.see_key(versions_cut);
        let open = between(pair, self.versions);
        let mut seeking: Vec<Seeking> = open.into_iter().map(Seeking::of).collect();
        let mut writes = Writes::default();
        while let Some(deed) = self.next_of(pair.key) {
            if is_write(&deed) {
                writes.see(&deed);
            }
            for change in &mut seeking {
                change.look(&deed, &self.between);
            }
        }
        if seeking.iter().any(Seeking::is_supposed) {
            let sure = seeking.iter().filter_map(Seeking::sure_place).collect();
            seeking.iter_mut().for_each(|change| change.leave(&sure));
        }
        for change in seeking {
            let (open, found) = change.finish(&self.between);
            if let Found::Deed(deed, _) = &found
                && is_write(deed)
            {
                writes.without(deed);
            }
            self.sums.take(Told {
                key: pair.key,
                open,
                found,
                written: None,
            });
        }
        self.sums.superseded.add(writes.count, writes.bytes);
    }

    /// Goes over all deeds of a key that neither inventory tells of.
    fn pass_stranger(&mut self) {
        let Some(first) = self.batch.next() else { return };
        let mut writes = Writes::default();
        let mut last: Option<KeyDeed> = None;
        let key = first.key.clone();
        let mut next = Some(first);
        while let Some(deed) = next {
            if is_write(&deed) {
                writes.see(&deed);
                last = Some(deed);
            } else if is_removal(&deed) {
                last = None;
            }
            next = self.next_of(&key);
        }
        match last {
            Some(deed) => self.left_behind(&key, deed, &writes),
            None => self.sums.passing.add(writes.count, writes.bytes),
        }
    }

    /// A key that was written, not deleted, and is not there.
    fn left_behind(&mut self, key: &str, deed: KeyDeed, writes: &Writes) {
        let seen_by = end_of(&deed).saturating_add(CLOCKS).unwrap_or(Timestamp::MAX);
        if seen_by >= self.between.looked {
            self.sums.late.add(writes.count, writes.bytes);
            return;
        }
        let found = if key.contains(char::REPLACEMENT_CHARACTER) {
            Found::Ambiguous("the key is no UTF-8, so the log may speak of another one")
        } else if self.between.nameless_deletions {
            Found::Ambiguous("many objects were deleted at once, and the log doesn't name them")
        } else {
            Found::Nothing
        };
        let open = Open {
            kind: DiffKind::Vanished,
            before: None,
            after: None,
            search: Search::Nothing,
        };
        self.sums.take(Told {
            key,
            open,
            found,
            written: Some(deed),
        });
    }

    /// There are no more keys in the inventories.
    pub(super) fn finish(mut self) -> Sums {
        while self.peek().is_some() {
            self.pass_stranger();
        }
        self.sums
    }
}
