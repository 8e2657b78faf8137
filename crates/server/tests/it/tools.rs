//! The tools over HTTP: what they take, what they give, how they fail.

use expect_test::{Expect, expect};
use http::Method;
use serde_json::json;
use spacewatch_demo::{Effect, Fault, Operation};

use crate::kit::{KEY, Kit, SECRET, kit, kit_with, store};

#[tokio::test]
async fn answers_have_the_fields_of_the_contract() {
    let kit = kit().await;
    let validated = kit
        .ask(Method::POST, "/validate-credentials")
        .keys(KEY, SECRET)
        .send()
        .await;
    assert_eq!(validated.header("x-operation-type"), "LIST_BUCKETS");
    let validated = validated.json();
    assert_eq!(validated["valid"], true);
    assert_eq!(validated["bucket_count"], 2);
    let listed = kit
        .tool("/tools/list-all?bucket=photos&prefix=2026/")
        .send()
        .await;
    assert_eq!(listed.header("x-operation-type"), "LIST_OBJECTS");
    assert_eq!(listed.header("cache-control"), "no-store");
    let listed = listed.json();
    assert_eq!(
        (&listed["count"], &listed["truncated"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(listed["objects"][0]["key"], "2026/a.jpg");
    assert_eq!(listed["objects"][0]["size_bytes"], 5);
    let summary = kit
        .tool("/tools/storage-summary?bucket=photos&depth=1")
        .send()
        .await;
    assert_eq!(summary.header("x-operation-type"), "ANALYZE_STORAGE");
    assert_eq!(summary.json()["total_size_bytes"], 16);
    let top = kit
        .tool("/tools/top-largest?bucket=photos&limit=1")
        .send()
        .await
        .json();
    assert_eq!(
        (&top["limit"], &top["objects"][0]["key"]),
        (&json!(1), &json!("2026/b.jpg"))
    );
    let recent = kit
        .tool("/tools/recent-objects?bucket=photos")
        .send()
        .await
        .json();
    assert_eq!(
        (&recent["limit"], &recent["count_scanned"]),
        (&json!(10), &json!(3))
    );
    let browsed = kit.tool("/tools/browse?bucket=photos").send().await.json();
    assert_eq!(browsed["folders"][0]["prefix"], "2026/");
    assert_eq!(kit.tool("/tools/diagnose").send().await.status, 200);
}

#[tokio::test]
async fn limits_are_clamped_and_echoed() {
    let kit = kit().await;
    for (given, used) in [
        ("0", 1),
        ("-5", 1),
        ("7", 7),
        ("1000", 50),
        ("99999999999999999999999999", 50),
    ] {
        let answer = kit
            .tool(&format!("/tools/top-largest?bucket=photos&limit={given}"))
            .send()
            .await;
        assert_eq!(answer.json()["limit"], used, "{given}");
    }
}

async fn check(kit: &Kit, target: &str, expected: Expect) {
    expected.assert_eq(&kit.tool(target).send().await.problem());
}

#[tokio::test]
async fn wrong_bucket_names_are_told() {
    let kit = kit().await;
    check(
        &kit,
        "/tools/list-all",
        expect!["422 MissingParameter: `bucket` is missing from the address"],
    )
    .await;
    check(
        &kit,
        "/tools/list-all?bucket=",
        expect!["422 InvalidParameter: `bucket` is empty"],
    )
    .await;
    check(
        &kit,
        "/tools/list-all?bucket=..",
        expect!["422 InvalidParameter: `bucket` is shorter than 3 characters"],
    )
    .await;
    check(
        &kit,
        "/tools/browse?bucket=a..b",
        expect![
            "422 InvalidParameter: `bucket` must begin and end with a letter or digit and can't hold `..`"
        ],
    )
    .await;
    check(
        &kit,
        "/tools/list-all?bucket=bad%00name",
        expect!["422 InvalidParameter: `bucket` holds a NUL character"],
    )
    .await;
    check(
        &kit,
        &format!("/tools/list-all?bucket={}", "b".repeat(64)),
        expect!["422 InvalidParameter: `bucket` is 64 bytes long, the limit is 63"],
    )
    .await;
    check(
        &kit,
        "/tools/list-all?bucket=photos&bucket=private",
        expect!["422 InvalidParameter: `bucket` is given more than once"],
    )
    .await;
    check(&kit, "/tools/list-all?bucket=photos%0d%0aX-Evil:1", expect![[r#"422 InvalidParameter: `bucket` holds `\r` where only letters, digits, `-`, `.` and `_` may stand"#]]).await;
    assert_eq!(kit.store.requests().total(), 0, "the store was not bothered");
}

#[tokio::test]
async fn wrong_values_are_told_by_name() {
    let kit = kit().await;
    check(
        &kit,
        "/tools/list-all?bucket=photos&prefix=%ff",
        expect!["422 InvalidParameter: `prefix` is not UTF-8"],
    )
    .await;
    check(
        &kit,
        "/tools/list-all?bucket=photos&prefix=a%00b",
        expect!["422 InvalidParameter: `prefix` holds a NUL character"],
    )
    .await;
    check(
        &kit,
        &format!("/tools/list-all?bucket=photos&prefix={}", "p".repeat(1025)),
        expect!["422 InvalidParameter: `prefix` is 1025 bytes long, the limit is 1024"],
    )
    .await;
    check(
        &kit,
        "/tools/top-largest?bucket=photos&limit=ten",
        expect![[r#"422 InvalidParameter: `limit` is string "ten", expected a whole number"#]],
    )
    .await;
    check(
        &kit,
        "/tools/top-largest?bucket=photos&limit=1e3",
        expect![[r#"422 InvalidParameter: `limit` is string "1e3", expected a whole number"#]],
    )
    .await;
    check(
        &kit,
        "/tools/top-largest?bucket=photos&limit=",
        expect![[r#"422 InvalidParameter: `limit` is string "", expected a whole number"#]],
    )
    .await;
    check(
        &kit,
        "/tools/list-all?bucket=photos&next=nonsense",
        expect!["422 InvalidParameter: `next` is not a token of this listing"],
    )
    .await;
    assert_eq!(kit.store.requests().total(), 0, "the store was not bothered");
    let ignored = kit
        .tool("/tools/storage-summary?bucket=photos&whatever=%ff&whatever=2")
        .send()
        .await;
    assert_eq!(ignored.status, 200);
}

#[tokio::test]
async fn a_failing_store_is_told_with_its_own_code() {
    let one_attempt = |stores: &mut spacewatch_s3::StoresConfig| stores.attempts = 1;
    let kit = kit_with(store(), |_| {}, one_attempt).await;
    for (effect, start) in [
        (Effect::SlowDown, "503 SlowDown: "),
        (Effect::InternalError, "503 InternalError: "),
        (Effect::GarbageXml, "502 StoreFailed: "),
        (Effect::Drop, "502 StoreFailed: "),
    ] {
        kit.store.faults().clear();
        kit.store.faults().add(Fault::new(effect));
        let answer = kit.tool("/tools/list-all?bucket=photos").send().await;
        let problem = answer.problem();
        assert!(problem.starts_with(start), "{problem}");
        for leak in ["panicked", "src/", ".rs:", "RUST", "stack"] {
            assert!(!answer.text().contains(leak), "{problem}");
        }
    }
    kit.store.faults().clear();
    assert_eq!(kit.tool("/tools/list-all?bucket=photos").send().await.status, 200);
}

#[tokio::test]
async fn a_stream_tells_progress_and_then_the_result() {
    let kit = kit().await;
    let target = "/tools/storage-summary?bucket=photos";
    let answer = kit
        .tool(target)
        .header("accept", "text/event-stream")
        .send()
        .await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let text = answer.text();
    let events: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("event: "))
        .collect();
    assert_eq!(
        (events.first(), events.last()),
        (Some(&"progress"), Some(&"result"))
    );
    let data: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .collect();
    let progress: serde_json::Value = serde_json::from_str(data.first().expect("progress")).expect("JSON");
    for field in ["objects", "requests", "bytes", "elapsed_ms"] {
        assert!(progress[field].is_u64(), "{progress}");
    }
    let result: serde_json::Value = serde_json::from_str(data.last().expect("a result")).expect("JSON");
    assert_eq!(result["object_count"], 3);
}

#[tokio::test]
async fn a_stream_ends_with_the_problem() {
    let kit = kit().await;
    let target = "/tools/storage-summary?bucket=no-such-bucket";
    let answer = kit
        .tool(target)
        .header("accept", "text/event-stream")
        .header("x-request-id", "mine")
        .send()
        .await;
    let text = answer.text();
    assert!(text.contains("event: problem\n"), "{text}");
    let data = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .next_back()
        .expect("data");
    let problem: serde_json::Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(
        (&problem["status"], &problem["code"]),
        (&json!(404), &json!("NoSuchBucket"))
    );
    assert_eq!(problem["request_id"], "mine");
    // Telemetry knows how it ended, whatever the first line said.
    let log = kit.get("/logs/operations").send().await.json();
    assert_eq!(log["logs"][0]["status_code"], 404);
    // What is wrong before the work begins is an ordinary problem.
    let early = kit
        .tool("/tools/storage-summary")
        .header("accept", "text/event-stream")
        .send()
        .await;
    assert_eq!(early.status, 422);
    early.problem();
}

#[tokio::test]
async fn hostile_keys_come_back_as_data() {
    let hostile = "a\u{1b}[31m\r\n\u{202e}<script>alert(1)</script>\"\\";
    let kit = kit_with(store().with_object("private", hostile, "x"), |_| {}, |_| {}).await;
    let listed = kit
        .get("/tools/list-all?bucket=private")
        .keys("KEYB", "secret-b")
        .send()
        .await;
    assert_eq!(listed.header("content-type"), "application/json");
    let keys: Vec<_> = listed.json()["objects"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["key"].clone())
        .collect();
    assert!(keys.contains(&json!(hostile)), "{keys:?}");
}

#[tokio::test]
async fn lists_come_as_csv_and_parquet() {
    let kit = kit().await;
    let path = "/tools/storage-summary?bucket=photos&depth=1";
    let told = kit.tool(path).header("accept", "text/csv").send().await;
    assert_eq!(told.header("content-type"), "text/csv; charset=utf-8");
    let text = String::from_utf8(told.body.to_vec()).expect("text");
    assert!(
        text.starts_with("prefix,object_count,total_size_bytes,"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 3);
    let told = kit
        .tool(&format!("{path}&list=prefixes"))
        .header("accept", "application/vnd.apache.parquet")
        .send()
        .await;
    assert_eq!(&told.body[..4], b"PAR1");
    let told = kit
        .tool(&format!("{path}&list=lions"))
        .header("accept", "text/csv")
        .send()
        .await;
    assert_eq!(told.status, 422);
    assert_eq!(
        told.json()["detail"],
        "the answer has no list `lions`, only prefixes"
    );
    let told = kit
        .tool(path)
        .header("accept", "text/html, application/json;q=0.9, text/csv;q=0.1")
        .send()
        .await;
    assert_eq!(told.header("content-type"), "application/json");
}

#[tokio::test]
async fn posture_tells_what_is_set_and_what_may_not_be_seen() {
    let kit = kit().await;
    let found = kit.tool("/tools/posture").send().await;
    assert_eq!(found.header("x-operation-type"), "ANALYZE_STORAGE");
    let found = found.json();
    assert_eq!(
        (&found["bucket_count"], &found["truncated"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(
        found["summary"]["logging"]["without"][0],
        found["buckets"][0]["bucket"]
    );
    assert_eq!(found["findings"][0]["rule"], "no-logging");
    kit.store
        .faults()
        .add(Fault::new(Effect::Denied).on(Operation::GetBucketVersioning));
    let found = kit.tool("/tools/posture?bucket=photos").send().await.json();
    let bucket = &found["buckets"][0];
    assert_eq!(bucket["not_allowed"], json!(["versioning"]));
    assert_eq!(bucket["versioning"], "not_allowed");
    assert_eq!(found["summary"]["versioning"]["unknown"], json!(["photos"]));
    let missing = kit.tool("/tools/posture?bucket=missing").send().await;
    assert_eq!(missing.status.as_u16(), 404);
}
