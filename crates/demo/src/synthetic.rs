//! Buckets of millions of keys that take no memory: each key follows from its index.

use std::ops::Bound;
use std::str::FromStr;

use crate::dice::mix;
use crate::world::{Etag, Facts};

/// Keys that are computed, in byte order: flat (`obj-0000000000`) or in folders (`p0000/obj-00000`).
///
/// As text: `flat:1000000`, `tree:1000x100` (folders x keys in each).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntheticKeys {
    /// `count` keys without a folder.
    Flat {
        /// How many keys.
        count: u64,
    },
    /// `folders` folders with `per_folder` keys in each.
    Tree {
        /// How many folders.
        folders: u64,
        /// How many keys in each folder.
        per_folder: u64,
    },
}

/// Why a text describes no synthetic keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither `flat:COUNT` nor `tree:FOLDERSxKEYS` with at most a billion keys")]
pub struct InvalidSyntheticKeys(String);

const MOST_KEYS: u64 = 1_000_000_000;

impl FromStr for SyntheticKeys {
    type Err = InvalidSyntheticKeys;

    fn from_str(text: &str) -> Result<Self, InvalidSyntheticKeys> {
        let invalid = || InvalidSyntheticKeys(text.chars().take(80).collect());
        let (shape, numbers) = text.split_once(':').ok_or_else(invalid)?;
        let number = |digits: &str| digits.replace('_', "").parse::<u64>().map_err(|_| invalid());
        let keys = match shape {
            "flat" => Self::Flat {
                count: number(numbers)?,
            },
            "tree" => {
                let (folders, per_folder) = numbers.split_once('x').ok_or_else(invalid)?;
                Self::Tree {
                    folders: number(folders)?,
                    per_folder: number(per_folder)?,
                }
            }
            _ => return Err(invalid()),
        };
        if keys.checked_count().is_none_or(|count| count > MOST_KEYS) {
            return Err(invalid());
        }
        Ok(keys)
    }
}

impl SyntheticKeys {
    /// How many keys there are.
    pub fn count(&self) -> u64 {
        self.checked_count().unwrap_or(u64::MAX)
    }

    fn checked_count(&self) -> Option<u64> {
        match *self {
            Self::Flat { count } => Some(count),
            Self::Tree { folders, per_folder } => folders.checked_mul(per_folder),
        }
    }

    /// The key at an index, in byte order.
    pub fn key(&self, index: u64) -> String {
        let mut key = Vec::with_capacity(24);
        self.write_key(index, &mut key);
        String::from_utf8(key).unwrap_or_default()
    }

    fn write_key(&self, index: u64, key: &mut Vec<u8>) {
        match *self {
            Self::Flat { .. } => {
                key.extend_from_slice(b"obj-");
                digits(key, index, 10);
            }
            Self::Tree { folders, per_folder } => {
                let per_folder = per_folder.max(1);
                key.push(b'p');
                digits(key, index / per_folder, width(folders).max(4));
                key.extend_from_slice(b"/obj-");
                digits(key, index % per_folder, width(per_folder).max(5));
            }
        }
    }
}

/// How many digits the largest of `count` numbers has.
fn width(count: u64) -> u32 {
    count.saturating_sub(1).checked_ilog10().unwrap_or(0) + 1
}

fn digits(out: &mut Vec<u8>, number: u64, width: u32) {
    for place in (0..width).rev() {
        let digit = number / 10_u64.pow(place) % 10;
        out.push(b'0' + u8::try_from(digit).unwrap_or(0));
    }
}

/// Synthetic keys with the facts a bucket adds: times, sizes, ETags.
#[derive(Debug, Clone)]
pub(crate) struct SyntheticBucket {
    pub(crate) keys: SyntheticKeys,
    pub(crate) seed: u64,
    pub(crate) newest: i64,
}

const TWO_YEARS: u64 = 2 * 365 * 86_400;

impl SyntheticBucket {
    /// The index of the first key at or behind the bound.
    pub(crate) fn seek(&self, from: Bound<&str>) -> u64 {
        let (mut low, mut high) = (0, self.keys.count());
        let mut key = Vec::with_capacity(32);
        while low < high {
            let middle = low + (high - low) / 2;
            key.clear();
            self.keys.write_key(middle, &mut key);
            let before = match from {
                Bound::Included(text) => key.as_slice() < text.as_bytes(),
                Bound::Excluded(text) => key.as_slice() <= text.as_bytes(),
                Bound::Unbounded => false,
            };
            if before {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Writes the key at the index and tells its facts; `None` behind the last one.
    pub(crate) fn at(&self, index: u64, key: &mut String) -> Option<Facts> {
        if index >= self.keys.count() {
            return None;
        }
        let mut bytes = std::mem::take(key).into_bytes();
        bytes.clear();
        self.keys.write_key(index, &mut bytes);
        *key = String::from_utf8(bytes).unwrap_or_default();
        let number = mix(self.seed ^ index);
        // Two numbers multiplied give sizes that spread over orders of magnitude: 0 to 16 MiB, mostly small.
        let size = (number & 0xfff) * ((number >> 12) & 0xfff);
        let age = i64::try_from((number >> 24) % TWO_YEARS).unwrap_or(0);
        Some(Facts {
            size,
            modified: self.newest - age,
            etag: Etag::scattered(number, size),
            storage_class: "STANDARD",
        })
    }

    /// The facts of a key, and the seed of its content.
    pub(crate) fn find(&self, key: &str) -> Option<(Facts, u64)> {
        let index = self.seek(Bound::Included(key));
        let mut found = String::new();
        let facts = self.at(index, &mut found)?;
        (found == key).then(|| (facts, mix(self.seed ^ index)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_byte_order_and_are_found() {
        for keys in ["flat:2345", "tree:13x17", "tree:1x1", "flat:0", "tree:12000x3"] {
            let bucket = SyntheticBucket {
                keys: keys.parse().unwrap(),
                seed: 3,
                newest: 0,
            };
            let all: Vec<String> = (0..bucket.keys.count()).map(|i| bucket.keys.key(i)).collect();
            assert!(all.is_sorted_by(|a, b| a < b), "{keys}");
            for (index, key) in all.iter().enumerate() {
                assert_eq!(bucket.seek(Bound::Included(key)), index as u64);
                assert_eq!(bucket.seek(Bound::Excluded(key)), index as u64 + 1);
            }
            assert_eq!(bucket.seek(Bound::Included("")), 0);
            assert_eq!(bucket.seek(Bound::Excluded("z")), all.len() as u64);
        }
    }

    #[test]
    fn texts() {
        assert_eq!("flat:1_000".parse(), Ok(SyntheticKeys::Flat { count: 1000 }));
        for bad in [
            "",
            "flat",
            "flat:",
            "flat:-1",
            "tree:10",
            "tree:10x",
            "tree:9999999999x9999999999",
            "big:1",
        ] {
            assert!(bad.parse::<SyntheticKeys>().is_err(), "{bad}");
        }
    }
}
