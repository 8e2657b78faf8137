//! Types as JSON Schema (draft 2020-12) that refers to nothing outside of itself.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Schemas in schemas, at most so deep. Arguments are flat.
const DEEPEST: usize = 8;

/// The schema of arguments: an object that allows nothing else.
pub(super) fn of<T: ToSchema>() -> Map<String, Value> {
    let mut named = Vec::new();
    T::schemas(&mut named);
    let named: HashMap<String, Value> = named
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default()))
        .collect();
    let mut schema = serde_json::to_value(T::schema()).unwrap_or_default();
    inline(&mut schema, &named, DEEPEST);
    let Value::Object(mut schema) = schema else {
        return Map::new();
    };
    schema.insert("type".to_owned(), json!("object"));
    schema.entry("properties").or_insert_with(|| json!({}));
    schema.insert("additionalProperties".to_owned(), json!(false));
    // What it is about stands in the tool's own words.
    schema.remove("description");
    schema
}

/// Puts what is referred to where it is referred to.
fn inline(schema: &mut Value, named: &HashMap<String, Value>, depth: usize) {
    match schema {
        Value::Object(fields) => {
            let name = fields.get("$ref").and_then(Value::as_str);
            let name = name.and_then(|reference| reference.rsplit('/').next());
            if let Some(referred) = name.and_then(|name| named.get(name)).filter(|_| depth > 0) {
                let described = fields.remove("description");
                let mut referred = referred.clone();
                inline(&mut referred, named, depth.saturating_sub(1));
                if let (Some(described), Value::Object(fields)) = (described, &mut referred) {
                    fields.insert("description".to_owned(), described);
                }
                *schema = referred;
                return;
            }
            fields.values_mut().for_each(|value| inline(value, named, depth));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| inline(value, named, depth)),
        _ => {}
    }
}
