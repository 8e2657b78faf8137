//! How often each text occurs, exactly up to a limit.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::distinct::Distinct;

/// What a table holds at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) values: usize,
    pub(crate) text_bytes: usize,
}

/// One text of one group, and how often it occurred.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u64,
    group: u32,
    length: u32,
    at: usize,
    count: u64,
    bytes: u64,
}

/// A text with its sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted<'a> {
    pub(crate) group: u32,
    pub(crate) text: &'a [u8],
    pub(crate) count: u64,
    pub(crate) bytes: u64,
}

/// Counts texts by group (a bucket). What a full table throws out are its rarest texts, and it remembers how much any
/// count may be short of the truth since.
#[derive(Debug)]
pub(crate) struct Tally {
    room: Room,
    hasher: DefaultHashBuilder,
    entries: HashTable<Entry>,
    text: Vec<u8>,
    /// No count is short by more than this.
    missing: u64,
    /// Distinct texts by group, once entries were thrown out.
    distinct: HashMap<u32, Distinct>,
}

impl Tally {
    /// An empty table. Tables to be joined need the same hasher.
    pub(crate) fn new(room: Room, hasher: DefaultHashBuilder) -> Self {
        Self {
            room,
            hasher,
            entries: HashTable::new(),
            text: Vec::new(),
            missing: 0,
            distinct: HashMap::new(),
        }
    }

    /// Counts one occurrence.
    #[inline]
    pub(crate) fn add(&mut self, group: u32, text: &[u8], bytes: u64) {
        let hash = self.hasher.hash_one(text);
        self.add_many(
            hash,
            Counted {
                group,
                text,
                count: 1,
                bytes,
            },
        );
    }

    #[inline]
    fn add_many(&mut self, hash: u64, more: Counted<'_>) {
        let Self { entries, text, .. } = self;
        let same = |entry: &Entry| {
            entry.hash == hash && entry.group == more.group && text_of(text, entry) == more.text
        };
        if let Some(entry) = entries.find_mut(spread(hash, more.group), same) {
            entry.count = entry.count.saturating_add(more.count);
            entry.bytes = entry.bytes.saturating_add(more.bytes);
            return;
        }
        self.insert(hash, more);
    }

    #[cold]
    fn insert(&mut self, hash: u64, new: Counted<'_>) {
        let full = self.entries.len() >= self.room.values
            || self.text.len().saturating_add(new.text.len()) > self.room.text_bytes;
        if full && !self.entries.is_empty() {
            self.throw_out();
        }
        if self.missing > 0 {
            self.distinct.entry(new.group).or_default().add(hash);
        }
        let Ok(length) = u32::try_from(new.text.len()) else {
            return;
        };
        let entry = Entry {
            hash,
            group: new.group,
            length,
            at: self.text.len(),
            count: new.count,
            bytes: new.bytes,
        };
        self.text.extend_from_slice(new.text);
        let rehash = |entry: &Entry| spread(entry.hash, entry.group);
        self.entries.insert_unique(rehash(&entry), entry, rehash);
    }

    /// Throws out the rarer half, and whatever is as rare as its most frequent one.
    fn throw_out(&mut self) {
        self.estimate_from_now_on();
        let mut counts: Vec<u64> = self.entries.iter().map(|entry| entry.count).collect();
        let middle = counts.len() / 2;
        let (_, median, _) = counts.select_nth_unstable(middle);
        let rare = *median;
        self.missing = self.missing.saturating_add(rare);
        let mut kept = Vec::with_capacity(self.text.len() / 2);
        let text = &self.text;
        self.entries.retain(|entry| {
            if entry.count <= rare {
                return false;
            }
            let at = kept.len();
            kept.extend_from_slice(text_of(text, entry));
            entry.at = at;
            true
        });
        self.text = kept;
    }

    fn estimate_from_now_on(&mut self) {
        if self.missing == 0 {
            for entry in &self.entries {
                self.distinct.entry(entry.group).or_default().add(entry.hash);
            }
        }
    }

