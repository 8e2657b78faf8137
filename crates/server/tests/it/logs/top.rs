//! Counts: who asked most, and for what.

use std::collections::BTreeMap;

use serde_json::json;

use super::fixture::{Request, requests};
use super::{answer, kit};
use crate::kit::Kit;

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
