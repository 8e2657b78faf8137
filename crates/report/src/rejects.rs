//! Lines that are no records: all counted, some shown.

use std::collections::{BTreeMap, BinaryHeap};

use spacewatch_access_log::{Line, Reason};

/// So much of a line is shown.
const SHOWN_BYTES: usize = 512;

/// A rejected line: the file by its number, where it begins, and its beginning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sample {
    pub(crate) file: usize,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) reason: &'static str,
    pub(crate) beginning: Vec<u8>,
}

/// The rejects of one worker.
#[derive(Debug)]
pub(crate) struct Rejects {
    most: usize,
    pub(crate) by_reason: BTreeMap<&'static str, (Reason, u64)>,
    /// The first ones by file and offset, whichever worker met them when; the last of them on top.
    samples: BinaryHeap<Sample>,
}

impl Rejects {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            by_reason: BTreeMap::new(),
            samples: BinaryHeap::new(),
        }
    }

    pub(crate) fn add(&mut self, file: usize, offset: u64, line: &Line<'_>, reason: Reason) {
        self.by_reason.entry(reason.as_str()).or_insert((reason, 0)).1 += 1;
        let is_earlier = |last: &Sample| (file, offset) < (last.file, last.offset);
        if self.samples.len() < self.most || self.samples.peek().is_some_and(is_earlier) {
            let beginning = line.bytes.get(..SHOWN_BYTES).unwrap_or(line.bytes);
            self.keep(Sample {
                file,
                offset,
                length: line.length,
                reason: reason.as_str(),
                beginning: beginning.to_vec(),
            });
        }
    }

    fn keep(&mut self, sample: Sample) {
        self.samples.push(sample);
        if self.samples.len() > self.most {
            self.samples.pop();
        }
    }

    pub(crate) fn join(&mut self, other: Self) {
        for (word, (reason, count)) in other.by_reason {
            self.by_reason.entry(word).or_insert((reason, 0)).1 += count;
        }
        for sample in other.samples {
            self.keep(sample);
        }
    }

    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        self.by_reason.values().map(|(_, count)| count).sum()
    }

    /// The first ones, in order.
    pub(crate) fn into_samples(self) -> Vec<Sample> {
        self.samples.into_sorted_vec()
    }
}
