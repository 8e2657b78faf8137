//! The visitor against a server that only listens.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use spacewatch_access_log::Record;
use spacewatch_demo::{DemoStore, Visitor, VisitorConfig};
use spacewatch_model::{Clock, SystemClock};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::history::read;
use crate::kit::{client, start};

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

#[tokio::test]
async fn others_leave_traces_in_the_logs_meanwhile() {
    let clock = Arc::new(SystemClock::new());
    let now = clock.now();
    let store = start(DemoStore::believable(1, now).with_history(1, now)).await;
    let config = VisitorConfig {
        // Nobody listens: what the visitor asks SpaceWatch for comes to nothing.
        base_url: "http://127.0.0.1:1".to_owned(),
        tenants: store.tenants().to_vec(),
        seed: 1,
    };
    let mut visitor = Visitor::new(config, Some(store.handle()), clock);
    for _ in 0..2_000 {
        visitor.change_store();
    }
    store.handle().deliver_logs();
    let client = client(&store);
    let mut seen = BTreeMap::new();
    for key in store.handle().keys("northwind-logs") {
        let text = read(&client, "northwind-logs", &key).await;
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let record = Record::parse(line).unwrap();
            let who = record.requester().map_or("nobody", |_| "somebody");
            let what = String::from_utf8_lossy(record.operation().as_bytes()).into_owned();
            *seen.entry((what, record.status(), who)).or_insert(0_u64) += 1;
        }
    }
    for (what, status, who) in [
        ("REST.GET.OBJECT", Some(200), "nobody"),
        ("REST.GET.OBJECT", Some(200), "somebody"),
        ("REST.GET.OBJECT", Some(404), "nobody"),
        ("REST.PUT.OBJECT", Some(200), "somebody"),
        ("REST.DELETE.OBJECT", Some(204), "somebody"),
        ("BATCH.DELETE.OBJECT", Some(204), "somebody"),
        ("REST.COPY.OBJECT_GET", Some(200), "somebody"),
    ] {
        assert!(
            seen.contains_key(&(what.to_owned(), status, who)),
            "{what}: {seen:?}"
        );
    }
}
