//! Where to cut a key space of which one page is known.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::page::{Listed, MAX_KEY_BYTES};

/// How many characters behind the common beginning are looked at.
const LOOKED_AT: usize = 4;

/// What a page tells about the keys behind it.
///
/// Keys mostly count: `img-0001`, `2026/11/22/…`, hexadecimal, words. All keys of a page share a beginning;
/// the first position where they differ is where a page's worth of keys turns. Behind it, one step at a
/// position further left holds a page or more, so that is where cuts are worth a request.
pub(super) struct Shape<'a> {
    first: &'a str,
    last: &'a str,
    count: usize,
    /// Characters that all keys of the page begin with.
    common: usize,
    /// What may stand where keys count, ascending.
    alphabet: Vec<char>,
}

/// A place to cut: a range ends with this text, the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) at: String,
    /// The position that was changed. Cuts further left promise more keys.
    pub(super) position: usize,
}

impl<'a> Shape<'a> {
    /// The shape of a page with at least two objects.
    pub(super) fn of<T: Listed>(objects: &'a [T]) -> Option<Self> {
        let [first, .., last] = objects else { return None };
        let (first, last) = (first.key().as_str(), last.key().as_str());
        let common = common_characters(first, last);
        let bytes: usize = last.chars().take(common).map(char::len_utf8).sum();
        let tails = objects
            .iter()
            .filter_map(|object| object.key().as_str().get(bytes..));
        Some(Self {
            first,
            last,
            count: objects.len(),
            common,
            alphabet: alphabet(tails),
        })
    }

    /// Cuts behind the page and before `until`, ascending, about `wanted` at most. Positions before
    /// `fixed` stay as they are: there all keys are alike.
    pub(super) fn cuts(&self, fixed: usize, until: Option<&str>, wanted: usize) -> Vec<Cut> {
        let floor = fixed.max(until.map_or(0, |until| common_characters(self.last, until)));
        let mut cuts = Vec::new();
        // The nearest first: when not all fit, the far ones are found again from there.
        for position in (floor..=self.common).rev() {
            if cuts.len() >= wanted {
                break;
            }
            let beginning: String = self.last.chars().take(position).collect();
            let Some(here) = self.last.chars().nth(position) else {
                continue;
            };
            for next in self.greater(position, here) {
                let at = format!("{beginning}{next}");
                if at.len() <= MAX_KEY_BYTES && until.is_none_or(|until| at.as_str() < until) {
                    cuts.push(Cut { at, position });
                }
            }
        }
        cuts.sort_by(|a, b| a.at.cmp(&b.at));
        cuts
    }

    /// Characters greater than `here` that may stand at `position`. Where the page itself turns, a step is
    /// as long as the page's own.
    fn greater(&self, position: usize, here: char) -> impl Iterator<Item = char> + '_ {
        let from = self.alphabet.partition_point(|c| *c <= here);
        let step = match position.cmp(&self.common) {
            Ordering::Equal => {
                let first = self.first.chars().nth(position).unwrap_or('\0');
                from.saturating_sub(self.alphabet.partition_point(|c| *c <= first))
                    .max(1)
            }
            _ => 1,
        };
        // Where nothing of the alphabet stands (a fixed word between numbers), nothing counts.
        let counts = self.alphabet.binary_search(&here).is_ok();
        let skip = from.saturating_add(step).saturating_sub(1);
        self.alphabet
            .iter()
            .copied()
            .skip(skip)
            .step_by(step)
            .filter(move |_| counts)
    }

    /// About how many keys lie between the page and `until`, if they go on like this.
    pub(super) fn expected_before(&self, until: &str) -> f64 {
        let common = common_characters(self.first, until).min(self.common);
        let place = |key: &str| {
            let digits = key.chars().skip(common).take(12);
            let base = self.base();
            digits
                .fold((0.0, 1.0 / base), |(sum, unit), c| {
                    (sum + unit * self.digit(c), unit / base)
                })
                .0
        };
        let (first, last, until) = (place(self.first), place(self.last), place(until));
        let page = last - first;
        if page <= 0.0 {
            f64::INFINITY
        } else {
            (until - last).max(0.0) / page * f64::from(u32::try_from(self.count).unwrap_or(u32::MAX))
        }
    }

    fn base(&self) -> f64 {
        f64::from(u32::try_from(self.alphabet.len()).unwrap_or(u32::MAX)) + 1.0
    }

    fn digit(&self, c: char) -> f64 {
        f64::from(u32::try_from(self.alphabet.partition_point(|known| *known <= c)).unwrap_or(u32::MAX))
    }
}

