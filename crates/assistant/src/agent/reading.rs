//! Puts a reply together from its pieces.

use std::collections::BTreeMap;

use serde_json::Value;

use super::failure::AgentFailure;
use super::wire::{CallPiece, Completion};
use crate::quote::Untangled;

/// Bytes of one reply at most, as they come over the wire.
pub(super) const MAX_WIRE: usize = 4 << 20;
/// Bytes of text and arguments of one reply at most.
const MAX_REPLY: usize = 64 << 10;
/// Calls in one reply at most.
const MAX_CALLS: usize = 16;

/// Repetitions are looked for after so many bytes, in the last ones, by the very last ones: rows of a table aren't alike in so many.
const LOOK_EVERY: usize = 512;
const LOOK_BACK: usize = 4 << 10;
const RUT: usize = 60;
const MOST_AGAIN: usize = 8;

/// A whole reply.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Reply {
    /// What it said, without what it thought aloud.
    pub(super) text: String,
    /// Which tools it wants to ask.
    pub(super) calls: Vec<WantedCall>,
    /// What it cost, where the endpoint tells.
    pub(super) tokens: Option<u64>,
}

/// A call that the model wants to be made.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct WantedCall {
    /// The endpoint's name for it; empty where it has none.
    pub(super) id: String,
    pub(super) tool: String,
    /// JSON as text, if the model wrote any.
    pub(super) arguments: String,
}

/// A reply that is being read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    text: String,
    thinking: Thinking,
    shown: Untangled,
    calls: BTreeMap<usize, WantedCall>,
    tokens: Option<u64>,
    read: usize,
    /// How long the text was when it was last looked at for repetitions.
    looked_at: usize,
}

impl Reading {
    /// Takes a piece in. Gives what may be shown of it.
    pub(super) fn piece(&mut self, json: &str) -> Result<String, AgentFailure> {
        let completion: Completion = serde_json::from_str(json)
            .map_err(|_| AgentFailure::Unreadable("it is not the expected JSON"))?;
        if let Some(error) = &completion.error {
            return Err(AgentFailure::Refused {
                status: 200,
                detail: message_of(error),
            });
        }
        if let Some(usage) = completion.usage {
            self.tokens = Some(usage.total_tokens);
        }
        let mut shown = String::new();
        for said in completion
            .choices
            .into_iter()
            .take(1)
            .filter_map(|choice| choice.delta.or(choice.message))
        {
            let text = said.text();
            self.count(text.len())?;
            let plain = self.thinking.without(&text);
            shown.push_str(&self.shown.push(&plain));
            self.text.push_str(&plain);
            self.refuse_repetitions()?;
            for piece in said.tool_calls.unwrap_or_default() {
                self.call(piece)?;
            }
        }
        Ok(shown)
    }

    /// Some endpoints number the calls, some only name them, some do neither and send each whole.
    fn call(&mut self, piece: CallPiece) -> Result<(), AgentFailure> {
        let id = piece.id.unwrap_or_default();
        let last = self.calls.last_key_value().map(|(index, _)| *index);
        let goes_on = |last: &usize| {
            let call = self.calls.get(last);
            call.is_some_and(|call| {
                (id.is_empty() || call.id == id)
                    && (piece.function.name.as_deref().is_none_or(str::is_empty) || call.tool.is_empty())
            })
        };
        let index = piece
            .index
            .or_else(|| last.filter(goes_on))
            .unwrap_or_else(|| last.map_or(0, |last| last.saturating_add(1)));
        if !self.calls.contains_key(&index) && self.calls.len() >= MAX_CALLS {
            return Err(AgentFailure::Unreadable("it asks too many tools at once"));
        }
        let arguments = match piece.function.arguments {
            Some(Value::String(text)) => text,
            Some(Value::Null) | None => String::new(),
            Some(value) => value.to_string(),
        };
        let name = piece.function.name.unwrap_or_default();
        self.count(arguments.len() + name.len() + id.len())?;
        let call = self.calls.entry(index).or_default();
        if call.id.is_empty() {
            call.id = id;
        }
        if call.tool.is_empty() {
            call.tool = name;
        }
        call.arguments.push_str(&arguments);
        Ok(())
    }

