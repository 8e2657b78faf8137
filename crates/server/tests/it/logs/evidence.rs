//! Evidence over HTTP: a file that can be checked, and refusals in words.

use std::io::Cursor;

use expect_test::expect;
use http::StatusCode;
use spacewatch_insight::VerifiedBundle;

use super::fixture::requests;
use super::{ask, kit, named};
use crate::kit::{KEY, SECRET};

#[tokio::test(flavor = "multi_thread")]
async fn records_come_as_a_bundle() {
    let kit = kit().await;
    let answer = ask(
        &kit,
        "/tools/evidence?tool=search-logs&source_bucket=*&ip=-&limit_matches=1&wait=true",
    )
    .send()
    .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("x-operation-type"), "QUERY_LOGS");
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment; filename=\"evidence-search-logs-")
    );
    let bundle = VerifiedBundle::open(Cursor::new(answer.body.clone())).expect("a bundle");
    let internal = requests().iter().filter(|request| request.ip == "-").count() as u64;
    assert_eq!(bundle.manifest().records, internal);
    assert!(!answer.text().contains(SECRET) && !answer.text().contains(KEY));
    let found = bundle.at_files(&std::env::temp_dir().join("nothing-lies-here"));
    assert_eq!(
        (found.verified, found.missing),
        (false, bundle.manifest().objects)
    );
}

#[tokio::test]
async fn what_can_not_be_saved_is_said() {
    let kit = kit().await;
    let complaint = async |target: &str| ask(&kit, target).send().await.problem();
    expect!["422 MissingParameter: `tool` is missing from the address"]
        .assert_eq(&complaint("/tools/evidence").await);
    expect!["422 MissingParameter: `object_key` is missing from the address"]
        .assert_eq(&complaint("/tools/evidence?tool=object-audit&source_bucket=x-y").await);
    expect!["400 InvalidValue: neither `requester` nor `access_key` is given"]
        .assert_eq(&complaint("/tools/evidence?tool=leaked-key&from=2026-11-01").await);
    let foreign = named(
        kit.get("/tools/evidence?tool=search-logs&source_bucket=*")
            .keys("KEYB", "secret-b"),
    );
    assert_eq!(foreign.send().await.status, StatusCode::FORBIDDEN);
}
