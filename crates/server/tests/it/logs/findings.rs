//! Findings and anomalies over HTTP: what is told, what is saved of it, and refusals in words.

use std::fmt::Write;
use std::io::Cursor;

use expect_test::expect;
use http::StatusCode;
use spacewatch_demo::DemoStore;
use spacewatch_insight::VerifiedBundle;

use super::{answer, ask, named};
use crate::kit::{KEY, Kit, SECRET, kit_with};

/// Five weeks of four reads an hour. On the last day somebody is refused two hundred times, and then let in.
async fn kit() -> Kit {
    let (mut lines, mut number) = (String::new(), 0);
    let mut add = |(day, hour, second): (u32, u32, u32), who: &str, status: u32| {
        number += 1;
        let (month, day) = if day > 28 { ("Mar", day - 28) } else { ("Feb", day) };
        writeln!(
            lines,
            "owner photos [{day:02}/{month}/2026:{hour:02}:{:02}:{:02} +0000] {who} REQ{number:06} REST.GET.OBJECT a.jpg \
             \"GET /photos/a.jpg HTTP/1.1\" {status} - 5 5 2 1 \"-\" \"agent/1\" - host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -",
            second / 60,
            second % 60
        )
        .expect("room");
    };
    for hour in 0..24 * 35 {
        (0..4).for_each(|second| add((1 + hour / 24, hour % 24, second), "192.0.2.1 arn:site", 200));
    }
    (0..200).for_each(|second| add((35, 10, 60 + second), "203.0.113.9 arn:guest", 403));
    (0..3).for_each(|second| add((35, 11, second), "203.0.113.9 arn:guest", 200));
    let store = DemoStore::empty()
        .with_tenant("first", KEY, SECRET)
        .with_object("their-logs", "access/1", lines.as_str())
        .with_tenant("second", "KEYB", "secret-b")
        .with_bucket("other");
    kit_with(store, |_| {}, |stores| stores.attempts = 1).await
}

const DAY: &str = "date_yyyy_mm_dd=2026-03-07&wait=true";

#[tokio::test(flavor = "multi_thread")]
async fn findings_come_with_their_records() {
    let kit = kit().await;
    let found = answer(&kit, &format!("/tools/findings?{DAY}&min_severity=medium")).await;
    let [finding, _] = found["findings"].as_array().expect("findings").as_slice() else {
        panic!("the address and the requester: {found:#}");
    };
    let id = "denied-then-read/203.0.113.9";
    assert_eq!(finding["id"], id);
    assert_eq!(finding["severity"], "high");
    assert_eq!(found["coverage"]["lines_read"], 24 * 35 * 4 + 203);
    assert_eq!(found["rules"].as_array().expect("rules").len(), 12);
    assert!(finding.get("suppressed").is_none());

    let save = format!("/tools/evidence?tool=finding&id={id}&{DAY}");
    let saved = ask(&kit, &save).send().await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    let name = saved.header("content-disposition");
    assert!(
        name.starts_with("attachment; filename=\"evidence-finding-"),
        "{name}"
    );
    let bundle = VerifiedBundle::open(Cursor::new(saved.body.clone())).expect("a bundle");
    assert_eq!(bundle.manifest().records, 203);
    assert_eq!(bundle.manifest().question.arguments["id"], id);
    let checked = bundle.at_files(&std::env::temp_dir().join("nothing-lies-here"));
    assert_eq!(checked.finding.expect("the finding")["title"], finding["title"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn anomalies_come_with_what_explains_them() {
    let kit = kit().await;
    let found = answer(
        &kit,
        &format!("/tools/anomalies?bucket=photos&metric=requests&{DAY}"),
    )
    .await;
    let [anomaly] = found["anomalies"].as_array().expect("anomalies").as_slice() else {
        panic!("one anomaly: {found:#}");
    };
    assert_eq!(anomaly["from"], "2026-03-07T10:00:00Z");
    assert_eq!(
        (&anomaly["value"], &anomaly["usual"]),
        (&204.0.into(), &4.0.into())
    );
    let explanations = anomaly["explanations"].as_array().expect("explanations");
    let who = |row: &&serde_json::Value| row["value"] == "203.0.113.9";
    let address = explanations.iter().find(who).expect("the address");
    // Of 200 more than usual, all but 0.13: so much the three reads of the next hour make usual for this address.
    assert_eq!(address["share_percent"], 99.9);
    let id = "anomaly/photos/requests/2026-03-07T10:00:00Z";
    assert_eq!(found["findings"][0]["id"], id);
    let quiet = "/tools/anomalies?bucket=photos&date_yyyy_mm_dd=2026-03-06&wait=true";
    let quiet = answer(&kit, quiet).await;
    assert_eq!(
        (&quiet["anomalies"], &quiet["hours_judged"]),
        (&Vec::<u8>::new().into(), &24.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_questions_are_told_so() {
    let kit = kit().await;
    let complaint = async |target: &str| ask(&kit, target).send().await.problem();
    expect![[r#"422 InvalidParameter: `rule` names "scans", expected rules among `denied-then-read`, `mass-download`, `enumeration`, `new-requester`, `shared-link`, `slow-down`, `request-rate`, `anonymous-reads`, `sigv2`, `old-tls`, `client-aborts`, `range-reads`"#]].assert_eq(&complaint("/tools/findings?rule=scans").await);
    expect![[r#"422 InvalidParameter: `min_severity` is "bad", expected `info`, `low`, `medium`, `high` or `critical`"#]].assert_eq(&complaint("/tools/findings?min_severity=bad").await);
    expect![
        "400 InvalidValue: the period ends at 2026-02-02T00:00:00Z, before it begins at 2026-03-02T00:00:00Z"
    ]
    .assert_eq(&complaint("/tools/findings?from=2026-03-02&to=2026-02-01").await);
    expect![[r#"422 InvalidParameter: `metric` is "errors", expected one of `requests`, `4xx_rate`, `5xx_rate`, `bytes_sent`, `bytes_uploaded`, `first_byte_p95`, `total_p95`"#]].assert_eq(&complaint("/tools/anomalies?metric=errors").await);
    expect!["400 InvalidValue: the period has 1440 hours, the limit is 744"]
        .assert_eq(&complaint("/tools/anomalies?from=2026-01-01&to=2026-03-01").await);
    expect!["422 MissingParameter: `id` is missing from the address"]
        .assert_eq(&complaint("/tools/evidence?tool=finding").await);
    expect!["404 NotFound: `findings` finds no `sigv2/photos`"]
        .assert_eq(&complaint(&format!("/tools/evidence?tool=finding&id=sigv2/photos&{DAY}")).await);
    for tool in ["findings?", "anomalies?", "evidence?tool=finding&id=sigv2&"] {
        let foreign = named(kit.get(&format!("/tools/{tool}{DAY}")).keys("KEYB", "secret-b"));
        assert_eq!(foreign.send().await.status, StatusCode::FORBIDDEN, "{tool}");
    }
}
