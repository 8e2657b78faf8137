//! The log tools over HTTP: their shapes, their figures, and who may see them.

mod fixture;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use expect_test::{Expect, expect};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use spacewatch_demo::{Effect, Fault, Operation};

use crate::kit::{Ask, KEY, Kit, SECRET, kit_with};
use fixture::{REQUESTS, Request, requests};

async fn kit() -> Kit {
    kit_with(fixture::store(), |_| {}, |stores| stores.attempts = 1).await
}

/// A GET of the first tenant that names its log.
fn ask<'a>(kit: &'a Kit, target: &str) -> Ask<'a> {
    named(kit.tool(target))
}

fn named(ask: Ask<'_>) -> Ask<'_> {
    // Without its slash: the prefix gets one.
    ask.header("x-log-bucket", "their-logs")
        .header("x-log-prefix", "access")
}

async fn answer(kit: &Kit, target: &str) -> Value {
    let answer = ask(kit, target).send().await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    answer.json()
}

/// The request ids that fit, as the log tells them, newest first.
fn expected(fits: impl Fn(&Request) -> bool) -> Vec<String> {
    let fitting = requests().into_iter().filter(|request| fits(request));
    let mut ids: Vec<_> = fitting
        .map(|request| format!("REQ{:05}", request.minute))
        .collect();
    ids.reverse();
    ids
}

fn ids(found: &Value) -> Vec<String> {
    let rows = found.as_array().expect("rows");
    let id = |row: &Value| row["request_id"].as_str().expect("an id").to_owned();
    rows.iter().map(id).collect()
}

async fn check_search(kit: &Kit, filter: &str, fits: impl Fn(&Request) -> bool) {
    let found = answer(
        kit,
        &format!("/tools/search-logs?source_bucket=*&limit_matches=2000&wait=true&{filter}"),
    )
    .await;
    assert_eq!(ids(&found["matches"]), expected(fits), "{filter}");
    assert_eq!(found["truncated"], false, "{filter}");
}

#[tokio::test]
async fn searches_find_what_fits_and_nothing_else() {
    let kit = kit().await;
    check_search(&kit, "", |_| true).await;
    check_search(&kit, "contains=", |_| true).await;
    check_search(&kit, "status=4xx", |r| r.is_request() && r.status / 100 == 4).await;
    check_search(&kit, "status=404,500-599", |r| r.is_request() && r.status >= 404).await;
    check_search(&kit, "status_prefix=50", |r| r.is_request() && r.status == 503).await;
    check_search(&kit, "status=404&status_prefix=5", |_| false).await;
    check_search(&kit, "ip=10.1.0.0/16", |r| r.ip.starts_with("10.1.")).await;
    check_search(&kit, "ip=10.1.0.1,-", |r| r.ip == "10.1.0.1" || r.ip == "-").await;
    check_search(&kit, "method=head,PUT", |r| {
        matches!(r.operation, "REST.HEAD.OBJECT" | "REST.PUT.OBJECT")
    })
    .await;
    check_search(&kit, "operation=BATCH.,S3.EXPIRE", |r| !r.is_request()).await;
    check_search(&kit, "object_key=year1/4.jpg", |r| r.key == "year1/4.jpg").await;
    check_search(&kit, "key_prefix=year2/", |r| r.key.starts_with("year2/")).await;
    check_search(&kit, "requester=-", |r| r.requester == "-").await;
    check_search(&kit, "requester=0123user", |r| r.requester == "0123user").await;
    check_search(&kit, "user_agent=ODD", |r| r.agent.contains("odd")).await;
    check_search(&kit, "contains=aws-CLI", |r| r.agent.starts_with("aws-cli")).await;
    check_search(&kit, "contains=%25", |_| false).await;
    check_search(&kit, "min_bytes=500&max_bytes=600", |r| {
        (500..=600).contains(&r.bytes)
    })
    .await;
    check_search(&kit, "min_ms=200", |r| r.minute + 1 >= 200).await;
    check_search(&kit, "error_code=NoSuchKey", |r| r.status >= 400).await;
    check_search(&kit, "request_id=REQ00017", |r| r.minute == 17).await;
    check_search(&kit, "date_yyyy_mm_dd=2026-11-18", |r| r.minute < 120).await;
    check_search(&kit, "from=2026-11-19&to=2026-11-19", |r| r.minute >= 120).await;
    check_search(&kit, "from=2026-11-18T23:00:00Z&to=2026-11-19T01:00:00Z", |r| {
        (115..125).contains(&r.minute)
    })
    .await;
}

#[tokio::test]
async fn a_match_tells_everything_of_its_line() {
    let kit = kit().await;
    let first = &requests()[REQUESTS - 1];
    let found = answer(
        &kit,
        "/tools/search-logs?source_bucket=photos&limit_matches=1&wait=true",
    )
    .await;
    let shown = &found["matches"][0];
    assert_eq!(
        (&shown["ip"], &shown["ts"], &shown["method"]),
        (&json!(first.ip), &json!(first.time()), &json!("GET"))
    );
    assert_eq!(
        (&shown["status"], &shown["bytes_sent"]),
        (&json!(first.status), &json!(first.bytes))
    );
    assert_eq!(shown["raw"], first.line());
    assert_eq!(shown["log_object"]["bucket"], "their-logs");
    assert_eq!(
        shown["log_object"]["key"],
        "access/2026-11-20-01-00-00-BBBBBBBBBBBBBBBB"
    );
    assert_eq!(
        (&found["count"], &found["truncated"], &found["date"]),
        (&json!(1), &json!(true), &Value::Null)
    );
    assert_eq!(found["files_scanned"], 3);
    assert_eq!(found["lines_scanned"], REQUESTS + 3);
    let coverage = &found["coverage"];
    assert_eq!(
        (&coverage["lines_duplicate"], &coverage["lines_rejected"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(coverage["objects_pending"], 0);
    // The line, byte for byte, by its place.
    let place = &shown["log_object"];
    let line = answer(
        &kit,
        &format!(
            "/tools/raw-line?log_object={}&offset={}",
            place["key"].as_str().expect("a key"),
            place["offset"]
        ),
    )
    .await;
    assert_eq!(line["raw"], first.line());
    let nowhere = ask(&kit, "/tools/raw-line?log_object=access/nothing&offset=7")
        .send()
        .await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND, "{}", nowhere.text());
}

#[tokio::test]
async fn pages_lead_through_everything_once() {
    let kit = kit().await;
    for (route, rows, size) in [
        (
            "/tools/search-logs?source_bucket=*&wait=true&limit_matches=7",
            "matches",
            7,
        ),
        (
            "/tools/object-audit?source_bucket=*&object_key=year1/4.jpg&wait=true&from=2026-11-01&limit=3",
            "events",
            3,
        ),
    ] {
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let page = answer(&kit, &format!("{route}&next={next}")).await;
            let shown = ids(&page[rows]);
            assert!(shown.len() == size || page["truncated"] == false, "{page}");
            seen.extend(shown);
            match page["next"].as_str() {
                Some(token) => token.clone_into(&mut next),
                None => break,
            }
        }
        let all = |request: &Request| rows == "matches" || request.key == "year1/4.jpg";
        assert_eq!(seen, expected(all), "{route}");
    }
}

#[tokio::test]
async fn an_audit_tells_what_was_done_to_a_key() {
    let kit = kit().await;
    let target =
        "/tools/object-audit?source_bucket=photos&object_key=year1/4.jpg&wait=true&from=2026-11-01&limit=200";
    let found = answer(&kit, target).await;
    let of_key = |r: &Request| r.bucket == "photos" && r.key == "year1/4.jpg";
    assert_eq!(ids(&found["events"]), expected(of_key));
    let deed = |operation: &str| match operation {
        "BATCH.DELETE.OBJECT" => "DELETE".to_owned(),
        "S3.EXPIRE.OBJECT" => "EXPIRE".to_owned(),
        other => other.split('.').nth(1).unwrap_or_default().to_owned(),
    };
    let mut deeds: Vec<_> = requests()
        .into_iter()
        .filter(of_key)
        .map(|r| deed(r.operation))
        .collect();
    deeds.reverse();
    let shown: Vec<_> = found["events"]
        .as_array()
        .expect("events")
        .iter()
        .map(|e| e["method"].clone())
        .collect();
    assert_eq!(shown, deeds);
    let deletes = answer(&kit, &format!("{target}&methods=delete,EXPIRE")).await;
    assert_eq!(
        ids(&deletes["events"]),
        expected(|r| of_key(r) && matches!(deed(r.operation).as_str(), "DELETE" | "EXPIRE"))
    );
    assert_eq!(deletes["methods"], json!(["DELETE", "EXPIRE"]));
    let by_hours = answer(
        &kit,
        "/tools/object-audit?source_bucket=photos&object_key=x&hours=9999",
    )
    .await;
    assert_eq!((&by_hours["hours"], &by_hours["count"]), (&json!(720), &json!(0)));
}

/// Counts by a value over requests of clients.
fn counted(value: impl Fn(&Request) -> Option<String>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for request in requests().iter().filter(|request| request.is_request()) {
        if let Some(value) = value(request) {
            *counts.entry(value).or_default() += 1;
        }
    }
    counts
}

async fn check_top(kit: &Kit, by: &str, value: impl Fn(&Request) -> Option<String>) {
    let found = answer(kit, &format!("/tools/top?by={by}&limit=1000&wait=true")).await;
    let rows = found["rows"].as_array().expect("rows");
    let shown: BTreeMap<_, _> = rows
        .iter()
        .map(|row| {
            (
                row["value"].as_str().unwrap_or_default().to_owned(),
                row["requests"].as_u64().unwrap_or(0),
            )
        })
        .collect();
    let counts = counted(value);
    assert_eq!(shown, counts, "{by}");
    assert_eq!(found["distinct"], counts.len(), "{by}");
    let sizes: Vec<_> = rows.iter().map(|row| row["requests"].as_u64()).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{by}: {sizes:?}");
}

#[tokio::test]
async fn tops_count_what_clients_asked() {
    let kit = kit().await;
    check_top(&kit, "ip", |r| Some(r.ip.clone())).await;
    check_top(&kit, "key", |r| Some(r.key.clone())).await;
    check_top(&kit, "prefix", |r| {
        r.key.split_once('/').map(|(folder, _)| format!("{folder}/"))
    })
    .await;
    check_top(&kit, "status", |r| Some(r.status.to_string())).await;
    check_top(&kit, "operation", |r| Some(r.operation.to_owned())).await;
    check_top(&kit, "bucket", |r| Some(r.bucket.to_owned())).await;
    check_top(&kit, "user_agent", |r| Some(r.agent.to_owned())).await;
    check_top(&kit, "error_code", |r| {
        (r.status >= 400).then(|| "NoSuchKey".to_owned())
    })
    .await;
    let found = answer(
        &kit,
        "/tools/top?by=key&measure=bytes&limit=1&wait=true&source_bucket=photos",
    )
    .await;
    let mut bytes = BTreeMap::new();
    for request in requests()
        .iter()
        .filter(|r| r.is_request() && r.bucket == "photos")
    {
        *bytes.entry(request.key.clone()).or_insert(0) += request.bytes;
    }
    assert_eq!(
        found["rows"][0]["bytes_sent"],
        *bytes.values().max().expect("some")
    );
    let ips = answer(
        &kit,
        "/metrics/top-ips?source_bucket=photos&date_yyyy_mm_dd=2026-11-18&wait=true&limit=999",
    )
    .await;
    let mut expected = BTreeMap::new();
    for request in requests()
        .iter()
        .filter(|r| r.is_request() && r.bucket == "photos" && r.minute < 120)
    {
        *expected.entry(request.ip.clone()).or_insert(0_u64) += 1;
    }
    assert_eq!(
        (&ips["total_ips"], &ips["limit"]),
        (&json!(expected.len()), &json!(50))
    );
    for row in ips["top_ips"].as_array().expect("rows") {
        assert_eq!(
            expected.get(row["ip"].as_str().expect("an address")),
            row["count"].as_u64().as_ref()
        );
    }
}

#[tokio::test]
async fn log_objects_and_what_could_not_be_read() {
    let kit = kit().await;
    let found = answer(&kit, "/tools/access-logs?source_bucket=photos&wait=true").await;
    let keys: BTreeSet<_> = found["objects"]
        .as_array()
        .expect("objects")
        .iter()
        .map(|o| o["key"].as_str())
        .collect();
    assert!(
        keys.contains(&Some("access/2026-11-19-01-00-00-AAAAAAAAAAAAAAAA")),
        "{found}"
    );
    assert!(!found.to_string().contains("elsewhere"));
    let rejects = answer(&kit, "/tools/rejects?wait=true").await;
    assert_eq!((&rejects["total"], &rejects["count"]), (&json!(1), &json!(1)));
    assert_eq!(rejects["rejects"][0]["raw"], "this is no record");
    let tail = answer(
        &kit,
        "/tools/read-log?key=access/2026-11-20-02-00-00-CCCCCCCCCCCCCCCC&tail_lines=2",
    )
    .await;
    assert_eq!(
        (&tail["bucket"], &tail["returned_lines"]),
        (&json!("their-logs"), &json!(2))
    );
    assert_eq!(tail["log_lines"][1], "this is no record");
    assert_eq!(tail["truncated"], true);
}

#[tokio::test]
async fn limits_of_log_tools_are_clamped_and_echoed() {
    let kit = kit().await;
    for (target, field, used) in [
        (
            "/tools/search-logs?source_bucket=photos&limit_matches=99999",
            "limit_matches",
            2000,
        ),
        (
            "/tools/search-logs?source_bucket=photos&limit_matches=-3",
            "limit_matches",
            1,
        ),
        ("/tools/search-logs?source_bucket=photos", "limit_matches", 20),
        (
            "/tools/object-audit?source_bucket=photos&object_key=k&limit=999",
            "limit",
            200,
        ),
        (
            "/tools/object-audit?source_bucket=photos&object_key=k",
            "limit",
            50,
        ),
        (
            "/tools/access-logs?source_bucket=photos&max_items=999",
            "max_items",
            500,
        ),
        ("/metrics/top-ips?source_bucket=photos&limit=999", "limit", 50),
        ("/metrics/top-ips?source_bucket=photos", "limit", 20),
        (
            "/tools/read-log?key=access/2026-11-20-02-00-00-CCCCCCCCCCCCCCCC&tail_lines=99999",
            "tail_lines",
            300,
        ),
        (
            "/tools/read-log?key=access/2026-11-20-02-00-00-CCCCCCCCCCCCCCCC",
            "tail_lines",
            200,
        ),
    ] {
        assert_eq!(answer(&kit, target).await[field], used, "{target}");
    }
}

async fn check(ask: Ask<'_>, expected: Expect) {
    expected.assert_eq(&ask.send().await.problem());
}

#[tokio::test]
async fn wrong_questions_are_told() {
    let kit = kit().await;
    let search = |query: &str| ask(&kit, &format!("/tools/search-logs?{query}"));
    check(
        kit.tool("/tools/search-logs?source_bucket=photos"),
        expect!["400 MissingBucket: no bucket with access logs is named"],
    )
    .await;
    check(
        search(""),
        expect!["422 MissingParameter: `source_bucket` is missing from the address"],
    )
    .await;
    check(
        search("source_bucket=photos&ip=1.2.3"),
        expect![[
            r#"422 InvalidParameter: `ip` is "1.2.3", expected addresses or networks such as `203.0.113.7` or `203.0.113.0/24`"#
        ]],
    )
    .await;
    check(
        search("source_bucket=photos&date_yyyy_mm_dd=2026-13-01"),
        expect!["422 InvalidParameter: `date_yyyy_mm_dd` is no day such as `2026-11-22`"],
    )
    .await;
    check(
        search("source_bucket=photos&from=2026-11-20&to=2026-11-18"),
        expect!["400 InvalidValue: the period ends at 2026-11-19T00:00:00Z, before it begins at 2026-11-20T00:00:00Z"],
    )
    .await;
    check(
        search("source_bucket=photos&next=r1_2_zz"),
        expect!["422 InvalidParameter: `next` is not a token of this list"],
    )
    .await;
    check(
        ask(&kit, "/tools/object-audit?source_bucket=photos&object_key=k&methods=STEAL"),
        expect![[
            r#"422 InvalidParameter: `methods` is "STEAL", expected some of GET, HEAD, PUT, POST, DELETE, COPY, EXPIRE, TRANSITION, OPTIONS, separated by commas"#
        ]],
    )
    .await;
    for hostile in [
        "contains=%27%20OR%201%3D1--",
        "key_prefix=%25_%5C",
        "user_agent=%3Cscript%3E%0d%0a",
        "requester=%F0%9F%92%A3",
    ] {
        let found = answer(
            &kit,
            &format!("/tools/search-logs?source_bucket=photos&{hostile}"),
        )
        .await;
        assert_eq!(found["count"], 0, "{hostile}");
    }
}

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

fn select<'a>(kit: &'a Kit, body: impl Into<axum::body::Body>) -> Ask<'a> {
    let ask = named(kit.ask(Method::POST, "/tools/sql").keys(KEY, SECRET));
    ask.header("content-type", "application/json").body(body)
}

