//! The closed list of what can go wrong.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong, in a word that stays the same from release to release.
///
/// Written like S3's own error codes, because clients see both in the same field: where the store said
/// why, its code stands there instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum ErrorCode {
    /// A required header is missing.
    MissingHeader,
    /// A required query parameter is missing.
    MissingParameter,
    /// A header, parameter or field doesn't parse.
    InvalidParameter,
    /// The request names no bucket where one is needed.
    MissingBucket,
    /// A value parses but makes no sense.
    InvalidValue,
    /// The body is not what the route takes.
    InvalidBody,
    /// The endpoint is not one this server may call.
    EndpointNotAllowed,
    /// The store rejected these keys.
    InvalidCredentials,
    /// The operator's key is missing or wrong.
    Unauthorized,
    /// These keys may not do that.
    AccessDenied,
    /// There is no such bucket.
    NoSuchBucket,
    /// There is no such object.
    NoSuchKey,
    /// There is no such page, route or piece of work.
    NotFound,
    /// The route exists, but not with this method.
    MethodNotAllowed,
    /// The request took too long to arrive.
    RequestTimeout,
    /// The request's Host is not one this server answers to.
    HostNotAllowed,
    /// The body is larger than the route takes.
    PayloadTooLarge,
    /// The address is longer than the server takes.
    UriTooLong,
    /// The body is in a format the route doesn't take.
    UnsupportedMediaType,
    /// The headers are larger than the server takes.
    HeadersTooLarge,
    /// This client asks too often.
    RateLimited,
    /// SpaceWatch itself failed.
    Internal,
    /// The store answered something that makes no sense, or couldn't be reached.
    StoreFailed,
    /// The store asks to slow down, or is out of service.
    StoreUnavailable,
    /// The store didn't answer in time.
    StoreTimeout,
    /// The server can't take more work now.
    Overloaded,
    /// The work takes longer than a request may; it goes on.
    StillRunning,
}

impl ErrorCode {
    /// The code as it stands in answers: `NoSuchBucket`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingHeader => "MissingHeader",
            Self::MissingParameter => "MissingParameter",
            Self::InvalidParameter => "InvalidParameter",
            Self::MissingBucket => "MissingBucket",
            Self::InvalidValue => "InvalidValue",
            Self::InvalidBody => "InvalidBody",
            Self::EndpointNotAllowed => "EndpointNotAllowed",
            Self::InvalidCredentials => "InvalidCredentials",
            Self::Unauthorized => "Unauthorized",
            Self::AccessDenied => "AccessDenied",
            Self::NoSuchBucket => "NoSuchBucket",
            Self::NoSuchKey => "NoSuchKey",
            Self::NotFound => "NotFound",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::RequestTimeout => "RequestTimeout",
            Self::HostNotAllowed => "HostNotAllowed",
            Self::PayloadTooLarge => "PayloadTooLarge",
            Self::UriTooLong => "UriTooLong",
            Self::UnsupportedMediaType => "UnsupportedMediaType",
            Self::HeadersTooLarge => "HeadersTooLarge",
            Self::RateLimited => "RateLimited",
            Self::Internal => "Internal",
            Self::StoreFailed => "StoreFailed",
            Self::StoreUnavailable => "StoreUnavailable",
            Self::StoreTimeout => "StoreTimeout",
            Self::Overloaded => "Overloaded",
            Self::StillRunning => "StillRunning",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
