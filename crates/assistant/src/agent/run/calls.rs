//! The calls that a model wants to be made.

use serde_json::{Value, json};

use super::super::compact::{cut, dressed};
use super::super::dialect::Calling;
use super::super::reading::{Reply, WantedCall};
use super::super::wire::{Message, SentCall, SentFunction};
use super::super::{names, protocol};
use super::{Run, Shown};
use crate::asking::ask;
use crate::{Call, Proposal, quote};

/// One result takes no more than this part of what all may take.
const PART_OF_BYTES: usize = 4;

impl Run<'_> {
    /// Calls in the endpoint's own form.
    pub(super) async fn native(&mut self, reply: Reply) {
        let calls: Vec<WantedCall> = reply
            .calls
            .into_iter()
            .enumerate()
            .map(|(place, call)| WantedCall {
                id: if call.id.is_empty() {
                    format!("call_{}_{place}", self.messages.len())
                } else {
                    call.id
                },
                ..call
            })
            .collect();
        let sent = calls.iter().map(|call| SentCall {
            id: call.id.clone(),
            kind: "function",
            function: SentFunction {
                name: call.tool.clone(),
                arguments: if call.arguments.is_empty() {
                    "{}".to_owned()
                } else {
                    call.arguments.clone()
                },
            },
        });
        self.messages.push(Message::Assistant {
            content: Some(reply.text).filter(|text| !text.is_empty()),
            tool_calls: sent.collect(),
        });
        let results = self.call(&calls).await;
        for (call, result) in calls.into_iter().zip(results) {
            let content = self.redacted(&result.to_string());
            self.messages.push(Message::Tool {
                tool_call_id: call.id,
                content,
            });
        }
    }

    /// A call as one JSON object.
    pub(super) async fn one_object(&mut self, call: WantedCall, text: &str) {
        // Some write objects although their endpoint knows tools; these go on being offered.
        if self.calling != Calling::Native {
            let began_anew = self.calling == Calling::Unknown;
            self.learn(Calling::OneObject);
            if began_anew {
                self.begin();
            }
        }
        self.messages.push(Message::assistant(self.redacted(text)));
        let args = serde_json::from_str(&call.arguments).unwrap_or(Value::Null);
        let tool = quote::cleaned(&call.tool, 80);
        let results = self.call(&[call]).await;
        let result = results.into_iter().next().unwrap_or_default();
        let told = protocol::result(&tool, &args, &result);
        self.messages.push(Message::user(self.redacted(&told)));
    }

    /// Makes the calls that may be made, all at once. For each its result, or why there is none, as the model is told.
    async fn call(&mut self, wanted: &[WantedCall]) -> Vec<Value> {
        let mut told: Vec<Option<Value>> = Vec::with_capacity(wanted.len());
        let mut calls: Vec<Call> = Vec::new();
        for want in wanted {
            match self.allowed(want, &calls) {
                Ok(call) => {
                    calls.push(call);
                    told.push(None);
                }
                Err(why) => told.push(Some(failed(&why))),
            }
        }
        let first = self.shown.len();
        let results = ask(&calls, first, self.toolbox, self.tell).await;
        let mut fresh = Vec::with_capacity(calls.len());
        for (call, result) in calls.into_iter().zip(results) {
            let result = match result {
                Ok(result) => {
                    let cut = self.fitted(&result);
                    fresh.push(json!({ "ok": true, "data": dressed(&cut) }));
                    Some(cut)
                }
                Err(failure) => {
                    let hint = failure
                        .hint
                        .as_deref()
                        .map_or_else(String::new, |hint| format!(" ({hint})"));
                    fresh.push(failed(&format!("{}{hint}", failure.detail)));
                    None
                }
            };
            self.shown.push(Shown { call, result });
        }
        let mut fresh = fresh.into_iter();
        told.into_iter()
            .map(|told| told.or_else(|| fresh.next()).unwrap_or_default())
            .collect()
    }

    /// The call, if it may be made.
    fn allowed(&mut self, want: &WantedCall, others: &[Call]) -> Result<Call, String> {
        let Some(tool) = names::meant(&want.tool, self.toolbox) else {
            return Err(format!("there is no tool {}", quote::code(&want.tool)));
        };
        let args = match serde_json::from_str(&want.arguments) {
            Ok(Value::Object(args)) => Value::Object(args),
            _ if want.arguments.trim().is_empty() || want.arguments.trim() == "null" => json!({}),
            _ => return Err("the arguments are no JSON object".to_owned()),
        };
        let call = Call {
            tool: tool.name.to_owned(),
            args,
        };
        if tool.writes {
            return Err(self.proposed(call));
        }
        if others.contains(&call) || self.shown.iter().any(|shown| shown.call == call) {
            return Err("this was asked before with the same arguments; its result stands above".to_owned());
        }
        Ok(call)
    }

    fn proposed(&mut self, call: Call) -> String {
        let description = format!(
            "run {} with {}",
            quote::code(&call.tool),
            quote::code(&call.args.to_string())
        );
        self.proposal.get_or_insert(Proposal {
            tool: call.tool,
            args: call.args,
            description,
        });
        "nothing was done: it is proposed to the person, who confirms it or not. Tell them so.".to_owned()
    }

    /// As much of a result as may be shown.
    fn fitted(&mut self, result: &Value) -> Value {
        let most = (self.agent.config().max_tool_bytes / PART_OF_BYTES).min(self.bytes_left);
        let cut = cut(result, most);
        self.bytes_left = self.bytes_left.saturating_sub(cut.to_string().len());
        cut
    }
}

fn failed(why: &str) -> Value {
    json!({ "ok": false, "error": quote::cleaned(why, 600) })
}
