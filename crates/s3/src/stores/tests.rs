use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::Mutex;

use spacewatch_model::{Secret, SystemClock};
use spacewatch_telemetry::Config;

use super::*;
use crate::StoreError;

/// Calls `http://name:PORT` as an endpoint that a request named, where names lead to loopback. Gives what
/// the call said, the names that were looked up, and whether anybody connected.
async fn called(name: &str, url: impl Fn(u16) -> Endpoint) -> (StoreError, Vec<String>, bool) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let resolver = GuardedResolver::with_lookup(move |name| {
        seen.lock().expect("no panic").push(name);
        Box::pin(async { Ok(vec![[127, 0, 0, 1].into(), [169, 254, 169, 254].into()]) })
    });
    let clock = Arc::new(SystemClock::new());
    let config = StoresConfig {
        first_byte_timeout: Duration::from_millis(100),
        attempts: 2,
        ..StoresConfig::default()
    };
    let recorder = Recorder::new(Config::default(), clock.clone());
    let stores = Stores::resolving(config, recorder, clock, resolver);
    let credentials = Credentials::new(name.to_owned(), Secret::new("secret")).expect("credentials");
    let store = stores.open(credentials, url(port));
    let error = store.list_buckets().await.expect_err("nobody answers");
    let connected = match listener.accept() {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            false
        }
    };
    let asked = asked.lock().expect("no panic").clone();
    (error, asked, connected)
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_before_anybody_connects() {
    let named = |port| Endpoint::untrusted(format!("http://rebind.test:{port}"));
    let (error, asked, connected) = called("id", named).await;
    assert!(matches!(error, StoreError::EndpointRefused(_)), "{error}");
    assert!(
        error
            .to_string()
            .contains("`rebind.test` leads to `127.0.0.1`, which is not a public address"),
        "{error}"
    );
    assert_eq!(asked, ["rebind.test"], "looked up once, and not tried again");
    assert!(!connected);
}

#[tokio::test]
async fn the_operators_own_may_be_inside() {
    let url = |port| format!("http://127.0.0.1:{port}").parse().expect("a URL");
    let own = |port| Endpoint::trusted(&url(port), "r".parse().expect("a region"));
    let (error, asked, connected) = called("id", own).await;
    assert!(matches!(error, StoreError::Timeout(_)), "{error}");
    assert!(asked.is_empty());
    assert!(connected);
}
