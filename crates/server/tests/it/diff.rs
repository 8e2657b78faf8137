//! What changed, over HTTP.

use std::time::Duration;

use bytes::Bytes;
use expect_test::expect;
use http::Method;
use serde_json::json;
use spacewatch_demo::DemoStore;
use spacewatch_model::{Clock, SystemClock};

use crate::kit::{KEY, Kit, SECRET, kit_with};

async fn scan(kit: &Kit) {
    let run = kit.ask(Method::POST, "/tools/inventory/run?bucket=photos&wait=true");
    let answer = run.keys(KEY, SECRET).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    kit.clock.advance(Duration::from_secs(1));
}

/// The line of a request that was made just now.
fn line(operation: &str, key: &str, size: &str) -> String {
    let time = SystemClock::new()
        .now()
        .strftime("%d/%b/%Y:%H:%M:%S +0000")
        .to_string();
    let method = operation.split('.').nth(1).expect("a method");
    format!(
        "owner photos [{time}] 192.0.2.7 somebody REQ-{method} {operation} {key} \"{method} /photos/{key} HTTP/1.1\" 200 - - {size} 20 \
         10 \"-\" \"agent/1\" - host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_between_two_inventories() {
    let store = DemoStore::empty()
        .with_tenant("first", KEY, SECRET)
        .with_object("photos", "2026/a.jpg", "12345")
        .with_object("photos", "top.txt", "1")
        .with_object("photos", "gone.txt", "123")
        .with_bucket("their-logs");
    let kit = kit_with(store, |_| {}, |_| {}).await;
    let none = kit.tool("/tools/diff?bucket=photos").send().await;
    expect!["404 NotFound: there is no inventory of bucket `photos`"].assert_eq(&none.problem());
    scan(&kit).await;
    let one = kit.tool("/tools/diff?bucket=photos").send().await.problem();
    assert!(
        one.starts_with("404 NotFound: there are no two inventories to compare; kept are those begun "),
        "{one}"
    );
    let handle = kit.store.handle();
    assert!(handle.put_sparse("photos", "2026/new.jpg", 9, "image/jpeg"));
    handle.delete("photos", "top.txt");
    handle.delete("photos", "gone.txt");
    let log = line("REST.PUT.OBJECT", "2026/new.jpg", "9") + &line("REST.DELETE.OBJECT", "top.txt", "-");
    assert!(handle.put_bytes("their-logs", "access/1", Bytes::from(log)));
    kit.clock.advance(Duration::from_secs(5));
    scan(&kit).await;

    let blind = kit.tool("/tools/diff?bucket=photos").send().await.json();
    assert_eq!(
        (&blind["changes"], &blind["totals"][0]["without_log"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(blind["coverage"], json!(null));

    let ask = |target: &str| {
        let ask = kit.tool(target).header("x-log-bucket", "their-logs");
        ask.header("x-log-prefix", "access")
    };
    let told = ask("/tools/diff?bucket=photos&wait=true").send().await;
    assert_eq!(told.status, 200, "{}", told.text());
    let told = told.json();
    assert_eq!(
        (
            &told["added"][0]["deed"]["request_id"],
            &told["added"][0]["deed"]["ip"]
        ),
        (&json!("REQ-PUT"), &json!("192.0.2.7"))
    );
    assert_eq!(told["unexplained"][0]["key"], "gone.txt");
    assert_eq!(told["findings"][0]["severity"], "info");
    assert_eq!(told["log_complete"], false);
    assert_eq!(told["coverage"]["lines_read"], 2);
    let csv = ask("/tools/diff?bucket=photos&kind=removed&list=removed").header("accept", "text/csv");
    let csv = csv.send().await.text();
    assert!(
        csv.starts_with("key,kind,bytes,explained_by,before.size_bytes,"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 3, "{csv}");
    let wrong = ask("/tools/diff?bucket=photos&kind=stolen").send().await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
}
