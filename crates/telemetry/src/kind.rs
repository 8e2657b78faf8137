//! What kinds of operations there are.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// Where an operation is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// A request to SpaceWatch.
    #[default]
    Api,
    /// A call of SpaceWatch to the store.
    S3,
}

impl Layer {
    /// Both layers.
    pub const ALL: &[Self] = &[Self::Api, Self::S3];

    /// The layer as it stands in queries and answers: `api`, `s3`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::S3 => "s3",
        }
    }
}

/// A name that is no layer, operation type or S3 call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not one of {known}")]
pub struct UnknownOperation {
    known: &'static str,
}

/// An enum whose variants have a fixed name each, so that the list exists once.
macro_rules! named {
    ($(#[$docs:meta])* $enum:ident { $($(#[$variant_docs:meta])* $variant:ident = $name:literal),* $(,)? }) => {
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
        pub enum $enum {
            $($(#[$variant_docs])* #[schema(rename = $name)] $variant,)*
        }

        impl $enum {
            /// All of them, in the order of the declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            const NAMES: &str = concat!($("`", $name, "` ",)*);

            /// The name as it stands in queries, answers and log lines.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

named! {
    /// What a request to SpaceWatch is for.
    OperationType {
        /// Names the buckets, or checks credentials.
        ListBuckets = "LIST_BUCKETS",
        /// Lists objects.
        ListObjects = "LIST_OBJECTS",
        /// Sums, ranks or describes what is stored.
        AnalyzeStorage = "ANALYZE_STORAGE",
        /// Reads metrics.
        QueryMetrics = "QUERY_METRICS",
        /// Reads access logs.
        QueryLogs = "QUERY_LOGS",
        /// Asks the assistant, or comes through MCP.
        AiQuery = "AI_QUERY",
        /// Draws a picture.
        GeneratePlot = "GENERATE_PLOT",
        /// The page where credentials are entered.
        ConfigPage = "CONFIG_PAGE",
        /// Any other page.
        PageLoad = "PAGE_LOAD",
        /// A file a page needs.
        StaticAsset = "STATIC_ASSET",
        /// A probe of a load balancer or orchestrator.
        HealthCheck = "HEALTH_CHECK",
        /// The counters.
        Stats = "STATS",
        /// None of these.
        Unknown = "UNKNOWN",
    }
}

named! {
    /// A call of the S3 API.
    S3Call {
        /// `GET /`
        ListBuckets = "ListBuckets",
        /// `HEAD /bucket`
        HeadBucket = "HeadBucket",
        /// `GET /bucket?list-type=2`
        ListObjectsV2 = "ListObjectsV2",
        /// `GET /bucket`
        ListObjects = "ListObjects",
        /// `GET /bucket?versions`
        ListObjectVersions = "ListObjectVersions",
        /// `GET /bucket?uploads`
        ListMultipartUploads = "ListMultipartUploads",
        /// `GET /bucket/key?uploadId=…`
        ListParts = "ListParts",
        /// `HEAD /bucket/key`
        HeadObject = "HeadObject",
        /// `GET /bucket/key`
        GetObject = "GetObject",
        /// `PUT /bucket/key`
        PutObject = "PutObject",
        /// `DELETE /bucket/key`
        DeleteObject = "DeleteObject",
        /// `GET /bucket?location`
        GetBucketLocation = "GetBucketLocation",
        /// `GET /bucket?versioning`
        GetBucketVersioning = "GetBucketVersioning",
        /// `GET /bucket?logging`
        GetBucketLogging = "GetBucketLogging",
        /// `GET /bucket?lifecycle`
        GetBucketLifecycle = "GetBucketLifecycleConfiguration",
        /// `GET /bucket?encryption`
        GetBucketEncryption = "GetBucketEncryption",
        /// `GET /bucket?policy`
        GetBucketPolicy = "GetBucketPolicy",
        /// `GET /bucket?policyStatus`
        GetBucketPolicyStatus = "GetBucketPolicyStatus",
        /// `GET /bucket?acl`
        GetBucketAcl = "GetBucketAcl",
        /// `GET /bucket?cors`
        GetBucketCors = "GetBucketCors",
        /// `GET /bucket?object-lock`
        GetObjectLockConfiguration = "GetObjectLockConfiguration",
        /// `GET /bucket?publicAccessBlock`
        GetPublicAccessBlock = "GetPublicAccessBlock",
        /// `GET /bucket?ownershipControls`
        GetBucketOwnershipControls = "GetBucketOwnershipControls",
        /// Any other call.
        Other = "Other",
    }
}

impl OperationType {
    /// Is this work on storage, which windows, percentiles, health and the operation log are about?
    pub fn is_storage(self) -> bool {
        match self {
            Self::ListBuckets
            | Self::ListObjects
            | Self::AnalyzeStorage
            | Self::QueryMetrics
            | Self::QueryLogs
            | Self::AiQuery
            | Self::GeneratePlot => true,
            Self::ConfigPage
            | Self::PageLoad
            | Self::StaticAsset
            | Self::HealthCheck
            | Self::Stats
            | Self::Unknown => false,
        }
    }
}

/// What an operation is, at either layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    /// A request to SpaceWatch.
    Api(OperationType),
    /// A call to the store.
    S3(S3Call),
}

impl OperationKind {
    /// The layer the operation is measured at.
    pub fn layer(self) -> Layer {
        match self {
            Self::Api(_) => Layer::Api,
            Self::S3(_) => Layer::S3,
        }
    }

    /// The name as it stands in queries, answers and log lines. No name occurs at both layers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api(operation) => operation.as_str(),
            Self::S3(call) => call.as_str(),
        }
    }

    /// Is it counted in windows and kept in the operation log? All S3 calls and the storage types are.
    pub fn is_storage(self) -> bool {
        match self {
            Self::Api(operation) => operation.is_storage(),
            Self::S3(_) => true,
        }
    }

    /// Its place among the kinds of its layer.
    pub(crate) fn index(self) -> u8 {
        match self {
            Self::Api(operation) => operation as u8,
            Self::S3(call) => call as u8,
        }
    }
}

impl From<OperationType> for OperationKind {
    fn from(operation: OperationType) -> Self {
        Self::Api(operation)
    }
}

impl From<S3Call> for OperationKind {
    fn from(call: S3Call) -> Self {
        Self::S3(call)
    }
}

fn find<T: Copy>(all: &[T], name: fn(T) -> &'static str, text: &str) -> Option<T> {
    all.iter()
        .copied()
        .find(|&candidate| name(candidate).eq_ignore_ascii_case(text))
}

impl FromStr for Layer {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, UnknownOperation> {
        find(Self::ALL, Self::as_str, text).ok_or(UnknownOperation { known: "`api` `s3`" })
    }
}

impl FromStr for OperationType {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, UnknownOperation> {
        find(Self::ALL, Self::as_str, text).ok_or(UnknownOperation {
            known: Self::NAMES.trim_ascii_end(),
        })
    }
}

impl FromStr for S3Call {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, UnknownOperation> {
        find(Self::ALL, Self::as_str, text).ok_or(UnknownOperation {
            known: Self::NAMES.trim_ascii_end(),
        })
    }
}

/// Operation types first (`LIST_OBJECTS`), then S3 calls (`ListObjects`); upper and lower case are the same.
impl FromStr for OperationKind {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, UnknownOperation> {
        match text.parse::<OperationType>() {
            Ok(operation) => Ok(Self::Api(operation)),
            Err(unknown) => text.parse().map(Self::S3).map_err(|_| unknown),
        }
    }
}

macro_rules! shown_by_name {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )*};
}

shown_by_name!(Layer, OperationType, S3Call, OperationKind);

macro_rules! serialized_by_name {
    ($($name:ident),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    )*};
}

