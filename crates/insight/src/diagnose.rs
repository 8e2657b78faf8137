//! What works with these credentials, what doesn't, and why.

use futures::StreamExt;
use futures::stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, ErrorCode};
use spacewatch_s3::{LogTarget, Probe, StoreError, Versioning};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::{Tenant, Tool, ToolError};

/// Buckets looked at when none is named: enough to see what kind of account this is.
const BUCKETS_LOOKED_AT: usize = 20;
const BUCKETS_AT_ONCE: usize = 4;

/// `diagnose`: tries what SpaceWatch needs, step by step, and explains each outcome.
///
/// It only reads. A step that fails is part of the answer and not an error.
#[derive(Debug)]
pub struct Diagnose;

/// What `diagnose` needs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct DiagnoseArgs {
    /// Look at this bucket only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
}

/// What works and what doesn't.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DiagnoseOutput {
    /// The endpoint that was asked.
    pub endpoint: String,
    /// The region requests were signed for.
    pub region: String,
    /// Nothing failed.
    pub healthy: bool,
    /// The steps in the order a person would try them.
    pub checks: Vec<Check>,
    /// When it was tried.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// What was tried: `credentials`, `list-buckets`, `bucket`, `versioning`, `logging`, `lifecycle`.
    pub name: String,
    /// The bucket it was tried on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
    /// How it went.
    pub status: CheckStatus,
    /// What was found, in words.
    pub detail: String,
    /// What kind of failure it was, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// What can be done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// It works.
    Ok,
    /// It works, or isn't needed, but something is worth knowing.
    Note,
    /// Something SpaceWatch can do won't work.
    Warning,
    /// Nothing works before this does.
    Failed,
}

impl Tool for Diagnose {
    const NAME: &'static str = "diagnose";
    const OPERATION: OperationType = OperationType::AnalyzeStorage;
    type Args = DiagnoseArgs;
    type Output = DiagnoseOutput;

    async fn run(tenant: &Tenant, args: DiagnoseArgs) -> Result<Self::Output, ToolError> {
        let as_of = tenant.now();
        let (mut checks, account_buckets) = account(tenant).await;
        if !checks.iter().any(|check| check.status == CheckStatus::Failed) {
            let buckets = buckets_to_look_at(tenant, args.bucket, account_buckets);
            if buckets.is_empty() {
                checks.push(no_bucket_known());
            }
            let looked: Vec<_> = stream::iter(buckets.into_iter().map(|bucket| look_at(tenant, bucket)))
                .buffered(BUCKETS_AT_ONCE)
                .collect()
                .await;
            checks.extend(looked.into_iter().flatten());
            checks.extend(roles(tenant));
        }
        let endpoint = tenant.store.endpoint();
        Ok(DiagnoseOutput {
            endpoint: endpoint.url().to_string(),
            region: endpoint.region().to_string(),
            healthy: !checks.iter().any(|check| check.status == CheckStatus::Failed),
            checks,
            as_of,
        })
    }
}

