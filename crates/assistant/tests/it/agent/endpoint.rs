//! An endpoint of chat completions that follows a script.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What is answered.
#[derive(Clone)]
pub(super) enum Reply {
    /// This, cut into pieces of so many bytes.
    Send {
        status: u16,
        kind: &'static str,
        headers: Vec<(&'static str, &'static str)>,
        body: Vec<u8>,
        cut: usize,
    },
    /// This again and again.
    Endless(&'static str),
    /// Nothing, ever.
    Hang,
}

impl Reply {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::raw(status, "application/json", body.to_string().into_bytes())
    }

    pub(super) fn raw(status: u16, kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self::Send {
            status,
            kind,
            headers: Vec::new(),
            body: body.into(),
            cut: usize::MAX,
        }
    }

    /// A stream of these pieces, cut where nobody would expect it.
    pub(super) fn events(pieces: &[Value]) -> Self {
        let mut body = String::from(": hello\n\n");
        for piece in pieces {
            let event = json!({ "id": "x", "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": piece }] });
            body.push_str(&format!("data: {event}\r\n\r\n"));
        }
        body.push_str("data: [DONE]\n\n");
        Self::Send {
            status: 200,
            kind: "text/event-stream",
            headers: Vec::new(),
            body: body.into_bytes(),
            cut: 7,
        }
    }

    pub(super) fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        if let Self::Send { headers, .. } = &mut self {
            headers.push((name, value));
        }
        self
    }
}

#[derive(Default)]
struct Script {
    replies: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<Value>>,
    keys: Mutex<Vec<String>>,
    hanging: AtomicUsize,
}

/// A request that is never answered; it ends when its client goes away.
struct Waiting(Arc<Script>);

impl Waiting {
    fn for_ever(script: &Arc<Script>) -> Self {
        script.hanging.fetch_add(1, Ordering::SeqCst);
        Self(script.clone())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.hanging.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The endpoint; it ends when it is dropped.
pub(super) struct Endpoint {
    address: SocketAddr,
    script: Arc<Script>,
    _serving: JoinSet<()>,
}

impl Endpoint {
    pub(super) async fn start(replies: Vec<Reply>) -> Self {
        let script = Arc::new(Script {
            replies: Mutex::new(replies.into()),
            ..Script::default()
        });
        let app = Router::new()
            .route("/v1/chat/completions", post(answer))
            .with_state(script.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            address,
            script,
            _serving: serving,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/v1/chat/completions", self.address)
    }

    /// What was asked.
    pub(super) fn requests(&self) -> Vec<Value> {
        self.script.requests.lock().unwrap().clone()
    }

    /// With which keys.
    pub(super) fn keys(&self) -> Vec<String> {
        self.script.keys.lock().unwrap().clone()
    }

    /// Requests that wait for ever.
    pub(super) fn hanging(&self) -> usize {
        self.script.hanging.load(Ordering::SeqCst)
    }

    /// Replies that nobody asked for.
    pub(super) fn left(&self) -> usize {
        self.script.replies.lock().unwrap().len()
    }
}

async fn answer(State(script): State<Arc<Script>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    script
        .requests
        .lock()
        .unwrap()
        .push(serde_json::from_slice(&body).unwrap());
    let key = headers
        .get("authorization")
        .map(|key| key.to_str().unwrap().to_owned());
    script.keys.lock().unwrap().push(key.unwrap_or_default());
    let reply = script.replies.lock().unwrap().pop_front();
    let reply = reply.unwrap_or_else(|| Reply::json(500, &json!({ "error": "the script is over" })));
    match reply {
        Reply::Send {
            status,
            kind,
            headers,
            body,
            cut,
        } => {
            let pieces: Vec<Result<Bytes, Infallible>> = body
                .chunks(cut.min(body.len().max(1)))
                .map(|piece| Ok(Bytes::copy_from_slice(piece)))
                .collect();
            let mut response = Response::builder().status(status).header("content-type", kind);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response
                .body(Body::from_stream(futures::stream::iter(pieces)))
                .unwrap()
        }
        Reply::Endless(piece) => {
            let pieces = futures::stream::repeat(Ok::<_, Infallible>(Bytes::from_static(piece.as_bytes())));
            Response::new(Body::from_stream(pieces.boxed()))
        }
        Reply::Hang => {
            let _waiting = Waiting::for_ever(&script);
            std::future::pending().await
        }
    }
}
