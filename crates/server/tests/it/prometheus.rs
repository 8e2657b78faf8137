//! `/metrics`, as a scraper meets it.

use http::StatusCode;

use crate::kit::{KEY, Kit, SECRET, kit};

async fn scrape(kit: &Kit, accept: &str) -> (String, String) {
    let answer = kit.get("/metrics").header("accept", accept).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    (answer.header("content-type").to_owned(), answer.text())
}

/// The value of the only sample that begins so.
fn value(page: &str, sample: &str) -> f64 {
    let found: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix(sample))
        .collect();
    assert_eq!(found.len(), 1, "{sample}: {page}");
    found[0].trim().parse().expect("a number")
}

#[tokio::test]
async fn what_was_done_is_counted() {
    let kit = kit().await;
    for _ in 0..3 {
        kit.get("/tools/buckets").keys(KEY, SECRET).send().await;
    }
    kit.get("/tools/buckets").keys(KEY, "wrong").send().await;
    let (kind, page) = scrape(&kit, "").await;
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    let listed = "spacewatch_operations_total{layer=\"api\",operation=\"LIST_BUCKETS\",code=\"200\"}";
    assert!((value(&page, listed) - 3.0).abs() < f64::EPSILON);
    let took = "spacewatch_operation_duration_seconds_count{layer=\"api\",operation=\"LIST_BUCKETS\"}";
    assert!((value(&page, took) - 4.0).abs() < f64::EPSILON);
    let route = "spacewatch_http_requests_total{route=\"/tools/buckets\",code=\"200\"}";
    assert!((value(&page, route) - 3.0).abs() < f64::EPSILON);
    assert!(
        value(
            &page,
            "spacewatch_s3_first_byte_seconds_count{operation=\"ListBuckets\"}"
        ) >= 2.0
    );
    assert!(value(&page, "spacewatch_tool_requests_total") >= 3.0);
    assert!(!page.contains(KEY) && !page.contains("# EOF"), "{page}");

    let (kind, page) = scrape(
        &kit,
        "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
    )
    .await;
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(page.ends_with("# EOF\n") && page.contains("# TYPE spacewatch_operations counter\n"));
}

#[tokio::test]
async fn made_up_addresses_and_buckets_make_no_series() {
    let kit = kit().await;
    let series = |page: &str| page.lines().filter(|line| !line.starts_with('#')).count();
    kit.get("/nothing").send().await;
    kit.get("/tools/storage-summary?bucket=made-up")
        .keys(KEY, SECRET)
        .send()
        .await;
    let before = scrape(&kit, "").await.1;
    for number in 0..200 {
        kit.get(&format!("/nothing/{number}?x={number}")).send().await;
        let summary = format!("/tools/storage-summary?bucket=made-up-{number}");
        kit.get(&summary).keys(KEY, SECRET).send().await;
    }
    let after = scrape(&kit, "").await.1;
    assert!(
        !after.contains("made-up") && !after.contains("nothing"),
        "{after}"
    );
    // The first scrape counts as a route of its own: one status, and its duration.
    let (before, after) = (series(&before), series(&after));
    assert!(after <= before + 40, "{before} became {after}");
}

#[tokio::test]
async fn it_is_for_the_operator() {
    let kit = kit().await;
    let proxied = kit
        .get("/metrics")
        .header("x-forwarded-for", "203.0.113.9")
        .send()
        .await;
    assert_eq!(proxied.status, StatusCode::UNAUTHORIZED);
}
