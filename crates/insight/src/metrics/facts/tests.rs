use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::catalog::{self, Metric};
use super::*;

/// A record, as far as metrics look at it.
#[derive(Debug, Clone)]
struct Record {
    second: i64,
    operation: &'static str,
    status: Option<u16>,
    error_code: Option<&'static str>,
    auth_type: Option<&'static str>,
    signature: Option<&'static str>,
    tls: Option<&'static str>,
    bytes_sent: u64,
    object_size: u64,
    turnaround: Option<u64>,
}

/// Operations with the metric that counts them; none for what is no client request.
const OPERATIONS: [(&str, Option<&str>); 24] = [
    ("REST.GET.OBJECT", Some("GetRequests")),
    ("REST.GET.OBJECT_TAGGING", Some("GetRequests")),
    ("WEBSITE.GET.OBJECT", Some("GetRequests")),
    ("REST.S3_GET_OBJECT", Some("GetRequests")),
    ("REST.PUT.OBJECT", Some("PutRequests")),
    ("REST.PUT.PART", Some("PutRequests")),
    ("REST.COPY.OBJECT", Some("PutRequests")),
    ("REST.COPY.OBJECT_GET", None),
    ("REST.COPY.PART_GET", None),
    ("REST.DELETE.OBJECT", Some("DeleteRequests")),
    ("REST.DELETE.UPLOAD", Some("DeleteRequests")),
    ("REST.POST.MULTI_OBJECT_DELETE", Some("DeleteRequests")),
    ("BATCH.DELETE.OBJECT", None),
    ("REST.HEAD.OBJECT", Some("HeadRequests")),
    ("REST.HEAD.BUCKET", Some("HeadRequests")),
    ("REST.POST.OBJECT", Some("PostRequests")),
    ("REST.POST.UPLOADS", Some("PostRequests")),
    ("REST.POST.UPLOAD", Some("PostRequests")),
    ("REST.GET.BUCKET", Some("ListRequests")),
    ("REST.GET.BUCKETVERSIONS", Some("ListRequests")),
    ("REST.GET.UPLOADS", Some("ListRequests")),
    ("REST.GET.LIFECYCLE", Some("other")),
    ("S3.EXPIRE.OBJECT", None),
    ("S3.TRANSITION_GDA.OBJECT", None),
];

fn record() -> impl Strategy<Value = Record> {
    let answer = (
        select(OPERATIONS.map(|(name, _)| name).to_vec()),
        select(vec![
            None,
            Some(200),
            Some(204),
            Some(206),
            Some(304),
            Some(400),
            Some(403),
            Some(404),
            Some(429),
            Some(499),
            Some(500),
            Some(503),
            Some(504),
            Some(599),
        ]),
        select(vec![
            None,
            Some("SlowDown"),
            Some("RequestTimeout"),
            Some("NoSuchKey"),
        ]),
    );
    let client = (
        select(vec![None, Some("AuthHeader"), Some("QueryString"), Some("New")]),
        select(vec![None, Some("SigV2"), Some("SigV4")]),
        select(vec![
            None,
            Some("TLSv1.3"),
            Some("TLSv1.2"),
            Some("TLSV1.1"),
            Some("TLSv1"),
        ]),
    );
    let numbers = (
        0_i64..600,
        0_u64..1000,
        0_u64..1000,
        proptest::option::of(0_u64..20),
    );
    (answer, client, numbers).prop_map(
        |((operation, status, error_code), (auth_type, signature, tls), (second, sent, size, turnaround))| {
            Record {
                second,
                operation,
                status,
                error_code,
                auth_type,
                signature,
                tls,
                bytes_sent: sent,
                object_size: size,
                turnaround,
            }
        },
    )
}

fn counted_as(operation: &str) -> Option<&'static str> {
    OPERATIONS
        .iter()
        .find(|(name, _)| *name == operation)
        .and_then(|(_, metric)| *metric)
}

fn step(second: i64) -> Option<Timestamp> {
    Some(Timestamp::from_second(second - second % 60).expect("a time"))
}

