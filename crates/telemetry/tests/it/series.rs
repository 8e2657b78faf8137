//! The last ten minutes, step by step.

use proptest::prelude::*;
use spacewatch_telemetry::{Config, Layer};

use crate::Bench;

#[test]
fn steps_begin_with_the_clock_and_the_start() {
    let bench = Bench::new(Config::default());
    bench.pass(12.0);
    bench.record(|_| {});
    bench.record(|o| o.status = 404);
    bench.pass(13.0);
    let series = bench.recorder.series(Layer::Api);
    let begins: Vec<_> = series.timestamps.iter().map(ToString::to_string).collect();
    assert_eq!(
        begins,
        [
            "2024-01-15T10:30:00Z",
            "2024-01-15T10:30:10Z",
            "2024-01-15T10:30:20Z"
        ]
    );
    assert_eq!(series.operations, [0, 2, 0]);
    assert_eq!(series.operations_per_second, [0.0, 0.2, 0.0]);
    assert_eq!(series.error_rate_percent, [0.0, 50.0, 0.0]);
    assert_eq!(series.latency_p95_ms, [0.0, 10.0, 0.0]);
    assert_eq!(bench.recorder.series(Layer::S3).operations, [0, 0, 0]);
}

#[test]
fn the_running_step_divides_by_the_time_that_passed_of_it() {
    let bench = Bench::new(Config::default());
    bench.pass(22.0);
    (0..8).for_each(|_| bench.record(|_| {}));
    bench.pass(2.0);
    let series = bench.recorder.series(Layer::Api);
    assert_eq!(series.operations_per_second.last(), Some(&2.0));
}

proptest! {
    #[test]
    fn every_operation_of_the_last_ten_minutes_is_in_its_step(
        waits in prop::collection::vec(0.0_f64..40.0, 1..60),
    ) {
        let bench = Bench::new(Config::default());
        let (mut now, mut ends) = (0.0_f64, Vec::new());
        for wait in waits {
            bench.pass(wait);
            now = bench.seconds();
            bench.record(|_| {});
            ends.push(now);
        }
        let series = bench.recorder.series(Layer::Api);
        let running = step(now);
        let first = running.saturating_sub(59);
        let expected: Vec<u64> = (first..=running)
            .map(|at| ends.iter().filter(|end| step(**end) == at).count() as u64)
            .collect();
        prop_assert_eq!(series.operations, expected);
        prop_assert_eq!(series.timestamps.len(), series.latency_p99_ms.len());
    }
}

/// The step that a second since the start lies in.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers above zero"
)]
fn step(second: f64) -> u64 {
    (second / 10.0) as u64
}
