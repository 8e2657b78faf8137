//! One log, remembered: the questions it answers.

use std::sync::Arc;

use spacewatch_model::{BucketName, Coverage, Prefix, TimeRange};
use spacewatch_s3::{Progress, Store};
use tokio::sync::watch;

use crate::ingest::IngestStatus;
use crate::query::{
    Activity, ActivityAsk, CdnActivity, CdnAsk, Dimension, Found, Latency, LatencyAsk, LogObjectRow,
    Position, RecordRow, Reject, SqlAnswer, SqlLimits, Top, TopAsk,
};
use crate::{LakeError, RecordFilter};

/// Where access logs are delivered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogSource {
    /// The bucket.
    pub bucket: BucketName,
    /// Where in it.
    pub prefix: Prefix,
}

/// How long a question waits for log objects that are not read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patience {
    /// A moment, so that a small log is complete at the first question; then the answer says what is missing.
    #[default]
    Brief,
    /// Until everything that may hold records of the period was read.
    Complete,
}

/// One log as one set of credentials sees it. Cheap to clone; lives as long as the question it was opened for.
#[derive(Clone)]
pub struct Lake {
    store: Store,
    source: Arc<LogSource>,
}

impl Lake {
    /// Makes sure that these credentials read the log now, sees to it that what is new is read (what may hold records of
    /// `period` first), and waits for it as long as asked. Reading goes on when the wait ends.
    pub async fn freshen(
        &self,
        period: TimeRange,
        patience: Patience,
        progress: &Progress,
    ) -> Result<(), LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }

    /// What an answer over this period rests on.
    pub async fn coverage(
        &self,
        bucket: Option<&BucketName>,
        period: TimeRange,
    ) -> Result<Coverage, LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }

    /// How far reading is.
    pub fn ingest_status(&self) -> IngestStatus {
        IngestStatus::default()
    }

    /// How far reading is, as it goes on.
    pub fn watch_ingest(&self) -> watch::Receiver<IngestStatus> {
        watch::channel(IngestStatus::default()).1
    }

    /// Stops reading; a later question goes on with it.
    pub fn cancel_ingest(&self) {}

    /// Records, newest first.
    pub async fn search(
        &self,
        filter: &RecordFilter,
        limit: usize,
        after: Option<&Position>,
    ) -> Result<Found, LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }

    /// The record that stands at that place of a log object, with its line.
    pub async fn record_at(&self, log_object: &str, offset: u64) -> Result<Option<RecordRow>, LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }

    /// What is asked for most.
    pub async fn top(&self, ask: &TopAsk) -> Result<Top, LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }

    /// How much of everything, by step and by dimension.
    pub async fn activity(&self, ask: &ActivityAsk) -> Result<Vec<Activity>, LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }

    /// How many requests took how long, exactly.
    pub async fn latency(&self, ask: &LatencyAsk) -> Result<Vec<Latency>, LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }

    /// How many different values there are.
    pub async fn distinct(&self, filter: &RecordFilter, dimension: Dimension) -> Result<u64, LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }

    /// What the CDN served.
    pub async fn cdn_activity(&self, ask: &CdnAsk) -> Result<Vec<CdnActivity>, LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }

    /// The log objects that hold records of a bucket and a period, newest first.
    pub async fn log_objects(
        &self,
        filter: &RecordFilter,
        limit: usize,
    ) -> Result<(Vec<LogObjectRow>, u64), LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }

    /// Lines and objects that could not be read, newest first, and how many there are.
    pub async fn rejects(
        &self,
        period: TimeRange,
        limit: usize,
        after: Option<&Position>,
    ) -> Result<(Vec<Reject>, u64), LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }

    /// One `SELECT` over the tables `requests`, `cdn`, `rejects` and `log_objects`.
    pub async fn sql(&self, text: &str, limits: SqlLimits) -> Result<SqlAnswer, LakeError> {
        Err(LakeError::Internal("not built yet".to_owned()))
    }
}
