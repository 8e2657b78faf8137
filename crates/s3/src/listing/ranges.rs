//! The parts of a key space that are still to be read.

use std::collections::BTreeMap;

use crate::KeyRange;
use crate::page::{Keys, Listed};

/// Disjoint ranges of keys, each open at its lower end and closed at its upper one, by their lower end.
///
/// A range is either waiting or being read by one request. Whatever lies in no range was delivered, or holds
/// no key. That is all that exactness rests on: a page delivers only what lies in its own range or in waiting
/// ones, and takes what it covers out of them in the same step.
#[derive(Debug)]
pub(super) struct Ranges(BTreeMap<String, Range>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    until: Option<String>,
    being_read: bool,
    max: usize,
    position: Option<usize>,
}

/// A range to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Behind this key; empty means from the beginning.
    pub(super) after: String,
    /// Up to this key; absent means to the end.
    pub(super) until: Option<String>,
    /// Keys to ask for.
    pub(super) max: usize,
    /// The position of the cut that it begins behind, if it is a guess. Ranges from cuts further left
    /// promise more, and are read first.
    pub(super) position: Option<usize>,
}

/// What became of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Settled {
    /// What of the page nobody else will deliver.
    taken: Vec<(String, Option<String>)>,
    /// If the range was a guess: the position of its cut, and whether there was anything in it.
    pub(super) guess: Option<(usize, bool)>,
    /// From where to where the range that the page ends in goes on.
    pub(super) rest: Option<(String, Option<String>)>,
}

impl Ranges {
    /// These parts of the key space, which are disjoint.
    pub(super) fn of(parts: Vec<KeyRange>, max: usize) -> Self {
        let range = |part: KeyRange| {
            let range = Range {
                until: part.until,
                being_read: false,
                max,
                position: None,
            };
            (part.after, range)
        };
        Self(parts.into_iter().map(range).collect())
    }

    /// How many ranges there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes a waiting range to be read: where to begin, and how many keys to ask for.
    pub(super) fn start_next(&mut self) -> Option<(String, usize)> {
        let waiting = self.0.iter_mut().filter(|(_, range)| !range.being_read);
        let (after, range) = waiting.min_by_key(|(_, range)| range.position)?;
        range.being_read = true;
        Some((after.clone(), range.max))
    }

    /// Adds a waiting range.
    pub(super) fn add(&mut self, part: Part) {
        let Part {
            after,
            until,
            max,
            position,
        } = part;
        self.0.insert(
            after,
            Range {
                until,
                being_read: false,
                max,
                position,
            },
        );
    }

    /// A page of the range that begins at `after` has come.
    pub(super) fn settle<T: Listed>(&mut self, after: &str, page: &Keys<T>) -> Settled {
        let Some(own) = self.0.remove(after) else {
            return Settled {
                taken: Vec::new(),
                guess: None,
                rest: None,
            };
        };
        // The page tells all about (after, reach]; without a reach, about everything behind `after`.
        let reach = page
            .objects
            .last()
            .filter(|_| page.truncated)
            .map(|last| last.key().as_str().to_owned());
        let is_covered = |until: &Option<String>| match (&reach, until) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(reach), Some(until)) => until <= reach,
        };
        let first = page.objects.first().map(|first| first.key().as_str());
        let right = first.is_some_and(|first| own.until.as_deref().is_none_or(|until| first <= until));
        let guess = own.position.map(|position| (position, right));
        let mut rest = None;
        let mut taken = vec![(after.to_owned(), own.until.clone())];
        if is_covered(&own.until) {
            for lower in self.waiting_below(after, reach.as_deref()) {
                let Some(range) = self.0.remove(&lower) else {
                    continue;
                };
                if !is_covered(&range.until) {
                    rest = reach.clone().map(|reach| (reach, range.until.clone()));
                }
                taken.push((lower, range.until));
            }
        } else {
            rest = reach.clone().map(|reach| (reach, own.until));
        }
        Settled { taken, guess, rest }
    }

    /// Waiting ranges behind `after` that begin below `reach`.
    fn waiting_below(&self, after: &str, reach: Option<&str>) -> Vec<String> {
        self.0
            .range::<str, _>((std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded))
            .take_while(|(lower, _)| reach.is_none_or(|reach| lower.as_str() < reach))
            .filter(|(_, range)| !range.being_read)
            .map(|(lower, _)| lower.clone())
            .collect()
    }
}

