//! When: periods as people write them.

use expect_test::expect_file;
use proptest::prelude::*;
use serde_json::Value;

use super::{Plan, plan};

/// The period that a question's first call has.
fn period(question: &str) -> String {
    let Plan::Asks(calls, _) = plan(question, None) else {
        return "no call".to_owned();
    };
    let time = |name: &str| {
        calls[0]
            .args
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or("…")
            .to_owned()
    };
    format!("{} – {}", time("from"), time("to"))
}

#[test]
fn periods_are_read() {
    let told: Vec<String> = include_str!("times/times.txt")
        .lines()
        .map(|when| format!("{when}\n    {}", period(&format!("Any mass download {when}?"))))
        .collect();
    expect_file!["times/told.txt"].assert_eq(&(told.join("\n") + "\n"));
}

proptest! {
    /// Whatever is asked: no panic, and no period that ends before it begins.
    #[test]
    fn any_question_is_survived(question in "\\PC{0,80}") {
        check(&question);
    }

    #[test]
    fn any_words_are_survived(words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..14)) {
        check(&words.join(" "));
    }
}

const WORDS: [&str; 52] = [
    "who",
    "deleted",
    "`x y`",
    "\"",
    "'",
    "`",
    "from",
    "to",
    "since",
    "between",
    "and",
    "yesterday",
    "today",
    "last",
    "7",
    "days",
    "week",
    "monday",
    "14:00",
    "25:99",
    "2026-11-15",
    "2026-02-30",
    "nov",
    "31",
    "feb",
    "99999999999999999999",
    "hours",
    "ago",
    "1 TB",
    "bucket",
    "prod-assets",
    "prod-asets",
    "10.0.0.1",
    "10.0.0.0/8",
    "::1",
    "studio/",
    "/",
    "//",
    "s3://",
    "s3://a/b",
    "*.png",
    "top",
    "403s",
    "ip",
    "egress",
    "cost",
    "before",
    "until",
    "noon",
    "12pm",
    "in",
    "month",
];

fn check(question: &str) {
    let Plan::Asks(calls, mut dialogue) = plan(question, None) else {
        return;
    };
    for call in &calls {
        let time = |name: &str| {
            call.args
                .get(name)
                .and_then(Value::as_str)?
                .parse::<jiff::Timestamp>()
                .ok()
        };
        if let (Some(from), Some(to)) = (time("from"), time("to")) {
            assert!(from < to, "{question}: {from} – {to}");
        }
    }
    super::give_up(&mut dialogue, calls.len());
}
