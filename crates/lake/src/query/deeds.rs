//! What was done to keys, in the order of the keys: written, copied, deleted, dropped or moved by a rule.
//!
//! A bucket may have more keys than fit into memory, so the rows are handed over as they come; sorting goes to disk where memory ends.

use datafusion::logical_expr::{Expr, ident};
use futures::TryStreamExt;
use spacewatch_model::Timestamp;
use tokio::sync::mpsc;

use super::ask::DeedsAsk;
use super::columns::Columns;
use super::engine::Session;
use super::rows::KeyDeed;
use super::{condition, records};
use crate::{LakeError, RecordFilter, StatusFilter};

/// What changes what a key holds, by several writers. Tags, rights and source halves of copies don't.
const DEEDS: [&str; 17] = [
    "REST.PUT.OBJECT",
    "REST.POST.OBJECT",
    "REST.POST.UPLOAD",
    "REST.COPY.OBJECT",
    "REST.DELETE.OBJECT",
    "REST.S3_PUT_OBJECT",
    "REST.S3_COPY_OBJECT",
    "REST.S3_DELETE_OBJECT",
    "REST.S3_POST_UPLOAD",
    "WEBSITE.POST.OBJECT",
    "SOAP.PUT.OBJECT",
    "SOAP.COPY.OBJECT",
    "SOAP.DELETE.OBJECT",
    "BATCH.DELETE.OBJECT",
    "S3.EXPIRE.OBJECT",
    "S3.CREATE.DELETEMARKER",
    "S3.DELETE.OBJECT",
];

/// Moves to another storage class: `S3.TRANSITION.OBJECT`, `S3.TRANSITION_SIA.OBJECT` and further ones.
const MOVES: &str = "S3.TRANSITION";

const SUCCESSES: StatusFilter = StatusFilter { from: 200, to: 299 };

const COLUMNS: [&str; 13] = [
    "key",
    "time",
    "operation",
    "object_size",
    "total_ms",
    "version_id",
    "requester",
    "remote_ip",
    "user_agent",
    "request_id",
    "log_object",
    "log_offset",
    "log_length",
];

/// Sends the rows; ends early when nobody takes them any more.
pub(super) async fn answer(
    session: &Session,
    ask: &DeedsAsk,
    rows: mpsc::Sender<Vec<KeyDeed>>,
) -> Result<(), LakeError> {
    let failed = |error| session.failure(&error);
    let filter = RecordFilter {
        bucket: Some(ask.bucket.clone()),
        period: ask.period,
        key_prefix: (!ask.key_prefix.is_empty()).then(|| ask.key_prefix.clone()),
        ..RecordFilter::default()
    };
    let order = ["key", "time", "log_object", "log_offset"];
    let order = order.map(|name| ident(name).sort(true, false)).to_vec();
    let mut frame = records::frame(session, &filter)?;
    for condition in [is_deed(), succeeded(), ident("key").is_not_null()] {
        frame = frame.filter(condition).map_err(failed)?;
    }
    let frame = frame
        .select_columns(&COLUMNS)
        .and_then(|frame| frame.sort(order))
        .map_err(failed)?;
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let columns = Columns(&batch);
        let found: Result<Vec<KeyDeed>, LakeError> =
            (0..batch.num_rows()).map(|row| deed(columns, row)).collect();
        if rows.send(found?).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn is_deed() -> Expr {
    let named = DEEDS.iter().map(|name| condition::text(name)).collect();
    ident("operation")
        .in_list(named, false)
        .or(condition::begins("operation", MOVES))
}

/// What the store did by itself, and single lines of a batch, may have no status.
fn succeeded() -> Expr {
    let silent = ident("status")
        .is_null()
        .and(ident("error_code").is_null())
        .and(ident("is_request").is_false());
    match condition::of_statuses(&[SUCCESSES]) {
        Some(success) => success.or(silent),
        None => silent,
    }
}

fn deed(columns: Columns<'_>, row: usize) -> Result<KeyDeed, LakeError> {
    let time = columns.times("time")?.time(row);
    Ok(KeyDeed {
        key: columns.word("key", row)?,
        time: time.unwrap_or(Timestamp::UNIX_EPOCH),
        operation: columns.word("operation", row)?,
        object_size: columns.count("object_size", row)?,
        total_ms: columns.count("total_ms", row)?,
        version_id: columns.text("version_id", row)?,
        requester: columns.text("requester", row)?,
        remote_ip: columns.text("remote_ip", row)?,
        user_agent: columns.text("user_agent", row)?,
        request_id: columns.text("request_id", row)?,
        log_object: columns.word("log_object", row)?,
        log_offset: columns.count("log_offset", row)?.unwrap_or(0),
        log_length: columns.count("log_length", row)?.unwrap_or(0),
    })
}
