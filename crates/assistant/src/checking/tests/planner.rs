//! The planner cites each figure as it writes it: what it writes must stand when it is checked like a model's.

use serde_json::{Value, json};

use super::*;
use crate::planner::{Dialogue, Step};
use crate::{Answer, Call, Circumstances};

fn said(results: &Value, call: &Call) -> Value {
    if call.tool == "buckets" {
        return json!({ "bucket_count": 2, "buckets": ["backups", "prod-uploads"] });
    }
    let arg = |name: &str| call.args.get(name).and_then(Value::as_str);
    let variant = match (
        call.tool.as_str(),
        arg("by"),
        arg("metric"),
        arg("bucket"),
        call.args.get("depth"),
    ) {
        ("top", Some("requester"), ..) => "top requester",
        ("growth", _, Some("bytes_sent"), ..) => "growth bytes_sent",
        ("growth", _, _, None, _) => "growth all",
        ("cost", .., Some(_)) => "cost by prefix",
        _ => &call.tool,
    };
    results[variant].clone()
}

fn answered(question: &str, results: &Value, around: &Circumstances) -> (Answer, Vec<(Call, Value)>) {
    let (mut dialogue, mut step) = Dialogue::begin(question, around, None);
    let mut gave: Vec<(Call, Value)> = Vec::new();
    loop {
        match step {
            Step::Call(calls) => {
                let first = gave.len();
                gave.extend(calls.into_iter().map(|call| {
                    let result = said(results, &call);
                    (call, result)
                }));
                step = dialogue.results(
                    gave[first..]
                        .iter()
                        .map(|(_, result)| Ok(result.clone()))
                        .collect(),
                );
            }
            Step::Done(answer, _) => return (*answer, gave),
        }
    }
}

#[test]
fn what_the_planner_writes_stands() {
    let results: Value =
        serde_json::from_str(include_str!("../../../tests/it/planner/answers/said.json")).unwrap();
    let around = Circumstances {
        now: "2026-11-23T13:30:00Z".parse().unwrap(),
        time_zone: TimeZone::fixed(jiff::tz::offset(1)),
        bucket: None,
        period: None,
        log_bucket: None,
        metrics_bucket: None,
    };
    let (mut figures, mut marked) = (0, Vec::new());
    let questions = include_str!("../../../tests/it/planner/answers/questions.txt");
    for question in questions.lines().filter(|line| !line.is_empty()) {
        let (answer, gave) = answered(question, &results, &around);
        let sources: Vec<Source<'_>> = gave
            .iter()
            .enumerate()
            .map(|(call, (asked, result))| Source {
                call,
                tool: &asked.tool,
                args: &asked.args,
                result,
            })
            .collect();
        let context = Context {
            question,
            now: around.now,
            time_zone: &around.time_zone,
        };
        let (parts, _) = check(&answer.text(), &sources, &context);
        figures += parts
            .iter()
            .filter(|part| part.citation.is_some() || part.unbacked)
            .count();
        marked.extend(
            parts
                .into_iter()
                .filter(|part| part.unbacked)
                .map(|part| format!("{question}: {}", part.text)),
        );
    }
    // Sums of the same value of several calls stand at no place of any result.
    expect_test::expect![[r#"
        8 of 854
        How much is held by noncurrent versions?: 212 MiB
        How much by incomplete uploads, and when do they expire?: 5.12 GiB
        How many bytes were not read for 90 days?: 458 GiB
        How many bytes were not read for 90 days?: 166
        how big are the buckets: 2,382
        how big are the buckets: 512 MiB
        how many requests were there yesterday: 23,490
        how many requests were there yesterday: 3.18 GiB
    "#]]
    .assert_eq(&format!("{} of {figures}\n{}\n", marked.len(), marked.join("\n")));
}
