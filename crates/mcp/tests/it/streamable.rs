//! The protocol over HTTP, one request at a time.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use spacewatch_assistant::{CallProgress, Circumstances, ToolFacts, ToolFailure, Toolbox};
use spacewatch_mcp::{AnswerBody, Caller, Config, SessionBounds, Streamable};
use spacewatch_model::SystemClock;
use tokio::sync::oneshot;

/// A tool that never answers, and tells when it was begun and when it was given up.
struct Hanging {
    facts: Vec<ToolFacts>,
    begun: Mutex<Option<oneshot::Sender<()>>>,
    given_up: Mutex<Option<oneshot::Sender<()>>>,
}

/// Tells when it is dropped.
struct Tells(Option<oneshot::Sender<()>>);

impl Drop for Tells {
    fn drop(&mut self) {
        if let Some(tell) = self.0.take() {
            let _ = tell.send(());
        }
    }
}

#[async_trait]
impl Toolbox for Hanging {
    fn tools(&self) -> &[ToolFacts] {
        &self.facts
    }

    async fn call(&self, _: &str, _: Value) -> Result<Value, ToolFailure> {
        let _tells = Tells(self.given_up.lock().unwrap().take());
        drop(Tells(self.begun.lock().unwrap().take()));
        std::future::pending().await
    }

    fn circumstances(&self) -> Circumstances {
        unreachable!("nobody asks")
    }
}

fn size() -> ToolFacts {
    ToolFacts {
        name: "size",
        description: "How much.".to_owned(),
        arguments: serde_json::Map::new(),
        writes: false,
        page: None,
    }
}

fn hanging() -> (Arc<Hanging>, oneshot::Receiver<()>, oneshot::Receiver<()>) {
    let (begun, is_begun) = oneshot::channel();
    let (given_up, is_given_up) = oneshot::channel();
    let tools = Hanging {
        facts: vec![size()],
        begun: Mutex::new(Some(begun)),
        given_up: Mutex::new(Some(given_up)),
    };
    (Arc::new(tools), is_begun, is_given_up)
}

const CALLER: Caller = Caller {
    tenant: [1; 32],
    client: IpAddr::V4(Ipv4Addr::LOCALHOST),
};

async fn send(
    server: &Streamable,
    tools: Arc<dyn Toolbox>,
    session: &str,
    body: Value,
) -> Response<AnswerBody> {
    let mut request = Request::post("http://localhost/mcp")
        .header("host", "localhost")
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json");
    if !session.is_empty() {
        request = request.header("mcp-session-id", session);
    }
    let request = request.body(Bytes::from(body.to_string())).unwrap();
    server.answer(request, CALLER, tools, Config::default()).await
}

/// A server with a session, and a call under way in it.
async fn calling() -> (Streamable, String, Response<AnswerBody>, oneshot::Receiver<()>) {
    let server = Streamable::new(Arc::new(SystemClock::new()), SessionBounds::default());
    let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "x", "version": "1" } });
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
    let hello = send(&server, hanging().0, "", hello).await;
    let session = hello.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    let (tools, begun, given_up) = hanging();
    let answer = send(&server, tools, &session, call()).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    begun.await.unwrap();
    (server, session, answer, given_up)
}

fn call() -> Value {
    json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "size" } })
}

#[tokio::test]
async fn work_ends_when_the_client_cancels_it() {
    let (server, session, answer, given_up) = calling().await;
    let (tools, _begun, _given_up) = hanging();
    let again = send(&server, tools.clone(), &session, call()).await;
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
    let again = again.into_body().collect().await.unwrap().to_bytes();
    let again: Value = serde_json::from_slice(&again).unwrap();
    assert_eq!(
        (&again["id"], &again["error"]["message"]),
        (
            &json!(7),
            &json!("a call with this id is under way in this session")
        )
    );
    let cancel =
        json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 7 } });
    let accepted = send(&server, tools, &session, cancel).await;
    assert_eq!(accepted.status(), StatusCode::ACCEPTED);
    given_up.await.unwrap();
    let end = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&end).contains("cancelled"), "{end:?}");
}

#[tokio::test]
async fn work_ends_when_the_client_goes_away() {
    let (_server, _session, answer, given_up) = calling().await;
    drop(answer);
    given_up.await.unwrap();
}

#[tokio::test]
async fn work_ends_with_its_session() {
    let (server, session, _answer, given_up) = calling().await;
    let headers = Request::delete("/mcp")
        .header("mcp-session-id", &session)
        .body(())
        .unwrap();
    let ended = server.end(headers.headers(), &CALLER);
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    given_up.await.unwrap();
}

/// A tool that tells how far it is, and goes on when it may.
struct Telling {
    facts: Vec<ToolFacts>,
    may_go_on: tokio::sync::Mutex<Option<oneshot::Receiver<()>>>,
}

#[async_trait]
impl Toolbox for Telling {
    fn tools(&self) -> &[ToolFacts] {
        &self.facts
    }

    async fn call(&self, _: &str, _: Value) -> Result<Value, ToolFailure> {
        Ok(json!({ "bytes": 12 }))
    }

    async fn call_watched(
        &self,
        tool: &str,
        args: Value,
        tell: &mut (dyn FnMut(CallProgress) + Send),
    ) -> Result<Value, ToolFailure> {
        tell(CallProgress {
            objects: 1_000,
            requests: 3,
            bytes: 4_096,
        });
        self.may_go_on.lock().await.take().unwrap().await.unwrap();
        self.call(tool, args).await
    }

    fn circumstances(&self) -> Circumstances {
        unreachable!("nobody asks")
    }
}

fn message(frame: &Bytes) -> Value {
    let text = String::from_utf8_lossy(frame);
    let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    serde_json::from_str(data).unwrap()
}

#[tokio::test]
async fn who_asks_is_told_how_far_a_call_is() {
    let (server, session, _answer, _given_up) = calling().await;
    let (go_on, may_go_on) = oneshot::channel();
    let tools = Telling {
        facts: vec![size()],
        may_go_on: tokio::sync::Mutex::new(Some(may_go_on)),
    };
    let asked = json!({
        "jsonrpc": "2.0", "id": 8, "method": "tools/call", "params": { "name": "size", "_meta": { "progressToken": "p" } },
    });
    let mut answer = send(&server, Arc::new(tools), &session, asked).await.into_body();
    let first = answer.frame().await.unwrap().unwrap().into_data().unwrap();
    let told = message(&first);
    assert_eq!(told["method"], "notifications/progress");
    assert_eq!(
        told["params"],
        json!({
            "progressToken": "p", "progress": 1.0, "message": "3 requests to the store, 1000 objects of 4096 bytes seen",
        })
    );
    go_on.send(()).unwrap();
    let rest = answer.collect().await.unwrap().to_bytes();
    assert_eq!(message(&rest)["result"]["structuredContent"]["bytes"], 12);
}
