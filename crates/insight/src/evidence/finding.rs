//! What shows a finding: the records behind its proofs, and the setting it is about.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use spacewatch_evidence::{Question, SettingNote};
use spacewatch_lake::RecordFilter;
use spacewatch_model::{BucketName, ErrorCode, Prefix, TimeRange};
use utoipa::ToSchema;

use super::question::{Asking, InLog, question};
use crate::logs::{Day, Given, Moment, SourceBucket};
use crate::{
    Anomalies, AnomaliesArgs, Diff, DiffArgs, Finding, Findings, FindingsArgs, Limit, Posture, PostureArgs,
    PostureOutput, RuleList, Tenant, Tool, ToolError,
};

/// Every anomaly that can be told is looked through.
const ALL: Limit = Limit(i64::MAX);

/// A finding that is looked for again, by the tool that found it, with the arguments it was asked with.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FindingEvidenceArgs {
    /// The finding's `id`, as `findings`, `posture`, `diff` and `anomalies` tell it. Which of them is asked again, its rule says.
    pub id: String,
    /// The bucket that the tool was asked about; what it means to leave it out depends on the tool.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub bucket: Given<BucketName>,
    /// The beginning of the period that the tool was asked about.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Given<Moment>,
    /// Its end.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// A day in UTC, instead of the two.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub date_yyyy_mm_dd: Given<Day>,
    /// Wait until all that may hold an answer was read.
    #[serde(default)]
    pub wait: bool,
}

/// A finding that came out again.
pub(super) struct Shown {
    /// The finding without the samples of its proofs: the bundle holds all of their records.
    pub(super) finding: Value,
    pub(super) setting: Option<SettingNote>,
}

/// Who finds such a thing.
enum Finder {
    Findings(Given<RuleList>),
    Anomalies,
    Diff,
    Posture,
}

impl Finder {
    /// By the rule, with which every id begins.
    fn of(id: &str) -> Self {
        let rule = id.split('/').next().unwrap_or_default();
        match rule.parse::<Given<RuleList>>() {
            Ok(rules) if !rules.is_empty() => Self::Findings(rules),
            _ if rule == "anomaly" => Self::Anomalies,
            _ if rule.starts_with("unexplained-") => Self::Diff,
            _ => Self::Posture,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Findings(_) => Findings::NAME,
            Self::Anomalies => Anomalies::NAME,
            Self::Diff => Diff::NAME,
            Self::Posture => Posture::NAME,
        }
    }
}

/// Asks the tool again, and takes the finding out of its answer.
pub(super) async fn look_up(tenant: &Tenant, args: FindingEvidenceArgs) -> Result<Asking, ToolError> {
    let finder = Finder::of(&args.id);
    let question = question("finding", &args);
    let found = match &finder {
        Finder::Findings(rules) => of_log(tenant, &args, rules).await?,
        Finder::Anomalies => {
            let asked = anomalies_args(&args);
            taken(Anomalies::run(tenant, asked).await?.findings, &args.id)
        }
        Finder::Diff => {
            let asked = diff_args(&args)?;
            taken(Diff::run(tenant, asked).await?.findings, &args.id)
        }
        Finder::Posture => {
            let bucket = Some(bucket(&args)?);
            let found = Posture::run(tenant, PostureArgs { bucket }).await?;
            let finding = taken(found.findings.clone(), &args.id);
            let setting = finding.as_ref().and_then(|finding| setting(&found, finding));
            return shown(tenant, (finding, setting), &args, question, &finder);
        }
    };
    shown(tenant, (found, None), &args, question, &finder)
}

