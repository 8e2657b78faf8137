//! Many writers and readers at once: nothing is lost, nothing is counted twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use spacewatch_model::SystemClock;
use spacewatch_telemetry::{Config, Layer, OperationFilter, OperationType, Recorder, S3Call};

use crate::Bench;

const WRITERS: u64 = 8;
const EACH: u64 = 5_000;

fn write(bench: &Bench, writer: u64) {
    for number in 0..EACH {
        bench.record(|o| {
            o.bucket = format!("bucket-{writer}").parse().ok();
            o.status = if number % 10 == 0 { 500 } else { 200 };
            o.bytes_out = number;
        });
        bench.record(|o| o.kind = S3Call::GetObject.into());
        if number % 500 == 0 {
            bench.clock.advance(Duration::from_millis(100));
        }
    }
}

/// Reads until the writers are done: totals never fall, and each answer agrees with itself.
fn read(bench: &Bench, done: &AtomicBool) {
    let mut seen = 0;
    while !done.load(Ordering::Acquire) {
        let answer = bench.recorder.operations_metrics(Layer::Api);
        let by_bucket: u64 = answer.bucket_analytics.values().map(|b| b.operation_count).sum();
        assert_eq!(by_bucket, answer.total_operations_tracked);
        assert_eq!(
            answer.current_5m.total_operations_5m,
            answer.total_operations_tracked
        );
        assert!(answer.total_operations_tracked >= seen);
        seen = answer.total_operations_tracked;
        bench.recorder.storage_metrics();
        bench.recorder.operations(&OperationFilter::default());
    }
}

#[test]
fn nothing_is_lost() {
    let bench = Bench::new(Config::default());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2).map(|_| scope.spawn(|| read(&bench, &done))).collect();
        let bench = &bench;
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| scope.spawn(move || write(bench, writer)))
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        done.store(true, Ordering::Release);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });

    let total = WRITERS * EACH;
    let metrics = bench.recorder.storage_metrics();
    assert_eq!(metrics.total_operations_5m, total);
    assert_eq!(metrics.error_operations_5m, total / 10);
    assert_eq!(
        metrics.total_bytes_transferred_5m,
        WRITERS * (0..EACH).sum::<u64>()
    );
    assert_eq!(bench.recorder.s3_metrics().total_operations_5m, total);
    let answer = bench.recorder.operations_metrics(Layer::Api);
    assert_eq!(answer.trends.operations_last_24h, total);
    assert!(
        answer
            .bucket_analytics
            .values()
            .all(|b| b.operation_count == EACH)
    );
}

#[test]
fn each_writer_s_operations_stay_in_order() {
    let bench = Bench::new(Config {
        ring_capacity: 1000,
        ..Config::default()
    });
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let bench = &bench;
            scope.spawn(move || {
                for number in 0..EACH {
                    bench.record(|o| {
                        o.bytes_in = writer;
                        o.bytes_out = number;
                    });
                }
            });
        }
    });
    let log = bench.recorder.operations(&OperationFilter {
        limit: usize::MAX,
        ..OperationFilter::default()
    });
    assert_eq!(log.len(), 1000);
    for writer in 0..WRITERS {
        let numbers: Vec<_> = log
            .iter()
            .filter(|o| o.bytes_in == writer)
            .map(|o| o.bytes_out)
            .collect();
        let newest_first: Vec<_> = (EACH - numbers.len() as u64..EACH).rev().collect();
        assert_eq!(numbers, newest_first);
    }
}

#[test]
fn what_was_recorded_is_seen_at_once() {
    let recorder = Recorder::new(Config::default(), Arc::new(SystemClock::new()));
    let bench = Bench::new(Config::default());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let before = recorder.storage_metrics().total_operations_5m;
                    recorder.record(bench.operation(OperationType::QueryLogs));
                    assert!(recorder.storage_metrics().total_operations_5m > before);
                }
            });
        }
    });
    assert_eq!(recorder.storage_metrics().total_operations_5m, 2000);
}
