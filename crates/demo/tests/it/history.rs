//! The generated access logs: every figure of the truth, found again by reading all of them.

use std::collections::HashSet;
use std::io::Read;

use aws_sdk_s3::Client;
use spacewatch_access_log::{CdnColumn, Entry, Limits, LogReader, Operation, Record};
use spacewatch_demo::{DemoStore, LogBucketTruth, RunningStore};
use spacewatch_model::Timestamp;

use crate::kit::{client, client_with, start};

fn now() -> Timestamp {
    "2026-03-01T12:20:00Z".parse().unwrap()
}

async fn store(seed: u64) -> RunningStore {
    start(DemoStore::believable(1, now()).with_history(seed, now())).await
}

/// The content of an object, unpacked where it is packed.
pub(crate) async fn read(client: &Client, bucket: &str, key: &str) -> Vec<u8> {
    let object = client.get_object().bucket(bucket).key(key).send().await.unwrap();
    let length = object.content_length();
    let bytes = object.body.collect().await.unwrap().to_vec();
    assert_eq!(length, i64::try_from(bytes.len()).ok());
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_end(&mut text)
        .unwrap();
    text
}

/// All keys in a bucket.
pub(crate) async fn keys(client: &Client, bucket: &str) -> Vec<String> {
    let mut pages = client.list_objects_v2().bucket(bucket).into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        keys.extend(
            page.contents()
                .iter()
                .map(|object| object.key().unwrap().to_owned()),
        );
    }
    keys
}

#[derive(Default)]
struct Found {
    truth: LogBucketTruth,
    seen: HashSet<Vec<u8>>,
}

impl Found {
    fn read(&mut self, text: &[u8]) {
        let mut reader = LogReader::new(Limits::default());
        let mut cdn = false;
        let mut all = |line: spacewatch_access_log::Line<'_>, entry: Entry<'_>| match entry {
            Entry::S3(record) => self.record(line.bytes, &record),
            Entry::Reject(_) => {
                self.truth.lines += 1;
                self.truth.rejects += 1;
            }
            Entry::Cdn(record) => {
                cdn = true;
                let truth = &mut self.truth.cdn;
                truth.requests += 1;
                truth.bytes_sent += record.number(CdnColumn::BytesSent).unwrap();
                *truth.by_status.entry(record.status().unwrap()).or_default() += 1;
                let result = record.get(CdnColumn::ResultType).unwrap();
                *truth.by_result.entry(text_of(result)).or_default() += 1;
            }
        };
        reader.feed(text, &mut all);
        reader.finish(&mut all);
        match cdn {
            true => self.truth.cdn.objects += 1,
            false => self.truth.objects += 1,
        }
    }

    fn record(&mut self, line: &[u8], record: &Record<'_>) {
        self.truth.lines += 1;
        if !self.seen.insert(line.to_vec()) {
            self.truth.duplicates += 1;
            return;
        }
        let bucket = text_of(record.bucket().unwrap());
        let figures = self.truth.buckets.entry(bucket).or_default();
        figures.records += 1;
        let operation = text_of(operation_text(record.operation()));
        *figures.by_operation.entry(operation.clone()).or_default() += 1;
        if ["S3.", "BATCH."].iter().any(|own| operation.starts_with(own)) || operation.ends_with("_GET") {
            return;
        }
        figures.requests += 1;
        *figures.by_status.entry(record.status().unwrap()).or_default() += 1;
        let time = record.unix_seconds();
        *figures.by_hour.entry(time - time.rem_euclid(3600)).or_default() += 1;
        let ip = text_of(record.remote_ip().unwrap());
        *figures.by_ip.entry(ip).or_default() += 1;
        if let Some(requester) = record.requester() {
            *figures.by_requester.entry(text_of(requester)).or_default() += 1;
        }
        figures.bytes_sent += record.bytes_sent().unwrap_or(0);
        if operation == "REST.PUT.OBJECT" && record.status() == Some(200) {
            figures.bytes_uploaded += record.object_size().unwrap();
        }
    }
}

fn operation_text(operation: Operation<'_>) -> &[u8] {
    operation.as_bytes()
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn all_of_it_is_as_the_truth_says() {
    let store = store(7).await;
    let truth = store.log_truth().await.unwrap();
    let harbor = &store.tenants()[1];
    let harbor = client_with(&store, &harbor.access_key_id, harbor.secret_access_key.expose());
    for (client, bucket) in [(client(&store), "northwind-logs"), (harbor, "harbor-logs")] {
        let mut found = Found::default();
        for key in keys(&client, bucket).await {
            assert!(key.starts_with("access/"), "{key}");
            found.read(&read(&client, bucket, &key).await);
        }
        assert_eq!(found.truth, truth.log_buckets[bucket], "{bucket}");
    }
    let total: u64 = truth.log_buckets.values().map(|logs| logs.total().records).sum();
    assert!((80_000..130_000).contains(&total), "{total}");
    let northwind = &truth.log_buckets["northwind-logs"];
    assert!(
        northwind.duplicates > 20 && northwind.rejects > 20,
        "{northwind:?}"
    );
    assert!(northwind.cdn.requests > 8_000, "{:?}", northwind.cdn);
    let figures = northwind.total();
    assert!(figures.by_ip["198.51.100.7"] >= 1_000 && figures.by_ip["203.0.113.99"] >= 400);
    assert!(truth.log_buckets["harbor-logs"].total().by_status[&503] > 20);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_logs() {
    let (one, two, other) = (store(7).await, store(7).await, store(8).await);
    let truth = one.log_truth().await;
    assert_eq!(truth, two.log_truth().await);
    assert_ne!(truth, other.log_truth().await);
    let (names, clients) = (one.handle().keys("northwind-logs"), (client(&one), client(&two)));
    assert_eq!(
        one.handle().sizes("northwind-logs"),
        two.handle().sizes("northwind-logs")
    );
    for key in names.iter().step_by(37) {
        let bucket = "northwind-logs";
        assert_eq!(
            read(&clients.0, bucket, key).await,
            read(&clients.1, bucket, key).await
        );
    }
}

#[tokio::test]
async fn what_changed_in_the_buckets_is_in_the_logs() {
    let store = store(7).await;
    let client = client(&store);
    let page = client
        .list_objects_v2()
        .bucket("prod-assets")
        .prefix("images/")
        .send()
        .await
        .unwrap();
    let since = now().as_second() - 7 * 86_400;
    let recent: Vec<String> = page
        .contents()
        .iter()
        .filter(|object| object.last_modified().unwrap().secs() >= since)
        .map(|object| object.key().unwrap().to_owned())
        .collect();
    assert!(recent.len() > 20, "{recent:?}");
    let mut put = HashSet::new();
    for key in keys(&client, "northwind-logs").await {
        if !key.starts_with("access/prod-assets/") {
            continue;
        }
        let text = read(&client, "northwind-logs", &key).await;
        for record in text.split(|byte| *byte == b'\n').flat_map(Record::parse) {
            if operation_text(record.operation()) == b"REST.PUT.OBJECT" {
                put.insert(text_of(&record.key().unwrap()));
            }
        }
    }
    for key in recent {
        assert!(put.contains(&key), "{key}");
    }
}
