//! Snapshots over HTTP: the shapes of the contract, and who may see them.

use http::Method;
use serde_json::{Value, json};
use spacewatch_demo::DemoStore;
use spacewatch_model::{Clock, Timestamp};

use crate::kit::{Answer, Ask, KEY, Kit, SECRET, kit_with, store};

async fn kit() -> Kit {
    kit_of(store().with_tenant("third", "KEYC", "secret-c")).await
}

async fn kit_of(store: DemoStore) -> Kit {
    kit_with(store, |_| {}, |stores| stores.attempts = 1).await
}

fn post<'a>(kit: &'a Kit, target: &str) -> Ask<'a> {
    kit.ask(Method::POST, target)
        .keys(KEY, SECRET)
        .header("x-metrics-bucket", "nothing")
}

fn get<'a>(kit: &'a Kit, target: &str) -> Ask<'a> {
    kit.tool(target).header("x-metrics-bucket", "nothing")
}

fn kind(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.header("x-operation-type"))
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test]
async fn a_snapshot_is_written_and_comes_back_in_the_series() {
    let kit = kit().await;
    let taken = post(&kit, "/metrics/snapshot?source_bucket=photos&source_prefix=2026/")
        .send()
        .await;
    assert_eq!(kind(&taken), (200, "ANALYZE_STORAGE"), "{}", taken.text());
    let taken = taken.json();
    assert_eq!(taken["metrics_bucket"], "nothing");
    let key = taken["metrics_key"].as_str().expect("a key");
    assert!(
        key.starts_with("spacewatch-metrics/dt=") && key.ends_with(".jsonl.gz"),
        "{key}"
    );
    let record = taken["record"].as_object().expect("a record");
    for field in [
        "source_objects",
        "source_bytes",
        "logs_files",
        "logs_bytes",
        "requests_total",
        "requests_get",
        "requests_put",
        "requests_delete",
        "requests_head",
        "status_2xx",
        "status_3xx",
        "status_4xx",
        "status_5xx",
        "bytes_sent",
        "unique_ips",
        "files_scanned",
        "lines_scanned",
    ] {
        assert!(record[field].is_u64(), "{field}");
    }
    for field in [
        "ts",
        "source_bucket",
        "source_prefix",
        "logs_bucket",
        "logs_prefix",
    ] {
        assert!(record[field].is_string(), "{field}");
    }
    assert_eq!(
        (&record["source_objects"], &record["source_bytes"]),
        (&json!(2), &json!(15))
    );

    let series = get(&kit, "/metrics/series?source_bucket=photos&source_prefix=2026%2F")
        .send()
        .await;
    assert_eq!(kind(&series), (200, "QUERY_METRICS"), "{}", series.text());
    let series = series.json();
    assert_eq!(
        (&series["count"], &series["source_prefix"]),
        (&json!(1), &json!("2026/"))
    );
    assert_eq!(series["points"][0]["id"], record["id"]);
    let none = get(&kit, "/metrics/series?source_bucket=photos")
        .send()
        .await
        .json();
    assert_eq!((&none["count"], &none["points"]), (&json!(0), &json!([])));

    let sources = get(&kit, "/metrics/sources").send().await;
    assert_eq!(kind(&sources), (200, "LIST_BUCKETS"));
    let sources = sources.json();
    assert_eq!(
        (
            &sources["count"],
            &sources["sources"],
            &sources["metrics_bucket"],
            &sources["metrics_prefix"]
        ),
        (
            &json!(1),
            &json!(["photos"]),
            &json!("nothing"),
            &json!("spacewatch-metrics/")
        )
    );
}

#[tokio::test]
async fn every_bucket_and_their_sums() {
    let kit = kit().await;
    let taken = post(&kit, "/trigger-snapshot-all").send().await;
    assert_eq!(kind(&taken), (200, "ANALYZE_STORAGE"), "{}", taken.text());
    let taken = taken.json();
    assert_eq!(
        (
            &taken["snapshots_created"],
            &taken["snapshots_failed"],
            &taken["errors"]
        ),
        (&json!(1), &json!(0), &json!([]))
    );
    let result = &taken["results"][0];
    assert_eq!(
        (&result["bucket"], &result["status"]),
        (&json!("photos"), &json!("ok"))
    );
    assert!(result["metrics_key"].is_string());
    let again = post(&kit, "/trigger-snapshot-all").send().await.json();
    assert_eq!(
        (&again["reused"], &again["results"]),
        (&json!(true), &taken["results"])
    );

    let sums = get(&kit, "/metrics/aggregate-series").send().await;
    assert_eq!(kind(&sums), (200, "QUERY_METRICS"), "{}", sums.text());
    let sums = sums.json();
    assert_eq!(
        (&sums["hours"], &sums["count"], &sums["sources_count"]),
        (&json!(24), &json!(1), &json!(1))
    );
    let point = &sums["points"][0];
    for field in [
        "source_bytes",
        "logs_bytes",
        "source_objects",
        "logs_files",
        "requests_total",
        "bytes_sent",
        "status_4xx",
        "status_5xx",
    ] {
        assert!(point[field].is_u64(), "{field}");
    }
    assert_eq!(
        (&point["source_bytes"], &point["source_objects"]),
        (&json!(16), &json!(3))
    );
    let ts: Timestamp = point["ts"].as_str().expect("a text").parse().expect("a time");
    assert_eq!(
        ts.as_second() % sums["step_seconds"].as_i64().expect("a number"),
        0
    );
}

