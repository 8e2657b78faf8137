//! Lines that are no records.

/// Why a line is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The line is longer than the reader keeps.
    #[error("the line is longer than the limit")]
    TooLong,
    /// JSON, such as MinIO's audit log or the delivery to CloudWatch Logs.
    #[error("the line is JSON, which is another log format (MinIO audit, CloudWatch delivery)")]
    Json,
    /// Comma-separated values, such as Google's usage logs.
    #[error("the line is CSV, which is another log format (Google Cloud Storage)")]
    Csv,
    /// There is no `[time]` in third place.
    #[error("no bracketed time stands in third place")]
    NoTime,
    /// The time is there, but it is none.
    #[error("the time can't be read")]
    BadTime,
    /// No operation follows requester and request id, often because the line was cut.
    #[error("no operation follows the time")]
    NoOperation,
    /// The operation is there, but what is left of it is not requester and request id.
    #[error("address, requester or request id are missing before the operation")]
    NoRequestId,
    /// The line ends after the operation or its key.
    #[error("the line ends before the request")]
    Cut,
    /// No status, error code and four numbers follow the request.
    #[error("no status, error code and four numbers follow the request")]
    NoNumbers,
    /// Referer and user agent can't be found.
    #[error("no referer and user agent follow the numbers")]
    NoUserAgent,
    /// A `#Fields:` line that names no date and time, or far too many columns.
    #[error("the `#Fields:` line names no date and time, or too many columns")]
    BadHeader,
    /// A CloudFront line with fewer columns than its header names.
    #[error("the line has fewer columns than the `#Fields:` line names")]
    MissingColumns,
}

impl Reason {
    /// A short word for counters and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::NoTime => "no_time",
            Self::BadTime => "bad_time",
            Self::NoOperation => "no_operation",
            Self::NoRequestId => "no_request_id",
            Self::Cut => "cut",
            Self::NoNumbers => "no_numbers",
            Self::NoUserAgent => "no_user_agent",
            Self::BadHeader => "bad_header",
            Self::MissingColumns => "missing_columns",
        }
    }
}
