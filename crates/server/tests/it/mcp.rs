//! `/mcp`: the Model Context Protocol over HTTP.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::kit::{Answer, Ask, KEY, Kit, SECRET, kit, kit_configured};

fn post<'a>(kit: &'a Kit, body: &Value) -> Ask<'a> {
    kit.ask(Method::POST, "/mcp")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .body(body.to_string())
}

fn request(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

fn initialize() -> Value {
    request(
        "initialize",
        &json!({
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
        }),
    )
}

/// Opens a session and names it.
async fn opened(kit: &Kit, key: &str, secret: &str) -> String {
    let answer = post(kit, &initialize()).keys(key, secret).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let name = answer.header("mcp-session-id").to_owned();
    assert_eq!(name.len(), 32, "{}", answer.text());
    name
}

fn within<'a>(kit: &'a Kit, session: &str, body: &Value) -> Ask<'a> {
    post(kit, body)
        .header("mcp-session-id", session)
        .header("mcp-protocol-version", "2025-06-18")
        .keys(KEY, SECRET)
}

/// The message in an answer, whether it is JSON or a stream of one event.
fn told(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    if answer.header("content-type") == "application/json" {
        return answer.json();
    }
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let text = answer.text();
    let mut data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    serde_json::from_str(data.next_back().expect("an event")).expect("JSON")
}

async fn ask(kit: &Kit, session: &str, method: &str, params: Value) -> Value {
    let told = told(&within(kit, session, &request(method, &params)).send().await);
    assert_eq!(told["id"], 1, "{told}");
    assert!(told["result"].is_object(), "{told}");
    told["result"].clone()
}

fn call(tool: &str, args: Value) -> Value {
    request("tools/call", &json!({ "name": tool, "arguments": args }))
}

/// The status and the protocol's own words.
fn refusal(answer: &Answer) -> String {
    assert_eq!(
        answer.header("content-type"),
        "application/json",
        "{}",
        answer.text()
    );
    let error = &answer.json()["error"];
    format!(
        "{} {}: {}",
        answer.status.as_u16(),
        error["code"],
        error["message"].as_str().expect("a message")
    )
}

const NO_SESSION: &str = "404 -32600: there is no such session; begin with `initialize`";

#[tokio::test]
async fn a_client_sees_and_uses_the_tools_of_its_keys() {
    let kit = kit().await;
    let answer = post(&kit, &initialize()).keys(KEY, SECRET).send().await;
    assert_eq!(answer.header("x-operation-type"), "AI_QUERY");
    let hello = told(&answer);
    assert_eq!(hello["result"]["serverInfo"]["name"], "spacewatch", "{hello}");
    assert_eq!(hello["result"]["protocolVersion"], "2025-06-18");
    let session = opened(&kit, KEY, SECRET).await;
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let ready = within(&kit, &session, &ready).send().await;
    assert_eq!(ready.status, StatusCode::ACCEPTED, "{}", ready.text());

    let listed = ask(&kit, &session, "tools/list", json!({})).await;
    let tools = listed["tools"].as_array().expect("tools");
    assert!(tools.len() > 30, "{}", tools.len());
    for tool in tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
    }
    let called = ask(
        &kit,
        &session,
        "tools/call",
        json!({ "name": "storage-summary", "arguments": { "bucket": "photos" } }),
    )
    .await;
    assert_ne!(called["isError"], true, "{called}");
    assert!(called["structuredContent"].is_object(), "{called}");
    let text = called["content"][0]["text"].as_str().expect("a text");
    assert_eq!(
        serde_json::from_str::<Value>(text).expect("JSON"),
        called["structuredContent"]
    );
    let buckets = ask(
        &kit,
        &session,
        "tools/call",
        json!({ "name": "buckets", "arguments": {} }),
    )
    .await;
    let buckets = buckets["structuredContent"].to_string();
    assert!(
        buckets.contains("photos") && !buckets.contains("private"),
        "{buckets}"
    );
}

#[tokio::test]
async fn failures_guides_and_prompts_are_told_as_the_protocol_says() {
    let kit = kit().await;
    let session = opened(&kit, KEY, SECRET).await;
    let failed = ask(
        &kit,
        &session,
        "tools/call",
        json!({ "name": "storage-summary", "arguments": { "bucket": "nowhere" } }),
    )
    .await;
    assert_eq!(
        (&failed["isError"], &failed["structuredContent"]["code"]),
        (&json!(true), &json!("NoSuchBucket")),
        "{failed}"
    );
    for tool in ["metrics-snapshot", "ingest-run", "rm -rf"] {
        let unknown = told(&within(&kit, &session, &call(tool, json!({}))).send().await);
        assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    }
    let guides = ask(&kit, &session, "resources/list", json!({})).await;
    assert!(guides["resources"].as_array().expect("resources").len() >= 10);
    let guide = ask(
        &kit,
        &session,
        "resources/read",
        json!({ "uri": "spacewatch://docs/cost" }),
    )
    .await;
    assert!(
        guide["contents"][0]["text"]
            .as_str()
            .is_some_and(|text| text.contains("egress"))
    );
    let prompt = ask(
        &kit,
        &session,
        "prompts/get",
        json!({ "name": "audit-object", "arguments": { "bucket": "photos", "key": "top.txt" } }),
    )
    .await;
    assert!(
        prompt["messages"][0]["content"]["text"]
            .as_str()
            .is_some_and(|text| text.contains("top.txt"))
    );
}

