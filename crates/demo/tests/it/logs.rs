//! Access logs of what clients really do.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketLoggingStatus, Delete, LoggingEnabled, ObjectIdentifier, PartitionDateSource, PartitionedPrefix,
    TargetObjectKeyFormat,
};
use expect_test::{Expect, expect};
use spacewatch_access_log::Record;
use spacewatch_demo::{DemoStore, Effect, Fault, Operation, RunningStore, When};
use spacewatch_model::ManualClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::history::read;
use crate::kit::{client, client_with, code, start};

fn store() -> DemoStore {
    let clock = ManualClock::starting_at("2026-03-01T12:20:00Z".parse().unwrap());
    DemoStore::empty()
        .with_clock(Arc::new(clock))
        .with_object("photos", "été 1+1.jpg", "a picture")
        .with_versioned_bucket("papers")
        .with_logging("photos", "logs", "access/")
        .with_logging("papers", "logs", "papers-")
}

/// The records in the log bucket, each as the fields that are always the same.
async fn logged(store: &RunningStore, client: &Client) -> String {
    store.handle().deliver_logs();
    let mut lines = Vec::new();
    for key in store.handle().keys("logs") {
        let text = String::from_utf8(read(client, "logs", &key).await).unwrap();
        for line in text.lines() {
            lines.push(told(&Record::parse(line.as_bytes()).unwrap()));
        }
    }
    lines.concat()
}

fn told(record: &Record<'_>) -> String {
    let text =
        |bytes: Option<&[u8]>| bytes.map_or("-".into(), |bytes| String::from_utf8_lossy(bytes).into_owned());
    let number = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
    assert_eq!(record.owner(), Some(&b"test"[..]));
    let tail = record.tail();
    format!(
        "{} {} {} {} key {} status {} {} sent {} size {} {} {}\n",
        text(record.bucket()),
        text(record.requester()),
        text(record.remote_ip()),
        text(Some(record.operation().as_bytes())),
        text(record.key().as_deref()),
        number(record.status().map(u64::from)),
        text(record.error_code()),
        number(record.bytes_sent()),
        number(record.object_size()),
        text(tail.signature_version()),
        text(tail.auth_type()),
    )
}

async fn check(store: &RunningStore, client: &Client, expected: Expect) {
    expected.assert_eq(&logged(store, client).await);
}

fn put(
    client: &Client,
    bucket: &str,
    key: &str,
    body: &'static str,
) -> aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder {
    let body = ByteStream::from_static(body.as_bytes());
    client.put_object().bucket(bucket).key(key).body(body)
}

