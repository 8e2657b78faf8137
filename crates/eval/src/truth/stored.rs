//! What a bucket holds and held, version by version.

use std::collections::BTreeMap;

use spacewatch_demo::StoredVersion;

use super::BucketTruth;

const HOUR: i64 = 3_600;

/// So many objects with so many bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.objects += 1;
        self.bytes += bytes;
    }
}

impl BucketTruth {
    /// The objects that are there: the newest version of each key, where it is none that says it was deleted.
    pub(crate) fn objects(&self) -> impl Iterator<Item = (&StoredVersion, u64)> {
        let newest = self.versions.iter().filter(|version| version.current);
        newest.filter_map(|version| Some((version, version.size?)))
    }

    /// All of them together.
    pub(crate) fn amount(&self) -> Amount {
        self.amount_of(|_| true)
    }

    pub(crate) fn amount_of(&self, fits: impl Fn(&StoredVersion) -> bool) -> Amount {
        let mut amount = Amount::default();
        for (_, bytes) in self.objects().filter(|(version, _)| fits(version)) {
            amount.add(bytes);
        }
        amount
    }

    /// The objects by something of their keys.
    pub(crate) fn by(&self, name: impl Fn(&str) -> String) -> BTreeMap<String, Amount> {
        let mut groups: BTreeMap<String, Amount> = BTreeMap::new();
        for (version, bytes) in self.objects() {
            groups.entry(name(&version.key)).or_default().add(bytes);
        }
        groups
    }

    /// Versions that newer ones replaced.
    pub(crate) fn noncurrent(&self) -> Amount {
        let mut amount = Amount::default();
        let old = self.versions.iter().filter(|version| !version.current);
        for bytes in old.filter_map(|version| version.size) {
            amount.add(bytes);
        }
        amount
    }

    pub(crate) fn delete_markers(&self) -> usize {
        self.versions
            .iter()
            .filter(|version| version.size.is_none())
            .count()
    }

    /// What was there at a moment.
    pub(crate) fn bytes_at(&self, moment: i64) -> u64 {
        let mut then: BTreeMap<&str, u64> = BTreeMap::new();
        for version in self.versions.iter().filter(|version| version.modified <= moment) {
            then.insert(&version.key, version.size.unwrap_or(0));
        }
        then.values().sum()
    }

    /// Bytes times the hours for which they were there, hour by hour.
    pub(crate) fn byte_hours(&self, from: i64, to: i64) -> f64 {
        let mut sum = 0.0;
        let mut moment = from;
        while moment < to {
            let next = (moment + HOUR).min(to);
            sum += self.bytes_at(moment) as f64 * (next - moment) as f64 / HOUR as f64;
            moment = next;
        }
        sum
    }
}

/// The first part of a key, with its slash; nothing where it has none.
pub(crate) fn folder(key: &str) -> String {
    key.split_once('/')
        .map_or_else(String::new, |(folder, _)| format!("{folder}/"))
}

/// What stands behind the last dot of a key's name.
pub(crate) fn extension(key: &str) -> String {
    let name = key.rsplit('/').next().unwrap_or(key);
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension.to_lowercase(),
        _ => String::new(),
    }
}
