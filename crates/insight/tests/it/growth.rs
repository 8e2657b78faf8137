//! Where buckets are heading: what is told of the past against what was put there, and what made it change.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::ToSpan;
use serde_json::json;
use spacewatch_demo::DemoStore;
use spacewatch_insight::{
    DEFAULT_METRICS_PREFIX, GrownBy, Growth, GrowthExplainedBy, GrowthOutput, ReachOutcome, SnapshotRecord,
    Tenant, Tool, ToolError, TurnKind,
};
use spacewatch_model::{Clock, ErrorCode, ManualClock, Prefix, SystemClock, Timestamp};
use spacewatch_s3::{Progress, StoresConfig};

use crate::kit::Kit;

const DAY: i64 = 86_400;
const GIB: u64 = 1 << 30;

struct Stage {
    kit: Kit,
    clock: Arc<ManualClock>,
    midnight: i64,
}

impl Stage {
    async fn start() -> Self {
        let clock = Arc::new(ManualClock::starting_at(SystemClock::new().now()));
        let store = DemoStore::empty()
            .with_bucket("photos")
            .with_bucket("logs")
            .with_bucket("metrics")
            .with_clock(clock.clone());
        // The log of a day is complete two hours after it: this is the last midnight before which all of it is.
        let settled = clock.now().as_second() - 2 * 3600;
        Self {
            kit: Kit::start_at(store, StoresConfig::default(), clock.clone()).await,
            midnight: settled.div_euclid(DAY) * DAY,
            clock,
        }
    }

    fn tenant(&self) -> Tenant {
        Tenant {
            metrics_bucket: Some("metrics".parse().expect("a name")),
            ..self.kit.tenant()
        }
    }

    fn with_log(&self) -> Tenant {
        Tenant {
            log_bucket: Some("logs".parse().expect("a name")),
            log_prefix: "access/".parse().expect("a prefix"),
            ..self.tenant()
        }
    }

    /// So many seconds before that midnight.
    fn ago(&self, seconds: i64) -> Timestamp {
        Timestamp::from_second(self.midnight - seconds).expect("a time")
    }

    /// Seconds since that midnight, of the newest snapshot that there is at a moment.
    fn looked(&self, moment: i64) -> i64 {
        (moment - self.midnight).div_euclid(6 * 3600).min(0) * 6 * 3600
    }

    /// Snapshots every six hours of so many days before that midnight: what was stored when `level` says so. Put there without a request, which
    /// the store would refuse at a time that is not the machine's.
    fn snapshots(&self, bucket: &str, days: i64, level: impl Fn(i64) -> u64) {
        let records = (0..=days * 4).map(|back| {
            let seconds = (days * 4 - back) * 6 * 3600;
            let name = bucket.parse().expect("a name");
            let mut record = SnapshotRecord::new(self.ago(seconds), name, Prefix::default());
            record.source_bytes = level(-seconds);
            record.source_objects = level(-seconds) / GIB;
            record
        });
        for (number, record) in records.enumerate() {
            let key = format!(
                "{DEFAULT_METRICS_PREFIX}{}/snapshot-{}-{number:04}{:04}.jsonl",
                record.ts.strftime("dt=%Y-%m-%d/hour=%H"),
                record.ts.strftime("%Y%m%dT%H%M%SZ"),
                bucket.len()
            );
            let line = serde_json::to_string(&record).expect("JSON") + "\n";
            assert!(
                self.kit
                    .store
                    .handle()
                    .put_bytes("metrics", &key, Bytes::from(line))
            );
        }
    }
}

async fn try_ask(tenant: &Tenant, args: serde_json::Value) -> Result<GrowthOutput, ToolError> {
    Growth::run(tenant, serde_json::from_value(args).expect("arguments")).await
}

