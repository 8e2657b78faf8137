//! Keys that are stored and keys that were read, both in order, side by side.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use spacewatch_inventory::StoredObject;
use spacewatch_lake::KeyDay;
use spacewatch_model::ByteSize;
use tokio::sync::mpsc;

use super::{Age, Day, Gone, Heap, ObjectHeat, PrefixHeat};
use crate::PriceList;
use crate::cost::stored_price;
use crate::ranking::Ranking;
use crate::storage_summary::folder_of;

/// Folders told apart. Objects of further ones count in the totals only.
const MAX_FOLDERS: usize = 100_000;

/// The ages that are told apart, in days.
const AGES: [u64; 7] = [1, 7, 30, 60, 90, 180, 366];

const DAY_SECONDS: i64 = 86_400;

/// Where objects and reads are laid side by side.
pub(super) struct SideBySide {
    keys: mpsc::Receiver<Vec<KeyDay>>,
    batch: std::iter::Peekable<std::vec::IntoIter<KeyDay>>,
    scope: Scope,
    sums: Sums,
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    /// Since when reads are known.
    pub(super) since: Timestamp,
    pub(super) now: Timestamp,
    /// How long the prefix is that all keys share.
    pub(super) prefix_length: usize,
    /// How many levels of folders below it.
    pub(super) depth: u8,
    /// How many objects a list holds.
    pub(super) limit: usize,
}

struct Sums {
    stored: Heap,
    read: Heap,
    cold: Heap,
    young: Heap,
    ages: [Heap; AGES.len()],
    unread: Heap,
    folders: BTreeMap<String, Folder>,
    folders_left_out: bool,
    coldest: Ranking<ObjectHeat>,
    hottest: Ranking<ObjectHeat>,
    daily: BTreeMap<Timestamp, (Heap, u64)>,
    gone: Gone,
}

#[derive(Default)]
struct Folder {
    stored: Heap,
    cold: Heap,
    bytes_sent: u64,
    last_read: Option<Timestamp>,
}

/// How one object was read.
#[derive(Default)]
struct Reads {
    reads: u64,
    bytes_sent: u64,
    last: Option<Timestamp>,
}

impl SideBySide {
    pub(super) fn new(keys: mpsc::Receiver<Vec<KeyDay>>, scope: Scope) -> Self {
        Self {
            keys,
            batch: Vec::new().into_iter().peekable(),
            scope,
            sums: Sums {
                stored: Heap::default(),
                read: Heap::default(),
                cold: Heap::default(),
                young: Heap::default(),
                ages: Default::default(),
                unread: Heap::default(),
                folders: BTreeMap::new(),
                folders_left_out: false,
                coldest: Ranking::first(scope.limit, |a, b| {
                    (Reverse(a.size_bytes), &a.key).cmp(&(Reverse(b.size_bytes), &b.key))
                }),
                hottest: Ranking::first(scope.limit, |a, b| {
                    (Reverse(a.bytes_sent), &a.key).cmp(&(Reverse(b.bytes_sent), &b.key))
                }),
                daily: BTreeMap::new(),
                gone: Gone::default(),
            },
        }
    }

    /// The next key that was read. Waits for it, so this is for a thread that may.
    fn peek(&mut self) -> Option<&KeyDay> {
        while self.batch.peek().is_none() {
            self.batch = self.keys.blocking_recv()?.into_iter().peekable();
        }
        self.batch.peek()
    }

    /// The next object, in the order of keys.
    pub(super) fn meet(&mut self, object: &StoredObject<'_>) {
        while self.peek().is_some_and(|read| read.key.as_str() < object.key) {
            self.pass_gone();
        }
        let mut reads = Reads::default();
        while self.peek().is_some_and(|read| read.key == object.key) {
            if let Some(day) = self.batch.next() {
                self.sums.on_day(&day, object.size);
                reads.reads = reads.reads.saturating_add(day.reads);
                reads.bytes_sent = reads.bytes_sent.saturating_add(day.bytes_sent);
                reads.last = reads.last.max(Some(day.day));
            }
        }
        self.sums.take(object, &reads, self.scope);
    }

    /// Goes over all days of a key that is not there.
    fn pass_gone(&mut self) {
        let Some(first) = self.batch.next() else { return };
        let gone = &mut self.sums.gone;
        gone.keys = gone.keys.saturating_add(1);
        gone.add(&first);
        while self.peek().is_some_and(|read| read.key == first.key) {
            if let Some(day) = self.batch.next() {
                self.sums.gone.add(&day);
            }
        }
    }

    /// There are no more objects; what was read besides is gone.
    pub(super) fn finish(mut self) -> Found {
        while self.peek().is_some() {
            self.pass_gone();
        }
        Found {
            sums: self.sums,
            scope: self.scope,
        }
    }
}

impl Gone {
    fn add(&mut self, day: &KeyDay) {
        self.reads = self.reads.saturating_add(day.reads);
        self.bytes_sent = self.bytes_sent.saturating_add(day.bytes_sent);
    }
}

