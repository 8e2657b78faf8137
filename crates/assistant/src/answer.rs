//! What is answered, and where each figure of it comes from.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An answer in parts. Read one after the other they are its text, in plain Markdown (paragraphs, lists, tables, code).
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Answer {
    /// What kind of answer it is.
    pub kind: AnswerKind,
    /// Its text, cut where a figure begins and ends.
    pub parts: Vec<Part>,
    /// Where its figures come from.
    pub citations: Vec<Citation>,
    /// What may be said next: choices where something essential is missing, else questions that follow from this one.
    pub suggestions: Vec<String>,
    /// A deed that waits for a person's word. Nothing was done yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
}

impl Answer {
    /// The whole text.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }
}

/// What kind of answer it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// The question is answered.
    #[default]
    Answered,
    /// Something essential is missing: the answer asks for it.
    AsksBack,
    /// It will not be done: not allowed to anybody here.
    Refused,
    /// Nothing here can tell.
    CannotSay,
}

/// A piece of an answer's text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Which of the answer's citations backs it, where it is a figure that a tool gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citation: Option<usize>,
    /// It is a figure that no tool gave.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unbacked: bool,
}

/// Where a figure comes from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Citation {
    /// Which of the calls made for this answer gave it, counted from 0.
    pub call: usize,
    /// The tool that was asked.
    pub tool: String,
    /// What it was asked.
    pub args: Value,
    /// The address of the page that shows the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Where in its result the value stands, as a JSON pointer (RFC 6901).
    pub path: String,
    /// The value there.
    pub value: Value,
    /// What was read of access logs, where the result says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Value>,
    /// As of when the result holds, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Value>,
}

/// A deed that only a person may begin.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Proposal {
    /// The tool that would do it.
    pub tool: String,
    /// With what.
    pub args: Value,
    /// In words.
    pub description: String,
}
