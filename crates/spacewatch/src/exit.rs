//! How the program ends.

use std::process::ExitCode;

use spacewatch_model::ErrorCode;

/// The exit codes, which scripts may rely on. `spacewatch --help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The question failed for another reason than those below.
    Failed = 1,
    /// The command line or the configuration makes no sense.
    Usage = 2,
    /// The store rejected the credentials, or they may not do that.
    Denied = 3,
    /// There is no such bucket or object.
    NotFound = 4,
    /// The store can't be reached, is out of service or didn't answer in time.
    Store = 5,
    /// Ended by Ctrl-C.
    Interrupted = 130,
}

/// The part of `--help` that lists the exit codes.
pub(crate) const HELP: &str = "\
Exit codes:
  0    answered
  1    failed for another reason than those below
  2    wrong command line or configuration
  3    the store rejected the credentials, or they may not do that
  4    no such bucket or object
  5    the store can't be reached, is out of service or too slow
  130  interrupted";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<ErrorCode> for Exit {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::MissingHeader
            | ErrorCode::MissingParameter
            | ErrorCode::InvalidParameter
            | ErrorCode::MissingBucket
            | ErrorCode::InvalidValue
            | ErrorCode::InvalidBody
            | ErrorCode::EndpointNotAllowed
            | ErrorCode::MethodNotAllowed
            | ErrorCode::HostNotAllowed
            | ErrorCode::PayloadTooLarge
            | ErrorCode::UriTooLong
            | ErrorCode::UnsupportedMediaType
            | ErrorCode::HeadersTooLarge => Self::Usage,
            ErrorCode::InvalidCredentials | ErrorCode::Unauthorized | ErrorCode::AccessDenied => Self::Denied,
            ErrorCode::NoSuchBucket | ErrorCode::NoSuchKey | ErrorCode::NotFound => Self::NotFound,
            ErrorCode::StoreFailed
            | ErrorCode::StoreUnavailable
            | ErrorCode::StoreTimeout
            | ErrorCode::RateLimited => Self::Store,
            ErrorCode::Internal
            | ErrorCode::RequestTimeout
            | ErrorCode::Overloaded
            | ErrorCode::StillRunning => Self::Failed,
        }
    }
}
