//! The bill, against what is known to be stored and sent.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use spacewatch_demo::DemoStore;
use spacewatch_insight::{Cost, CostEgress, PriceBook, PriceList, Tenant, Tool};
use spacewatch_model::{Clock, SystemClock};

use super::kit::Kit;

const GIB: f64 = 1_073_741_824.0;
/// Bytes sent by each request: a large one, so that the bill shows it.
const SENT: u64 = 600 << 30;

async fn ask<T: Tool>(tenant: &Tenant, args: Value) -> Value {
    let args = serde_json::from_value(args).expect("arguments");
    let answer = T::run(tenant, args).await.expect("an answer");
    serde_json::to_value(answer).expect("JSON")
}

fn line(number: usize, time: Timestamp, bucket: &str, key: &str, bytes: u64) -> String {
    let time = time.strftime("%d/%b/%Y:%H:%M:%S +0000");
    format!(
        "owner {bucket} [{time}] 192.0.2.{} someone REQ{number:04} REST.GET.OBJECT {key} \"GET /{bucket}/{key} HTTP/1.1\" 200 - \
         {bytes} {bytes} 20 10 \"-\" \"agent\" - host SigV4 CIPHER AuthHeader {bucket}.example TLSv1.2 - -\n",
        number % 2,
    )
}

/// Buckets `photos` (30 bytes below two folders) and `papers` (10 bytes), three large requests in the last hours, and one of 40 days ago.
async fn account() -> (Kit, Tenant) {
    let now = SystemClock::new().now();
    let ago = |hours: i64| now.checked_sub(hours.hours()).expect("a time");
    let log: String = [
        (ago(3), "photos", "a/1.jpg"),
        (ago(2), "photos", "b/2.jpg"),
        (ago(2), "papers", "3.pdf"),
        (ago(40 * 24), "papers", "3.pdf"),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, (time, bucket, key))| line(number, time, bucket, key, SENT))
    .collect();
    let store = DemoStore::empty()
        .with_object("photos", "a/1.jpg", "0".repeat(10).as_str())
        .with_object("photos", "b/2.jpg", "0".repeat(20).as_str())
        .with_object("papers", "3.pdf", "0".repeat(10).as_str())
        .with_object("logs", "access/1", log.as_str());
    let kit = Kit::start(store).await;
    let tenant = Tenant {
        log_bucket: Some("logs".parse().expect("a name")),
        log_prefix: "access/".parse().expect("a prefix"),
        ..kit.tenant()
    };
    (kit, tenant)
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn sum(rows: &Value, of: &str) -> f64 {
    rows.as_array()
        .expect("rows")
        .iter()
        .map(|row| number(&row[of]))
        .sum()
}

fn amount(bill: &Value, item: &str) -> f64 {
    let lines = bill["lines"].as_array().expect("lines");
    let line = lines.iter().find(|line| line["item"] == item);
    number(&line.unwrap_or_else(|| panic!("no line {item}"))["amount"])
}

