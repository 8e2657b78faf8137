//! Harbor Analytics: events by the hour, data sets, models.

use super::{DAY, GIB, KIB, LogNames, MIB, Maker, expiry, logging_to};
use crate::world::{CannedAcl, Grant};

const SETS: [&str; 5] = [
    "clickstream",
    "port-traffic",
    "weather",
    "prices",
    "ais-positions",
];
const MODELS: [&str; 4] = ["eta-forecast", "demand", "anomaly", "ranking"];
const PEOPLE: [&str; 6] = ["amara", "bjorn", "chen", "dolores", "emeka", "françoise"];

pub(super) fn fill(maker: Maker) -> Maker {
    let mut maker = maker.tenant(
        "Harbor Analytics",
        "HARBORDEMOKEY0000001",
        "harbor-demo-secret-for-spacewatch-000001",
    );
    events(&mut maker);
    datasets(&mut maker);
    models(&mut maker);
    notebooks(&mut maker);
    maker.bucket("harbor-logs", 500);
    maker.bucket("harbor-metrics", 60);
    maker.store = maker
        .store
        .with_encryption("raw-events")
        // Shared with a university once, and never closed again.
        .with_acl("notebooks", CannedAcl::PublicRead);
    maker.store = maker.store.with_limited_key(
        "HARBORPARTNERREAD001",
        "harbor-partner-read-secret-for-demo-0001",
        &[("ml-datasets", Grant::Read)],
    );
    maker
}

fn events(maker: &mut Maker) {
    let bucket = "raw-events";
    maker.bucket(bucket, 530);
    for hour in 0..(24 * 70) {
        let modified = maker.now - hour * 3600 - 180;
        let (year, month, day) = maker.date(modified);
        let of_day = modified.rem_euclid(DAY) / 3600;
        let size = maker.dice.size(38.0 * MIB, 0.5);
        let part = maker.dice.next_u64() >> 40;
        let key = format!("events/dt={year}-{month:02}-{day:02}/hour={of_day:02}/part-{part:06x}.json.gz");
        maker.object(bucket, &key, size, modified);
    }
    let settings = &mut maker.store.bucket(bucket).settings;
    settings.logging = Some(logging_to("harbor-logs", "access/", LogNames::ByDelivery));
    settings.lifecycle = Some(expiry("ninety-days", "events/", 90));
}

fn datasets(maker: &mut Maker) {
    // The bucket without a lifecycle: it grows, and nobody looks.
    let bucket = "ml-datasets";
    maker.bucket(bucket, 690);
    for set in SETS {
        for version in 1..=3 {
            let modified = maker.moment(680);
            for part in 0..48 {
                let size = maker.dice.size(310.0 * MIB, 0.4);
                let key = format!("{set}/v{version}/part-{part:05}.parquet");
                maker.object(bucket, &key, size, modified + part * 11);
            }
            maker.object(bucket, &format!("{set}/v{version}/_SUCCESS"), 0, modified + 600);
            maker.object(bucket, &format!("{set}/v{version}/schema.json"), 4_812, modified);
        }
    }
    for year in 0..2 {
        let size = maker.dice.size(44.0 * GIB, 0.1);
        maker.object(
            bucket,
            &format!("archive/all-{year}.tar"),
            size,
            maker.now - (year * 365 + 30) * DAY,
        );
    }
    maker.open_upload(bucket, "archive/all-2.tar", 212, 61);
    let settings = &mut maker.store.bucket(bucket).settings;
    settings.logging = Some(logging_to("harbor-logs", "access/ml-datasets/", LogNames::Simple));
    settings.gzip_logs = true;
}

fn models(maker: &mut Maker) {
    let bucket = "model-registry";
    maker.bucket(bucket, 480);
    for model in MODELS {
        for run in 1_u64..=45 {
            let modified = maker.moment(470);
            let size = maker.dice.size(180.0 * MIB, 0.9);
            let folder = format!("{model}/run-{run:03}");
            maker.object(bucket, &format!("{folder}/model.bin"), size, modified);
            maker.object(
                bucket,
                &format!("{folder}/metrics.json"),
                1_100 + run,
                modified + 3,
            );
            maker.object(bucket, &format!("{folder}/params.json"), 640, modified + 3);
        }
    }
    maker.store.bucket(bucket).settings.lifecycle = Some(expiry("scratch", "scratch/", 14));
}

fn notebooks(maker: &mut Maker) {
    let bucket = "notebooks";
    maker.bucket(bucket, 610);
    for number in 0..140 {
        let modified = maker.moment(600);
        let (who, what) = (maker.dice.word(&PEOPLE), maker.dice.word(&SETS));
        let size = maker.dice.size(210.0 * KIB, 1.1);
        maker.object(
            bucket,
            &format!("{who}/{what} study {number}.ipynb"),
            size,
            modified,
        );
    }
}
