//! Snapshots taken, and series against figures counted one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use spacewatch_demo::{DemoStore, Effect, Fault, ObjectBody, Operation};
use spacewatch_insight::{
    AggregateSeries, SnapshotAll, SnapshotRecord, SnapshotSeries, SnapshotSources, TakeSnapshot, Tenant, Tool,
};
use spacewatch_model::{Clock, SystemClock, Timestamp};
use spacewatch_s3::PutMode;

use super::kit::Kit;

async fn ask<T: Tool>(tenant: &Tenant, args: Value) -> Value {
    let args = serde_json::from_value(args).expect("arguments");
    let answer = T::run(tenant, args).await.expect("an answer");
    serde_json::to_value(answer).expect("JSON")
}

fn tenant(kit: &Kit) -> Tenant {
    Tenant {
        metrics_bucket: Some("metrics".parse().expect("a name")),
        ..kit.tenant()
    }
}

fn with_log(tenant: Tenant) -> Tenant {
    Tenant {
        log_bucket: Some("logs".parse().expect("a name")),
        log_prefix: "access/".parse().expect("a prefix"),
        ..tenant
    }
}

fn store() -> DemoStore {
    DemoStore::empty()
        .with_object("photos", "a/1.jpg", "12345")
        .with_object("photos", "b/2.jpg", "1234567890")
        .with_object("videos", "c.mp4", "1")
        .with_bucket("logs")
        .with_bucket("metrics")
}

/// A log line of a request to `photos` or `videos`.
fn line(number: usize, time: Timestamp, bucket: &str, ip: u64, status: u16) -> String {
    let at = time.strftime("%d/%b/%Y:%H:%M:%S +0000");
    let method = ["GET", "PUT", "HEAD", "DELETE"][number % 4];
    format!(
        "owner {bucket} [{at}] 192.0.2.{ip} someone REQ{number:06} REST.{method}.OBJECT a/{number}.jpg \
         \"{method} /{bucket}/a/{number}.jpg HTTP/1.1\" {status} - {bytes} 1000 20 10 \"-\" \"agent\" - host SigV4 CIPHER \
         AuthHeader {bucket}.example TLSv1.2 - -\n",
        bytes = number * 10,
    )
}

async fn deliver(tenant: &Tenant, name: &str, text: &str) {
    let (bucket, key) = (
        "logs".parse().expect("a name"),
        format!("access/{name}").parse().expect("a key"),
    );
    let body = bytes_of(text);
    tenant
        .store
        .put_object(&bucket, &key, body, PutMode::Overwrite)
        .await
        .expect("delivered");
}

fn bytes_of(text: &str) -> bytes::Bytes {
    bytes::Bytes::copy_from_slice(text.as_bytes())
}

#[tokio::test]
async fn a_snapshot_counts_since_the_one_before() {
    let kit = Kit::start(store()).await;
    let tenant = with_log(tenant(&kit));
    let start = kit.clock.now();
    let ago = |minutes: i64| Timestamp::from_second(start.as_second() - minutes * 60).expect("a time");
    let log: String = (1..=4).map(|n| line(n, ago(10), "photos", 7, 200)).collect();
    deliver(&tenant, "1", &(log + &line(9, ago(60 * 30), "photos", 7, 200))).await;
    let args = json!({ "source_bucket": "photos", "wait": true });
    let first = ask::<TakeSnapshot>(&tenant, args.clone()).await;
    let record = &first["record"];
    assert_eq!(
        (record["source_objects"].as_u64(), record["source_bytes"].as_u64()),
        (Some(2), Some(15))
    );
    // The first one counts a day; what is older is not in it.
    assert_eq!(
        (record["requests_total"].as_u64(), record["requests_get"].as_u64()),
        (Some(4), Some(1))
    );
    assert_eq!(record["top_ips"], json!([{ "ip": "192.0.2.7", "count": 4 }]));
    assert_eq!(
        (&record["logs_bucket"], &record["logs_files"]),
        (&json!("logs"), &json!(1))
    );
    assert_eq!(
        (&record["requests_complete"], &record["legacy"]),
        (&json!(false), &json!(false))
    );
    kit.clock.advance(Duration::from_secs(300));
    let second = ask::<TakeSnapshot>(&tenant, args).await;
    assert_eq!(second["record"]["interval_start"], record["ts"]);
    assert_eq!(second["record"]["requests_total"], 0);
    assert_ne!(second["metrics_key"], first["metrics_key"]);
    let sources = ask::<SnapshotSources>(&tenant, json!({})).await;
    assert_eq!(sources["sources"], json!(["photos"]));
    assert_eq!(
        (&sources["details"][0]["first"], &sources["details"][0]["last"]),
        (&record["ts"], &second["record"]["ts"])
    );

    late_logs_count_where_they_belong(&kit, tenant, ago(5)).await;
}

