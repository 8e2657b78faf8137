//! What the figures say.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use spacewatch_model::TimeRange;
use spacewatch_report::{Options, Report};

use super::kit::{Folder, line, lines, workers};

fn check(text: &str, options: &Options, pick: impl Fn(&Report) -> serde_json::Value, expected: Expect) {
    let folder = Folder::new();
    folder.put("log", text);
    let shown = serde_json::to_string_pretty(&pick(&folder.report(options))).unwrap();
    expected.assert_eq(&shown);
}

/// One delete of two keys, one copy, an upload, a lifecycle action, an anonymous read, a website's read.
const STORY: &str = r#"o b [06/Feb/2019:00:00:01 +0000] 192.0.2.1 me R1 REST.POST.MULTI_OBJECT_DELETE - "POST /?delete HTTP/1.1" 200 - 500 - 9 8 "-" "sdk" - h SigV4 c AuthHeader b.example TLSv1.3
o b [06/Feb/2019:00:00:01 +0000] 192.0.2.1 me R1 BATCH.DELETE.OBJECT a%20b - 204 - - - - - - - - h SigV4 c AuthHeader b.example TLSv1.3
o b [06/Feb/2019:00:00:01 +0000] 192.0.2.1 me R1 BATCH.DELETE.OBJECT c - 204 - - - - - - - - h SigV4 c AuthHeader b.example TLSv1.3
o b [06/Feb/2019:01:00:02 +0000] 192.0.2.1 me R2 REST.COPY.OBJECT new "PUT /new HTTP/1.1" 200 - 240 10 30 20 "-" "sdk" - h SigV4 c AuthHeader b.example TLSv1.3
o b [06/Feb/2019:01:00:02 +0000] 192.0.2.1 me R2 REST.COPY.OBJECT_GET old - 200 - - 10 - - - - - h SigV4 c AuthHeader b.example TLSv1.3
o b [06/Feb/2019:01:30:00 +0000] 192.0.2.2 me R3 REST.PUT.OBJECT dir/a%2520b "PUT /dir/a%20b HTTP/1.1" 200 - - 1000 40 30 "-" "sdk" - h SigV4 c AuthHeader b.example TLSv1.3
o b [06/Feb/2019:01:40:00 +0000] 192.0.2.2 me R3 REST.PUT.OBJECT dir/x "PUT /dir/x HTTP/1.1" 503 SlowDown 200 7777 40 30 "-" "sdk" - h SigV4 c AuthHeader b.example TLSv1.3
o b [07/Feb/2019:00:00:00 +0000] - AmazonS3 R4 S3.EXPIRE.OBJECT old "-" - - - 10 - - "-" "-" - - - - - - -
o b [07/Feb/2019:00:00:01 +0000] 2001:db8::1 - R5 REST.GET.OBJECT dir/a%2520b "GET /dir/a%20b HTTP/1.1" 200 - 1000 1000 50 40 "https://e.example/" ""quoted" agent" - h - c - b.example TLSv1.3
o b [07/Feb/2019:00:00:02 +0000] 2001:db8::1 - R6 WEBSITE.GET.OBJECT index.html "GET / HTTP/1.1" 404 NoSuchKey 300 - 5 4 "-" "curl" - h - c - b.example TLSv1.3
"#;

