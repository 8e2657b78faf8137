//! The visitor against a server that only listens.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use spacewatch_demo::{DemoStore, Visitor, VisitorConfig};
use spacewatch_model::{Clock, SystemClock};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::kit::start;

#[tokio::test]
async fn visits_until_told_to_stop() {
    let clock = Arc::new(SystemClock::new());
    let store = start(DemoStore::believable(1, clock.now())).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/", listener.local_addr().unwrap());
    let (seen, mut visits) = mpsc::unbounded_channel();
    let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
    tasks.spawn(listen(listener, seen));
    let config = VisitorConfig {
        base_url,
        tenants: store.tenants().to_vec(),
        seed: 1,
    };
    let visitor = Visitor::new(config, Some(store.handle()), clock);
    let stopped = tasks.spawn(visitor.run(stop.clone()));
    for _ in 0..3 {
        let (path, key) = visits.recv().await.unwrap();
        assert!(
            path.starts_with("/tools/") || path == "/validate-credentials",
            "{path}"
        );
        assert!(
            store.tenants().iter().any(|tenant| tenant.access_key_id == key),
            "{key}"
        );
    }
    stop.cancel();
    while let Some(ended) = tasks.join_next_with_id().await {
        if ended.unwrap().0 == stopped.id() {
            return;
        }
    }
}

async fn listen(listener: TcpListener, seen: mpsc::UnboundedSender<(String, String)>) {
    let seen = Arc::new(Mutex::new(seen));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let answer = service_fn(|request: Request<Incoming>| {
            let key = request.headers()["x-spaces-key"].to_str().unwrap().to_owned();
            let _ = seen.lock().unwrap().send((request.uri().path().to_owned(), key));
            async { Ok::<_, std::io::Error>(Response::new(Full::new(Bytes::from_static(b"{}")))) }
        });
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), answer)
            .await;
    }
}
