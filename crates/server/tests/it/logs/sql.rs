//! One SELECT, within its bounds.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;
use spacewatch_server::Config;
use tower::ServiceExt;

use super::fixture::{self, requests};
use super::{answer, ask, kit, named};
use crate::kit::{Ask, KEY, Kit, SECRET, kit_with};

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
async fn only_one_select_over_the_own_tables_is_answered() {
    let kit = kit().await;
    for wrong in [
        "INSERT INTO requests SELECT * FROM requests",
        "DELETE FROM requests",
        "UPDATE requests SET key = 'x'",
        "CREATE TABLE t AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '/etc'",
        "COPY requests TO '/tmp/out.csv'",
        "SET datafusion.execution.batch_size = 1",
        "SHOW TABLES",
        "EXPLAIN SELECT 1",
        "SELECT 1;; SELECT 2",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM other.lake.requests",
        "SELECT * FROM '../other/requests'",
        "SELECT * FROM 'file:///etc/passwd'",
        "SELECT * FROM read_parquet('x')",
        "SELECT * FROM generate_series(1, 9)",
        "SELECT repeat('x', 1000000000)",
        "SELECT version()",
        "SELECT nonsense FROM requests",
    ] {
        let refused = select(&kit, json!({ "sql": wrong }).to_string()).send().await;
        assert_eq!(
            refused.status,
            StatusCode::BAD_REQUEST,
            "{wrong}: {}",
            refused.text()
        );
        assert!(
            !refused.text().contains("/tmp/.") && !refused.text().contains(".parquet"),
            "{}",
            refused.text()
        );
    }
    let others = named(kit.ask(Method::POST, "/tools/sql").keys("KEYB", "secret-b"))
        .header("content-type", "application/json")
        .body(json!({ "sql": "SELECT * FROM requests" }).to_string());
    assert_eq!(others.send().await.status, StatusCode::FORBIDDEN);
}

/// Rows times rows times rows: more than anybody waits for.
const ENDLESS: &str = "SELECT count(*) FROM requests a, requests b, requests c, requests d, requests e \
                       WHERE a.log_offset * b.log_offset + c.log_offset * d.log_offset + e.log_offset < -1";

#[tokio::test]
async fn time_and_memory_of_a_select_are_bounded() {
    let limited = |config: &mut Config| {
        config.limits.sql_time = Duration::from_millis(300);
        config.limits.sql_memory = 1 << 20;
    };
    let kit = kit_with(fixture::store(), limited, |_| {}).await;
    answer(&kit, "/tools/search-logs?source_bucket=*&wait=true").await;
    let long = select(&kit, json!({ "sql": ENDLESS }).to_string()).send().await;
    assert!(
        long.status.is_client_error() && long.text().contains("time"),
        "{}",
        long.text()
    );
    let large = "SELECT a.key, b.key, c.request_id FROM requests a, requests b, requests c ORDER BY 3, 2, 1";
    let large = select(&kit, json!({ "sql": large }).to_string()).send().await;
    assert!(large.status.is_client_error(), "{}", large.text());
    // The next question is answered as if nothing had been.
    let small = select(
        &kit,
        json!({ "sql": "SELECT count(*) AS n FROM requests" }).to_string(),
    );
    assert_eq!(small.send().await.json()["rows"], json!([[fixture::REQUESTS]]));
}

#[tokio::test]
async fn a_select_ends_when_its_client_leaves() {
    let one = |config: &mut Config| config.bounds.works_per_tenant = 1;
    let kit = kit_with(fixture::store(), one, |_| {}).await;
    answer(&kit, "/tools/search-logs?source_bucket=*&wait=true").await;
    let endless = || {
        let (router, request) = select(&kit, json!({ "sql": ENDLESS }).to_string()).request();
        Box::pin(router.oneshot(request))
    };
    let is_busy = async || {
        let other = select(&kit, json!({ "sql": "SELECT 1" }).to_string())
            .send()
            .await;
        other.status != StatusCode::OK
    };
    let mut asked = endless();
    loop {
        tokio::select! {
            answer = &mut asked => {
                // The other question was there first.
                let status = answer.expect("an answer").status();
                assert!(matches!(status.as_u16(), 429 | 503), "{status}");
                asked = endless();
            }
            busy = is_busy() => if busy { break },
        }
    }
    drop(asked);
    loop {
        let next = select(&kit, json!({ "sql": "SELECT 1" }).to_string())
            .send()
            .await;
        if next.status == 200 {
            return;
        }
        tokio::task::yield_now().await;
    }
}
