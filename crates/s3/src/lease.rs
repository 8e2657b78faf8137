//! How long a "yes" of the store is good for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spacewatch_model::{BucketName, Clock, Prefix};

/// Scopes remembered for one set of credentials; beyond that the oldest is forgotten.
const MAX_SCOPES: usize = 1024;

/// What a yes is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// Listing the account's buckets.
    Account,
    /// Listing a bucket.
    Bucket(BucketName),
    /// Reading objects of a bucket under a prefix.
    Objects(BucketName, Prefix),
}

impl Scope {
    /// A bucket, or with `None` the account.
    pub(crate) fn of(bucket: Option<&BucketName>) -> Self {
        bucket.cloned().map_or(Self::Account, Self::Bucket)
    }

    fn is_in(&self, bucket: Option<&BucketName>) -> bool {
        match self {
            Self::Account => bucket.is_none(),
            Self::Bucket(name) | Self::Objects(name, _) => Some(name) == bucket,
        }
    }
}

/// When the store last accepted these credentials, for the account and for each bucket.
///
/// A yes counts from when it was asked for. An answer may arrive behind a no that was asked for later, so a
/// yes asked for before the last no is worth nothing.
#[derive(Debug)]
pub(crate) struct Leases {
    answers: Mutex<Answers>,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Default)]
struct Answers {
    accepted: HashMap<Scope, Duration>,
    /// When the store last refused anything at all.
    refused: Option<Duration>,
}

impl Leases {
    pub(crate) fn new(lifetime: Duration, clock: Arc<dyn Clock>) -> Self {
        Self {
            answers: Mutex::default(),
            lifetime,
            clock,
        }
    }

    /// When a call is about to be sent, for [`Leases::accept`].
    pub(crate) fn now(&self) -> Duration {
        self.clock.elapsed()
    }

    /// The store accepted what was `sent` then.
    pub(crate) fn accept(&self, scope: Scope, sent: Duration) {
        let mut answers = self.lock();
        if answers.refused.is_some_and(|refused| refused > sent) {
            return;
        }
        let accepted = &mut answers.accepted;
        if accepted.len() >= MAX_SCOPES && !accepted.contains_key(&scope) {
            let oldest = accepted
                .iter()
                .min_by_key(|(_, at)| **at)
                .map(|(scope, _)| scope.clone());
            oldest.map(|oldest| accepted.remove(&oldest));
        }
        accepted.insert(scope, sent);
    }

    /// The store refused something of this bucket: nothing said about it counts any more.
    pub(crate) fn revoke(&self, bucket: Option<&BucketName>) {
        let mut answers = self.lock();
        answers.accepted.retain(|scope, _| !scope.is_in(bucket));
        answers.refused = Some(self.now());
    }

    pub(crate) fn revoke_all(&self) {
        let mut answers = self.lock();
        answers.accepted.clear();
        answers.refused = Some(self.now());
    }

    pub(crate) fn is_fresh(&self, scope: &Scope) -> bool {
        let at = self.lock().accepted.get(scope).copied();
        at.is_some_and(|at| self.now().saturating_sub(at) < self.lifetime)
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the store accepted these credentials a moment ago: only then may something remembered be
/// served to them.
#[derive(Debug, Clone)]
pub struct Lease(pub(crate) Arc<Leases>);

impl Lease {
    /// Whether the store accepted these credentials for this bucket, or with `None` for listing the
    /// account's buckets, within the last 60 seconds, and hasn't refused them since.
    pub fn is_fresh(&self, bucket: Option<&BucketName>) -> bool {
        self.0.is_fresh(&Scope::of(bucket))
    }

    /// Whether the store let these credentials read an object of this bucket under this prefix within the last 60
    /// seconds, and hasn't refused them anything there since.
    pub fn is_readable(&self, bucket: &BucketName, prefix: &Prefix) -> bool {
        self.0.is_fresh(&Scope::Objects(bucket.clone(), prefix.clone()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use spacewatch_model::ManualClock;

    use super::*;

    #[test]
    fn a_yes_lasts_and_a_no_ends_it() {
        let clock = Arc::new(ManualClock::starting_at(Timestamp::UNIX_EPOCH));
        let leases = Arc::new(Leases::new(Duration::from_secs(60), clock.clone()));
        let lease = Lease(leases.clone());
        let a: BucketName = "bucket-a".parse().expect("a name");
        let b: BucketName = "bucket-b".parse().expect("a name");
        assert!(!lease.is_fresh(Some(&a)));
        leases.accept(Scope::of(Some(&a)), leases.now());
        clock.advance(Duration::from_secs(59));
        assert!(lease.is_fresh(Some(&a)));
        assert!(!lease.is_fresh(Some(&b)));
        assert!(!lease.is_fresh(None));
        clock.advance(Duration::from_secs(1));
        assert!(!lease.is_fresh(Some(&a)));
        leases.accept(Scope::of(Some(&a)), leases.now());
        leases.accept(Scope::Account, leases.now());
        leases.revoke(Some(&a));
        assert!(!lease.is_fresh(Some(&a)));
        assert!(lease.is_fresh(None));
        clock.advance(Duration::from_millis(1));
        let sent = leases.now();
        clock.advance(Duration::from_secs(20));
        leases.accept(Scope::of(Some(&a)), sent);
        clock.advance(Duration::from_secs(39));
        assert!(lease.is_fresh(Some(&a)));
        clock.advance(Duration::from_secs(1));
        assert!(
            !lease.is_fresh(Some(&a)),
            "a yes counts from when it was asked for"
        );
        let sent = leases.now();
        clock.advance(Duration::from_millis(1));
        leases.revoke(Some(&a));
        leases.accept(Scope::of(Some(&a)), sent);
        assert!(!lease.is_fresh(Some(&a)), "a yes that was overtaken by a no");
        leases.revoke_all();
        assert!(!lease.is_fresh(None));
    }

    #[test]
    fn a_no_in_a_bucket_ends_reading_there() {
        let clock = Arc::new(ManualClock::starting_at(Timestamp::UNIX_EPOCH));
        let leases = Arc::new(Leases::new(Duration::from_secs(60), clock.clone()));
        let lease = Lease(leases.clone());
        let logs: BucketName = "logs".parse().expect("a name");
        let other: BucketName = "other".parse().expect("a name");
        let under: Prefix = "a/".parse().expect("a prefix");
        for bucket in [&logs, &other] {
            leases.accept(Scope::Objects(bucket.clone(), under.clone()), leases.now());
        }
        assert!(lease.is_readable(&logs, &under) && !lease.is_fresh(Some(&logs)));
        assert!(!lease.is_readable(&logs, &Prefix::default()), "another prefix");
        leases.revoke(Some(&logs));
        assert!(!lease.is_readable(&logs, &under) && lease.is_readable(&other, &under));
        clock.advance(Duration::from_secs(60));
        assert!(!lease.is_readable(&other, &under));
    }

    #[test]
    fn the_map_is_bounded() {
        let clock = Arc::new(ManualClock::starting_at(Timestamp::UNIX_EPOCH));
        let leases = Leases::new(Duration::from_secs(60), clock.clone());
        for number in 0..2 * MAX_SCOPES {
            leases.accept(
                Scope::Bucket(format!("bucket-{number}").parse().expect("a name")),
                leases.now(),
            );
            clock.advance(Duration::from_millis(1));
        }
        assert_eq!(leases.lock().accepted.len(), MAX_SCOPES);
    }
}
