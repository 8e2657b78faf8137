//! What buckets held at earlier moments, as far as what is there now tells.

use std::ops::Bound;

use crate::world::{Bucket, Contents, History};

/// What a bucket held at a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoredThen {
    /// How many objects, without old versions.
    pub objects: u64,
    /// Their size.
    pub bytes: u64,
}

/// A moment at which what a key holds became something else.
#[derive(Debug, Clone, Copy)]
struct Change {
    at: i64,
    before: StoredThen,
    after: StoredThen,
}

impl Change {
    fn applied_to(self, stored: StoredThen) -> StoredThen {
        let (before, after) = (self.before, self.after);
        StoredThen {
            objects: (stored.objects + after.objects).saturating_sub(before.objects),
            bytes: (stored.bytes + after.bytes).saturating_sub(before.bytes),
        }
    }
}

/// What a bucket held at each of these moments, in seconds, which follow each other; nothing before it was made.
pub(crate) fn stored_at(bucket: &Bucket, moments: &[i64]) -> Vec<Option<StoredThen>> {
    let mut changes = changes(bucket);
    changes.sort_unstable_by_key(|change| change.at);
    let mut changes = changes.into_iter().peekable();
    let mut stored = StoredThen::default();
    let then = moments.iter().map(|moment| {
        while let Some(change) = changes.next_if(|change| change.at <= *moment) {
            stored = change.applied_to(stored);
        }
        (bucket.created <= *moment).then_some(stored)
    });
    then.collect()
}

fn changes(bucket: &Bucket) -> Vec<Change> {
    let mut all = Vec::new();
    match &bucket.contents {
        Contents::Stored(keys) => all.extend(keys.values().flat_map(of_key)),
        Contents::Synthetic(_) => {
            let mut cursor = bucket.cursor(Bound::Unbounded);
            while let Some((_, facts)) = cursor.next() {
                all.push(Change {
                    at: facts.modified,
                    before: StoredThen::default(),
                    after: one(facts.size),
                });
            }
        }
    }
    all
}

fn of_key(history: &History) -> impl Iterator<Item = Change> + '_ {
    let held = |object: Option<u64>| object.map_or_else(StoredThen::default, one);
    let mut before = StoredThen::default();
    history.0.iter().map(move |version| {
        let after = held(version.object.as_ref().map(|object| object.content.size()));
        let change = Change {
            at: version.modified,
            before,
            after,
        };
        before = after;
        change
    })
}

fn one(bytes: u64) -> StoredThen {
    StoredThen { objects: 1, bytes }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use spacewatch_model::{Clock, SystemClock};

    use super::*;
    use crate::StandaloneConfig;

    #[tokio::test]
    async fn the_last_moment_is_what_is_listed_and_earlier_ones_hold_less() {
        let store = StandaloneConfig::default()
            .start(Arc::new(SystemClock::new()))
            .await;
        let store = store.expect("a store");
        let now = SystemClock::new().now();
        let ago = |days: i64| now - jiff::SignedDuration::from_hours(24 * days);
        for bucket in ["prod-assets", "backups", "staging"] {
            let then = store
                .handle()
                .stored_at(bucket, &[ago(3000), ago(60), ago(1), now]);
            let sizes = store.handle().sizes(bucket);
            let listed = StoredThen {
                objects: sizes.len() as u64,
                bytes: sizes.iter().map(|(_, size)| size).sum(),
            };
            assert_eq!(then[0], None, "{bucket} was not made yet");
            assert_eq!(then[3], Some(listed), "{bucket}");
            let objects = |at: usize| then[at].expect("it was there").objects;
            assert!(objects(1) < objects(3) && objects(1) > 0, "{bucket}");
        }
        store.shutdown().await;
    }
}
