//! Findings that are suppressed for a while: written down, read back whatever else lies there, ended and lifted.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use spacewatch_demo::{DemoStore, Grant};
use spacewatch_insight::{
    SuppressFinding, Suppressions, SuppressionsOutput, Tenant, Tool, ToolError, UnsuppressFinding,
};

use super::kit::Kit;

const ID: &str = "denied-then-read/photos/198.51.100.7 \u{202e}<b>";

async fn kit() -> (Kit, Tenant) {
    let store = DemoStore::empty()
        .with_object("metrics", "spacewatch-metrics/suppressions/zz-not-json.json", "{")
        .with_object(
            "metrics",
            "spacewatch-metrics/suppressions/zz-huge.json",
            "x".repeat(40_000).as_str(),
        )
        .with_object(
            "metrics",
            "spacewatch-metrics/suppressions/zz-format.json",
            "{\"format\":9,\"id\":\"x\",\"at\":\"2026-01-01T00:00:00Z\",\"verb\":\"lift\"}",
        )
        .with_object(
            "metrics",
            "spacewatch-metrics/suppressions/zz-id.json",
            "{\"format\":1,\"id\":\"\",\"at\":\"2026-01-01T00:00:00Z\",\"verb\":\"lift\"}",
        )
        .with_limited_key("reader", "reader-secret", &[("metrics", Grant::Read)])
        .with_bucket("photos");
    let kit = Kit::start(store).await;
    let tenant = with_metrics(kit.tenant());
    (kit, tenant)
}

fn with_metrics(tenant: Tenant) -> Tenant {
    Tenant {
        metrics_bucket: Some("metrics".parse().expect("a name")),
        ..tenant
    }
}

fn args<T: DeserializeOwned>(args: Value) -> T {
    serde_json::from_value(args).expect("arguments")
}

async fn suppress(tenant: &Tenant, id: &str, reason: &str, until: &str) -> Result<Value, ToolError> {
    let args = args(json!({"id": id, "reason": reason, "until": until}));
    let said = SuppressFinding::run(tenant, args).await?;
    Ok(serde_json::to_value(said).expect("JSON"))
}

async fn list(tenant: &Tenant, ended: bool) -> SuppressionsOutput {
    Suppressions::run(tenant, args(json!({"ended": ended})))
        .await
        .expect("a list")
}

async fn reasons(tenant: &Tenant) -> Vec<String> {
    let listed = list(tenant, false).await;
    listed
        .suppressions
        .into_iter()
        .map(|row| row.suppression.reason)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_decision_holds_until_its_day() {
    let (kit, tenant) = kit().await;
    assert_eq!(reasons(&tenant).await, Vec::<String>::new());
    let now = tenant.clock.now();
    // Requests are signed with this clock, so it may move by minutes only.
    let after = |minutes: u64| (now + Duration::from_secs(minutes * 60)).to_string();
    let said = suppress(&tenant, ID, " it is our own probe ", &after(12))
        .await
        .expect("written");
    assert_eq!(
        (&said["id"], &said["suppressed"]["reason"]),
        (&json!(ID), &json!("it is our own probe"))
    );
    let key = said["key"].as_str().expect("a key");
    assert!(key.starts_with("spacewatch-metrics/suppressions/2"), "{key}");
    suppress(&tenant, "other", "known", &after(5))
        .await
        .expect("written");
    assert_eq!(reasons(&tenant).await, ["it is our own probe", "known"]);
    // Once more, with another reason; nothing is overwritten.
    kit.clock.advance(Duration::from_secs(2));
    suppress(&tenant, ID, "still our probe", &after(12))
        .await
        .expect("written");
    assert_eq!(reasons(&tenant).await, ["still our probe", "known"]);
    assert_eq!(kit.store.handle().keys("metrics").len(), 4 + 3);
    assert_eq!(list(&tenant, false).await.unreadable, 4);
    // What has ended is listed only where that is asked for.
    kit.clock.advance(Duration::from_secs(6 * 60));
    assert_eq!(reasons(&tenant).await, ["still our probe"]);
    let ended: Vec<_> = list(&tenant, true)
        .await
        .suppressions
        .iter()
        .map(|row| row.active)
        .collect();
    assert_eq!(ended, [true, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lifted_is_pointed_at_again() {
    let (kit, tenant) = kit().await;
    let lift = || UnsuppressFinding::run(&tenant, args(json!({"id": ID})));
    assert_eq!(
        lift().await.expect_err("nothing to lift").code.as_str(),
        "NotFound"
    );
    suppress(&tenant, ID, "known", "-1h")
        .await
        .expect_err("that is over");
    let until = (tenant.clock.now() + Duration::from_secs(86_400)).to_string();
    suppress(&tenant, ID, "known", &until).await.expect("written");
    kit.clock.advance(Duration::from_secs(2));
    assert_eq!(lift().await.expect("lifted").suppressed, None);
    assert_eq!(reasons(&tenant).await, Vec::<String>::new());
    lift().await.expect_err("nothing to lift any more");
    kit.clock.advance(Duration::from_secs(2));
    suppress(&tenant, ID, "again", &until).await.expect("written");
    assert_eq!(reasons(&tenant).await, ["again"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn reasons_and_ends_are_asked_for() {
    let (kit, tenant) = kit().await;
    let until = (tenant.clock.now() + Duration::from_secs(86_400)).to_string();
    let far = (tenant.clock.now() + Duration::from_secs(400 * 86_400)).to_string();
    for (id, reason, until) in [
        ("", "known", until.as_str()),
        (ID, " ", &until),
        (ID, &"x".repeat(501), &until),
        (ID, "known", ""),
        (ID, "known", "now"),
        (ID, "known", &far),
        (&"x".repeat(5000), "known", &until),
    ] {
        let error = suppress(&tenant, id, reason, until).await.expect_err("refused");
        assert!(error.hint.is_some(), "{error}");
    }
    let nowhere = kit.tenant();
    let error = suppress(&nowhere, ID, "known", &until)
        .await
        .expect_err("no place for it");
    assert_eq!(error.code.as_str(), "MissingBucket");
    let reader = with_metrics(kit.tenant_with("reader", "reader-secret"));
    let error = suppress(&reader, ID, "known", &until)
        .await
        .expect_err("they may only read");
    assert_eq!(error.code.as_str(), "AccessDenied");
}
