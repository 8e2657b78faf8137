//! Which files hold the records of a question, and what is left to ask of their rows.

use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use spacewatch_model::TimeRange;

use super::condition;
use super::engine::Session;
use crate::tables::{DataFile, TableSnapshot};
use crate::{LakeError, RecordFilter};

/// What reading an object is called, by several writers: operations begin so.
pub const READS: [&str; 4] = [
    "REST.GET.OBJECT",
    "REST.S3_GET_OBJECT",
    "WEBSITE.GET.OBJECT",
    "SOAP.GET.OBJECT",
];

/// What listing a bucket, or looking at it, is called: operations begin so.
pub const LISTINGS: [&str; 2] = ["REST.GET.BUCKET", "REST.S3_LIST_"];

/// Files that may hold records that fit, and the filter for their rows.
pub(super) struct Narrowed {
    pub(super) files: Vec<Arc<DataFile>>,
    /// Without what holds for every row of these files: a file is of one bucket, and of a day that often lies in the period.
    pub(super) filter: RecordFilter,
}

pub(super) fn narrow(table: &TableSnapshot, filter: &RecordFilter) -> Narrowed {
    let files = table.files.iter();
    let files: Vec<_> = files
        .filter(|file| file.may_hold(filter.bucket.as_ref(), filter.period))
        .cloned()
        .collect();
    let mut filter = filter.clone();
    filter.bucket = None;
    let inside = |file: &Arc<DataFile>| {
        file.span()
            .is_some_and(|(first, last)| filter.period.contains(first) && filter.period.contains(last))
    };
    if files.iter().all(inside) {
        filter.period = TimeRange::ALWAYS;
    }
    Narrowed { files, filter }
}

/// The records that fit.
pub(super) fn frame(session: &Session, filter: &RecordFilter) -> Result<DataFrame, LakeError> {
    let table = &session.snapshot().requests;
    let narrowed = narrow(table, filter);
    let frame = session.read(session.table(table).with_files(narrowed.files))?;
    match condition::of_filter(&narrowed.filter) {
        Some(condition) => frame.filter(condition).map_err(|error| session.failure(&error)),
        None => Ok(frame),
    }
}
