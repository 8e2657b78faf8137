//! Which S3 operation an HTTP request is, told from its method, path and query alone.

use std::borrow::Cow;

use http::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;

macro_rules! operations {
    ($($name:ident),* $(,)?) => {
        /// An S3 operation, named as in the S3 documentation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the names are those of the S3 documentation")]
        pub enum Operation { $($name),* }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in the S3 documentation.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

operations! {
    ListBuckets, CreateBucket, DeleteBucket, HeadBucket, GetBucketLocation,
    ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads, DeleteObjects,
    GetBucketVersioning, PutBucketVersioning, GetBucketLogging, PutBucketLogging,
    GetBucketLifecycle, PutBucketLifecycle, DeleteBucketLifecycle,
    GetBucketPolicy, PutBucketPolicy, DeleteBucketPolicy,
    GetBucketCors, PutBucketCors, DeleteBucketCors, GetBucketAcl, PutBucketAcl,
    GetBucketPolicyStatus, GetBucketEncryption, GetObjectLockConfiguration, GetPublicAccessBlock,
    GetBucketOwnershipControls,
    GetObject, HeadObject, PutObject, CopyObject, DeleteObject, GetObjectAcl, PutObjectAcl,
    CreateMultipartUpload, UploadPart, UploadPartCopy, CompleteMultipartUpload, AbortMultipartUpload, ListParts,
    Other,
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Operation {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, UnknownOperation> {
        let named = |operation: &&Self| operation.as_str() == text;
        Self::ALL
            .iter()
            .find(named)
            .copied()
            .ok_or_else(|| UnknownOperation(text.chars().take(80).collect()))
    }
}

impl Operation {
    /// Whether Ceph's gateway has never heard of it and lists the bucket instead.
    pub(crate) fn is_unknown_to_ceph(self) -> bool {
        matches!(
            self,
            Self::Other | Self::GetBucketEncryption | Self::GetBucketOwnershipControls
        )
    }
}

/// A text that names no operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no S3 operation")]
pub struct UnknownOperation(String);

impl Operation {
    /// The name in access logs, `REST.METHOD.RESOURCE`.
    pub(crate) fn log_name(self, method: &Method, uri: &Uri, of_object: bool) -> Cow<'static, str> {
        let resource = match self {
            Self::CopyObject => return Cow::Borrowed("REST.COPY.OBJECT"),
            Self::UploadPartCopy => return Cow::Borrowed("REST.COPY.PART"),
            Self::DeleteObjects => "MULTI_OBJECT_DELETE",
            Self::ListBuckets => "SERVICE",
            Self::GetBucketLocation => "LOCATION",
            Self::ListObjectVersions => "BUCKETVERSIONS",
            Self::ListMultipartUploads | Self::CreateMultipartUpload => "UPLOADS",
            Self::GetBucketVersioning | Self::PutBucketVersioning => "VERSIONING",
            Self::GetBucketLogging | Self::PutBucketLogging => "LOGGING_STATUS",
            Self::GetBucketLifecycle | Self::PutBucketLifecycle | Self::DeleteBucketLifecycle => "LIFECYCLE",
            Self::GetBucketPolicy | Self::PutBucketPolicy | Self::DeleteBucketPolicy => "BUCKETPOLICY",
            Self::GetBucketCors | Self::PutBucketCors | Self::DeleteBucketCors => "CORS",
            Self::GetBucketAcl | Self::PutBucketAcl | Self::GetObjectAcl | Self::PutObjectAcl => "ACL",
            Self::UploadPart => "PART",
            Self::CompleteMultipartUpload | Self::AbortMultipartUpload | Self::ListParts => "UPLOAD",
            Self::Other
            | Self::GetBucketPolicyStatus
            | Self::GetBucketEncryption
            | Self::GetObjectLockConfiguration
            | Self::GetPublicAccessBlock
            | Self::GetBucketOwnershipControls => {
                let query = Query(uri.query().unwrap_or(""));
                let named = BUCKET_SUBRESOURCES.into_iter().find(|name| query.has(name));
                let resource = named.unwrap_or(if of_object { "object" } else { "bucket" });
                let resource = resource.replace('-', "_").to_ascii_uppercase();
                return Cow::Owned(format!("REST.{method}.{resource}"));
            }
            Self::CreateBucket
            | Self::DeleteBucket
            | Self::HeadBucket
            | Self::ListObjects
            | Self::ListObjectsV2 => "BUCKET",
            Self::GetObject | Self::HeadObject | Self::PutObject | Self::DeleteObject => "OBJECT",
        };
        Cow::Owned(format!("REST.{method}.{resource}"))
    }
}

/// Sub-resources that make a GET of a bucket something else than a listing.
const BUCKET_SUBRESOURCES: [&str; 24] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "encryption",
    "events",
    "intelligent-tiering",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "session",
    "tagging",
    "versioning",
    "website",
];

/// What a request is about.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) operation: Operation,
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    /// Who signed it, as far as the request says; not yet verified.
    pub(crate) access_key: Option<String>,
}

