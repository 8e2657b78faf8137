//! Which log objects were read: sixteen bytes for each.

use std::collections::HashSet;

use super::LogObjectId;

/// So many of them are kept apart before they are sorted in.
const RECENT: usize = 65_536;

/// The log objects a lake knows.
#[derive(Clone)]
pub(crate) struct KnownObjects {
    key: [u8; 32],
    sorted: Vec<u128>,
    recent: HashSet<u128>,
}

impl KnownObjects {
    /// None; told apart by hashes with this key.
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self {
            key,
            sorted: Vec::new(),
            recent: HashSet::new(),
        }
    }

    /// Whether this content of this object was read.
    pub(crate) fn contains(&self, object: LogObjectId<'_>) -> bool {
        let hash = self.hash(object);
        self.recent.contains(&hash) || self.sorted.binary_search(&hash).is_ok()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.sorted.len().saturating_add(self.recent.len())
    }

    /// Now this is one of them.
    pub(crate) fn insert(&mut self, object: LogObjectId<'_>) {
        let hash = self.hash(object);
        if self.sorted.binary_search(&hash).is_ok() {
            return;
        }
        self.recent.insert(hash);
        if self.recent.len() >= RECENT {
            self.sorted.extend(self.recent.drain());
            self.sorted.sort_unstable();
        }
    }

    fn hash(&self, object: LogObjectId<'_>) -> u128 {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&object.size.to_le_bytes());
        hasher.update(&(object.key.len() as u64).to_le_bytes());
        hasher.update(object.key.as_bytes());
        hasher.update(&[u8::from(object.etag.is_some())]);
        hasher.update(object.etag.unwrap_or_default().as_bytes());
        let hash = hasher.finalize();
        hash.as_bytes()
            .first_chunk()
            .map_or(0, |bytes| u128::from_le_bytes(*bytes))
    }
}

impl std::fmt::Debug for KnownObjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KnownObjects")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
