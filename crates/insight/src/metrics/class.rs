//! Which requests a metric counts, and by what they are told apart.

use serde::{Deserialize, Serialize};
use spacewatch_lake::{Activity, Dimension};
use utoipa::ToSchema;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Whatever a client asked for.
    All,
    /// Of this category: see `spacewatch_access_log::Category`.
    Category(&'static str),
    /// Answered with this status.
    Status(u16),
    /// Answered with a status of this hundred.
    Hundred(u16),
    /// Not failed by the server's fault.
    NoServerFault,
    /// Signed the old way, with AWS Signature Version 2.
    OldSignature,
    /// Over a TLS version before 1.2.
    OldTls,
}

impl Class {
    /// Whether these client requests are of the kind.
    pub(crate) fn holds(self, row: &Activity) -> bool {
        match self {
            Self::All => true,
            Self::Category(category) => row.category == category,
            Self::Status(status) => row.status == Some(status),
            Self::Hundred(hundred) => row.status.is_some_and(|status| status / 100 == hundred),
            Self::NoServerFault => !ResponseType::of(row.status, row.error_code.as_deref()).is_server_fault(),
            Self::OldSignature => row.signature_version.as_deref() == Some("SigV2"),
            Self::OldTls => row.tls_version.as_deref().is_some_and(is_old_tls),
        }
    }
}

/// Whether it is SSL or TLS before 1.2. Stores write `TLSv1.1`, `TLSV1.1`; what is not known counts as new.
fn is_old_tls(version: &str) -> bool {
    let version = version.to_ascii_lowercase();
    version.starts_with("ssl") || matches!(version.as_str(), "tlsv1" | "tlsv1.0" | "tlsv1.1")
}

/// What bringing an object or a part is called, by several writers.
pub(crate) const UPLOADS: &[&str] = &[
    "REST.PUT.OBJECT",
    "REST.PUT.PART",
    "REST.POST.OBJECT",
    "SOAP.PUT.OBJECT",
    "REST.S3_PUT_OBJECT",
    "REST.S3_PUT_PART",
];
/// What reading an object is called, by several writers.
pub(crate) const READS: &[&str] = &[
    "REST.GET.OBJECT",
    "REST.S3_GET_OBJECT",
    "WEBSITE.GET.OBJECT",
    "SOAP.GET.OBJECT",
];

/// Whether these requests brought an object or a part, whose size stands in the log: the object size is then what was sent.
pub(crate) fn is_upload(row: &Activity) -> bool {
    let successful = row.status.is_some_and(|status| (200..300).contains(&status));
    successful && UPLOADS.contains(&row.operation.as_str())
}

/// Bytes of which requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flow {
    /// What all of them were sent.
    Sent,
    /// What successful reads of objects were sent.
    Read,
    /// Sizes of what successful uploads brought.
    Written,
}

/// How a request ended, in the words of Azure Monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseType {
    Success,
    Authorization,
    ClientThrottling,
    ClientTimeout,
    ClientOther,
    ServerBusy,
    ServerTimeout,
    ServerOther,
    /// The log has no status, or one that is none.
    Unknown,
}

impl ResponseType {
    pub(crate) fn of(status: Option<u16>, error_code: Option<&str>) -> Self {
        match (status, error_code) {
            (Some(200..=399), _) => Self::Success,
            (Some(403), _) => Self::Authorization,
            (Some(429), _) | (Some(503), Some("SlowDown")) => Self::ClientThrottling,
            (Some(503), _) => Self::ServerBusy,
            (Some(504), _) => Self::ServerTimeout,
            (Some(400), Some("RequestTimeout")) => Self::ClientTimeout,
            (Some(400..=499), _) => Self::ClientOther,
            (Some(500..=599), _) => Self::ServerOther,
            _ => Self::Unknown,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Authorization => "AuthorizationError",
            Self::ClientThrottling => "ClientThrottlingError",
            Self::ClientTimeout => "ClientTimeoutError",
            Self::ClientOther => "ClientOtherError",
            Self::ServerBusy => "ServerBusyError",
            Self::ServerTimeout => "ServerTimeoutError",
            Self::ServerOther => "ServerOtherError",
            Self::Unknown => "Unknown",
        }
    }

    fn is_server_fault(self) -> bool {
        matches!(self, Self::ServerBusy | Self::ServerTimeout | Self::ServerOther)
    }
}

