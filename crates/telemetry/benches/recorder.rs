//! What recording and reading cost, with a million operations recorded before.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use divan::Bencher;
use spacewatch_model::{BucketName, Clock, SystemClock};
use spacewatch_telemetry::{Config, Layer, Operation, OperationFilter, OperationType, Recorder, S3Call};

fn main() {
    divan::main();
}

/// Makes operations of several kinds, buckets, latencies and results.
struct Source {
    clock: Arc<SystemClock>,
    endpoint: Arc<str>,
    buckets: Vec<BucketName>,
    made: AtomicU64,
}

impl Source {
    fn next(&self) -> Operation {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let pick = usize::try_from(number).unwrap_or_default();
        Operation {
            finished_at: self.clock.now(),
            kind: OperationType::ALL[pick % 7].into(),
            method: "GET",
            endpoint: self.endpoint.clone(),
            bucket: Some(self.buckets[pick % self.buckets.len()].clone()),
            status: if number.is_multiple_of(50) { 503 } else { 200 },
            duration: Duration::from_nanos(1_000_000 + number.wrapping_mul(2_654_435_761) % 500_000_000),
            first_byte: None,
            bytes_in: 0,
            bytes_out: number % 4096,
            error: None,
            request_id: Some(self.endpoint.clone()),
        }
    }
}

fn filled(operations: usize) -> (Recorder, Source) {
    let clock = Arc::new(SystemClock::new());
    let recorder = Recorder::new(Config::default(), clock.clone());
    let source = Source {
        clock,
        endpoint: "/tools/list-all".into(),
        buckets: (0..20)
            .filter_map(|number| format!("bucket-{number}").parse().ok())
            .collect(),
        made: AtomicU64::new(0),
    };
    (0..operations).for_each(|_| recorder.record(source.next()));
    (recorder, source)
}

const MILLION: usize = 1_000_000;

/// One operation, made beforehand; 1, 2 and 8 writers at once.
#[divan::bench(threads = [1, 2, 8], sample_count = 2000, sample_size = 100)]
fn record(bencher: Bencher) {
    let (recorder, source) = filled(MILLION);
    bencher
        .with_inputs(|| source.next())
        .bench_values(|operation| recorder.record(operation));
}

/// The same while another thread reads without a pause.
#[divan::bench(sample_count = 2000, sample_size = 100)]
fn record_while_read(bencher: Bencher) {
    let (recorder, source) = filled(MILLION);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                black_box(recorder.operations_metrics(Layer::Api));
            }
        });
        bencher
            .with_inputs(|| source.next())
            .bench_values(|operation| recorder.record(operation));
        done.store(true, Ordering::Relaxed);
    });
}

/// What `/health` asks for, when nothing new was recorded.
#[divan::bench(threads = [1, 2], sample_count = 1000, sample_size = 100)]
fn storage_metrics_unchanged(bencher: Bencher) {
    let (recorder, _) = filled(MILLION);
    bencher.bench(|| recorder.storage_metrics());
}

/// The same after one new operation.
#[divan::bench(sample_count = 1000, sample_size = 1)]
fn storage_metrics_after_a_new_one(bencher: Bencher) {
    let (recorder, source) = filled(MILLION);
    bencher
        .with_inputs(|| recorder.record(source.next()))
        .bench_values(|()| recorder.storage_metrics());
}

/// 300 busy seconds summed from nothing: what one call in each second pays.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn metrics_of_300_busy_seconds(bencher: Bencher) {
    let clock = Arc::new(spacewatch_model::ManualClock::starting_at(
        spacewatch_model::Timestamp::UNIX_EPOCH,
    ));
    let recorder = Recorder::new(Config::default(), clock.clone());
    let (_, source) = filled(0);
    for _ in 0..300 {
        (0..2000).for_each(|_| recorder.record(source.next()));
        clock.advance(Duration::from_secs(1));
    }
    bencher.bench(|| recorder.metrics_over(Layer::Api, Duration::from_secs(300)));
}

/// A hundred rows out of a full log.
#[divan::bench(sample_count = 200, sample_size = 1)]
fn operations_of_one_bucket(bencher: Bencher) {
    let (recorder, source) = filled(MILLION);
    recorder.record(Operation {
        kind: S3Call::HeadObject.into(),
        ..source.next()
    });
    let filter = OperationFilter {
        bucket: source.buckets.first().cloned(),
        ..OperationFilter::default()
    };
    bencher.bench(|| recorder.operations(&filter));
}
