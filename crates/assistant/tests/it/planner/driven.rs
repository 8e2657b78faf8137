//! The planner over a toolbox.

use async_trait::async_trait;
use serde_json::{Value, json};
use spacewatch_assistant::planner::{self, Understood};
use spacewatch_assistant::{AnswerKind, Circumstances, Event, ToolFacts, ToolFailure, Toolbox};

use super::{around, buckets, missing_inventory};

struct Few;

#[async_trait]
impl Toolbox for Few {
    fn tools(&self) -> &[ToolFacts] {
        &[]
    }

    async fn call(&self, tool: &str, args: Value) -> Result<Value, ToolFailure> {
        match tool {
            "buckets" => buckets(),
            "storage-summary" => Ok(
                json!({ "bucket": args["bucket"], "object_count": 12, "total_size_bytes": 4096, "as_of": "2026-11-23T13:30:00Z" }),
            ),
            _ => Err(missing_inventory()),
        }
    }

    fn circumstances(&self) -> Circumstances {
        around()
    }
}

async fn ask(
    question: &str,
    remembered: Option<&Understood>,
) -> (spacewatch_assistant::Made, Understood, Vec<Event>) {
    let mut events = Vec::new();
    let (made, understood) =
        planner::answer(question, &Few, remembered, &mut |event| events.push(event)).await;
    (made, understood, events)
}

#[tokio::test]
async fn what_happens_is_told_and_the_next_question_goes_on() {
    let (made, understood, events) = ask("How big is prod-assets?", None).await;
    assert!(
        made.answer
            .text()
            .starts_with("`prod-assets` holds **12** objects, **4.00 KiB**."),
        "{}",
        made.answer.text()
    );
    assert_eq!(
        (
            made.by.as_str(),
            made.tool_used.as_deref(),
            made.bucket_used.as_deref()
        ),
        ("planner", Some("storage-summary"), Some("prod-assets"))
    );
    let told: String = events
        .iter()
        .filter_map(|event| {
            if let Event::Text { text } = event {
                Some(text.as_str())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(told, made.answer.text());
    let calls: Vec<usize> = events
        .iter()
        .filter_map(|event| {
            if let Event::ToolCall { call, .. } = event {
                Some(*call)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(calls, [0, 1]);
    let (next, _, _) = ask("and staging?", Some(&understood)).await;
    assert_eq!(next.bucket_used.as_deref(), Some("staging"));
}

#[tokio::test]
async fn a_failure_is_said_kindly() {
    let (made, ..) = ask("Which file types hold most bytes in staging?", None).await;
    assert_eq!(made.answer.kind, AnswerKind::CannotSay);
    assert!(made.answer.proposal.is_some());
}
