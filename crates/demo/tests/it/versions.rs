//! Versions and delete markers.

use aws_sdk_s3::primitives::ByteStream;
use spacewatch_demo::DemoStore;

use crate::kit::{client, code, start};

#[tokio::test]
async fn every_version_is_kept_and_listed_once() {
    let store = start(DemoStore::empty().with_versioned_bucket("tests")).await;
    let client = client(&store);
    let mut expected = Vec::new();
    for key in ["a", "b/1", "b/2", "c"] {
        let mut ids = Vec::new();
        for body in ["1", "22", "333"] {
            let put = client
                .put_object()
                .bucket("tests")
                .key(key)
                .body(ByteStream::from_static(body.as_bytes()));
            ids.push(format!("{key} {}", put.send().await.unwrap().version_id.unwrap()));
        }
        if key == "c" {
            let marker = client
                .delete_object()
                .bucket("tests")
                .key(key)
                .send()
                .await
                .unwrap();
            assert_eq!(marker.delete_marker(), Some(true));
            ids.push(format!("{key} {}", marker.version_id.unwrap()));
        }
        expected.extend(ids.into_iter().rev());
    }
    for size in [1, 2, 5, 1000] {
        let mut found = Vec::new();
        let (mut key_marker, mut id_marker) = (None, None);
        loop {
            let list = client.list_object_versions().bucket("tests").max_keys(size);
            let page = list
                .set_key_marker(key_marker)
                .set_version_id_marker(id_marker)
                .send()
                .await
                .unwrap();
            let markers = page.delete_markers().iter().map(|m| (m.key(), m.version_id()));
            let versions = page.versions().iter().map(|v| (v.key(), v.version_id()));
            let entries = markers.chain(versions);
            let mut entries: Vec<_> = entries.map(|(key, id)| (key.unwrap(), id.unwrap())).collect();
            // Markers stand apart in the answer, and here on top of their keys.
            entries.sort_by_key(|(key, _)| *key);
            found.extend(entries.iter().map(|(key, id)| format!("{key} {id}")));
            if page.is_truncated() != Some(true) {
                break;
            }
            (key_marker, id_marker) = (page.next_key_marker, page.next_version_id_marker);
        }
        assert_eq!(found, expected, "by {size}");
    }
    let level = client
        .list_object_versions()
        .bucket("tests")
        .delimiter("/")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            level.common_prefixes().len(),
            level.versions().len(),
            level.delete_markers().len()
        ),
        (1, 6, 1)
    );
    let current = client.list_objects_v2().bucket("tests").send().await.unwrap();
    assert_eq!(current.key_count(), Some(3));
}

#[tokio::test]
async fn deleting_the_marker_brings_the_object_back() {
    let store = start(
        DemoStore::empty()
            .with_versioned_bucket("tests")
            .with_object("tests", "k", "x"),
    )
    .await;
    let client = client(&store);
    let get = || client.get_object().bucket("tests").key("k");
    let marker = client
        .delete_object()
        .bucket("tests")
        .key("k")
        .send()
        .await
        .unwrap()
        .version_id
        .unwrap();
    assert_eq!(code(get().send().await), "404 NoSuchKey");
    assert_eq!(
        code(get().version_id(&marker).send().await),
        "405 MethodNotAllowed"
    );
    assert_eq!(
        code(get().version_id("nonsense").send().await),
        "404 NoSuchVersion"
    );
    client
        .delete_object()
        .bucket("tests")
        .key("k")
        .version_id(&marker)
        .send()
        .await
        .unwrap();
    assert_eq!(code(get().send().await), "ok");
}
