//! Language models: how they are spoken to, what they may do, and what is left when they fail.

mod attacks;
mod endpoint;
mod failures;
mod talk;
mod toolbox;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use spacewatch_assistant::{AgentConfig, Assistant, Event, Made, Question};
use spacewatch_model::{ManualClock, Secret};

use endpoint::{Endpoint, Reply};
use toolbox::Tools;

/// A secret that must never leave.
const SECRET: &str = "northwind-demo-secret-for-spacewatch-0001";

fn config(endpoint: &Endpoint) -> AgentConfig {
    AgentConfig {
        url: endpoint.url(),
        key: Some(Secret::new("model-key")),
        model: Some("tiny".to_owned()),
        timeout: Duration::from_secs(20),
        retries: 2,
        max_steps: 4,
        max_tool_bytes: 40_000,
        max_tokens: 100_000,
        rest: Duration::from_secs(30),
    }
}

fn assistant(config: AgentConfig) -> Assistant {
    let clock = ManualClock::starting_at("2026-11-23T13:30:00Z".parse().unwrap());
    Assistant::new(Arc::new(clock)).with_model(config).unwrap()
}

fn question(text: &str) -> Question {
    Question {
        text: text.to_owned(),
        tenant: [1; 32],
        session: Some("s".to_owned()),
        secrets: vec![Secret::new(SECRET)],
        patience: None,
    }
}

/// What came of a question, with what happened on the way.
struct Told {
    made: Made,
    events: Vec<Event>,
}

impl Told {
    /// The text that was streamed.
    fn streamed(&self) -> String {
        let texts = self.events.iter().filter_map(|event| match event {
            Event::Text { text } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    fn text(&self) -> String {
        self.made.answer.text()
    }
}

async fn ask(assistant: &Assistant, text: &str, tools: &Tools) -> Told {
    let mut events = Vec::new();
    let mut tell = |event| events.push(event);
    let made = assistant.answer(&question(text), tools, &mut tell).await;
    Told { made, events }
}

/// Asks once, of an endpoint with this script.
async fn told(script: Vec<Reply>, text: &str, tools: &Tools) -> (Told, Vec<Value>) {
    let endpoint = Endpoint::start(script).await;
    let told = ask(&assistant(config(&endpoint)), text, tools).await;
    (told, endpoint.requests())
}

/// A call in the endpoint's own form.
fn native(id: &str, tool: &str, args: &Value) -> Value {
    json!({ "index": null, "id": id, "type": "function", "function": { "name": tool, "arguments": args.to_string() } })
}

/// A reply that asks tools.
fn calls(calls: &[Value]) -> Reply {
    Reply::events(&[json!({ "role": "assistant", "content": null, "tool_calls": calls })])
}

/// A reply of text, streamed in three pieces.
fn says(text: &str) -> Reply {
    let third = text.chars().count().div_ceil(3).max(1);
    let letters: Vec<char> = text.chars().collect();
    let pieces: Vec<Value> = letters
        .chunks(third)
        .map(|piece| json!({ "content": piece.iter().collect::<String>() }))
        .collect();
    Reply::events(&pieces)
}
