//! Metrics over logs made together with their figures by a tool of its own.

use serde_json::{Value, json};
use spacewatch_insight::{MetricsQuery, Tenant, Traffic};

use super::super::corpus::{self, Corpus};
use super::super::kit::Kit;
use super::ask;

#[tokio::test]
async fn made_up_logs_are_counted_as_they_were_made() {
    let Some(corpus) = Corpus::make(
        11,
        &["--lines", "20000", "--objects", "40", "--cdn", "3000", "--gzip"],
    ) else {
        return;
    };
    let truth = &corpus.truth;
    let kit = Kit::start(corpus.store()).await;
    let tenant = corpus::tenant(&kit);
    for (bucket, figures) in truth["buckets"].as_object().expect("buckets") {
        check(&tenant, bucket, figures).await;
    }
    let panel = ask::<Traffic>(&tenant, args("prod-assets", json!({"step": 86_400}))).await;
    let (found, cdn) = (&panel["cdn"], &truth["cdn"]);
    assert_eq!(
        (&found["requests"], &found["bytes_sent"]),
        (&cdn["requests"], &cdn["bytes_sent"])
    );
    let hits: u64 = ["Hit", "RefreshHit"]
        .iter()
        .filter_map(|result| cdn["by_result"][result].as_u64())
        .sum();
    assert_eq!(found["hits"], hits);
}

fn args(bucket: &str, more: Value) -> Value {
    let mut args = json!({"bucket": bucket, "from": "2026-11-01", "to": "2026-11-30", "wait": true});
    for (name, value) in more.as_object().expect("an object") {
        args[name] = value.clone();
    }
    args
}

async fn check(tenant: &Tenant, bucket: &str, figures: &Value) {
    let hourly = ask::<MetricsQuery>(tenant, args(bucket, json!({"metric": "AllRequests"}))).await;
    let series = &hourly["series"][0];
    let hours = series["timestamps"].as_array().into_iter().flatten();
    for (hour, value) in hours.zip(series["values"].as_array().into_iter().flatten()) {
        let known = &figures["by_hour"][hour.as_str().expect("a time")];
        assert_eq!(
            value.as_u64(),
            Some(known.as_u64().unwrap_or(0)),
            "{bucket} {hour}"
        );
    }
    let panel = ask::<Traffic>(tenant, args(bucket, json!({"step": 86_400}))).await;
    let total = &panel["total"];
    for name in ["requests", "by_method", "bytes_sent", "bytes_uploaded"] {
        assert_eq!(total[name], figures[name], "{bucket} {name}");
    }
    assert_eq!(total["by_status_class"], figures["by_class"], "{bucket}");
    assert_eq!(panel["unique_ips"], figures["unique_ips"], "{bucket}");
    for (metric, times) in [
        ("FirstByteLatency", "turnaround_ms"),
        ("TotalRequestLatency", "total_ms"),
    ] {
        let wish = json!({
            "metric": metric, "statistic": "p50,p95,p99", "by": "operation", "limit": 50, "period": 2_592_000,
        });
        let answer = ask::<MetricsQuery>(tenant, args(bucket, wish)).await;
        for series in answer["series"].as_array().expect("series") {
            let operation = series["dimensions"]["operation"].as_str().expect("an operation");
            let statistic = series["statistic"].as_str().expect("a statistic");
            // The period may be cut into two steps; the truth knows the whole only.
            if let [value] = series["values"].as_array().expect("values").as_slice() {
                let known = &figures["latency"][operation][times][statistic];
                assert_eq!(value, known, "{bucket} {operation} {statistic} of {times}");
            }
        }
    }
}
