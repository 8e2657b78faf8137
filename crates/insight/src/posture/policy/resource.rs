//! What of a bucket a statement is about.

use serde_json::{Map, Value};

use super::{matches, texts};

/// Which resources of the bucket a statement names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached {
    /// The bucket itself: what it lists, how it is set up.
    pub(super) bucket: bool,
    /// Some of its objects.
    pub(super) objects: bool,
    /// All of them.
    pub(super) all_objects: bool,
}

impl Reached {
    const ALL: Self = Self {
        bucket: true,
        objects: true,
        all_objects: true,
    };

    /// What an allowing statement reaches. One that says nothing of it, or all but something, is taken to reach everything.
    pub(super) fn of(statement: &Map<String, Value>, bucket: &str) -> Option<Self> {
        let resources = match (statement.get("Resource"), statement.get("NotResource")) {
            (Some(resources), None) => texts(resources)?,
            _ => return Some(Self::ALL),
        };
        let below = format!("{bucket}/");
        let patterns = || resources.iter().map(|resource| name(resource));
        Some(Self {
            bucket: patterns().any(|pattern| matches(pattern, bucket)),
            objects: patterns().any(|pattern| reaches_below(pattern, &below)),
            all_objects: patterns().any(|pattern| is_everything(pattern, &below)),
        })
    }
}

/// What stands behind `arn:aws:s3:::`, whatever partition and account it names.
fn name(resource: &str) -> &str {
    match resource.strip_prefix("arn:") {
        Some(rest) => rest.splitn(5, ':').nth(4).unwrap_or(resource),
        None => resource,
    }
}

/// Whether a pattern matches every name that begins so: it matches the beginning up to its last star.
fn is_everything(pattern: &str, below: &str) -> bool {
    let Some(before) = pattern.strip_suffix('*') else {
        return false;
    };
    (0..=below.len()).any(|end| below.get(..end).is_some_and(|begin| matches(before, begin)))
}

/// Whether a pattern matches some name that begins so and goes on.
fn reaches_below(pattern: &str, below: &str) -> bool {
    let pattern = pattern.as_bytes();
    // The places of the pattern that may be next.
    let mut next = vec![false; pattern.len().saturating_add(1)];
    reach(&mut next, pattern, 0);
    for byte in below.bytes() {
        let mut after = vec![false; next.len()];
        for (at, wanted) in pattern.iter().enumerate() {
            if !next.get(at).copied().unwrap_or_default() {
                continue;
            }
            match wanted {
                b'*' => reach(&mut after, pattern, at),
                b'?' => reach(&mut after, pattern, at.saturating_add(1)),
                wanted if *wanted == byte => reach(&mut after, pattern, at.saturating_add(1)),
                _ => {}
            }
        }
        next = after;
    }
    // A place behind the last byte of the pattern leaves nothing for the key.
    next.iter().take(pattern.len()).any(|is_next| *is_next)
}

/// Marks a place as next, and what stands behind stars there, as those may stand for nothing.
fn reach(places: &mut [bool], pattern: &[u8], mut at: usize) {
    loop {
        let Some(place) = places.get_mut(at).filter(|place| !**place) else {
            return;
        };
        *place = true;
        if pattern.get(at) != Some(&b'*') {
            return;
        }
        at = at.saturating_add(1);
    }
}