impl Sums {
    fn on_day(&mut self, day: &KeyDay, size: u64) {
        let (heap, bytes_sent) = self.daily.entry(day.day).or_default();
        heap.add(size);
        *bytes_sent = bytes_sent.saturating_add(day.bytes_sent);
    }

    fn take(&mut self, object: &StoredObject<'_>, reads: &Reads, scope: Scope) {
        self.stored.add(object.size);
        let is_young = object.modified.is_some_and(|modified| modified >= scope.since);
        let is_cold = reads.last.is_none() && !is_young;
        match reads.last {
            Some(last) => {
                self.read.add(object.size);
                let days = days_between(last, scope.now);
                let class = AGES.partition_point(|most| *most < days);
                if let Some(age) = self.ages.get_mut(class) {
                    age.add(object.size);
                }
            }
            None => {
                self.unread.add(object.size);
                if is_young { &mut self.young } else { &mut self.cold }.add(object.size);
            }
        }
        self.in_folder(object, reads, is_cold, scope);
        let heat = || ObjectHeat {
            key: object.key.to_owned(),
            size_bytes: ByteSize(object.size),
            last_modified: object.modified,
            reads: reads.reads,
            bytes_sent: reads.bytes_sent,
            last_read: reads.last,
        };
        if is_cold {
            self.coldest.offer(heat());
        } else if reads.reads > 0 {
            self.hottest.offer(heat());
        }
    }

    fn in_folder(&mut self, object: &StoredObject<'_>, reads: &Reads, is_cold: bool, scope: Scope) {
        let name = folder_of(object.key, scope.prefix_length, scope.depth);
        if !self.folders.contains_key(name) {
            if self.folders.len() >= MAX_FOLDERS {
                self.folders_left_out = true;
                return;
            }
            self.folders.insert(name.to_owned(), Folder::default());
        }
        let Some(folder) = self.folders.get_mut(name) else {
            return;
        };
        folder.stored.add(object.size);
        if is_cold {
            folder.cold.add(object.size);
        }
        folder.bytes_sent = folder.bytes_sent.saturating_add(reads.bytes_sent);
        folder.last_read = folder.last_read.max(reads.last);
    }
}

/// How many days ago a day was, at most: on the day itself, within one.
fn days_between(day: Timestamp, now: Timestamp) -> u64 {
    let seconds = now.as_second().saturating_sub(day.as_second());
    u64::try_from(seconds.div_euclid(DAY_SECONDS).saturating_add(1)).unwrap_or(0)
}

/// What was found, when all keys have gone by.
pub(super) struct Found {
    sums: Sums,
    scope: Scope,
}

/// The lists of an answer.
pub(super) struct Lists {
    pub(super) stored: Heap,
    pub(super) read: Heap,
    pub(super) cold: Heap,
    pub(super) young: Heap,
    pub(super) ages: Vec<Age>,
    pub(super) prefixes: Vec<PrefixHeat>,
    pub(super) truncated: bool,
    pub(super) coldest: Vec<ObjectHeat>,
    pub(super) hottest: Vec<ObjectHeat>,
    pub(super) daily: Vec<Day>,
    pub(super) gone: Gone,
}

impl Found {
    pub(super) fn into_lists(self, list: &PriceList) -> Lists {
        let Self { sums, scope } = self;
        let mut prefixes: Vec<PrefixHeat> = sums
            .folders
            .into_iter()
            .map(|(prefix, folder)| PrefixHeat {
                prefix,
                cold_percent: percent(folder.cold.bytes, folder.stored.bytes),
                saving: stored_price(list, folder.cold.bytes.0),
                stored: folder.stored,
                cold: folder.cold,
                bytes_sent: folder.bytes_sent,
                last_read: folder.last_read,
            })
            .collect();
        prefixes.sort_by(|a, b| (Reverse(a.cold.bytes), &a.prefix).cmp(&(Reverse(b.cold.bytes), &b.prefix)));
        let truncated = sums.folders_left_out || prefixes.len() > scope.limit;
        prefixes.truncate(scope.limit);
        let stored = sums.stored.bytes;
        let daily = sums.daily.into_iter().map(|(day, (read, bytes_sent))| Day {
            day,
            read,
            read_percent: percent(read.bytes, stored),
            bytes_sent,
        });
        let ages = AGES.into_iter().zip(sums.ages);
        let read = ages.map(|(days, heap)| Age {
            within_days: Some(days),
            heap,
        });
        let unread = Age {
            within_days: None,
            heap: sums.unread,
        };
        Lists {
            ages: read.filter(|age| age.heap.objects > 0).chain([unread]).collect(),
            stored: sums.stored,
            read: sums.read,
            cold: sums.cold,
            young: sums.young,
            prefixes,
            truncated,
            coldest: sums.coldest.into_sorted(),
            hottest: sums.hottest.into_sorted(),
            daily: daily.collect(),
            gone: sums.gone,
        }
    }
}

pub(super) fn percent(part: ByteSize, whole: ByteSize) -> f64 {
    crate::metrics::percent(part.0, whole.0)
}
