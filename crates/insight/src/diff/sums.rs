//! Changes counted: by kind, by prefix, by who made them; and those that are shown.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use spacewatch_lake::KeyDeed;
use spacewatch_model::{BucketName, ByteSize};

use super::answer::{DiffBy, DiffHeap, DiffLists, DiffPrefix, DiffTotal, DiffWrites, ExplainedBy};
use super::changes::DiffKind;
use super::rows::{List, Shelf, Sizes, Told};
use super::tie::Found;
use crate::storage_summary::folder_of;

/// Folders, requesters and addresses told apart. Changes of further ones count in the totals only.
const MAX_NAMES: usize = 100_000;

/// What is counted and shown.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// How long the prefix is that all keys share.
    pub(super) prefix_length: usize,
    /// How many levels of folders below it.
    pub(super) depth: u8,
    /// How many rows a list holds.
    pub(super) limit: usize,
    /// Only changes of this kind are listed.
    pub(super) kind: Option<DiffKind>,
    /// Where the log lies; without one nothing is explained.
    pub(super) log_bucket: Option<BucketName>,
}

/// All that is counted while keys go by.
pub(super) struct Sums {
    scope: Scope,
    pub(super) totals: BTreeMap<DiffKind, DiffTotal>,
    pub(super) keys: u64,
    /// Keys with more versions than are compared one by one.
    pub(super) keys_cut: u64,
    pub(super) passing: DiffWrites,
    pub(super) superseded: DiffWrites,
    pub(super) late: DiffWrites,
    prefixes: BTreeMap<String, DiffPrefix>,
    requesters: BTreeMap<Option<String>, DiffBy>,
    addresses: BTreeMap<Option<String>, DiffBy>,
    names_cut: bool,
    unexplained: List,
    lists: BTreeMap<Shelf, List>,
}

impl DiffWrites {
    pub(super) fn add(&mut self, writes: u64, bytes: u64) {
        if writes > 0 {
            self.keys = self.keys.saturating_add(1);
            self.writes = self.writes.saturating_add(writes);
            self.bytes = sum(self.bytes, bytes);
        }
    }
}

impl DiffHeap {
    fn add(&mut self, bytes: u64) {
        self.objects = self.objects.saturating_add(1);
        self.bytes = sum(self.bytes, bytes);
    }
}

fn sum(bytes: ByteSize, more: u64) -> ByteSize {
    ByteSize(bytes.0.saturating_add(more))
}

impl Sums {
    pub(super) fn new(scope: Scope) -> Self {
        Self {
            totals: BTreeMap::new(),
            keys: 0,
            keys_cut: 0,
            passing: DiffWrites::default(),
            superseded: DiffWrites::default(),
            late: DiffWrites::default(),
            prefixes: BTreeMap::new(),
            requesters: BTreeMap::new(),
            addresses: BTreeMap::new(),
            names_cut: false,
            unexplained: List::of(scope.limit),
            lists: BTreeMap::new(),
            scope,
        }
    }

    pub(super) fn see_key(&mut self, versions_cut: bool) {
        self.keys = self.keys.saturating_add(1);
        self.keys_cut = self.keys_cut.saturating_add(u64::from(versions_cut));
    }

    /// A change and what was found about it.
    pub(super) fn take(&mut self, change: Told<'_>) {
        let explained = change.explained(self.scope.log_bucket.is_some());
        let sizes = change.sizes();
        let kind = change.open.kind;
        let weight = sizes.weight(kind);
        let total = self.totals.entry(kind).or_insert_with(|| DiffTotal::of(kind));
        total.objects = total.objects.saturating_add(1);
        total.bytes_before = sum(total.bytes_before, sizes.before);
        total.bytes_after = sum(total.bytes_after, sizes.after);
        let counter = match explained {
            ExplainedBy::Request => &mut total.by_request,
            ExplainedBy::Lifecycle => &mut total.by_lifecycle,
            ExplainedBy::Ambiguous => &mut total.ambiguous,
            ExplainedBy::Unexplained => &mut total.unexplained,
            ExplainedBy::NoLog => &mut total.without_log,
        };
        *counter = counter.saturating_add(1);
        if explained == ExplainedBy::Unexplained {
            total.unexplained_bytes = sum(total.unexplained_bytes, weight);
        }
        if self.scope.kind.is_some_and(|wished| wished != kind) {
            return;
        }
        self.in_folder(change.key, kind, sizes, explained);
        if let (Found::Deed(deed, _), ExplainedBy::Request) = (&change.found, explained) {
            self.by(deed, kind, sizes);
        }
        let row = change.row(explained, self.scope.log_bucket.as_ref());
        if explained == ExplainedBy::Unexplained {
            self.unexplained.offer(row.clone());
        }
        let limit = self.scope.limit;
        let list = self
            .lists
            .entry(Shelf::of(kind))
            .or_insert_with(|| List::of(limit));
        list.offer(row);
    }

