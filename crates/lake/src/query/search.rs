//! Records by filter and by place.
//!
//! A page is found in two steps: first which rows it holds, from the few columns that decide it, reading files from the newest
//! back and stopping where no older file can add to the page; then those rows whole.

use std::sync::Arc;

use arrow_array::RecordBatch;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, SortExpr, ident, lit};
use futures::TryStreamExt;
use spacewatch_access_log::rebuild;
use spacewatch_model::Timestamp;

use super::Position;
use super::columns::Columns;
use super::condition;
use super::engine::Session;
use super::records;
use super::rows::{Found, RecordRow};
use super::scan::{LONGEST_LIST, LakeTable};
use crate::tables::DataFile;
use crate::{LakeError, RecordFilter};

/// Rows on one page at most.
const MAX_ROWS: usize = 10_000;

/// A row's place in the order of pages, largest first.
type Place = (i64, String, i64);

pub(super) async fn answer(
    session: &Session,
    filter: &RecordFilter,
    limit: usize,
    after: Option<&Position>,
) -> Result<Found, LakeError> {
    let limit = limit.min(MAX_ROWS);
    let mut narrowed = records::narrow(&session.snapshot().requests, filter);
    newest_first(&mut narrowed.files, after);
    let conditions: Vec<Expr> = condition::of_filter(&narrowed.filter)
        .into_iter()
        .chain(after.map(|after| before(after, "time", &ident("log_offset"))))
        .collect();
    let wanted = limit.saturating_add(1);
    let mut places = places(session, &conditions, wanted, &narrowed.files).await?;
    let more = places.len() > limit;
    places.truncate(limit);
    let mut rows = Vec::with_capacity(places.len());
    for places in places.chunks(LONGEST_LIST) {
        rows.extend(whole_rows(session, places).await?);
    }
    rows.sort_by(|a, b| order(b).cmp(&order(a)));
    let next = rows.last().filter(|_| more).map(|last| Position {
        time: last.time,
        log_object: last.log_object.clone(),
        log_offset: last.log_offset,
    });
    Ok(Found { rows, next })
}

fn order(row: &RecordRow) -> (Timestamp, &str, u64) {
    (row.time, &row.log_object, row.log_offset)
}

/// What comes after a place in a list newest first.
pub(super) fn before(after: &Position, time: &str, offset: &Expr) -> Expr {
    let (column, moment) = (|| ident(time), || condition::moment(after.time));
    let object = || condition::text(&after.log_object);
    let number = lit(i64::try_from(after.log_offset).unwrap_or(i64::MAX));
    let earlier_in_object = ident("log_object").eq(object()).and(offset.clone().lt(number));
    let earlier_object = ident("log_object").lt(object());
    let same_moment = column().eq(moment()).and(earlier_object.or(earlier_in_object));
    // The first half alone says which files and pages can be left out.
    let older = column().lt(moment());
    column().lt_eq(moment()).and(older.or(same_moment))
}

/// Leaves out what is newer than the page, and puts the files with the newest records first.
fn newest_first(files: &mut Vec<Arc<DataFile>>, after: Option<&Position>) {
    if let Some(after) = after {
        let before = after.time.as_microsecond();
        files.retain(|file| file.times.is_none_or(|(first, _)| first <= before));
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.times.map_or(i64::MAX, |(_, last)| last)));
}

/// The first `wanted` places, from the newest files back.
async fn places(
    session: &Session,
    conditions: &[Expr],
    wanted: usize,
    files: &[Arc<DataFile>],
) -> Result<Vec<Place>, LakeError> {
    let whole = session.table(&session.snapshot().requests);
    let mut found: Vec<Place> = Vec::new();
    let mut rest = files;
    let mut at_once = 2;
    while !rest.is_empty() {
        let mut conditions = conditions.to_vec();
        if let Some((oldest, ..)) = found.get(wanted.saturating_sub(1)) {
            let ends_before = |file: &DataFile| file.times.is_some_and(|(_, last)| last < *oldest);
            if rest.first().is_some_and(|file| ends_before(file)) {
                break;
            }
            let oldest = Timestamp::from_microsecond(*oldest).unwrap_or(Timestamp::MIN);
            conditions.push(ident("time").gt_eq(condition::moment(oldest)));
        }
        let (now, later) = rest.split_at(at_once.min(rest.len()));
        found.extend(places_in(session, whole.with_files(now.to_vec()), conditions, wanted).await?);
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(wanted);
        rest = later;
        at_once *= 4;
    }
    Ok(found)
}

async fn places_in(
    session: &Session,
    table: LakeTable,
    conditions: Vec<Expr>,
    wanted: usize,
) -> Result<Vec<Place>, LakeError> {
    let failed = |error| session.failure(&error);
    let columns = ["time", "log_object", "log_offset"];
    let mut frame = session.read(table)?;
    if let Some(condition) = conjunction(conditions) {
        frame = frame.filter(condition).map_err(failed)?;
    }
    let newest_first: Vec<SortExpr> = columns
        .iter()
        .map(|name| ident(*name).sort(false, false))
        .collect();
    let frame = frame
        .select_columns(&columns)
        .and_then(|frame| frame.sort(newest_first))
        .and_then(|frame| frame.limit(0, Some(wanted)))
        .map_err(failed)?;
    let mut places = Vec::new();
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let columns = Columns(&batch);
        let (times, objects) = (columns.times("time")?, columns.texts("log_object")?);
        let offsets = columns.longs("log_offset")?;
        for row in 0..batch.num_rows() {
            places.push((
                times.get(row).unwrap_or_default(),
                objects.get(row).unwrap_or_default().to_owned(),
                offsets.get(row).unwrap_or_default(),
            ));
        }
    }
    Ok(places)
}

