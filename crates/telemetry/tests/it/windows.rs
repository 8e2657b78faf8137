//! What counts, and for how long.

use std::sync::Arc;
use std::time::Duration;

use spacewatch_telemetry::{Config, Health, Layer, OTHER_BUCKETS, OperationType, S3Call};

use crate::Bench;

fn window(seconds: u64) -> Config {
    Config {
        window: Duration::from_secs(seconds),
        ..Config::default()
    }
}

#[test]
fn an_empty_recorder_answers_zeros() {
    let bench = Bench::new(Config::default());
    let metrics = bench.recorder.storage_metrics();
    let figures = [
        metrics.window_seconds,
        metrics.error_rate_percent,
        metrics.operations_per_second,
        metrics.bytes_per_second,
        metrics.avg_latency_ms,
        metrics.p99,
    ];
    assert_eq!(figures, [0.0; 6]);
    assert_eq!(bench.recorder.health(), Health::Healthy);
}

#[test]
fn rates_divide_by_the_time_that_passed() {
    let bench = Bench::new(Config::default());
    for _ in 0..60 {
        bench.record(|o| o.bytes_out = 100);
        bench.pass(1.0);
    }
    let metrics = bench.recorder.storage_metrics();
    assert_eq!(metrics.window_seconds, 60.0);
    assert_eq!(metrics.operations_per_second, 1.0);
    assert_eq!(metrics.bytes_per_second, 100.0);

    bench.pass(1000.5);
    (0..299).for_each(|_| bench.record(|_| {}));
    let metrics = bench.recorder.storage_metrics();
    assert_eq!(metrics.window_seconds, 299.5);
    assert_eq!(metrics.operations_per_second, 0.998331);
}

#[test]
fn a_first_moment_counts_as_a_second() {
    let bench = Bench::new(Config::default());
    bench.pass(0.001);
    bench.record(|_| {});
    assert_eq!(bench.recorder.storage_metrics().operations_per_second, 1.0);
}

#[test]
fn operations_leave_the_window() {
    let bench = Bench::new(window(300));
    bench.record(|_| {});
    let seen = |bench: &Bench| bench.recorder.storage_metrics().total_operations_5m;
    bench.pass(299.0);
    assert_eq!(seen(&bench), 1);
    bench.pass(1.0);
    assert_eq!(seen(&bench), 0);
    let trends = bench.recorder.operations_metrics(Layer::Api).trends;
    assert_eq!((trends.operations_last_1h, trends.operations_last_24h), (1, 1));
    bench.pass(3300.0);
    let trends = bench.recorder.operations_metrics(Layer::Api).trends;
    assert_eq!((trends.operations_last_1h, trends.operations_last_24h), (0, 1));
    bench.pass(86_400.0);
    let metrics = bench.recorder.operations_metrics(Layer::Api);
    assert_eq!(metrics.trends.operations_last_24h, 0);
    assert_eq!(metrics.total_operations_tracked, 1);
}

#[test]
fn layers_and_types_stand_apart() {
    let bench = Bench::new(Config::default());
    for &kind in OperationType::ALL {
        bench.record(|o| o.kind = kind.into());
    }
    for &call in S3Call::ALL {
        bench.record(|o| o.kind = call.into());
        bench.record(|o| o.kind = call.into());
    }
    let api = bench.recorder.storage_metrics();
    assert_eq!((api.total_operations_5m, api.operation_breakdown.len()), (7, 7));
    let s3 = bench.recorder.s3_metrics();
    assert_eq!(s3.total_operations_5m, 2 * S3Call::ALL.len() as u64);
    assert_eq!(s3.operation_breakdown["ListObjectsV2"].request_count, 2);
    assert_eq!(s3.layer, Layer::S3);
}

#[test]
fn errors_make_the_health() {
    let bench = Bench::new(Config::default());
    for status in [200, 206, 304, 301, 400, 404, 503, 0] {
        bench.record(|o| o.status = status);
    }
    let metrics = bench.recorder.storage_metrics();
    assert_eq!(
        (metrics.error_operations_5m, metrics.error_rate_percent),
        (4, 50.0)
    );
    assert_eq!(bench.recorder.health(), Health::Unhealthy);
    (0..72).for_each(|_| bench.record(|_| {}));
    assert_eq!(bench.recorder.health(), Health::Degraded);
    bench.record(|_| {});
    assert_eq!(bench.recorder.health(), Health::Healthy);
}

#[test]
fn the_same_answer_is_given_again_until_something_changes() {
    let bench = Bench::new(Config::default());
    bench.record(|_| {});
    let first = bench.recorder.storage_metrics();
    bench.record(|o| o.kind = OperationType::HealthCheck.into());
    bench.record(|o| o.kind = S3Call::GetObject.into());
    bench.pass(0.5);
    assert!(Arc::ptr_eq(&first, &bench.recorder.storage_metrics()));
    bench.record(|_| {});
    let second = bench.recorder.storage_metrics();
    assert_eq!(second.total_operations_5m, 2);
    bench.pass(0.5);
    let third = bench.recorder.storage_metrics();
    assert_eq!((third.total_operations_5m, third.window_seconds), (2, 1.0));
    assert!(!Arc::ptr_eq(&second, &third));
}

#[test]
fn buckets_beyond_the_cap_are_summed() {
    let bench = Bench::new(Config::default());
    for number in 0..2000 {
        bench.record(|o| {
            o.bucket = format!("bucket-{number:04}").parse().ok();
            o.bytes_out = 1;
        });
    }
    bench.record(|_| {});
    let buckets = bench.recorder.operations_metrics(Layer::Api).bucket_analytics;
    assert_eq!(buckets.len(), 501);
    assert_eq!(buckets["bucket-0499"].operation_count, 1);
    assert_eq!(buckets[OTHER_BUCKETS].operation_count, 1500);
    assert_eq!(buckets.values().map(|b| b.bytes_transferred).sum::<u64>(), 2000);

    // Names that went out of use make room.
    bench.pass(400.0);
    bench.record(|o| o.bucket = "bucket-1999".parse().ok());
    let buckets = bench.recorder.operations_metrics(Layer::Api).bucket_analytics;
    assert_eq!(buckets.keys().collect::<Vec<_>>(), ["bucket-1999"]);
}

#[test]
fn extremes_are_survived() {
    for seconds in [0, 1, u64::MAX] {
        let bench = Bench::new(Config {
            ring_capacity: 0,
            slow_operation: Duration::MAX,
            window: Duration::from_secs(seconds),
        });
        for _ in 0..3 {
            bench.record(|o| {
                o.duration = Duration::MAX;
                o.bytes_in = u64::MAX;
                o.bytes_out = u64::MAX;
                o.error = Some("é".repeat(5000));
            });
        }
        let metrics = bench.recorder.operations_metrics(Layer::Api);
        assert_eq!(metrics.current_5m.total_operations_5m, 3);
        assert_eq!(metrics.current_5m.total_bytes_transferred_5m, u64::MAX);
        assert!(metrics.current_5m.p99.is_finite());
        assert!(bench.recorder.operations(&Default::default()).is_empty());
    }
}
