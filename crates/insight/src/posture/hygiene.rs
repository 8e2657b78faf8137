//! Which buckets have no logging, versioning, lifecycle, abort rule.

use serde::Serialize;
use spacewatch_model::BucketName;
use spacewatch_s3::{LifecycleRule, Probe, Sent, StoreError, Versioning};
use utoipa::ToSchema;

use super::BucketPosture;
use super::visit::{InLog, Visit, sent};

/// Whether a bucket has something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It has.
    Yes,
    /// For some of its objects.
    Partly,
    /// It has not: the store plainly says so.
    No,
    /// These keys may not know.
    NotAllowed,
    /// The store has no such setting.
    NotSupported,
    /// The store's answer proves nothing, or there was none.
    Unknown,
}

impl Answer {
    /// The word for it, as answers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
            Self::NotAllowed => "not allowed to see",
            Self::NotSupported => "not supported",
            Self::Unknown => "unknown",
        }
    }

    fn of<T>(told: &Result<Probe<Sent<T>>, StoreError>, judge: impl FnOnce(&T) -> Self) -> Self {
        match told {
            Ok(Probe::Configured(sent)) => judge(&sent.value),
            Ok(Probe::NotConfigured) => Self::No,
            Ok(Probe::NotAllowed) => Self::NotAllowed,
            Ok(Probe::NotSupported | Probe::UnexpectedAnswer(_)) => Self::NotSupported,
            Err(_) => Self::Unknown,
        }
    }
}

/// Whether a bucket has what most buckets should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hygiene {
    /// Its requests are logged.
    pub logging: Answer,
    /// It keeps older versions of its objects.
    pub versioning: Answer,
    /// A lifecycle rule is in force.
    pub lifecycle: Answer,
    /// A lifecycle rule ends uploads that nobody completes.
    pub abort_rule: Answer,
}

impl Hygiene {
    pub(super) fn of(visit: &Visit) -> Self {
        let settings = &visit.settings;
        let logging = Answer::of(&settings.logging, |_| Answer::Yes);
        Self {
            logging: match logging {
                Answer::No if visit.in_log == InLog::Seen => Answer::Yes,
                Answer::No if !visit.is_unlogged() => Answer::Unknown,
                told => told,
            },
            versioning: Answer::of(&settings.versioning, |versioning| match versioning {
                Versioning::Enabled => Answer::Yes,
                Versioning::Suspended => Answer::No,
            }),
            lifecycle: Answer::of(&settings.lifecycle, |rules| {
                if rules.iter().any(|rule| rule.enabled) {
                    Answer::Yes
                } else {
                    Answer::No
                }
            }),
            abort_rule: Answer::of(&settings.lifecycle, |rules| abort_rule(rules)),
        }
    }
}

fn abort_rule(rules: &[LifecycleRule]) -> Answer {
    let mut found = Answer::No;
    for rule in rules {
        if !rule.enabled || rule.drops_uploads_after_days.is_none() {
            continue;
        }
        if rule.prefix.is_empty() && !rule.filtered {
            return Answer::Yes;
        }
        found = Answer::Partly;
    }
    found
}

/// After how many days at the earliest a rule deletes every object of a bucket, if one does; 0 means on a date.
pub(super) fn deletes_everything(visit: &Visit) -> Option<u32> {
    let rules = &sent(&visit.settings.lifecycle)?.value;
    let all = |rule: &&LifecycleRule| rule.enabled && rule.prefix.is_empty() && !rule.filtered;
    rules
        .iter()
        .filter(all)
        .filter_map(|rule| rule.expires_after_days)
        .min()
}

/// Which buckets have no logging, versioning, lifecycle, abort rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HygieneSummary {
    /// Access logs. A log bucket needs none, and is listed all the same.
    pub logging: HygieneTally,
    /// Older versions of objects.
    pub versioning: HygieneTally,
    /// Lifecycle rules.
    pub lifecycle: HygieneTally,
    /// Rules that end uploads that nobody completes.
    pub abort_rule: HygieneTally,
}

/// Which buckets have one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct HygieneTally {
    /// How many have it, at least for some of their objects.
    pub with: usize,
    /// Those that have not, as the store plainly says.
    pub without: Vec<BucketName>,
    /// Those of which it can't be told: not allowed to see, not supported, or no answer that proves anything.
    pub unknown: Vec<BucketName>,
}

impl HygieneSummary {
    pub(super) fn of(buckets: &[BucketPosture]) -> Self {
        let tally = |answer: fn(&Hygiene) -> Answer| {
            let mut tally = HygieneTally::default();
            for found in buckets {
                match answer(&found.hygiene) {
                    Answer::Yes | Answer::Partly => tally.with = tally.with.saturating_add(1),
                    Answer::No => tally.without.push(found.bucket.clone()),
                    Answer::NotAllowed | Answer::NotSupported | Answer::Unknown => {
                        tally.unknown.push(found.bucket.clone());
                    }
                }
            }
            tally
        };
        Self {
            logging: tally(|hygiene| hygiene.logging),
            versioning: tally(|hygiene| hygiene.versioning),
            lifecycle: tally(|hygiene| hygiene.lifecycle),
            abort_rule: tally(|hygiene| hygiene.abort_rule),
        }
    }
}
