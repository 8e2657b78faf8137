//! The filters of a question about records, as parameters and as the lake takes them.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use spacewatch_lake::{IpFilter, RecordFilter, StatusFilter};
use spacewatch_model::{BucketName, ObjectKey, TimeRange};

use super::Given;

/// Values in one list of a filter; more is no question of a person.
const MAX_VALUES: usize = 100;

/// The bucket that requests went to, or `*` for every bucket of the log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceBucket(Option<BucketName>);

impl SourceBucket {
    /// The bucket, unless all are meant.
    pub fn name(&self) -> Option<&BucketName> {
        self.0.as_ref()
    }
}

impl From<BucketName> for SourceBucket {
    fn from(bucket: BucketName) -> Self {
        Self(Some(bucket))
    }
}

impl TryFrom<String> for SourceBucket {
    type Error = spacewatch_model::InvalidName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "*" {
            return Ok(Self(None));
        }
        text.parse().map(Some).map(Self)
    }
}

impl From<SourceBucket> for String {
    fn from(bucket: SourceBucket) -> Self {
        bucket.0.map_or_else(|| "*".to_owned(), Self::from)
    }
}

/// HTTP methods, separated by commas: `GET,HEAD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodList(Vec<String>);

impl FromStr for MethodList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let methods = values(text)?;
        let word = |method: &&str| method.len() <= 16 && method.bytes().all(|b| b.is_ascii_alphabetic());
        if let Some(wrong) = methods.iter().find(|method| !word(method)) {
            return Err(format!("is {wrong:?}, expected HTTP methods separated by commas"));
        }
        Ok(Self(
            methods.iter().map(|method| method.to_ascii_uppercase()).collect(),
        ))
    }
}

/// Beginnings of operations, separated by commas: `REST.GET.OBJECT,BATCH.`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationList(Vec<String>);

impl FromStr for OperationList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(values(text)?.into_iter().map(str::to_owned).collect()))
    }
}

/// Statuses, separated by commas: `404`, `4xx`, `40x`, `400-499`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusList(Vec<StatusFilter>);

impl FromStr for StatusList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let spans = values(text)?.into_iter().map(|value| {
            status_span(value)
                .ok_or_else(|| format!("is {value:?}, expected statuses such as `404`, `4xx` or `400-499`"))
        });
        spans.collect::<Result<_, _>>().map(Self)
    }
}

fn status_span(text: &str) -> Option<StatusFilter> {
    if let Some((from, to)) = text.split_once('-') {
        let (from, to) = (status(from.trim())?, status(to.trim())?);
        return (from <= to).then_some(StatusFilter { from, to });
    }
    let digits = text.trim_end_matches(['x', 'X']);
    if text.len() != 3 || digits.is_empty() {
        return None;
    }
    StatusPrefix::from_str(digits).ok().map(|prefix| prefix.0)
}

fn status(text: &str) -> Option<u16> {
    let digits = text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// How a status begins: `4`, `40` or `404`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusPrefix(StatusFilter);

impl FromStr for StatusPrefix {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "is not how a status begins: one to three digits";
        let scale = match text.len() {
            1 => 100,
            2 => 10,
            3 => 1,
            _ => return Err(wrong),
        };
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong);
        }
        let from = text.parse::<u16>().map_err(|_| wrong)? * scale;
        Ok(Self(StatusFilter {
            from,
            to: from + scale - 1,
        }))
    }
}

/// Addresses and networks, separated by commas: `203.0.113.7,2001:db8::/32`; `-` is what the store did by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpList(Vec<IpFilter>);

impl FromStr for IpList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ips = values(text)?.into_iter().map(|value| {
            ip(value).ok_or_else(|| {
                format!(
                    "is {value:?}, expected addresses or networks such as `203.0.113.7` or `203.0.113.0/24`"
                )
            })
        });
        ips.collect::<Result<_, _>>().map(Self)
    }
}

fn ip(text: &str) -> Option<IpFilter> {
    if text == "-" {
        return Some(IpFilter::Internal);
    }
    let network = text
        .parse::<IpAddr>()
        .map(IpNet::from)
        .or_else(|_| text.parse::<IpNet>());
    network.ok().map(|network| IpFilter::Network(network.trunc()))
}