#[tokio::test]
async fn limits_are_clamped_and_echoed() {
    let kit = kit().await;
    let check = async |target: &str, field: &str, value: u64| {
        let answer = get(&kit, target).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()[field], value, "{target}");
    };
    check("/metrics/sources?hours=0", "hours", 1).await;
    check("/metrics/sources", "hours", 168).await;
    check("/metrics/sources?hours=99999", "hours", 720).await;
    check("/metrics/series?source_bucket=photos&limit=999999", "limit", 2000).await;
    check("/metrics/series?source_bucket=photos", "limit", 500).await;
    check("/metrics/series?source_bucket=photos&hours=721", "hours", 720).await;
    check("/metrics/aggregate-series?hours=721", "hours", 168).await;
}

#[tokio::test]
async fn what_is_missing_or_refused_is_said() {
    let kit = kit().await;
    let no_bucket = kit.tool("/metrics/series?source_bucket=photos").send().await;
    assert_eq!(
        no_bucket.problem(),
        "400 MissingBucket: no bucket for snapshots is named"
    );
    let no_source = post(&kit, "/metrics/snapshot").send().await;
    assert_eq!(
        no_source.problem(),
        "422 MissingParameter: `source_bucket` is missing from the address"
    );
    let unknown = post(&kit, "/metrics/snapshot?source_bucket=missing").send().await;
    assert!(unknown.problem().starts_with("404 NoSuchBucket"));
    let others = kit
        .get("/metrics/sources")
        .keys("KEYC", "secret-c")
        .header("x-metrics-bucket", "nothing");
    assert!(others.send().await.problem().starts_with("403 AccessDenied"));
    let wrong = kit
        .get("/metrics/sources")
        .keys(KEY, "wrong")
        .header("x-metrics-bucket", "nothing");
    assert_eq!(wrong.send().await.status, 401);
    let by_get = get(&kit, "/metrics/snapshot?source_bucket=photos").send().await;
    assert_eq!(by_get.status, 405);
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test]
async fn files_of_the_original_are_read_where_it_wrote() {
    let now = spacewatch_model::SystemClock::new().now();
    let folder = now.strftime("dt=%Y-%m-%d/hour=%H").to_string();
    let line = |bytes: u64| {
        format!(
            "{{\"ts\": \"{}\", \"source_bucket\": \"photos\", \"source_prefix\": \"\", \"source_bytes\": {bytes}, \"requests_total\": 1000}}\n",
            now.strftime("%Y-%m-%dT%H:%M:%S")
        )
    };
    let text = format!("{}{}broken", line(1), line(2));
    let kit = kit_of(
        store()
            .with_tenant("third", "KEYC", "secret-c")
            .with_object(
                "old",
                &format!("spacewatch-metrics/{folder}/metrics.jsonl"),
                text.as_str(),
            )
            .with_object("old", &format!("{folder}/metrics.jsonl"), line(3).as_str())
            .with_object("old", &format!("mine/{folder}/metrics.jsonl"), line(4).as_str()),
    )
    .await;
    let series = async |prefix: &str| {
        let ask = kit
            .get("/metrics/series?source_bucket=photos")
            .keys("KEYC", "secret-c");
        let answer = ask
            .header("x-metrics-bucket", "old")
            .header("x-metrics-prefix", prefix)
            .send()
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let bytes = |series: &Value| {
        let points = series["points"].as_array().expect("points").iter();
        let mut bytes: Vec<_> = points.map(|point| point["source_bytes"].as_u64()).collect();
        bytes.sort_unstable();
        bytes
    };
    let found = series("").await;
    assert_eq!(bytes(&found), [Some(1), Some(2), Some(3)]);
    assert_eq!(
        (
            &found["points"][0]["legacy"],
            &found["points"][0]["requests_from"]
        ),
        (&json!(true), &json!("legacy"))
    );
    assert_eq!(
        (
            &found["snapshots"]["lines_broken"],
            &found["snapshots"]["objects_legacy"]
        ),
        (&json!(1), &json!(2))
    );
    assert_eq!(bytes(&series("mine").await), [Some(4)]);
    let sums = kit
        .get("/metrics/aggregate-series")
        .keys("KEYC", "secret-c")
        .header("x-metrics-bucket", "old");
    assert_eq!(sums.send().await.json()["points"][0]["requests_total"], 0);
}