    /// Small models get into a rut: what they said last, they said many times before. Nobody needs to wait for the rest.
    fn refuse_repetitions(&mut self) -> Result<(), AgentFailure> {
        if self.text.len() < self.looked_at + LOOK_EVERY {
            return Ok(());
        }
        self.looked_at = self.text.len();
        let tail = self
            .text
            .get(self.text.ceil_char_boundary(self.text.len() - RUT)..);
        let seen = self.text.get(
            self.text
                .ceil_char_boundary(self.text.len().saturating_sub(LOOK_BACK))..,
        );
        let again = tail
            .zip(seen)
            .map_or(0, |(tail, seen)| seen.matches(tail).count());
        if again >= MOST_AGAIN {
            return Err(AgentFailure::Repeats);
        }
        Ok(())
    }

    fn count(&mut self, bytes: usize) -> Result<(), AgentFailure> {
        self.read = self.read.saturating_add(bytes);
        if self.read > MAX_REPLY {
            return Err(AgentFailure::TooLong(MAX_REPLY));
        }
        Ok(())
    }

    pub(super) fn done(self) -> Reply {
        Reply {
            text: self.text.trim().to_owned(),
            calls: self.calls.into_values().collect(),
            tokens: self.tokens,
        }
    }
}

/// The words of an error object, in any of the shapes that endpoints have.
pub(super) fn message_of(error: &Value) -> String {
    let said = ["/error/message", "/message", "/error", "/detail"]
        .iter()
        .find_map(|path| error.pointer(path)?.as_str());
    said.or_else(|| error.as_str())
        .map_or_else(|| error.to_string(), str::to_owned)
}

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Leaves out what a model thinks aloud before it answers.
#[derive(Debug, Default)]
enum Thinking {
    /// Nothing but what may become the opening mark was seen.
    #[default]
    Unknown,
    /// What was seen so far may hold the beginning of an opening mark.
    Begun(String),
    /// Inside; the end of what was seen, as long as the closing mark.
    Inside(String),
    Over,
}

impl Thinking {
    fn without(&mut self, text: &str) -> String {
        match std::mem::replace(self, Self::Over) {
            Self::Over => text.to_owned(),
            Self::Unknown => self.begin(text.to_owned()),
            Self::Begun(seen) => self.begin(seen + text),
            Self::Inside(seen) => self.inside(seen + text),
        }
    }

    fn begin(&mut self, seen: String) -> String {
        let begins = seen.trim_start();
        if let Some(rest) = begins.strip_prefix(OPEN) {
            return self.inside(rest.to_owned());
        }
        if OPEN.starts_with(begins) {
            *self = Self::Begun(seen);
            return String::new();
        }
        seen
    }

