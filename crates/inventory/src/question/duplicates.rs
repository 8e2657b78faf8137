//! Objects that are most likely the same: equal in entity tag and size.
//!
//! Exact in bounded memory. A first pass marks, in two fields of bits, which (tag, size) were seen and which were seen again; a second
//! one counts only those, in several rounds where there are too many for one; a third one finds the keys of those that are shown.

use std::cmp::Reverse;

use hashbrown::HashMap;
use serde::Serialize;
use spacewatch_model::ByteSize;
use twox_hash::XxHash3_128;
use utoipa::ToSchema;

use super::Source;
use crate::entry::Row;
use crate::ranking::Ranking;
use crate::{InventoryError, Kind};

const COLUMNS: [&str; 4] = ["key", "kind", "size", "etag"];

/// Bits of one field at most: 64 MiB.
const MAX_BITS: u64 = 1 << 29;

/// Keys shown of one group.
const SHOWN_KEYS: usize = 20;

/// Objects that are equal in entity tag and size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DuplicateGroup {
    /// The entity tag. With a `-` in it, it is that of an upload in parts, and says the same only for the same part size.
    pub etag: String,
    /// The size of each.
    pub size_bytes: ByteSize,
    /// How many there are.
    pub copies: u64,
    /// What all but one of them take.
    pub wasted_bytes: ByteSize,
    /// The first of their keys.
    pub keys: Vec<String>,
}

/// Likely duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DuplicateList {
    /// Those that waste most, first.
    pub groups: Vec<DuplicateGroup>,
    /// How many groups there are.
    pub group_count: u64,
    /// How many objects could go.
    pub extra_copies: u64,
    /// What those take.
    pub wasted_bytes: ByteSize,
    /// Objects without an entity tag, about which nothing can be said.
    pub without_etag: u64,
}

/// How much memory a search takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Groups counted in one round.
    pub(crate) groups: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { groups: 1_000_000 }
    }
}

/// Of one group, while it is counted.
#[derive(Debug, Clone, Copy)]
struct Counted {
    copies: u64,
    size: u64,
}

pub(crate) fn duplicates(
    source: &Source,
    (limit, rows): (usize, u64),
    bounds: Bounds,
) -> Result<DuplicateList, InventoryError> {
    let mut seen = Field::for_rows(rows);
    let mut again = Field::for_rows(rows);
    let (mut marked, mut list) = (0_u64, DuplicateList::default());
    source.each(&COLUMNS, |row| {
        let Some(name) = name(row) else {
            let unnamed = row.kind == Kind::Current && row.etag.is_none();
            list.without_etag = list.without_etag.saturating_add(u64::from(unnamed));
            return;
        };
        if seen.set(name) && !again.set(name) {
            marked = marked.saturating_add(1);
        }
    })?;
    drop(seen);
    let most = u64::try_from(bounds.groups.max(1)).unwrap_or(u64::MAX);
    // Some of what was seen again shares its bit with something else, so there may be more groups than bits.
    let rounds = marked.saturating_mul(2).div_ceil(most).max(1);
    let mut worst = Ranking::first(limit);
    for round in 0..rounds {
        let mut counted: HashMap<u128, Counted> = HashMap::new();
        source.each(&COLUMNS, |row| {
            let name = name(row).filter(|name| again.has(*name) && part(*name, rounds) == round);
            if let Some(name) = name {
                let group = counted.entry(name).or_insert(Counted {
                    copies: 0,
                    size: row.size,
                });
                group.copies = group.copies.saturating_add(1);
            }
        })?;
        for (name, group) in counted.into_iter().filter(|(_, group)| group.copies > 1) {
            let extra = group.copies.saturating_sub(1);
            let wasted = group.size.saturating_mul(extra);
            list.group_count = list.group_count.saturating_add(1);
            list.extra_copies = list.extra_copies.saturating_add(extra);
            list.wasted_bytes += ByteSize(wasted);
            worst.offer((Reverse(wasted), Reverse(extra), name));
        }
    }
    list.groups = with_keys(source, &worst.into_sorted())?;
    Ok(list)
}