#[tokio::test]
async fn every_request_has_its_record() {
    let store = start(store()).await;
    let client = client(&store);
    let get = || client.get_object().bucket("photos").key("été 1+1.jpg");
    get().send().await.unwrap().body.collect().await.unwrap();
    get()
        .range("bytes=2-4")
        .send()
        .await
        .unwrap()
        .body
        .collect()
        .await
        .unwrap();
    client
        .head_object()
        .bucket("photos")
        .key("été 1+1.jpg")
        .send()
        .await
        .unwrap();
    put(&client, "photos", "a%2Fb", "1234").send().await.unwrap();
    assert_eq!(
        code(client.head_object().bucket("photos").key("gone").send().await),
        "404 NotFound"
    );
    client
        .list_objects_v2()
        .bucket("photos")
        .max_keys(0)
        .send()
        .await
        .unwrap();
    client.get_bucket_logging().bucket("photos").send().await.unwrap();
    client
        .copy_object()
        .bucket("photos")
        .key("copy")
        .copy_source("photos/a%252Fb")
        .send()
        .await
        .unwrap();
    client
        .delete_object()
        .bucket("photos")
        .key("copy")
        .send()
        .await
        .unwrap();
    let stranger = client_with(&store, "test-key", "wrong");
    assert_eq!(
        code(stranger.delete_object().bucket("photos").key("x").send().await),
        "403 SignatureDoesNotMatch"
    );
    store
        .faults()
        .add(Fault::slow_down().on(Operation::GetObject).when(When::Next(1)));
    assert_eq!(code(get().send().await), "503 SlowDown");
    check(&store, &client, expect![[r#"
        photos test 127.0.0.1 REST.GET.OBJECT key été 1+1.jpg status 200 - sent 9 size 9 SigV4 AuthHeader
        photos test 127.0.0.1 REST.GET.OBJECT key été 1+1.jpg status 206 - sent 3 size 9 SigV4 AuthHeader
        photos test 127.0.0.1 REST.HEAD.OBJECT key été 1+1.jpg status 200 - sent - size 9 SigV4 AuthHeader
        photos test 127.0.0.1 REST.PUT.OBJECT key a%2Fb status 200 - sent - size 4 SigV4 AuthHeader
        photos test 127.0.0.1 REST.HEAD.OBJECT key gone status 404 NoSuchKey sent - size - SigV4 AuthHeader
        photos test 127.0.0.1 REST.GET.BUCKET key - status 200 - sent 234 size - SigV4 AuthHeader
        photos test 127.0.0.1 REST.GET.LOGGING_STATUS key - status 200 - sent 231 size - SigV4 AuthHeader
        photos test 127.0.0.1 REST.COPY.OBJECT key copy status 200 - sent 175 size - SigV4 AuthHeader
        photos test 127.0.0.1 REST.COPY.OBJECT_GET key a%2Fb status 200 - sent - size 4 SigV4 AuthHeader
        photos test 127.0.0.1 REST.DELETE.OBJECT key copy status 204 - sent - size - SigV4 AuthHeader
        photos - 127.0.0.1 REST.DELETE.OBJECT key x status 403 SignatureDoesNotMatch sent 87 size - SigV4 AuthHeader
        photos - 127.0.0.1 REST.GET.OBJECT key été 1+1.jpg status 503 SlowDown sent 126 size - SigV4 AuthHeader
    "#]]).await;
}

#[tokio::test]
async fn deletes_of_many_keys_have_a_record_for_each() {
    let store = start(store()).await;
    let client = client(&store);
    put(&client, "papers", "a", "1").send().await.unwrap();
    let key = |key: &str| ObjectIdentifier::builder().key(key).build().unwrap();
    let all = Delete::builder()
        .objects(key("a"))
        .objects(key("50% b"))
        .build()
        .unwrap();
    client
        .delete_objects()
        .bucket("papers")
        .delete(all)
        .send()
        .await
        .unwrap();
    store.handle().deliver_logs();
    let names = store.handle().keys("logs");
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].starts_with("papers-2026-03-01-12-20-00-"), "{names:?}");
    let text = String::from_utf8(read(&client, "logs", &names[0]).await).unwrap();
    let records: Vec<Record<'_>> = text
        .lines()
        .map(|line| Record::parse(line.as_bytes()).unwrap())
        .collect();
    let ids: Vec<_> = records
        .iter()
        .map(|record| record.request_id().unwrap())
        .collect();
    assert_eq!(ids.len(), 4);
    assert!(ids[0] != ids[1] && ids[1] == ids[2] && ids[2] == ids[3]);
    assert_eq!(records[3].key_raw(), Some(&b"50%25%20b"[..]));
    assert!(records[0].tail().version_id().is_some() && records[2].tail().version_id().is_some());
    assert_eq!(records[1].tail().count(), 9);
}

#[tokio::test]
async fn what_a_client_sends_is_logged_raw() {
    let store = start(store()).await;
    let mut stream = tokio::net::TcpStream::connect(store.address()).await.unwrap();
    let request = "GET /photos/a%22b?x=\"y\" HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: () { :;}; echo \"x\"\r\nreferer: http://e/?q=\"1\"\r\nconnection: close\r\n\r\n";
    stream
        .write_all(request.replace("\"y\"", "%22y").as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("403"), "{answer}");
    store.handle().deliver_logs();
    let client = client(&store);
    let text = read(&client, "logs", &store.handle().keys("logs")[0]).await;
    let record = Record::parse(text.strip_suffix(b"\n").unwrap()).unwrap();
    assert_eq!(record.user_agent(), Some(&b"() { :;}; echo \"x\""[..]));
    assert_eq!(record.referer(), Some(&b"http://e/?q=\"1\""[..]));
    assert_eq!(record.key().as_deref(), Some(&b"a\"b"[..]));
    assert_eq!(
        (record.requester(), record.error_code()),
        (None, Some(&b"AccessDenied"[..]))
    );
}

#[tokio::test]
async fn the_log_bucket_is_not_logged_and_nothing_goes_round() {
    let store = start(store()).await;
    let client = client(&store);
    let logging = |target: &str| {
        let to = LoggingEnabled::builder()
            .target_bucket(target)
            .target_prefix("x/")
            .build()
            .unwrap();
        BucketLoggingStatus::builder().logging_enabled(to).build()
    };
    // Logs of the logs, in a circle: both buckets take logs then.
    client
        .put_bucket_logging()
        .bucket("logs")
        .bucket_logging_status(logging("photos"))
        .send()
        .await
        .unwrap();
    for bucket in ["logs", "photos"] {
        client.list_objects_v2().bucket(bucket).send().await.unwrap();
    }
    assert_eq!(store.handle().deliver_logs(), 0);
    client
        .put_bucket_logging()
        .bucket("logs")
        .bucket_logging_status(BucketLoggingStatus::builder().build())
        .send()
        .await
        .unwrap();
    client.list_objects_v2().bucket("logs").send().await.unwrap();
    assert_eq!(store.handle().deliver_logs(), 0);
    client.list_objects_v2().bucket("photos").send().await.unwrap();
    assert_eq!(store.handle().deliver_logs(), 1);
}

#[tokio::test]
async fn names_of_log_objects() {
    let store = start(store()).await;
    let client = client(&store);
    for source in [PartitionDateSource::EventTime, PartitionDateSource::DeliveryTime] {
        let partitioned = PartitionedPrefix::builder().partition_date_source(source).build();
        let format = TargetObjectKeyFormat::builder()
            .partitioned_prefix(partitioned)
            .build();
        let to = LoggingEnabled::builder()
            .target_bucket("logs")
            .target_prefix("p/")
            .target_object_key_format(format)
            .build()
            .unwrap();
        let status = BucketLoggingStatus::builder().logging_enabled(to).build();
        client
            .put_bucket_logging()
            .bucket("photos")
            .bucket_logging_status(status)
            .send()
            .await
            .unwrap();
        store.handle().deliver_logs();
    }
    let names: Vec<String> = store
        .handle()
        .keys("logs")
        .iter()
        .map(|key| key[..key.len() - 16].to_owned())
        .collect();
    expect![[r#"
        [
            "p/884745077182/nyc3/photos/2026/03/01/2026-03-01-00-00-00-",
            "p/884745077182/nyc3/photos/2026/03/01/2026-03-01-12-20-00-",
        ]"#]]
    .assert_eq(&format!("{names:#?}"));
}

#[tokio::test]
async fn what_waits_is_delivered_in_time_and_at_the_end() {
    let store = start(store().with_log_interval(Duration::from_millis(1))).await;
    let client = client(&store);
    client.list_objects_v2().bucket("photos").send().await.unwrap();
    while store.handle().keys("logs").is_empty() {
        tokio::task::yield_now().await;
    }
    let store = start(crate::logs::store().with_log_interval(Duration::from_secs(3600))).await;
    let client = crate::kit::client(&store);
    client.list_objects_v2().bucket("photos").send().await.unwrap();
    let handle = store.handle();
    assert!(handle.keys("logs").is_empty());
    store.shutdown().await;
    assert_eq!(handle.keys("logs").len(), 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_logged_as_far_as_it_went() {
    let store = start(store()).await;
    store.faults().add(
        Fault::new(Effect::ResetAfter(4))
            .on(Operation::GetObject)
            .when(When::Next(1)),
    );
    let client = client(&store);
    let broken = client
        .get_object()
        .bucket("photos")
        .key("été 1+1.jpg")
        .send()
        .await
        .unwrap();
    assert!(broken.body.collect().await.is_err());
    while store.handle().deliver_logs() == 0 {
        tokio::task::yield_now().await;
    }
    check(
        &store,
        &client,
        expect![[r#"
        photos test 127.0.0.1 REST.GET.OBJECT key été 1+1.jpg status 200 - sent 4 size 9 SigV4 AuthHeader
    "#]],
    )
    .await;
}
