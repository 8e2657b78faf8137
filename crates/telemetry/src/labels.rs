//! Short numbers for bucket names, no more than a fixed count of them.

use std::collections::HashMap;

use spacewatch_model::BucketName;

/// More names than this at once are summed together: names come from outside, memory doesn't.
pub(crate) const MAX_LABELS: u16 = 500;

/// The label of all buckets beyond the cap.
pub(crate) const OTHER: u16 = 0;

/// Gives bucket names labels, and takes them back when a name went out of use.
#[derive(Debug)]
pub(crate) struct Labels {
    labels: HashMap<BucketName, u16>,
    /// By label, without [`OTHER`]: the name, and the second it was last seen.
    names: Vec<(BucketName, u64)>,
    /// How many seconds a label stays with a name that isn't seen any more.
    keep: u64,
    /// Before this second there is no label to take back.
    look_again: u64,
}

impl Labels {
    pub(crate) fn new(keep: u64) -> Self {
        Self {
            labels: HashMap::new(),
            names: Vec::new(),
            keep,
            look_again: 0,
        }
    }

    pub(crate) fn label(&mut self, bucket: &BucketName, second: u64) -> u16 {
        if let Some(&label) = self.labels.get(bucket) {
            if let Some((_, seen)) = self.names.get_mut(usize::from(label) - 1) {
                *seen = second.max(*seen);
            }
            return label;
        }
        let next = u16::try_from(self.names.len() + 1).unwrap_or(u16::MAX);
        let label = if next <= MAX_LABELS {
            self.names.push((bucket.clone(), second));
            next
        } else {
            match self.take_back(bucket, second) {
                Some(label) => label,
                None => return OTHER,
            }
        };
        self.labels.insert(bucket.clone(), label);
        label
    }

    pub(crate) fn name(&self, label: u16) -> Option<&BucketName> {
        let at = usize::from(label).checked_sub(1)?;
        self.names.get(at).map(|(name, _)| name)
    }

    /// Gives the label that was longest out of use to another name, if it was out of use long enough.
    fn take_back(&mut self, bucket: &BucketName, second: u64) -> Option<u16> {
        if second < self.look_again {
            return None;
        }
        let (at, free) = self
            .names
            .iter()
            .enumerate()
            .map(|(at, (_, seen))| (at, seen + self.keep + 1))
            .min_by_key(|&(_, free)| free)?;
        if second < free {
            self.look_again = free;
            return None;
        }
        let (name, seen) = self.names.get_mut(at)?;
        self.labels.remove(name);
        *name = bucket.clone();
        *seen = second;
        u16::try_from(at + 1).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(number: u16) -> BucketName {
        format!("bucket-{number}").parse().unwrap()
    }

    #[test]
    fn names_beyond_the_cap_wait_until_one_is_out_of_use() {
        let mut labels = Labels::new(300);
        for number in 1..=MAX_LABELS {
            assert_eq!(labels.label(&bucket(number), 1000), number);
        }
        assert_eq!(labels.label(&bucket(7), 1000), 7);
        assert_eq!(labels.label(&bucket(9000), 1000), OTHER);
        for number in (1..=MAX_LABELS).filter(|&number| number != 42) {
            labels.label(&bucket(number), 1100);
        }
        assert_eq!(labels.label(&bucket(9000), 1300), OTHER);
        assert_eq!(labels.label(&bucket(9000), 1301), 42);
        assert_eq!(labels.name(42), Some(&bucket(9000)));
        assert_eq!(labels.label(&bucket(42), 1302), OTHER);
        assert_eq!(labels.name(OTHER), None);
    }
}
