//! Findings that are known and shall not be pointed at for a while: with a reason, and until a day.
//!
//! Kept where snapshots are, in the tenant's own bucket: each decision is one write-once object, and the newest about a finding holds.

mod kept;

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, ErrorCode, ObjectKey};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use self::kept::{Decision, Held, Verb};
use crate::logs::{Given, Moment};
use crate::{Evidence, Finding, Tenant, Tool, ToolError, snapshots};

pub(crate) use kept::KnownDecisions;

/// Characters of a reason at most.
const MAX_REASON: usize = 500;
/// Bytes of a finding's id at most: it may hold a key.
const MAX_ID: usize = 4096;
/// Nothing is suppressed for longer than that: who still thinks so then says it again.
const MAX_DAYS: i64 = 366;

/// Why and how long a finding is not pointed at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Suppression {
    /// Why.
    pub reason: String,
    /// Up to this moment.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

/// Puts findings in order and marks those that are suppressed: the others first, worst first, then by id. Every tool with findings ends with
/// this. Tells what the reader should know where suppressions can't be read; nothing counts as suppressed then.
pub(crate) async fn settle(tenant: &Tenant, findings: &mut [Finding]) -> Option<String> {
    let (held, note) = match kept::held(tenant).await {
        Ok(held) => (held, None),
        Err(error) => (
            Vec::new(),
            Some(format!("suppressions can't be read, so none counts: {error}")),
        ),
    };
    mark(findings, &held, tenant.now());
    note
}

/// Marks what is suppressed now, and puts it last.
fn mark(findings: &mut [Finding], held: &[Held], now: Timestamp) {
    for finding in findings.iter_mut() {
        let suppressed = held.iter().find(|held| held.decision.id == finding.id);
        finding.suppressed = suppressed.and_then(|held| held.suppression(now));
    }
    findings.sort_by(|a, b| {
        let order = |finding: &Finding| (finding.suppressed.is_some(), std::cmp::Reverse(finding.severity));
        order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id))
    });
}

/// `suppress-finding`: doesn't point at a finding any more, until a day.
#[derive(Debug)]
pub struct SuppressFinding;

/// What `suppress-finding` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SuppressFindingArgs {
    /// The finding's `id`.
    pub id: String,
    /// Why, in a sentence.
    pub reason: String,
    /// Up to this moment, a day as a whole: `2026-12-31`. At most a year from now.
    #[schema(value_type = String)]
    pub until: Given<Moment>,
}

/// `unsuppress-finding`: points at a finding again.
#[derive(Debug)]
pub struct UnsuppressFinding;

/// What `unsuppress-finding` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UnsuppressFindingArgs {
    /// The finding's `id`.
    pub id: String,
}

/// What was decided, and where it was written down.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecisionOutput {
    /// The finding.
    pub id: String,
    /// What holds now; absent when it is pointed at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppression>,
    /// The bucket that it was written to.
    pub metrics_bucket: BucketName,
    /// The object that was written.
    pub key: ObjectKey,
}

/// `suppressions`: which findings are not pointed at, why and how long.
#[derive(Debug)]
pub struct Suppressions;

/// What `suppressions` needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct SuppressionsArgs {
    /// Those that have ended as well.
    #[serde(default)]
    pub ended: bool,
}

/// Which findings are suppressed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SuppressionsOutput {
    /// The bucket they are kept in.
    pub metrics_bucket: BucketName,
    /// By id.
    pub suppressions: Vec<SuppressedFinding>,
    /// Objects among them that hold no decision, and are left alone.
    pub unreadable: u64,
    /// When this was looked up.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

/// A finding that is suppressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuppressedFinding {
    /// Its id.
    pub id: String,
    /// It still is.
    pub active: bool,
    /// Why and how long.
    #[serde(flatten)]
    pub suppression: Suppression,
}

impl Tool for SuppressFinding {
    const NAME: &'static str = "suppress-finding";
    const OPERATION: OperationType = OperationType::QueryMetrics;
    type Args = SuppressFindingArgs;
    type Output = DecisionOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        kept::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let until = until(&args.until, tenant.now())?;
        let reason = args.reason.trim();
        if reason.is_empty() || reason.chars().count() > MAX_REASON {
            return Err(invalid(format!("`reason` has none to {MAX_REASON} characters"))
                .with_hint("say in a sentence why this needs no attention"));
        }
        let verb = Verb::Suppress {
            reason: reason.to_owned(),
            until,
        };
        decide(tenant, args.id, verb).await
    }
}

impl Tool for UnsuppressFinding {
    const NAME: &'static str = "unsuppress-finding";
    const OPERATION: OperationType = OperationType::QueryMetrics;
    type Args = UnsuppressFindingArgs;
    type Output = DecisionOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        kept::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let held = kept::held(tenant).await?;
        let now = tenant.now();
        let active = |held: &&Held| held.decision.id == args.id && held.suppression(now).is_some();
        if !held.iter().any(|held| active(&held)) {
            let detail = "this finding is not suppressed";
            return Err(ToolError::new(ErrorCode::NotFound, detail)
                .with_hint("`/tools/findings/suppressions` lists those that are"));
        }
        decide(tenant, args.id, Verb::Lift).await
    }
}

