//! The arguments of tools, in fewer words than a JSON Schema needs: every question to a model carries all of them.

use serde_json::{Map, Value};

/// The schema without what says nothing to a model: `null` as a choice, examples, formats.
pub(super) fn lean(schema: &Map<String, Value>) -> Value {
    let mut lean = Map::new();
    for (name, value) in schema {
        match (name.as_str(), value) {
            (
                "example"
                | "examples"
                | "format"
                | "maxLength"
                | "minLength"
                | "additionalProperties"
                | "title",
                _,
            ) => {}
            ("oneOf" | "anyOf", Value::Array(choices)) => {
                if let Some(choice) = only_choice(choices) {
                    lean.extend(choice);
                }
            }
            ("type", Value::Array(kinds)) => {
                let kind = kinds.iter().find(|kind| *kind != "null");
                lean.insert(name.clone(), kind.cloned().unwrap_or_default());
            }
            ("properties", Value::Object(properties)) => {
                let properties = properties.iter().map(|(name, value)| (name.clone(), part(value)));
                lean.insert(name.clone(), Value::Object(properties.collect()));
            }
            (_, value) => {
                lean.insert(name.clone(), part(value));
            }
        }
    }
    Value::Object(lean)
}

fn part(value: &Value) -> Value {
    value.as_object().map_or_else(|| value.clone(), lean)
}

fn only_choice(choices: &[Value]) -> Option<Map<String, Value>> {
    let said = choices
        .iter()
        .find(|choice| choice.get("type") != Some(&"null".into()))?;
    match part(said) {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

/// The arguments as a signature: `(by: ip|key, limit?: integer)`.
pub(super) fn signature(schema: &Map<String, Value>) -> String {
    let lean = lean(schema);
    let required: Vec<&str> = lean
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = lean.get("properties").and_then(Value::as_object);
    let mut told: Vec<(bool, String)> = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            let optional = !required.contains(&name.as_str());
            let mark = if optional { "?" } else { "" };
            (optional, format!("{name}{mark}: {}", kind(schema)))
        })
        .collect();
    // What must be said stands first.
    told.sort();
    let told: Vec<String> = told.into_iter().map(|(_, told)| told).collect();
    format!("({})", told.join(", "))
}

fn kind(schema: &Value) -> String {
    let choices = schema.get("enum").and_then(Value::as_array);
    match choices {
        Some(choices) => {
            let choices: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
            choices.join("|")
        }
        None => schema
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("any")
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_are_told_in_few_words() {
        let schema = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "by": { "type": "string", "enum": ["ip", "key"], "description": "What is counted." },
                "limit": { "oneOf": [{ "type": "integer", "format": "int64", "description": "How many." }, { "type": "null" }] },
                "bucket": { "type": ["string", "null"], "maxLength": 63, "example": "x" },
            },
            "required": ["by"],
        });
        let schema = schema.as_object().unwrap();
        assert_eq!(
            lean(schema),
            json!({
                "type": "object",
                "properties": {
                    "by": { "type": "string", "enum": ["ip", "key"], "description": "What is counted." },
                    "limit": { "type": "integer", "description": "How many." },
                    "bucket": { "type": "string" },
                },
                "required": ["by"],
            })
        );
        assert_eq!(
            signature(schema),
            "(by: ip|key, bucket?: string, limit?: integer)"
        );
    }
}
