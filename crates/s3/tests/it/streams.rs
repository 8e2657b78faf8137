//! Objects read part by part.

use std::time::Duration;

use bytes::Bytes;
use spacewatch_demo::{DemoStore, Effect, Fault, Grant, ObjectBody, Operation, When};
use spacewatch_model::{ErrorCode, ObjectKey, Prefix};
use spacewatch_s3::{Progress, Store, StoreError, StoresConfig};
use spacewatch_telemetry::{Layer, OperationFilter};

use crate::scripted::{Scripted, answer};
use crate::stage::{Stage, bucket, impatient, open, stores};

const SIZE: u64 = 5_000_000;

async fn stage(config: StoresConfig) -> Stage {
    let store = DemoStore::empty()
        .with_object("logs", "big", ObjectBody::Sparse(SIZE))
        .with_object("logs", "small", "one\ntwo\n")
        .with_object("logs", "empty", "");
    Stage::of(store, config).await
}

fn key(text: &str) -> ObjectKey {
    text.parse().expect("a key")
}

async fn read(store: &Store, name: &str, etag: Option<&str>) -> Result<Vec<u8>, StoreError> {
    let progress = Progress::default();
    let mut stream = store
        .open_object(&bucket("logs"), &key(name), etag, &progress)
        .await?;
    let mut all = Vec::new();
    while let Some(part) = stream.next().await? {
        all.extend_from_slice(&part);
    }
    assert_eq!(stream.position(), all.len() as u64);
    assert!(stream.next().await.expect("the end").is_none());
    Ok(all)
}