/// The values of a list.
fn values(text: &str) -> Result<Vec<&str>, String> {
    let values: Vec<_> = text
        .split(',')
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .collect();
    match values.len() {
        0 => Err("names nothing".to_owned()),
        1..=MAX_VALUES => Ok(values),
        many => Err(format!("names {many} values, the limit is {MAX_VALUES}")),
    }
}

/// Words as the log writes them, separated by commas: `SigV2,SigV4`; `-` is a record without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordList(Vec<String>);

impl FromStr for WordList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let word = |word: &str| {
            if word == "-" {
                String::new()
            } else {
                word.to_owned()
            }
        };
        Ok(Self(values(text)?.into_iter().map(word).collect()))
    }
}

/// Parameters that say which records are meant, wherever they stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filters<'a> {
    pub(crate) bucket: Option<&'a BucketName>,
    pub(crate) contains: &'a Given<String>,
    pub(crate) method: &'a Given<MethodList>,
    pub(crate) operation: &'a Given<OperationList>,
    pub(crate) object_key: &'a Given<ObjectKey>,
    pub(crate) key_prefix: &'a Given<String>,
    pub(crate) status: &'a Given<StatusList>,
    pub(crate) status_prefix: &'a Given<StatusPrefix>,
    pub(crate) ip: &'a Given<IpList>,
    pub(crate) requester: &'a Given<String>,
    pub(crate) access_key: &'a Given<String>,
    pub(crate) user_agent: &'a Given<String>,
    pub(crate) referer: &'a Given<String>,
    pub(crate) signature_version: &'a Given<WordList>,
    pub(crate) auth_type: &'a Given<WordList>,
    pub(crate) tls_version: &'a Given<WordList>,
    pub(crate) error_code: &'a Given<String>,
    pub(crate) request_id: &'a Given<String>,
    pub(crate) min_bytes: &'a Given<u64>,
    pub(crate) max_bytes: &'a Given<u64>,
    pub(crate) min_ms: &'a Given<u64>,
}

impl Filters<'_> {
    /// The records of a period that are meant.
    pub(crate) fn records(&self, period: TimeRange) -> RecordFilter {
        let anonymous = |requester: &str| matches!(requester, "-" | "anonymous");
        let requester = self.requester.get().map(|requester| {
            if anonymous(requester) {
                String::new()
            } else {
                requester.clone()
            }
        });
        RecordFilter {
            bucket: self.bucket.cloned(),
            period,
            requests_only: false,
            cut_short: false,
            key: self.object_key.get().cloned(),
            key_prefix: self.key_prefix.get().cloned(),
            key_suffix: None,
            contains: self.contains.get().cloned(),
            methods: self.method.get().map_or_else(Vec::new, |list| list.0.clone()),
            operations: self.operation.get().map_or_else(Vec::new, |list| list.0.clone()),
            exact_operations: Vec::new(),
            statuses: self.statuses(),
            ips: self.ip.get().map_or_else(Vec::new, |list| list.0.clone()),
            requester,
            access_key: self.access_key.get().cloned(),
            user_agent: self.user_agent.get().cloned(),
            referer: self.referer.get().cloned(),
            signature_versions: words(self.signature_version),
            auth_types: words(self.auth_type),
            tls_versions: words(self.tls_version),
            error_code: self.error_code.get().cloned(),
            request_id: self.request_id.get().cloned(),
            min_bytes_sent: self.min_bytes.get().copied(),
            max_bytes_sent: self.max_bytes.get().copied(),
            min_total_ms: self.min_ms.get().copied(),
        }
    }

    /// `status` and `status_prefix` must both hold, so that what they name in common is meant.
    fn statuses(&self) -> Vec<StatusFilter> {
        let spans = self.status.get().map_or_else(Vec::new, |list| list.0.clone());
        let Some(prefix) = self.status_prefix.get() else {
            return spans;
        };
        if spans.is_empty() {
            return vec![prefix.0];
        }
        let both = spans.iter().map(|span| StatusFilter {
            from: span.from.max(prefix.0.from),
            to: span.to.min(prefix.0.to),
        });
        // A span that ends before it begins fits nothing, and keeps the list from meaning everything.
        both.collect()
    }
}

