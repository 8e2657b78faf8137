//! What tools said.

use serde_json::Value;

use crate::{Call, ToolFailure};

/// A call, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) call: Call,
    pub(super) result: Result<Value, ToolFailure>,
}

impl Outcome {
    /// The value at a place of its result.
    pub(super) fn value(&self, path: &str) -> Option<&Value> {
        self.result
            .as_ref()
            .ok()?
            .pointer(path)
            .filter(|value| !value.is_null())
    }

    pub(super) fn number(&self, path: &str) -> Option<f64> {
        self.value(path).and_then(Value::as_f64)
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.value(path).and_then(Value::as_str)
    }

    pub(super) fn is_true(&self, path: &str) -> bool {
        self.value(path).and_then(Value::as_bool) == Some(true)
    }

    /// How long the list at a place is.
    pub(super) fn len(&self, path: &str) -> usize {
        self.value(path).and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// The places of the rows of a list.
    pub(super) fn rows(&self, path: &str) -> Vec<String> {
        (0..self.len(path)).map(|row| format!("{path}/{row}")).collect()
    }
}
