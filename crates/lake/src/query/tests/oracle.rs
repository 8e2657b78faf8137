//! The same answers by brute force: plain loops over the records as the parser gives them.

use std::net::IpAddr;

use proptest::prelude::*;
use proptest::sample::select;
use spacewatch_access_log::{Entry, Limits, LogReader};
use spacewatch_model::{TimeRange, Timestamp};

use crate::query::{Dimension, RecordRow};
use crate::{IpFilter, RecordFilter, StatusFilter};

/// 2024-02-28, so that the days after it are a leap day and a new month.
pub(super) const START: i64 = 1_709_078_400;

const BUCKETS: [&str; 3] = ["prod-assets", "prod-assets2", "-"];
const KEYS: [&str; 13] = [
    "a/b/c.txt",
    "a/b",
    "a/",
    "A/B/c.txt",
    "caf%25C3%25A9.jpg",
    "%25FF%25FE/x",
    "100%2525/x_y",
    "100_/x%2525y",
    "%2527%253B%2BDROP%2BTABLE%2Brequests%253B--",
    "back%255Cslash/%255C%2525",
    "nul%2500byte",
    "-",
    "deep/er/than/most/keys/are",
];
const IPS: [&str; 7] = [
    "192.0.2.7",
    "192.0.2.200",
    "198.51.100.1",
    "::ffff:192.0.2.7",
    "2001:db8::1",
    "2001:db8:0:1::5",
    "-",
];
const REQUESTERS: [&str; 4] = [
    "-",
    "arn:aws:iam::1:user/x",
    "origin access identity E2",
    "'; DROP TABLE requests; --",
];
const OPERATIONS: [&str; 7] = [
    "REST.GET.OBJECT",
    "REST.PUT.OBJECT",
    "REST.DELETE.OBJECT",
    "REST.GET.BUCKET",
    "BATCH.DELETE.OBJECT",
    "S3.EXPIRE.OBJECT",
    "REST.COPY.OBJECT_GET",
];
const STATUSES: [&str; 6] = ["200", "206", "404", "403", "503", "-"];
const CODES: [&str; 3] = ["-", "NoSuchKey", "AccessDenied"];
const NUMBERS: [&str; 5] = ["-", "0", "17", "4096", "9007199254740993"];
const TIMES: [&str; 5] = ["-", "1", "15", "15", "2000"];
const AGENTS: [&str; 6] = [
    "-",
    "aws-cli/2.0",
    "AWS-CLI/2.0 %_\\",
    "say \"hi\"",
    "ÄÖÜ Bot",
    "x'; DROP TABLE requests; --",
];
const TAILS: [&str; 6] = [
    " - - SigV4 ECDHE AuthHeader prod-assets.example.com TLSv1.3 - -",
    " - - SigV4 ECDHE QueryString prod-assets.example.com TLSv1.3 - -",
    " - - SigV2 ECDHE QueryString prod-assets.example.com TLSv1.1 - -",
    " - - SigV2 ECDHE AuthHeader prod-assets.example.com TLSv1.2 - -",
    " - - - - - prod-assets.example.com TLSv1.2 - -",
    " -",
];
/// What follows the key in a request's address.
const QUERIES: [&str; 7] = [
    "",
    "?list-type=2&prefix=a%2F",
    "?list-type=2&prefix=",
    "?AWSAccessKeyId=AKIA1&Expires=1",
    "?AWSAccessKeyId=AKIA1&Signature=e%2Bf&Expires=1",
    "?X-Amz-Credential=AKIA2%2F20261122%2Fnyc3%2Fs3%2Faws4_request",
    "?X-Amz-Credential=AKIA2%2F20261122%2Fnyc3%2Fs3%2Faws4_request&X-Amz-Signature=ab12",
];
const NEEDLES: [&str; 12] = [
    "a/b", "A/B", "äöü", "%", "_", "\\", "'; drop", "hi\"", "nosuch", "\0", "zzz", "É",
];

