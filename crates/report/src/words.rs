//! Names that repeat, as small numbers.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// The number of every name that found no room.
pub(crate) const OTHER: u32 = 0;

/// What stands for those names in answers.
const OTHER_NAME: &[u8] = b"(other)";

/// Numbers for names, up to a limit.
#[derive(Debug)]
pub(crate) struct Words {
    most: usize,
    hasher: DefaultHashBuilder,
    table: HashTable<(u64, u32)>,
    names: Vec<Box<[u8]>>,
    last: u32,
    full: bool,
}

impl Words {
    /// No names yet.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            hasher: DefaultHashBuilder::default(),
            table: HashTable::new(),
            names: vec![OTHER_NAME.into()],
            last: OTHER,
            full: false,
        }
    }

    /// The number of a name.
    #[inline]
    pub(crate) fn number(&mut self, name: &[u8]) -> u32 {
        if self.name(self.last) == name {
            return self.last;
        }
        let hash = self.hasher.hash_one(name);
        let names = &self.names;
        let same = |(_, number): &(u64, u32)| name_of(names, *number) == name;
        if let Some((_, number)) = self.table.find(hash, same) {
            self.last = *number;
            return *number;
        }
        self.insert(hash, name)
    }

    #[cold]
    fn insert(&mut self, hash: u64, name: &[u8]) -> u32 {
        let number = u32::try_from(self.names.len()).ok();
        let Some(number) = number.filter(|_| self.names.len() <= self.most) else {
            self.full = true;
            return OTHER;
        };
        self.names.push(name.into());
        self.table.insert_unique(hash, (hash, number), |(hash, _)| *hash);
        self.last = number;
        number
    }

    /// The name of a number.
    pub(crate) fn name(&self, number: u32) -> &[u8] {
        name_of(&self.names, number)
    }

    /// One more than the highest number.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }

    /// Whether names found no room.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// Takes over the names of another one and says which number each has here.
    pub(crate) fn join(&mut self, other: &Self) -> Vec<u32> {
        self.full |= other.full;
        self.most = self.most.saturating_add(other.most);
        let mut numbers = vec![OTHER];
        for name in other.names.iter().skip(1) {
            numbers.push(self.number(name));
        }
        numbers
    }
}

fn name_of(names: &[Box<[u8]>], number: u32) -> &[u8] {
    usize::try_from(number)
        .ok()
        .and_then(|at| names.get(at))
        .map_or(&[], |name| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_up_to_a_limit() {
        let mut words = Words::new(2);
        assert_eq!(
            [words.number(b"a"), words.number(b"b"), words.number(b"a")],
            [1, 2, 1]
        );
        assert!(!words.is_full());
        assert_eq!(words.number(b"c"), OTHER);
        assert!(words.is_full());
        assert_eq!(words.name(2), b"b");
        let mut others = Words::new(2);
        others.number(b"b");
        others.number(b"d");
        assert_eq!(words.join(&others), [OTHER, 2, 3]);
    }
}
