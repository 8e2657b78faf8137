//! Objects already read.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use spacewatch_model::{BucketName, ObjectKey};
use spacewatch_s3::Fingerprint;

use crate::held::Held;

/// What an entry takes besides its bytes, about.
const OVERHEAD: usize = 512;

/// One version of an object, as one set of credentials sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey {
    pub(crate) tenant: Fingerprint,
    pub(crate) bucket: BucketName,
    pub(crate) key: ObjectKey,
    pub(crate) etag: String,
}

/// Objects that were read, up to so many bytes; what was not used for longest goes first.
///
/// Whoever takes something out must have made sure that the store still lets these credentials read there.
#[derive(Debug)]
pub(crate) struct Cache {
    most: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: HashMap<CacheKey, Entry>,
    by_use: BTreeMap<u64, CacheKey>,
    bytes: usize,
    tick: u64,
}

#[derive(Debug)]
struct Entry {
    held: Arc<Held>,
    used: u64,
}

impl Cache {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            inner: Mutex::default(),
        }
    }

    pub(crate) fn find(&self, key: &CacheKey) -> Option<Arc<Held>> {
        let mut inner = self.lock();
        let tick = inner.next_tick();
        let entry = inner.entries.get_mut(key)?;
        let (before, held) = (std::mem::replace(&mut entry.used, tick), Arc::clone(&entry.held));
        inner.by_use.remove(&before);
        inner.by_use.insert(tick, key.clone());
        Some(held)
    }

    pub(crate) fn keep(&self, key: CacheKey, held: &Arc<Held>) {
        let weight = weight(held);
        if weight > self.most {
            return;
        }
        let mut inner = self.lock();
        let used = inner.next_tick();
        let entry = Entry {
            held: Arc::clone(held),
            used,
        };
        if let Some(before) = inner.entries.insert(key.clone(), entry) {
            inner.by_use.remove(&before.used);
            inner.bytes = inner.bytes.saturating_sub(self::weight(&before.held));
        }
        inner.by_use.insert(used, key);
        inner.bytes = inner.bytes.saturating_add(weight);
        while inner.bytes > self.most {
            let Some((_, oldest)) = inner.by_use.pop_first() else {
                break;
            };
            if let Some(gone) = inner.entries.remove(&oldest) {
                inner.bytes = inner.bytes.saturating_sub(self::weight(&gone.held));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn next_tick(&mut self) -> u64 {
        self.tick = self.tick.wrapping_add(1);
        self.tick
    }
}

fn weight(held: &Held) -> usize {
    held.bytes().saturating_add(OVERHEAD)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use spacewatch_model::{Secret, SystemClock};
    use spacewatch_s3::{Credentials, Endpoint, Stores, StoresConfig};
    use spacewatch_telemetry::{Config, Recorder};

    use super::*;
    use crate::place::Kind;

    fn tenant() -> Fingerprint {
        let clock = Arc::new(SystemClock::new());
        let recorder = Recorder::new(Config::default(), clock.clone());
        let credentials = Credentials::new("id".to_owned(), Secret::new("secret")).expect("credentials");
        let url = "http://127.0.0.1:1".parse().expect("a URL");
        let endpoint = Endpoint::trusted(&url, "nyc3".parse().expect("a region"));
        let stores = Stores::new(StoresConfig::default(), recorder, clock);
        stores.open(credentials, endpoint).fingerprint()
    }

    fn key(tenant: Fingerprint, name: &str) -> CacheKey {
        CacheKey {
            tenant,
            bucket: "metrics".parse().expect("a name"),
            key: name.parse().expect("a key"),
            etag: "e".to_owned(),
        }
    }

    fn held(bytes: usize) -> Arc<Held> {
        Arc::new(Held::read(Bytes::from(vec![b'x'; bytes]), Kind::Run))
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let tenant = tenant();
        let key = |name| key(tenant, name);
        let cache = Cache::new(3 * (1000 + OVERHEAD));
        for name in ["a", "b", "c"] {
            cache.keep(key(name), &held(1000));
        }
        assert!(cache.find(&key("a")).is_some());
        cache.keep(key("d"), &held(1000));
        let there: Vec<_> = ["a", "b", "c", "d"]
            .map(|name| cache.find(&key(name)).is_some())
            .to_vec();
        assert_eq!(there, [true, false, true, true]);
        cache.keep(key("e"), &held(100_000));
        assert!(cache.find(&key("e")).is_none());
        for _ in 0..10 {
            cache.keep(key("a"), &held(1000));
        }
        let inner = cache.lock();
        assert!(inner.bytes <= cache.most && inner.by_use.len() == inner.entries.len());
    }
}
