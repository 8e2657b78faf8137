//! What happens while an answer is made.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::Answer;

/// Something that happened while an answer is made, told as it happens.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A step began: the model is asked, or the planner plans.
    Step {
        /// Counted from 1.
        step: usize,
        /// Who works: the name of the model, or `planner`.
        by: String,
    },
    /// A tool is asked.
    ToolCall {
        /// Which call, counted from 0; anew where the planner stands in for a model.
        call: usize,
        /// The tool.
        tool: String,
        /// What it is asked.
        args: Value,
    },
    /// A tool answered.
    ToolResult {
        /// Which call.
        call: usize,
        /// Whether it gave a result.
        ok: bool,
        /// Its result in a few words, or why there is none.
        summary: String,
        /// How long it took.
        duration_ms: u64,
    },
    /// More of the answer's text. What was said so far may still be replaced by the answer.
    Text {
        /// The piece.
        text: String,
    },
    /// The end: everything that came before, checked.
    Done(Box<Made>),
}

impl Event {
    /// Its name in a stream of events.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Step { .. } => "step",
            Self::ToolCall { .. } => "tool_call",
            Self::ToolResult { .. } => "tool_result",
            Self::Text { .. } => "text",
            Self::Done(_) => "done",
        }
    }
}

/// An answer, and how it was made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Made {
    /// The answer.
    pub answer: Answer,
    /// Who answered: the name of the model, or `planner`.
    pub by: String,
    /// Why the model did not answer, where the planner had to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// The last tool that gave a result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_used: Option<String>,
    /// The bucket it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket_used: Option<String>,
    /// How many steps it took.
    pub steps: usize,
    /// How many requests to the model it took.
    pub model_requests: usize,
}