serialized_by_name!(OperationType, S3Call, OperationKind);

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let found = match text.parse::<OperationKind>() {
            Ok(kind) => format!("{} {kind}", kind.layer()),
            Err(error) => format!("error: {error}"),
        };
        expected.assert_eq(&found);
    }

    #[test]
    fn names() {
        check("LIST_OBJECTS", expect!["api LIST_OBJECTS"]);
        check("query_logs", expect!["api QUERY_LOGS"]);
        check("ListObjectsV2", expect!["s3 ListObjectsV2"]);
        check(
            "",
            expect![
                "error: is not one of `LIST_BUCKETS` `LIST_OBJECTS` `ANALYZE_STORAGE` `QUERY_METRICS` `QUERY_LOGS` `AI_QUERY` `GENERATE_PLOT` `CONFIG_PAGE` `PAGE_LOAD` `STATIC_ASSET` `HEALTH_CHECK` `STATS` `UNKNOWN`"
            ],
        );
        assert_eq!(
            "S4".parse::<Layer>().map_err(|e| e.to_string()),
            Err("is not one of `api` `s3`".to_owned())
        );
    }

    #[test]
    fn every_name_leads_back_to_its_kind() {
        for &operation in OperationType::ALL {
            assert_eq!(operation.as_str().parse(), Ok(OperationKind::Api(operation)));
        }
        for &call in S3Call::ALL {
            assert_eq!(call.as_str().parse(), Ok(OperationKind::S3(call)));
        }
        for &layer in Layer::ALL {
            assert_eq!(layer.as_str().parse(), Ok(layer));
        }
    }

    #[test]
    fn seven_types_are_storage() {
        let storage: Vec<_> = OperationType::ALL.iter().filter(|t| t.is_storage()).collect();
        assert_eq!(storage.len(), 7);
    }
}
