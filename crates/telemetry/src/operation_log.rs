//! The last operations, one by one.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use spacewatch_model::{BucketName, Timestamp};
use utoipa::ToSchema;

use crate::{Layer, Operation, OperationKind};

/// Which operations to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationFilter {
    /// Of this layer. A `kind` of the other layer finds nothing.
    pub layer: Layer,
    /// Only of this kind.
    pub kind: Option<OperationKind>,
    /// Only on this bucket.
    pub bucket: Option<BucketName>,
    /// Only those that took at least this long.
    pub min_duration: Option<Duration>,
    /// At most this many.
    pub limit: usize,
}

impl Default for OperationFilter {
    fn default() -> Self {
        Self {
            layer: Layer::Api,
            kind: None,
            bucket: None,
            min_duration: None,
            limit: 100,
        }
    }
}

impl OperationFilter {
    /// Does the operation belong to what is asked for? (The limit has no say in it.)
    pub fn matches(&self, operation: &Operation) -> bool {
        operation.kind.layer() == self.layer
            && self.kind.is_none_or(|kind| kind == operation.kind)
            && (self.bucket.is_none() || self.bucket == operation.bucket)
            && self.min_duration.is_none_or(|least| operation.duration >= least)
    }
}

/// The last operations of one layer, by the order in which they were recorded.
#[derive(Debug)]
pub(crate) struct OperationLog {
    /// The operation with number n lies at n modulo the capacity. Grows as operations come.
    places: Vec<Option<(u64, Operation)>>,
    capacity: usize,
}

impl OperationLog {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            places: Vec::new(),
            capacity,
        }
    }

    /// Keeps the operation, unless one that came a whole round later has its place already.
    pub(crate) fn put(&mut self, number: u64, operation: Operation) {
        let Some(at) = number.checked_rem(self.capacity as u64) else {
            return;
        };
        let at = usize::try_from(at).unwrap_or_default();
        if self.places.len() <= at {
            self.places.resize_with(at + 1, || None);
        }
        if let Some(place) = self.places.get_mut(at)
            && place.as_ref().is_none_or(|&(found, _)| found < number)
        {
            *place = Some((number, operation));
        }
    }

    /// Those that pass the filter, newest first; what ended at the same moment, by the order of recording.
    pub(crate) fn find(&self, filter: &OperationFilter) -> Vec<Operation> {
        let mut found: Vec<_> = self
            .places
            .iter()
            .flatten()
            .filter(|(_, operation)| filter.matches(operation))
            .collect();
        found.sort_by_key(|(number, operation)| Reverse((operation.finished_at, *number)));
        found.truncate(filter.limit);
        found
            .into_iter()
            .map(|(_, operation)| operation.clone())
            .collect()
    }
}

/// An operation as a row of `/logs/operations`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OperationRow {
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// The layer it was measured at.
    pub layer: Layer,
    /// What it was.
    pub operation_type: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The route, or the path template of the S3 call.
    #[schema(value_type = String)]
    pub endpoint: Arc<str>,
    /// The bucket it was about.
    pub bucket: Option<BucketName>,
    /// The HTTP status; 0 when there was no answer.
    pub status_code: u16,
    /// How long it took.
    pub duration_ms: f64,
    /// Until the first byte of the answer; left out where it wasn't measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte_ms: Option<f64>,
    /// Bytes moved, both ways.
    pub bytes_transferred: u64,
    /// Did it succeed?
    pub success: bool,
    /// What went wrong; left out when nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The id that the request's answer carried.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub request_id: Option<Arc<str>>,
}

impl From<Operation> for OperationRow {
    fn from(operation: Operation) -> Self {
        let milliseconds = |duration: Duration| (duration.as_secs_f64() * 1e9).round() / 1e6;
        Self {
            timestamp: operation.finished_at,
            layer: operation.kind.layer(),
            operation_type: operation.kind.as_str(),
            method: operation.method,
            bucket: operation.bucket.clone(),
            status_code: operation.status,
            duration_ms: milliseconds(operation.duration),
            first_byte_ms: operation.first_byte.map(milliseconds),
            bytes_transferred: operation.bytes_transferred(),
            success: operation.success(),
            endpoint: operation.endpoint,
            error: operation.error,
            request_id: operation.request_id,
        }
    }
}
