//! How a bucket is set up, and whether the store's answer is one: some stores answer settings that they don't know
//! with something else.

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

/// A setting, and the document that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent<T> {
    /// The setting.
    pub value: T,
    /// What the store sent.
    pub document: Document,
}

/// What a store sent, as far as it is kept. It is data: whoever wrote the setting wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its text, in UTF-8 whatever came.
    pub text: String,
    /// There was more of it.
    pub truncated: bool,
}

/// Most bytes of a document that are kept for people to see: a policy has at most 20 KiB.
const MAX_SHOWN: usize = 20 << 10;
/// Most bytes of a setting that are read; the largest there is are a thousand rules of a lifecycle.
const MAX_SETTING: usize = 2 << 20;

impl Document {
    fn of(body: &[u8]) -> Self {
        let shown = body.get(..MAX_SHOWN).unwrap_or(body);
        Self {
            text: String::from_utf8_lossy(shown).into_owned(),
            truncated: shown.len() < body.len(),
        }
    }
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
    /// After how many days it deletes objects, if it does; 0 where it does so on a date.
    pub expires_after_days: Option<u32>,
    /// Whether it is for some objects only, by tag or size.
    pub filtered: bool,
}

pub(crate) async fn versioning(client: &Client, bucket: &BucketName) -> Answered<Versioning> {
    let answer = probed(
        client,
        (S3Call::GetBucketVersioning, bucket),
        Form::Xml("VersioningConfiguration"),
        |attempt| {
            let call = client.sdk.get_bucket_versioning().bucket(bucket.as_str());
            call.customize().mutate_request(carry(attempt)).send()
        },
    );
    Ok(answer.await?.judged(|answer| match answer.status() {
        Some(BucketVersioningStatus::Enabled) => Probe::Configured(Versioning::Enabled),
        Some(BucketVersioningStatus::Suspended) => Probe::Configured(Versioning::Suspended),
        Some(other) => Probe::UnexpectedAnswer(format!("status `{}`", other.as_str())),
        None => Probe::NotConfigured,
    }))
}

pub(crate) async fn logging(client: &Client, bucket: &BucketName) -> Answered<LogTarget> {
    let answer = probed(
        client,
        (S3Call::GetBucketLogging, bucket),
        Form::Xml("BucketLoggingStatus"),
        |attempt| {
            let call = client.sdk.get_bucket_logging().bucket(bucket.as_str());
            call.customize().mutate_request(carry(attempt)).send()
        },
    );
    Ok(answer.await?.judged(|answer| match answer.logging_enabled() {
        Some(enabled) => Probe::Configured(LogTarget {
            bucket: enabled.target_bucket().to_owned(),
            prefix: enabled.target_prefix().to_owned(),
        }),
        None => Probe::NotConfigured,
    }))
}

pub(crate) async fn lifecycle(client: &Client, bucket: &BucketName) -> Answered<Vec<LifecycleRule>> {
    let answer = probed(
        client,
        (S3Call::GetBucketLifecycle, bucket),
        Form::Xml("LifecycleConfiguration"),
        |attempt| {
            let call = client
                .sdk
                .get_bucket_lifecycle_configuration()
                .bucket(bucket.as_str());
            call.customize().mutate_request(carry(attempt)).send()
        },
    );
    Ok(answer.await?.judged(|answer| match answer.rules() {
        [] => Probe::NotConfigured,
        rules => Probe::Configured(rules.iter().map(rule).collect()),
    }))
}

/// What asking for a setting gives.
pub(crate) type Answered<T> = Result<Probe<Sent<T>>, StoreError>;

impl<T> Probe<Sent<T>> {
    /// The setting alone.
    pub(crate) fn value(self) -> Probe<T> {
        self.and_then(|sent| Probe::Configured(sent.value))
    }

    /// What the answer says, once it is one.
    pub(crate) fn judged<U>(self, judge: impl FnOnce(T) -> Probe<U>) -> Probe<Sent<U>> {
        self.and_then(|Sent { value, document }| {
            judge(value).and_then(|value| Probe::Configured(Sent { value, document }))
        })
    }
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

/// What a true answer looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// XML with this root element.
    Xml(&'static str),
    /// A JSON object.
    Json,
}

impl Form {
    /// What came instead of it, if something else did.
    fn mismatch(self, root: Option<&str>, body: &[u8]) -> Option<String> {
        let (fits, otherwise) = match self {
            Self::Xml(wanted) => (root == Some(wanted), "no XML"),
            Self::Json => (body.trim_ascii_start().first() == Some(&b'{'), "no JSON"),
        };
        (!fits).then(|| root.unwrap_or(otherwise).to_owned())
    }
}

/// Asks for a setting, and trusts the answer only if it is one.
pub(crate) async fn probed<T, E, F>(
    client: &Client,
    (call, bucket): (S3Call, &BucketName),
    form: Form,
    send: impl Fn(Arc<Attempt>) -> F + Send + Sync,
) -> Answered<T>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let ask = Ask {
        limit: Some(MAX_SETTING),
        ..Ask::bucket(call, bucket)
    };
    let answered = client
        .call(ask, |attempt| {
            let answer = send(attempt.clone());
            async move {
                let answer = answer.await;
                // Looked at first: a foreign answer may parse or not.
                let (status, root, body) = {
                    let outcome = attempt.outcome();
                    (outcome.status, outcome.root.clone(), outcome.document.clone())
                };
                if status == 200
                    && let Some(found) = form.mismatch(root.as_deref(), &body)
                {
                    return Ok(Probe::UnexpectedAnswer(found));
                }
                answer.map(|value| {
                    Probe::Configured(Sent {
                        value,
                        document: Document::of(&body),
                    })
                })
            }
        })
        .await;
    match answered {
        Ok(probe) => Ok(probe),
        Err(StoreError::AccessDenied(_)) => Ok(Probe::NotAllowed),
        Err(StoreError::NotSupported(_)) => Ok(Probe::NotSupported),
        Err(error) => match error.store_code() {
            Some(code) if says_unset(code) => Ok(Probe::NotConfigured),
            _ => Err(error),
        },
    }
}

/// Whether this error code says that a bucket has no such setting.
fn says_unset(code: &str) -> bool {
    (code.starts_with("NoSuch") && code.ends_with("Configuration"))
        || matches!(
            code,
            "NoSuchBucketPolicy"
                | "ServerSideEncryptionConfigurationNotFoundError"
                | "ObjectLockConfigurationNotFoundError"
                | "OwnershipControlsNotFoundError"
        )
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
        expires_after_days: rule.expiration().and_then(|expiration| {
            let days = expiration.date().map(|_| 0).or(expiration.days())?;
            u32::try_from(days).ok()
        }),
        filtered: is_filtered(rule),
    }
}

/// Whether a rule is for some of the objects under its prefix only.
fn is_filtered(rule: &SdkRule) -> bool {
    let Some(filter) = rule.filter() else { return false };
    let by_size = |greater: Option<i64>, less: Option<i64>| greater.or(less).is_some();
    filter.tag().is_some()
        || by_size(filter.object_size_greater_than(), filter.object_size_less_than())
        || filter.and().is_some_and(|and| {
            !and.tags().is_empty() || by_size(and.object_size_greater_than(), and.object_size_less_than())
        })
}