/// The id names a bucket where the tool was asked about one.
async fn of_log(
    tenant: &Tenant,
    args: &FindingEvidenceArgs,
    rules: &Given<RuleList>,
) -> Result<Option<Finding>, ToolError> {
    let named: Given<BucketName> = args
        .id
        .split('/')
        .nth(1)
        .unwrap_or_default()
        .parse()
        .unwrap_or_default();
    let mut buckets = vec![args.bucket.clone()];
    buckets.extend((args.bucket.is_empty() && !named.is_empty()).then_some(named));
    for bucket in buckets {
        let asked = FindingsArgs {
            bucket,
            from: args.from.clone(),
            to: args.to.clone(),
            date_yyyy_mm_dd: args.date_yyyy_mm_dd.clone(),
            rule: rules.clone(),
            wait: args.wait,
            ..FindingsArgs::default()
        };
        let found = taken(Findings::run(tenant, asked).await?.findings, &args.id);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn taken(findings: Vec<Finding>, id: &str) -> Option<Finding> {
    findings.into_iter().find(|finding| finding.id == id)
}

fn anomalies_args(args: &FindingEvidenceArgs) -> AnomaliesArgs {
    // `anomaly/BUCKET/METRIC/TIME`, and without a bucket where all were judged together.
    let mut parts = args.id.split('/').skip(1);
    let named = match (parts.next(), parts.nth(1)) {
        (Some(bucket), Some(_)) => bucket.parse().ok(),
        _ => None,
    };
    let bucket = args.bucket.get().cloned().or(named);
    AnomaliesArgs {
        bucket: bucket.map(SourceBucket::from).unwrap_or_default(),
        metric: Given::default(),
        from: args.from.clone(),
        to: args.to.clone(),
        date_yyyy_mm_dd: args.date_yyyy_mm_dd.clone(),
        hours: None,
        limit: Some(ALL),
        wait: args.wait,
    }
}

fn diff_args(args: &FindingEvidenceArgs) -> Result<DiffArgs, ToolError> {
    // `unexplained-removals/BUCKET`, and the prefix behind it.
    let prefix = args.id.splitn(3, '/').nth(2).unwrap_or_default();
    let prefix: Prefix = prefix.parse().map_err(|_| unknown(&args.id))?;
    Ok(DiffArgs {
        bucket: bucket(args)?,
        prefix,
        from: args.from.clone(),
        to: args.to.clone(),
        depth: None,
        limit: None,
        kind: None,
        wait: args.wait,
    })
}

/// The bucket that was named, or that the id names.
fn bucket(args: &FindingEvidenceArgs) -> Result<BucketName, ToolError> {
    if let Some(bucket) = args.bucket.get() {
        return Ok(bucket.clone());
    }
    let named = args.id.split('/').nth(1).unwrap_or_default();
    named.parse().map_err(|_| unknown(&args.id))
}

fn unknown(id: &str) -> ToolError {
    ToolError::new(
        ErrorCode::InvalidValue,
        format!("`id` is {id:?}, which no finding has"),
    )
    .with_hint("take it from the `id` of a finding: `RULE/BUCKET/SUBJECT`")
}

/// The whole document of the setting; a finding shows its beginning only.
fn setting(found: &PostureOutput, finding: &Finding) -> Option<SettingNote> {
    let proof = finding.setting.as_ref()?;
    let bucket = finding.bucket.as_ref()?;
    let of_bucket = found.buckets.iter().find(|row| row.bucket == *bucket)?;
    let mut settings = of_bucket.settings.iter();
    let whole = settings.find(|setting| setting.name.as_str() == proof.name)?;
    Some(SettingNote::new(
        bucket.to_string(),
        proof.name.clone(),
        whole.document.clone()?,
        whole.document_truncated,
    ))
}

fn shown(
    tenant: &Tenant,
    (found, setting): (Option<Finding>, Option<SettingNote>),
    args: &FindingEvidenceArgs,
    question: Question,
    finder: &Finder,
) -> Result<Asking, ToolError> {
    let Some(finding) = found else {
        let detail = format!("`{}` finds no `{}`", finder.name(), args.id);
        return Err(ToolError::new(ErrorCode::NotFound, detail).with_hint(
            "name the period and bucket that it was found with; what was mended since, or is read anew, isn't found any more",
        ));
    };
    let mut filters: Vec<RecordFilter> = Vec::new();
    let mut window: Option<TimeRange> = None;
    for proof in &finding.proofs {
        let period = proof.query.window(tenant.now())?;
        window = Some(window.map_or(period, |all| spanning(all, period)));
        filters.push(proof.query.records(period));
    }
    let in_log = window.map(|window| InLog {
        source_bucket: finding.bucket.clone(),
        window,
        wait: args.wait,
        filters,
    });
    Ok(Asking {
        question,
        in_log,
        shown: Some(Shown {
            finding: without_samples(&finding),
            setting,
        }),
    })
}

/// The shortest period that holds both.
fn spanning(a: TimeRange, b: TimeRange) -> TimeRange {
    TimeRange {
        from: a.from.zip(b.from).map(|(a, b)| a.min(b)),
        to: a.to.zip(b.to).map(|(a, b)| a.max(b)),
    }
}

fn without_samples(finding: &Finding) -> Value {
    let mut told = serde_json::to_value(finding).unwrap_or_default();
    let proofs = told.get_mut("proofs").and_then(Value::as_array_mut);
    for proof in proofs.into_iter().flatten().filter_map(Value::as_object_mut) {
        proof.remove("sample");
    }
    told
}
