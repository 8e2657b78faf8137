//! What is left when a model fails: the planner, and a word about why.

use std::time::Duration;

use serde_json::json;
use spacewatch_assistant::AgentConfig;

use super::endpoint::{Endpoint, Reply};
use super::toolbox::Tools;
use super::{ask, assistant, calls, config, native, question, says};

/// Asks, and says who answered instead of the model, and why.
async fn instead(replies: Vec<Reply>, bound: impl FnOnce(&mut AgentConfig)) -> String {
    let endpoint = Endpoint::start(replies).await;
    let mut config = config(&endpoint);
    bound(&mut config);
    let told = ask(&assistant(config), "Which buckets do I have?", &Tools::new()).await;
    assert_eq!(told.made.by, "planner");
    assert!(told.text().contains("prod-assets"), "{}", told.text());
    told.made.instead.unwrap()
}

/// A model in a rut.
const HA: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"ha \"}}]}\n\n";

fn nothing(_: &mut AgentConfig) {}

#[tokio::test]
async fn replies_that_are_none_are_survived() {
    let event = |data: &str| Reply::raw(200, "text/event-stream", format!("data: {data}\n\n"));
    let call = || calls(&[native("a", "buckets", &json!({}))]);
    for (replies, why) in [
        (
            vec![Reply::raw(200, "text/html", "<html>no</html>")],
            "neither JSON nor",
        ),
        (
            vec![Reply::raw(200, "application/json", "{\"choices\":")],
            "not the expected JSON",
        ),
        (vec![Reply::raw(200, "application/json", "")], "empty"),
        (
            vec![Reply::raw(200, "application/json", b"{\xff\xfe}".to_vec())],
            "not the expected JSON",
        ),
        (vec![event("{\"choices\":7}")], "not the expected JSON"),
        (
            vec![event("{\"error\":{\"message\":\"out of memory\"}}")],
            "out of memory",
        ),
        (vec![call(), says("")], "empty"),
        (
            vec![Reply::json(401, &json!({ "error": { "message": "bad key" } }))],
            "401: bad key",
        ),
        (
            vec![Reply::raw(403, "text/html", "<h1>Forbidden</h1>")],
            "answered 403",
        ),
        (
            vec![Reply::raw(302, "text/plain", "").with_header("location", "http://127.0.0.1:1/")],
            "answered 302",
        ),
        (
            vec![Reply::json(503, &json!({})).with_header("retry-after", "3600")],
            "answered 503",
        ),
        (vec![Reply::Endless(HA), Reply::Endless(HA)], "again and again"),
        (vec![Reply::Endless("{\"x\":1,")], "longer than"),
        (vec![Reply::Endless(": still here\n")], "longer than"),
        (vec![Reply::Endless(" ")], "empty"),
    ] {
        let told = instead(replies, nothing).await;
        assert!(told.contains(why), "{told} / {why}");
    }
}

#[tokio::test]
async fn a_busy_endpoint_is_tried_again() {
    let endpoint = Endpoint::start(vec![
        Reply::json(429, &json!({ "error": "slow down" })).with_header("retry-after", "0"),
        Reply::json(502, &json!({})),
        calls(&[native("a", "buckets", &json!({}))]),
        Reply::json(503, &json!({})).with_header("retry-after", "0"),
        says("Two buckets."),
    ])
    .await;
    let told = ask(&assistant(config(&endpoint)), "Which buckets?", &Tools::new()).await;
    assert_eq!((told.text().as_str(), endpoint.left()), ("Two buckets.", 0));
}

#[tokio::test]
async fn tries_end() {
    let busy = || Reply::json(503, &json!({})).with_header("retry-after", "0");
    let told = instead(vec![busy(), busy(), busy(), says("too late")], nothing).await;
    assert!(told.contains("503"), "{told}");
}

#[tokio::test]
async fn what_a_question_may_cost_is_bounded() {
    let call = |name: &str| calls(&[native("a", "top", &json!({ "by": "ip", "bucket": name }))]);
    let told = instead(vec![call("a"), call("b"), call("c")], |config| {
        config.max_steps = 2
    })
    .await;
    assert!(told.contains("used up its steps"), "{told}");
    let told = instead(vec![call("a"), call("b")], |config| config.max_tokens = 10).await;
    assert!(told.contains("used up its tokens"), "{told}");
}

#[tokio::test]
async fn a_model_that_hangs_is_given_up_and_left_alone_for_a_while() {
    let endpoint = Endpoint::start(vec![Reply::Hang, says("x"), says("y")]).await;
    let assistant = assistant(AgentConfig {
        timeout: Duration::from_millis(200),
        ..config(&endpoint)
    });
    let told = ask(&assistant, "Which buckets do I have?", &Tools::new()).await;
    assert!(told.made.instead.unwrap().contains("took longer"));
    let told = ask(&assistant, "Which buckets do I have?", &Tools::new()).await;
    assert!(told.made.instead.unwrap().contains("a moment ago"));
    assert_eq!(endpoint.left(), 2);
}

#[tokio::test]
async fn nobody_listens_where_nothing_is_said() {
    let endpoint = Endpoint::start(Vec::new()).await;
    let mut config = config(&endpoint);
    config.retries = 0;
    drop(endpoint);
    let told = ask(&assistant(config), "Which buckets do I have?", &Tools::new()).await;
    assert_eq!(
        told.made.instead.as_deref(),
        Some("the model could not be reached")
    );
}

#[tokio::test]
async fn to_drop_the_question_ends_the_request() {
    let endpoint = Endpoint::start(vec![Reply::Hang]).await;
    let assistant = assistant(config(&endpoint));
    let tools = Tools::new();
    let question = question("Which buckets?");
    let mut tell = |_| {};
    let mut asking = Box::pin(assistant.answer(&question, &tools, &mut tell));
    while endpoint.hanging() == 0 {
        tokio::select! {
            _ = &mut asking => panic!("it hangs"),
            () = tokio::task::yield_now() => {}
        }
    }
    drop(asking);
    while endpoint.hanging() > 0 {
        tokio::task::yield_now().await;
    }
}
