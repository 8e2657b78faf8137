//! Asks the tools what a dialogue wants to know.

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use tokio::time::Instant;

use super::dialogue::{Dialogue, Step, Understood};
use super::quote;
use crate::{Call, Event, Made, ToolFailure, Toolbox};

/// Who answers.
const BY: &str = "planner";

/// Answers a question with the tools, and tells what happens meanwhile. Whoever asked tells the end.
pub async fn answer(
    question: &str,
    toolbox: &dyn Toolbox,
    remembered: Option<&Understood>,
    tell: &mut (dyn FnMut(Event) + Send),
) -> (Made, Understood) {
    let (mut dialogue, mut step) = Dialogue::begin(question, &toolbox.circumstances(), remembered);
    let mut made = Made {
        by: BY.to_owned(),
        ..Made::default()
    };
    let mut asked = 0;
    loop {
        made.steps += 1;
        tell(Event::Step {
            step: made.steps,
            by: BY.to_owned(),
        });
        match step {
            Step::Call(calls) => {
                let results = ask(&calls, asked, toolbox, tell).await;
                let gave = calls.iter().zip(&results).rfind(|(_, result)| result.is_ok());
                made.tool_used = gave.map(|(call, _)| call.tool.clone()).or(made.tool_used);
                asked += calls.len();
                step = dialogue.results(results);
            }
            Step::Done(answer, understood) => {
                for part in &answer.parts {
                    tell(Event::Text {
                        text: part.text.clone(),
                    });
                }
                made.bucket_used = understood.bucket().map(str::to_owned);
                made.answer = *answer;
                return (made, *understood);
            }
        }
    }
}

/// Asks all of these at once.
async fn ask(
    calls: &[Call],
    first: usize,
    toolbox: &dyn Toolbox,
    tell: &mut (dyn FnMut(Event) + Send),
) -> Vec<Result<Value, ToolFailure>> {
    let mut running = FuturesUnordered::new();
    for (place, call) in calls.iter().enumerate() {
        tell(Event::ToolCall {
            call: first + place,
            tool: call.tool.clone(),
            args: call.args.clone(),
        });
        running.push(async move {
            let begun = Instant::now();
            (
                place,
                toolbox.call(&call.tool, call.args.clone()).await,
                begun.elapsed(),
            )
        });
    }
    let mut results = Vec::with_capacity(calls.len());
    while let Some((place, result, took)) = running.next().await {
        tell(Event::ToolResult {
            call: first + place,
            ok: result.is_ok(),
            summary: summary(&result),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        });
        results.push((place, result));
    }
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// What a tool gave, in a few words: its counts, or why there is nothing.
fn summary(result: &Result<Value, ToolFailure>) -> String {
    let value = match result {
        Ok(value) => value,
        Err(failure) => return quote::sentence(&failure.detail),
    };
    let Some(object) = value.as_object() else {
        return "a value".to_owned();
    };
    let counts = object
        .iter()
        .filter_map(|(name, value)| Some(format!("{} {name}", value.as_array()?.len())));
    let counts: Vec<String> = counts.take(3).collect();
    if counts.is_empty() {
        "figures".to_owned()
    } else {
        counts.join(", ")
    }
}