/// One row a record: what the lake would give if no two records were alike.
fn row(record: &Record) -> Activity {
    let owned = |text: Option<&'static str>| text.map(str::to_owned);
    let category = match counted_as(record.operation) {
        None => "internal",
        Some("GetRequests") => "get",
        Some("PutRequests") => "put",
        Some("DeleteRequests") => "delete",
        Some("HeadRequests") => "head",
        Some("PostRequests") => "post",
        Some("ListRequests") => "list",
        Some(_) => "other",
    };
    Activity {
        step: step(record.second),
        group: None,
        operation: record.operation.to_owned(),
        category: category.to_owned(),
        is_request: counted_as(record.operation).is_some(),
        status: record.status,
        error_code: owned(record.error_code),
        auth_type: owned(record.auth_type),
        signature_version: owned(record.signature),
        tls_version: owned(record.tls),
        records: 1,
        bytes_sent: record.bytes_sent,
        object_bytes: record.object_size,
        sent: Some(one(record.bytes_sent)),
        object: Some(one(record.object_size)),
    }
}

fn one(size: u64) -> Extremes {
    Extremes {
        least: size,
        most: size,
    }
}

fn widened(ends: Option<Extremes>, more: Option<Extremes>) -> Option<Extremes> {
    let (ends, more) = (ends?, more?);
    Some(Extremes {
        least: ends.least.min(more.least),
        most: ends.most.max(more.most),
    })
}

/// What each record is worth by the words of the catalogue, if it is a sample at all.
fn worth(metric: &Metric, record: &Record) -> Option<u64> {
    let class = counted_as(record.operation)?;
    let status = record.status.unwrap_or(0);
    let one_if = |yes: bool| yes.then_some(1);
    match metric.name {
        "AllRequests" | "Transactions" => Some(1),
        "BytesDownloaded" | "Egress" => Some(record.bytes_sent),
        "BytesUploaded" | "Ingress" => {
            let upload = matches!(
                record.operation,
                "REST.PUT.OBJECT" | "REST.PUT.PART" | "REST.POST.OBJECT"
            );
            (upload && (200..300).contains(&status)).then_some(record.object_size)
        }
        "4xxErrors" => Some((400..500).contains(&status).into()),
        "5xxErrors" => Some((500..600).contains(&status).into()),
        "Availability" => {
            let fault = status >= 500 && !(status == 503 && record.error_code == Some("SlowDown"));
            Some((!fault).into())
        }
        "AllUnsupportedSignatureRequests" => one_if(record.signature == Some("SigV2")),
        "AllUnsupportedTLSRequests" => one_if(matches!(record.tls, Some("TLSV1.1" | "TLSv1"))),
        name if name.ends_with("Requests") => one_if(class == name),
        name => one_if(name.get(..3).and_then(|digits| digits.parse().ok()) == Some(status)),
    }
}

fn brute(values: &[u64], statistic: Statistic) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let sum: u64 = values.iter().sum();
    let value = match statistic {
        Statistic::Sum => sum as f64,
        Statistic::SampleCount => values.len() as f64,
        Statistic::Average if values.is_empty() => return None,
        Statistic::Average => sum as f64 / values.len() as f64,
        Statistic::Minimum => *sorted.first()? as f64,
        Statistic::Maximum => *sorted.last()? as f64,
        Statistic::Percentile(_) => {
            let percent: f64 = statistic
                .to_string()
                .trim_start_matches('p')
                .parse()
                .expect("a number");
            // The smallest value that at least this share of all values does not exceed.
            let enough = |value: u64| {
                let below = sorted.iter().filter(|&&other| other <= value).count();
                below as f64 * 100.0 >= percent * sorted.len() as f64 - 1e-6
            };
            sorted.iter().copied().find(|&value| enough(value))? as f64
        }
    };
    Some(value)
}

/// Rows alike become one, as the lake counts them.
fn merged(rows: Vec<Activity>) -> Vec<Activity> {
    let mut merged: Vec<Activity> = Vec::new();
    for row in rows {
        let alike = |other: &&mut Activity| {
            let mut same = row.clone();
            (same.records, same.bytes_sent, same.object_bytes) =
                (other.records, other.bytes_sent, other.object_bytes);
            (same.sent, same.object) = (other.sent, other.object);
            same == **other
        };
        if let Some(other) = merged.iter_mut().find(alike) {
            other.records += row.records;
            other.bytes_sent += row.bytes_sent;
            other.object_bytes += row.object_bytes;
            other.sent = widened(other.sent, row.sent);
            other.object = widened(other.object, row.object);
        } else {
            merged.push(row);
        }
    }
    merged
}

