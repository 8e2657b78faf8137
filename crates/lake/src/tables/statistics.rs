//! What a table's log says of a file without opening it.

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};

/// As the Delta protocol writes it. Only what files are chosen by: the bucket, the day and the time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Statistics {
    pub(super) num_records: u64,
    #[serde(default)]
    min_values: Values,
    #[serde(default)]
    max_values: Values,
    #[serde(default)]
    null_count: NullCount,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Values {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bucket: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct NullCount {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bucket: Option<u64>,
}

impl Statistics {
    /// Of a file of so many rows.
    pub(super) fn new(rows: u64) -> Self {
        Self {
            num_records: rows,
            ..Self::default()
        }
    }

    /// All rows have this bucket, or none.
    pub(super) fn with_bucket(mut self, bucket: Option<&str>) -> Self {
        self.null_count.bucket = Some(if bucket.is_some() { 0 } else { self.num_records });
        self.min_values.bucket = bucket.map(str::to_owned);
        self.max_values.bucket = bucket.map(str::to_owned);
        self
    }

    /// From the first to the last, microseconds since the epoch.
    pub(super) fn with_times(mut self, (first, last): (i64, i64)) -> Self {
        let text = |micros| {
            DateTime::from_timestamp_micros(micros)
                .map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
        };
        self.min_values.time = text(first);
        self.max_values.time = text(last);
        self
    }

    /// The one bucket of all rows: `None` when there are several, `Some(None)` when rows have none.
    pub(super) fn bucket(&self) -> Option<Option<&str>> {
        if self.null_count.bucket == Some(self.num_records) {
            return Some(None);
        }
        match (&self.min_values.bucket, &self.max_values.bucket) {
            (Some(min), Some(max)) if min == max && self.null_count.bucket == Some(0) => Some(Some(min)),
            _ => None,
        }
    }

    /// The first and the last time.
    pub(super) fn times(&self) -> Option<(i64, i64)> {
        let micros = |text: &Option<String>| {
            let time = DateTime::parse_from_rfc3339(text.as_deref()?).ok()?;
            Some(time.timestamp_micros())
        };
        Some((micros(&self.min_values.time)?, micros(&self.max_values.time)?))
    }
}
