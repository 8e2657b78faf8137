//! `spacewatch ask` and `spacewatch chat`.

mod model;

use serde_json::Value;
use spacewatch_demo::{DemoStore, ObjectBody, RunningStore};

use crate::sandbox::Sandbox;

async fn store() -> RunningStore {
    DemoStore::empty()
        .with_object("photos", "2024/cat.jpg", ObjectBody::Sparse(3 << 20))
        .with_object("photos", "2025/dog.jpg", ObjectBody::Sparse(1 << 20))
        .with_object("music", "a\u{1b}[31m.mp3", "la la")
        .start(([127, 0, 0, 1], 0).into())
        .await
        .unwrap()
}

fn sandbox(store: &RunningStore) -> Sandbox {
    Sandbox::new()
        .with_variable("SPACES_ENDPOINT", &store.endpoint())
        .with_variable("SPACES_KEY", "test-key")
        .with_variable("SPACES_SECRET", "test-secret")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered() {
    let store = store().await;
    let ran = sandbox(&store).run(&["ask", "how", "much", "is", "stored", "in", "photos?"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stdout
            .starts_with("`photos` holds **2** objects, **4.00 MiB**."),
        "{}",
        ran.stdout
    );
    assert_eq!(
        ran.stderr,
        "· buckets {}\n· storage-summary {\"bucket\":\"photos\"}\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bucket_may_be_named_beforehand() {
    let store = store().await;
    let ran = sandbox(&store).run(&[
        "ask",
        "--bucket",
        "photos",
        "what is the biggest file in the bucket",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("2024/cat.jpg") && !ran.stdout.contains("mp3"),
        "{}",
        ran.stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn json_names_the_source_of_each_figure() {
    let store = store().await;
    let ran = sandbox(&store).run(&["ask", "--json", "how much is stored in photos?"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let made: Value = serde_json::from_str(&ran.stdout).unwrap();
    let citations = made["answer"]["citations"].as_array().unwrap();
    let of = |path: &str| {
        let citation = citations
            .iter()
            .find(|citation| citation["path"] == path)
            .unwrap();
        assert_eq!(citation["tool"], "storage-summary");
        citation["value"].clone()
    };
    assert_eq!(
        (of("/object_count"), of("/total_size_bytes")),
        (2.into(), (4 << 20).into())
    );
    assert_eq!(made["by"], "planner");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_from_outside_cannot_move_the_cursor() {
    let store = store().await;
    let ran = sandbox(&store).run(&["ask", "biggest objects in music"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stdout.contains(".mp3") && !ran.stdout.contains('\u{1b}'),
        "{:?}",
        ran.stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_where_nobody_can_say_yes() {
    let store = store().await;
    let sandbox = sandbox(&store).with_variable("METRICS_BUCKET", "music");
    let ran = sandbox.run(&["ask", "take a snapshot of photos"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("Nothing was done yet"), "{}", ran.stdout);
    assert_eq!(store.handle().keys("music"), ["a\u{1b}[31m.mp3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_on() {
    let store = store().await;
    let said = "how much is stored in photos?\nand music?\n/buckets\n/help\n\n/quit\nhow big is photos?\n";
    let ran = sandbox(&store).run_with_input(&["chat"], said);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let place = |text: &str| {
        ran.stdout
            .find(text)
            .unwrap_or_else(|| panic!("no `{text}` in {}", ran.stdout))
    };
    assert!(place("`photos` holds") < place("`music` holds"), "{}", ran.stdout);
    assert!(
        place("`music` holds") < place("music\nphotos\n"),
        "{}",
        ran.stdout
    );
    assert_eq!(
        ran.stdout.matches("`photos` holds").count(),
        1,
        "nothing is answered after the end"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_time_zone_is_told() {
    let store = store().await;
    let ran = sandbox(&store).run(&["ask", "--time-zone", "Atlantis", "hello"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("`Atlantis` is no time zone known here"),
        "{}",
        ran.stderr
    );
}
