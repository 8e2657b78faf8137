//! One finished operation.

use std::sync::Arc;
use std::time::Duration;

use spacewatch_model::{BucketName, Timestamp};

use crate::OperationKind;

/// One finished operation: a request to SpaceWatch, or one call of it to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// When it ended.
    pub finished_at: Timestamp,
    /// What it was.
    pub kind: OperationKind,
    /// The HTTP method.
    pub method: &'static str,
    /// The route, or the path template of the S3 call; without a query.
    pub endpoint: Arc<str>,
    /// The bucket it was about.
    pub bucket: Option<BucketName>,
    /// The HTTP status; 0 when there was no answer (not connected, timed out, broken off).
    pub status: u16,
    /// From the first byte sent to the last byte received.
    pub duration: Duration,
    /// Until the first byte of the answer, where it was measured.
    pub first_byte: Option<Duration>,
    /// Bytes of the request's body.
    pub bytes_in: u64,
    /// Bytes of the answer's body.
    pub bytes_out: u64,
    /// What went wrong, for people.
    pub error: Option<String>,
    /// The id that the request's answer and log lines carry.
    pub request_id: Option<Arc<str>>,
}

impl Operation {
    /// Did it succeed? Not with a status of 400 or more, and not without an answer.
    pub fn success(&self) -> bool {
        (1..400).contains(&self.status)
    }

    /// Bytes that moved, both ways.
    pub fn bytes_transferred(&self) -> u64 {
        self.bytes_in.saturating_add(self.bytes_out)
    }
}
