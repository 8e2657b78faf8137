//! Objects through the SDK.

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use spacewatch_demo::{DemoStore, Limits, ObjectBody};

use crate::kit::{client, code, start};

#[tokio::test]
async fn what_is_put_comes_back() {
    let store = start(DemoStore::empty().with_bucket("tests")).await;
    let client = client(&store);
    let body = Bytes::from(vec![7_u8; 300_000]);
    let put = client
        .put_object()
        .bucket("tests")
        .key("a//b é\u{1}")
        .metadata("who", "me");
    let put = put
        .content_type("text/x")
        .body(ByteStream::from(body.clone()))
        .send()
        .await
        .unwrap();
    let got = client
        .get_object()
        .bucket("tests")
        .key("a//b é\u{1}")
        .send()
        .await
        .unwrap();
    assert_eq!((got.e_tag(), got.content_type()), (put.e_tag(), Some("text/x")));
    assert_eq!(
        got.metadata()
            .and_then(|metadata| metadata.get("who"))
            .map(String::as_str),
        Some("me")
    );
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), body);
    let copy = client
        .copy_object()
        .bucket("tests")
        .key("copy")
        .copy_source("tests/a%2F%2Fb%20%C3%A9%01");
    copy.send().await.unwrap();
    let head = client
        .head_object()
        .bucket("tests")
        .key("copy")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (head.content_length(), head.e_tag()),
        (Some(300_000), put.e_tag())
    );
    client
        .delete_object()
        .bucket("tests")
        .key("copy")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(client.get_object().bucket("tests").key("copy").send().await),
        "404 NoSuchKey"
    );
    assert_eq!(
        code(client.delete_bucket().bucket("tests").send().await),
        "409 BucketNotEmpty"
    );
}

#[tokio::test]
async fn ranges_of_sparse_objects_fit_together() {
    let size = 40 * 1024 * 1024 * 1024;
    let store = start(DemoStore::empty().with_object("tests", "huge", ObjectBody::Sparse(size))).await;
    let client = client(&store);
    let read = |range: String| {
        let request = client.get_object().bucket("tests").key("huge").range(range);
        async move {
            request
                .send()
                .await
                .unwrap()
                .body
                .collect()
                .await
                .unwrap()
                .into_bytes()
        }
    };
    let whole = read("bytes=30000000000-30000299999".to_owned()).await;
    assert_eq!(whole.len(), 300_000);
    assert_eq!(
        read("bytes=30000065530-30000131100".to_owned()).await,
        whole.slice(65_530..131_101)
    );
    assert_eq!(read("bytes=-5".to_owned()).await.len(), 5);
    let beyond = client
        .get_object()
        .bucket("tests")
        .key("huge")
        .range(format!("bytes={size}-"))
        .send()
        .await;
    assert_eq!(code(beyond), "416 InvalidRange");
}

#[tokio::test]
async fn conditions() {
    let store = start(DemoStore::empty().with_object("tests", "there", "x")).await;
    let client = client(&store);
    let put = |key: &str| {
        client
            .put_object()
            .bucket("tests")
            .key(key)
            .if_none_match("*")
            .send()
    };
    assert_eq!(code(put("there").await), "412 PreconditionFailed");
    assert_eq!(code(put("new").await), "ok");
    let etag = client
        .head_object()
        .bucket("tests")
        .key("there")
        .send()
        .await
        .unwrap()
        .e_tag
        .unwrap();
    let get = || client.get_object().bucket("tests").key("there");
    assert_eq!(code(get().if_match(&etag).send().await), "ok");
    assert_eq!(
        code(get().if_match("\"other\"").send().await),
        "412 PreconditionFailed"
    );
    assert!(code(get().if_none_match(&etag).send().await).starts_with("304"));
}

#[tokio::test]
async fn memory_is_bounded() {
    let limits = Limits {
        body_bytes: 1000,
        kept_bytes: 1500,
        ..Limits::default()
    };
    let store = start(DemoStore::empty().with_limits(limits).with_bucket("tests")).await;
    let client = client(&store);
    let put = |key: &str, size: usize| {
        client
            .put_object()
            .bucket("tests")
            .key(key)
            .body(ByteStream::from(vec![1; size]))
            .send()
    };
    assert_eq!(code(put("a", 1001).await), "400 EntityTooLarge");
    assert_eq!(code(put("a", 1000).await), "ok");
    assert_eq!(code(put("b", 1000).await), "503 ServiceUnavailable");
    client
        .delete_object()
        .bucket("tests")
        .key("a")
        .send()
        .await
        .unwrap();
    assert_eq!(code(put("b", 1000).await), "ok");
}
