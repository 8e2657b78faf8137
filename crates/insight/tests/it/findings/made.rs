//! Logs made up line by line, for what no corpus has.

use std::fmt::Write;

use serde_json::{Value, json};
use spacewatch_demo::DemoStore;
use spacewatch_insight::{Findings, Tenant, Tool};

use super::super::kit::Kit;
use super::{check_evidence, check_proofs, figure, findings, look, of_rule, severity};

/// A line in the making: a read of `photos` that went well.
struct Line<'a> {
    day: u32,
    second: u32,
    ip: &'a str,
    requester: &'a str,
    operation: &'a str,
    key: &'a str,
    query: &'a str,
    status: u32,
    sent: u32,
    signing: &'a str,
    tls: &'a str,
}

const LINE: Line<'static> = Line {
    day: 10,
    second: 0,
    ip: "192.0.2.1",
    requester: "arn:known",
    operation: "REST.GET.OBJECT",
    key: "a/1.jpg",
    query: "",
    status: 200,
    sent: 100,
    signing: "SigV4 CIPHER AuthHeader",
    tls: "TLSv1.3",
};

#[derive(Default)]
struct Log {
    lines: String,
    number: u32,
}

impl Log {
    fn add(&mut self, line: Line<'_>) {
        self.number += 1;
        let Line {
            day,
            second,
            ip,
            requester,
            operation,
            key,
            query,
            status,
            sent,
            signing,
            tls,
        } = line;
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        let method = operation.split('.').nth(1).expect("a method");
        let signing = if requester == "-" { "- CIPHER -" } else { signing };
        writeln!(
            self.lines,
            "owner photos [{day:02}/Nov/2026:{hour:02}:{minute:02}:{second:02} +0000] {ip} {requester} REQ{:06} {operation} {key} \
             \"{method} /photos/{key}{query} HTTP/1.1\" {status} - {sent} 100 2 1 \"-\" \"agent/1\" - host {signing} photos.example {tls} - -",
            self.number
        )
        .expect("room");
    }

    async fn serve(&self) -> (Kit, Tenant) {
        let kit = Kit::start(DemoStore::empty().with_object("logs", "1", self.lines.as_str())).await;
        let tenant = Tenant {
            log_bucket: Some("logs".parse().expect("a name")),
            ..kit.tenant()
        };
        (kit, tenant)
    }

    /// A working site from the first to the twentieth: each hour, each of ten clients reads a few pictures.
    fn site() -> Self {
        let mut log = Self::default();
        for hour in 0..24 * 20 {
            for client in 0..10_u32 {
                log.add(Line {
                    day: 1 + hour / 24,
                    second: hour % 24 * 3_600 + client * 17,
                    ip: &format!("192.0.2.{client}"),
                    key: &format!("a/{}.jpg", (hour + client) % 90),
                    ..LINE
                });
            }
        }
        log
    }
}

