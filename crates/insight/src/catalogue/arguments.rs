//! Arguments in JSON, as people, programs and language models write them.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use spacewatch_model::{ErrorCode, OneLine};

use crate::ToolError;

/// Characters of a message about what is wrong.
const MAX_MESSAGE: usize = 400;

/// Reads the arguments that a schema tells of. Numbers and truths may be written as text, lists as lists or with commas, and what is
/// `null` is absent. What the tool doesn't know is an error: a filter that is silently left out would make the answer wrong.
pub(super) fn read<A: DeserializeOwned>(schema: &Map<String, Value>, args: Value) -> Result<A, ToolError> {
    let given = match args {
        Value::Object(given) => given,
        Value::Null => Map::new(),
        _ => return Err(wrong("arguments are a JSON object")),
    };
    let empty = Map::new();
    let known = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let mut read = Map::new();
    for (name, value) in given {
        let Some(property) = known.get(&name) else {
            let names: Vec<&str> = known.keys().map(String::as_str).collect();
            return Err(wrong(format!("`{}` is no argument of this tool", OneLine(&name)))
                .with_hint(format!("it knows {}", names.join(", "))));
        };
        if !value.is_null() {
            read.insert(name, as_declared(value, property));
        }
    }
    serde_path_to_error::deserialize(Value::Object(read)).map_err(|error| match error.path().iter().next() {
        Some(_) => wrong(format!("`{}`: {}", error.path(), error.inner())),
        None => wrong(error.inner().to_string()),
    })
}

fn as_declared(value: Value, property: &Value) -> Value {
    let is = |kind: &str| match property.get("type") {
        Some(Value::String(declared)) => declared == kind,
        Some(Value::Array(declared)) => declared.iter().any(|declared| declared == kind),
        _ => false,
    };
    match value {
        Value::String(text) if is("boolean") && matches!(text.as_str(), "true" | "false") => {
            Value::Bool(text == "true")
        }
        Value::String(text) if is("integer") || is("number") => {
            let number = text.parse().ok().filter(|_| !text.is_empty());
            number.map_or(Value::String(text), Value::Number)
        }
        Value::Array(values) if is("string") => {
            let texts: Vec<String> = values.iter().map(as_text).collect();
            Value::String(texts.join(","))
        }
        value => value,
    }
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn wrong(detail: impl Into<String>) -> ToolError {
    let detail: String = OneLine(&detail.into())
        .to_string()
        .chars()
        .take(MAX_MESSAGE)
        .collect();
    ToolError::new(ErrorCode::InvalidParameter, detail)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::super::schema;
    use super::*;
    use crate::{SearchLogsArgs, StorageSummaryArgs};

    fn check<A: DeserializeOwned + serde::Serialize + utoipa::ToSchema>(args: Value, expected: Expect) {
        let found = match read::<A>(&schema::of::<A>(), args) {
            Ok(args) => serde_json::to_string(&args).unwrap(),
            Err(error) => format!(
                "{}: {} ({})",
                error.code,
                error.detail,
                error.hint.unwrap_or_default()
            ),
        };
        expected.assert_eq(&found);
    }

    #[test]
    fn arguments_may_be_written_loosely() {
        check::<StorageSummaryArgs>(
            json!({ "bucket": "prod-assets", "depth": "2", "max_age": "3600", "prefix": null }),
            expect![[r#"{"bucket":"prod-assets","prefix":"","depth":2,"max_age":3600}"#]],
        );
        check::<SearchLogsArgs>(
            json!({ "source_bucket": "prod-assets", "status": [404, "500-599"], "wait": "true", "limit_matches": 3 }),
            expect![[
                r#"{"source_bucket":"prod-assets","limit_matches":3,"status":"404,500-599","wait":true}"#
            ]],
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        check::<StorageSummaryArgs>(json!({}), expect!["InvalidParameter: missing field `bucket` ()"]);
        check::<StorageSummaryArgs>(
            json!([1]),
            expect!["InvalidParameter: arguments are a JSON object ()"],
        );
        check::<StorageSummaryArgs>(
            json!({ "bucket": "../etc" }),
            expect![
                "InvalidParameter: `bucket`: holds `/` where only letters, digits, `-`, `.` and `_` may stand ()"
            ],
        );
        check::<StorageSummaryArgs>(
            json!({ "bucket": "abc", "since\n": "yesterday" }),
            expect![[
                r#"InvalidParameter: `since\n` is no argument of this tool (it knows bucket, depth, max_age, prefix)"#
            ]],
        );
        check::<StorageSummaryArgs>(
            json!({ "bucket": "abc", "depth": "many" }),
            expect![[r#"InvalidParameter: `depth`: invalid type: string "many", expected u8 ()"#]],
        );
    }
}