async fn whole(store: &Store, name: &str) -> Bytes {
    let body = store.get_object(&bucket("logs"), &key(name), None, 1 << 24).await;
    body.expect("an object").bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn the_content_comes_whole() {
    let stage = stage(StoresConfig::default()).await;
    let store = stage.store();
    for name in ["big", "small", "empty"] {
        let etag = store
            .head_object(&bucket("logs"), &key(name))
            .await
            .expect("a head")
            .etag;
        let content = read(&store, name, etag.as_deref()).await.expect("an object");
        assert!(content == whole(&store, name).await, "{name}");
    }
    let error = read(&store, "none", None).await.expect_err("no object");
    assert_eq!(error.code(), ErrorCode::NoSuchKey);
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_is_resumed() {
    for effect in [
        Effect::ResetInBody,
        Effect::StallInBody,
        Effect::SlowDown,
        Effect::Drop,
    ] {
        let stage = stage(impatient()).await;
        let store = stage.store();
        let expected = whole(&store, "big").await;
        let before = stage.running.requests().of(Operation::GetObject);
        let faults = stage.running.faults();
        faults.add(
            Fault::new(effect.clone())
                .on(Operation::GetObject)
                .when(When::Next(2)),
        );
        let content = read(&store, "big", None).await.expect("an object");
        assert!(content == expected, "{effect:?}");
        assert_eq!(stage.running.requests().of(Operation::GetObject) - before, 3);
        stage.running.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_always_breaks_off_is_given_up() {
    for (effect, code) in [
        (Effect::ResetInBody, ErrorCode::StoreFailed),
        (Effect::StallInBody, ErrorCode::StoreTimeout),
    ] {
        let stage = stage(impatient()).await;
        stage.running.faults().add(Fault::new(effect.clone()));
        let error = read(&stage.store(), "big", None)
            .await
            .expect_err("no whole object");
        assert_eq!(error.code(), code, "{effect:?}: {error}");
        stage.running.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_object_than_the_one_wanted_is_told() {
    let stage = stage(impatient()).await;
    let store = stage.store();
    let error = read(&store, "small", Some("00000000000000000000000000000000")).await;
    let error = error.expect_err("another version");
    assert!(matches!(error, StoreError::Precondition(_)), "{error}");
    stage.running.shutdown().await;
}

fn sent(head: &str, length: usize, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn a_rest_is_taken_only_from_the_same_object() {
    let cut = sent("200 OK\r\netag: \"a\"", 10, "01234");
    let rest = |etag: &str, range: &str| {
        let head = format!("206 Partial Content\r\netag: \"{etag}\"\r\ncontent-range: bytes {range}/10");
        sent(&head, 5, "56789")
    };
    for (second, expected) in [
        (rest("a", "5-9"), Ok("0123456789")),
        (rest("b", "5-9"), Err(ErrorCode::StoreFailed)),
        (rest("a", "0-4"), Err(ErrorCode::StoreFailed)),
        (
            answer("200 OK", "etag: \"a\"\r\n", "0123456789"),
            Err(ErrorCode::StoreFailed),
        ),
        (
            answer("412 Precondition Failed", "", ""),
            Err(ErrorCode::StoreFailed),
        ),
        (
            answer("404 Not Found", "", "<Error><Code>NoSuchKey</Code></Error>"),
            Err(ErrorCode::NoSuchKey),
        ),
    ] {
        let scripted = Scripted::answering(&[cut.clone(), second.clone()]).await;
        let store = open(
            &stores(impatient()),
            &scripted.endpoint(),
            "us-east-1",
            ("id", "secret"),
        );
        let content = read(&store, "log", None).await;
        let content = content.map(|bytes| String::from_utf8(bytes).expect("text"));
        assert_eq!(
            content.map_err(|error| error.code()).as_deref(),
            expected.as_ref().map(|text| *text),
            "{second}"
        );
        assert_eq!(scripted.asked().len(), 2, "{second}");
    }
}

#[tokio::test]
async fn one_byte_now_and_then_is_no_progress() {
    let begun = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n".to_owned();
    let scripted = Scripted::trickling(begun, Duration::from_millis(20)).await;
    let config = StoresConfig {
        attempts: 1,
        ..impatient()
    };
    let store = open(
        &stores(config),
        &scripted.endpoint(),
        "us-east-1",
        ("id", "secret"),
    );
    let error = read(&store, "log", None).await.expect_err("never whole");
    assert_eq!(error.code(), ErrorCode::StoreTimeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_recorded_when_they_end() {
    let stage = stage(impatient()).await;
    let store = stage.store();
    read(&store, "big", None).await.expect("an object");
    let filter = OperationFilter {
        layer: Layer::S3,
        limit: 10,
        ..OperationFilter::default()
    };
    let shown: Vec<String> = stage
        .recorder
        .operations(&filter)
        .iter()
        .map(|o| {
            format!(
                "{} {} {} {}",
                o.kind.as_str(),
                o.status,
                o.bytes_out,
                o.first_byte.is_some()
            )
        })
        .collect();
    assert_eq!(shown, [format!("GetObject 200 {SIZE} true")]);
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_logs_needs_a_fresh_yes() {
    let store = DemoStore::empty()
        .with_object("logs", "a/1", "line\n")
        .with_object("logs", "a/2", "")
        .with_bucket("bare")
        .with_limited_key("lister", "secret", &[("bare", Grant::Read)]);
    let stage = Stage::of(store, impatient()).await;
    let (logs, under) = (bucket("logs"), "a/".parse::<Prefix>().expect("a prefix"));
    let store = stage.store();
    assert!(!store.lease().is_readable(&logs, &under));
    store.ensure_readable(&logs, &under).await.expect("readable");
    assert!(store.lease().is_readable(&logs, &under));
    let asked = stage.running.requests().of(Operation::GetObject);
    store.ensure_readable(&logs, &under).await.expect("readable");
    assert_eq!(
        stage.running.requests().of(Operation::GetObject),
        asked,
        "the lease is fresh"
    );
    // Keys that list and don't read get nothing.
    let other = stage.opened_with("lister", "secret");
    let error = other
        .ensure_readable(&logs, &under)
        .await
        .expect_err("not theirs");
    assert_eq!(error.code(), ErrorCode::AccessDenied);
    assert!(!other.lease().is_readable(&logs, &under));
    // Nothing is there to be read, so nothing is there to be told.
    other
        .ensure_readable(&bucket("bare"), &Prefix::default())
        .await
        .expect("listable");
    stage.running.shutdown().await;
}