    fn in_folder(&mut self, key: &str, kind: DiffKind, sizes: Sizes, explained: ExplainedBy) {
        let name = folder_of(key, self.scope.prefix_length, self.scope.depth);
        if !self.prefixes.contains_key(name) {
            if self.prefixes.len() >= MAX_NAMES {
                self.names_cut = true;
                return;
            }
            let prefix = DiffPrefix {
                prefix: name.to_owned(),
                ..DiffPrefix::default()
            };
            self.prefixes.insert(name.to_owned(), prefix);
        }
        let Some(prefix) = self.prefixes.get_mut(name) else {
            return;
        };
        let heaps = (&mut prefix.added, &mut prefix.removed, &mut prefix.changed);
        in_heaps(heaps, kind, sizes);
        let grown = sizes.after.saturating_sub(sizes.before);
        let shrunk = sizes.before.saturating_sub(sizes.after);
        if matches!(kind, DiffKind::Grown | DiffKind::Shrunk) {
            prefix.grown_bytes = sum(prefix.grown_bytes, grown);
            prefix.shrunk_bytes = sum(prefix.shrunk_bytes, shrunk);
        }
        let unexplained = u64::from(explained == ExplainedBy::Unexplained);
        prefix.unexplained = prefix.unexplained.saturating_add(unexplained);
    }

    fn by(&mut self, deed: &KeyDeed, kind: DiffKind, sizes: Sizes) {
        let of = [
            (&mut self.requesters, &deed.requester),
            (&mut self.addresses, &deed.remote_ip),
        ];
        for (map, value) in of {
            if !map.contains_key(value) && map.len() >= MAX_NAMES {
                self.names_cut = true;
                continue;
            }
            let by = map.entry(value.clone()).or_insert_with(|| DiffBy {
                value: value.clone(),
                ..DiffBy::default()
            });
            by.changes = by.changes.saturating_add(1);
            in_heaps((&mut by.added, &mut by.removed, &mut by.changed), kind, sizes);
        }
    }

    /// What is counted and shown, when all keys have gone by.
    pub(super) fn into_lists(self) -> DiffLists {
        let limit = self.scope.limit;
        let mut truncated = self.names_cut;
        let mut shelves = self.lists;
        let mut taken = |shelf| {
            let list = shelves.remove(&shelf);
            list.map_or_else(Vec::new, |list| list.finish(&mut truncated))
        };
        let mut lists = DiffLists {
            added: taken(Shelf::Added),
            grown: taken(Shelf::Grown),
            shrunk: taken(Shelf::Shrunk),
            overwritten: taken(Shelf::Overwritten),
            removed: taken(Shelf::Removed),
            transitioned: taken(Shelf::Transitioned),
            versions: taken(Shelf::Versions),
            ..DiffLists::default()
        };
        lists.unexplained = self.unexplained.finish(&mut truncated);
        let moved = |row: &DiffPrefix| {
            let moved = [
                row.added.bytes,
                row.removed.bytes,
                row.grown_bytes,
                row.shrunk_bytes,
            ];
            moved.iter().fold(0_u64, |all, bytes| all.saturating_add(bytes.0))
        };
        lists.prefixes = self.prefixes.into_values().collect();
        lists
            .prefixes
            .sort_by(|a, b| (Reverse(moved(a)), &a.prefix).cmp(&(Reverse(moved(b)), &b.prefix)));
        let most_first = |map: BTreeMap<Option<String>, DiffBy>| {
            let mut rows: Vec<DiffBy> = map.into_values().collect();
            rows.sort_by(|a, b| (Reverse(a.changes), &a.value).cmp(&(Reverse(b.changes), &b.value)));
            rows
        };
        lists.requesters = most_first(self.requesters);
        lists.addresses = most_first(self.addresses);
        let longest = lists
            .prefixes
            .len()
            .max(lists.requesters.len())
            .max(lists.addresses.len());
        lists.truncated = truncated || longest > limit;
        lists.prefixes.truncate(limit);
        lists.requesters.truncate(limit);
        lists.addresses.truncate(limit);
        lists
    }
}

fn in_heaps(
    (added, removed, changed): (&mut DiffHeap, &mut DiffHeap, &mut DiffHeap),
    kind: DiffKind,
    sizes: Sizes,
) {
    if kind.is_gain() {
        added.add(sizes.after);
    } else if kind.is_loss() {
        removed.add(sizes.before);
    } else {
        changed.add(sizes.after);
    }
}
