//! What SpaceWatch tells of its own operations.

use expect_test::{Expect, expect};
use serde_json::json;

use crate::kit::{Kit, kit};

#[tokio::test]
async fn health_has_the_fields_of_the_contract() {
    let kit = kit().await;
    let health = kit.get("/health").send().await;
    assert_eq!(health.header("x-operation-type"), "HEALTH_CHECK");
    let health = health.json();
    for field in [
        "ok",
        "status",
        "uptime_seconds",
        "spaces_endpoint",
        "spaces_region",
        "api_key_protection",
        "bucket_cache_credentials_count",
        "fallback_buckets_enabled",
        "agent",
        "scheduler",
        "storage_metrics",
        "s3_metrics",
    ] {
        assert!(!health[field].is_null(), "{field}");
    }
    assert_eq!(
        health["agent"],
        json!({ "max_steps": 8, "max_tool_bytes": 250_000 })
    );
    assert_eq!(health["scheduler"], json!({ "enabled": false, "every_sec": 300 }));
    assert_eq!(health["status"], "healthy");
    for field in [
        "total_operations_5m",
        "error_operations_5m",
        "error_rate_percent",
        "operations_per_second",
        "total_bytes_transferred_5m",
        "bytes_per_second",
        "latency_p50_ms",
        "latency_p95_ms",
        "latency_p99_ms",
        "avg_latency_ms",
        "operation_breakdown",
        "timestamp",
        "p50",
        "p95",
        "p99",
    ] {
        assert!(!health["storage_metrics"][field].is_null(), "{field}");
    }
    assert_eq!(
        kit.get("/livez").send().await.json(),
        json!({ "status": "alive" })
    );
    assert_eq!(
        kit.get("/readyz").send().await.json(),
        json!({ "status": "ready" })
    );
}

#[tokio::test]
async fn the_series_shows_the_last_ten_minutes_to_everybody() {
    let kit = kit().await;
    kit.tool("/tools/list-all?bucket=photos").send().await;
    let series = kit.get("/health/series").send().await;
    assert_eq!(series.header("x-operation-type"), "HEALTH_CHECK");
    let series = series.json();
    assert_eq!(
        (&series["layer"], &series["step_seconds"], &series["operations"]),
        (&json!("api"), &json!(10), &json!([1]))
    );
    let calls = kit.get("/health/series?layer=s3").send().await.json();
    assert_eq!(calls["operations"], json!([1]));
    assert_eq!(kit.get("/health/series?layer=disk").send().await.status, 422);
}

