//! One SDK client, and the one place where calls are repeated.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as SdkCredentials;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Config, Region as SdkRegion, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use spacewatch_model::{BucketName, Clock};
use spacewatch_telemetry::S3Call;
use url::Url;

use crate::connector::{Attempt, Outcome, Trouble};
use crate::lease::{Leases, Scope};
use crate::pace::Pace;
use crate::path_style::PathStyle;
use crate::{Credentials, Endpoint, Failure, Fingerprint, Progress, StoreError, StoresConfig};

/// The first repetition comes after about this long, each further one after twice as long.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
/// No repetition waits longer, whatever the store asks for.
const MAX_BACKOFF: Duration = Duration::from_secs(20);
/// An answer that makes no sense is asked for again only so often: it will hardly get better.
const ATTEMPTS_AT_NONSENSE: u32 = 3;

/// What a client is made of, besides the keys.
pub(crate) struct Parts {
    pub(crate) endpoint: Endpoint,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) connector: SharedHttpConnector,
    pub(crate) pace: Arc<Pace>,
}

pub(crate) struct Client {
    pub(crate) sdk: aws_sdk_s3::Client,
    pub(crate) connector: SharedHttpConnector,
    pub(crate) endpoint: Endpoint,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) pace: Arc<Pace>,
    pub(crate) leases: Arc<Leases>,
    pub(crate) page_size: usize,
    pub(crate) attempts: u32,
}

/// What a call is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) call: S3Call,
    pub(crate) bucket: Option<&'a BucketName>,
    /// Long work: waits for its turn, and counts what it does here.
    pub(crate) progress: Option<&'a Progress>,
    /// Most bytes of the answer, where it isn't the usual limit.
    pub(crate) limit: Option<usize>,
    /// Whether the answer's body is left to be streamed.
    pub(crate) streamed: bool,
    /// Whether it is asked without keys: what comes of it says nothing about these credentials.
    pub(crate) anonymous: bool,
}

impl<'a> Ask<'a> {
    pub(crate) fn account(call: S3Call) -> Self {
        Self {
            call,
            bucket: None,
            progress: None,
            limit: None,
            streamed: false,
            anonymous: false,
        }
    }

    pub(crate) fn bucket(call: S3Call, bucket: &'a BucketName) -> Self {
        Self {
            call,
            bucket: Some(bucket),
            progress: None,
            limit: None,
            streamed: false,
            anonymous: false,
        }
    }
}

