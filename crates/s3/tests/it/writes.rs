//! Objects written and deleted.

use bytes::Bytes;
use spacewatch_demo::{DemoStore, Grant};
use spacewatch_model::ObjectKey;
use spacewatch_s3::{PutMode, StoreError, StoresConfig};

use crate::stage::{Stage, bucket};

#[tokio::test]
async fn what_is_written_is_read_and_what_is_deleted_is_gone() {
    let store = DemoStore::empty().with_bucket("metrics").with_limited_key(
        "reader",
        "reader-secret",
        &[("metrics", Grant::Read)],
    );
    let stage = Stage::of(store, StoresConfig::default()).await;
    let (store, metrics) = (stage.store(), bucket("metrics"));
    let key: ObjectKey = "dt=2026-11-22/a b+ü%2F.json".parse().expect("a key");
    let put = |text: &'static str, mode| {
        store.put_object(&metrics, &key, Bytes::from_static(text.as_bytes()), mode)
    };

    let etag = put("one", PutMode::Create).await.expect("written");
    let again = put("two", PutMode::Create).await;
    assert!(matches!(again, Err(StoreError::Precondition(_))), "{again:?}");
    let read = store.get_object(&metrics, &key, None, 100).await.expect("read");
    assert_eq!((&read.bytes[..], read.head.etag), (&b"one"[..], etag));
    put("three", PutMode::Overwrite).await.expect("replaced");
    let read = store
        .get_object(&metrics, &key, Some(1..4), 100)
        .await
        .expect("read");
    assert_eq!(&read.bytes[..], b"hre");

    let reader = stage.opened_with("reader", "reader-secret");
    let refused = reader.delete_object(&metrics, &key).await;
    assert!(matches!(refused, Err(StoreError::AccessDenied(_))), "{refused:?}");
    for _ in 0..2 {
        store
            .delete_object(&metrics, &key)
            .await
            .expect("deleted, or gone already");
    }
    let gone = store.get_object(&metrics, &key, None, 100).await;
    assert!(matches!(gone, Err(StoreError::NoSuchKey(_))), "{gone:?}");
    stage.running.shutdown().await;
}
