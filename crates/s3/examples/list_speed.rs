//! How fast a whole listing is: an in-process store with 20 ms latency, listed in parallel.
//!
//! `cargo run --release -p spacewatch-s3 --example list_speed -- flat:100000 tree:1000x100`

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use spacewatch_demo::{DemoStore, Fault, Operation, SyntheticKeys};
use spacewatch_model::{Secret, SystemClock};
use spacewatch_s3::{Credentials, Endpoint, Order, Progress, Stores, StoresConfig};
use spacewatch_telemetry::{Config, Recorder};

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for shape in std::env::args().skip(1) {
        let synthetic: SyntheticKeys = shape.parse()?;
        let store = DemoStore::empty().with_synthetic("huge", synthetic);
        let running = store.start(([127, 0, 0, 1], 0).into()).await?;
        running.faults().add(Fault::latency(Duration::from_millis(20)));
        for _ in 0..3 {
            let clock = Arc::new(SystemClock::new());
            let recorder = Recorder::new(Config::default(), clock.clone());
            let stores = Stores::new(StoresConfig::default(), recorder, clock);
            let keys = Credentials::new("test-key".to_owned(), Secret::new("test-secret"))?;
            let opened = stores.open(
                keys,
                Endpoint::trusted(&running.endpoint().parse()?, "us-east-1".parse()?),
            );
            running.requests().reset();
            let started = Instant::now();
            let progress = Progress::default();
            let listing = opened.list_all("huge".parse()?, "".parse()?, Order::Any, progress.clone());
            let mut listing = std::pin::pin!(listing);
            while listing.try_next().await?.is_some() {}
            println!(
                "{shape}: {} keys in {:?}, {} requests, {} at a time",
                progress.objects(),
                started.elapsed(),
                running.requests().of(Operation::ListObjectsV2),
                running.requests().peak_in_flight(),
            );
        }
        running.shutdown().await;
    }
    Ok(())
}