/// Log objects of random lines.
pub(super) fn corpus() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let line = (
        (
            select(&BUCKETS[..]),
            0_i64..3 * 86_400,
            select(&IPS[..]),
            select(&REQUESTERS[..]),
        ),
        (
            select(&OPERATIONS[..]),
            select(&KEYS[..]),
            select(&STATUSES[..]),
            select(&CODES[..]),
        ),
        (
            select(&NUMBERS[..]),
            select(&NUMBERS[..]),
            select(&TIMES[..]),
            select(&TIMES[..]),
        ),
        (
            select(&AGENTS[..]),
            select(&AGENTS[..]),
            select(&TAILS[..]),
            0..5_u32,
            select(&QUERIES[..]),
        ),
    );
    let line = line.prop_map(|(who, what, sizes, rest)| {
        let (bucket, second, ip, requester) = who;
        let (operation, key, status, code) = what;
        let (sent, size, total, turnaround) = sizes;
        let (referer, agent, tail, id, query) = rest;
        // Few different seconds, so that many records share one.
        let time = Timestamp::from_second(START + second / 3_600 * 3_600 + second % 3).expect("a time");
        let time = time.strftime("%d/%b/%Y:%H:%M:%S +0000");
        format!(
            "owner {bucket} [{time}] {ip} {requester} ID{id} {operation} {key} \"GET /{key}{query} HTTP/1.1\" {status} \
             {code} {sent} {size} {total} {turnaround} \"{referer}\" \"{agent}\"{tail}\n"
        )
    });
    let object = prop::collection::vec(line, 0..60).prop_map(|lines| lines.concat().into_bytes());
    prop::collection::vec(object, 1..4).prop_map(|objects| {
        let named = objects.into_iter().enumerate();
        named
            .map(|(place, content)| (format!("logs/{place}"), content))
            .collect()
    })
}

