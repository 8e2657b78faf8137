//! Metrics over a log that is read, against figures known beforehand.

mod corpus;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use spacewatch_demo::{DemoStore, LOG_PREFIX, LogFigures};
use spacewatch_insight::{Compare, MetricsCatalog, MetricsQuery, NoArgs, Tenant, Tool, Traffic};
use spacewatch_model::{Clock, Prefix, SystemClock, Timestamp};
use spacewatch_s3::Progress;

use super::kit::Kit;

async fn ask<T: Tool>(tenant: &Tenant, args: Value) -> Value {
    let args = serde_json::from_value(args).expect("arguments");
    let answer = T::run(tenant, args).await.expect("an answer");
    serde_json::to_value(answer).expect("JSON")
}

async fn complaint<T: Tool>(tenant: &Tenant, args: Value) -> String {
    let args = serde_json::from_value(args).expect("arguments");
    match T::run(tenant, args).await {
        Ok(_) => panic!("an answer"),
        Err(error) => format!("{} {error}", error.code),
    }
}

/// A record of bucket `photos`: second of the day, client, operation and what came out.
struct Line(u32, &'static str, &'static str, &'static str);

impl Line {
    /// As a store writes it on 10 February 2026. `outcome` is status, error code, bytes sent, object size, total, turn-around.
    fn written(&self, number: usize) -> String {
        let Self(second, ip, operation, outcome) = self;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let method = match operation.split('.').nth(1) {
            Some("COPY") => "PUT",
            method => method.unwrap_or_default(),
        };
        let uri = match operation.starts_with("BATCH.") {
            true => "-".to_owned(),
            false => format!("\"{method} /photos/a%2F1.jpg HTTP/1.1\""),
        };
        format!(
            "owner photos [10/Feb/2026:{hour:02}:{minute:02}:{second:02} +0000] {ip} someone REQ{number:04} {operation} \
             a/{}.jpg {uri} {outcome} \"-\" \"agent\" - host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -\n",
            number % 3,
        )
    }
}

const LINES: [Line; 9] = [
    Line(10, "192.0.2.1", "REST.GET.OBJECT", "200 - 1000 1000 20 10"),
    Line(70, "192.0.2.1", "REST.GET.OBJECT", "404 NoSuchKey 300 - 5 4"),
    Line(130, "192.0.2.2", "REST.PUT.OBJECT", "200 - - 5000 40 30"),
    Line(140, "192.0.2.2", "REST.COPY.OBJECT_GET", "200 - - 5000 - -"),
    Line(140, "192.0.2.2", "REST.COPY.OBJECT", "200 - 200 5000 50 30"),
    Line(
        3700,
        "192.0.2.3",
        "REST.POST.MULTI_OBJECT_DELETE",
        "200 - 400 - 60 50",
    ),
    Line(3700, "192.0.2.3", "BATCH.DELETE.OBJECT", "204 - - 7 - -"),
    Line(7000, "192.0.2.1", "REST.GET.OBJECT", "503 SlowDown 10 - 900 800"),
    Line(
        7100,
        "192.0.2.1",
        "REST.GET.OBJECT",
        "500 InternalError 10 - 100 90",
    ),
];

async fn photos() -> (Kit, Tenant) {
    let log: String = LINES
        .iter()
        .enumerate()
        .map(|(number, line)| line.written(number))
        .collect();
    let store = DemoStore::empty()
        .with_object("photos", "a/1.jpg", "0".repeat(4000).as_str())
        .with_object(
            "logs",
            "access/2026-02-10-05-00-00-0123456789ABCDEF",
            log.as_str(),
        );
    let kit = Kit::start(store).await;
    let tenant = Tenant {
        log_bucket: Some("logs".parse().expect("a name")),
        log_prefix: "access/".parse().expect("a prefix"),
        ..kit.tenant()
    };
    (kit, tenant)
}

/// `AllRequests Sum {}: 5 1 2` for each series.
fn shown(answer: &Value) -> String {
    let mut shown = String::new();
    for series in answer["series"].as_array().expect("series") {
        let values: Vec<_> = series["values"]
            .as_array()
            .expect("values")
            .iter()
            .map(Value::to_string)
            .collect();
        let dimensions: Vec<_> = series["dimensions"]
            .as_object()
            .expect("dimensions")
            .values()
            .collect();
        let (metric, statistic) = (&series["metric"], &series["statistic"]);
        shown += &format!("{metric} {statistic} {dimensions:?}: {}\n", values.join(" "))
            .replace('"', "")
            .replace("String(", "")
            .replace(')', "");
    }
    shown
}

fn query(metric: &str, more: Value) -> Value {
    let mut args = json!({
        "metric": metric, "bucket": "photos", "from": "2026-02-10T00:00:00Z", "to": "2026-02-10T02:00:00Z", "wait": true,
    });
    for (name, value) in more.as_object().expect("an object") {
        args[name] = value.clone();
    }
    args
}

#[tokio::test]
async fn three_vocabularies_count_the_same_requests() {
    let (_kit, tenant) = photos().await;
    let names = "AllRequests,GetRequests,PutRequests,DeleteRequests,BytesDownloaded,BytesUploaded,4xxErrors,5xxErrors,\
                 Transactions,Egress,503ServiceUnavailableErrorCount";
    let answer = ask::<MetricsQuery>(&tenant, query(names, json!({}))).await;
    expect_test::expect![[r#"
        AllRequests Sum []: 4 3
        GetRequests Sum []: 2 2
        PutRequests Sum []: 2 0
        DeleteRequests Sum []: 0 1
        BytesDownloaded Sum []: 1500 420
        BytesUploaded Sum []: 5000 0
        4xxErrors Sum []: 1 0
        5xxErrors Sum []: 0 2
        Transactions Sum []: 4 3
        Egress Sum []: 1500 420
        503ServiceUnavailableErrorCount Sum []: 0 1
    "#]]
    .assert_eq(&shown(&answer));
    assert_eq!(answer["period_seconds"], 3600);
    assert_eq!(
        answer["series"][0]["timestamps"],
        json!(["2026-02-10T00:00:00Z", "2026-02-10T01:00:00Z"])
    );
    assert_eq!(answer["coverage"]["complete"], true, "{}", answer["coverage"]);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of questions and answers")]
async fn statistics_and_dimensions() {
    let (_kit, tenant) = photos().await;
    let timed = query(
        "FirstByteLatency,4xxErrors",
        json!({"statistic": "p50,Maximum,Average,SampleCount", "period": 7200}),
    );
    expect_test::expect![[r#"
        FirstByteLatency p50 []: 30
        FirstByteLatency Maximum []: 800
        FirstByteLatency Average []: 144.85714285714286
        FirstByteLatency SampleCount []: 7
        4xxErrors Maximum []: 1
        4xxErrors Average []: 0.14285714285714285
        4xxErrors SampleCount []: 7
    "#]]
    .assert_eq(&shown(&ask::<MetricsQuery>(&tenant, timed).await));
    let check = async |metric: &str, by: &str, expected: expect_test::Expect| {
        let args = query(metric, json!({"by": by, "period": 7200}));
        expected.assert_eq(&shown(&ask::<MetricsQuery>(&tenant, args).await));
    };
    check(
        "Transactions",
        "response_type",
        expect_test::expect![[r#"
            Transactions Sum [Success]: 4
            Transactions Sum [ClientOtherError]: 1
            Transactions Sum [ClientThrottlingError]: 1
            Transactions Sum [ServerOtherError]: 1
        "#]],
    )
    .await;
    check(
        "AllRequests",
        "ip",
        expect_test::expect![[r#"
            AllRequests Sum [192.0.2.1]: 4
            AllRequests Sum [192.0.2.2]: 2
            AllRequests Sum [192.0.2.3]: 1
        "#]],
    )
    .await;
    check(
        "TotalRequestLatency",
        "status",
        expect_test::expect![[r#"
            TotalRequestLatency Average [200]: 42.5
            TotalRequestLatency Average [404]: 5.0
            TotalRequestLatency Average [500]: 100.0
            TotalRequestLatency Average [503]: 900.0
        "#]],
    )
    .await;
    check(
        "AllRequests",
        "prefix",
        expect_test::expect![[r#"
            AllRequests Sum [a/]: 7
        "#]],
    )
    .await;
    let available = query(
        "Availability,SuccessE2ELatency,UniqueObjectsAccessedDailyCount",
        json!({"period": 7200}),
    );
    expect_test::expect![[r#"
        Availability Average []: 85.71428571428571
        SuccessE2ELatency Average []: 42.5
        UniqueObjectsAccessedDailyCount Sum []: 1
    "#]]
    .assert_eq(&shown(&ask::<MetricsQuery>(&tenant, available).await));
}

#[tokio::test]
async fn sizes_have_extremes_percentiles_and_classes() {
    let (_kit, tenant) = photos().await;
    let args = query(
        "BytesDownloaded,BytesUploaded",
        json!({"statistic": "Minimum,Maximum,p50,p99.9,SampleCount", "period": 7200}),
    );
    expect_test::expect![[r#"
        BytesDownloaded Minimum []: 0
        BytesDownloaded Maximum []: 1000
        BytesDownloaded p50 []: 200
        BytesDownloaded p99.9 []: 1000
        BytesDownloaded SampleCount []: 7
        BytesUploaded Minimum []: 5000
        BytesUploaded Maximum []: 5000
        BytesUploaded p50 []: 5000
        BytesUploaded p99.9 []: 5000
        BytesUploaded SampleCount []: 1
    "#]]
    .assert_eq(&shown(&ask::<MetricsQuery>(&tenant, args).await));
    let by = query(
        "Egress",
        json!({"statistic": "p50,Maximum", "period": 7200, "by": "ip"}),
    );
    expect_test::expect![[r#"
        Egress p50 [192.0.2.1]: 10
        Egress p50 [192.0.2.2]: 0
        Egress p50 [192.0.2.3]: 400
        Egress Maximum [192.0.2.1]: 1000
        Egress Maximum [192.0.2.3]: 400
        Egress Maximum [192.0.2.2]: 200
    "#]]
    .assert_eq(&shown(&ask::<MetricsQuery>(&tenant, by).await));
    let classes = query(
        "ReadRequestSizeDistribution,WriteRequestSizeDistribution",
        json!({}),
    );
    let answer = ask::<MetricsQuery>(&tenant, classes).await;
    assert_eq!(answer["series"].as_array().map(Vec::len), Some(36));
    let filled: String = shown(&answer)
        .lines()
        .filter(|line| !line.ends_with(": 0 0"))
        .map(|line| format!("{line}\n"))
        .collect();
    expect_test::expect![[r#"
        ReadRequestSizeDistribution Sum [≤ 128 KiB]: 1 0
        WriteRequestSizeDistribution Sum [≤ 128 KiB]: 1 0
    "#]]
    .assert_eq(&filled);
}

#[tokio::test]
async fn listings_answer_what_is_stored_now() {
    let (kit, tenant) = photos().await;
    let args = query(
        "BucketSizeBytes,NumberOfObjects,BlobCapacity,AverageObjectSize",
        json!({}),
    );
    let answer = ask::<MetricsQuery>(&tenant, args.clone()).await;
    expect_test::expect![[r#"
        BucketSizeBytes Average []: 4000
        NumberOfObjects Average []: 1
        BlobCapacity Average []: 4000
        AverageObjectSize Average []: 4000.0
    "#]]
    .assert_eq(&shown(&answer));
    assert_eq!(answer["coverage"], Value::Null);
    // What is stored needs no log.
    ask::<MetricsQuery>(&kit.tenant(), args).await;
    let rates = ask::<MetricsQuery>(
        &tenant,
        query("RetrievalRate,IngestRatio", json!({"period": 7200})),
    )
    .await;
    expect_test::expect![[r#"
        RetrievalRate Average []: 48.0
        IngestRatio Average []: 125.0
    "#]]
    .assert_eq(&shown(&rates));
}

#[tokio::test]
async fn questions_that_make_no_sense_are_told_why() {
    let (kit, tenant) = photos().await;
    let check = async |metric: &str, more: Value, expected: &str| {
        let complaint = complaint::<MetricsQuery>(&tenant, query(metric, more)).await;
        assert!(complaint.contains(expected), "{complaint}");
    };
    check("", json!({}), "names 1 to 20 metrics").await;
    check("GetBananas", json!({}), "there is no `GetBananas`").await;
    check("NonCurrentVersionObjectCount", json!({}), "there is no inventory").await;
    check("AllRequests", json!({"statistic": "p99"}), "has `Sum`").await;
    check("AllRequests", json!({"statistic": "median"}), "is no statistic").await;
    check(
        "FirstByteLatency",
        json!({"by": "response_type"}),
        "can't be told apart by `response_type`",
    )
    .await;
    check("BucketSizeBytes", json!({"by": "status"}), "can't be told apart").await;
    let percentiles = json!({"by": "class", "statistic": "Sum,p50"});
    check(
        "BytesDownloaded",
        percentiles,
        "`p50` of `BytesDownloaded` can't be told apart by `class`",
    )
    .await;
    let classes = json!({"by": "size_class"});
    check(
        "AllRequests",
        classes,
        "`AllRequests` can't be told apart by `size_class`",
    )
    .await;
    let unnamed = complaint::<MetricsQuery>(&kit.tenant(), query("AllRequests", json!({}))).await;
    assert!(unnamed.starts_with("MissingBucket"), "{unnamed}");
    let catalog = ask::<MetricsCatalog>(&tenant, serde_json::to_value(NoArgs {}).expect("JSON")).await;
    assert!(catalog["count"].as_u64().is_some_and(|count| count > 50));
}

#[tokio::test]
async fn the_panel_of_a_bucket() {
    let (_kit, tenant) = photos().await;
    let args = json!({
        "bucket": "photos", "from": "2026-02-10T00:00:00Z", "to": "2026-02-10T03:00:00Z", "step": 3600, "wait": true,
    });
    let panel = ask::<Traffic>(&tenant, args).await;
    let total = &panel["total"];
    assert_eq!(total["requests"], 7);
    assert_eq!(total["by_class"], json!({"delete": 1, "get": 4, "put": 2}));
    assert_eq!(total["by_method"], json!({"GET": 4, "POST": 1, "PUT": 2}));
    assert_eq!(total["by_status_class"], json!({"2xx": 4, "4xx": 1, "5xx": 2}));
    assert_eq!(
        (&total["bytes_sent"], &total["bytes_uploaded"]),
        (&json!(1920), &json!(5000))
    );
    assert_eq!(
        total["total"],
        json!({"samples": 7, "p50_ms": 50, "p95_ms": 900, "p99_ms": 900, "max_ms": 900})
    );
    assert_eq!(panel["unique_ips"], 3);
    assert_eq!(panel["cdn"], Value::Null);
    let steps = panel["steps"].as_array().expect("steps");
    let requests: Vec<_> = steps.iter().map(|step| step["requests"].as_u64()).collect();
    assert_eq!(requests, [Some(4), Some(3), Some(0)]);
    assert_eq!(
        steps[0]["total_ms_counts"],
        json!([0, 0, 1, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0])
    );
    assert_eq!(panel["top_operations"][0]["operation"], "REST.GET.OBJECT");
}

#[tokio::test]
async fn two_periods_side_by_side() {
    let (_kit, tenant) = photos().await;
    let args = json!({
        "bucket": "photos", "from": "2026-02-10T01:00:00Z", "to": "2026-02-10T02:00:00Z", "wait": true,
    });
    let answer = ask::<Compare>(&tenant, args).await;
    assert_eq!(answer["before"]["window"]["from"], "2026-02-10T00:00:00Z");
    assert_eq!(answer["comparable"], true, "{}", answer["note"]);
    let changes = answer["changes"].as_array().expect("changes");
    let change = |name: &str| {
        changes
            .iter()
            .find(|change| change["metric"] == name)
            .expect("a change")
            .clone()
    };
    assert_eq!(change("AllRequests")["change"], -1.0);
    assert_eq!(change("AllRequests")["change_percent"], -25.0);
    assert_eq!(
        change("5xxErrors"),
        json!({"metric": "5xxErrors", "before": 0.0, "after": 2.0, "change": 2.0})
    );
    let movers = answer["movers"].as_array().expect("movers");
    let by_ip = movers
        .iter()
        .find(|movers| movers["by"] == "ip")
        .expect("movers by address");
    assert_eq!(by_ip["exact"], true);
    assert_eq!(
        by_ip["movers"][0],
        json!({"value": "192.0.2.2", "before": 2, "after": 0, "change": -2, "share_percent": 200.0})
    );
}

fn numbers(answer: &Value) -> Vec<u64> {
    let values = answer["series"][0]["values"].as_array().expect("values");
    values
        .iter()
        .map(|value| value.as_u64().expect("a whole number"))
        .collect()
}

fn of_operations(figures: &LogFigures, beginning: &str) -> u64 {
    let counts = figures.by_operation.iter();
    counts
        .filter(|(name, _)| name.starts_with(beginning))
        .map(|(_, count)| count)
        .sum()
}

/// A week of generated logs: each bucket's metrics are the figures that the generator noted down.
#[tokio::test]
async fn a_week_of_logs_is_counted_as_it_was_made() {
    let now = SystemClock::new().now();
    let kit = Kit::start(DemoStore::believable(5, now).with_history(5, now)).await;
    let truth = kit.store.log_truth().await.expect("a history");
    let mut buckets = 0;
    for owner in kit.store.tenants() {
        for (log_bucket, logged) in &truth.log_buckets {
            let tenant = Tenant {
                log_bucket: Some(log_bucket.parse().expect("a name")),
                log_prefix: LOG_PREFIX.parse().expect("a prefix"),
                ..kit.tenant_with(&owner.access_key_id, owner.secret_access_key.expose())
            };
            if tenant
                .store
                .check_bucket(&log_bucket.parse().expect("a name"))
                .await
                .is_err()
            {
                continue;
            }
            for (bucket, figures) in &logged.buckets {
                check_week(&tenant, bucket, figures).await;
                buckets += 1;
            }
        }
    }
    assert!(buckets > 2, "{buckets} buckets");
}

async fn check_week(tenant: &Tenant, bucket: &str, figures: &LogFigures) {
    let (Some(first), Some(last)) = (figures.by_hour.keys().next(), figures.by_hour.keys().next_back())
    else {
        return;
    };
    let at = |second: i64| Timestamp::from_second(second).expect("a time").to_string();
    let args = |metric: &str, period: i64| {
        json!({
            "metric": metric, "bucket": bucket, "from": at(*first), "to": at(last + 3600), "period": period, "wait": true,
        })
    };
    let hourly: BTreeMap<i64, u64> = (*first..=*last).step_by(3600).map(|hour| (hour, 0)).collect();
    let hourly: BTreeMap<i64, u64> = hourly.into_iter().chain(figures.by_hour.clone()).collect();
    let requests = ask::<MetricsQuery>(tenant, args("AllRequests", 3600)).await;
    assert_eq!(
        numbers(&requests),
        hourly.into_values().collect::<Vec<_>>(),
        "{bucket}"
    );
    let whole = async |metric: &str| {
        numbers(&ask::<MetricsQuery>(tenant, args(metric, 8 * 86_400)).await)
            .iter()
            .sum::<u64>()
    };
    assert_eq!(whole("BytesDownloaded").await, figures.bytes_sent, "{bucket}");
    assert_eq!(whole("BytesUploaded").await, figures.bytes_uploaded, "{bucket}");
    assert_eq!(
        whole("HeadRequests").await,
        of_operations(figures, "REST.HEAD."),
        "{bucket}"
    );
    let with_status = |low: u16| {
        figures
            .by_status
            .range(low..low + 100)
            .map(|(_, count)| count)
            .sum::<u64>()
    };
    assert_eq!(whole("4xxErrors").await, with_status(400), "{bucket}");
    assert_eq!(whole("5xxErrors").await, with_status(500), "{bucket}");
    let panel =
        json!({"bucket": bucket, "from": at(*first), "to": at(last + 3600), "step": 86_400, "wait": true});
    let panel = ask::<Traffic>(tenant, panel).await;
    assert_eq!(panel["total"]["requests"], figures.requests, "{bucket}");
    assert_eq!(
        panel["unique_ips"],
        figures.by_ip.keys().filter(|ip| *ip != "-").count(),
        "{bucket}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_inventory_knows_comes_from_it() {
    let (kit, tenant) = photos().await;
    kit.store
        .handle()
        .begin_upload("photos", "movie.mov", 1_700_000_000, &[5 << 20, 100]);
    let bucket = "photos".parse().expect("a name");
    let inventory = tenant.inventories.open(&tenant.store, &bucket);
    let everything = Prefix::default();
    inventory.start(&everything).await.expect("a scan");
    let finished = inventory.finished(&everything, &Progress::default()).await;
    finished.expect("an inventory");
    let names = "IncompleteMultipartUploadObjectCount,IncompleteMPUStorageBytesOlderThan7Days,NonCurrentVersionObjectCount,\
                 DeleteMarkerObjectCount,TotalLifecycleRuleCount";
    expect_test::expect![[r#"
        IncompleteMultipartUploadObjectCount Average []: 1
        IncompleteMPUStorageBytesOlderThan7Days Average []: 5242980
        NonCurrentVersionObjectCount Average []: 0
        DeleteMarkerObjectCount Average []: 0
        TotalLifecycleRuleCount Average []: 0
    "#]]
    .assert_eq(&shown(
        &ask::<MetricsQuery>(&tenant, query(names, json!({}))).await,
    ));
}
