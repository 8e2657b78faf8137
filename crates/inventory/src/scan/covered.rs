//! Which keys a scan knows everything about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spacewatch_s3::KeyRange;

/// Disjoint ranges of keys, by their lower end; ranges that touch are one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Covered(BTreeMap<String, Option<String>>);

impl Covered {
    /// Adds a range that lies outside of those that are there.
    pub(crate) fn add(&mut self, range: KeyRange) {
        let KeyRange { mut after, mut until } = range;
        if until.as_ref().is_some_and(|until| *until <= after) {
            return;
        }
        if let Some(joined) = until.as_ref().and_then(|until| self.0.remove(until)) {
            until = joined;
        }
        let below = self.0.range(..=after.clone()).next_back();
        if let Some((lower, upper)) = below
            && upper.as_deref() == Some(&after)
        {
            after = lower.clone();
        }
        self.0.insert(after, until);
    }

    /// What is left.
    pub(crate) fn gaps(&self) -> Vec<KeyRange> {
        let mut gaps = Vec::new();
        let mut from = Some(String::new());
        for (after, until) in &self.0 {
            let Some(begin) = from.filter(|begin| begin <= after) else {
                return gaps;
            };
            if begin < *after {
                gaps.push(KeyRange {
                    after: begin,
                    until: Some(after.clone()),
                });
            }
            from = until.clone();
        }
        gaps.extend(from.map(|after| KeyRange { after, until: None }));
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ranges: &[(&str, Option<&str>)], left: &str) {
        let mut covered = Covered::default();
        for (after, until) in ranges {
            covered.add(KeyRange {
                after: (*after).to_owned(),
                until: until.map(str::to_owned),
            });
        }
        let gaps: Vec<String> = covered
            .gaps()
            .into_iter()
            .map(|gap| format!("{}..{}", gap.after, gap.until.unwrap_or_default()))
            .collect();
        assert_eq!(gaps.join(" "), left, "{covered:?}");
    }

    #[test]
    fn what_is_left() {
        check(&[], "..");
        check(&[("", None)], "");
        check(&[("", Some("b"))], "b..");
        check(&[("b", Some("d"))], "..b d..");
        check(&[("b", Some("d")), ("d", Some("f"))], "..b f..");
        check(&[("d", Some("f")), ("b", Some("d"))], "..b f..");
        check(&[("d", None), ("", Some("b")), ("b", Some("d"))], "");
        check(&[("d", None), ("", Some("b"))], "b..d");
        check(&[("b", Some("b"))], "..");
    }
}
