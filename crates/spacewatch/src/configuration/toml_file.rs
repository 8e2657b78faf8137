//! The `spacewatch.toml` file.

use spacewatch_model::Secret;
use toml::de::{DeTable, DeValue};

use super::values::ConfigurationError;

/// One `key = value`.
#[derive(Debug)]
pub(super) struct Entry {
    /// The key as it stands in the file.
    pub(super) key: String,
    /// The value as it would stand in the environment.
    pub(super) value: Secret,
    /// Counted from one.
    pub(super) line: usize,
}

/// Reads a file's text into entries, in the order of their lines.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, ConfigurationError> {
    let table = DeTable::parse(text).map_err(|error| ConfigurationError::TomlSyntax {
        line: error.span().map_or(1, |span| line_of(text, span.start)),
        message: error.message().to_owned(),
    })?;
    let mut entries = Vec::new();
    for (key, value) in table.get_ref() {
        let line = line_of(text, key.span().start);
        let Some(shown) = as_text(value.get_ref()) else {
            let found = value.get_ref().type_str();
            return Err(ConfigurationError::TomlShape {
                line,
                key: key.get_ref().to_string(),
                found,
            });
        };
        entries.push(Entry {
            key: key.get_ref().to_string(),
            value: Secret::new(shown),
            line,
        });
    }
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(offset)
        .filter(|b| **b == b'\n')
        .count()
        + 1
}

fn as_text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix())
            .ok()
            .map(|n| n.to_string()),
        DeValue::Float(n) => Some(n.as_str().to_owned()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        DeValue::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(|item| as_text(item.get_ref())).collect();
            Some(items?.join(","))
        }
        DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}
