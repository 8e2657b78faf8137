//! Log objects: which hold records, what could not be read, and what is left when they are gone.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use serde_json::json;
use spacewatch_demo::DemoStore;

use super::fixture::{Request, requests};
use super::{answer, ask, kit};
use crate::kit::{KEY, SECRET, kit_with};

#[tokio::test]
async fn log_objects_and_what_could_not_be_read() {
    let kit = kit().await;
    let found = answer(&kit, "/tools/access-logs?source_bucket=photos&wait=true").await;
    let keys: BTreeSet<_> = found["objects"]
        .as_array()
        .expect("objects")
        .iter()
        .map(|o| o["key"].as_str())
        .collect();
    assert!(
        keys.contains(&Some("access/2026-11-19-01-00-00-AAAAAAAAAAAAAAAA")),
        "{found}"
    );
    assert!(!found.to_string().contains("elsewhere"));
    let rejects = answer(&kit, "/tools/rejects?wait=true").await;
    assert_eq!((&rejects["total"], &rejects["count"]), (&json!(1), &json!(1)));
    assert_eq!(rejects["rejects"][0]["raw"], "this is no record");
    let tail = answer(
        &kit,
        "/tools/read-log?key=access/2026-11-20-02-00-00-CCCCCCCCCCCCCCCC&tail_lines=2",
    )
    .await;
    assert_eq!(
        (&tail["bucket"], &tail["returned_lines"]),
        (&json!("their-logs"), &json!(2))
    );
    assert_eq!(tail["log_lines"][1], "this is no record");
    assert_eq!(tail["truncated"], true);
}

#[tokio::test]
async fn pages_of_log_objects_lead_through_all_of_them_once() {
    let kit = kit().await;
    let whole = answer(&kit, "/tools/access-logs?source_bucket=*&wait=true").await;
    assert_eq!((&whole["total"], &whole["truncated"]), (&json!(3), &json!(false)));
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let target = format!("/tools/access-logs?source_bucket=*&wait=true&max_items=1&next={next}");
        let page = answer(&kit, &target).await;
        assert_eq!((&page["total"], &page["count"]), (&json!(3), &json!(1)));
        seen.extend(page["objects"].as_array().expect("objects").iter().cloned());
        let Some(token) = page["next"].as_str() else { break };
        assert_eq!(page["truncated"], true);
        token.clone_into(&mut next);
    }
    assert_eq!(json!(seen), whole["objects"]);
}

#[tokio::test]
async fn a_line_outlives_its_log_object() {
    let kit = kit().await;
    let found = answer(
        &kit,
        "/tools/search-logs?source_bucket=*&limit_matches=1&wait=true",
    )
    .await;
    let shown = &found["matches"][0];
    let (key, offset) = (&shown["log_object"]["key"], &shown["log_object"]["offset"]);
    let key = key.as_str().expect("a key");
    kit.store.handle().delete("their-logs", key);
    kit.clock.advance(Duration::from_secs(61));
    let line = answer(&kit, &format!("/tools/raw-line?log_object={key}&offset={offset}")).await;
    assert_eq!(line["raw"], shown["raw"]);
    let gone = ask(&kit, &format!("/tools/read-log?key={key}")).send().await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND, "{}", gone.text());
}

#[tokio::test]
async fn packed_log_objects_are_read_like_plain_ones() {
    let lines: String = requests().iter().map(|request| request.line() + "\n").collect();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(lines.as_bytes()).expect("packed");
    let packed = Bytes::from(packed.finish().expect("packed"));
    let (half, rest) = (packed.slice(..packed.len() / 2), packed.clone());
    let store = DemoStore::empty()
        .with_tenant("first", KEY, SECRET)
        .with_object("their-logs", "access/broken.gz", half)
        .with_object("their-logs", "access/named-like-text.log", rest);
    let kit = kit_with(store, |_| {}, |stores| stores.attempts = 1).await;
    let found = answer(
        &kit,
        "/tools/search-logs?source_bucket=*&limit_matches=2000&wait=true",
    )
    .await;
    assert_eq!(found["count"], requests().len());
    let tail = answer(
        &kit,
        "/tools/read-log?key=access/named-like-text.log&tail_lines=1",
    )
    .await;
    let last = requests().last().map(Request::line);
    assert_eq!(tail["log_lines"][0].as_str(), last.as_deref());
    let rejects = answer(&kit, "/tools/rejects").await;
    assert_eq!(rejects["total"], 1, "{rejects}");
    assert_eq!(
        rejects["rejects"][0]["log_object"]["key"], "access/broken.gz",
        "{rejects}"
    );
}
