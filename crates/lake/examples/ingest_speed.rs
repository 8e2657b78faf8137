//! How fast logs become a lake: log objects of a directory, served by an in-process store, read into tables on disk.
//!
//! `cargo run --release -p spacewatch-lake --example ingest_speed -- DIRECTORY`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use spacewatch_demo::DemoStore;
use spacewatch_lake::{Lakes, LakesConfig, LogSource, Patience};
use spacewatch_model::{Secret, SystemClock, TimeRange};
use spacewatch_s3::{Credentials, Endpoint, Progress, Stores, StoresConfig};
use spacewatch_telemetry::{Config, Recorder};

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::args_os().nth(1).map(PathBuf::from);
    let directory = directory.ok_or("name a directory of log objects")?;
    let running = DemoStore::empty()
        .with_files("logs", &directory)?
        .start(([127, 0, 0, 1], 0).into())
        .await?;
    let clock = Arc::new(SystemClock::new());
    let recorder = Recorder::new(Config::default(), clock.clone());
    let store = Stores::new(StoresConfig::default(), recorder, clock.clone()).open(
        Credentials::new("test-key".to_owned(), Secret::new("test-secret"))?,
        Endpoint::trusted(&running.endpoint().parse()?, "us-east-1".parse()?),
    );
    let data = tempfile::tempdir()?;
    let config = LakesConfig {
        directory: data.path().to_owned(),
        place: spacewatch_lake::LakePlace::Disk,
        max_bytes: u64::MAX,
        retention: None,
    };
    let lakes = Lakes::new(config, clock);
    let source = LogSource {
        bucket: "logs".parse()?,
        prefix: "".parse()?,
    };
    let lake = lakes.open(&store, source).await?;
    println!("before: {}", memory());
    let started = Instant::now();
    lake.freshen(TimeRange::ALWAYS, Patience::Complete, &Progress::default())
        .await?;
    let seconds = started.elapsed().as_secs_f64();
    let status = lake.ingest_status();
    println!(
        "{} objects, {} bytes, {} lines, {} records, {} duplicates, {} rejected in {seconds:.2} s: {:.0} lines/s",
        status.objects_read,
        status.bytes_read,
        status.lines,
        status.records,
        status.duplicates,
        status.rejected,
        f64::from(u32::try_from(status.lines)?) / seconds,
    );
    println!("after: {}", memory());
    if let Some(error) = status.last_error {
        println!("last error: {error}");
    }
    lakes.close().await;
    println!(
        "tidied up after {:.2} s: {}",
        started.elapsed().as_secs_f64(),
        memory()
    );
    running.shutdown().await;
    Ok(())
}

/// What this process took of memory at most, where the system tells.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM:"));
    peak.map_or_else(
        || "peak memory unknown".to_owned(),
        |peak| peak.split_whitespace().collect::<Vec<_>>().join(" "),
    )
}
