//! A directory of files as a bucket.

use spacewatch_demo::DemoStore;

use crate::history::{keys, read};
use crate::kit::{client, code, start};

#[tokio::test]
async fn files_are_objects_and_stay_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::create_dir_all(path.join("logs/b")).unwrap();
    let long = vec![b'x'; 2_500_000];
    std::fs::write(path.join("logs/b/2026-01-31-12-34-56-0123456789ABCDEF"), &long).unwrap();
    std::fs::write(path.join("empty"), "").unwrap();
    std::fs::write(path.join("note.txt"), "hello").unwrap();
    let store = start(DemoStore::empty().with_files("disk", path).unwrap()).await;
    let client = client(&store);
    let names = keys(&client, "disk").await;
    assert_eq!(
        names,
        ["empty", "logs/b/2026-01-31-12-34-56-0123456789ABCDEF", "note.txt"]
    );
    assert_eq!(read(&client, "disk", &names[1]).await, long);
    assert_eq!(read(&client, "disk", "empty").await, b"");
    let range = client
        .get_object()
        .bucket("disk")
        .key("note.txt")
        .range("bytes=1-2")
        .send()
        .await
        .unwrap();
    assert_eq!(range.body.collect().await.unwrap().to_vec(), b"el");
    let head = client
        .head_object()
        .bucket("disk")
        .key(&names[1])
        .send()
        .await
        .unwrap();
    let delivered = spacewatch_model::Timestamp::from_second(head.last_modified().unwrap().secs()).unwrap();
    assert_eq!(delivered.to_string(), "2026-01-31T12:34:56Z");
    assert_eq!(
        code(client.delete_object().bucket("disk").key("note.txt").send().await),
        "ok"
    );
    assert_eq!(keys(&client, "disk").await.len(), 2);
    assert_eq!(std::fs::read(path.join("note.txt")).unwrap(), b"hello");
    // A file that got shorter than listed breaks the answer off.
    std::fs::write(path.join("logs/b/2026-01-31-12-34-56-0123456789ABCDEF"), "short").unwrap();
    let broken = client.get_object().bucket("disk").key(&names[1]).send().await;
    let whole = match broken {
        Ok(object) => object.body.collect().await.is_ok(),
        Err(_) => false,
    };
    assert!(!whole);
    assert!(
        DemoStore::empty()
            .with_files("disk", &path.join("nowhere"))
            .is_err()
    );
}
