//! What is read of what is stored, against a count by hand of random buckets and logs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use spacewatch_demo::DemoStore;
use spacewatch_insight::{HotCold, HotColdOutput, Tenant, Tool};
use spacewatch_model::{Clock, Prefix, SystemClock};
use spacewatch_s3::Progress;

use super::kit::Kit;

/// A request: how many hours ago, for which key, with which operation and status, and bytes sent.
type Request = (i64, String, &'static str, u16, u64);

fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[ab]/[a-d]", "[a-c]", "a/b/[xyz]é"]
}

fn request() -> impl Strategy<Value = Request> {
    let operation = prop_oneof![
        Just("REST.GET.OBJECT"),
        Just("REST.GET.OBJECT_TAGGING"),
        Just("REST.HEAD.OBJECT"),
        Just("REST.PUT.OBJECT")
    ];
    let status = prop_oneof![Just(200_u16), Just(206), Just(304), Just(404), Just(500)];
    (1_i64..200, key(), operation, status, 0_u64..1000)
}

fn written(number: usize, now: Timestamp, (hours, key, operation, status, bytes): &Request) -> String {
    let time = now.checked_sub(hours.hours()).expect("a time");
    let time = time.strftime("%d/%b/%Y:%H:%M:%S +0000");
    let method = operation.split('.').nth(1).expect("a method");
    let encoded = key.replace('é', "%C3%A9");
    format!(
        "owner photos [{time}] 192.0.2.1 someone REQ{number:05} {operation} {encoded} \"{method} /photos/{encoded} HTTP/1.1\" {status} - \
         {bytes} {bytes} 20 10 \"-\" \"agent\" - host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -\n"
    )
}

async fn ask(objects: &BTreeMap<String, usize>, requests: &[Request], now: Timestamp) -> HotColdOutput {
    let log: String = requests
        .iter()
        .enumerate()
        .map(|(number, request)| written(number, now, request))
        .collect();
    let mut store = DemoStore::empty()
        .with_bucket("photos")
        .with_object("logs", "access/1", log.as_str());
    for (key, size) in objects {
        store = store.with_object("photos", key, "0".repeat(*size).as_str());
    }
    let kit = Kit::start(store).await;
    // What was written just now counts as young; a year later nothing is.
    let tenant = Tenant {
        log_bucket: Some("logs".parse().expect("a name")),
        log_prefix: "access/".parse().expect("a prefix"),
        ..kit.tenant()
    };
    let inventory = tenant
        .inventories
        .open(&tenant.store, &"photos".parse().expect("a name"));
    let everything = Prefix::default();
    inventory.start(&everything).await.expect("a scan");
    inventory
        .finished(&everything, &Progress::default())
        .await
        .expect("an inventory");
    let args = json!({"bucket": "photos", "days": 30, "limit": 1000, "wait": true});
    let found = HotCold::run(&tenant, serde_json::from_value(args).expect("arguments")).await;
    found.expect("an answer")
}

fn is_read(request: &Request) -> bool {
    request.2 == "REST.GET.OBJECT" && matches!(request.3, 200..=299 | 304)
}

fn check(objects: &BTreeMap<String, usize>, requests: &[Request], found: &HotColdOutput) {
    let reads: Vec<&Request> = requests.iter().filter(|request| is_read(request)).collect();
    let read: BTreeSet<&String> = reads.iter().map(|(_, key, ..)| key).collect();
    let heap = |keep: &dyn Fn(&String) -> bool| {
        let kept = objects.iter().filter(|(key, _)| keep(key));
        kept.fold((0, 0), |(count, bytes), (_, size)| {
            (count + 1, bytes + *size as u64)
        })
    };
    let told = |heap: &spacewatch_insight::Heap| (heap.objects, heap.bytes.0);
    assert_eq!(told(&found.stored), heap(&|_| true));
    assert_eq!(told(&found.read), heap(&|key| read.contains(key)));
    // All objects were written while the test ran, so none that was not read is cold yet.
    assert_eq!(told(&found.young), heap(&|key| !read.contains(key)));
    assert_eq!(told(&found.cold), (0, 0));
    let gone: BTreeSet<&&String> = read.iter().filter(|key| !objects.contains_key(**key)).collect();
    let gone_reads: Vec<_> = reads
        .iter()
        .filter(|(_, key, ..)| !objects.contains_key(key))
        .collect();
    assert_eq!(found.gone.keys, gone.len() as u64);
    assert_eq!(found.gone.reads, gone_reads.len() as u64);
    assert_eq!(
        found.gone.bytes_sent,
        gone_reads.iter().map(|(.., bytes)| bytes).sum::<u64>()
    );
    for row in &found.hottest {
        let own = reads.iter().filter(|(_, key, ..)| *key == row.key);
        let (count, bytes) = own.fold((0, 0), |(count, sum), (.., bytes)| (count + 1, sum + bytes));
        assert_eq!((row.reads, row.bytes_sent), (count, bytes), "{}", row.key);
    }
    assert_eq!(found.hottest.len() as u64, found.read.objects);
    let by_prefix: u64 = found.prefixes.iter().map(|row| row.stored.bytes.0).sum();
    assert_eq!(by_prefix, found.stored.bytes.0);
    let by_age: u64 = found.ages.iter().map(|age| age.heap.objects).sum();
    assert_eq!(by_age, found.stored.objects);
    let sent_by_day: u64 = found.daily.iter().map(|day| day.bytes_sent).sum();
    let sent: u64 = found.hottest.iter().map(|row| row.bytes_sent).sum();
    assert_eq!(sent_by_day, sent);
}

#[test]
fn what_is_read_is_counted_beside_what_is_stored() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("threads");
    let mut runner = TestRunner::new(Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    });
    let objects = proptest::collection::btree_map(key(), 0_usize..50, 0..12);
    let requests = proptest::collection::vec(request(), 1..40);
    let now = SystemClock::new().now();
    let tried = runner.run(&(objects, requests), |(objects, requests)| {
        let found = runtime.block_on(ask(&objects, &requests, now));
        check(&objects, &requests, &found);
        Ok(())
    });
    tried.expect("every case holds");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_reads_grows_cold() {
    let now = SystemClock::new().now();
    let requests = [
        (1000, "a/1".to_owned(), "REST.GET.OBJECT", 200, 10),
        (5, "a/2".to_owned(), "REST.GET.OBJECT", 200, 10),
    ];
    let objects = BTreeMap::from([
        ("a/1".to_owned(), 1 << 20),
        ("a/2".to_owned(), 10),
        ("b/3".to_owned(), 7),
    ]);
    let found = ask(&objects, &requests, now).await;
    // Read before the window, or never, and written within it.
    assert_eq!(
        (found.young.objects, found.read.objects, found.cold.objects),
        (2, 1, 0)
    );
    assert!(found.log_covers_days);
    let days: Vec<_> = found
        .daily
        .iter()
        .map(|day| (day.read.objects, day.read.bytes.0))
        .collect();
    assert_eq!(days, [(1, 10)]);
}
