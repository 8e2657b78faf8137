//! Filters as expressions. Values are literals of an expression tree, never part of a text.

mod functions;
mod target;

use std::net::IpAddr;

use datafusion::common::ScalarValue;
use datafusion::functions::expr_fn::{coalesce, ends_with, lower, starts_with};
use datafusion::logical_expr::utils::{conjunction, disjunction};
use datafusion::logical_expr::{Expr, ScalarUDF, ident, lit};
use ipnet::IpNet;
use spacewatch_model::{TimeRange, Timestamp};

use super::Dimension;
use crate::{IpFilter, RecordFilter, StatusFilter};
use functions::{BeginsAny, Holds, InNetworks, KeyPrefix, StepOf};
pub(super) use functions::{DigestOf, InSeconds, IntervalOf, SignatureOf};
use target::{ListedPrefix, SignedBy};

/// Where `contains` looks.
const SEARCHED: [&str; 8] = [
    "key",
    "request_uri",
    "user_agent",
    "referer",
    "requester",
    "request_id",
    "error_code",
    "host",
];

/// A text as the columns hold it.
pub(super) fn text(value: &str) -> Expr {
    Expr::Literal(ScalarValue::Utf8View(Some(value.to_owned())), None)
}

/// A moment as the columns hold it.
pub(super) fn moment(time: Timestamp) -> Expr {
    let micros = time.as_microsecond();
    Expr::Literal(
        ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())),
        None,
    )
}

fn number(value: u64) -> Expr {
    lit(i64::try_from(value).unwrap_or(i64::MAX))
}

/// The rows of a period.
pub(super) fn in_period(column: &str, period: TimeRange) -> Vec<Expr> {
    let from = period.from.map(|from| ident(column).gt_eq(round_up(from)));
    let to = period.to.map(|to| ident(column).lt(round_up(to)));
    from.into_iter().chain(to).collect()
}

/// Columns count whole microseconds: both ends of a half-open period are the first whole one that is not before.
fn round_up(time: Timestamp) -> Expr {
    Expr::Literal(
        ScalarValue::TimestampMicrosecond(Some(micros_up(time)), Some("UTC".into())),
        None,
    )
}

/// The first whole microsecond that is not before a moment.
pub(super) fn micros_up(time: Timestamp) -> i64 {
    let whole = Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time);
    if whole < time {
        time.as_microsecond().saturating_add(1)
    } else {
        time.as_microsecond()
    }
}

/// The records a filter is about; `None` is all of them.
pub(super) fn of_filter(filter: &RecordFilter) -> Option<Expr> {
    let mut all = in_period("time", filter.period);
    let equal = [
        ("bucket", filter.bucket.as_ref().map(|bucket| bucket.as_str())),
        ("key", filter.key.as_ref().map(|key| key.as_str())),
        ("error_code", filter.error_code.as_deref()),
        ("request_id", filter.request_id.as_deref()),
    ];
    for (column, value) in equal {
        all.extend(value.map(|value| ident(column).eq(text(value))));
    }
    if filter.requests_only {
        all.push(ident("is_request"));
    }
    if filter.cut_short {
        let sent = coalesce(vec![ident("bytes_sent"), lit(0_i64)]);
        all.push(
            ident("status")
                .eq(lit(200_i16))
                .and(sent.lt(ident("object_size"))),
        );
    }
    if let Some(prefix) = filter.key_prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
        all.push(begins("key", prefix));
    }
    if let Some(suffix) = filter.key_suffix.as_deref().filter(|suffix| !suffix.is_empty()) {
        all.push(ends_with(lower(ident("key")), text(&suffix.to_lowercase())));
    }
    match filter.requester.as_deref() {
        Some("") => all.push(ident("requester").is_null()),
        Some(requester) => all.push(ident("requester").eq(text(requester))),
        None => {}
    }
    all.extend(filter.access_key.as_deref().map(signed_by));
    all.extend(holds(filter.contains.as_deref(), &SEARCHED));
    all.extend(holds(filter.user_agent.as_deref(), &["user_agent"]));
    all.extend(holds(filter.referer.as_deref(), &["referer"]));
    all.extend(any_of(filter));
    all.extend(sizes(filter));
    conjunction(all)
}

/// The filters that ask for one value of several.
fn any_of(filter: &RecordFilter) -> Vec<Expr> {
    let mut all = Vec::new();
    if !filter.methods.is_empty() {
        let methods = filter.methods.iter().map(|method| text(method));
        all.push(ident("method").in_list(methods.collect(), false));
    }
    if !filter.operations.is_empty() {
        let begins = ScalarUDF::from(BeginsAny::new(filter.operations.clone()));
        all.push(begins.call(vec![ident("operation")]));
    }
    all.extend(of_words("operation", &filter.exact_operations));
    all.extend(of_statuses(&filter.statuses));
    all.extend(of_ips(&filter.ips));
    all.extend(of_words("signature_version", &filter.signature_versions));
    all.extend(of_words("auth_type", &filter.auth_types));
    all.extend(of_words("tls_version", &filter.tls_versions));
    all
}

/// Any of these words, or none at all where one of them is empty.
fn of_words(column: &str, words: &[String]) -> Option<Expr> {
    let (none, words): (Vec<_>, Vec<_>) = words.iter().partition(|word| word.is_empty());
    let without = (!none.is_empty()).then(|| ident(column).is_null());
    let listed = words.iter().map(|word| text(word)).collect::<Vec<_>>();
    let listed = (!listed.is_empty()).then(|| ident(column).in_list(listed, false));
    disjunction(without.into_iter().chain(listed))
}

