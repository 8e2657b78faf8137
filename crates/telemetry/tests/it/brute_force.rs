//! Any operations at any times, against a reckoning over all of them.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use spacewatch_model::Clock;
use spacewatch_telemetry::{Config, Layer, Operation, OperationFilter, OperationType, StorageMetrics};

use crate::Bench;

#[derive(Debug, Clone)]
struct Step {
    pause: Duration,
    kind: OperationType,
    bucket: Option<u8>,
    status: u16,
    micros: u64,
    bytes: u64,
}

fn step() -> impl Strategy<Value = Step> {
    (
        prop_oneof![
            10 => Just(0),
            10 => 0..900_u64,
            10 => 0..20_000_u64,
            2 => 0..400_000_u64,
            1 => 0..40_000_000_u64,
        ],
        prop::sample::select(OperationType::ALL),
        prop::option::of(0..3_u8),
        prop::sample::select(vec![200_u16, 204, 304, 400, 404, 503, 0]),
        prop_oneof![0..3000_u64, 0..10_000_000_u64],
        0..1_000_000_u64,
    )
        .prop_map(|(pause, kind, bucket, status, micros, bytes)| Step {
            pause: Duration::from_millis(pause),
            kind,
            bucket,
            status,
            micros,
            bytes,
        })
}

/// What was recorded, and at which second since the epoch.
type History = Vec<(u64, Operation)>;

/// The operations in the whole slots of the window and the running one.
fn in_window(history: &History, now: u64, window: u64) -> Vec<&Operation> {
    let step = if window > 600 { 60 } else { 1 };
    let slots = window.div_ceil(step);
    history
        .iter()
        .filter(|(second, _)| second / step + slots > now / step)
        .map(|(_, operation)| operation)
        .collect()
}

fn nearest_rank(operations: &[&Operation], percent: usize) -> f64 {
    let mut latencies: Vec<_> = operations.iter().map(|o| o.duration).collect();
    latencies.sort_unstable();
    let rank = (latencies.len() * percent).div_ceil(100).max(1);
    latencies
        .get(rank - 1)
        .map_or(0.0, |found| found.as_secs_f64() * 1000.0)
}

fn is_close(found: f64, exact: f64) -> bool {
    (found - exact).abs() <= exact * 0.01 + 1e-6
}

fn check_figures(found: &StorageMetrics, expected: &[&Operation]) -> Result<(), TestCaseError> {
    let errors = |operations: &[&Operation]| operations.iter().filter(|o| !o.success()).count() as u64;
    prop_assert_eq!(found.total_operations_5m, expected.len() as u64);
    prop_assert_eq!(found.error_operations_5m, errors(expected));
    let bytes: u64 = expected.iter().map(|o| o.bytes_transferred()).sum();
    prop_assert_eq!(found.total_bytes_transferred_5m, bytes);
    for (percent, value) in [(50, found.p50), (95, found.p95), (99, found.p99)] {
        let exact = nearest_rank(expected, percent);
        prop_assert!(
            is_close(value, exact),
            "p{} is {}, found {}",
            percent,
            exact,
            value
        );
    }
    let nanos: u128 = expected.iter().map(|o| o.duration.as_nanos()).sum();
    let average = nanos as f64 / expected.len().max(1) as f64 / 1e6;
    prop_assert!((found.avg_latency_ms - average).abs() < 1e-5);

    let mut by_type: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in expected {
        by_type
            .entry(operation.kind.as_str())
            .or_default()
            .push(operation);
    }
    prop_assert_eq!(
        found.operation_breakdown.keys().collect::<Vec<_>>(),
        by_type.keys().collect::<Vec<_>>()
    );
    for (name, expected) in by_type {
        let found = &found.operation_breakdown[name];
        prop_assert_eq!(found.request_count, expected.len() as u64);
        prop_assert_eq!(found.error_count, errors(&expected));
        prop_assert!(is_close(found.p95, nearest_rank(&expected, 95)));
    }
    Ok(())
}

fn check_all(bench: &Bench, history: &History) -> Result<(), TestCaseError> {
    let now = u64::try_from(bench.clock.now().as_second()).unwrap();
    let window = bench.recorder.config().window.as_secs();
    let expected = in_window(history, now, window);
    check_figures(&bench.recorder.storage_metrics(), &expected)?;

    let answer = bench.recorder.operations_metrics(Layer::Api);
    check_figures(&answer.current_5m, &expected)?;
    prop_assert_eq!(answer.total_operations_tracked, history.len() as u64);
    let last = |span| history.iter().filter(|(second, _)| second + span > now).count() as u64;
    prop_assert_eq!(answer.trends.operations_last_1h, last(3600));
    prop_assert_eq!(answer.trends.operations_last_24h, last(86_400));
    let mut buckets: BTreeMap<String, u64> = BTreeMap::new();
    for bucket in expected.iter().filter_map(|o| o.bucket.as_ref()) {
        *buckets.entry(bucket.to_string()).or_default() += 1;
    }
    let found: BTreeMap<_, _> = answer
        .bucket_analytics
        .into_iter()
        .map(|(name, stats)| (name, stats.operation_count))
        .collect();
    prop_assert_eq!(found, buckets);

    for window in [1, 7, 600, 601, 7200, 86_400] {
        let found = bench
            .recorder
            .metrics_over(Layer::Api, Duration::from_secs(window));
        check_figures(&found, &in_window(history, now, window))?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_plain_reckoning(
        steps in prop::collection::vec(step(), 1..200),
        window in prop::sample::select(vec![1_u64, 10, 300, 600, 1800]),
        look_every in 1..40_usize,
    ) {
        let bench = Bench::new(Config {
            ring_capacity: 50,
            window: Duration::from_secs(window),
            ..Config::default()
        });
        let mut history = History::new();
        for (number, step) in steps.iter().enumerate() {
            bench.clock.advance(step.pause);
            let operation = Operation {
                bucket: step.bucket.map(|bucket| format!("bucket-{bucket}").parse().unwrap()),
                status: step.status,
                duration: Duration::from_micros(step.micros),
                bytes_out: step.bytes,
                ..bench.operation(step.kind)
            };
            bench.recorder.record(operation.clone());
            if step.kind.is_storage() {
                history.push((u64::try_from(bench.clock.now().as_second()).unwrap(), operation));
            }
            if number % look_every == 0 {
                check_all(&bench, &history)?;
            }
        }
        check_all(&bench, &history)?;
        let log = bench.recorder.operations(&OperationFilter { limit: 1000, ..OperationFilter::default() });
        let expected: Vec<_> = history.iter().rev().take(50).map(|(_, o)| o.clone()).collect();
        prop_assert_eq!(log, expected);
    }
}