/// What series are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The operation, `REST.GET.OBJECT`.
    Operation,
    /// The operation in Azure's words, `GetBlob`, where it has one.
    ApiName,
    /// The kind of request: `get`, `put`, `delete`, `head`, `post`, `list`, `other`.
    Class,
    /// The HTTP method.
    Method,
    /// The HTTP status.
    Status,
    /// The HTTP status by hundreds, `4xx`.
    StatusClass,
    /// How the request ended, in Azure's words.
    ResponseType,
    /// The store's error code.
    ErrorCode,
    /// How the request was authenticated, in Azure's words: `AccountKey`, `SAS`, `Anonymous`.
    Authentication,
    /// How it was signed: `SigV4`, `SigV2`, `none`.
    SignatureVersion,
    /// The TLS version.
    TlsVersion,
    /// The client's address: the busiest ones.
    Ip,
    /// Who asked: the busiest ones.
    Requester,
    /// The key: the busiest ones.
    Key,
    /// The key's first folder: the busiest ones.
    Prefix,
    /// The class of sizes; distributions only, which are always told apart by it.
    SizeClass,
}

/// What stands for an absent value.
const NONE: &str = "none";
/// Who asked, where nobody gave a name.
const ANONYMOUS: &str = "anonymous";

impl By {
    /// Every one.
    pub const ALL: &[Self] = &[
        Self::Operation,
        Self::ApiName,
        Self::Class,
        Self::Method,
        Self::Status,
        Self::StatusClass,
        Self::ResponseType,
        Self::ErrorCode,
        Self::Authentication,
        Self::SignatureVersion,
        Self::TlsVersion,
        Self::Ip,
        Self::Requester,
        Self::Key,
        Self::Prefix,
    ];

    /// Those that single values, times and sizes, are told apart by.
    pub(crate) const OF_VALUES: &[Self] = &[
        Self::Operation,
        Self::ApiName,
        Self::Method,
        Self::Status,
        Self::StatusClass,
        Self::ErrorCode,
        Self::Authentication,
        Self::SignatureVersion,
        Self::TlsVersion,
        Self::Ip,
        Self::Requester,
        Self::Key,
        Self::Prefix,
    ];

    /// The name in queries and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::ApiName => "api_name",
            Self::Class => "class",
            Self::Method => "method",
            Self::Status => "status",
            Self::StatusClass => "status_class",
            Self::ResponseType => "response_type",
            Self::ErrorCode => "error_code",
            Self::Authentication => "authentication",
            Self::SignatureVersion => "signature_version",
            Self::TlsVersion => "tls_version",
            Self::Ip => "ip",
            Self::Requester => "requester",
            Self::Key => "key",
            Self::Prefix => "prefix",
            Self::SizeClass => "size_class",
        }
    }

    /// Has so many values that only the busiest are shown.
    pub(crate) fn is_wide(self) -> bool {
        matches!(self, Self::Ip | Self::Requester | Self::Key | Self::Prefix)
    }

    /// What the lake must count apart for it, where the rows of [`Activity`] don't say it anyway.
    pub(crate) fn beyond_activity(self) -> Option<Dimension> {
        (self.is_wide() || self == Self::Method).then(|| self.dimension())
    }

    /// What the lake must count apart for it.
    pub(crate) fn dimension(self) -> Dimension {
        match self {
            // Nothing asks the lake for a class of sizes so.
            Self::Operation | Self::ApiName | Self::Class | Self::SizeClass => Dimension::Operation,
            Self::Method => Dimension::Method,
            Self::Status | Self::StatusClass | Self::ResponseType => Dimension::Status,
            Self::ErrorCode => Dimension::ErrorCode,
            Self::Authentication => Dimension::AuthType,
            Self::SignatureVersion => Dimension::SignatureVersion,
            Self::TlsVersion => Dimension::TlsVersion,
            Self::Ip => Dimension::RemoteIp,
            Self::Requester => Dimension::Requester,
            Self::Key => Dimension::Key,
            Self::Prefix => Dimension::Prefix { depth: 1 },
        }
    }

    /// The value of these requests.
    pub(crate) fn value(self, row: &Activity) -> String {
        let known = |value: &Option<String>| value.clone().unwrap_or_else(|| NONE.to_owned());
        match self {
            Self::Operation => row.operation.clone(),
            Self::ApiName => api_name(&row.operation).to_owned(),
            Self::Class => row.category.clone(),
            Self::Status => row
                .status
                .map_or_else(|| NONE.to_owned(), |status| status.to_string()),
            Self::StatusClass => status_class(row.status),
            Self::ResponseType => ResponseType::of(row.status, row.error_code.as_deref())
                .as_str()
                .to_owned(),
            Self::ErrorCode => known(&row.error_code),
            Self::Authentication => authentication(row.auth_type.as_deref()).to_owned(),
            Self::SignatureVersion => known(&row.signature_version),
            Self::TlsVersion => known(&row.tls_version),
            Self::Method | Self::Ip | Self::Requester | Self::Key | Self::Prefix | Self::SizeClass => {
                self.of_group(row.group.as_deref())
            }
        }
    }

    /// The value of requests that the lake counted apart by [`By::dimension`].
    pub(crate) fn of_group(self, group: Option<&str>) -> String {
        match self {
            Self::ApiName => group.map_or(NONE, api_name).to_owned(),
            Self::StatusClass => status_class(group.and_then(|status| status.parse().ok())),
            Self::Authentication => authentication(group).to_owned(),
            Self::Requester => group.unwrap_or(ANONYMOUS).to_owned(),
            _ => group.unwrap_or(NONE).to_owned(),
        }
    }
}