#[tokio::test]
async fn keys_hosts_and_origins_are_looked_at() {
    let kit = kit_configured(|config| {
        config.cors_origins = vec!["https://app.example.com".parse().expect("an origin")];
    })
    .await;
    let nobody = post(&kit, &initialize()).send().await;
    assert_eq!(
        nobody.problem(),
        "422 MissingHeader: the header `X-Spaces-Key` is missing"
    );
    let asked = || post(&kit, &initialize()).keys(KEY, SECRET);
    let elsewhere = asked().host("evil.example").send().await;
    assert_eq!(
        elsewhere.problem(),
        "421 HostNotAllowed: this server does not go by the name `evil.example`"
    );
    for (origin, status) in [
        ("https://app.example.com", 200),
        ("http://127.0.0.1:8000", 200),
        ("http://127.0.0.1:9000", 403),
        ("http://evil.example", 403),
        ("https://app.example.com.evil", 403),
        ("null", 403),
        ("", 403),
    ] {
        let answer = asked().header("origin", origin).send().await;
        assert_eq!(answer.status.as_u16(), status, "{origin}: {}", answer.text());
        if status == 403 {
            assert!(refusal(&answer).contains("CORS_ALLOW_ORIGINS"));
            assert_eq!(answer.header("mcp-session-id"), "");
        }
    }
    let twice = asked()
        .header("origin", "http://127.0.0.1:8000")
        .header("origin", "http://evil.example");
    assert_eq!(twice.send().await.status, StatusCode::FORBIDDEN);
    let ended = kit
        .ask(Method::DELETE, "/mcp")
        .keys(KEY, SECRET)
        .header("origin", "http://evil.example");
    assert_eq!(ended.send().await.status, StatusCode::FORBIDDEN);
    let exposed = asked().header("origin", "https://app.example.com").send().await;
    assert!(
        exposed
            .header("access-control-expose-headers")
            .contains("mcp-session-id")
    );
}

#[tokio::test]
async fn a_session_is_good_for_the_keys_that_opened_it() {
    let kit = kit().await;
    let session = opened(&kit, KEY, SECRET).await;
    let list = request("tools/list", &json!({}));
    let with = |name: &str, key, secret| {
        let asked = post(&kit, &list).header("mcp-session-id", name).keys(key, secret);
        async { refusal(&asked.send().await) }
    };
    let unknown = with("00000000000000000000000000000000", KEY, SECRET).await;
    assert_eq!(unknown, NO_SESSION);
    for (key, secret) in [("KEYB", "secret-b"), (KEY, "secret-b"), ("KEYB", SECRET)] {
        assert_eq!(with(&session, key, secret).await, NO_SESSION);
    }
    let end = |key, secret| {
        kit.ask(Method::DELETE, "/mcp")
            .header("mcp-session-id", &session)
            .keys(key, secret)
    };
    assert_eq!(refusal(&end("KEYB", "secret-b").send().await), NO_SESSION);
    ask(&kit, &session, "tools/list", json!({})).await;
    assert_eq!(end(KEY, SECRET).send().await.status, StatusCode::NO_CONTENT);
    assert_eq!(with(&session, KEY, SECRET).await, NO_SESSION);
    assert_eq!(refusal(&end(KEY, SECRET).send().await), NO_SESSION);
    let nameless = post(&kit, &list).keys(KEY, SECRET).send().await;
    assert_eq!(
        refusal(&nameless),
        "400 -32600: the header `Mcp-Session-Id` is missing; `initialize` answers with it"
    );
}

