//! The built-in planner: what is asked for which question, and what is answered.

mod answers;
mod driven;
mod questions;
mod reworded;
mod talk;
mod times;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use spacewatch_assistant::planner::{Dialogue, Step, Understood};
use spacewatch_assistant::{Answer, Call, Circumstances, ToolFailure};
use spacewatch_model::ErrorCode;

/// A Monday, half past two in the afternoon where it is asked.
const NOW: &str = "2026-11-23T13:30:00Z";

fn around() -> Circumstances {
    Circumstances {
        now: NOW.parse::<Timestamp>().unwrap(),
        time_zone: TimeZone::fixed(jiff::tz::offset(1)),
        bucket: None,
        period: None,
        log_bucket: Some("northwind-logs".parse().unwrap()),
        metrics_bucket: Some("northwind-metrics".parse().unwrap()),
    }
}

fn buckets() -> Result<Value, ToolFailure> {
    Ok(json!({
        "bucket_count": 7,
        "buckets": ["backups", "documents", "northwind-logs", "northwind-metrics", "prod-assets", "prod-uploads", "staging"],
    }))
}

/// The calls that a question leads to, or the answer where none is made.
enum Plan {
    Asks(Vec<Call>, Box<Dialogue>),
    Says(Box<Answer>, Box<Understood>),
}

fn plan(question: &str, remembered: Option<&Understood>) -> Plan {
    let (mut dialogue, mut step) = Dialogue::begin(question, &around(), remembered);
    if let Step::Call(calls) = &step {
        assert_eq!(calls[0].tool, "buckets");
        step = dialogue.results(vec![buckets()]);
    }
    match step {
        Step::Call(calls) => Plan::Asks(calls, Box::new(dialogue)),
        Step::Done(answer, understood) => Plan::Says(answer, understood),
    }
}

/// The plan on a few lines. Calls for each bucket are told once.
fn told(question: &str, remembered: Option<&Understood>) -> String {
    match plan(question, remembered) {
        Plan::Says(answer, _) => {
            let proposal = answer
                .proposal
                .as_ref()
                .map(|proposal| format!(" [{} {}]", proposal.tool, proposal.args));
            format!(
                "{:?}: {}{}",
                answer.kind,
                answer.text(),
                proposal.unwrap_or_default()
            )
        }
        Plan::Asks(calls, _) => {
            let mut lines: Vec<String> = Vec::new();
            let many = calls.len() > 5;
            for call in calls {
                let mut args = call.args.clone();
                for name in ["bucket", "source_bucket"].into_iter().filter(|_| many) {
                    if let Some(bucket) = args.get_mut(name) {
                        *bucket = json!("EACH");
                    }
                }
                let line = format!("{} {args}", call.tool);
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
            lines.join("\n")
        }
    }
}

/// Ends a dialogue with tools that give nothing; what was understood.
fn give_up(dialogue: &mut Dialogue, mut calls: usize) -> Understood {
    loop {
        let failure = ToolFailure {
            code: ErrorCode::StoreFailed,
            detail: "the store is away".to_owned(),
            hint: None,
        };
        match dialogue.results(vec![Err(failure); calls]) {
            Step::Call(more) => calls = more.len(),
            Step::Done(_, understood) => return *understood,
        }
    }
}

/// What a tool says of a bucket without an inventory.
fn missing_inventory() -> ToolFailure {
    ToolFailure {
        code: ErrorCode::NotFound,
        detail: "there is no inventory of bucket `staging`".to_owned(),
        hint: Some("make one with `spacewatch inventory run staging`".to_owned()),
    }
}