fn is_of_requests(metric: &&Metric) -> bool {
    matches!(
        metric.rule,
        Rule::Requests(_) | Rule::Flag(_) | Rule::Share(_) | Rule::Downloaded | Rule::Uploaded
    )
}

proptest! {
    #[test]
    fn every_metric_of_requests_is_what_counting_one_by_one_gives(records in vec(record(), 0..200)) {
        let rows = merged(records.iter().map(row).collect());
        for metric in catalog::all().filter(is_of_requests) {
            let mut cells = tallies(&rows, metric.rule, None);
            let steps = cells.remove(&None).unwrap_or_default();
            prop_assert!(cells.is_empty());
            for second in (0..600).step_by(60) {
                let values: Vec<u64> = records
                    .iter()
                    .filter(|record| step(record.second) == step(second))
                    .filter_map(|record| worth(metric, record))
                    .collect();
                let tally = steps.get(&step(second)).copied().unwrap_or_default();
                for &statistic in metric.statistics() {
                    if matches!(statistic, Statistic::Percentile(_)) {
                        continue;
                    }
                    let found = tally.statistic(statistic).map(Number::as_f64);
                    prop_assert_eq!(found, brute(&values, statistic), "{} {}", metric.name, statistic);
                }
            }
        }
    }

    #[test]
    fn the_groups_of_a_dimension_sum_up_to_the_whole(records in vec(record(), 0..100)) {
        let rows = merged(records.iter().map(row).collect());
        for metric in catalog::all().filter(is_of_requests) {
            let all = tallies(&rows, metric.rule, None);
            let whole: u64 = all.values().flat_map(BTreeMap::values).map(|tally| tally.sum).sum();
            for by in By::ALL {
                let parts = tallies(&rows, metric.rule, Some(*by));
                let parts: u64 = parts.values().flat_map(BTreeMap::values).map(|tally| tally.sum).sum();
                prop_assert_eq!(whole, parts, "{} by {:?}", metric.name, by);
            }
        }
    }

    #[test]
    fn times_are_what_sorting_them_all_gives(records in vec(record(), 0..300), hundredths in 1_u16..=10_000) {
        let rows: Vec<Latency> = records
            .iter()
            .filter_map(|record| {
                let milliseconds = record.turnaround?;
                let group = Some(record.operation.to_owned());
                Some(Latency { step: step(record.second), group, milliseconds, requests: 1 })
            })
            .collect();
        let cells = times(&rows, Some(By::Operation));
        let percentile = format!("p{}.{:02}", hundredths / 100, hundredths % 100);
        let statistics = ["Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50", "p99.9", percentile.as_str()];
        for (operation, steps) in &cells {
            for (at, found) in steps {
                let values: Vec<u64> = records
                    .iter()
                    .filter(|record| Some(record.operation) == operation.as_deref() && step(record.second) == *at)
                    .filter_map(|record| record.turnaround)
                    .collect();
                for statistic in statistics {
                    let statistic: Statistic = statistic.parse().expect("a statistic");
                    let number = found.statistic(statistic).map(Number::as_f64);
                    prop_assert_eq!(number, brute(&values, statistic), "{}", statistic);
                }
            }
        }
    }
}

#[test]
fn nothing_has_sums_but_no_averages() {
    for statistic in ["Sum", "SampleCount", "Average", "Minimum", "Maximum", "p50"] {
        let statistic: Statistic = statistic.parse().expect("a statistic");
        let summed = matches!(statistic, Statistic::Sum | Statistic::SampleCount);
        let expected = summed.then_some(Number::Whole(0));
        assert_eq!(Times::default().statistic(statistic), expected, "{statistic}");
        assert_eq!(Tally::default().statistic(statistic), expected, "{statistic}");
    }
}
