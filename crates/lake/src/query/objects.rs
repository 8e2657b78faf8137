//! The log objects behind an answer.

use std::collections::HashMap;

use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{ident, lit, when};
use futures::TryStreamExt;
use spacewatch_model::Timestamp;

use super::ask::Position;
use super::cdn;
use super::columns::Columns;
use super::condition;
use super::engine::Session;
use super::records;
use super::rows::LogObjectRow;
use crate::{LakeError, RecordFilter};

/// Rows of a list at most.
const MAX_ROWS: usize = 10_000;

/// What the records that fit say of a log object.
struct Fits {
    records: u64,
    cdn_records: u64,
    first: Timestamp,
    last: Timestamp,
}

pub(super) async fn answer(
    session: &Session,
    filter: &RecordFilter,
    limit: usize,
    after: Option<&Position>,
) -> Result<(Vec<LogObjectRow>, u64), LakeError> {
    let (fits, all) = newest(session, filter, limit.min(MAX_ROWS), after).await?;
    let mut known = remembered(session, fits.iter().map(|(key, _)| key.as_str())).await?;
    let rows = fits.into_iter().map(|(key, fits)| {
        let mut row = known.remove(&key).unwrap_or_else(|| unknown(key));
        row.records = fits.records;
        row.cdn_records = fits.cdn_records;
        row.first_record = Some(fits.first);
        row.last_record = Some(fits.last);
        row
    });
    Ok((rows.collect(), all))
}

/// Every record names its log object, but what was read is committed table by table: for a moment one may be there without the other.
fn unknown(key: String) -> LogObjectRow {
    LogObjectRow {
        key,
        size_bytes: 0,
        last_modified: None,
        read_at: Timestamp::UNIX_EPOCH,
        lines: 0,
        records: 0,
        cdn_records: 0,
        rejected: 0,
        duplicates: 0,
        first_record: None,
        last_record: None,
        failure: None,
    }
}

/// Which records that fit stand in which log object. Of the CDN's only bucket and period are asked: the other filters are about
/// requests to the store.
fn places(session: &Session, filter: &RecordFilter) -> Result<DataFrame, LakeError> {
    let failed = |error| session.failure(&error);
    let place = |of_cdn: bool| {
        let of_cdn = if of_cdn { lit(1_i64) } else { lit(0_i64) };
        vec![ident("log_object"), ident("time"), of_cdn.alias("of_cdn")]
    };
    let requests = records::frame(session, filter)?
        .select(place(false))
        .map_err(failed)?;
    let table = &session.snapshot().cdn;
    let mut served = session.read(session.table(table))?;
    if let Some(condition) = conjunction(cdn::through(filter.bucket.as_ref(), filter.period)) {
        served = served.filter(condition).map_err(failed)?;
    }
    served
        .select(place(true))
        .and_then(|served| requests.union(served))
        .map_err(failed)
}

/// The log objects with the newest records that fit, from behind a position on, and how many there are in all.
async fn newest(
    session: &Session,
    filter: &RecordFilter,
    limit: usize,
    after: Option<&Position>,
) -> Result<(Vec<(String, Fits)>, u64), LakeError> {
    let failed = |error| session.failure(&error);
    let of_cdn = when(ident("of_cdn").eq(lit(1_i64)), lit(1_i64)).end();
    let of_cdn = of_cdn.map_err(failed)?;
    let figures = vec![
        count(lit(1_i64)).alias("records"),
        count(of_cdn).alias("cdn_records"),
        min(ident("time")).alias("first"),
        max(ident("time")).alias("last"),
    ];
    let frame = places(session, filter)?
        .aggregate(vec![ident("log_object")], figures)
        .map_err(failed)?;
    let (mut found, mut all) = (Vec::new(), 0_u64);
    let trim = |found: &mut Vec<(String, Fits)>| {
        found.sort_unstable_by(|(a, x), (b, y)| (y.last, b).cmp(&(x.last, a)));
        found.truncate(limit);
    };
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let columns = Columns(&batch);
        let (first, last) = (columns.times("first")?, columns.times("last")?);
        for row in 0..batch.num_rows() {
            let fits = Fits {
                records: columns.count("records", row)?.unwrap_or(0),
                cdn_records: columns.count("cdn_records", row)?.unwrap_or(0),
                first: first.time(row).unwrap_or(Timestamp::UNIX_EPOCH),
                last: last.time(row).unwrap_or(Timestamp::UNIX_EPOCH),
            };
            let key = columns.word("log_object", row)?;
            if after.is_none_or(|after| (fits.last, &key) < (after.time, &after.log_object)) {
                found.push((key, fits));
            }
        }
        all = all.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
        if found.len() > limit.saturating_mul(2).saturating_add(8192) {
            trim(&mut found);
        }
    }
    trim(&mut found);
    Ok((found, all))
}

/// What is remembered of these log objects; of one that was read twice, the last time.
async fn remembered(
    session: &Session,
    keys: impl Iterator<Item = &str>,
) -> Result<HashMap<String, LogObjectRow>, LakeError> {
    let failed = |error| session.failure(&error);
    let mut known: HashMap<String, LogObjectRow> = HashMap::new();
    let keys: Vec<_> = keys.map(condition::text).collect();
    if keys.is_empty() {
        return Ok(known);
    }
    let frame = session
        .read(session.table(&session.snapshot().log_objects))?
        .filter(ident("key").in_list(keys, false))
        .map_err(failed)?;
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let columns = Columns(&batch);
        for row in 0..batch.num_rows() {
            let count = |name| Ok::<_, LakeError>(columns.count(name, row)?.unwrap_or(0));
            let read = LogObjectRow {
                size_bytes: count("size")?,
                last_modified: columns.times("last_modified")?.time(row),
                read_at: columns
                    .times("read_at")?
                    .time(row)
                    .unwrap_or(Timestamp::UNIX_EPOCH),
                lines: count("lines")?,
                rejected: count("rejected")?,
                duplicates: count("duplicates")?,
                failure: columns.text("failure", row)?,
                ..unknown(columns.word("key", row)?)
            };
            let newer = known.get(&read.key).is_none_or(|old| old.read_at <= read.read_at);
            if newer {
                known.insert(read.key.clone(), read);
            }
        }
    }
    Ok(known)
}