pub(super) fn common_characters(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

/// The characters that stand where keys differ, with the others of their kind.
fn alphabet<'a>(tails: impl Iterator<Item = &'a str>) -> Vec<char> {
    let mut seen: [BTreeSet<char>; LOOKED_AT] = Default::default();
    for tail in tails {
        for (position, c) in seen.iter_mut().zip(tail.chars()) {
            position.insert(c);
        }
    }
    // A position where all keys are alike is no digit of anything.
    let mut all: BTreeSet<char> = seen.into_iter().filter(|set| set.len() > 1).flatten().collect();
    for kind in ['0'..='9', 'a'..='z', 'A'..='Z'] {
        let greatest = all.iter().rev().copied().find(|c| kind.contains(c));
        match greatest {
            Some('a'..='f') => all.extend('a'..='f'),
            Some('A'..='F') => all.extend('A'..='F'),
            Some(_) => all.extend(kind),
            None => {}
        }
    }
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;
    use spacewatch_model::ByteSize;

    use super::*;
    use crate::ObjectSummary;

    fn objects(keys: impl IntoIterator<Item = String>) -> Vec<ObjectSummary> {
        let object = |key: String| ObjectSummary {
            key: key.try_into().expect("a key"),
            size: ByteSize(0),
            last_modified: None,
            etag: None,
            storage_class: None,
        };
        keys.into_iter().map(object).collect()
    }

    fn check(keys: impl IntoIterator<Item = String>, until: Option<&str>, expected: Expect) {
        let objects = objects(keys);
        let cuts = Shape::of(&objects).expect("a shape").cuts(0, until, 64);
        let shown: Vec<String> = cuts.into_iter().map(|cut| cut.at).collect();
        expected.assert_eq(&shown.join(" "));
    }

    #[test]
    fn counters() {
        check(
            (0..1000).map(|n| format!("obj-{n:06}")),
            None,
            expect![
                "obj-001 obj-002 obj-003 obj-004 obj-005 obj-006 obj-007 obj-008 obj-009 obj-01 obj-02 obj-03 obj-04 obj-05 obj-06 obj-07 obj-08 obj-09 obj-1 obj-2 obj-3 obj-4 obj-5 obj-6 obj-7 obj-8 obj-9"
            ],
        );
        check(
            (70_000..71_000).map(|n| format!("obj-{n:06}")),
            Some("obj-075"),
            expect!["obj-071 obj-072 obj-073 obj-074"],
        );
    }

    #[test]
    fn a_page_of_several_prefixes() {
        let keys = |dirs: std::ops::Range<u32>| {
            dirs.flat_map(|dir| (0..100).map(move |n| format!("dir-{dir:04}/file-{n:03}")))
        };
        check(
            keys(0..10),
            Some("dir-02"),
            expect!["dir-001 dir-002 dir-003 dir-004 dir-005 dir-006 dir-007 dir-008 dir-009 dir-01"],
        );
    }

    #[test]
    fn hexadecimal_turns_inside_a_step() {
        check(
            (0..1000_u32).map(|n| format!("{:08x}", n * 42_949)),
            Some("1"),
            expect!["04 06 08 0a 0c 0e"],
        );
    }

    #[test]
    fn what_is_left_of_a_counter() {
        let objects = objects((10_000..11_000).map(|n| format!("obj-{n:06}")));
        let shape = Shape::of(&objects).expect("a shape");
        assert!(shape.expected_before("obj-011") < 2.0);
        let far = shape.expected_before("obj-02");
        assert!((8000.0..12_000.0).contains(&far), "{far}");
    }

    proptest! {
        #[test]
        fn cuts_ascend_between_page_and_end(
            keys in proptest::collection::btree_set("[a-c0-2/é\u{1}\u{10ffff}]{1,6}", 3..40),
            fixed in 0_usize..3,
        ) {
            let mut keys: Vec<String> = keys.into_iter().collect();
            let until = keys.pop().expect("three keys");
            let objects = objects(keys);
            let shape = Shape::of(&objects).expect("a shape");
            for until in [None, Some(until.as_str())] {
                let cuts = shape.cuts(fixed, until, 50);
                let last = objects.last().expect("a key").key.as_str();
                prop_assert!(cuts.is_sorted_by(|a, b| a.at < b.at));
                prop_assert!(cuts.iter().all(|cut| cut.at.as_str() > last));
                prop_assert!(cuts.iter().all(|cut| until.is_none_or(|until| cut.at.as_str() < until)));
            }
            prop_assert!(shape.expected_before(&until) >= 0.0);
        }
    }
}
