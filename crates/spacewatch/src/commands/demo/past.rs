//! Snapshots as they would have been taken, so that a demo that was started just now has a history to show.

use jiff::Timestamp;
use spacewatch_demo::{DemoTenant, RunningStore};
use spacewatch_model::{BucketName, Prefix};
use spacewatch_s3::{Credentials, Endpoint, Store};
use spacewatch_snapshots::{Place, SnapshotRecord, Snapshots, SnapshotsConfig};

use super::bucket_ending;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::wiring;

/// How far the history goes back.
const DAYS: i64 = 60;

/// Writes an hourly history for every tenant that has a bucket for it. What is told of a moment is what the store's objects of that
/// time sum up to; requests are told by the access logs, as far back as those go.
pub(in crate::commands) async fn write(
    store: &RunningStore,
    parts: &wiring::Parts,
    endpoint: &Endpoint,
) -> Result<(), Failure> {
    let failed = |error: &dyn std::error::Error| {
        Failure::new(Exit::Failed, "can't write the demo's history").caused_by(error)
    };
    for tenant in store.tenants() {
        let Some(metrics) = bucket_ending(&tenant.buckets, "-metrics") else {
            continue;
        };
        let credentials = Credentials::new(tenant.access_key_id.clone(), tenant.secret_access_key.clone())
            .map_err(|error| failed(&error))?;
        let client = parts.stores.open(credentials, endpoint.clone());
        let bucket = metrics.parse().map_err(|error| failed(&error))?;
        let place = Place { bucket, prefix: None };
        of_tenant(store, (tenant, &client), &place, parts).await?;
    }
    Ok(())
}

async fn of_tenant(
    store: &RunningStore,
    (tenant, client): (&DemoTenant, &Store),
    place: &Place,
    parts: &wiring::Parts,
) -> Result<(), Failure> {
    let snapshots = Snapshots::new(SnapshotsConfig::default(), parts.clock.clone());
    let now = parts.clock.now();
    let mut records = records(store, tenant, now);
    records.sort_by_key(|record| record.ts);
    // One object a day, as roll-ups would have left it.
    for day in records.chunk_by(|a, b| day(a) == day(b)) {
        let Some(last) = day.last() else { continue };
        snapshots
            .write(client, place, last.ts, day)
            .await
            .map_err(|error| {
                Failure::new(Exit::Failed, "can't write the demo's history").caused_by(&error)
            })?;
    }
    Ok(())
}

fn day(record: &SnapshotRecord) -> i64 {
    record.ts.as_second().div_euclid(86_400)
}

fn records(store: &RunningStore, tenant: &DemoTenant, now: Timestamp) -> Vec<SnapshotRecord> {
    let newest = now.as_second().div_euclid(3600);
    let moments: Vec<Timestamp> = (newest - DAYS * 24..=newest)
        .filter_map(|hour| Timestamp::from_second(hour * 3600).ok())
        .collect();
    let sources = tenant
        .buckets
        .iter()
        .filter(|bucket| !bucket.ends_with("-logs") && !bucket.ends_with("-metrics"));
    sources
        .filter_map(|bucket| Some((bucket, bucket.parse::<BucketName>().ok()?)))
        .flat_map(|(bucket, name)| {
            let then = store.handle().stored_at(bucket, &moments);
            moments.iter().copied().zip(then).filter_map(move |(ts, then)| {
                let then = then?;
                let mut record = SnapshotRecord::new(ts, name.clone(), Prefix::default());
                (record.source_objects, record.source_bytes) = (then.objects, then.bytes);
                Some(record)
            })
        })
        .collect()
}