#[test]
fn a_small_story() {
    check(
        STORY,
        &Options::default(),
        |report| {
            let total = &report.total;
            serde_json::json!({
                "records": total.records, "requests": total.requests, "sent": total.bytes_sent,
                "uploaded": total.bytes_uploaded, "anonymous": total.anonymous_reads,
                "by_class": total.by_class, "by_day": total.by_day, "by_method": total.by_method,
                "keys": total.top_keys.iter().map(|top| format!("{} {}", top.count, top.value)).collect::<Vec<_>>(),
                "prefixes": total.top_prefixes.iter().map(|top| format!("{} {}", top.count, top.value)).collect::<Vec<_>>(),
                "missing": total.top_error_keys.iter().map(|top| &top.value).collect::<Vec<_>>(),
                "agents": total.top_user_agents.iter().map(|top| &top.value).collect::<Vec<_>>(),
                "ips": total.unique_ips, "requesters": total.requesters,
                "put": total.latency["REST.PUT.OBJECT"], "period": report.period,
            })
        },
        expect![[r#"
            {
              "agents": [
                "sdk",
                "\"quoted\" agent",
                "curl"
              ],
              "anonymous": 1,
              "by_class": {
                "2xx": 4,
                "4xx": 1,
                "5xx": 1
              },
              "by_day": {
                "2019-02-06": 4,
                "2019-02-07": 2
              },
              "by_method": {
                "GET": 2,
                "POST": 1,
                "PUT": 3
              },
              "ips": 3,
              "keys": [
                "2 dir/a b",
                "1 dir/x",
                "1 index.html",
                "1 new"
              ],
              "missing": [
                "index.html"
              ],
              "period": {
                "first": "2019-02-06T00:00:01Z",
                "last": "2019-02-07T00:00:02Z"
              },
              "prefixes": [
                "3 dir/",
                "2 "
              ],
              "put": {
                "total_ms": {
                  "count": 2,
                  "p50": 40,
                  "p95": 40,
                  "p99": 40
                },
                "turnaround_ms": {
                  "count": 2,
                  "p50": 30,
                  "p95": 30,
                  "p99": 30
                }
              },
              "records": 10,
              "requesters": 1,
              "requests": 6,
              "sent": 2240,
              "uploaded": 1000
            }"#]],
    );
}

#[test]
fn only_what_was_asked_for() {
    let from = "2019-02-06T01:00:00Z".parse().unwrap();
    let to = "2019-02-07T00:00:01Z".parse().unwrap();
    let options = Options {
        range: TimeRange::new(Some(from), Some(to)).unwrap(),
        ..Options::default()
    };
    let counts = |report: &Report| serde_json::json!([report.total.records, report.read.filtered_out]);
    check(
        STORY,
        &options,
        counts,
        expect![[r#"
        [
          5,
          5
        ]"#]],
    );
    let options = Options {
        bucket: Some("bucket-1".parse().unwrap()),
        ..Options::default()
    };
    check(
        &lines(0, 30),
        &options,
        counts,
        expect![[r#"
        [
          10,
          20
        ]"#]],
    );
}

#[test]
fn hostile_lines_and_rubbish() {
    let text = format!(
        "{}{}{}not a line\n{{\"json\":1}}\n\u{0}\u{1}\n\"a\",\"b\"\n{}",
        line(1),
        line(1),
        line(1).trim_end().to_owned() + "\r\n",
        line(2).split(" REST").next().unwrap(),
    );
    check(
        &text,
        &Options::default(),
        |report| {
            let reasons: BTreeMap<_, _> = report
                .rejects
                .by_reason
                .iter()
                .map(|(word, reason)| (*word, reason.count))
                .collect();
            serde_json::json!([report.total.records, report.read.duplicates, reasons])
        },
        expect![[r#"
            [
              1,
              2,
              {
                "csv": 1,
                "json": 1,
                "no_operation": 1,
                "no_time": 2
              }
            ]"#]],
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Against a count by plain maps over the numbers that lines are made from.
    #[test]
    fn the_same_as_plain_counting(numbers in proptest::collection::vec(0..400_u32, 0..300), segment_bytes in 50..5_000_u64) {
        let folder = Folder::new();
        let cut = numbers.len() / 3;
        folder.put("one", numbers[..cut].iter().map(|n| line(*n)).collect::<String>());
        folder.put("two", numbers[cut..].iter().map(|n| line(*n)).collect::<String>());
        let found = folder.report(&Options { top: 3, ..workers(2, segment_bytes) });
        let mut unique = numbers.clone();
        unique.sort_unstable();
        unique.dedup();
        let mut ips: BTreeMap<String, u64> = BTreeMap::new();
        for n in &unique {
            *ips.entry(format!("192.0.2.{}", n % 7)).or_default() += 1;
        }
        let mut top: Vec<_> = ips.iter().map(|(ip, count)| (ip.clone(), *count)).collect();
        top.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        top.truncate(3);
        prop_assert_eq!(found.total.requests, unique.len() as u64);
        prop_assert_eq!(found.read.duplicates, (numbers.len() - unique.len()) as u64);
        prop_assert_eq!(found.total.bytes_sent, unique.iter().map(|n| u64::from(*n)).sum::<u64>());
        prop_assert_eq!(found.total.unique_ips, ips.len() as u64);
        prop_assert_eq!(found.total.unique_keys, unique.len() as u64);
        let tops: Vec<_> = found.total.top_ips.iter().map(|top| (top.value.clone(), top.count)).collect();
        prop_assert_eq!(tops, top);
        let parts: u64 = found.buckets.values().map(|figures| figures.requests).sum();
        prop_assert_eq!(parts, unique.len() as u64);
    }
}