impl Check {
    fn new(name: &str, bucket: Option<&BucketName>, status: CheckStatus, detail: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            bucket: bucket.cloned(),
            status,
            detail: detail.into(),
            code: None,
            hint: None,
        }
    }

    fn failed(name: &str, bucket: Option<&BucketName>, status: CheckStatus, error: &StoreError) -> Self {
        Self {
            code: Some(error.code()),
            hint: error.hint(),
            ..Self::new(name, bucket, status, error.to_string())
        }
    }

    fn hinting(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// Do the keys work at all, and may they list buckets?
async fn account(tenant: &Tenant) -> (Vec<Check>, Vec<BucketName>) {
    match tenant.store.list_buckets().await {
        Ok(buckets) => {
            let checks = vec![
                Check::new(
                    "credentials",
                    None,
                    CheckStatus::Ok,
                    "the store accepts these keys",
                ),
                Check::new(
                    "list-buckets",
                    None,
                    CheckStatus::Ok,
                    counted(buckets.len(), "bucket"),
                ),
            ];
            (checks, buckets.into_iter().map(|bucket| bucket.name).collect())
        }
        Err(StoreError::AccessDenied(_)) => {
            let checks = vec![
                Check::new("credentials", None, CheckStatus::Ok, "the store knows these keys"),
                Check::new(
                    "list-buckets",
                    None,
                    CheckStatus::Note,
                    "these keys may not list buckets",
                )
                .hinting("limited keys work with buckets that are named; set `FALLBACK_BUCKETS`"),
            ];
            (checks, Vec::new())
        }
        Err(error) => {
            let name = match error.code() {
                ErrorCode::InvalidCredentials => "credentials",
                _ => "endpoint",
            };
            (
                vec![Check::failed(name, None, CheckStatus::Failed, &error)],
                Vec::new(),
            )
        }
    }
}

fn buckets_to_look_at(
    tenant: &Tenant,
    wished: Option<BucketName>,
    account_buckets: Vec<BucketName>,
) -> Vec<BucketName> {
    if let Some(bucket) = wished {
        return vec![bucket];
    }
    let mut buckets = tenant.named_buckets();
    for bucket in account_buckets {
        if !buckets.contains(&bucket) {
            buckets.push(bucket);
        }
    }
    buckets.truncate(BUCKETS_LOOKED_AT);
    buckets
}

fn no_bucket_known() -> Check {
    Check::new(
        "bucket",
        None,
        CheckStatus::Warning,
        "no bucket is known to look at",
    )
    .hinting("name one: `doctor BUCKET`, `FALLBACK_BUCKETS`, or the log and metrics buckets")
}

/// Can the bucket be read, and what of its set-up can be seen?
async fn look_at(tenant: &Tenant, bucket: BucketName) -> Vec<Check> {
    if let Err(error) = tenant.store.check_bucket(&bucket).await {
        return vec![Check::failed(
            "bucket",
            Some(&bucket),
            CheckStatus::Warning,
            &error,
        )];
    }
    let (versioning, logging, lifecycle) = futures::join!(
        tenant.store.versioning(&bucket),
        tenant.store.logging(&bucket),
        tenant.store.lifecycle(&bucket),
    );
    vec![
        Check::new("bucket", Some(&bucket), CheckStatus::Ok, "can be listed"),
        set_up("versioning", &bucket, versioning, |versioning| match versioning {
            Versioning::Enabled => "on".to_owned(),
            Versioning::Suspended => "suspended".to_owned(),
        }),
        set_up("logging", &bucket, logging, |target: LogTarget| {
            format!("access logs go to `{}` under `{}`", target.bucket, target.prefix)
        }),
        set_up("lifecycle", &bucket, lifecycle, |rules| {
            counted(rules.len(), "rule")
        }),
    ]
}

fn set_up<T>(
    name: &str,
    bucket: &BucketName,
    found: Result<Probe<T>, StoreError>,
    describe: impl FnOnce(T) -> String,
) -> Check {
    let check = |status, detail: String| Check::new(name, Some(bucket), status, detail);
    match found {
        Ok(Probe::Configured(value)) => check(CheckStatus::Ok, describe(value)),
        Ok(Probe::NotConfigured) if name == "logging" => check(
            CheckStatus::Note,
            "off: who reads and writes here is not recorded".to_owned(),
        )
        .hinting("switch access logs on with PutBucketLogging, into another bucket"),
        Ok(Probe::NotConfigured) => check(CheckStatus::Ok, "not set up".to_owned()),
        Ok(Probe::NotAllowed) => check(CheckStatus::Note, "these keys may not see this".to_owned()),
        Ok(Probe::NotSupported) => check(CheckStatus::Note, "the store doesn't have this".to_owned()),
        Ok(Probe::UnexpectedAnswer(root)) => check(
            CheckStatus::Note,
            format!("the store answered with `{root}`: can't tell"),
        ),
        Err(error) => Check::failed(name, Some(bucket), CheckStatus::Warning, &error),
    }
}

/// What later questions need to be told.
fn roles(tenant: &Tenant) -> Vec<Check> {
    let mut checks = Vec::new();
    if tenant.log_bucket.is_none() {
        checks.push(
            Check::new("log-bucket", None, CheckStatus::Note, "no log bucket is named")
                .hinting("questions about who did what need one: `X-Log-Bucket` or `ACCESS_LOGS_BUCKET`"),
        );
    }
    if tenant.metrics_bucket.is_none() {
        checks.push(
            Check::new(
                "metrics-bucket",
                None,
                CheckStatus::Note,
                "no metrics bucket is named",
            )
            .hinting("snapshots need one: `X-Metrics-Bucket` or `METRICS_BUCKET`"),
        );
    }
    checks
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