impl Tool for Suppressions {
    const NAME: &'static str = "suppressions";
    const OPERATION: OperationType = OperationType::QueryMetrics;
    type Args = SuppressionsArgs;
    type Output = SuppressionsOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        kept::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let place = snapshots::place(tenant)?;
        let (held, unreadable) = kept::read(tenant, &place).await?;
        let now = tenant.now();
        let suppressed = held.iter().filter_map(|held| {
            let suppression = held.told()?;
            Some(SuppressedFinding {
                id: held.decision.id.clone(),
                active: suppression.until > now,
                suppression,
            })
        });
        Ok(SuppressionsOutput {
            metrics_bucket: place.bucket,
            suppressions: suppressed.filter(|row| row.active || args.ended).collect(),
            unreadable,
            as_of: now,
        })
    }
}

/// Writes a decision down.
async fn decide(tenant: &Tenant, id: String, verb: Verb) -> Result<DecisionOutput, ToolError> {
    if id.is_empty() || id.len() > MAX_ID {
        return Err(
            invalid(format!("`id` has none to {MAX_ID} bytes")).with_hint("it is the `id` of a finding")
        );
    }
    let place = snapshots::place(tenant)?;
    let decision = Decision::new(id, tenant.now(), verb);
    let key = kept::write(tenant, &place, &decision).await?;
    Ok(DecisionOutput {
        suppressed: decision.suppression(),
        id: decision.id,
        metrics_bucket: place.bucket,
        key,
    })
}

fn until(given: &Given<Moment>, now: Timestamp) -> Result<Timestamp, ToolError> {
    let moment = given.get().ok_or_else(|| {
        ToolError::new(ErrorCode::MissingParameter, "`until` is empty")
            .with_hint("name a day: nothing is suppressed for ever")
    })?;
    let until = moment.end(now)?;
    let last = now.checked_add((MAX_DAYS * 24).hours()).unwrap_or(Timestamp::MAX);
    if until <= now || until > last {
        return Err(invalid(format!(
            "`until` is {until:.0}, which is not within {MAX_DAYS} days from now"
        ))
        .with_hint("name a day in the coming year: nothing is suppressed for ever"));
    }
    Ok(until)
}

fn invalid(detail: String) -> ToolError {
    ToolError::new(ErrorCode::InvalidValue, detail)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Severity;

    fn finding(id: &str, severity: Severity) -> Finding {
        Finding {
            id: id.to_owned(),
            rule: "a-rule".to_owned(),
            severity,
            bucket: None,
            subject: None,
            title: String::new(),
            why: String::new(),
            advice: String::new(),
            first_seen: None,
            last_seen: None,
            figures: Vec::new(),
            parts: Vec::new(),
            proofs: Vec::new(),
            // Of an answer before: what holds now is said anew.
            suppressed: Some(Suppression {
                reason: "long ago".to_owned(),
                until: Timestamp::UNIX_EPOCH,
                since: Timestamp::UNIX_EPOCH,
            }),
            setting: None,
        }
    }

    fn held(id: &str, now: Timestamp, verb: Verb) -> Held {
        Held {
            decision: Arc::new(Decision::new(id.to_owned(), now, verb)),
        }
    }

    #[test]
    fn what_is_suppressed_comes_last_and_the_worst_first() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().expect("a time");
        let for_hours = |hours: i64| Verb::Suppress {
            reason: "known".to_owned(),
            until: now.checked_add(hours.hours()).expect("a time"),
        };
        let held = [
            held("b/known", now, for_hours(1)),
            held("a/known", now, for_hours(2)),
            held("c/over", now, for_hours(0)),
            held("d/lifted", now, Verb::Lift),
            held("not found", now, for_hours(1)),
        ];
        let mut findings = [
            finding("a/known", Severity::Low),
            finding("z", Severity::Low),
            finding("b/known", Severity::Critical),
            finding("d/lifted", Severity::Info),
            finding("y", Severity::Critical),
            finding("c/over", Severity::Critical),
            finding("a", Severity::Low),
        ];
        mark(&mut findings, &held, now);
        let order: Vec<_> = findings.iter().map(|finding| finding.id.as_str()).collect();
        assert_eq!(order, ["c/over", "y", "a", "z", "d/lifted", "b/known", "a/known"]);
        let suppressed: Vec<_> = findings
            .iter()
            .map(|finding| finding.suppressed.as_ref().map(|known| known.reason.as_str()))
            .collect();
        assert_eq!(
            suppressed,
            [None, None, None, None, None, Some("known"), Some("known")]
        );
        mark(&mut [], &held, now);
    }
}