fn words(list: &Given<WordList>) -> Vec<String> {
    list.get().map_or_else(Vec::new, |list| list.0.clone())
}

/// Arguments with the filters of `search-logs` besides their own.
macro_rules! filtered_args {
    ($( #[$about:meta] )* pub struct $name:ident { $( $( #[$own_about:meta] )* pub $own:ident: $type:ty, )* }) => {
        $( #[$about] )*
        #[derive(Debug, Clone, Default, ::serde::Serialize, ::serde::Deserialize, ::utoipa::ToSchema)]
        pub struct $name {
            $( $( #[$own_about] )* pub $own: $type, )*
            /// From this moment on: `2026-11-22T10:00:00Z`, `2026-11-22`, `-24h`.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub from: $crate::logs::Given<$crate::logs::Moment>,
            /// Up to this moment, which doesn't belong to it; a day belongs to it as a whole.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub to: $crate::logs::Given<$crate::logs::Moment>,
            /// A day in UTC, instead of `from` and `to`.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub date_yyyy_mm_dd: $crate::logs::Given<$crate::logs::Day>,
            /// So many hours up to `to` or now, instead of `from`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub hours: Option<$crate::Limit>,
            /// Text that the line holds: in key, request-URI, user agent, referer, requester, request id, error code or host.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub contains: $crate::logs::Given<String>,
            /// HTTP methods, separated by commas.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub method: $crate::logs::Given<$crate::logs::MethodList>,
            /// Beginnings of operations, separated by commas: `REST.GET.OBJECT`, `BATCH.`.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub operation: $crate::logs::Given<$crate::logs::OperationList>,
            /// The whole key.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub object_key: $crate::logs::Given<::spacewatch_model::ObjectKey>,
            /// How the key begins.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub key_prefix: $crate::logs::Given<String>,
            /// Statuses, separated by commas: `404`, `4xx`, `400-499`.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub status: $crate::logs::Given<$crate::logs::StatusList>,
            /// How the status begins: `4`, `40`, `404`.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub status_prefix: $crate::logs::Given<$crate::logs::StatusPrefix>,
            /// Addresses or networks, separated by commas: `203.0.113.7`, `2001:db8::/32`; `-` is what the store did by itself.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub ip: $crate::logs::Given<$crate::logs::IpList>,
            /// The whole requester; `-` is anonymous.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub requester: $crate::logs::Given<String>,
            /// The access key id in the address of a presigned request; what is signed in a header leaves none in the log.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub access_key: $crate::logs::Given<String>,
            /// Text that the user agent holds.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub user_agent: $crate::logs::Given<String>,
            /// Text that the referer holds.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub referer: $crate::logs::Given<String>,
            /// How requests were signed, separated by commas: `SigV2`, `SigV4`; `-` is not at all.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub signature_version: $crate::logs::Given<$crate::logs::WordList>,
            /// Where the signature stood, separated by commas: `AuthHeader`, `QueryString` (presigned); `-` is nowhere.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub auth_type: $crate::logs::Given<$crate::logs::WordList>,
            /// TLS versions as the log writes them, separated by commas: `TLSv1.2`; `-` is without.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub tls_version: $crate::logs::Given<$crate::logs::WordList>,
            /// The store's error code.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub error_code: $crate::logs::Given<String>,
            /// The request's id.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<String>)]
            pub request_id: $crate::logs::Given<String>,
            /// At least so many bytes sent.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<i64>)]
            pub min_bytes: $crate::logs::Given<u64>,
            /// At most so many bytes sent.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<i64>)]
            pub max_bytes: $crate::logs::Given<u64>,
            /// At least so many milliseconds in all.
            #[serde(default, skip_serializing_if = "crate::logs::Given::is_empty")]
            #[schema(value_type = Option<i64>)]
            pub min_ms: $crate::logs::Given<u64>,
            /// Wait until all that may hold an answer was read.
            #[serde(default, skip_serializing_if = "::std::ops::Not::not")]
            pub wait: bool,
        }

        impl $name {
            fn filters(&self) -> $crate::logs::Filters<'_> {
                $crate::logs::Filters {
                    bucket: self.source_bucket.name(),
                    contains: &self.contains,
                    method: &self.method,
                    operation: &self.operation,
                    object_key: &self.object_key,
                    key_prefix: &self.key_prefix,
                    status: &self.status,
                    status_prefix: &self.status_prefix,
                    ip: &self.ip,
                    requester: &self.requester,
                    access_key: &self.access_key,
                    user_agent: &self.user_agent,
                    referer: &self.referer,
                    signature_version: &self.signature_version,
                    auth_type: &self.auth_type,
                    tls_version: &self.tls_version,
                    error_code: &self.error_code,
                    request_id: &self.request_id,
                    min_bytes: &self.min_bytes,
                    max_bytes: &self.max_bytes,
                    min_ms: &self.min_ms,
                }
            }

            fn period(&self) -> $crate::logs::Period<'_> {
                $crate::logs::Period {
                    from: &self.from,
                    to: &self.to,
                    day: &self.date_yyyy_mm_dd,
                    hours: $crate::logs::wished_hours(self.hours),
                }
            }
        }
    };
}
pub(crate) use filtered_args;

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    fn check<T: FromStr<Err: std::fmt::Display> + std::fmt::Debug>(text: &str, expected: Expect) {
        let found = text.parse::<T>();
        expected.assert_eq(&found.map_or_else(|error| error.to_string(), |value| format!("{value:?}")));
    }

    #[test]
    fn statuses() {
        check::<StatusList>(
            "404, 5xx,40x,300-399",
            expect![
                "StatusList([StatusFilter { from: 404, to: 404 }, StatusFilter { from: 500, to: 599 }, StatusFilter { from: 400, to: 409 }, StatusFilter { from: 300, to: 399 }])"
            ],
        );
        check::<StatusList>(
            "xxx",
            expect![[r#"is "xxx", expected statuses such as `404`, `4xx` or `400-499`"#]],
        );
        check::<StatusList>(
            "499-400",
            expect![[r#"is "499-400", expected statuses such as `404`, `4xx` or `400-499`"#]],
        );
        check::<StatusPrefix>("4", expect!["StatusPrefix(StatusFilter { from: 400, to: 499 })"]);
        check::<StatusPrefix>("50", expect!["StatusPrefix(StatusFilter { from: 500, to: 509 })"]);
        check::<StatusPrefix>("4x", expect!["is not how a status begins: one to three digits"]);
    }

    #[test]
    fn addresses() {
        check::<IpList>(
            "203.0.113.7, 10.1.2.3/8,2001:db8::/32,-",
            expect![
                "IpList([Network(203.0.113.7/32), Network(10.0.0.0/8), Network(2001:db8::/32), Internal])"
            ],
        );
        check::<IpList>(
            "' OR 1=1",
            expect![[
                r#"is "' OR 1=1", expected addresses or networks such as `203.0.113.7` or `203.0.113.0/24`"#
            ]],
        );
        check::<IpList>(" , ", expect!["names nothing"]);
        check::<IpList>(
            &"10.0.0.1,".repeat(101),
            expect!["names 101 values, the limit is 100"],
        );
    }

    #[test]
    fn methods() {
        check::<MethodList>("get,Head", expect![[r#"MethodList(["GET", "HEAD"])"#]]);
        check::<MethodList>(
            "GET; DROP",
            expect![[r#"is "GET; DROP", expected HTTP methods separated by commas"#]],
        );
    }

    #[test]
    fn buckets() {
        let name = |text: &str| SourceBucket::try_from(text.to_owned()).map(String::from);
        assert_eq!(name("*").as_deref(), Ok("*"));
        assert_eq!(name("photos").as_deref(), Ok("photos"));
        assert!(name("").is_err() && name("**").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_calmly(text in ".{0,40}|[0-9x,-]{0,12}|[0-9a-f:./,]{0,30}") {
            let _ = (text.parse::<StatusList>(), text.parse::<StatusPrefix>(), text.parse::<IpList>());
            let _ = (text.parse::<MethodList>(), text.parse::<OperationList>());
        }
    }
}