/// The groups with their keys, in this order.
fn with_keys(
    source: &Source,
    worst: &[(Reverse<u64>, Reverse<u64>, u128)],
) -> Result<Vec<DuplicateGroup>, InventoryError> {
    let mut groups: HashMap<u128, DuplicateGroup> = HashMap::new();
    let shown: HashMap<u128, (u64, u64)> = worst
        .iter()
        .map(|(wasted, extra, name)| (*name, (wasted.0, extra.0)))
        .collect();
    source.each(&COLUMNS, |row| {
        let found = name(row).and_then(|name| Some((name, *shown.get(&name)?)));
        let Some((name, (wasted, extra))) = found else {
            return;
        };
        let group = groups.entry(name).or_insert_with(|| DuplicateGroup {
            etag: row.etag.unwrap_or_default().to_owned(),
            size_bytes: ByteSize(row.size),
            copies: extra.saturating_add(1),
            wasted_bytes: ByteSize(wasted),
            keys: Vec::new(),
        });
        if group.keys.len() < SHOWN_KEYS {
            group.keys.push(row.key.to_owned());
        }
    })?;
    let mut groups: Vec<_> = worst
        .iter()
        .filter_map(|(_, _, name)| groups.remove(name))
        .collect();
    // Equal ones in an order that doesn't depend on how names are made.
    groups.sort_by(|a, b| {
        let rank = |group: &DuplicateGroup| Reverse((group.wasted_bytes, group.copies));
        rank(a).cmp(&rank(b)).then_with(|| a.keys.cmp(&b.keys))
    });
    Ok(groups)
}

/// What equal objects have in common; nothing for those that take no room, and those without a tag.
fn name(row: &Row<'_>) -> Option<u128> {
    if row.kind != Kind::Current || row.size == 0 {
        return None;
    }
    let etag = row.etag.filter(|etag| !etag.is_empty())?;
    Some(XxHash3_128::oneshot_with_seed(row.size, etag.as_bytes()))
}

/// Which round counts it: by bits that don't say where it stands in a field.
fn part(name: u128, rounds: u64) -> u64 {
    u64::try_from(name >> 64).unwrap_or_default() % rounds
}

/// A field of bits.
struct Field {
    words: Vec<u64>,
    mask: u64,
}

impl Field {
    fn for_rows(rows: u64) -> Self {
        let bits = rows.saturating_mul(8).clamp(64, MAX_BITS).next_power_of_two();
        Self {
            words: vec![0; usize::try_from(bits.div_ceil(64)).unwrap_or(1)],
            mask: bits.saturating_sub(1),
        }
    }

    fn place(&self, name: u128) -> (usize, u64) {
        let bit = u64::try_from(name & u128::from(u64::MAX)).unwrap_or_default() & self.mask;
        (usize::try_from(bit / 64).unwrap_or_default(), 1 << (bit % 64))
    }

    /// Sets a bit; whether it was set.
    fn set(&mut self, name: u128) -> bool {
        let (word, bit) = self.place(name);
        let Some(word) = self.words.get_mut(word) else {
            return true;
        };
        let was = *word & bit != 0;
        *word |= bit;
        was
    }

    fn has(&self, name: u128) -> bool {
        let (word, bit) = self.place(name);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::entry::Entry;
    use crate::question::Waiting;
    use crate::scan::write_part;

    fn search(bounds: Bounds) -> DuplicateList {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("entries.parquet");
        let object = |number: u64| spacewatch_s3::ObjectSummary {
            key: format!("{number:05}").parse().expect("a key"),
            size: ByteSize(10 + number % 7),
            last_modified: None,
            etag: Some(format!("tag-{}", number % 350)),
            storage_class: None,
        };
        let entries = (0..1000).map(|number| Entry::from(object(number))).collect();
        write_part(&path, entries).expect("a file");
        let source = Source {
            paths: vec![path],
            folders: None,
            prefix: spacewatch_model::Prefix::default(),
            waiting: Waiting::default(),
        };
        duplicates(&source, (400, 1000), bounds).expect("duplicates")
    }

    #[test]
    fn many_rounds_find_what_one_round_finds() {
        let one = search(Bounds::default());
        let mut expected = BTreeMap::<(u64, u64), u64>::new();
        for number in 0..1000_u64 {
            *expected.entry((number % 350, number % 7)).or_default() += 1;
        }
        expected.retain(|_, copies| *copies > 1);
        assert_eq!(one.group_count, expected.len() as u64);
        for groups in [1, 10, 64] {
            assert_eq!(search(Bounds { groups }), one, "{groups} at a time");
        }
    }
}