#[tokio::test]
async fn operations_are_counted_as_they_end() {
    let kit = kit().await;
    let listed = kit.tool("/tools/list-all?bucket=photos").send().await;
    kit.tool("/tools/list-all?bucket=no-such-bucket").send().await;
    kit.get("/").send().await;
    let health = kit.get("/health").send().await.json();
    let storage = &health["storage_metrics"];
    assert_eq!(
        (&storage["total_operations_5m"], &storage["error_operations_5m"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(storage["operation_breakdown"]["LIST_OBJECTS"]["request_count"], 2);
    assert_eq!(health["status"], "unhealthy");

    let log = kit
        .get("/logs/operations")
        .header("x-request-id", "asking")
        .send()
        .await
        .json();
    assert_eq!(log["count"], 2);
    let first = &log["logs"][1];
    assert_eq!(first["operation_type"], "LIST_OBJECTS");
    assert_eq!(first["endpoint"], "/tools/list-all");
    assert_eq!(first["bucket"], "photos");
    assert_eq!(first["status_code"], 200);
    assert_eq!(first["bytes_transferred"], listed.body.len());
    assert_eq!(first["request_id"], listed.header("x-request-id"));
    assert_eq!(log["logs"][0]["status_code"], 404);
    assert_eq!(log["logs"][0]["success"], false);

    let metrics = kit.get("/metrics/operations").send().await.json();
    for field in [
        "timestamp",
        "current_5m",
        "trends",
        "bucket_analytics",
        "total_operations_tracked",
        "s3_metrics",
    ] {
        assert!(!metrics[field].is_null(), "{field}");
    }
    assert_eq!(metrics["bucket_analytics"]["photos"]["operation_count"], 1);
    let calls = kit
        .get("/logs/operations?layer=s3&operation_type=ListObjectsV2")
        .send()
        .await
        .json();
    assert!(calls["count"].as_u64().expect("a count") >= 1, "{calls}");
    let stats = kit.get("/stats").send().await;
    assert_eq!(stats.header("x-operation-type"), "STATS");
    assert_eq!(stats.json()["tool_requests"], 2);
    assert!(!stats.json()["storage_metrics"].is_null());
}

#[tokio::test]
async fn the_log_has_all_its_filters() {
    let kit = kit().await;
    kit.tool("/tools/list-all?bucket=photos").send().await;
    kit.tool("/tools/storage-summary?bucket=nothing").send().await;
    let count = async |query: &str| kit.get(&format!("/logs/operations?{query}")).send().await.json();
    assert_eq!(count("operation_type=LIST_OBJECTS").await["count"], 1);
    assert_eq!(
        count("operation_type=list_objects&bucket=photos").await["count"],
        1
    );
    assert_eq!(
        count("bucket=nothing").await["logs"][0]["operation_type"],
        "ANALYZE_STORAGE"
    );
    assert_eq!(count("min_duration_ms=3600000").await["count"], 0);
    assert_eq!(count("min_duration_ms=0.001&bucket=photos").await["count"], 1);
    let limited = count("limit=1").await;
    assert_eq!(
        (&limited["count"], &limited["filters"]["limit"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(count("limit=999999").await["filters"]["limit"], 1000);
    assert_eq!(count("limit=-1").await["filters"]["limit"], 1);
    assert_eq!(
        count("bucket=&operation_type=&layer=").await["filters"]["layer"],
        "api"
    );
    assert!(count("layer=s3").await["count"].as_u64().expect("a count") >= 2);
}

async fn check(kit: &Kit, query: &str, expected: Expect) {
    expected.assert_eq(
        &kit.get(&format!("/logs/operations?{query}"))
            .send()
            .await
            .problem(),
    );
}

#[tokio::test]
async fn wrong_filters_are_told_by_name() {
    let kit = kit().await;
    check(&kit, "operation_type=LIST_NOTHING", expect!["422 InvalidParameter: `operation_type` is not one of `LIST_BUCKETS` `LIST_OBJECTS` `ANALYZE_STORAGE` `QUERY_METRICS` `QUERY_LOGS` `AI_QUERY` `GENERATE_PLOT` `CONFIG_PAGE` `PAGE_LOAD` `STATIC_ASSET` `HEALTH_CHECK` `STATS` `UNKNOWN`"]).await;
    check(&kit, "operation_type=a%0ab", expect!["422 InvalidParameter: `operation_type` is not one of `LIST_BUCKETS` `LIST_OBJECTS` `ANALYZE_STORAGE` `QUERY_METRICS` `QUERY_LOGS` `AI_QUERY` `GENERATE_PLOT` `CONFIG_PAGE` `PAGE_LOAD` `STATIC_ASSET` `HEALTH_CHECK` `STATS` `UNKNOWN`"]).await;
    check(
        &kit,
        "bucket=..",
        expect!["422 InvalidParameter: `bucket` is shorter than 3 characters"],
    )
    .await;
    check(
        &kit,
        "limit=many",
        expect![[r#"422 InvalidParameter: `limit` is string "many", expected a whole number"#]],
    )
    .await;
    check(
        &kit,
        "min_duration_ms=soon",
        expect![[r#"422 InvalidParameter: `min_duration_ms` is string "soon", expected a number"#]],
    )
    .await;
    check(
        &kit,
        "min_duration_ms=-1",
        expect!["422 InvalidParameter: `min_duration_ms` must be a number of milliseconds from 0"],
    )
    .await;
    check(
        &kit,
        "min_duration_ms=NaN",
        expect!["422 InvalidParameter: `min_duration_ms` must be a number of milliseconds from 0"],
    )
    .await;
    check(
        &kit,
        "min_duration_ms=1e400",
        expect!["422 InvalidParameter: `min_duration_ms` must be a number of milliseconds from 0"],
    )
    .await;
    check(
        &kit,
        "layer=lower",
        expect!["422 InvalidParameter: `layer` is not one of `api` `s3`"],
    )
    .await;
}