fn subjects<'v>(found: &'v Value, rule: &str) -> Vec<(&'v str, &'v str)> {
    let found = of_rule(found, rule).into_iter();
    found
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or("-");
            (text("subject"), text("severity"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_works_raises_nothing() {
    let (_kit, tenant) = Log::site().serve().await;
    let found = look(&tenant, json!({"from": "2026-11-10"})).await;
    assert!(
        findings(&found).iter().all(|finding| severity(finding) == 0),
        "{found:#}"
    );
    assert_eq!(found["caution"], Value::Null, "{found:#}");
    let rate = of_rule(&found, "request-rate");
    assert_eq!(figure(rate[0], "requests_in_the_busiest_second"), 1.0);
    check_proofs(&tenant, &found).await;
    let before = look(&tenant, json!({"from": "2026-01-01", "to": "2026-01-09"})).await;
    assert!(
        before["caution"]
            .as_str()
            .expect("a caution")
            .contains("no record"),
        "{before:#}"
    );
    let early = look(&tenant, json!({"from": "2026-10-25", "to": "2026-11-05"})).await;
    assert!(
        early["caution"]
            .as_str()
            .expect("a caution")
            .contains("the log begins at"),
        "{early:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_public_and_is_now() {
    let mut log = Log::site();
    for second in 0..60 {
        for (day, key) in [(4, "b/1.jpg"), (12, "a/1.jpg"), (13, "b/2.jpg")] {
            // Prefix `a/` was read by those who sign only, until the twelfth.
            let requester = if day == 4 || key == "b/2.jpg" {
                "-"
            } else {
                LINE.requester
            };
            log.add(Line {
                day,
                second,
                key,
                requester,
                ..LINE
            });
        }
        log.add(Line {
            day: 12,
            second: second * 600,
            ip: "203.0.113.5",
            key: "a/2.jpg",
            requester: "-",
            ..LINE
        });
    }
    let (_kit, tenant) = log.serve().await;
    let found = look(&tenant, json!({"from": "2026-11-10", "rule": "anonymous-reads"})).await;
    assert_eq!(
        subjects(&found, "anonymous-reads"),
        [("a/", "medium"), ("-", "info")],
        "{found:#}"
    );
    check_proofs(&tenant, &found).await;
    // Before the fourth nobody read without signing.
    let found = look(&tenant, json!({"from": "2026-11-04", "rule": "anonymous-reads"})).await;
    assert_eq!(subjects(&found, "anonymous-reads"), [("-", "high")], "{found:#}");
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_what_came_of_them() {
    let mut log = Log::site();
    let mut storm =
        |ip: &'static str, (refusals, reads): (u32, u32), requester: &'static str, before: u32| {
            for number in 0..before {
                log.add(Line {
                    day: 11,
                    second: number,
                    ip,
                    ..LINE
                });
            }
            for number in 0..refusals {
                log.add(Line {
                    day: 12,
                    second: number,
                    ip,
                    status: 403,
                    key: &format!("x/{}", number % 7),
                    requester,
                    ..LINE
                });
            }
            for number in 0..reads {
                log.add(Line {
                    day: 13,
                    second: number,
                    ip,
                    requester,
                    key: &format!("a/{number}.jpg"),
                    ..LINE
                });
            }
        };
    storm("203.0.113.1", (30, 3), "arn:known", 0);
    storm("203.0.113.2", (30, 3), "-", 0);
    storm("203.0.113.3", (30, 3), "arn:known", 40);
    storm("203.0.113.4", (30, 0), "arn:known", 0);
    storm("203.0.113.5", (9, 3), "arn:known", 0);
    storm("2001:db8::5", (30, 2), "arn:known", 0);
    let (_kit, tenant) = log.serve().await;
    let found = look(&tenant, json!({"from": "2026-11-10"})).await;
    let expected = [
        ("2001:db8::5", "high"),
        ("203.0.113.1", "high"),
        ("203.0.113.2", "medium"),
        ("203.0.113.3", "low"),
    ];
    let mut told = subjects(&found, "denied-then-read");
    told.sort_unstable();
    assert_eq!(told, expected, "{found:#}");
    // Seven keys are no enumeration.
    assert!(of_rule(&found, "enumeration").is_empty());
    check_proofs(&tenant, &found).await;
    let denied = json!({"from": "2026-11-10", "rule": "denied-then-read"});
    let denied = look(&tenant, denied).await;
    check_evidence(
        &tenant,
        &denied,
        json!({"from": "2026-11-10", "to": "2026-11-30", "wait": true}),
    )
    .await;
    let only = look(
        &tenant,
        json!({"rule": "denied-then-read", "min_severity": "high"}),
    )
    .await;
    assert!(
        findings(&only)
            .iter()
            .all(|finding| finding["severity"] == "high")
    );
    assert_eq!(only["rules"].as_array().expect("rules").len(), 1);
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test(flavor = "multi_thread")]
async fn downloads_scans_and_links() {
    let mut log = Log::site();
    for number in 0..300 {
        // A backup takes everything each night; somebody else does once.
        for day in 3..20 {
            log.add(Line {
                day,
                second: 7_200 + number,
                ip: "198.51.100.1",
                key: &format!("a/{number}.jpg"),
                ..LINE
            });
        }
        log.add(Line {
            day: 15,
            second: 50_000 + number,
            ip: "198.51.100.2",
            key: &format!("a/{number}.jpg"),
            ..LINE
        });
        // Many reads of one key are no download of everything.
        log.add(Line {
            day: 16,
            second: 50_000 + number,
            ip: "198.51.100.3",
            ..LINE
        });
        log.add(Line {
            day: 16,
            second: number,
            ip: "198.51.100.4",
            status: 404,
            key: &format!("wp/{number}.php"),
            requester: "-",
            ..LINE
        });
        log.add(Line {
            day: 17,
            second: number,
            ip: "198.51.100.5",
            operation: "REST.GET.BUCKET",
            key: "-",
            ..LINE
        });
        log.add(Line {
            day: 18,
            second: number,
            ip: &format!("203.0.113.{}", number % 25),
            query: "?X-Amz-Expires=60&X-Amz-Signature=0123456789abcdef0123456789abcdef",
            signing: "SigV4 CIPHER QueryString",
            ..LINE
        });
    }
    for number in 0..30 {
        let old = Line {
            day: 18,
            second: 40_000 + number,
            sent: 60,
            ..LINE
        };
        log.add(Line {
            signing: "SigV2 CIPHER AuthHeader",
            ..old
        });
        log.add(Line {
            day: 18,
            second: 41_000 + number,
            tls: "TLSv1.1",
            ..LINE
        });
    }
    let (_kit, tenant) = log.serve().await;
    let found = look(&tenant, json!({"from": "2026-11-10"})).await;
    assert_eq!(
        subjects(&found, "mass-download"),
        [("198.51.100.2", "medium")],
        "{found:#}"
    );
    let expected = [("198.51.100.4", "medium"), ("198.51.100.5", "low")];
    assert_eq!(subjects(&found, "enumeration"), expected, "{found:#}");
    assert_eq!(subjects(&found, "shared-link"), [("0123456789abcdef", "medium")]);
    assert_eq!(figure(of_rule(&found, "shared-link")[0], "addresses"), 25.0);
    assert_eq!(figure(of_rule(&found, "sigv2")[0], "requests"), 30.0);
    assert_eq!(figure(of_rule(&found, "old-tls")[0], "requests"), 30.0);
    assert_eq!(figure(of_rule(&found, "client-aborts")[0], "broken_off"), 30.0);
    check_proofs(&tenant, &found).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_new_and_how_busy_it_gets() {
    let mut log = Log::site();
    for number in 0..600 {
        let (operation, status) = if number % 10 == 0 {
            ("REST.DELETE.OBJECT", 204)
        } else {
            ("REST.PUT.OBJECT", 200)
        };
        log.add(Line {
            day: 15,
            second: 30_000,
            ip: "198.51.100.9",
            requester: "arn:new",
            operation,
            status,
            ..LINE
        });
    }
    let (_kit, tenant) = log.serve().await;
    let found = look(&tenant, json!({"from": "2026-11-10", "bucket": "photos"})).await;
    assert_eq!(subjects(&found, "new-requester"), [("arn:new", "medium")]);
    let new = of_rule(&found, "new-requester")[0];
    assert_eq!((figure(new, "deletes"), figure(new, "writes")), (60.0, 540.0));
    let rates: Vec<_> = of_rule(&found, "request-rate")
        .into_iter()
        .map(|finding| {
            (
                finding["severity"].as_str().expect("one"),
                figure(finding, "requests_in_the_busiest_second"),
            )
        })
        .collect();
    assert_eq!(
        rates,
        [("medium", 600.0), ("medium", 600.0), ("info", 600.0)],
        "{found:#}"
    );
    check_proofs(&tenant, &found).await;
    let whole = look(&tenant, json!({"rule": "new-requester"})).await;
    let why = whole["rules"][0]["not_judged"].as_str().expect("a reason");
    assert!(why.contains("the log begins at 2026-11-01T00:00:00Z"), "{why}");
}

#[tokio::test]
async fn wrong_questions_are_told_so() {
    let check = |args: Value, expected: &str| {
        let error = serde_json::from_value::<<Findings as Tool>::Args>(args).expect_err("a complaint");
        assert!(error.to_string().contains(expected), "{error}");
    };
    check(json!({"rule": "scans"}), "`enumeration`");
    check(json!({"min_severity": "bad"}), "`critical`");
}