#[tokio::test]
async fn one_select_over_the_records() {
    let kit = kit().await;
    let body = json!({ "sql": "SELECT operation, count(*) AS n FROM requests GROUP BY operation ORDER BY operation", "wait": true });
    let found = select(&kit, body.to_string()).send().await;
    assert_eq!(found.status, 200, "{}", found.text());
    let found = found.json();
    let mut counts = BTreeMap::new();
    for request in requests() {
        *counts.entry(request.operation).or_insert(0_u64) += 1;
    }
    let rows: Vec<_> = counts
        .into_iter()
        .map(|(operation, n)| json!([operation, n]))
        .collect();
    assert_eq!(found["rows"], json!(rows));
    assert_eq!(found["columns"][0]["name"], "operation");
    let cut = select(
        &kit,
        json!({ "sql": "SELECT key FROM requests", "limit": 3 }).to_string(),
    )
    .send()
    .await
    .json();
    assert_eq!(
        (&cut["row_count"], &cut["limit"], &cut["truncated"]),
        (&json!(3), &json!(3), &json!(true))
    );
    let most = select(
        &kit,
        json!({ "sql": "SELECT 1", "limit": 99_999_999 }).to_string(),
    )
    .send()
    .await
    .json();
    assert_eq!(most["limit"], 10_000);
    for wrong in [
        "DROP TABLE requests",
        "SELECT 1; SELECT 2",
        "SELECT * FROM '/etc/passwd'",
        "SELEC",
        "",
    ] {
        let refused = select(&kit, json!({ "sql": wrong }).to_string()).send().await;
        assert_eq!(
            refused.status,
            StatusCode::BAD_REQUEST,
            "{wrong}: {}",
            refused.text()
        );
    }
}