#[tokio::test]
async fn sessions_end_when_they_rest_and_when_there_are_too_many() {
    let kit = kit().await;
    let list = request("tools/list", &json!({}));
    let session = opened(&kit, KEY, SECRET).await;
    kit.clock.advance(Duration::from_secs(1_799));
    ask(&kit, &session, "tools/list", json!({})).await;
    kit.clock.advance(Duration::from_secs(1_800));
    assert_eq!(refusal(&within(&kit, &session, &list).send().await), NO_SESSION);

    let first = opened(&kit, KEY, SECRET).await;
    let others = opened(&kit, "KEYB", "secret-b").await;
    for _ in 0..32 {
        kit.clock.advance(Duration::from_secs(1));
        opened(&kit, KEY, SECRET).await;
    }
    assert_eq!(refusal(&within(&kit, &first, &list).send().await), NO_SESSION);
    let undisturbed = post(&kit, &list)
        .header("mcp-session-id", &others)
        .keys("KEYB", "secret-b");
    assert_eq!(undisturbed.send().await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_no_message_is_refused_kindly() {
    let kit = kit_configured(|config| config.bounds.body_bytes = 64 * 1024).await;
    let session = opened(&kit, KEY, SECRET).await;
    let nested = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
    let deep = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{nested}}}"#);
    let long_id = json!({ "jsonrpc": "2.0", "id": "x".repeat(9_000), "method": "ping" }).to_string();
    let huge_id = r#"{"jsonrpc":"2.0","id":99999999999999999999999999,"method":"ping"}"#.to_owned();
    for (body, wanted) in [
        (String::new(), "400 -32700: the body is no JSON"),
        ("{".to_owned(), "400 -32700: the body is no JSON"),
        (deep, "400 -32700: the body is no JSON"),
        (
            "[]".to_owned(),
            "400 -32600: send one message at a time: there are no batches in the protocol",
        ),
        (
            format!("[{},{}]", initialize(), initialize()),
            "400 -32600: send one message at a time: there are no batches in the protocol",
        ),
        (
            "7".to_owned(),
            "400 -32600: this is JSON, but no message of the protocol",
        ),
        (
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#.to_owned(),
            "400 -32600: this is JSON, but no message of the protocol",
        ),
        (
            huge_id,
            "400 -32600: this is JSON, but no message of the protocol",
        ),
        (long_id, "400 -32600: the id is longer than 256 bytes"),
    ] {
        let refused = within(&kit, &session, &json!({})).body(body.clone()).send().await;
        let shown: String = body.chars().take(60).collect();
        assert_eq!(refusal(&refused), wanted, "{shown}");
    }
    let large = call("buckets", json!({ "x": "y".repeat(70_000) }));
    let large = within(&kit, &session, &large).send().await;
    assert_eq!(
        large.problem(),
        "413 PayloadTooLarge: the body is larger than 65536 bytes"
    );
    for params in [
        json!([]),
        json!({ "name": 7 }),
        json!({ "name": "buckets", "arguments": [] }),
    ] {
        let odd = within(&kit, &session, &request("tools/call", &params))
            .send()
            .await;
        assert!(odd.text().contains("error"), "{params}: {}", odd.text());
    }
    ask(&kit, &session, "ping", json!({})).await;
}

#[tokio::test]
async fn other_methods_media_and_versions_are_refused() {
    let kit = kit().await;
    let session = opened(&kit, KEY, SECRET).await;
    let pushed = kit
        .get("/mcp")
        .keys(KEY, SECRET)
        .header("accept", "text/event-stream")
        .send()
        .await;
    assert_eq!(pushed.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(pushed.header("allow"), "POST,DELETE");
    let list = request("tools/list", &json!({}));
    let bare = kit
        .ask(Method::POST, "/mcp")
        .keys(KEY, SECRET)
        .header("mcp-session-id", &session);
    let bare = bare
        .header("content-type", "application/json")
        .body(list.to_string())
        .send()
        .await;
    assert_eq!(bare.status, StatusCode::NOT_ACCEPTABLE, "{}", bare.text());
    assert!(refusal(&bare).contains("text/event-stream"));
    let other = within(&kit, &session, &list)
        .without("content-type")
        .header("content-type", "text/plain")
        .send()
        .await;
    assert_eq!(
        other.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "{}",
        other.text()
    );
    let unheard = within(&kit, &session, &list)
        .without("mcp-protocol-version")
        .header("mcp-protocol-version", "1999-01-01")
        .send()
        .await;
    assert_eq!(unheard.status, StatusCode::BAD_REQUEST, "{}", unheard.text());
    assert!(refusal(&unheard).contains("1999-01-01"));
}

#[tokio::test]
async fn the_newest_protocol_needs_no_session() {
    let kit = kit().await;
    let about = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let ask = |key, secret| {
        post(
            &kit,
            &request(
                "tools/call",
                &json!({ "name": "buckets", "arguments": {}, "_meta": about }),
            ),
        )
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "buckets")
        .keys(key, secret)
    };
    let first = told(&ask(KEY, SECRET).send().await)["result"]["structuredContent"].to_string();
    assert!(first.contains("photos") && !first.contains("private"), "{first}");
    let second = told(&ask("KEYB", "secret-b").send().await)["result"]["structuredContent"].to_string();
    assert!(
        second.contains("private") && !second.contains("photos"),
        "{second}"
    );
}