async fn ask(tenant: &Tenant, args: serde_json::Value) -> GrowthOutput {
    try_ask(tenant, args).await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_goes_on() {
    let stage = Stage::start().await;
    // Two GiB a day, 100 GiB at midnight.
    let line = |seconds: i64| (100 * GIB).saturating_add_signed(seconds * 2 * GIB.cast_signed() / DAY);
    stage.snapshots("photos", 45, line);
    let found = ask(
        &stage.tenant(),
        json!({"bucket": "photos", "reach": "130GiB", "days": 20}),
    )
    .await;
    assert_eq!(found.step_seconds, 86_400);
    let known: Vec<_> = found
        .history
        .iter()
        .filter(|point| point.value.is_some())
        .collect();
    assert_eq!(known.len(), 45);
    for point in &known {
        // The last snapshot of a day is that of six in the evening.
        let evening = point.ts.as_second() + 18 * 3600 - stage.midnight;
        assert_eq!(point.value, Some(line(evening)), "{}", point.ts);
    }
    let grown = &found.buckets[0];
    assert_eq!((grown.bucket.as_str(), grown.now), ("photos", Some(100 * GIB)));
    for (over, days) in grown.grown.iter().zip([1, 7, 30]) {
        let before = line(stage.looked(stage.clock.now().as_second() - days * DAY));
        assert_eq!(
            (i64::from(over.days), over.before, over.after),
            (days, before, 100 * GIB)
        );
        assert_eq!(over.change, (100 * GIB - before).cast_signed());
    }
    let forecast = found.forecast.expect("a forecast");
    assert_eq!(forecast.points.len(), 20);
    for point in &forecast.points {
        let truth = line(point.ts.as_second() + 18 * 3600 - stage.midnight);
        assert!(point.value.abs_diff(truth) < GIB, "{point:?}, {truth}");
        assert!(point.lower <= point.value && point.value <= point.upper);
    }
    let reach = found.reaches.expect("a day");
    assert_eq!(reach.outcome, ReachOutcome::Expected);
    let likely = reach.likely.expect("a day");
    assert!(
        (likely.as_second() - stage.ago(-15 * DAY).as_second()).abs() <= DAY,
        "{likely}"
    );
    assert!(reach.earliest.expect("a day") <= likely);
    assert!(
        found.allowance.is_none() && found.changes.is_empty(),
        "{:?}",
        found.changes
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_buckets_use_the_allowance_up_together() {
    let stage = Stage::start().await;
    let line = |seconds: i64| (120 * GIB).saturating_add_signed(seconds * GIB.cast_signed() / DAY);
    stage.snapshots("photos", 40, line);
    stage.snapshots("videos", 20, line);
    let found = ask(&stage.tenant(), json!({"reach": "200GiB"})).await;
    let known: Vec<u64> = found.history.iter().filter_map(|point| point.value).collect();
    assert_eq!(known.last(), Some(&(2 * line(-6 * 3600))));
    assert!(found.notes[0].contains("videos"), "{:?}", found.notes);
    assert_eq!(found.reaches.expect("a day").outcome, ReachOutcome::Reached);
    let allowance = found.allowance.expect("an allowance");
    assert_eq!(
        (allowance.bytes, allowance.used_bytes),
        (250 * GIB, 2 * line(-6 * 3600))
    );
    assert_eq!(allowance.ends.outcome, ReachOutcome::Expected);
    // Before videos was looked at it counts with its first figure, which is no growth.
    let day = |back: usize| known[known.len() - back];
    assert!(day(21) - day(22) <= GIB && day(5) - day(6) == 2 * GIB);
    assert!(
        found.changes.iter().any(|change| change.kind == TurnKind::Pace),
        "{:?}",
        found.changes
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_past_tells_nothing() {
    let stage = Stage::start().await;
    stage.snapshots("photos", 1, |_| GIB);
    let found = ask(&stage.tenant(), json!({"bucket": "photos", "reach": 1})).await;
    assert!(found.forecast.is_none() && found.reaches.is_none());
    let why = found.no_forecast.expect("why");
    assert!(
        why.contains("too short") && why.contains("14 days or 48 hours"),
        "{why}"
    );
    let nothing = ask(&stage.tenant(), json!({"bucket": "logs"})).await;
    assert!(nothing.no_forecast.is_some() && nothing.buckets.is_empty());
    let error = try_ask(&stage.kit.tenant(), json!({}))
        .await
        .expect_err("no metrics bucket");
    assert_eq!(error.code, ErrorCode::MissingBucket);
    let error = try_ask(&stage.tenant(), json!({"metric": "requests"})).await;
    assert_eq!(error.expect_err("no log").code, ErrorCode::MissingBucket);
}

/// Requests of three weeks: 20 a day from one client, and since ten days ago 30 more from another one that reads another folder. When they
/// were, in seconds before midnight, and their lines.
fn log(stage: &Stage) -> (Vec<i64>, String) {
    let mut asked = Vec::new();
    let mut lines = String::new();
    let mut ask = |seconds: i64, client: &str, key: &str| {
        asked.push(seconds);
        let (time, number) = (
            stage.ago(seconds).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            asked.len(),
        );
        lines.push_str(&format!(
            "owner photos [{time}] 192.0.2.{} {client} REQ{number:06} REST.GET.OBJECT {key} \"GET /photos/{key} HTTP/1.1\" 200 - 1000 \
             1000 20 10 \"-\" \"agent\" - host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -\n",
            client.len()
        ));
    };
    for day in 0..21 {
        let evening = day * DAY + 3600;
        (0..20 + day % 3).for_each(|request| ask(evening + request * 1800, "reader", "web/logo.png"));
        if day < 10 {
            (0..30).for_each(|request| ask(evening + request * 600, "crawler", "raw/scan.tif"));
        }
    }
    (asked, lines)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_goes_on_and_its_change_is_explained() {
    let stage = Stage::start().await;
    let handle = stage.kit.store.handle();
    let (asked, lines) = log(&stage);
    assert!(handle.put_bytes("logs", "access/1", Bytes::from(lines)));
    let found = ask(
        &stage.with_log(),
        json!({"bucket": "photos", "metric": "requests", "wait": true}),
    )
    .await;
    let known: Vec<_> = found.history.iter().filter_map(|point| point.value).collect();
    // The first day with records is not known from its beginning.
    assert_eq!(known.len(), 20, "{known:?}");
    assert_eq!(&known[18..], [51, 50]);
    assert_eq!(known.iter().sum::<u64>(), 20 * 20 + 20 + 10 * 30 - known_rest());
    assert_eq!(found.changes.len(), 1, "{:?}", found.changes);
    let change = &found.changes[0];
    assert_eq!((change.kind, change.at), (TurnKind::Pace, stage.ago(10 * DAY)));
    assert_eq!((change.before_per_day, change.after_per_day), (21, 51));
    let makes = |dimension: &str| {
        let by = change.explained_by.iter().find(|by| by.dimension == dimension);
        by.map(|by| (by.value.as_str(), by.counted, by.after_per_day))
    };
    let requests = GrowthExplainedBy::Requests;
    assert_eq!(makes("prefix"), Some(("raw/", requests, 30)));
    assert_eq!(makes("requester"), Some(("crawler", requests, 30)));
    assert_eq!(makes("address"), Some(("192.0.2.7", requests, 30)));
    assert!(found.forecast.is_some(), "{:?}", found.no_forecast);
    let since = |days: i64| {
        let begin = stage
            .clock
            .now()
            .checked_sub((days * 24).hours())
            .expect("a time");
        asked
            .iter()
            .filter(|seconds| stage.ago(**seconds) >= begin)
            .count() as u64
    };
    let week = &found.buckets[0].grown[1];
    assert_eq!(
        (week.days, week.after, week.before),
        (7, since(7), since(14) - since(7))
    );
    let sent = ask(&stage.with_log(), json!({"metric": "bytes_sent", "wait": true})).await;
    let allowance = sent.allowance.expect("an allowance");
    assert_eq!(allowance.bytes, 1024 * GIB);
    assert_eq!(allowance.ends.outcome, ReachOutcome::NotWithin);
    let month = stage.clock.now().strftime("%Y-%m").to_string();
    let this_month = sent
        .history
        .iter()
        .filter(|point| point.ts.to_string().starts_with(&month));
    assert_eq!(
        allowance.used_bytes,
        this_month.filter_map(|point| point.value).sum::<u64>()
    );
}

/// What the pattern 20, 21, 22 of twenty days lacks to 21 on average.
fn known_rest() -> u64 {
    let extra: u64 = (0..20_u64).map(|day| day % 3).sum();
    20 - extra
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_changes_its_way_by_whom_who_uploads_more() {
    let stage = Stage::start().await;
    // A GiB a day, and since ten days ago five.
    let level = |seconds: i64| {
        let early = (seconds + 10 * DAY).min(0) * GIB.cast_signed() / DAY;
        let late = (seconds + 10 * DAY).max(0) * 5 * GIB.cast_signed() / DAY;
        (100 * GIB).saturating_add_signed(early + late)
    };
    stage.snapshots("photos", 40, level);
    let upload = |day: i64, client: &str, key: &str, size: u64| {
        let time = stage.ago(day * DAY + 7200).strftime("%d/%b/%Y:%H:%M:%S +0000");
        format!(
            "owner photos [{time}] 192.0.2.{} {client} REQ{day:03}{client} REST.PUT.OBJECT {key} \"PUT /photos/{key} HTTP/1.1\" 200 - - \
             {size} 20 10 \"-\" \"agent\" - host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -\n",
            client.len()
        )
    };
    let mut lines: String = (0..20).map(|day| upload(day, "usual", "web/page", GIB)).collect();
    lines.extend((0..10).map(|day| upload(day, "importer", "raw/scan", 4 * GIB)));
    let handle = stage.kit.store.handle();
    assert!(handle.put_bytes("logs", "access/1", Bytes::from(lines)));
    let found = ask(&stage.with_log(), json!({"bucket": "photos", "wait": true})).await;
    assert_eq!(found.changes.len(), 1, "{:?}", found.changes);
    let change = &found.changes[0];
    assert_eq!(change.kind, TurnKind::Pace);
    let off = change.at.as_second() - stage.ago(10 * DAY).as_second();
    assert!(off.abs() <= DAY, "{}", change.at);
    let gibs = |bytes: i64| (bytes + GIB.cast_signed() / 2) / GIB.cast_signed();
    assert_eq!((gibs(change.before_per_day), gibs(change.after_per_day)), (1, 5));
    let uploaded = GrowthExplainedBy::BytesUploaded;
    for (dimension, value) in [
        ("prefix", "raw/"),
        ("requester", "importer"),
        ("address", "192.0.2.8"),
    ] {
        let by = change.explained_by.iter().find(|by| by.dimension == dimension);
        let by = by.map(|by| (by.counted, by.value.as_str(), gibs(by.after_per_day)));
        assert_eq!(by, Some((uploaded, value, 4)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prefixes_explain_it() {
    let stage = Stage::start().await;
    stage.snapshots("photos", 3, |_| GIB);
    let handle = stage.kit.store.handle();
    let tenant = stage.tenant();
    let scan = async || {
        let inventory = tenant
            .inventories
            .open(&tenant.store, &"photos".parse().expect("a name"));
        inventory.start(&Prefix::default()).await.expect("a scan");
        let done = inventory.finished(&Prefix::default(), &Progress::default()).await;
        done.expect("an inventory");
    };
    for (key, size) in [("old/a", 100), ("old/b", 50), ("raw/c", 10)] {
        assert!(handle.put_sparse("photos", key, size, "text/plain"));
    }
    scan().await;
    let found = ask(&tenant, json!({"bucket": "photos"}))
        .await
        .prefixes
        .expect("prefixes");
    assert_eq!(found.told_by, GrownBy::WrittenSince);
    let told = |found: &spacewatch_insight::PrefixesGrown| {
        let rows = found
            .prefixes
            .iter()
            .map(|row| (row.prefix.clone(), row.bytes_change, row.objects_change));
        rows.collect::<Vec<_>>()
    };
    assert_eq!(
        told(&found),
        [("old/".to_owned(), 150, 2), ("raw/".to_owned(), 10, 1)]
    );
    let before = found.until;
    stage.clock.advance(Duration::from_secs(28 * 86_400));
    handle.delete("photos", "old/a");
    assert!(handle.put_sparse("photos", "raw/d", 500, "text/plain"));
    scan().await;
    let found = ask(&tenant, json!({"bucket": "photos"}))
        .await
        .prefixes
        .expect("prefixes");
    assert_eq!((found.told_by, found.since), (GrownBy::Inventories, before));
    assert_eq!(
        told(&found),
        [("raw/".to_owned(), 500, 1), ("old/".to_owned(), -100, -1)]
    );
}
