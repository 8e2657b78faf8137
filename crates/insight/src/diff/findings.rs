//! What people should know of changes that nothing explains.

use std::collections::BTreeMap;

use spacewatch_model::{BucketName, ByteSize, Coverage, Prefix, TimeRange};

use super::answer::DiffTotal;
use super::changes::DiffKind;
use crate::finding::{self, Figure, Finding, Severity};

/// What the answer is about.
pub(super) struct About<'a> {
    pub(super) bucket: &'a BucketName,
    pub(super) prefix: &'a Prefix,
    pub(super) window: TimeRange,
    /// The log tells all of the window.
    pub(super) complete: bool,
    /// Why it doesn't.
    pub(super) note: Option<&'a str>,
    pub(super) coverage: Option<&'a Coverage>,
}

/// What is said of some kinds of changes.
struct Rule {
    name: &'static str,
    kinds: &'static [DiffKind],
    severity: Severity,
    /// After the number: `objects or versions (1 GB) are gone`.
    what: &'static str,
    why: &'static str,
    advice: &'static str,
}

static RULES: [Rule; 3] = [
    Rule {
        name: "unexplained-removals",
        kinds: &[DiffKind::Removed, DiffKind::VersionRemoved, DiffKind::Vanished],
        severity: Severity::High,
        what: "are gone",
        why: "Somebody or something removed them, and the access log, which tells all else of that time, tells nothing of it. The log \
              may have lost lines: stores deliver it as best they can.",
        advice: "Ask who administers the store and what runs with other credentials. Restore from versions or a backup, and switch \
                 versioning on.",
    },
    Rule {
        name: "unexplained-overwrites",
        kinds: &[DiffKind::Overwritten, DiffKind::Grown, DiffKind::Shrunk],
        severity: Severity::Medium,
        what: "hold something else than before",
        why: "They were written again, and the access log, which tells all else of that time, tells nothing of it. The log may have \
              lost lines: stores deliver it as best they can.",
        advice: "Compare the objects with what they should hold. Ask what writes to the bucket with other credentials.",
    },
    Rule {
        name: "unexplained-additions",
        kinds: &[DiffKind::Added, DiffKind::VersionAdded],
        severity: Severity::Low,
        what: "came",
        why: "The access log, which tells all else of that time, tells nothing of who wrote them. They may be replicas, or the log may \
              have lost lines: stores deliver it as best they can.",
        advice: "Look at what they are, and whether the bucket is the target of a replication.",
    },
];

/// What a rule is about.
pub(super) fn kinds(name: &str) -> &'static [DiffKind] {
    let rule = RULES.iter().find(|rule| rule.name == name);
    rule.map_or(&[], |rule| rule.kinds)
}

/// A finding for each rule that changes without explanation meet.
pub(super) fn of(about: &About<'_>, totals: &BTreeMap<DiffKind, DiffTotal>) -> Vec<Finding> {
    let met = RULES.iter().filter_map(|rule| one(about, rule, totals));
    met.collect()
}

fn one(about: &About<'_>, rule: &Rule, totals: &BTreeMap<DiffKind, DiffTotal>) -> Option<Finding> {
    let met = || rule.kinds.iter().filter_map(|kind| totals.get(kind));
    let sum = |figure: fn(&DiffTotal) -> u64| met().map(figure).fold(0_u64, u64::saturating_add);
    let (objects, all) = (sum(|total| total.unexplained), sum(|total| total.objects));
    let bytes = sum(|total| total.unexplained_bytes.0);
    if objects == 0 {
        return None;
    }
    let subject = Some(about.prefix.as_str()).filter(|prefix| !prefix.is_empty());
    let what = if objects == 1 {
        rule.what
            .replacen("are ", "is ", 1)
            .replacen("hold ", "holds ", 1)
    } else {
        rule.what.to_owned()
    };
    let noun = if objects == 1 {
        "object or version"
    } else {
        "objects or versions"
    };
    Some(Finding {
        id: finding::id(rule.name, Some(about.bucket), subject),
        rule: rule.name.to_owned(),
        severity: if about.complete {
            rule.severity
        } else {
            Severity::Info
        },
        bucket: Some(about.bucket.clone()),
        subject: subject.map(str::to_owned),
        title: format!(
            "{objects} {noun} ({}) {what}, and no record of the log explains it",
            ByteSize(bytes)
        ),
        why: why(about, rule),
        advice: rule.advice.to_owned(),
        first_seen: about.window.from,
        last_seen: about.window.to,
        figures: vec![
            Figure::count("unexplained", objects),
            Figure::bytes("unexplained_bytes", bytes),
            Figure::count("changes", all),
            Figure::count("ambiguous", sum(|total| total.ambiguous)),
        ],
        parts: Vec::new(),
        proofs: Vec::new(),
        suppressed: None,
        setting: None,
    })
}

fn why(about: &About<'_>, rule: &Rule) -> String {
    if !about.complete {
        let reason = about.note.unwrap_or("the log of the window is not complete");
        return format!(
            "The log doesn't tell all of the time between the scans, so this may have an explanation: {reason}."
        );
    }
    match about.coverage.map_or(0, |coverage| coverage.lines_rejected) {
        0 => rule.why.to_owned(),
        rejected => format!(
            "{} {rejected} of its lines could not be read; `rejects` shows them.",
            rule.why
        ),
    }
}
