//! Several questions to tools at once.

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use tokio::time::Instant;

use crate::{Call, Event, ToolFailure, Toolbox, quote};

/// Asks all of these at once, and tells of it; the results in the same order.
pub(crate) async fn ask(
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