/// Seldom a list of words, an empty one among them.
fn signed(words: &[&'static str]) -> impl Strategy<Value = Vec<String>> + use<> {
    let word = select(words.to_vec()).prop_map(str::to_owned);
    prop::option::weighted(0.1, prop::collection::vec(word, 1..3)).prop_map(Option::unwrap_or_default)
}

/// Random filters that often fit something.
#[expect(clippy::too_many_lines, reason = "a strategy for each filter there is")]
pub(super) fn filter() -> impl Strategy<Value = RecordFilter> {
    let maybe = |values: Vec<&'static str>| prop::option::weighted(0.15, select(values));
    let needle = || prop::option::weighted(0.15, select(&NEEDLES[..]));
    let hour = || prop::option::weighted(0.3, (0_i64..72).prop_map(|hour| START + hour * 3_600 + 1));
    let words = (
        maybe(BUCKETS[..2].to_vec()),
        maybe(vec![
            "a/b/c.txt",
            "café.jpg",
            "100%/x_y",
            "'; DROP TABLE requests;--",
            "back\\slash/\\%",
            "none",
        ]),
        maybe(vec!["a/", "100_", "100%", "A", "back\\", "'", "deep/er/than"]),
        maybe(vec!["", "arn:aws:iam::1:user/x", "'; DROP TABLE requests; --"]),
        maybe(vec!["NoSuchKey"]),
        maybe(vec!["ID3"]),
    );
    let texts = (
        needle(),
        needle(),
        needle(),
        maybe(vec!["AKIA1", "AKIA2", "AKIA"]),
    );
    let lists = (
        prop::option::weighted(0.15, select(vec!["GET", "DELETE"])),
        prop::option::weighted(
            0.15,
            select(vec!["REST.GET", "REST.", "BATCH.DELETE.OBJECT", "%", "REST_GET"]),
        ),
        prop::option::weighted(0.2, select(vec![(200, 299), (404, 404), (400, 599)])),
        prop::collection::vec(
            select(vec![
                "192.0.2.7/32",
                "192.0.2.0/25",
                "2001:db8::/48",
                "::ffff:192.0.2.0/120",
                "2001:db8::1/128",
                "-",
            ]),
            0..2,
        ),
        (
            signed(&["SigV4", "SigV2", ""]),
            signed(&["AuthHeader", "QueryString", ""]),
            signed(&["TLSv1.2", "TLSv1.1"]),
        ),
        signed(&["REST.GET.OBJECT", "BATCH.DELETE.OBJECT", "REST.GET"]),
    );
    let numbers = (
        prop::option::weighted(0.1, select(vec![0_u64, 1, 17, u64::MAX])),
        prop::option::weighted(0.1, select(vec![0_u64, 17, 4096])),
        prop::option::weighted(0.1, select(vec![0_u64, 2, 15])),
    );
    let suffix = prop::option::weighted(0.1, select(vec!["g", ".JPG", "/", "é"]));
    let bits = (any::<bool>(), prop::bool::weighted(0.1), suffix);
    let all = (words, texts, lists, numbers, hour(), hour(), bits);
    all.prop_map(|(words, texts, lists, numbers, from, to, bits)| {
        let (bucket, key, key_prefix, requester, error_code, request_id) = words;
        let at = |second: Option<i64>| second.map(|second| Timestamp::from_second(second).expect("a time"));
        RecordFilter {
            bucket: bucket.map(|bucket| bucket.parse().expect("a bucket")),
            period: TimeRange {
                from: at(from),
                to: at(to),
            },
            requests_only: bits.0,
            cut_short: bits.1,
            key: key.map(|key| key.parse().expect("a key")),
            key_prefix: key_prefix.map(str::to_owned),
            key_suffix: bits.2.map(str::to_owned),
            contains: texts.0.map(str::to_owned),
            methods: lists.0.iter().map(|method| (*method).to_owned()).collect(),
            operations: lists.1.iter().map(|operation| (*operation).to_owned()).collect(),
            exact_operations: lists.5.clone(),
            statuses: lists
                .2
                .iter()
                .map(|(from, to)| StatusFilter { from: *from, to: *to })
                .collect(),
            ips: lists
                .3
                .iter()
                .map(|ip| ip.parse().map_or(IpFilter::Internal, IpFilter::Network))
                .collect(),
            requester: requester.map(str::to_owned),
            access_key: texts.3.map(str::to_owned),
            signature_versions: lists.4.0.clone(),
            auth_types: lists.4.1.clone(),
            tls_versions: lists.4.2.clone(),
            user_agent: texts.1.map(str::to_owned),
            referer: texts.2.map(str::to_owned),
            error_code: error_code.map(str::to_owned),
            request_id: request_id.map(str::to_owned),
            min_bytes_sent: numbers.0,
            max_bytes_sent: numbers.1,
            min_total_ms: numbers.2,
        }
    })
}

/// The records of the log objects, newest first.
pub(super) fn records(objects: &[(String, Vec<u8>)]) -> Vec<RecordRow> {
    let mut rows = Vec::new();
    let text = |text: Option<&[u8]>| text.map(|text| String::from_utf8_lossy(text).into_owned());
    for (name, content) in objects {
        let mut reader = LogReader::new(Limits::default());
        let mut take = |line: spacewatch_access_log::Line<'_>, entry: Entry<'_>| {
            let Entry::S3(record) = entry else { return };
            let tail = record.tail();
            let operation = record.operation();
            rows.push(RecordRow {
                time: record.time(),
                bucket: text(record.bucket()),
                owner: text(record.owner()),
                remote_ip: text(record.remote_ip()),
                requester: text(record.requester()),
                request_id: text(record.request_id()),
                operation: text(Some(operation.as_bytes())).unwrap_or_default(),
                method: record.method().map(str::to_owned),
                category: record.category().as_str().to_owned(),
                is_request: operation.is_request(),
                key: text(record.key().as_deref()),
                request_uri: text(record.request_uri()),
                status: record.status(),
                error_code: text(record.error_code()),
                bytes_sent: record.bytes_sent(),
                object_size: record.object_size(),
                total_ms: record.total_ms(),
                turnaround_ms: record.turnaround_ms(),
                referer: text(record.referer()),
                user_agent: text(record.user_agent()),
                version_id: text(tail.version_id()),
                signature_version: text(tail.signature_version()),
                auth_type: text(tail.auth_type()),
                host: text(tail.host()),
                tls_version: text(tail.tls_version()),
                ambiguous: record.is_ambiguous(),
                log_object: name.clone(),
                log_offset: line.offset,
                log_length: line.length,
                line: line.bytes.to_vec(),
            });
        };
        reader.feed(content, &mut take);
        reader.finish(&mut take);
    }
    rows.sort_by(|a, b| {
        let key = |row: &RecordRow| (row.time, row.log_object.clone(), row.log_offset);
        key(b).cmp(&key(a))
    });
    rows
}

pub(super) fn fits(row: &RecordRow, filter: &RecordFilter) -> bool {
    let equal = |asked: Option<&str>, value: &Option<String>| {
        asked.is_none_or(|asked| value.as_deref() == Some(asked))
    };
    let holds = |asked: &Option<String>, values: &[&Option<String>]| {
        asked.as_ref().is_none_or(|asked| {
            let asked = asked.to_lowercase();
            let mut values = values.iter().filter_map(|value| value.as_deref());
            values.any(|value| value.to_lowercase().contains(&asked))
        })
    };
    let any_text = [
        &row.key,
        &row.request_uri,
        &row.user_agent,
        &row.referer,
        &row.requester,
        &row.request_id,
        &row.error_code,
        &row.host,
    ];
    let requester = match filter.requester.as_deref() {
        Some("") => row.requester.is_none(),
        asked => equal(asked, &row.requester),
    };
    filter.period.contains(row.time)
        && (!filter.requests_only || row.is_request)
        && (!filter.cut_short
            || row.status == Some(200) && row.object_size > Some(row.bytes_sent.unwrap_or(0)))
        && equal(filter.bucket.as_ref().map(|bucket| bucket.as_str()), &row.bucket)
        && equal(filter.key.as_ref().map(|key| key.as_str()), &row.key)
        && filter
            .key_prefix
            .as_ref()
            .is_none_or(|prefix| row.key.as_ref().is_some_and(|key| key.starts_with(prefix)))
        && filter.key_suffix.as_ref().is_none_or(|suffix| {
            let ends = |key: &String| key.to_lowercase().ends_with(&suffix.to_lowercase());
            row.key.as_ref().is_some_and(ends)
        })
        && requester
        && filter
            .access_key
            .as_ref()
            .is_none_or(|key| presigned_with(row, key))
        && equal(filter.error_code.as_deref(), &row.error_code)
        && equal(filter.request_id.as_deref(), &row.request_id)
        && holds(&filter.contains, &any_text)
        && holds(&filter.user_agent, &[&row.user_agent])
        && holds(&filter.referer, &[&row.referer])
        && fits_lists(row, filter)
        && filter
            .min_bytes_sent
            .is_none_or(|least| row.bytes_sent.unwrap_or(0) >= least)
        && filter
            .max_bytes_sent
            .is_none_or(|most| row.bytes_sent.unwrap_or(0) <= most)
        && filter.min_total_ms.is_none_or(|least| {
            row.total_ms
                .or(row.turnaround_ms)
                .is_some_and(|took| took >= least)
        })
}

/// By looking for the whole text that the lines here hold.
fn presigned_with(row: &RecordRow, key: &str) -> bool {
    let uri = row.request_uri.as_deref().unwrap_or_default();
    let texts = [
        format!("?AWSAccessKeyId={key}&"),
        format!("X-Amz-Credential={key}%2F2026"),
    ];
    texts.iter().any(|text| uri.contains(text.as_str()))
}

fn fits_lists(row: &RecordRow, filter: &RecordFilter) -> bool {
    let ip: Option<IpAddr> = row.remote_ip.as_deref().and_then(|ip| ip.parse().ok());
    let methods = &filter.methods;
    let ips = filter.ips.iter().any(|asked| match asked {
        IpFilter::Internal => row.remote_ip.is_none(),
        IpFilter::Network(network) => ip.is_some_and(|ip| {
            let mapped = match ip.to_canonical() {
                IpAddr::V4(v4) => IpAddr::V6(v4.to_ipv6_mapped()),
                v6 @ IpAddr::V6(_) => v6,
            };
            network.contains(&ip) || network.contains(&ip.to_canonical()) || network.contains(&mapped)
        }),
    });
    (methods.is_empty() || row.method.as_ref().is_some_and(|method| methods.contains(method)))
        && (filter.operations.is_empty()
            || filter
                .operations
                .iter()
                .any(|operation| row.operation.starts_with(operation.as_str())))
        && (filter.statuses.is_empty()
            || filter.statuses.iter().any(|asked| {
                row.status
                    .is_some_and(|status| (asked.from..=asked.to).contains(&status))
            }))
        && (filter.ips.is_empty() || ips)
        && one_of(&filter.exact_operations, Some(&row.operation))
        && one_of(&filter.signature_versions, row.signature_version.as_ref())
        && one_of(&filter.auth_types, row.auth_type.as_ref())
        && one_of(&filter.tls_versions, row.tls_version.as_ref())
}

fn one_of(words: &[String], word: Option<&String>) -> bool {
    let word = word.map_or("", String::as_str);
    words.is_empty() || words.iter().any(|asked| asked == word)
}

pub(super) fn value(row: &RecordRow, dimension: Dimension) -> Option<String> {
    match dimension {
        Dimension::Bucket => row.bucket.clone(),
        Dimension::RemoteIp => row.remote_ip.clone(),
        Dimension::Key => row.key.clone(),
        Dimension::Prefix { depth } => row.key.as_ref().map(|key| {
            let folders: Vec<&str> = key
                .split_inclusive('/')
                .filter(|part| part.ends_with('/'))
                .collect();
            folders.iter().take(usize::from(depth)).copied().collect()
        }),
        Dimension::ListedPrefix => row.request_uri.as_ref().map(|uri| {
            let (_, rest) = uri.split_once("&prefix=").unwrap_or_default();
            let (prefix, _) = rest.split_once(['&', ' ']).unwrap_or((rest, ""));
            prefix.replace("%2F", "/")
        }),
        Dimension::Requester => row.requester.clone(),
        Dimension::UserAgent => row.user_agent.clone(),
        Dimension::Referer => row.referer.clone(),
        Dimension::Operation => Some(row.operation.clone()),
        Dimension::Method => row.method.clone(),
        Dimension::Status => row.status.map(|status| status.to_string()),
        Dimension::ErrorCode => row.error_code.clone(),
        Dimension::Host => row.host.clone(),
        Dimension::SignatureVersion => row.signature_version.clone(),
        Dimension::AuthType => row.auth_type.clone(),
        Dimension::TlsVersion => row.tls_version.clone(),
    }
}

pub(super) fn dimension() -> impl Strategy<Value = Dimension> {
    select(vec![
        Dimension::Bucket,
        Dimension::RemoteIp,
        Dimension::Key,
        Dimension::Prefix { depth: 1 },
        Dimension::Prefix { depth: 3 },
        Dimension::ListedPrefix,
        Dimension::Requester,
        Dimension::UserAgent,
        Dimension::Referer,
        Dimension::Operation,
        Dimension::Method,
        Dimension::Status,
        Dimension::ErrorCode,
        Dimension::Host,
        Dimension::SignatureVersion,
        Dimension::AuthType,
        Dimension::TlsVersion,
    ])
}
