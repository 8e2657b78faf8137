//! Reading the log: how far it is, watched and stopped.

use http::Method;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use spacewatch_demo::{Effect, Fault, FaultId, Operation};
use tower::ServiceExt;

use super::fixture::REQUESTS;
use super::{answer, ask, kit, named, post};
use crate::kit::{KEY, Kit, SECRET};

#[tokio::test]
async fn ingest_tells_how_far_it_is() {
    let kit = kit().await;
    let run = named(kit.ask(Method::POST, "/ingest/run?wait=true").keys(KEY, SECRET))
        .send()
        .await;
    assert_eq!(run.status, 200, "{}", run.text());
    assert_eq!(run.header("x-operation-type"), "QUERY_LOGS");
    let status = answer(&kit, "/ingest/status").await;
    assert_eq!(
        (&status["phase"], &status["running"]),
        (&json!("idle"), &json!(false))
    );
    assert_eq!(
        (&status["log_bucket"], &status["log_prefix"]),
        (&json!("their-logs"), &json!("access/"))
    );
    assert_eq!(
        (&status["objects_read"], &status["objects_pending"]),
        (&json!(3), &json!(0))
    );
    assert_eq!(
        (&status["records"], &status["duplicates"]),
        (&json!(REQUESTS), &json!(2))
    );
    let stream = ask(&kit, "/ingest/status")
        .header("accept", "text/event-stream")
        .send()
        .await;
    assert_eq!(stream.header("content-type"), "text/event-stream");
    assert!(
        stream.text().ends_with("\n\n") && stream.text().contains("event: result\ndata: {"),
        "{}",
        stream.text()
    );
    let cancelled = named(kit.ask(Method::POST, "/ingest/cancel").keys(KEY, SECRET))
        .send()
        .await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.text());
}

/// The `name` of each event and its data.
fn events(text: &str) -> Vec<(String, Value)> {
    let event = |text: &str| {
        let (name, data) = text.split_once("\ndata: ")?;
        let data = serde_json::from_str(data).expect("JSON");
        Some((name.strip_prefix("event: ")?.to_owned(), data))
    };
    text.split("\n\n").filter_map(event).collect()
}

/// A log of which one object is read and the other one hangs.
async fn stuck() -> (Kit, FaultId) {
    let kit = kit().await;
    let hang = Fault::new(Effect::Hang).on(Operation::GetObject);
    let hang = hang.at_key("access/2026-11-20-01-00-00-BBBBBBBBBBBBBBBB");
    let hang = kit.store.faults().add(hang);
    let begun = post(&kit, "/ingest/run").send().await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    assert_eq!(begun.json()["status"]["running"], true, "{}", begun.text());
    (kit, hang)
}

#[tokio::test]
async fn a_long_run_is_told_event_by_event_and_can_be_stopped() {
    let (kit, hang) = stuck().await;
    let watched = ask(&kit, "/ingest/status").header("accept", "text/event-stream");
    let (router, request) = watched.request();
    let response = router.oneshot(request).await.expect("an answer");
    let mut body = response.into_body();
    let first = body
        .frame()
        .await
        .expect("an event")
        .expect("bytes")
        .into_data()
        .expect("data");
    let first = events(&String::from_utf8_lossy(&first));
    assert_eq!(
        (first[0].0.as_str(), &first[0].1["running"]),
        ("status", &json!(true))
    );
    assert!(first[0].1["objects_pending"].as_u64() > Some(0), "{first:?}");
    let stopped = post(&kit, "/ingest/cancel").send().await;
    assert_eq!(stopped.status, 200, "{}", stopped.text());
    let rest = body.collect().await.expect("the rest").to_bytes();
    let rest = events(&String::from_utf8_lossy(&rest));
    let (name, last) = rest.last().expect("a last event");
    assert_eq!(
        (name.as_str(), &last["running"]),
        ("result", &json!(false)),
        "{last}"
    );
    // What was not read is told, and read as soon as somebody asks again.
    let partial = answer(&kit, "/ingest/status").await;
    assert!(partial["objects_pending"].as_u64() > Some(0), "{partial}");
    kit.store.faults().remove(hang);
    let found = answer(
        &kit,
        "/tools/search-logs?source_bucket=*&limit_matches=2000&wait=true",
    )
    .await;
    assert_eq!(
        (&found["count"], &found["coverage"]["objects_pending"]),
        (&json!(REQUESTS), &json!(0))
    );
}