    /// Takes the counts of another table over; `rename` gives its groups their names here.
    pub(crate) fn join(&mut self, mut other: Self, rename: impl Fn(u32) -> u32) {
        if self.missing > 0 || other.missing > 0 {
            self.estimate_from_now_on();
            other.estimate_from_now_on();
            for (group, distinct) in &other.distinct {
                self.distinct.entry(rename(*group)).or_default().join(distinct);
            }
            self.missing = self.missing.saturating_add(other.missing);
        }
        // Each part kept to its limit; what they hold together is not cut again.
        self.room.values = self.room.values.saturating_add(other.room.values);
        self.room.text_bytes = self.room.text_bytes.saturating_add(other.room.text_bytes);
        for entry in &other.entries {
            self.add_many(
                entry.hash,
                Counted {
                    group: rename(entry.group),
                    text: text_of(&other.text, entry),
                    count: entry.count,
                    bytes: entry.bytes,
                },
            );
        }
    }

    /// How much any count may be short; nothing while all are exact.
    pub(crate) fn missing(&self) -> u64 {
        self.missing
    }

    /// What was counted, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Counted<'_>> {
        self.entries.iter().map(|entry| Counted {
            group: entry.group,
            text: text_of(&self.text, entry),
            count: entry.count,
            bytes: entry.bytes,
        })
    }

    /// How many different texts the groups hold together that `belongs` picks; an estimate once entries were thrown out.
    pub(crate) fn estimate(&self, belongs: impl Fn(u32) -> bool) -> Option<u64> {
        if self.missing == 0 {
            return None;
        }
        let mut all = Distinct::default();
        for (group, distinct) in &self.distinct {
            if belongs(*group) {
                all.join(distinct);
            }
        }
        Some(all.estimate())
    }
}

fn text_of<'a>(text: &'a [u8], entry: &Entry) -> &'a [u8] {
    let length = usize::try_from(entry.length).unwrap_or(0);
    text.get(entry.at..entry.at.saturating_add(length))
        .unwrap_or_default()
}

fn spread(hash: u64, group: u32) -> u64 {
    hash ^ u64::from(group).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn tally(values: usize) -> Tally {
        Tally::new(
            Room {
                values,
                text_bytes: 1 << 20,
            },
            DefaultHashBuilder::default(),
        )
    }

    fn shown(tally: &Tally) -> BTreeMap<(u32, Vec<u8>), (u64, u64)> {
        tally
            .iter()
            .map(|one| ((one.group, one.text.to_vec()), (one.count, one.bytes)))
            .collect()
    }

    proptest! {
        #[test]
        fn counts_what_a_plain_map_counts(texts in proptest::collection::vec((0..3_u32, "[a-c]{0,2}"), 0..200), cut in 0..200_usize) {
            let hasher = DefaultHashBuilder::default();
            let room = Room { values: 1000, text_bytes: 1 << 20 };
            let (mut left, mut right) = (Tally::new(room, hasher.clone()), Tally::new(room, hasher));
            let mut plain: BTreeMap<(u32, Vec<u8>), (u64, u64)> = BTreeMap::new();
            for (at, (group, text)) in texts.iter().enumerate() {
                let side = if at < cut { &mut left } else { &mut right };
                side.add(*group, text.as_bytes(), 7);
                let sums = plain.entry((*group, text.clone().into_bytes())).or_default();
                *sums = (sums.0 + 1, sums.1 + 7);
            }
            left.join(right, |group| group);
            prop_assert_eq!(shown(&left), plain);
            prop_assert_eq!(left.missing(), 0);
        }
    }

    #[test]
    fn a_full_table_keeps_what_is_frequent_and_says_how_much_is_missing() {
        let mut tally = tally(100);
        for round in 0..20_000_u32 {
            tally.add(0, format!("rare-{round}").as_bytes(), 0);
            if round % 4 == 0 {
                tally.add(0, b"frequent", 0);
            }
        }
        let frequent = tally
            .iter()
            .find(|one| one.text == b"frequent")
            .expect("kept")
            .count;
        assert!(frequent <= 5_000 && frequent + tally.missing() >= 5_000);
        assert!(tally.iter().count() <= 100);
        let estimate = tally.estimate(|_| true).expect("an estimate");
        assert!(estimate.abs_diff(20_001) < 600, "{estimate}");
    }

    #[test]
    fn text_is_bounded_too() {
        let mut tally = Tally::new(
            Room {
                values: 1000,
                text_bytes: 64,
            },
            DefaultHashBuilder::default(),
        );
        for round in 0..100 {
            tally.add(0, format!("{round:032}").as_bytes(), 0);
        }
        assert!(tally.text.len() <= 64 && tally.missing() > 0);
    }
}
