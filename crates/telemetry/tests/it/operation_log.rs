//! Single operations and their filters.

use std::time::Duration;

use expect_test::{Expect, expect};
use spacewatch_telemetry::{Config, Layer, OperationFilter, OperationType, S3Call};

use crate::Bench;

/// Ten operations of layer `api`, numbered by their bytes, and one S3 call.
fn filled(ring_capacity: usize) -> Bench {
    let bench = Bench::new(Config {
        ring_capacity,
        ..Config::default()
    });
    for number in 0..10_u64 {
        bench.record(|o| {
            o.bytes_out = number;
            o.duration = Duration::from_millis(100 * number);
            o.bucket = if number % 2 == 0 {
                "even-bucket"
            } else {
                "odd-bucket"
            }
            .parse()
            .ok();
            if number % 3 == 0 {
                o.kind = OperationType::QueryLogs.into();
            }
        });
        bench.record(|o| o.kind = OperationType::HealthCheck.into());
        bench.pass(0.1);
    }
    bench.record(|o| {
        o.kind = S3Call::HeadObject.into();
        o.bytes_out = 99;
    });
    bench
}

fn check(change: impl FnOnce(&mut OperationFilter), expected: Expect) {
    let mut filter = OperationFilter::default();
    change(&mut filter);
    let found: Vec<_> = filled(8)
        .recorder
        .operations(&filter)
        .iter()
        .map(|o| o.bytes_out)
        .collect();
    expected.assert_eq(&format!("{found:?}"));
}

#[test]
fn newest_first() {
    check(|_| {}, expect!["[9, 8, 7, 6, 5, 4, 3, 2]"]);
    check(|f| f.limit = 3, expect!["[9, 8, 7]"]);
    check(|f| f.limit = 0, expect!["[]"]);
}

#[test]
fn filters() {
    check(
        |f| f.kind = Some(OperationType::QueryLogs.into()),
        expect!["[9, 6, 3]"],
    );
    check(|f| f.bucket = "even-bucket".parse().ok(), expect!["[8, 6, 4, 2]"]);
    check(
        |f| f.min_duration = Some(Duration::from_millis(700)),
        expect!["[9, 8, 7]"],
    );
    check(
        |f| {
            f.kind = Some(OperationType::ListObjects.into());
            f.bucket = "odd-bucket".parse().ok();
            f.min_duration = Some(Duration::from_millis(600));
            f.limit = 1;
        },
        expect!["[7]"],
    );
    check(|f| f.bucket = "no-such-bucket".parse().ok(), expect!["[]"]);
}

#[test]
fn layers_have_logs_of_their_own() {
    check(|f| f.layer = Layer::S3, expect!["[99]"]);
    check(|f| f.kind = Some(S3Call::HeadObject.into()), expect!["[]"]);
    check(
        |f| f.kind = Some(OperationType::HealthCheck.into()),
        expect!["[]"],
    );
}

#[test]
fn an_operation_that_ended_later_is_newer() {
    let bench = Bench::new(Config::default());
    bench.record(|o| {
        o.finished_at = "2024-01-15T10:30:00.002Z".parse().unwrap();
        o.bytes_out = 2;
    });
    bench.record(|o| {
        o.finished_at = "2024-01-15T10:30:00.001Z".parse().unwrap();
        o.bytes_out = 1;
    });
    let found = bench.recorder.operations(&OperationFilter::default());
    assert_eq!(found.iter().map(|o| o.bytes_out).collect::<Vec<_>>(), [2, 1]);
}