/// `4xx`.
pub(crate) fn status_class(status: Option<u16>) -> String {
    status.map_or_else(|| NONE.to_owned(), |status| format!("{}xx", status / 100))
}

fn authentication(auth_type: Option<&str>) -> &'static str {
    match auth_type {
        None => "Anonymous",
        Some("AuthHeader") => "AccountKey",
        Some("QueryString") => "SAS",
        Some(_) => "Other",
    }
}

/// What Azure calls the operation; what has no counterpart there keeps its name.
fn api_name(operation: &str) -> &str {
    let name = operation
        .strip_prefix("REST.S3_")
        .or_else(|| operation.strip_prefix("REST."))
        .or_else(|| operation.strip_prefix("WEBSITE."))
        .unwrap_or(operation);
    match name {
        "GET.OBJECT" | "GET_OBJECT" => "GetBlob",
        "HEAD.OBJECT" | "HEAD_OBJECT" => "GetBlobProperties",
        "PUT.OBJECT" | "PUT_OBJECT" | "POST.OBJECT" => "PutBlob",
        "DELETE.OBJECT" | "DELETE_OBJECT" => "DeleteBlob",
        "COPY.OBJECT" => "CopyBlob",
        "PUT.PART" | "PUT_PART" => "PutBlock",
        "COPY.PART" => "PutBlockFromURL",
        "POST.UPLOAD" => "PutBlockList",
        "GET.UPLOAD" => "GetBlockList",
        "GET.BUCKET" | "GET.BUCKETVERSIONS" | "LIST_OBJECTS" => "ListBlobs",
        "GET.OBJECT_TAGGING" => "GetBlobTags",
        "PUT.OBJECT_TAGGING" => "SetBlobTags",
        "POST.MULTI_OBJECT_DELETE" | "POST.DELETE_MULTI_OBJECT" => "BlobBatch",
        "GET.ACL" => "GetContainerACL",
        "PUT.ACL" => "SetContainerACL",
        "HEAD.BUCKET" => "GetContainerProperties",
        "PUT.BUCKET" => "CreateContainer",
        "DELETE.BUCKET" => "DeleteContainer",
        "OPTIONS.PREFLIGHT" => "PreflightBlobRequest",
        _ => operation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: Option<u16>, error_code: Option<&str>, expected: &str, fault: bool) {
        let found = ResponseType::of(status, error_code);
        assert_eq!(
            (found.as_str(), found.is_server_fault()),
            (expected, fault),
            "{status:?}"
        );
    }

    #[test]
    fn response_types() {
        check(Some(200), None, "Success", false);
        check(Some(304), None, "Success", false);
        check(Some(403), Some("AccessDenied"), "AuthorizationError", false);
        check(Some(401), None, "ClientOtherError", false);
        check(Some(429), None, "ClientThrottlingError", false);
        check(Some(503), Some("SlowDown"), "ClientThrottlingError", false);
        check(Some(503), Some("ServiceUnavailable"), "ServerBusyError", true);
        check(Some(503), None, "ServerBusyError", true);
        check(Some(504), None, "ServerTimeoutError", true);
        check(Some(400), Some("RequestTimeout"), "ClientTimeoutError", false);
        check(Some(400), None, "ClientOtherError", false);
        check(Some(500), Some("InternalError"), "ServerOtherError", true);
        check(Some(100), None, "Unknown", false);
        check(None, None, "Unknown", false);
        check(Some(999), None, "Unknown", false);
    }

    #[test]
    fn old_tls() {
        for (version, old) in [
            ("TLSv1", true),
            ("TLSV1.1", true),
            ("TLSv1.2", false),
            ("TLSv1.3", false),
            ("SSLv3", true),
            ("", false),
            ("QUIC", false),
        ] {
            assert_eq!(is_old_tls(version), old, "{version}");
        }
    }

    #[test]
    fn every_name_is_the_one_that_is_read() {
        for by in By::ALL.iter().chain(&[By::SizeClass]) {
            let name = serde_json::to_value(by).expect("a name");
            assert_eq!(name, by.as_str());
        }
    }
}
