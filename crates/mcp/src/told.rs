//! Results, as clients are told them: whole as structured content, and as text that is not too long for a model to read.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Map, Value, json};
use spacewatch_assistant::ToolFailure;

/// Characters of the text form of a result.
const MAX_TEXT: usize = 60_000;
/// Rows of a list where a result is too long as it is.
const FEW_ROWS: [usize; 4] = [100, 20, 5, 1];
/// Characters of a text in a result that is too long.
const SHORT_TEXT: usize = 500;

pub(crate) fn result(value: Value) -> CallToolResult {
    let text = text(&value);
    // Structured content is an object by the protocol.
    let structured = if value.is_object() {
        value
    } else {
        json!({ "result": value })
    };
    let mut told = CallToolResult::structured(structured);
    told.content = vec![ContentBlock::text(text)];
    told
}

pub(crate) fn failure(failure: &ToolFailure) -> CallToolResult {
    let mut told = Map::new();
    told.insert("code".to_owned(), failure.code.as_str().into());
    told.insert("detail".to_owned(), failure.detail.as_str().into());
    if let Some(hint) = &failure.hint {
        told.insert("hint".to_owned(), hint.as_str().into());
    }
    CallToolResult::structured_error(Value::Object(told))
}

/// JSON that is never longer than allowed, and says where something was left out.
fn text(value: &Value) -> String {
    let whole = value.to_string();
    if whole.len() <= MAX_TEXT {
        return whole;
    }
    let shortened = FEW_ROWS.iter().map(|rows| shortened(value, *rows).to_string());
    let mut fitting = shortened.filter(|text| text.len() <= MAX_TEXT);
    fitting.next().unwrap_or_else(|| {
        json!({ "left_out": "the result is too long as text; it is whole in the structured content" })
            .to_string()
    })
}

fn shortened(value: &Value, rows: usize) -> Value {
    match value {
        Value::Array(values) => {
            let mut few: Vec<Value> = values
                .iter()
                .take(rows)
                .map(|value| shortened(value, rows))
                .collect();
            let left_out = values.len().saturating_sub(few.len());
            if left_out > 0 {
                few.push(json!({ "left_out": format!("{left_out} more; ask for fewer, or see the structured content") }));
            }
            Value::Array(few)
        }
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), shortened(value, rows)));
            Value::Object(fields.collect())
        }
        Value::String(text) if text.chars().nth(SHORT_TEXT).is_some() => {
            Value::String(text.chars().take(SHORT_TEXT).chain(['…']).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(value: &Value) -> Value {
        let text = text(value);
        assert!(text.len() <= MAX_TEXT, "{}", text.len());
        serde_json::from_str(&text).expect("JSON")
    }

    #[test]
    fn short_results_are_told_whole() {
        let value = json!({ "rows": [1, 2, 3], "text": "x" });
        assert_eq!(told(&value), value);
    }

    #[test]
    fn long_results_are_cut_with_a_word_about_it() {
        let rows: Vec<Value> = (0..50_000)
            .map(|row| json!({ "key": format!("key-{row}"), "size": row }))
            .collect();
        let value = told(&json!({ "rows": rows, "count": 50_000 }));
        assert_eq!(
            (value["count"].as_u64(), value["rows"][0]["size"].as_u64()),
            (Some(50_000), Some(0))
        );
        assert_eq!(
            value["rows"][100]["left_out"],
            "49900 more; ask for fewer, or see the structured content"
        );
        let long = told(&json!({ "text": "é".repeat(MAX_TEXT) }));
        assert_eq!(
            long["text"].as_str().map(|text| text.chars().count()),
            Some(SHORT_TEXT + 1)
        );
        let wide: Map<String, Value> = (0..50_000)
            .map(|field| (field.to_string(), json!(field)))
            .collect();
        assert!(told(&Value::Object(wide))["left_out"].is_string());
    }
}