/// Any of these statuses.
pub(super) fn of_statuses(statuses: &[StatusFilter]) -> Option<Expr> {
    disjunction(statuses.iter().map(|status| {
        let bound = |status: u16| lit(i16::try_from(status).unwrap_or(i16::MAX));
        ident("status")
            .gt_eq(bound(status.from))
            .and(ident("status").lt_eq(bound(status.to)))
    }))
}

fn sizes(filter: &RecordFilter) -> Vec<Expr> {
    let mut all = Vec::new();
    if let Some(least) = filter.min_bytes_sent.filter(|least| *least > 0) {
        all.push(ident("bytes_sent").gt_eq(number(least)));
    }
    if let Some(most) = filter.max_bytes_sent {
        let small = ident("bytes_sent").lt_eq(number(most));
        all.push(small.or(ident("bytes_sent").is_null()));
    }
    if let Some(least) = filter.min_total_ms {
        let took = coalesce(vec![ident("total_ms"), ident("turnaround_ms")]);
        all.push(took.gt_eq(number(least)));
    }
    all
}

pub(super) fn begins(column: &str, prefix: &str) -> Expr {
    starts_with(ident(column), text(prefix))
}

/// Requests presigned with this key.
fn signed_by(access_key: &str) -> Expr {
    ScalarUDF::from(SignedBy::new(access_key)).call(vec![ident("request_uri")])
}

fn holds(needle: Option<&str>, columns: &[&str]) -> Option<Expr> {
    let needle = needle.filter(|needle| !needle.is_empty())?;
    let function = ScalarUDF::from(Holds::new(needle));
    Some(function.call(columns.iter().map(|column| ident(*column)).collect()))
}

/// Any of these addresses and networks.
pub(super) fn of_ips(ips: &[IpFilter]) -> Option<Expr> {
    let mut addresses = Vec::new();
    let mut networks = Vec::new();
    let mut any = Vec::new();
    for ip in ips {
        match ip {
            IpFilter::Internal => any.push(ident("remote_ip").is_null()),
            IpFilter::Network(network) if network.prefix_len() == network.max_prefix_len() => {
                addresses.extend(spellings(network.addr()).iter().map(|address| text(address)));
            }
            IpFilter::Network(network) => networks.push(as_v4(*network)),
        }
    }
    if !addresses.is_empty() {
        // Spelled out, so that Bloom filters can answer.
        any.push(ident("remote_ip").in_list(addresses, false));
    }
    if !networks.is_empty() {
        let function = ScalarUDF::from(InNetworks::new(networks));
        any.push(function.call(vec![ident("remote_ip")]));
    }
    disjunction(any)
}

/// IPv4 networks written as IPv6 (`::ffff:192.0.2.0/120`) are IPv4 networks.
fn as_v4(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let short = v6
        .addr()
        .to_ipv4_mapped()
        .zip(v6.prefix_len().checked_sub(96))
        .and_then(|(v4, length)| ipnet::Ipv4Net::new(v4, length).ok());
    short.map_or(network, IpNet::V4)
}

/// How stores write an address.
fn spellings(address: IpAddr) -> Vec<String> {
    let mut all = match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets().map(u16::from);
            let mapped = v4.to_ipv6_mapped();
            vec![
                v4.to_string(),
                mapped.to_string(),
                mapped.to_string().to_uppercase(),
                format!("::ffff:{:x}:{:x}", a << 8 | b, c << 8 | d),
            ]
        }
        IpAddr::V6(v6) => {
            let groups = v6.segments();
            let long = groups.map(|group| format!("{group:04x}")).join(":");
            let plain = groups.map(|group| format!("{group:x}")).join(":");
            let short = v6.to_string();
            vec![
                short.to_uppercase(),
                long.to_uppercase(),
                plain.to_uppercase(),
                short,
                long,
                plain,
            ]
        }
    };
    all.sort_unstable();
    all.dedup();
    all
}

/// The value that records are counted by, as text.
pub(super) fn value_of(dimension: Dimension) -> Expr {
    let column = match dimension {
        Dimension::Bucket => "bucket",
        Dimension::RemoteIp => "remote_ip",
        Dimension::Key => "key",
        Dimension::Prefix { depth } => {
            return ScalarUDF::from(KeyPrefix::new(depth)).call(vec![ident("key")]);
        }
        Dimension::ListedPrefix => {
            return ScalarUDF::from(ListedPrefix::default()).call(vec![ident("request_uri")]);
        }
        Dimension::Requester => "requester",
        Dimension::UserAgent => "user_agent",
        Dimension::Referer => "referer",
        Dimension::Operation => "operation",
        Dimension::Method => "method",
        Dimension::Status => {
            return datafusion::logical_expr::cast(ident("status"), arrow_schema::DataType::Utf8View);
        }
        Dimension::ErrorCode => "error_code",
        Dimension::Host => "host",
        Dimension::SignatureVersion => "signature_version",
        Dimension::AuthType => "auth_type",
        Dimension::TlsVersion => "tls_version",
    };
    ident(column)
}

/// The beginning of the step a time lies in; steps begin at whole multiples of their length since 1970, UTC.
pub(super) fn step_of(step: std::time::Duration) -> Expr {
    let micros = i64::try_from(step.as_micros()).unwrap_or(i64::MAX).max(1);
    let function = ScalarUDF::from(StepOf::new(micros));
    function.call(vec![ident("time")])
}