#[tokio::test]
async fn a_fresh_inventory_spares_a_listing_and_the_record_says_so() {
    let kit = Kit::start(store()).await;
    let tenant = tenant(&kit);
    let args = json!({ "source_bucket": "photos" });
    let listed = ask::<TakeSnapshot>(&tenant, args.clone()).await;
    assert_eq!(listed["record"].get("source_as_of"), None);
    let run =
        ask::<spacewatch_insight::InventoryRun>(&tenant, json!({ "bucket": "photos", "wait": true })).await;
    assert_eq!(run["status"]["phase"], "idle", "{run}");
    let begun = kit.clock.now().to_string();
    kit.clock.advance(Duration::from_secs(200));
    kit.store.handle().put_sparse("photos", "new.bin", 1000, "x/y");
    let kept = ask::<TakeSnapshot>(&tenant, args.clone()).await;
    assert_eq!(
        (&kept["record"]["source_as_of"], &kept["record"]["source_bytes"]),
        (&json!(begun), &json!(15))
    );
    kit.clock.advance(Duration::from_secs(200));
    let later = ask::<TakeSnapshot>(&tenant, args).await;
    assert_eq!(
        (
            later["record"].get("source_as_of"),
            &later["record"]["source_bytes"]
        ),
        (None, &json!(1015))
    );
}

async fn late_logs_count_where_they_belong(kit: &Kit, tenant: Tenant, time: Timestamp) {
    deliver(&tenant, "2", &line(5, time, "photos", 8, 404)).await;
    let args = json!({ "source_bucket": "photos", "wait": true });
    ask::<spacewatch_insight::Ingest>(&tenant, json!({})).await;
    kit.clock.advance(Duration::from_secs(120));
    let series = ask::<SnapshotSeries>(&tenant, args).await;
    let requests: Vec<_> = series["points"]
        .as_array()
        .expect("points")
        .iter()
        .map(|point| &point["requests_total"])
        .collect();
    assert_eq!(requests, [&json!(5), &json!(0)]);
    assert_eq!(series["points"][0]["status_4xx"], 1);
    assert_eq!(series["points"][0]["requests_from"], "log");
    // Without the log it is what was known then.
    let then = ask::<SnapshotSeries>(
        &Tenant {
            log_bucket: None,
            ..tenant
        },
        json!({ "source_bucket": "photos" }),
    )
    .await;
    assert_eq!(
        (
            &then["points"][0]["requests_total"],
            &then["points"][0]["requests_from"]
        ),
        (&json!(4), &json!("snapshot"))
    );
}

