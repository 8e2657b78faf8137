//! Two inventories side by side: what each key held then and what it holds now, in the order of the keys.
//!
//! Both are sorted, so they are merged while they are read: whatever their number of keys, little is in memory.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::path::PathBuf;
use std::vec::IntoIter;

use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::Source;
use crate::InventoryError;
use crate::columns::Rows;
use crate::entry::{Kind, StoredVersion};
use crate::files::{open, untrusted};

const COLUMNS: [&str; 8] = [
    "key",
    "kind",
    "is_latest",
    "version_id",
    "size",
    "last_modified",
    "etag",
    "storage_class",
];

/// Older versions and delete markers of one key that are looked at one by one; a key may have any number of them.
const MAX_OTHERS: usize = 1000;

/// What an inventory tells of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyState {
    /// What it holds now.
    pub current: Option<StoredVersion>,
    /// Older versions and delete markers, as far as the inventory saw them; the newest first, as the store lists them.
    pub others: Vec<StoredVersion>,
    /// There are more of them than these.
    pub truncated: bool,
}

impl KeyState {
    /// Whether the inventory tells nothing of the key.
    pub fn is_empty(&self) -> bool {
        self.current.is_none() && self.others.is_empty()
    }

    fn add(&mut self, version: StoredVersion) {
        match version.kind {
            Kind::Upload => {}
            Kind::Current => self.current = Some(version),
            Kind::Noncurrent | Kind::DeleteMarker if self.others.len() < MAX_OTHERS => {
                self.others.push(version);
            }
            Kind::Noncurrent | Kind::DeleteMarker => self.truncated = true,
        }
    }
}

/// A key in two inventories; it stands in one of them at least.
#[derive(Debug, Clone, Copy)]
pub struct KeyPair<'a> {
    /// The key.
    pub key: &'a str,
    /// What the earlier one tells.
    pub before: &'a KeyState,
    /// What the later one tells.
    pub after: &'a KeyState,
}

/// Shows every key that stands in one of two inventories, in order.
pub(crate) fn side_by_side(
    (before, after): (&Source, &Source),
    mut see: impl FnMut(KeyPair<'_>),
) -> Result<(), InventoryError> {
    let (mut earlier, mut later) = (Keys::of(before), Keys::of(after));
    let nothing = KeyState::default();
    let (mut then, mut now) = (earlier.next()?, later.next()?);
    loop {
        let order = match (&then, &now) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((then, _)), Some((now, _))) => then.cmp(now),
        };
        let old = then.as_ref().filter(|_| order.is_le());
        let new = now.as_ref().filter(|_| order.is_ge());
        if let Some((key, _)) = old.or(new) {
            see(KeyPair {
                key,
                before: old.map_or(&nothing, |(_, state)| state),
                after: new.map_or(&nothing, |(_, state)| state),
            });
        }
        if order.is_le() {
            then = earlier.next()?;
        }
        if order.is_ge() {
            now = later.next()?;
        }
    }
}

/// The keys of an inventory, one after the other.
struct Keys<'a> {
    source: &'a Source,
    paths: std::slice::Iter<'a, PathBuf>,
    reader: Option<ParquetRecordBatchReader>,
    rows: Peekable<IntoIter<(String, StoredVersion)>>,
}

impl<'a> Keys<'a> {
    fn of(source: &'a Source) -> Self {
        Self {
            source,
            paths: source.paths.iter(),
            reader: None,
            rows: Vec::new().into_iter().peekable(),
        }
    }

    /// The next key with all that is known of it.
    fn next(&mut self) -> Result<Option<(String, KeyState)>, InventoryError> {
        let mut state = KeyState::default();
        loop {
            self.fill()?;
            let Some((key, version)) = self.rows.next() else {
                return Ok(None);
            };
            state.add(version);
            self.fill()?;
            while let Some((_, version)) = self.rows.next_if(|(next, _)| *next == key) {
                state.add(version);
                self.fill()?;
            }
            // An incomplete upload alone is no object.
            if !state.is_empty() {
                return Ok(Some((key, state)));
            }
        }
    }

    /// Sees to it that there is a next row, if there is one left.
    fn fill(&mut self) -> Result<(), InventoryError> {
        while self.rows.peek().is_none() {
            if self.source.waiting.is_over() {
                return Err(InventoryError::Internal("nobody waits for the answer".to_owned()));
            }
            let Some(reader) = &mut self.reader else {
                let Some(path) = self.paths.next() else {
                    return Ok(());
                };
                self.reader = Some(open(path, &COLUMNS, self.source.prefix.as_str())?);
                continue;
            };
            let Some(batch) = reader.next() else {
                self.reader = None;
                continue;
            };
            let batch = batch.map_err(untrusted)?;
            let rows = Rows::of(&batch);
            let mut taken = Vec::with_capacity(rows.len());
            for at in 0..rows.len() {
                let row = rows
                    .get(at)
                    .ok_or_else(|| untrusted("a row is of no known kind"))?;
                if row.key.starts_with(self.source.prefix.as_str()) {
                    taken.push((row.key.to_owned(), StoredVersion::of(&row)));
                }
            }
            self.rows = taken.into_iter().peekable();
        }
        Ok(())
    }
}
