//! Results in a form that a model can read: bounded, clean, with sizes in words beside their bytes.

use serde_json::{Map, Value, json};

use spacewatch_model::ByteSize;

use crate::quote;

/// Rows of a list, and characters of a text, where the result is too long otherwise; tried one after the other.
const TRIES: [(usize, usize); 6] = [(200, 500), (50, 300), (20, 200), (10, 120), (5, 80), (1, 40)];
/// What stands in the place of rows that were left out.
pub(crate) const LEFT_OUT: &str = "left_out";

/// The result in no more than so many bytes of JSON. Places of what remains are places in the whole result.
pub(super) fn cut(result: &Value, most: usize) -> Value {
    for (rows, characters) in TRIES {
        let cut = within(result, rows, characters);
        if cut.to_string().len() <= most {
            return cut;
        }
    }
    json!({ LEFT_OUT: "all of it: the result is too long; ask for less (a shorter period, a bucket, a prefix, a smaller limit)" })
}

fn within(value: &Value, rows: usize, characters: usize) -> Value {
    match value {
        Value::Array(values) => {
            let mut few: Vec<Value> = values
                .iter()
                .take(rows)
                .map(|value| within(value, rows, characters))
                .collect();
            if let Some(more) = values.len().checked_sub(rows).filter(|more| *more > 0) {
                few.push(json!({ LEFT_OUT: format!("{more} more rows") }));
            }
            Value::Array(few)
        }
        Value::Object(fields) => {
            let said = fields.iter().filter(|(_, value)| !value.is_null());
            let fields =
                said.map(|(name, value)| (quote::cleaned(name, characters), within(value, rows, characters)));
            Value::Object(fields.collect())
        }
        Value::String(text) => Value::String(quote::cleaned(text, characters)),
        other => other.clone(),
    }
}

/// Sizes in words beside their bytes: models are bad at dividing by 1024.
pub(super) fn dressed(value: &Value) -> Value {
    match value {
        Value::Array(values) => Value::Array(values.iter().map(dressed).collect()),
        Value::Object(fields) => {
            let mut told = Map::new();
            for (name, value) in fields {
                let size = value
                    .as_u64()
                    .filter(|bytes| name.contains("bytes") && *bytes >= 1_024);
                told.insert(name.clone(), dressed(value));
                if let Some(bytes) = size {
                    told.insert(
                        format!("{name}_in_words"),
                        Value::String(ByteSize(bytes).to_string()),
                    );
                }
            }
            Value::Object(told)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let rows: Vec<Value> = (0..5_000)
            .map(|row| json!({ "key": format!("k{row}"), "size": row, "none": null }))
            .collect();
        let whole = json!({ "rows": rows, "count": 5_000 });
        let few = cut(&whole, 2_000);
        assert!(few.to_string().len() <= 2_000);
        assert_eq!(few["count"], 5_000);
        assert_eq!(few["rows"][3], json!({ "key": "k3", "size": 3 }));
        assert_eq!(few["rows"][50][LEFT_OUT], "4950 more rows");
        let wide: Map<String, Value> = (0..5_000)
            .map(|field| (field.to_string(), json!(field)))
            .collect();
        assert!(cut(&Value::Object(wide), 2_000)[LEFT_OUT].is_string());
        assert_eq!(cut(&json!({ "a": [1, 2] }), 2_000), json!({ "a": [1, 2] }));
    }

    #[test]
    fn hostile_text_is_clean_and_bounded() {
        let told = cut(
            &json!({ "user_agent": format!("x\u{202e}\u{1b}[2J\n{}", "é".repeat(9_000)) }),
            2_000,
        );
        let text = told["user_agent"].as_str().unwrap();
        assert!(text.starts_with("x[2J é"), "{text}");
        assert!(text.chars().count() <= 501);
    }

    #[test]
    fn sizes_stand_in_words_beside_their_bytes() {
        let told = dressed(&json!({ "rows": [{ "size_bytes": 1_299_227_607, "count": 3 }] }));
        assert_eq!(told["rows"][0]["size_bytes_in_words"], "1.21 GiB");
        assert_eq!(told["rows"][0]["size_bytes"], 1_299_227_607_u64);
    }
}
