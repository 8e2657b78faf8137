//! How long thirty days of a series take: five-minute snapshots of twenty buckets, first cold, then from memory.
//!
//! `cargo run --release -p spacewatch-snapshots --example thirty_days [DAYS]` writes them into a store of its own over HTTP,
//! rolls them up, and prints what each step took. With 365 days the store holds a year.
#![expect(clippy::expect_used, reason = "an example that can't go on shall panic")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use spacewatch_demo::DemoStore;
use spacewatch_model::{Clock, ManualClock, Secret, SystemClock, TimeRange, Timestamp};
use spacewatch_s3::{Credentials, Endpoint, Store, Stores, StoresConfig};
use spacewatch_snapshots::{Place, SnapshotRecord, Snapshots, SnapshotsConfig, Source, Wanted};
use spacewatch_telemetry::{Config, Recorder};

const BUCKETS: u64 = 20;
const DAY: i64 = 86_400;
const EVERY: i64 = 300;

#[tokio::main]
async fn main() {
    let days: i64 = std::env::args()
        .nth(1)
        .map_or(30, |days| days.parse().expect("a number of days"));
    let running = DemoStore::empty()
        .with_bucket("metrics")
        .start(([127, 0, 0, 1], 0).into())
        .await
        .expect("a free port");
    let store = open(&running.endpoint());
    let begin: Timestamp = "2025-11-01T00:00:00Z".parse().expect("a time");
    let clock = Arc::new(ManualClock::starting_at(begin));
    let snapshots = Snapshots::new(SnapshotsConfig::default(), clock.clone());
    let place = Place {
        bucket: "metrics".parse().expect("a name"),
        prefix: None,
    };

    let span = Span { begin, days };
    fill(&snapshots, (&store, &place), &span, &clock).await;
    let sizes = running.handle().sizes("metrics");
    let bytes: u64 = sizes.iter().map(|(_, bytes)| bytes).sum();
    println!("{} objects, {} KiB", sizes.len(), bytes / 1024);

    // Another process: nothing is in memory yet.
    let fresh = Snapshots::new(SnapshotsConfig::default(), clock.clone());
    measure(&fresh, (&store, &place), &span).await;
    running.shutdown().await;
}

struct Span {
    begin: Timestamp,
    days: i64,
}

async fn fill(snapshots: &Snapshots, (store, place): (&Store, &Place), span: &Span, clock: &ManualClock) {
    let (mut writing, mut rolling) = (Duration::ZERO, Duration::ZERO);
    for day in 0..span.days {
        let started = Instant::now();
        let runs = (0..DAY / EVERY).map(|run| {
            let at =
                Timestamp::from_second(span.begin.as_second() + day * DAY + run * EVERY).expect("a time");
            write(snapshots, store, place, at)
        });
        stream::iter(runs).buffer_unordered(16).collect::<Vec<()>>().await;
        writing += started.elapsed();
        let until = span.begin.as_second() + (day + 1) * DAY + 7200;
        let passed = until - clock.now().as_second();
        clock.advance(Duration::from_secs(passed.unsigned_abs()));
        let started = Instant::now();
        snapshots.roll_up(store, place).await.expect("rolled up");
        rolling += started.elapsed();
    }
    let records = span.days * DAY / EVERY * 20;
    println!("{records} records: written in {writing:.1?}, rolled up in {rolling:.1?}");
}

async fn measure(fresh: &Snapshots, (store, place): (&Store, &Place), span: &Span) {
    let end = span.begin.as_second() + span.days * DAY;
    let wanted = Wanted {
        period: TimeRange {
            from: Timestamp::from_second(end - 30 * DAY).ok(),
            to: Timestamp::from_second(end).ok(),
        },
        source: Some(Source {
            bucket: "bucket-07".parse().expect("a name"),
            prefix: "".parse().expect("a prefix"),
        }),
        top_ips: true,
    };
    for round in ["cold", "warm", "warm", "warm"] {
        let started = Instant::now();
        let history = fresh.read(store, place, &wanted).await.expect("a series");
        println!(
            "{round}: {} records of one bucket in {:.1?}",
            history.records.len(),
            started.elapsed()
        );
    }
    for round in ["cold", "warm"] {
        let wanted = Wanted {
            source: None,
            top_ips: false,
            period: TimeRange {
                from: Timestamp::from_second(end - 8 * DAY).ok(),
                ..wanted.period
            },
        };
        let started = Instant::now();
        let history = fresh.read(store, place, &wanted).await.expect("a series");
        println!(
            "{round}: {} records of all buckets of 8 days in {:.1?}",
            history.records.len(),
            started.elapsed()
        );
    }
}

async fn write(snapshots: &Snapshots, store: &Store, place: &Place, at: Timestamp) {
    let records: Vec<_> = (0..BUCKETS)
        .map(|bucket| {
            let name = format!("bucket-{bucket:02}").parse().expect("a name");
            let mut record = SnapshotRecord::new(at, name, "".parse().expect("a prefix"));
            let noise = at
                .as_second()
                .unsigned_abs()
                .wrapping_mul(6_364_136_223_846_793_005 + bucket);
            record.source_bytes = noise >> 20;
            record.source_objects = noise >> 44;
            record.requests_total = noise >> 50;
            record.bytes_sent = noise >> 30;
            record
        })
        .collect();
    snapshots
        .write(store, place, at, &records)
        .await
        .expect("written");
}

fn open(endpoint: &str) -> Store {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let recorder = Recorder::new(Config::default(), Arc::clone(&clock));
    let config = StoresConfig {
        rate_per_second: 1_000_000,
        ..StoresConfig::default()
    };
    let credentials = Credentials::new("test-key".to_owned(), Secret::new("test-secret")).expect("keys");
    let url = endpoint.parse().expect("a URL");
    let endpoint = Endpoint::trusted(&url, "nyc3".parse().expect("a region"));
    Stores::new(config, recorder, clock).open(credentials, endpoint)
}
