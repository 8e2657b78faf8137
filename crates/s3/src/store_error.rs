//! What can go wrong between here and a store, by what the caller can do next.

use std::fmt;
use std::time::Duration;

use spacewatch_model::{BucketName, ErrorCode, OneLine};
use spacewatch_telemetry::S3Call;

/// A call to the store that failed, by what the caller can do next.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The store doesn't know these keys, or the signature is wrong: ask for others.
    #[error("the store rejected these keys{0}")]
    InvalidCredentials(Box<Failure>),
    /// The keys are good but may not do this: ask the owner, or do without.
    #[error("these keys may not do that{0}")]
    AccessDenied(Box<Failure>),
    /// There is no such bucket here: correct the name or the region.
    #[error("no such bucket{0}")]
    NoSuchBucket(Box<Failure>),
    /// There is no such object.
    #[error("no such object{0}")]
    NoSuchKey(Box<Failure>),
    /// An object is not as the call demanded: there already, or changed meanwhile.
    #[error("the object is not as expected{0}")]
    Precondition(Box<Failure>),
    /// The store goes on asking to slow down: come back later.
    #[error("the store asks to slow down{0}")]
    Throttled(Box<Failure>),
    /// The store is out of service.
    #[error("the store is out of service{0}")]
    Unavailable(Box<Failure>),
    /// The store didn't answer in time.
    #[error("the store didn't answer in time{0}")]
    Timeout(Box<Failure>),
    /// There is no connection to the store: correct the endpoint, or check the network.
    #[error("the store can't be reached{0}")]
    Unreachable(Box<Failure>),
    /// The store answered something that makes no sense.
    #[error("the store gave an answer that makes no sense{0}")]
    BadAnswer(Box<Failure>),
    /// The store has no such function.
    #[error("the store doesn't support this{0}")]
    NotSupported(Box<Failure>),
    /// The endpoint's name leads to an address that this server must not call.
    #[error("the endpoint is refused{0}")]
    EndpointRefused(Box<Failure>),
}

/// What is known about a failed call. Never holds a secret, a signature or a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was asked.
    pub call: S3Call,
    /// The bucket it was about.
    pub bucket: Option<BucketName>,
    /// The store's host.
    pub host: String,
    /// The HTTP status, 0 when there was no answer.
    pub status: u16,
    /// The store's own error code: `SlowDown`.
    pub code: Option<String>,
    /// What the store, or the network, said.
    pub message: Option<String>,
    /// The store's name for the request, for its support.
    pub request_id: Option<String>,
    /// What a person can do, where the answer itself told.
    pub hint: Option<String>,
    /// How long the store asks to wait.
    pub retry_after: Option<Duration>,
    /// Whether the answer was longer than what was wanted, which no repetition changes.
    pub too_long: bool,
}

/// Longest text of the store's that is passed on.
const MAX_TEXT: usize = 300;

impl Failure {
    pub(crate) fn new(call: S3Call, bucket: Option<BucketName>, host: &str) -> Self {
        Self {
            call,
            bucket,
            host: host.to_owned(),
            status: 0,
            code: None,
            message: None,
            request_id: None,
            hint: None,
            retry_after: None,
            too_long: false,
        }
    }

    pub(crate) fn saying(self, message: impl AsRef<str>) -> Self {
        Self {
            message: Some(message.as_ref().chars().take(MAX_TEXT).collect()),
            ..self
        }
    }
}

/// Where and why, in parentheses behind the sentence of the variant.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(message) = self.message.as_deref().filter(|message| !message.is_empty()) {
            write!(f, ": {}", OneLine(message.trim_end_matches('.')))?;
        }
        write!(f, " ({} on `{}`", self.call.as_str(), OneLine(&self.host))?;
        if let Some(bucket) = &self.bucket {
            write!(f, ", bucket `{bucket}`")?;
        }
        if self.status != 0 {
            write!(f, ", status {}", self.status)?;
        }
        if let Some(code) = &self.code {
            write!(f, ", code `{}`", OneLine(code))?;
        }
        f.write_str(")")
    }
}

