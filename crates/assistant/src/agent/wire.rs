//! What is said to an endpoint, and what it says: the part of OpenAI's chat completions that everybody serves.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// One message of a conversation.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub(super) enum Message {
    System {
        content: String,
    },
    User {
        content: String,
    },
    Assistant {
        #[serde(skip_serializing_if = "Option::is_none")]
        content: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<SentCall>,
    },
    Tool {
        tool_call_id: String,
        content: String,
    },
}

impl Message {
    pub(super) fn system(content: impl Into<String>) -> Self {
        let content = content.into();
        Self::System { content }
    }

    pub(super) fn user(content: impl Into<String>) -> Self {
        let content = content.into();
        Self::User { content }
    }

    pub(super) fn assistant(content: impl Into<String>) -> Self {
        let content = Some(content.into());
        Self::Assistant {
            content,
            tool_calls: Vec::new(),
        }
    }
}

/// A call that the model made, told back to it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SentCall {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) function: SentFunction,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct SentFunction {
    pub(super) name: String,
    pub(super) arguments: String,
}

/// What is asked of an endpoint.
#[derive(Debug, Serialize)]
pub(super) struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<&'a str>,
    pub(super) messages: &'a [Message],
    pub(super) stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tools: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_format: Option<&'a Value>,
}

/// A reply, or a piece of one.
#[derive(Debug, Deserialize)]
pub(super) struct Completion {
    #[serde(default)]
    pub(super) choices: Vec<Choice>,
    #[serde(default)]
    pub(super) usage: Option<Usage>,
    /// Some endpoints tell of failures in the middle of a stream.
    #[serde(default)]
    pub(super) error: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    /// In a stream.
    #[serde(default)]
    pub(super) delta: Option<Said>,
    /// In one piece.
    #[serde(default)]
    pub(super) message: Option<Said>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    /// Text; a list of texts with some.
    #[serde(default)]
    pub(super) content: Option<Value>,
    #[serde(default)]
    pub(super) tool_calls: Option<Vec<CallPiece>>,
}

impl Said {
    pub(super) fn text(&self) -> String {
        match &self.content {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(parts)) => parts
                .iter()
                .filter_map(|part| part.get("text")?.as_str())
                .collect(),
            _ => String::new(),
        }
    }
}

/// A call to a tool, or a piece of one.
#[derive(Debug, Deserialize)]
pub(super) struct CallPiece {
    #[serde(default)]
    pub(super) index: Option<usize>,
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) function: FunctionPiece,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct FunctionPiece {
    #[serde(default)]
    pub(super) name: Option<String>,
    /// JSON as text, in pieces; an object with some.
    #[serde(default)]
    pub(super) arguments: Option<Value>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct Usage {
    #[serde(default)]
    pub(super) total_tokens: u64,
}
