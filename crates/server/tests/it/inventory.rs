//! Inventories over HTTP.

use expect_test::expect;
use http::Method;
use serde_json::{Value, json};
use spacewatch_demo::DemoStore;

use crate::kit::{KEY, Kit, SECRET, kit_with};

async fn kit() -> Kit {
    let store = DemoStore::empty()
        .with_tenant("first", KEY, SECRET)
        .with_object("photos", "2026/a.jpg", "12345")
        .with_object("photos", "2026/copy.jpg", "12345")
        .with_object("photos", "2026/11/b.JPG", "1234567890")
        .with_object("photos", "odd//=1+1", "")
        .with_object("photos", "top.txt", "1")
        .with_tenant("second", "KEYB", "secret-b")
        .with_bucket("private");
    let kit = kit_with(store, |_| {}, |_| {}).await;
    let handle = kit.store.handle();
    handle.begin_upload("photos", "2026/c.mov", 1_700_000_000, &[5, 6]);
    kit
}

async fn run(kit: &Kit) -> Value {
    let answer = kit
        .ask(Method::POST, "/tools/inventory/run?bucket=photos&wait=true")
        .keys(KEY, SECRET)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("x-operation-type"), "ANALYZE_STORAGE");
    answer.json()
}

async fn get(kit: &Kit, target: &str) -> Value {
    let answer = kit.tool(target).send().await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inventory_answers_everything_about_a_bucket() {
    let kit = kit().await;
    let none = kit.tool("/tools/inventory?bucket=photos").send().await;
    expect!["404 NotFound: there is no inventory of bucket `photos`"].assert_eq(&none.problem());
    let dry = kit
        .ask(Method::POST, "/tools/inventory/run?bucket=photos&dry_run=true")
        .keys(KEY, SECRET)
        .send()
        .await
        .json();
    assert_eq!(
        (&dry["begun"], &dry["cost"]["basis"]),
        (&json!(false), &json!("complete_page"))
    );
    let ran = run(&kit).await;
    assert_eq!(ran["begun"], true);
    assert_eq!(
        (&ran["status"]["phase"], &ran["status"]["entries"]),
        (&json!("idle"), &json!(6))
    );
    assert_eq!(ran["inventory"]["versions"], "never_kept");

    let listed_before = kit.store.requests().of(spacewatch_demo::Operation::ListObjectsV2);
    let summary = get(&kit, "/tools/inventory?bucket=photos&limit=1").await;
    assert_eq!(summary["totals"]["objects"], 5);
    assert_eq!(summary["totals"]["bytes"], 21);
    assert_eq!(summary["stored_bytes"], 32);
    assert_eq!(summary["incomplete_uploads_older_than_7_days"], 1);
    assert_eq!(
        (&summary["zero_byte_objects"], &summary["odd_names"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(summary["by_size"].as_array().map(Vec::len), Some(18));
    assert_eq!(summary["by_extension"][0]["class"], "jpg");
    assert_eq!(summary["largest"][0]["key"], "2026/11/b.JPG");
    assert_eq!(summary["as_of"], ran["inventory"]["as_of"]);

    check_lists(&kit).await;
    let listed = kit.store.requests().of(spacewatch_demo::Operation::ListObjectsV2);
    assert_eq!(listed, listed_before, "nothing is listed for an answer");
}

async fn check_lists(kit: &Kit) {
    let tree = get(kit, "/tools/tree?bucket=photos&depth=2").await;
    let root = &tree["root"];
    assert_eq!((&root["stored_bytes"], &root["folders"]), (&json!(32), &json!(2)));
    assert_eq!(
        (&root["children"][0]["name"], &root["children"][0]["bytes"]),
        (&json!("2026/"), &json!(20))
    );
    assert_eq!(root["children"][0]["children"][0]["prefix"], "2026/11/");

    let prefixes = get(kit, "/tools/inventory/prefixes?bucket=photos&depth=1&limit=1").await;
    assert_eq!(
        (&prefixes["prefixes"][0]["prefix"], &prefixes["truncated"]),
        (&json!("2026/"), &json!(true))
    );
    let duplicates = get(kit, "/tools/inventory/duplicates?bucket=photos").await;
    assert_eq!(
        duplicates["groups"][0]["keys"],
        json!(["2026/a.jpg", "2026/copy.jpg"])
    );
    assert_eq!(duplicates["wasted_bytes"], 5);
    let uploads = get(kit, "/tools/inventory/uploads?bucket=photos").await;
    assert_eq!(
        (&uploads["uploads"][0]["size_bytes"], &uploads["without_rule"]),
        (&json!(11), &json!(1))
    );
    let odd = get(kit, "/tools/inventory/odd?bucket=photos").await;
    assert_eq!(odd["objects"][0]["oddities"], json!(["empty_part"]));
    let below = get(kit, "/tools/inventory?bucket=photos&prefix=2026/11/").await;
    assert_eq!(below["totals"]["objects"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_that_list_answer_from_it_where_it_is_young_enough() {
    let kit = kit().await;
    let listed = get(&kit, "/tools/storage-summary?bucket=photos&depth=1&max_age=3600").await;
    assert_eq!(listed["source"], "listing", "there is no inventory yet");
    run(&kit).await;
    kit.store.handle().put_sparse("photos", "new.bin", 1000, "x/y");
    for (route, field) in [
        ("storage-summary?depth=1&", "object_count"),
        ("top-largest?", "count_scanned"),
        ("recent-objects?", "count_scanned"),
        ("list-all?", "count"),
    ] {
        let kept = get(&kit, &format!("/tools/{route}bucket=photos&max_age=3600")).await;
        assert_eq!(
            (&kept["source"], &kept[field]),
            (&json!("inventory"), &json!(5)),
            "{route}"
        );
        let live = get(&kit, &format!("/tools/{route}bucket=photos")).await;
        assert_eq!(
            (&live["source"], &live[field]),
            (&json!("listing"), &json!(6)),
            "{route}"
        );
    }
    let mut kept = get(
        &kit,
        "/tools/storage-summary?bucket=photos&prefix=2026/&depth=1&max_age=60",
    )
    .await;
    let mut live = get(&kit, "/tools/storage-summary?bucket=photos&prefix=2026/&depth=1").await;
    for answer in [&mut kept, &mut live] {
        answer["as_of"] = Value::Null;
        answer["source"] = Value::Null;
    }
    assert_eq!(kept, live);
    kit.clock.advance(std::time::Duration::from_secs(61));
    let old = get(&kit, "/tools/top-largest?bucket=photos&max_age=60").await;
    assert_eq!(old["source"], "listing");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_exported_and_nobody_else_sees_them() {
    let kit = kit().await;
    run(&kit).await;
    let csv = kit
        .tool("/tools/inventory/export?bucket=photos&prefix=odd")
        .send()
        .await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("inventory-photos-"));
    assert!(!csv.header("x-as-of").is_empty());
    let text = csv.text();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("odd//=1+1,current,true"), "{text}");
    let lines = kit
        .tool("/tools/inventory/export?bucket=photos&format=jsonl")
        .send()
        .await;
    assert_eq!(lines.text().lines().count(), 6);
    let parquet = kit
        .tool("/tools/inventory/export?bucket=photos&format=parquet")
        .send()
        .await;
    assert!(parquet.body.starts_with(b"PAR1") && parquet.body.ends_with(b"PAR1"));
    for route in [
        "inventory",
        "inventory/export",
        "tree",
        "inventory/duplicates",
        "inventory/status",
    ] {
        let stranger = kit
            .get(&format!("/tools/{route}?bucket=photos"))
            .keys("KEYB", "secret-b")
            .send()
            .await;
        assert_eq!(stranger.status, 403, "{route}: {}", stranger.text());
        let guessed = kit
            .get(&format!("/tools/{route}?bucket=photos"))
            .keys(KEY, "guessed")
            .send()
            .await;
        assert!(guessed.status.is_client_error(), "{route}: {}", guessed.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_is_watched_and_stopped() {
    let kit = kit().await;
    let slow = kit
        .store
        .faults()
        .add(spacewatch_demo::Fault::latency(std::time::Duration::from_millis(
            300,
        )));
    let begun = kit
        .ask(Method::POST, "/tools/inventory/run?bucket=photos")
        .keys(KEY, SECRET)
        .send()
        .await
        .json();
    assert_eq!(begun["status"]["running"], true, "{begun}");
    let events = kit
        .tool("/tools/inventory/status?bucket=photos")
        .header("accept", "text/event-stream")
        .send()
        .await;
    let text = events.text();
    assert!(
        text.contains("event: status") && text.contains("event: result"),
        "{text}"
    );
    let status = get(&kit, "/tools/inventory/status?bucket=photos").await;
    assert_eq!(
        (&status["phase"], &status["running"]),
        (&json!("idle"), &json!(false))
    );
    let cancelled = kit
        .ask(Method::POST, "/tools/inventory/cancel?bucket=photos")
        .keys(KEY, SECRET)
        .send()
        .await;
    assert_eq!(cancelled.status, 200);
    kit.store.faults().remove(slow);
}