impl StoreError {
    /// The kind of failure, as the HTTP contract names it.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidCredentials(_) => ErrorCode::InvalidCredentials,
            Self::AccessDenied(_) => ErrorCode::AccessDenied,
            Self::NoSuchBucket(_) => ErrorCode::NoSuchBucket,
            Self::NoSuchKey(_) => ErrorCode::NoSuchKey,
            Self::Throttled(_) | Self::Unavailable(_) => ErrorCode::StoreUnavailable,
            Self::Timeout(_) => ErrorCode::StoreTimeout,
            Self::Unreachable(_) | Self::BadAnswer(_) | Self::NotSupported(_) | Self::Precondition(_) => {
                ErrorCode::StoreFailed
            }
            Self::EndpointRefused(_) => ErrorCode::EndpointNotAllowed,
        }
    }

    /// The store's own error code, where it gave one.
    pub fn store_code(&self) -> Option<&str> {
        self.failure().code.as_deref()
    }

    /// What a person can do about it.
    pub fn hint(&self) -> Option<String> {
        let failure = self.failure();
        if let Some(hint) = &failure.hint {
            return Some(hint.clone());
        }
        let hint = match self {
            Self::InvalidCredentials(_) => match failure.code.as_deref() {
                Some("SignatureDoesNotMatch") => "the secret doesn't belong to this access key id",
                _ => "check the key pair, and that it belongs to this provider and region",
            },
            Self::AccessDenied(_) => {
                "limited keys reach only the buckets they were made for; name such a bucket"
            }
            Self::NoSuchBucket(_) => {
                "check the name and the region: a bucket is found only in its own region"
            }
            Self::Throttled(_) => "wait a little, or lower the share of the store's rate limit that is used",
            Self::Unavailable(_) | Self::Timeout(_) => {
                "try again later; the provider's status page may tell more"
            }
            Self::Unreachable(_) => "check the endpoint, the name service and the way out of this network",
            Self::EndpointRefused(_) => "the operator can allow the endpoint with `ALLOWED_ENDPOINTS`",
            Self::NoSuchKey(_) | Self::Precondition(_) | Self::BadAnswer(_) | Self::NotSupported(_) => {
                return None;
            }
        };
        Some(hint.to_owned())
    }

    /// What is known about the failed call.
    pub fn failure(&self) -> &Failure {
        match self {
            Self::InvalidCredentials(failure)
            | Self::AccessDenied(failure)
            | Self::NoSuchBucket(failure)
            | Self::NoSuchKey(failure)
            | Self::Precondition(failure)
            | Self::Throttled(failure)
            | Self::Unavailable(failure)
            | Self::Timeout(failure)
            | Self::Unreachable(failure)
            | Self::BadAnswer(failure)
            | Self::NotSupported(failure)
            | Self::EndpointRefused(failure) => failure,
        }
    }

    /// Whether the same call may well succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Throttled(_) | Self::Unavailable(_) | Self::Timeout(_) | Self::Unreachable(_) => true,
            // A 200 whose body was cut or replaced by something in between.
            Self::BadAnswer(failure) => failure.status == 200 && failure.code.is_none() && !failure.too_long,
            Self::InvalidCredentials(_)
            | Self::AccessDenied(_)
            | Self::NoSuchBucket(_)
            | Self::NoSuchKey(_)
            | Self::Precondition(_)
            | Self::NotSupported(_)
            | Self::EndpointRefused(_) => false,
        }
    }

    /// Sorts an answer of the store by its error code, and where there is none by its status.
    pub(crate) fn from_answer(mut failure: Failure) -> Self {
        let code = failure.code.clone().unwrap_or_default();
        let status = failure.status;
        if failure.hint.is_none() {
            failure.hint = hint_for(&code).map(str::to_owned);
        }
        let failure = Box::new(failure);
        match (code.as_str(), status) {
            (
                "InvalidAccessKeyId"
                | "SignatureDoesNotMatch"
                | "InvalidToken"
                | "ExpiredToken"
                | "RequestTimeTooSkewed"
                | "AuthorizationHeaderMalformed"
                | "InvalidSecurity"
                | "NotSignedUp"
                | "AccountProblem",
                _,
            ) => Self::InvalidCredentials(failure),
            ("NoSuchBucket", _) => Self::NoSuchBucket(failure),
            // Known, but in another region.
            (_, 301 | 307) if failure.bucket.is_some() => Self::NoSuchBucket(failure),
            ("InvalidObjectState", _) => Self::NotSupported(failure),
            ("NoSuchKey" | "NoSuchVersion", _) => Self::NoSuchKey(failure),
            ("PreconditionFailed" | "ConditionalRequestConflict", _) | (_, 412) => {
                Self::Precondition(failure)
            }
            (
                "SlowDown"
                | "Throttling"
                | "ThrottlingException"
                | "TooManyRequests"
                | "RequestLimitExceeded"
                | "BandwidthLimitExceeded"
                | "ServiceUnavailable",
                _,
            )
            | (_, 429 | 503) => Self::Throttled(failure),
            ("RequestTimeout", _) | (_, 408 | 504) => Self::Timeout(failure),
            ("NotImplemented" | "MethodNotAllowed", _) | (_, 405 | 501) => Self::NotSupported(failure),
            (_, 401) => Self::InvalidCredentials(failure),
            ("AccessDenied" | "AllAccessDisabled" | "Forbidden", _) | (_, 403) => Self::AccessDenied(failure),
            (_, 404) if failure.bucket.is_some() => match failure.call {
                S3Call::HeadObject | S3Call::GetObject => Self::NoSuchKey(failure),
                _ => Self::NoSuchBucket(failure),
            },
            ("InternalError", _) | (_, 500..) => Self::Unavailable(failure),
            _ => Self::BadAnswer(failure),
        }
    }
}

fn hint_for(code: &str) -> Option<&'static str> {
    match code {
        "RequestTimeTooSkewed" => Some("this machine's clock is more than 15 minutes off; set it right"),
        "AuthorizationHeaderMalformed" => {
            Some("the signature names another region; set the bucket's own region")
        }
        "InvalidObjectState" => Some("the object is archived; restore it to read it"),
        "PermanentRedirect" | "TemporaryRedirect" | "IllegalLocationConstraintException" => {
            Some("the bucket is in another region; use that region's endpoint")
        }
        _ => None,
    }
}