/// The rows in these places, in any order.
async fn whole_rows(session: &Session, places: &[Place]) -> Result<Vec<RecordRow>, LakeError> {
    let mut times: Vec<i64> = places.iter().map(|(time, ..)| *time).collect();
    times.dedup();
    let moment = |micros| Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut offsets: Vec<i64> = places.iter().map(|(.., offset)| *offset).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let times = times.into_iter().map(|time| condition::moment(moment(time)));
    let conditions = [
        ident("time").in_list(times.collect(), false),
        ident("log_offset").in_list(offsets.into_iter().map(lit).collect(), false),
    ];
    let mut rows = Vec::with_capacity(places.len());
    read_rows(session, conditions, |batch| {
        let columns = Columns(batch);
        let (times, objects) = (columns.times("time")?, columns.texts("log_object")?);
        let offsets = columns.longs("log_offset")?;
        for row in 0..batch.num_rows() {
            let key = (times.get(row), objects.get(row), offsets.get(row));
            let wanted = places
                .iter()
                .any(|(time, object, offset)| key == (Some(*time), Some(object.as_str()), Some(*offset)));
            if wanted {
                rows.push(record(batch, row)?);
            }
        }
        Ok(())
    })
    .await?;
    Ok(rows)
}

async fn read_rows(
    session: &Session,
    conditions: impl IntoIterator<Item = Expr>,
    mut take: impl FnMut(&RecordBatch) -> Result<(), LakeError>,
) -> Result<(), LakeError> {
    let failed = |error| session.failure(&error);
    let mut frame = session.read(session.table(&session.snapshot().requests))?;
    if let Some(condition) = conjunction(conditions) {
        frame = frame.filter(condition).map_err(failed)?;
    }
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        take(&batch)?;
    }
    Ok(())
}

pub(super) async fn record_at(
    session: &Session,
    log_object: &str,
    offset: u64,
) -> Result<Option<RecordRow>, LakeError> {
    let Ok(offset) = i64::try_from(offset) else {
        return Ok(None);
    };
    let mut found = None;
    let mut conditions = times_of(session, log_object).await?;
    conditions.push(ident("log_offset").eq(lit(offset)));
    conditions.push(ident("log_object").eq(condition::text(log_object)));
    read_rows(session, conditions, |batch| {
        if found.is_none() && batch.num_rows() > 0 {
            found = Some(record(batch, 0)?);
        }
        Ok(())
    })
    .await?;
    Ok(found)
}

/// When the records of a log object are from, as far as that is known: so that files of other days stay closed.
async fn times_of(session: &Session, log_object: &str) -> Result<Vec<Expr>, LakeError> {
    let failed = |error| session.failure(&error);
    let (mut first, mut last) = (Some(Timestamp::MAX), Some(Timestamp::MIN));
    let frame = session
        .read(session.table(&session.snapshot().log_objects))?
        .filter(ident("key").eq(condition::text(log_object)))
        .and_then(|frame| frame.select_columns(&["first_record", "last_record"]))
        .map_err(failed)?;
    let mut rows = 0;
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let columns = Columns(&batch);
        let (firsts, lasts) = (columns.times("first_record")?, columns.times("last_record")?);
        for row in 0..batch.num_rows() {
            rows += 1;
            first = first.zip(firsts.time(row)).map(|(a, b)| a.min(b));
            last = last.zip(lasts.time(row)).map(|(a, b)| a.max(b));
        }
    }
    let (Some(first), Some(last), true) = (first, last, rows > 0) else {
        return Ok(Vec::new());
    };
    let after = ident("time").gt_eq(condition::moment(first));
    Ok(vec![after, ident("time").lt_eq(condition::moment(last))])
}

fn record(batch: &RecordBatch, row: usize) -> Result<RecordRow, LakeError> {
    let columns = Columns(batch);
    let text = |name| columns.text(name, row);
    let word = |name| columns.word(name, row);
    let count = |name| columns.count(name, row);
    let time = columns.times("time")?.time(row);
    let line = rebuild(batch, row).map_err(|error| LakeError::Internal(error.to_string()))?;
    Ok(RecordRow {
        time: time.unwrap_or(Timestamp::UNIX_EPOCH),
        bucket: text("bucket")?,
        owner: text("owner")?,
        remote_ip: text("remote_ip")?,
        requester: text("requester")?,
        request_id: text("request_id")?,
        operation: word("operation")?,
        method: text("method")?,
        category: word("category")?,
        is_request: columns.bit("is_request", row)?,
        key: text("key")?,
        request_uri: text("request_uri")?,
        status: columns.shorts("status")?.status(row),
        error_code: text("error_code")?,
        bytes_sent: count("bytes_sent")?,
        object_size: count("object_size")?,
        total_ms: count("total_ms")?,
        turnaround_ms: count("turnaround_ms")?,
        referer: text("referer")?,
        user_agent: text("user_agent")?,
        version_id: text("version_id")?,
        signature_version: text("signature_version")?,
        auth_type: text("auth_type")?,
        host: text("host")?,
        tls_version: text("tls_version")?,
        ambiguous: columns.bit("ambiguous", row)?,
        log_object: word("log_object")?,
        log_offset: count("log_offset")?.unwrap_or(0),
        log_length: count("log_length")?.unwrap_or(0),
        line,
    })
}
