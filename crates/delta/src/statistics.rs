//! What a table's log says of a file without opening it.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// As the Delta protocol writes it: how many rows, and of some columns the least and the greatest value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    num_records: u64,
    #[serde(default)]
    min_values: BTreeMap<String, Value>,
    #[serde(default)]
    max_values: BTreeMap<String, Value>,
    #[serde(default)]
    null_count: BTreeMap<String, Value>,
}

impl Statistics {
    /// Of a file of so many rows.
    pub fn new(rows: u64) -> Self {
        Self {
            num_records: rows,
            ..Self::default()
        }
    }

    /// All rows have this text in this column, or nothing.
    pub fn with_text(mut self, column: &str, text: Option<&str>) -> Self {
        let nulls = if text.is_some() { 0 } else { self.num_records };
        self.null_count.insert(column.to_owned(), nulls.into());
        match text {
            Some(text) => self.with_range(column, (text.into(), text.into())),
            None => self,
        }
    }

    /// From the first to the last, microseconds since the epoch. What is finer than a millisecond is not kept.
    pub fn with_times(self, column: &str, (first, last): (i64, i64)) -> Self {
        let text = |micros| {
            let time = DateTime::from_timestamp_micros(micros);
            time.map_or(Value::Null, |time| {
                time.to_rfc3339_opts(SecondsFormat::Millis, true).into()
            })
        };
        self.with_range(column, (text(first), text(last)))
    }

    /// From the least to the greatest.
    pub fn with_numbers(self, column: &str, (least, greatest): (i64, i64)) -> Self {
        self.with_range(column, (least.into(), greatest.into()))
    }

    /// Texts from the least to the greatest, in the order of their bytes, none missing.
    pub fn with_texts(mut self, column: &str, (least, greatest): (&str, &str)) -> Self {
        self.null_count.insert(column.to_owned(), 0.into());
        self.with_range(column, (least.into(), greatest.into()))
    }

    fn with_range(mut self, column: &str, (least, greatest): (Value, Value)) -> Self {
        self.min_values.insert(column.to_owned(), least);
        self.max_values.insert(column.to_owned(), greatest);
        self
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.num_records
    }

    /// The one text of all rows: `None` when there are several, `Some(None)` when rows have none.
    pub fn text(&self, column: &str) -> Option<Option<&str>> {
        let nulls = self.null_count.get(column).and_then(Value::as_u64);
        if nulls == Some(self.num_records) {
            return Some(None);
        }
        let (least, greatest) = self.range(column)?;
        let text = least.as_str()?;
        (least == greatest && nulls == Some(0)).then_some(Some(text))
    }

    /// The first and the last time.
    pub fn times(&self, column: &str) -> Option<(i64, i64)> {
        let micros = |value: &Value| {
            let time = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
            Some(time.timestamp_micros())
        };
        let (first, last) = self.range(column)?;
        Some((micros(first)?, micros(last)?))
    }

    /// The least and the greatest number.
    pub fn numbers(&self, column: &str) -> Option<(i64, i64)> {
        let (least, greatest) = self.range(column)?;
        Some((least.as_i64()?, greatest.as_i64()?))
    }

    fn range(&self, column: &str) -> Option<(&Value, &Value)> {
        Some((self.min_values.get(column)?, self.max_values.get(column)?))
    }
}