#[tokio::test]
async fn every_bucket_at_once_however_many_ask() {
    let kit = Kit::start(store()).await;
    let tenant = with_log(tenant(&kit));
    let asked = join_all((0..5).map(|_| ask::<SnapshotAll>(&tenant, json!({})))).await;
    let taken = &asked[0];
    assert_eq!(
        (&taken["snapshots_created"], &taken["snapshots_failed"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(taken["skipped"], json!(["logs", "metrics"]));
    let buckets: Vec<_> = taken["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|one| &one["bucket"])
        .collect();
    assert_eq!(buckets, ["photos", "videos"]);
    assert_eq!(asked.iter().filter(|answer| answer["reused"] == false).count(), 1);
    assert_eq!(kit.store.handle().keys("metrics").len(), 1);
    kit.clock.advance(Duration::from_secs(59));
    assert_eq!(
        ask::<SnapshotAll>(&tenant, json!({})).await["taken_at"],
        taken["taken_at"]
    );
    kit.clock.advance(Duration::from_secs(1));
    kit.store.faults().add(
        Fault::new(Effect::GarbageXml)
            .on(Operation::ListObjectsV2)
            .in_bucket("videos"),
    );
    let again = ask::<SnapshotAll>(&tenant, json!({})).await;
    assert_eq!(
        (
            &again["reused"],
            &again["snapshots_created"],
            &again["snapshots_failed"]
        ),
        (&json!(false), &json!(1), &json!(1))
    );
    assert_eq!(
        (&again["errors"][0]["bucket"], &again["errors"][0]["status"]),
        (&json!("videos"), &json!("error"))
    );
    assert_eq!(kit.store.handle().keys("metrics").len(), 2);
}

#[tokio::test]
async fn without_a_place_for_them_there_are_none() {
    let kit = Kit::start(store()).await;
    let args = serde_json::from_value(json!({ "source_bucket": "photos" })).expect("arguments");
    let error = TakeSnapshot::run(&kit.tenant(), args)
        .await
        .expect_err("no place");
    assert_eq!(error.code.as_str(), "MissingBucket");
}

/// Numbers by chance, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn seconds(&mut self, end: i64) -> i64 {
        i64::try_from(self.below(u64::try_from(end).expect("a number"))).expect("a number")
    }
}

/// A request, as it stands in the log.
struct Request {
    time: i64,
    bucket: &'static str,
    ip: u64,
    status: u16,
    number: usize,
}

/// Snapshots at random times and requests at random times, some of them at the very same moment.
fn generated(seed: u64, now: i64) -> (Vec<(i64, &'static str, u64)>, Vec<Request>) {
    let mut dice = Dice(seed);
    let span = 40 * 3600;
    let begin = now - 44 * 3600;
    let mut snapshots = Vec::new();
    for _ in 0..60 {
        let bucket = ["photos", "videos", "docs-old"][usize::try_from(dice.below(3)).expect("a number")];
        snapshots.push((begin + dice.seconds(span), bucket, dice.below(1_000_000)));
    }
    snapshots.sort_unstable();
    let requests = (0..400).map(|number| Request {
        time: match dice.below(8) {
            0 => snapshots[usize::try_from(dice.below(60)).expect("a number")].0,
            _ => begin + dice.seconds(span),
        },
        bucket: ["photos", "videos", "others"][usize::try_from(dice.below(3)).expect("a number")],
        ip: dice.below(20),
        status: [200, 206, 304, 404, 503][usize::try_from(dice.below(5)).expect("a number")],
        number,
    });
    let requests = requests.collect();
    (snapshots, requests)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

/// A store that holds them: each snapshot an object of a run.
fn holding(snapshots: &[(i64, &'static str, u64)], requests: &[Request]) -> DemoStore {
    let mut store = store();
    for (number, (second, bucket, bytes)) in snapshots.iter().enumerate() {
        let mut record = SnapshotRecord::new(
            at(*second),
            bucket.parse().expect("a name"),
            "".parse().expect("a prefix"),
        );
        record.source_bytes = *bytes;
        record.requests_total = 7;
        let text = serde_json::to_string(&record).expect("JSON");
        let folder = at(*second).strftime("spacewatch-metrics/dt=%Y-%m-%d/hour=%H");
        let key = format!("{folder}/snapshot-x-{number}.jsonl");
        store = store.with_object("metrics", &key, ObjectBody::Bytes(bytes_of(&text)));
    }
    let log: String = requests
        .iter()
        .map(|request| {
            line(
                request.number,
                at(request.time),
                request.bucket,
                request.ip,
                request.status,
            )
        })
        .collect();
    store.with_object("logs", "access/all", log.as_str())
}

#[tokio::test]
async fn series_equal_brute_force() {
    for seed in [1, 2, 3] {
        let now = SystemClock::new().now().as_second();
        let (snapshots, requests) = generated(seed, now);
        let kit = Kit::start(holding(&snapshots, &requests)).await;
        let tenant = with_log(tenant(&kit));
        for limit in [1000, 7] {
            let args = json!({ "source_bucket": "photos", "hours": 168, "limit": limit, "wait": true });
            let series = ask::<SnapshotSeries>(&tenant, args).await;
            let points = series["points"].as_array().expect("points");
            let own: Vec<_> = snapshots.iter().filter(|one| one.1 == "photos").collect();
            assert_eq!(points.len(), own.len().min(limit));
            assert_eq!(
                points.last().map(|point| &point["source_bytes"]),
                own.last().map(|one| json!(one.2)).as_ref()
            );
            let mut start: Option<i64> = None;
            for point in points {
                let end = second_of(&point["ts"]);
                let inside: Vec<_> = requests
                    .iter()
                    .filter(|request| request.bucket == "photos" && request.time < end)
                    .filter(|request| start.is_none_or(|start| request.time >= start))
                    .collect();
                assert_eq!(
                    point["requests_total"],
                    inside.len(),
                    "seed {seed}, at {}",
                    point["ts"]
                );
                let ips: BTreeSet<_> = inside.iter().map(|request| request.ip).collect();
                assert_eq!(point["unique_ips"], ips.len());
                let bytes: usize = inside.iter().map(|request| request.number * 10).sum();
                assert_eq!(point["bytes_sent"], bytes);
                let failed = inside.iter().filter(|request| request.status == 503).count();
                assert_eq!(
                    (&point["status_5xx"], &point["requests_complete"]),
                    (&json!(failed), &json!(true))
                );
                start = Some(end);
            }
        }
        check_aggregate(&tenant, &snapshots, &requests).await;
    }
}

fn second_of(time: &Value) -> i64 {
    time.as_str()
        .expect("a text")
        .parse::<Timestamp>()
        .expect("a time")
        .as_second()
}

async fn check_aggregate(tenant: &Tenant, snapshots: &[(i64, &'static str, u64)], requests: &[Request]) {
    let step = 3600;
    let args = json!({ "hours": 48, "step": step, "wait": true });
    let answer = ask::<AggregateSeries>(tenant, args).await;
    assert_eq!(
        (&answer["step_seconds"], &answer["sources_count"]),
        (&json!(step), &json!(3))
    );
    let mut last_in: BTreeMap<i64, BTreeMap<&str, u64>> = BTreeMap::new();
    for (second, bucket, bytes) in snapshots {
        last_in
            .entry(second - second.rem_euclid(step))
            .or_default()
            .insert(bucket, *bytes);
    }
    let points = answer["points"].as_array().expect("points");
    let steps: Vec<_> = points.iter().map(|point| second_of(&point["ts"])).collect();
    assert_eq!(
        steps,
        last_in.keys().copied().collect::<Vec<_>>(),
        "gaps are gaps"
    );
    let mut known: BTreeMap<&str, u64> = BTreeMap::new();
    let mut counted = 0;
    for (start, point) in steps.iter().zip(points) {
        known.extend(last_in[start].iter().map(|(bucket, bytes)| (*bucket, *bytes)));
        assert_eq!(point["sources_in"], last_in[start].len());
        // Where none has gone for good, everything known so far is in the sum.
        if point["sources_held"].as_u64() == Some((known.len() - last_in[start].len()) as u64) {
            assert_eq!(point["source_bytes"], known.values().sum::<u64>());
        }
        let inside = requests
            .iter()
            .filter(|request| request.bucket != "others" && (*start..start + step).contains(&request.time));
        let inside = inside.count();
        assert_eq!(point["requests_total"], inside);
        counted += inside;
    }
    let all = requests
        .iter()
        .filter(|request| request.bucket != "others")
        .count();
    assert_eq!(answer["requests_in_gaps"], all - counted);
}