    fn inside(&mut self, seen: String) -> String {
        if let Some((_, rest)) = seen.split_once(CLOSE) {
            return rest.trim_start().to_owned();
        }
        let kept = seen.char_indices().rev().nth(CLOSE.len()).map_or(0, |(at, _)| at);
        *self = Self::Inside(seen.get(kept..).unwrap_or_default().to_owned());
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(pieces: &[Value]) -> Result<Reply, AgentFailure> {
        let mut reading = Reading::default();
        for piece in pieces {
            reading.piece(&piece.to_string())?;
        }
        Ok(reading.done())
    }

    fn delta(said: Value) -> Value {
        json!({ "choices": [{ "delta": said }] })
    }

    fn call(id: &str, tool: &str, arguments: &str) -> WantedCall {
        WantedCall {
            id: id.to_owned(),
            tool: tool.to_owned(),
            arguments: arguments.to_owned(),
        }
    }

    #[test]
    fn calls_come_in_pieces() {
        let reply = read(&[
            delta(json!({ "role": "assistant", "content": null })),
            delta(json!({ "tool_calls": [{ "index": 0, "id": "a", "function": { "name": "top", "arguments": "" } }] })),
            delta(json!({ "tool_calls": [{ "index": 1, "id": "b", "function": { "name": "cost", "arguments": "{}" } }] })),
            delta(json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "{\"by\":" } }] })),
            delta(json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "\"ip\"}" } }] })),
            json!({ "choices": [], "usage": { "total_tokens": 42 } }),
        ])
        .unwrap();
        assert_eq!(
            reply.calls,
            [call("a", "top", "{\"by\":\"ip\"}"), call("b", "cost", "{}")]
        );
        assert_eq!(reply.tokens, Some(42));
    }

    #[test]
    fn calls_without_numbers_or_names_are_told_apart() {
        let whole = delta(json!({ "tool_calls": [
            { "id": "", "function": { "name": "top", "arguments": { "by": "ip" } } },
            { "id": "", "function": { "name": "top", "arguments": { "by": "key" } } },
        ] }));
        let reply = read(&[whole]).unwrap();
        assert_eq!(
            reply.calls,
            [
                call("", "top", "{\"by\":\"ip\"}"),
                call("", "top", "{\"by\":\"key\"}")
            ]
        );
        let repeated = [
            delta(json!({ "tool_calls": [{ "id": "x", "function": { "name": "top", "arguments": "{" } }] })),
            delta(json!({ "tool_calls": [{ "id": "x", "function": { "arguments": "}" } }] })),
        ];
        assert_eq!(read(&repeated).unwrap().calls, [call("x", "top", "{}")]);
    }

    #[test]
    fn whole_messages_and_lists_of_texts_are_read() {
        let message = json!({ "choices": [{ "message": { "role": "assistant", "content": [{ "type": "text", "text": "a" }, { "type": "text", "text": "b" }] } }] });
        assert_eq!(read(&[message]).unwrap().text, "ab");
    }

    #[test]
    fn endless_replies_are_given_up() {
        let pieces: Vec<Value> = (0..20_000)
            .map(|word| delta(json!({ "content": format!("{word} ") })))
            .collect();
        assert_eq!(read(&pieces), Err(AgentFailure::TooLong(MAX_REPLY)));
        let calls: Vec<Value> = (0..100)
            .map(|index| json!({ "index": index, "function": { "name": "top" } }))
            .collect();
        assert!(read(&[delta(json!({ "tool_calls": calls }))]).is_err());
    }

    #[test]
    fn a_model_in_a_rut_is_not_waited_for() {
        let rut = delta(
            json!({ "content": "The bucket of the person who asks is the bucket of the person who asks.\n\n" }),
        );
        assert_eq!(read(&vec![rut; 100]), Err(AgentFailure::Repeats));
        let rows: String = (0..200)
            .map(|row| format!("| `images/2026/11/photo-{row}.jpg` | 4.00 MiB | 2026-11-23 | STANDARD |\n"))
            .collect();
        assert!(read(&[delta(json!({ "content": rows }))]).is_ok());
    }

    #[test]
    fn failures_in_a_stream_are_told() {
        let failed = read(&[json!({ "error": { "message": "out of <memory>" } })]).unwrap_err();
        assert_eq!(
            failed.to_string(),
            "the model's endpoint answered 200: out of (memory)"
        );
        assert!(Reading::default().piece("<html>").is_err());
    }

    proptest! {
        #[test]
        fn thoughts_are_left_out_however_they_are_cut(thought in "[a-z<>/ é]{0,30}", said in "[a-z<>/ é]{0,30}", cuts in proptest::collection::vec(1_usize..6, 0..60)) {
            prop_assume!(!thought.contains(CLOSE) && !said.trim_start().starts_with(OPEN));
            let whole = format!(" <think>{thought}</think> {said}");
            let mut thinking = Thinking::default();
            let mut left = String::new();
            let mut rest = whole.chars().peekable();
            let mut cuts = cuts.into_iter();
            while rest.peek().is_some() {
                let piece: String = rest.by_ref().take(cuts.next().unwrap_or(3)).collect();
                left.push_str(&thinking.without(&piece));
            }
            prop_assert_eq!(left.trim(), said.trim());
        }

        #[test]
        fn no_bytes_upset_it(json in "\\PC{0,200}") {
            let _ = Reading::default().piece(&json);
        }
    }
}