fn near(a: f64, b: f64) {
    assert!(
        (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0),
        "{a} is not {b}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bill_is_what_was_stored_and_sent() {
    let (_kit, tenant) = account().await;
    let found = ask::<Cost>(&tenant, json!({"bucket": "photos", "wait": true})).await;
    let began: Timestamp = found["window"]["from"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a time");
    let sent_this_month = [(3, "photos"), (2, "photos"), (2, "papers")]
        .into_iter()
        .filter(|(hours, _)| tenant.clock.now().checked_sub(hours.hours()).expect("a time") >= began)
        .count();
    let sent = sent_this_month as f64 * SENT as f64;
    near(
        amount(&found["so_far"], "egress"),
        (sent / GIB - 1024.0).max(0.0) * 0.01,
    );
    assert_eq!(number(&found["allowances"]["egress"]["used_bytes"]), sent);
    // What is stored is far below the allowance.
    near(amount(&found["so_far"], "storage"), 0.0);
    near(amount(&found["projected"], "subscription"), 5.0);
    assert!(number(&found["projected"]["total"]) >= number(&found["so_far"]["total"]));
    for (bill, of) in [("so_far", "cost"), ("projected", "projected_cost")] {
        let charged = amount(&found[bill], "storage") + amount(&found[bill], "egress");
        near(sum(&found["buckets"], of), charged);
    }
    near(sum(&found["buckets"], "share_percent"), 100.0);
    let photos = found["prefixes"].as_array().expect("rows");
    let stored: Vec<_> = photos
        .iter()
        .map(|row| (row["prefix"].as_str(), row["stored_bytes"].as_u64()))
        .collect();
    assert!(
        stored.contains(&(Some("a/"), Some(10))) && stored.contains(&(Some("b/"), Some(20))),
        "{stored:?}"
    );
    assert_eq!(found["traffic_known"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn egress_has_a_price() {
    let (_kit, tenant) = account().await;
    let found = ask::<CostEgress>(&tenant, json!({"by": "bucket", "wait": true})).await;
    let rows: Vec<_> = found["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            (
                row["value"].as_str().expect("a name"),
                row["bytes_sent"].as_u64().expect("bytes"),
                number(&row["list_price"]),
            )
        })
        .collect();
    assert_eq!(rows, [("photos", 2 * SENT, 12.0), ("papers", SENT, 6.0)]);
    near(number(&found["list_price"]), 18.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_log_the_bill_says_what_is_missing() {
    let (_kit, tenant) = account().await;
    let cheap = PriceList {
        name: "dear".to_owned(),
        included_stored: 0.0,
        ..PriceList::digitalocean_spaces()
    };
    let tenant = Tenant {
        log_bucket: None,
        prices: PriceBook::new(vec![cheap], "dear").expect("a price book"),
        ..tenant
    };
    let found = ask::<Cost>(&tenant, json!({})).await;
    assert_eq!(found["traffic_known"], false);
    let items: Vec<_> = found["so_far"]["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| line["item"].clone())
        .collect();
    assert_eq!(items, ["subscription", "storage"]);
    assert!(number(&found["so_far"]["total"]) > 0.0);
    near(
        sum(&found["buckets"], "cost"),
        amount(&found["so_far"], "storage"),
    );
    let assumptions = found["assumptions"].to_string();
    assert!(assumptions.contains("no log bucket is named"), "{assumptions}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_questions_are_told_why() {
    let (_kit, tenant) = account().await;
    for (args, complaint) in [
        (
            json!({"prices": "other"}),
            "there is no price list `other`, only digitalocean-spaces",
        ),
        (json!({"month": "2999-01"}), "that month has not begun yet"),
    ] {
        let args = serde_json::from_value(args).expect("arguments");
        let error = Cost::run(&tenant, args).await.expect_err("a complaint");
        assert_eq!(error.to_string(), complaint);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_tell_what_was_stored_before() {
    let earlier = SystemClock::new().now().checked_sub(1.hours()).expect("a time");
    let record = json!({"ts": earlier.to_string(), "source_bucket": "photos", "source_prefix": "", "source_objects": 1, "source_bytes": 5_000_000_000_u64});
    let key = earlier
        .strftime("spacewatch-metrics/dt=%Y-%m-%d/hour=%H/metrics.jsonl")
        .to_string();
    let store = DemoStore::empty()
        .with_object("photos", "a/1.jpg", "0123456789")
        .with_object("metrics", &key, format!("{record}\n").as_str());
    let kit = Kit::start(store).await;
    let tenant = Tenant {
        metrics_bucket: Some("metrics".parse().expect("a name")),
        ..kit.tenant()
    };
    let found = ask::<Cost>(&tenant, json!({})).await;
    let rows = found["buckets"].as_array().expect("rows");
    let photos = rows.iter().find(|row| row["bucket"] == "photos").expect("a row");
    // The size of an hour ago held until now, and for want of an older one from the beginning.
    assert_eq!(
        (
            photos["average_stored_bytes"].as_u64(),
            photos["stored_bytes"].as_u64()
        ),
        (Some(5_000_000_000), Some(10))
    );
}