impl Client {
    pub(crate) fn new(
        credentials: &Credentials,
        parts: Parts,
        config: &StoresConfig,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let Parts {
            endpoint,
            fingerprint,
            connector,
            pace,
        } = parts;
        let unsigned = connector.clone();
        let keys = SdkCredentials::new(
            credentials.access_key_id(),
            credentials.secret().expose(),
            None,
            None,
            "spacewatch",
        );
        let sdk_config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .credentials_provider(keys)
            .region(SdkRegion::new(endpoint.region().as_str().to_owned()))
            .endpoint_resolver(PathStyle(endpoint.clone()))
            .disable_s3_express_session_auth(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            // Time limits are kept in the connector and repetitions below, each in one place.
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .sleep_impl(TokioSleep::new())
            .time_source(SigningTime(clock.clone()))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        Self {
            sdk: aws_sdk_s3::Client::from_conf(sdk_config),
            connector: unsigned,
            endpoint,
            fingerprint,
            pace,
            leases: Arc::new(Leases::new(config.lease, clock)),
            page_size: config.page_size.clamp(1, 1000),
            attempts: config.attempts.max(1),
        }
    }

    /// Makes a call, repeats it where that may help, and keeps the lease.
    pub(crate) async fn call<T, E, F>(
        &self,
        ask: Ask<'_>,
        send: impl Fn(Arc<Attempt>) -> F + Send,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let mut number: u32 = 1;
        loop {
            let sent = self.leases.now();
            match self.attempt(ask, &send).await {
                Ok(answer) => {
                    if shows_what_is_listed(ask.call) && !ask.anonymous {
                        self.leases.accept(Scope::of(ask.bucket), sent);
                    }
                    return Ok(answer);
                }
                Err(error) => {
                    self.note_refusal(ask, &error);
                    if number >= self.attempts_at(&error) {
                        return Err(error);
                    }
                    tokio::time::sleep(backoff(number, error.failure().retry_after)).await;
                    number = number.saturating_add(1);
                }
            }
        }
    }

    async fn attempt<T, E, F>(
        &self,
        ask: Ask<'_>,
        send: impl FnOnce(Arc<Attempt>) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let slot = match ask.progress {
            Some(progress) => {
                let slot = self.pace.take_turn().await;
                progress.add_requests(1);
                Some(slot)
            }
            None => {
                self.pace.count();
                None
            }
        };
        let attempt = Attempt::new(ask.call, ask.bucket.cloned());
        let attempt = match ask.limit {
            Some(limit) => attempt.with_limit(limit),
            None => attempt,
        };
        let attempt = Arc::new(if ask.streamed { attempt.streamed() } else { attempt });
        let answer = send(attempt.clone()).await;
        drop(slot);
        match answer {
            Ok(answer) => {
                self.pace.went_well();
                Ok(answer)
            }
            Err(error) => {
                let error = self.sorted(ask, &attempt.outcome(), error);
                if matches!(
                    error,
                    StoreError::Throttled(_) | StoreError::Timeout(_) | StoreError::Unavailable(_)
                ) {
                    self.pace.was_too_fast();
                    ask.progress.inspect(|progress| progress.add_throttled());
                }
                Err(error)
            }
        }
    }

    /// After a body that broke off: the store's pace, and a wait before it is asked for the rest.
    pub(crate) async fn pace_after(&self, error: &StoreError, number: u32) {
        if matches!(error, StoreError::Timeout(_)) {
            self.pace.was_too_fast();
        }
        tokio::time::sleep(backoff(number, None)).await;
    }

    fn note_refusal(&self, ask: Ask<'_>, error: &StoreError) {
        if ask.anonymous {
            return;
        }
        match error {
            StoreError::InvalidCredentials(_) => self.leases.revoke_all(),
            StoreError::AccessDenied(_) | StoreError::NoSuchBucket(_) => self.leases.revoke(ask.bucket),
            _ => {}
        }
    }

    fn attempts_at(&self, error: &StoreError) -> u32 {
        match error {
            error if !error.is_transient() => 1,
            StoreError::BadAnswer(_) => self.attempts.min(ATTEMPTS_AT_NONSENSE),
            _ => self.attempts,
        }
    }

    pub(crate) fn failure(&self, ask: Ask<'_>) -> Failure {
        Failure::new(ask.call, ask.bucket.cloned(), self.endpoint.host())
    }

    fn sorted<E>(&self, ask: Ask<'_>, outcome: &Outcome, error: SdkError<E, HttpResponse>) -> StoreError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let mut failure = self.failure(ask);
        failure.status = outcome.status;
        failure.retry_after = outcome.retry_after;
        failure.request_id.clone_from(&outcome.request_id);
        if let Some(trouble) = &outcome.trouble {
            return from_trouble(failure, trouble);
        }
        failure.hint = elsewhere(outcome);
        match &error {
            SdkError::ServiceError(answer) => {
                failure.code = answer
                    .err()
                    .code()
                    .filter(|code| !code.is_empty())
                    .map(str::to_owned);
                if let Some(message) = answer.err().message() {
                    failure = failure.saying(message);
                }
                StoreError::from_answer(failure)
            }
            SdkError::ResponseError(answer) if (400..).contains(&answer.raw().status().as_u16()) => {
                StoreError::from_answer(failure)
            }
            SdkError::ResponseError(_) => {
                let root = outcome.root.as_deref().unwrap_or("no XML");
                StoreError::BadAnswer(Box::new(failure.saying(format!("unexpected `{root}`"))))
            }
            other => StoreError::BadAnswer(Box::new(failure.saying(chain(other)))),
        }
    }
}

/// What an answer tells about where else to ask. Nothing here ever goes there by itself.
fn elsewhere(outcome: &Outcome) -> Option<String> {
    if let Some(region) = &outcome.bucket_region {
        return Some(format!("the bucket is in region `{region}`; use that region"));
    }
    // The path could be longer than helpful, and says no more.
    let location = Url::parse(outcome.location.as_deref()?).ok()?;
    let origin = location.origin();
    origin.is_tuple().then(|| {
        format!(
            "the store points to `{}`; redirects are not followed, name that endpoint",
            origin.ascii_serialization()
        )
    })
}

/// An error and its causes, without what `Debug` would tell of the request.
fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        said.push_str(": ");
        said.push_str(&cause.to_string());
        next = cause.source();
    }
    said
}

pub(crate) fn from_trouble(failure: Failure, trouble: &Trouble) -> StoreError {
    let mut failure = Box::new(failure.saying(trouble.to_string()));
    failure.too_long = matches!(trouble, Trouble::TooLong(_));
    match trouble {
        Trouble::Refused(_) => StoreError::EndpointRefused(failure),
        Trouble::Silent(_) => StoreError::Timeout(failure),
        Trouble::NoConnection(_) | Trouble::BreaksOff => StoreError::Unreachable(failure),
        Trouble::TooLong(_) | Trouble::BadPage(_) => StoreError::BadAnswer(failure),
    }
}

/// Kept answers tell what is stored, so only a call that shows as much vouches for them: keys that may still
/// read one object may no longer list the bucket.
fn shows_what_is_listed(call: S3Call) -> bool {
    matches!(
        call,
        S3Call::ListBuckets | S3Call::HeadBucket | S3Call::ListObjects | S3Call::ListObjectsV2
    )
}

/// How long to wait before repetition `number`: somewhere between half and all of a span that doubles, so
/// that those who failed together don't come back together; and that much later than the store asks for, up
/// to the longest wait there is.
fn backoff(number: u32, asked: Option<Duration>) -> Duration {
    let span = FIRST_BACKOFF
        .saturating_mul(1 << number.saturating_sub(1).min(16))
        .min(MAX_BACKOFF);
    let jittered = span.mul_f64(rand::random_range(0.5..1.0));
    asked
        .unwrap_or_default()
        .saturating_add(jittered)
        .min(MAX_BACKOFF)
}

/// Puts an attempt into the request, for the connector to find.
pub(crate) fn carry(attempt: Arc<Attempt>) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
    move |request| request.add_extension(attempt.clone())
}

#[derive(Debug)]
struct SigningTime(Arc<dyn Clock>);

impl TimeSource for SigningTime {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_within_bounds() {
        for (number, asked, least, most) in [
            (1, 0, 50, 100),
            (3, 0, 200, 400),
            (40, 0, 10_000, 20_000),
            (1, 3, 3_050, 3_100),
            (1, 3600, 20_000, 20_000),
        ] {
            let wait = backoff(number, Some(Duration::from_secs(asked))).as_millis();
            assert!((least..=most).contains(&wait), "{number}: {wait}");
        }
    }
}
