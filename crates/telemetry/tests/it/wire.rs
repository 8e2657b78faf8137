//! The answers as JSON.

use std::time::Duration;

use expect_test::expect;
use serde::Serialize;
use spacewatch_telemetry::{
    Config, Counters, Layer, OperationFilter, OperationRow, OperationType, StorageMetrics,
};
use utoipa::PartialSchema;

use crate::Bench;

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

fn filled() -> Bench {
    let bench = Bench::new(Config::default());
    bench.record(|o| {
        o.bucket = "my-bucket".parse().ok();
        o.duration = Duration::from_micros(45_230);
        o.first_byte = Some(Duration::from_micros(1_500));
        o.bytes_out = 2048;
        o.request_id = Some("req-1".into());
    });
    bench.record(|o| {
        o.kind = OperationType::AiQuery.into();
        o.method = "POST";
        o.endpoint = "/chat".into();
        o.status = 502;
        o.duration = Duration::from_secs(2);
        o.error = Some("the model didn't answer".to_owned());
    });
    bench.pass(60.0);
    bench
}

#[test]
fn operations_metrics() {
    expect![[r#"
        {
          "timestamp": "2024-01-15T10:31:00Z",
          "layer": "api",
          "current_5m": {
            "layer": "api",
            "window_seconds": 60.0,
            "total_operations_5m": 2,
            "error_operations_5m": 1,
            "error_rate_percent": 50.0,
            "operations_per_second": 0.033333,
            "total_bytes_transferred_5m": 2048,
            "bytes_per_second": 34.133333,
            "latency_p50_ms": 45.23,
            "latency_p95_ms": 2000.0,
            "latency_p99_ms": 2000.0,
            "p50": 45.23,
            "p95": 2000.0,
            "p99": 2000.0,
            "avg_latency_ms": 1022.615,
            "operation_breakdown": {
              "AI_QUERY": {
                "request_count": 1,
                "error_count": 1,
                "error_rate_percent": 100.0,
                "bytes_transferred": 0,
                "avg_latency_ms": 2000.0,
                "p50": 2000.0,
                "p95": 2000.0,
                "p99": 2000.0
              },
              "LIST_OBJECTS": {
                "request_count": 1,
                "error_count": 0,
                "error_rate_percent": 0.0,
                "bytes_transferred": 2048,
                "avg_latency_ms": 45.23,
                "p50": 45.23,
                "p95": 45.23,
                "p99": 45.23
              }
            },
            "timestamp": "2024-01-15T10:31:00Z"
          },
          "trends": {
            "operations_last_1h": 2,
            "operations_last_24h": 2
          },
          "bucket_analytics": {
            "my-bucket": {
              "operation_count": 1,
              "error_count": 0,
              "error_rate": 0.0,
              "bytes_transferred": 2048,
              "avg_latency_ms": 45.23
            }
          },
          "total_operations_tracked": 2
        }"#]]
    .assert_eq(&json(&filled().recorder.operations_metrics(Layer::Api)));
}

#[test]
fn operation_rows() {
    let rows: Vec<_> = filled()
        .recorder
        .operations(&OperationFilter::default())
        .into_iter()
        .map(OperationRow::from)
        .collect();
    expect![[r#"
        [
          {
            "timestamp": "2024-01-15T10:30:00Z",
            "layer": "api",
            "operation_type": "AI_QUERY",
            "method": "POST",
            "endpoint": "/chat",
            "bucket": null,
            "status_code": 502,
            "duration_ms": 2000.0,
            "bytes_transferred": 0,
            "success": false,
            "error": "the model didn't answer"
          },
          {
            "timestamp": "2024-01-15T10:30:00Z",
            "layer": "api",
            "operation_type": "LIST_OBJECTS",
            "method": "GET",
            "endpoint": "/tools/list-all",
            "bucket": "my-bucket",
            "status_code": 200,
            "duration_ms": 45.23,
            "first_byte_ms": 1.5,
            "bytes_transferred": 2048,
            "success": true,
            "request_id": "req-1"
          }
        ]"#]]
    .assert_eq(&json(&rows));
}

#[test]
fn counters() {
    let counters = Counters::default();
    counters.chat_requests.increment();
    counters.scheduler_snapshots_ok.add(3);
    expect![[r#"
        {
          "chat_requests": 1,
          "tool_requests": 0,
          "agent_calls": 0,
          "agent_failures": 0,
          "bucket_cache_refreshes": 0,
          "scheduler_runs": 0,
          "scheduler_snapshots_ok": 3,
          "scheduler_snapshots_err": 0
        }"#]]
    .assert_eq(&json(&counters.snapshot()));
}

#[test]
fn the_schema_knows_every_field() {
    let schema = serde_json::to_value(StorageMetrics::schema()).unwrap();
    let described: Vec<_> = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let metrics = serde_json::to_value(&*filled().recorder.storage_metrics()).unwrap();
    let mut sent: Vec<_> = metrics.as_object().unwrap().keys().cloned().collect();
    let mut described = described;
    described.sort();
    sent.sort();
    assert_eq!(sent, described);
}
