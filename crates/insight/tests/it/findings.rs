//! What people should know that only the log tells.

mod corpus;
mod made;

use std::collections::BTreeSet;
use std::io::Cursor;

use serde_json::{Value, json};
use spacewatch_insight::{EvidenceBundle, EvidenceOf, Findings, SearchLogs, Tenant, Tool, VerifiedBundle};

/// Asks about a period, and waits until the log was read.
async fn look(tenant: &Tenant, more: Value) -> Value {
    let mut args = json!({"from": "2026-11-01", "to": "2026-11-30", "wait": true});
    for (name, value) in more.as_object().expect("an object") {
        args[name] = value.clone();
    }
    let args = serde_json::from_value(args).expect("arguments");
    let found = Findings::run(tenant, args).await.expect("an answer");
    serde_json::to_value(found).expect("JSON")
}

fn findings(found: &Value) -> &[Value] {
    found["findings"].as_array().expect("findings")
}

fn severity(finding: &Value) -> usize {
    let all = ["info", "low", "medium", "high", "critical"];
    all.iter()
        .position(|severity| finding["severity"] == *severity)
        .expect("a severity")
}

fn of_rule<'v>(found: &'v Value, rule: &str) -> Vec<&'v Value> {
    findings(found)
        .iter()
        .filter(|finding| finding["rule"] == rule)
        .collect()
}

fn figure(finding: &Value, name: &str) -> f64 {
    let figures = finding["figures"].as_array().expect("figures");
    let figure = figures.iter().find(|figure| figure["name"] == name);
    figure.unwrap_or_else(|| panic!("no {name} in {finding}"))["value"]
        .as_f64()
        .expect("a number")
}

/// Records of one page of a search.
const PAGE: u64 = 2_000;

/// Every proof's query finds exactly the records that were counted (more than a page of them are believed), and the sample is the newest
/// of them.
async fn check_proofs(tenant: &Tenant, found: &Value) {
    for finding in findings(found) {
        let proofs = finding["proofs"].as_array().map_or(&[][..], Vec::as_slice);
        for proof in proofs {
            let records = proof["records"].as_u64().expect("a count");
            let mut query = proof["query"].clone();
            query["limit_matches"] = json!(PAGE);
            let args = serde_json::from_value(query).expect("arguments");
            let page = SearchLogs::run(tenant, args).await.expect("an answer");
            let newest = serde_json::to_value(page.matches.iter().take(3).collect::<Vec<_>>());
            assert_eq!(newest.expect("JSON"), proof["sample"], "{}", finding["id"]);
            assert_eq!(
                page.count as u64,
                records.min(PAGE),
                "{} {}",
                finding["id"],
                proof["query"]
            );
            assert_eq!(
                page.next.is_some(),
                records > PAGE,
                "{} {}",
                finding["id"],
                proof["query"]
            );
            assert!(records > 0, "{}", finding["id"]);
        }
    }
}

/// Every finding can be saved: the bundle holds each record that its proofs' queries find, once, and checks at the store.
async fn check_evidence(tenant: &Tenant, found: &Value, period: Value) {
    for finding in findings(found) {
        let mut places = BTreeSet::new();
        for proof in finding["proofs"].as_array().into_iter().flatten() {
            let mut query = proof["query"].clone();
            query["limit_matches"] = json!(PAGE);
            let args = serde_json::from_value(query).expect("arguments");
            let page = SearchLogs::run(tenant, args).await.expect("an answer");
            assert!(page.next.is_none(), "a log small enough for this test");
            places.extend(page.matches.iter().map(|record| {
                let record = serde_json::to_value(record).expect("JSON");
                record["log_object"].to_string()
            }));
        }
        let mut args = period.clone();
        args["id"] = finding["id"].clone();
        let args = serde_json::from_value(args).expect("arguments");
        let saved = EvidenceBundle::save(tenant, EvidenceOf::Finding(args), None).await;
        let saved = saved.unwrap_or_else(|error| panic!("{}: {error:?}", finding["id"]));
        let bundle = VerifiedBundle::open(Cursor::new(saved.written.pieces.concat())).expect("a bundle");
        assert_eq!(
            bundle.manifest().records,
            places.len() as u64,
            "{}",
            finding["id"]
        );
        let checked = bundle.at_store(tenant).await.expect("a check");
        assert!(checked.verified, "{}", finding["id"]);
        let told = checked.finding.expect("the finding");
        assert_eq!((&told["id"], &told["title"]), (&finding["id"], &finding["title"]));
    }
}
