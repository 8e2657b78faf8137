//! Single records: which are found, what is told of them, and how pages go on.

use serde_json::{Value, json};

use super::fixture::{REQUESTS, Request, requests};
use super::{answer, ask, kit};
use crate::kit::Kit;
use http::StatusCode;

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
