//! What is kept, for how long, and who will know.

use spacewatch_s3::Versioning;

use super::{Words, finding, proof};
use crate::Figure;
use crate::finding::{Finding, Severity};
use crate::posture::SettingName;
use crate::posture::hygiene::{Answer, Hygiene, deletes_everything};
use crate::posture::visit::{Visit, is_unset, sent};

pub(super) fn findings(visit: &Visit, store_encrypts: bool) -> Vec<Finding> {
    [
        logs_into_itself(visit),
        unlogged(visit),
        unversioned(visit),
        deletes_all(visit),
        keeps_uploads(visit),
        unencrypted(visit, store_encrypts),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn logs_into_itself(visit: &Visit) -> Option<Finding> {
    let target = &sent(&visit.settings.logging)?.value;
    (target.bucket == visit.bucket.as_str()).then(|| {
        let words = Words {
            rule: "logs-into-itself",
            severity: Severity::High,
            title: format!("bucket `{}` logs into itself", visit.bucket),
            why: "each delivery of a log is a request that is logged in turn: the log grows for ever, and hides what matters",
            advice: "send the log to a bucket of its own that isn't logged",
        };
        let setting = proof(SettingName::Logging, &visit.settings.logging);
        finding(visit, words, setting, Vec::new())
    })
}

/// A log bucket needs no log, for it would log its own deliveries.
fn unlogged(visit: &Visit) -> Option<Finding> {
    (visit.is_unlogged() && !visit.is_log_bucket).then(|| {
        let words = Words {
            rule: "no-logging",
            severity: Severity::Medium,
            title: format!(
                "nobody writes down who reads and writes bucket `{}`",
                visit.bucket
            ),
            why: "after a leak or a loss nothing tells what was taken, when and by whom",
            advice: "switch access logs on with PutBucketLogging, into another bucket",
        };
        finding(visit, words, None, Vec::new())
    })
}

fn unversioned(visit: &Visit) -> Option<Finding> {
    if visit.is_log_bucket {
        return None;
    }
    let versioning = &visit.settings.versioning;
    let suspended = sent(versioning).is_some_and(|sent| sent.value == Versioning::Suspended);
    (is_unset(versioning) || suspended).then(|| {
        let state = if suspended { "any more" } else { "of objects" };
        let words = Words {
            rule: "no-versioning",
            severity: Severity::Low,
            title: format!("bucket `{}` keeps no older versions {state}", visit.bucket),
            why: "what is overwritten or deleted by mistake is gone",
            advice: "switch versioning on, with a lifecycle rule that ends old versions after some weeks",
        };
        finding(
            visit,
            words,
            proof(SettingName::Versioning, versioning),
            Vec::new(),
        )
    })
}

fn deletes_all(visit: &Visit) -> Option<Finding> {
    let days = deletes_everything(visit)?;
    let when = match days {
        0 => "on a date".to_owned(),
        1 => "after 1 day".to_owned(),
        days => format!("after {days} days"),
    };
    // That is how logs are kept for a time.
    let severity = if visit.is_log_bucket {
        Severity::Info
    } else {
        Severity::Medium
    };
    let words = Words {
        rule: "lifecycle-deletes-everything",
        severity,
        title: format!(
            "a lifecycle rule deletes every object of bucket `{}` {when}",
            visit.bucket
        ),
        why: "right for what is temporary; elsewhere it is data that goes by itself. Some stores drop a rule's filter by size \
              without a word, and then it is for all",
        advice: "make sure that this is meant, or give the rule a prefix",
    };
    let setting = proof(SettingName::Lifecycle, &visit.settings.lifecycle);
    Some(finding(visit, words, setting, Vec::new()))
}

/// Worse where an inventory that is kept tells of uploads that wait for it.
fn keeps_uploads(visit: &Visit) -> Option<Finding> {
    let answer = Hygiene::of(visit).abort_rule;
    if answer != Answer::No {
        return None;
    }
    let waiting = visit.uploads.filter(|uploads| uploads.count > 0);
    let words = Words {
        rule: "no-abort-rule",
        severity: waiting.map_or(Severity::Low, |_| Severity::Medium),
        title: match waiting {
            Some(uploads) => format!(
                "no rule ends uploads that nobody completes in bucket `{}`, and {} wait there",
                visit.bucket, uploads.count
            ),
            None => format!(
                "no rule ends uploads that nobody completes in bucket `{}`",
                visit.bucket
            ),
        },
        why: "their parts are paid for and show in no listing",
        advice: "add a lifecycle rule with AbortIncompleteMultipartUpload after a week",
    };
    let figures = waiting.map_or_else(Vec::new, |uploads| {
        vec![
            Figure::count("incomplete_uploads", uploads.count),
            Figure::bytes("incomplete_bytes", uploads.bytes),
        ]
    });
    let setting = proof(SettingName::Lifecycle, &visit.settings.lifecycle);
    Some(finding(visit, words, setting, figures))
}

fn unencrypted(visit: &Visit, store_encrypts: bool) -> Option<Finding> {
    is_unset(&visit.settings.encryption).then(|| {
        let (severity, why) = if store_encrypts {
            (
                Severity::Info,
                "this store encrypts all that it keeps by itself; a setting of your own would choose the key",
            )
        } else {
            (
                Severity::Low,
                "unless clients ask for it, objects lie on the store's disks as they were sent",
            )
        };
        let words = Words {
            rule: "no-encryption",
            severity,
            title: format!("bucket `{}` has no default encryption", visit.bucket),
            why,
            advice: "set a default encryption with PutBucketEncryption",
        };
        finding(visit, words, None, Vec::new())
    })
}