impl Settled {
    /// The keys about which the page told everything.
    pub(super) fn covered(&self) -> Vec<KeyRange> {
        let covered = |(after, until): &(String, Option<String>)| KeyRange {
            after: after.clone(),
            until: match &self.rest {
                Some((reach, end)) if end == until => Some(reach.clone()),
                _ => until.clone(),
            },
        };
        self.taken.iter().map(covered).collect()
    }

    /// Leaves of the page's objects those that are to be delivered.
    pub(super) fn keep_taken<T: Listed>(&self, objects: &mut Vec<T>) {
        // Both ascend.
        let mut parts = self.taken.iter().peekable();
        objects.retain(|object| {
            let key = object.key().as_str();
            while parts
                .next_if(|(_, until)| until.as_deref().is_some_and(|until| until < key))
                .is_some()
            {}
            parts.peek().is_some_and(|(after, _)| after.as_str() < key)
        });
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use spacewatch_model::ByteSize;

    use super::*;
    use crate::ObjectSummary;

    fn page(keys: &str, truncated: bool) -> Keys {
        let objects = keys.split_whitespace().map(|key| ObjectSummary {
            key: key.parse().expect("a key"),
            size: ByteSize(0),
            last_modified: None,
            etag: None,
            storage_class: None,
        });
        let objects: Vec<_> = objects.collect();
        Keys {
            truncated,
            sent: objects.len(),
            objects,
        }
    }

    fn ranges(parts: &[(&str, Option<&str>, bool)]) -> Ranges {
        let range = |until: Option<&str>, being_read| Range {
            until: until.map(str::to_owned),
            being_read,
            max: 3,
            position: None,
        };
        Ranges(
            parts
                .iter()
                .map(|&(after, until, read)| (after.to_owned(), range(until, read)))
                .collect(),
        )
    }

    fn check(parts: &[(&str, Option<&str>, bool)], mut page: Keys, expected: Expect) {
        let mut ranges = ranges(parts);
        let settled = ranges.settle("b", &page);
        settled.keep_taken(&mut page.objects);
        let keys: Vec<&str> = page.objects.iter().map(|object| object.key.as_str()).collect();
        let left: Vec<&String> = ranges.0.keys().collect();
        expected.assert_eq(&format!("{keys:?} rest {:?} left {left:?}", settled.rest));
    }

    #[test]
    fn a_page_inside_its_range() {
        let own = [("b", Some("d"), true), ("d", None, true)];
        check(
            &own,
            page("b1 b2", true),
            expect![[r#"["b1", "b2"] rest Some(("b2", Some("d"))) left ["d"]"#]],
        );
        check(
            &own,
            page("b1 d", true),
            expect![[r#"["b1", "d"] rest None left ["d"]"#]],
        );
        check(&own, page("", false), expect![[r#"[] rest None left ["d"]"#]]);
    }

    #[test]
    fn a_page_beyond_its_range() {
        let read = [("b", Some("d"), true), ("d", Some("f"), true), ("f", None, false)];
        check(
            &read,
            page("c d e", true),
            expect![[r#"["c", "d"] rest None left ["d", "f"]"#]],
        );
        check(
            &read,
            page("c e g", true),
            expect![[r#"["c", "g"] rest Some(("g", None)) left ["d"]"#]],
        );
        check(
            &read,
            page("c e g", false),
            expect![[r#"["c", "g"] rest None left ["d"]"#]],
        );
        let waiting = [
            ("b", Some("d"), true),
            ("d", Some("f"), false),
            ("f", None, false),
        ];
        check(
            &waiting,
            page("c e f", true),
            expect![[r#"["c", "e", "f"] rest None left ["f"]"#]],
        );
        check(
            &waiting,
            page("x", true),
            expect![[r#"["x"] rest Some(("x", None)) left []"#]],
        );
        check(
            &waiting,
            page("c", false),
            expect![[r#"["c"] rest None left []"#]],
        );
    }
}