impl Target {
    pub(crate) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let host = headers
            .get(http::header::HOST)
            .and_then(|host| host.to_str().ok());
        let path = uri.path().trim_start_matches('/');
        let (bucket, key) = match host.and_then(virtual_bucket) {
            Some(bucket) => (bucket, path),
            None => path.split_once('/').unwrap_or((path, "")),
        };
        let query = Query(uri.query().unwrap_or(""));
        let operation = match (bucket.is_empty(), key.is_empty()) {
            (true, _) if method == Method::GET => Operation::ListBuckets,
            (true, _) => Operation::Other,
            (false, true) => of_bucket(method, &query),
            (false, false) => of_object(method, &query, headers),
        };
        Self {
            operation,
            bucket: (!bucket.is_empty()).then(|| bucket.to_owned()),
            key: (!key.is_empty()).then(|| percent_decode_str(key).decode_utf8_lossy().into_owned()),
            access_key: access_key(headers, &query),
        }
    }
}

/// The bucket in a host name such as `BUCKET.localhost`.
pub(crate) fn virtual_bucket(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.strip_suffix(".localhost")
        .filter(|bucket| !bucket.is_empty())
}

struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    fn pairs(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.pairs().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

fn access_key(headers: &HeaderMap, query: &Query<'_>) -> Option<String> {
    let header = headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let scope = header
        .and_then(|text| text.split_once("Credential="))
        .map(|(_, scope)| scope);
    let presigned = || query.get("X-Amz-Credential");
    let key = scope.or_else(presigned)?.split(['/', '%', ',']).next()?;
    Some(key.chars().take(128).collect())
}

fn of_bucket(method: &Method, query: &Query<'_>) -> Operation {
    use Operation as O;
    let subresource = BUCKET_SUBRESOURCES.into_iter().find(|name| query.has(name));
    match (method.as_str(), subresource) {
        ("HEAD", _) => O::HeadBucket,
        ("POST", _) if query.has("delete") => O::DeleteObjects,
        ("GET", Some("location")) => O::GetBucketLocation,
        ("GET", Some("versioning")) => O::GetBucketVersioning,
        ("PUT", Some("versioning")) => O::PutBucketVersioning,
        ("GET", Some("logging")) => O::GetBucketLogging,
        ("PUT", Some("logging")) => O::PutBucketLogging,
        ("GET", Some("lifecycle")) => O::GetBucketLifecycle,
        ("PUT", Some("lifecycle")) => O::PutBucketLifecycle,
        ("DELETE", Some("lifecycle")) => O::DeleteBucketLifecycle,
        ("GET", Some("policy")) => O::GetBucketPolicy,
        ("PUT", Some("policy")) => O::PutBucketPolicy,
        ("DELETE", Some("policy")) => O::DeleteBucketPolicy,
        ("GET", Some("cors")) => O::GetBucketCors,
        ("PUT", Some("cors")) => O::PutBucketCors,
        ("DELETE", Some("cors")) => O::DeleteBucketCors,
        ("GET", Some("acl")) => O::GetBucketAcl,
        ("PUT", Some("acl")) => O::PutBucketAcl,
        ("GET", Some("policyStatus")) => O::GetBucketPolicyStatus,
        ("GET", Some("encryption")) => O::GetBucketEncryption,
        ("GET", Some("object-lock")) => O::GetObjectLockConfiguration,
        ("GET", Some("publicAccessBlock")) => O::GetPublicAccessBlock,
        ("GET", Some("ownershipControls")) => O::GetBucketOwnershipControls,
        ("GET", None) if query.has("versions") => O::ListObjectVersions,
        ("GET", None) if query.has("uploads") => O::ListMultipartUploads,
        ("GET", None) if query.get("list-type") == Some("2") => O::ListObjectsV2,
        ("GET", None) => O::ListObjects,
        ("PUT", None) => O::CreateBucket,
        ("DELETE", None) => O::DeleteBucket,
        _ => O::Other,
    }
}

fn of_object(method: &Method, query: &Query<'_>, headers: &HeaderMap) -> Operation {
    use Operation as O;
    let copies = headers.contains_key("x-amz-copy-source");
    match method.as_str() {
        "HEAD" => O::HeadObject,
        "GET" if query.has("uploadId") => O::ListParts,
        "GET" if query.has("acl") => O::GetObjectAcl,
        "GET" if query.has("tagging") || query.has("attributes") || query.has("torrent") => O::Other,
        "GET" => O::GetObject,
        "PUT" if query.has("partNumber") && copies => O::UploadPartCopy,
        "PUT" if query.has("partNumber") => O::UploadPart,
        "PUT" if query.has("acl") => O::PutObjectAcl,
        "PUT" if query.has("tagging") => O::Other,
        "PUT" if copies => O::CopyObject,
        "PUT" => O::PutObject,
        "POST" if query.has("uploads") => O::CreateMultipartUpload,
        "POST" if query.has("uploadId") => O::CompleteMultipartUpload,
        "DELETE" if query.has("uploadId") => O::AbortMultipartUpload,
        "DELETE" if query.has("tagging") => O::Other,
        "DELETE" => O::DeleteObject,
        _ => O::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, uri: &str, host: &str, expected: Operation, bucket: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::HOST, host.parse().unwrap());
        let target = Target::of(&method, &uri.parse().unwrap(), &headers);
        assert_eq!(
            (target.operation, target.bucket.as_deref()),
            (expected, bucket),
            "{method} {uri}"
        );
    }

    #[test]
    fn requests() {
        let ip = "127.0.0.1:9000";
        check(Method::GET, "/", ip, Operation::ListBuckets, None);
        check(
            Method::GET,
            "/b?list-type=2&prefix=acl",
            ip,
            Operation::ListObjectsV2,
            Some("b"),
        );
        check(Method::GET, "/b/?prefix=a", ip, Operation::ListObjects, Some("b"));
        check(Method::GET, "/b?acl", ip, Operation::GetBucketAcl, Some("b"));
        check(
            Method::GET,
            "/b?encryption",
            ip,
            Operation::GetBucketEncryption,
            Some("b"),
        );
        check(Method::GET, "/b?inventory", ip, Operation::Other, Some("b"));
        check(
            Method::PUT,
            "/b/k?partNumber=1&uploadId=x",
            ip,
            Operation::UploadPart,
            Some("b"),
        );
        check(
            Method::GET,
            "/k",
            "b.localhost:9000",
            Operation::GetObject,
            Some("b"),
        );
        check(
            Method::GET,
            "/?versions",
            "b.localhost",
            Operation::ListObjectVersions,
            Some("b"),
        );
        check(
            Method::GET,
            "/b",
            "localhost:9000",
            Operation::ListObjects,
            Some("b"),
        );
    }

    #[test]
    fn names() {
        for operation in Operation::ALL {
            assert_eq!(operation.as_str().parse(), Ok(*operation));
        }
        assert!("listobjects".parse::<Operation>().is_err());
    }
}
