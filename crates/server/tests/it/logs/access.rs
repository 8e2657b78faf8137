//! Who may see what is in a lake, and for how long.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use spacewatch_demo::{DemoStore, Effect, Fault, Operation};

use super::{answer, ask, kit, named};
use crate::kit::{KEY, Kit, SECRET, kit_beside};

#[tokio::test]
async fn nobody_reads_anothers_log() {
    let kit = kit().await;
    assert_eq!(
        answer(&kit, "/tools/search-logs?source_bucket=*&wait=true").await["count"],
        20
    );
    for route in [
        "/tools/search-logs?source_bucket=*",
        "/tools/top",
        "/tools/rejects",
        "/ingest/status",
        "/tools/raw-line?log_object=access/2026-11-20-01-00-00-BBBBBBBBBBBBBBBB&offset=0",
    ] {
        let foreign = named(kit.get(route).keys("KEYB", "secret-b")).send().await;
        assert_eq!(
            foreign.status,
            StatusCode::FORBIDDEN,
            "{route}: {}",
            foreign.text()
        );
        let wrong = named(kit.get(route).keys(KEY, "secret-x")).send().await;
        assert_eq!(
            wrong.status,
            StatusCode::UNAUTHORIZED,
            "{route}: {}",
            wrong.text()
        );
        for answer in [foreign, wrong] {
            assert!(
                !answer.text().contains("REQ0") && !answer.text().contains("year"),
                "{route}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_in_the_lake_is_told_only_while_the_store_says_yes() {
    let kit = kit().await;
    assert_eq!(
        answer(&kit, "/tools/search-logs?source_bucket=*&wait=true").await["count"],
        20
    );
    kit.clock.advance(Duration::from_secs(61));
    for operation in [Operation::GetObject, Operation::ListObjectsV2] {
        kit.store
            .faults()
            .add(Fault::new(Effect::InternalError).on(operation));
    }
    for route in [
        "/tools/search-logs?source_bucket=*",
        "/tools/top",
        "/ingest/status",
    ] {
        let refused = ask(&kit, route).send().await;
        assert!(refused.status.is_server_error(), "{route}: {}", refused.text());
    }
}

#[tokio::test]
async fn revoked_keys_get_nothing_after_a_minute() {
    let kit = kit().await;
    let routes = [
        "/tools/search-logs?source_bucket=*",
        "/tools/top",
        "/tools/rejects",
        "/tools/access-logs?source_bucket=*",
        "/tools/read-log?key=access/2026-11-20-02-00-00-CCCCCCCCCCCCCCCC",
        "/metrics/query?metric=AllRequests&bucket=photos",
        "/plots/top-ips.svg?source_bucket=*&wait=true",
        "/ingest/status",
    ];
    let found = answer(
        &kit,
        "/tools/search-logs?source_bucket=*&limit_matches=1&wait=true",
    )
    .await;
    let place = &found["matches"][0]["log_object"];
    let (key, offset) = (place["key"].as_str().expect("a key"), &place["offset"]);
    let line = format!("/tools/raw-line?log_object={key}&offset={offset}");
    let routes = [&routes[..], &[line.as_str()]].concat();
    for route in &routes {
        answer_of(&kit, route).await;
    }
    let revoked = kit.store.faults();
    revoked.add(Fault::new(Effect::Revoked).for_key(KEY));
    kit.clock.advance(Duration::from_secs(61));
    for route in &routes {
        let refused = ask(&kit, route).send().await;
        assert!(refused.status.is_client_error(), "{route}: {}", refused.status);
        assert!(!refused.text().contains("10.1.0."), "{route}: {}", refused.text());
    }
}

async fn answer_of(kit: &Kit, route: &str) {
    let answer = ask(kit, route).send().await;
    assert_eq!(answer.status, 200, "{route}: {}", answer.text());
}

fn line(bucket: &str, id: &str) -> String {
    format!(
        "owner {bucket} [18/Nov/2026:10:00:00 +0000] 192.0.2.1 someone {id} REST.GET.OBJECT k \"GET /k HTTP/1.1\" 200 - 5 5 1 1 \
         \"-\" \"-\" -\n"
    )
}

#[tokio::test]
async fn a_log_bucket_of_the_same_name_elsewhere_is_another_log() {
    let there = DemoStore::empty()
        .with_tenant("other", "KEYB", "secret-b")
        .with_object("their-logs", "access/x", line("photos", "THERE").as_str())
        .start(([127, 0, 0, 1], 0).into())
        .await
        .expect("the store starts");
    let here = DemoStore::empty().with_tenant("first", KEY, SECRET).with_object(
        "their-logs",
        "access/x",
        line("photos", "HERE").as_str(),
    );
    let others = [there.endpoint()];
    let kit = kit_beside(here, &others, |_| {}, |_| {}).await;
    let target = "/tools/search-logs?source_bucket=*&wait=true";
    let elsewhere = || named(kit.get(target).keys("KEYB", "secret-b")).header("x-endpoint", &others[0]);
    for _ in 0..2 {
        let (first, second) = tokio::join!(ask(&kit, target).send(), elsewhere().send());
        for (answer, own) in [(first, "HERE"), (second, "THERE")] {
            let found = answer.json();
            assert_eq!(
                (&found["count"], &found["matches"][0]["request_id"]),
                (&json!(1), &json!(own)),
                "{found}"
            );
        }
    }
    // Neither's keys open the other's.
    let crossed = [
        ask(&kit, target).header("x-endpoint", &others[0]),
        named(kit.get(target).keys("KEYB", "secret-b")),
    ];
    for crossed in crossed {
        let refused = crossed.send().await;
        assert!(
            refused.status.is_client_error() && !refused.text().contains("HERE"),
            "{}",
            refused.text()
        );
    }
}
