//! Limits, and questions that make no sense.

use expect_test::{Expect, expect};

use super::{answer, ask, kit};
use crate::kit::Ask;

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