#[tokio::test]
async fn bodies_are_bounded_and_must_be_json() {
    let kit = kit_with(fixture::store(), |config| config.bounds.body_bytes = 1000, |_| {}).await;
    let long = json!({ "sql": "x".repeat(2000) }).to_string();
    assert_eq!(
        select(&kit, long).send().await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    for odd in ["", "{", "[]", "{\"sql\": 7}", "{\"limit\": 1}", "\u{0}"] {
        let refused = select(&kit, odd).send().await;
        assert!(
            refused.problem().starts_with("422 InvalidBody"),
            "{odd}: {}",
            refused.problem()
        );
    }
    let form = named(kit.ask(Method::POST, "/tools/sql").keys(KEY, SECRET))
        .header("content-type", "text/plain")
        .body("SELECT 1");
    assert_eq!(form.send().await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let get = ask(&kit, "/tools/sql").send().await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn ingest_tells_how_far_it_is() {
    let kit = kit().await;
    let run = named(kit.ask(Method::POST, "/ingest/run?wait=true").keys(KEY, SECRET))
        .send()
        .await;
    assert_eq!(run.status, 200, "{}", run.text());
    assert_eq!(run.header("x-operation-type"), "QUERY_LOGS");
    let status = answer(&kit, "/ingest/status").await;
    assert_eq!(
        (&status["phase"], &status["running"]),
        (&json!("idle"), &json!(false))
    );
    assert_eq!(
        (&status["log_bucket"], &status["log_prefix"]),
        (&json!("their-logs"), &json!("access/"))
    );
    assert_eq!(
        (&status["objects_read"], &status["objects_pending"]),
        (&json!(3), &json!(0))
    );
    assert_eq!(
        (&status["records"], &status["duplicates"]),
        (&json!(REQUESTS), &json!(2))
    );
    let stream = ask(&kit, "/ingest/status")
        .header("accept", "text/event-stream")
        .send()
        .await;
    assert_eq!(stream.header("content-type"), "text/event-stream");
    assert!(
        stream.text().ends_with("\n\n") && stream.text().contains("event: result\ndata: {"),
        "{}",
        stream.text()
    );
    let cancelled = named(kit.ask(Method::POST, "/ingest/cancel").keys(KEY, SECRET))
        .send()
        .await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.text());
}
