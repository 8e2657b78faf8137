//! How much a figure from access logs rests on.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::TimeRange;

/// What an answer from access logs rests on: how much of the log was read, and how much of the window that covers.
///
/// Logs are best effort, hours late and partly repeated. A number without this would be a guess.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Coverage {
    /// When the answer was computed.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// The window the answer is about.
    pub window: TimeRange,
    /// Every log object known that may hold records of the window was read, and the window ended long enough ago that
    /// its log should have been delivered.
    pub complete: bool,
    /// When the log bucket was listed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub listed_at: Option<Timestamp>,
    /// Log objects read that hold records of the window.
    pub objects_read: u64,
    /// Log objects known, not yet read, that may hold records of the window.
    pub objects_pending: u64,
    /// Log objects of the window that could not be read, or not to their end.
    pub objects_failed: u64,
    /// Lines in the objects read.
    pub lines_read: u64,
    /// Lines of them that are no records.
    pub lines_rejected: u64,
    /// Records of them that were delivered before, and are counted once.
    pub lines_duplicate: u64,
    /// The time of the newest record known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub newest_record: Option<Timestamp>,
    /// How long ago that was, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_seconds: Option<u64>,
    /// In words, what the reader should know: what is missing and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
