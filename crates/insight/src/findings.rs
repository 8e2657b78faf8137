//! What people should know that only the access log tells: who got in after being refused, who took everything, who scans.
//!
//! Each rule is a file here, with its thresholds and why they are what they are. Thresholds are both absolute, so that little
//! traffic alarms nobody, and relative to everybody else's traffic, so that much traffic doesn't either. One pass over the log, a
//! census, says who may stand out; the few who do are looked at closely.

mod anonymous;
mod denied;
mod enumeration;
mod headroom;
mod mass_download;
mod newcomers;
mod presigned;
mod protocols;
mod reading;
mod rule;
mod scene;
mod slow_down;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, Coverage, TimeRange};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::finding::{self, Finding, Severity};
use crate::logs::{self, Asked, Day, Given, Moment, Period};
use crate::{Evidence, Tenant, Tool, ToolError};
pub use rule::{Rule, RuleList};
use scene::{Scene, Verdict};

/// The period without a word about it: seven days.
const HOURS: u32 = 168;
/// Rules that look at the same time: what one of them does alone leaves a core idle.
const RULES_AT_ONCE: usize = 3;

/// `findings`: what people should know that only the access log tells.
#[derive(Debug)]
pub struct Findings;

/// What `findings` needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct FindingsArgs {
    /// The bucket that requests went to; every bucket of the log without it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub bucket: Given<BucketName>,
    /// From this moment on: seven days ago, at a whole hour, by default. A period is 92 days at most.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Given<Moment>,
    /// Up to this moment, which doesn't belong to it; a day belongs to it as a whole.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// A day in UTC, instead of the two.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub date_yyyy_mm_dd: Given<Day>,
    /// Only these rules, separated by commas: `denied-then-read,mass-download`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub rule: Given<RuleList>,
    /// Only what is at least so bad: `info`, `low`, `medium`, `high`, `critical`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub min_severity: Given<Severity>,
    /// Wait until all that may hold an answer was read.
    #[serde(default)]
    pub wait: bool,
}

/// What people should know.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FindingsOutput {
    /// The bucket that requests went to, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
    /// The period that was looked at.
    pub window: TimeRange,
    /// What was found, worst first; what is suppressed comes last.
    pub findings: Vec<Finding>,
    /// The rules that looked, and what each has to say.
    pub rules: Vec<RuleReport>,
    /// Some rule found more than this answer holds.
    pub truncated: bool,
    /// What the log doesn't hold, so that nothing found doesn't mean that nothing happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caution: Option<String>,
    /// What else the reader should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// What a rule has to say.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleReport {
    /// Its name.
    #[schema(value_type = String)]
    pub rule: Rule,
    /// What it looks for.
    pub about: String,
    /// How many findings it has in this answer.
    pub findings: usize,
    /// It found more than it tells.
    pub truncated: bool,
    /// Why it could not look, or not at everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_judged: Option<String>,
}

impl Tool for Findings {
    const NAME: &'static str = "findings";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = FindingsArgs;
    type Output = FindingsOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let period = Period {
            from: &args.from,
            to: &args.to,
            day: &args.date_yyyy_mm_dd,
            hours: None,
        };
        let window = from_a_whole_hour(period.or_hours(HOURS).range(tenant.now())?, &args);
        let Asked { lake, coverage } = logs::ask(tenant, args.bucket.get(), window, args.wait).await?;
        let rules = args
            .rule
            .get()
            .map_or_else(|| Rule::ALL.to_vec(), RuleList::rules);
        let log_bucket = logs::log_source(tenant)?.bucket;
        let scene = Scene::look(&lake, (&log_bucket, args.bucket.get()), window, &rules).await?;
        let least = args.min_severity.get().copied().unwrap_or(Severity::Info);
        let mut findings = Vec::new();
        let mut reports = Vec::new();
        let judged = stream::iter(rules.into_iter().map(async |rule| {
            let verdict = match &scene {
                Some(scene) => judge(scene, rule).await?,
                None => Verdict::default(),
            };
            Ok::<_, ToolError>((rule, verdict))
        }));
        let mut judged = judged.buffered(RULES_AT_ONCE);
        while let Some((rule, mut verdict)) = judged.try_next().await? {
            verdict.findings.retain(|finding| finding.severity >= least);
            reports.push(RuleReport {
                rule,
                about: rule.about().to_owned(),
                findings: verdict.findings.len(),
                truncated: verdict.truncated,
                not_judged: verdict.not_judged,
            });
            findings.append(&mut verdict.findings);
        }
        drop(judged);
        let note = finding::settle(tenant, &mut findings).await;
        Ok(FindingsOutput {
            bucket: args.bucket.get().cloned(),
            window,
            truncated: reports.iter().any(|report| report.truncated),
            findings,
            rules: reports,
            caution: caution(&coverage, scene.as_ref(), window),
            note,
            coverage,
        })
    }
}

/// A period that nobody named begins with a whole hour: whoever asks again soon asks the same, and what is known isn't looked for anew.
fn from_a_whole_hour(window: TimeRange, args: &FindingsArgs) -> TimeRange {
    let named = args.from.get().is_some() || args.date_yyyy_mm_dd.get().is_some();
    let whole = |from: Timestamp| from.as_second().div_euclid(3_600).saturating_mul(3_600);
    let from = window.from.filter(|_| !named).map(whole);
    let from = from.and_then(|second| Timestamp::from_second(second).ok());
    TimeRange {
        from: from.or(window.from),
        ..window
    }
}

async fn judge(scene: &Scene<'_>, rule: Rule) -> Result<Verdict, ToolError> {
    match rule {
        Rule::AnonymousReads => anonymous::find(scene).await,
        Rule::SigV2 => protocols::old_signatures(scene).await,
        Rule::OldTls => protocols::old_tls(scene).await,
        Rule::NewRequester => newcomers::find(scene).await,
        Rule::DeniedThenRead => denied::find(scene).await,
        Rule::Enumeration => enumeration::find(scene).await,
        Rule::MassDownload => mass_download::find(scene).await,
        Rule::SharedLink => presigned::find(scene).await,
        Rule::RequestRate => headroom::find(scene).await,
        Rule::ClientAborts => reading::aborts(scene).await,
        Rule::RangeReads => reading::ranges(scene).await,
        Rule::SlowDown => slow_down::find(scene).await,
    }
}

/// What the reader must not take for quiet.
fn caution(coverage: &Coverage, scene: Option<&Scene<'_>>, window: TimeRange) -> Option<String> {
    let mut parts = Vec::new();
    if scene.is_none() {
        parts.push("the log holds no record of this period".to_owned());
    }
    let begins = scene.map(|scene| scene.log_begins);
    if let Some(begins) = begins.filter(|begins| window.from.is_some_and(|from| covers_less(from, *begins))) {
        parts.push(format!("the log begins at {begins}, later than the period"));
    }
    if coverage.objects_pending > 0 || coverage.objects_failed > 0 {
        parts.push(format!(
            "{} log objects are not read yet and {} could not be read",
            coverage.objects_pending, coverage.objects_failed
        ));
    }
    if parts.is_empty() {
        return None;
    }
    Some(format!(
        "{}: what is not found here may have happened all the same",
        parts.join(", and ")
    ))
}

/// An hour without a record is no gap.
fn covers_less(from: Timestamp, begins: Timestamp) -> bool {
    begins.duration_since(from) > jiff::SignedDuration::from_hours(1)
}
