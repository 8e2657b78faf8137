//! How a bucket is set up, for `doctor`.

use std::sync::Arc;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{BucketVersioningStatus, ExpirationStatus, LifecycleRule as SdkRule};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use spacewatch_model::BucketName;
use spacewatch_telemetry::S3Call;

use crate::StoreError;
use crate::client::{Ask, Client, carry};
use crate::connector::Attempt;

/// What the store says about a bucket's setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe<T> {
    /// It is set up like this.
    Configured(T),
    /// It is not set up.
    NotConfigured,
    /// These keys may not know.
    NotAllowed,
    /// The store has no such setting.
    NotSupported,
    /// The store answered with something else, described here; some stores answer a setting they don't
    /// know with a plain listing.
    UnexpectedAnswer(String),
}

/// Whether a bucket keeps versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    /// Every version is kept.
    Enabled,
    /// Old versions stay, new ones aren't kept.
    Suspended,
}

/// Where a bucket's access log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTarget {
    /// The bucket that receives the log objects.
    pub bucket: String,
    /// What their keys begin with.
    pub prefix: String,
}

/// A rule of a bucket's lifecycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecycleRule {
    /// Its name, if it has one.
    pub id: Option<String>,
    /// Whether it is in force.
    pub enabled: bool,
    /// The keys it is for; empty means all.
    pub prefix: String,
    /// What it does, in words: `expire after 30 days`.
    pub actions: Vec<String>,
    /// After how many days it drops incomplete uploads, if it does.
    pub drops_uploads_after_days: Option<u32>,
}

pub(crate) async fn versioning(
    client: &Client,
    bucket: &BucketName,
) -> Result<Probe<Versioning>, StoreError> {
    let answer = probed(
        client,
        (S3Call::GetBucketVersioning, bucket),
        "VersioningConfiguration",
        |attempt| {
            let call = client.sdk.get_bucket_versioning().bucket(bucket.as_str());
            call.customize().mutate_request(carry(attempt)).send()
        },
    );
    Ok(answer.await?.and_then(|answer| match answer.status() {
        Some(BucketVersioningStatus::Enabled) => Probe::Configured(Versioning::Enabled),
        Some(BucketVersioningStatus::Suspended) => Probe::Configured(Versioning::Suspended),
        Some(other) => Probe::UnexpectedAnswer(format!("status `{}`", other.as_str())),
        None => Probe::NotConfigured,
    }))
}

pub(crate) async fn logging(client: &Client, bucket: &BucketName) -> Result<Probe<LogTarget>, StoreError> {
    let answer = probed(
        client,
        (S3Call::GetBucketLogging, bucket),
        "BucketLoggingStatus",
        |attempt| {
            let call = client.sdk.get_bucket_logging().bucket(bucket.as_str());
            call.customize().mutate_request(carry(attempt)).send()
        },
    );
    Ok(answer.await?.and_then(|answer| match answer.logging_enabled() {
        Some(enabled) => Probe::Configured(LogTarget {
            bucket: enabled.target_bucket().to_owned(),
            prefix: enabled.target_prefix().to_owned(),
        }),
        None => Probe::NotConfigured,
    }))
}

pub(crate) async fn lifecycle(
    client: &Client,
    bucket: &BucketName,
) -> Result<Probe<Vec<LifecycleRule>>, StoreError> {
    let answer = probed(
        client,
        (S3Call::GetBucketLifecycle, bucket),
        "LifecycleConfiguration",
        |attempt| {
            let call = client
                .sdk
                .get_bucket_lifecycle_configuration()
                .bucket(bucket.as_str());
            call.customize().mutate_request(carry(attempt)).send()
        },
    );
    Ok(answer.await?.and_then(|answer| match answer.rules() {
        [] => Probe::NotConfigured,
        rules => Probe::Configured(rules.iter().map(rule).collect()),
    }))
}

impl<T> Probe<T> {
    fn and_then<U>(self, judge: impl FnOnce(T) -> Probe<U>) -> Probe<U> {
        match self {
            Self::Configured(answer) => judge(answer),
            Self::NotConfigured => Probe::NotConfigured,
            Self::NotAllowed => Probe::NotAllowed,
            Self::NotSupported => Probe::NotSupported,
            Self::UnexpectedAnswer(what) => Probe::UnexpectedAnswer(what),
        }
    }
}

/// Asks for a setting, and trusts the answer only if it is one: `root` is its root element's name.
async fn probed<T, E, F>(
    client: &Client,
    (call, bucket): (S3Call, &BucketName),
    root: &str,
    send: impl Fn(Arc<Attempt>) -> F + Send + Sync,
) -> Result<Probe<T>, StoreError>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let answered = client
        .call(Ask::bucket(call, bucket), |attempt| {
            let answer = send(attempt.clone());
            async move {
                let answer = answer.await;
                // Looked at first: a foreign answer may parse or not.
                let (status, found) = {
                    let outcome = attempt.outcome();
                    (outcome.status, outcome.root.clone())
                };
                if status == 200 && found.as_deref() != Some(root) {
                    return Ok(Probe::UnexpectedAnswer(
                        found.unwrap_or_else(|| "no XML".to_owned()),
                    ));
                }
                answer.map(Probe::Configured)
            }
        })
        .await;
    match answered {
        Ok(probe) => Ok(probe),
        Err(StoreError::AccessDenied(_)) => Ok(Probe::NotAllowed),
        Err(StoreError::NotSupported(_)) => Ok(Probe::NotSupported),
        Err(error) => match error.store_code() {
            Some(code) if code.starts_with("NoSuch") && code.ends_with("Configuration") => {
                Ok(Probe::NotConfigured)
            }
            _ => Err(error),
        },
    }
}

fn rule(rule: &SdkRule) -> LifecycleRule {
    let filter = rule
        .filter()
        .and_then(|filter| filter.prefix().or_else(|| filter.and()?.prefix()));
    #[expect(deprecated, reason = "old rules carry their prefix there")]
    let prefix = filter.or(rule.prefix()).unwrap_or_default();
    let mut actions = Vec::new();
    if let Some(days) = rule.expiration().and_then(|expiration| expiration.days()) {
        actions.push(format!("expire after {days} days"));
    }
    if rule
        .expiration()
        .is_some_and(|expiration| expiration.date().is_some())
    {
        actions.push("expire on a date".to_owned());
    }
    for transition in rule.transitions() {
        let class = transition
            .storage_class()
            .map_or("another class", |class| class.as_str());
        actions.push(format!(
            "move to `{class}` after {} days",
            transition.days().unwrap_or_default()
        ));
    }
    if let Some(days) = rule
        .noncurrent_version_expiration()
        .and_then(|expiration| expiration.noncurrent_days())
    {
        actions.push(format!("expire old versions after {days} days"));
    }
    let drops_uploads = rule
        .abort_incomplete_multipart_upload()
        .and_then(|abort| abort.days_after_initiation());
    if let Some(days) = drops_uploads {
        actions.push(format!("drop incomplete uploads after {days} days"));
    }
    LifecycleRule {
        id: rule.id().map(str::to_owned),
        enabled: rule.status() == &ExpirationStatus::Enabled,
        prefix: prefix.to_owned(),
        actions,
        drops_uploads_after_days: drops_uploads.and_then(|days| u32::try_from(days).ok()),
    }
}
