//! A server with a store behind it, and a client that checks what every answer must have.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use spacewatch_assistant::Assistant;
use spacewatch_demo::{DemoStore, RunningStore};
use spacewatch_insight::{
    BucketCache, Histories, Inventories, InventoriesConfig, PriceBook, SnapshotsConfig,
};
use spacewatch_lake::{Lakes, LakesConfig};
use spacewatch_model::{Clock, ManualClock, SystemClock};
use spacewatch_s3::{EndpointPolicy, PolicyConfig, Stores, StoresConfig};
use spacewatch_server::{Config, RateLimit, Services};
use spacewatch_telemetry::{Counters, MissionControl, Recorder};
use tempfile::TempDir;
use tower::ServiceExt;

pub(crate) const KEY: &str = "KEYA";
pub(crate) const SECRET: &str = "secret-a";

/// A server around one store.
pub(crate) struct Kit {
    pub(crate) router: Router,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: RunningStore,
    _directory: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    /// `status code: detail`, after checking the document itself.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        let document = self.json();
        assert_eq!(document["status"], self.status.as_u16());
        assert_eq!(document["request_id"], self.header("x-request-id"));
        for field in ["type", "title", "detail", "code"] {
            assert!(
                document[field].as_str().is_some_and(|text| !text.is_empty()),
                "{field}: {document}"
            );
        }
        let text = |field: &str| document[field].as_str().unwrap_or_default().to_owned();
        format!("{} {}: {}", self.status.as_u16(), text("code"), text("detail"))
    }
}

/// Two tenants; the first has a bucket with a few objects, an empty one and a hundred thousand keys.
pub(crate) fn store() -> DemoStore {
    DemoStore::empty()
        .with_tenant("first", KEY, SECRET)
        .with_object("photos", "2026/a.jpg", "12345")
        .with_object("photos", "2026/b.jpg", "1234567890")
        .with_object("photos", "top.txt", "1")
        .with_bucket("nothing")
        .with_tenant("second", "KEYB", "secret-b")
        .with_object("private", "plan.txt", "hush")
}

pub(crate) async fn kit() -> Kit {
    kit_with(store(), |_| {}, |_| {}).await
}

pub(crate) async fn kit_configured(configure: impl FnOnce(&mut Config)) -> Kit {
    kit_with(store(), configure, |_| {}).await
}

pub(crate) async fn kit_with(
    store: DemoStore,
    configure: impl FnOnce(&mut Config),
    configure_stores: impl FnOnce(&mut StoresConfig),
) -> Kit {
    kit_beside(store, &[], configure, configure_stores).await
}

/// A server that may call other endpoints as well.
pub(crate) async fn kit_beside(
    store: DemoStore,
    others: &[String],
    configure: impl FnOnce(&mut Config),
    configure_stores: impl FnOnce(&mut StoresConfig),
) -> Kit {
    let store = store
        .start(([127, 0, 0, 1], 0).into())
        .await
        .expect("the store starts");
    let endpoint = store.endpoint();
    // Signatures hold the time, and the store checks them by the machine's.
    let clock = Arc::new(ManualClock::starting_at(SystemClock::new().now()));
    let recorder = Recorder::new(spacewatch_telemetry::Config::default(), clock.clone());
    let counters = Arc::new(Counters::default());
    let mut stores = StoresConfig::default();
    configure_stores(&mut stores);
    let directory = tempfile::tempdir().expect("a directory");
    let lakes = LakesConfig {
        directory: directory.path().to_owned(),
        place: spacewatch_lake::LakePlace::Disk,
        max_bytes: 1 << 30,
        retention: None,
    };
    let services = Services {
        mission: MissionControl::new(clock.clone()),
        assistant: Assistant::new(clock.clone()),
        stores: Stores::new(stores, recorder.clone(), clock.clone()),
        policy: EndpointPolicy::new(PolicyConfig {
            default_region: "sgp1".parse().expect("a region"),
            default_endpoint: Some(endpoint.parse().expect("a URL")),
            allowed: others.iter().map(|other| other.parse().expect("a URL")).collect(),
        }),
        bucket_cache: BucketCache::new(Duration::from_secs(300), counters.clone()),
        lakes: Lakes::new(lakes, clock.clone()),
        histories: Histories::new(SnapshotsConfig::default(), clock.clone()),
        inventories: Inventories::new(
            InventoriesConfig {
                directory: directory.path().to_owned(),
                max_bytes: 1 << 30,
            },
            clock.clone(),
        ),
        prices: PriceBook::default(),
        counters,
        clock: clock.clone(),
        recorder,
    };
    // Tests that poll must not run into the limit on rate.
    let rate = RateLimit {
        per_second: 0.0,
        burst: 1,
    };
    let mut config = Config {
        rate,
        ..Config::default()
    };
    configure(&mut config);
    Kit {
        router: spacewatch_server::router(Arc::new(config), services),
        clock,
        store,
        _directory: directory,
    }
}

/// A request under construction.
pub(crate) struct Ask<'a> {
    kit: &'a Kit,
    method: Method,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Body,
    peer: SocketAddr,
}

impl Kit {
    pub(crate) fn get(&self, target: &str) -> Ask<'_> {
        self.ask(Method::GET, target)
    }

    pub(crate) fn ask(&self, method: Method, target: &str) -> Ask<'_> {
        Ask {
            kit: self,
            method,
            target: target.to_owned(),
            headers: vec![("host".to_owned(), b"127.0.0.1:8000".to_vec())],
            body: Body::empty(),
            peer: ([127, 0, 0, 1], 40_000).into(),
        }
    }

    /// A GET with the first tenant's keys.
    pub(crate) fn tool(&self, target: &str) -> Ask<'_> {
        self.get(target).keys(KEY, SECRET)
    }
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn keys(self, key: &str, secret: &str) -> Self {
        self.header("x-spaces-key", key).header("x-spaces-secret", secret)
    }

    pub(crate) fn host(self, host: &str) -> Self {
        self.without("host").header("host", host)
    }

    pub(crate) fn from(mut self, peer: &str) -> Self {
        self.peer = SocketAddr::new(peer.parse().expect("an address"), 40_000);
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn request(self) -> (Router, Request<Body>) {
        let mut request = Request::builder().method(self.method).uri(self.target);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request
            .extension(ConnectInfo(self.peer))
            .body(self.body)
            .expect("a request");
        (self.kit.router.clone(), request)
    }

    /// Sends it, and checks what every answer must have.
    pub(crate) async fn send(self) -> Answer {
        let (router, request) = self.request();
        let response = router.oneshot(request).await.expect("the router never fails");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes().to_vec();
        let answer = Answer {
            status: head.status,
            headers: head.headers,
            body,
        };
        check_every_answer(&answer);
        answer
    }
}

pub(crate) fn check_every_answer(answer: &Answer) {
    let duration = answer.header("x-request-duration-ms");
    let decimals = duration.split_once('.').map(|(_, decimals)| decimals.len());
    assert!(
        duration.parse::<f64>().is_ok() && decimals == Some(2),
        "duration {duration:?}"
    );
    let id = answer.header("x-request-id");
    assert!(!id.is_empty() && id.len() <= 128, "request id {id:?}");
    let operation = answer.header("x-operation-type");
    assert!(
        operation.parse::<spacewatch_telemetry::OperationType>().is_ok(),
        "operation {operation:?}"
    );
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert!(
        answer
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert!(!answer.header("cache-control").is_empty());
}
