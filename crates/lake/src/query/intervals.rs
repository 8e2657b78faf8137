//! How much of everything, in intervals of any length that follow each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, ScalarUDF, ident, lit};
use futures::TryStreamExt;
use spacewatch_model::{TimeRange, Timestamp};

use super::activity::{MAX_ROWS, too_many_rows};
use super::ask::IntervalAsk;
use super::columns::Columns;
use super::condition::{IntervalOf, micros_up};
use super::engine::Session;
use super::records;
use super::rows::{Interval, IntervalRequests};
use super::sums;
use crate::{LakeError, RecordFilter};

pub(super) async fn answer(session: &Session, ask: &IntervalAsk) -> Result<Vec<Interval>, LakeError> {
    let mut edges = ask.edges.clone();
    edges.sort_unstable();
    edges.dedup();
    let micros: Arc<[i64]> = edges.iter().map(|edge| micros_up(*edge)).collect();
    let period = TimeRange {
        from: edges.first().copied(),
        to: edges.last().copied(),
    };
    let filter = RecordFilter {
        period,
        requests_only: true,
        ..ask.filter.clone()
    };
    let starts = edges.split_last().map_or(&[][..], |(_, starts)| starts);
    let mut intervals: BTreeMap<i64, Interval> = starts
        .iter()
        .map(|start| (micros_up(*start), Interval::starting_at(*start)))
        .collect();
    let interval = || ScalarUDF::from(IntervalOf::new(Arc::clone(&micros))).call(vec![ident("time")]);
    requests(session, &filter, interval().alias("interval"), &mut intervals).await?;
    if ask.addresses > 0 {
        let asked = (&filter, ask.addresses);
        addresses(session, asked, interval().alias("interval"), &mut intervals).await?;
    }
    Ok(intervals.into_values().collect())
}

async fn requests(
    session: &Session,
    filter: &RecordFilter,
    interval: Expr,
    intervals: &mut BTreeMap<i64, Interval>,
) -> Result<(), LakeError> {
    let failed = |error| session.failure(&error);
    let apart = vec![interval, ident("method"), ident("status")];
    let mut figures = vec![count(lit(1_i64)).alias("records")];
    figures.extend(sums::SENT.figures());
    let frame = records::frame(session, filter)?
        .aggregate(apart, figures)
        .map_err(failed)?;
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    let mut rows = 0_usize;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        rows = rows.saturating_add(batch.num_rows());
        if rows > MAX_ROWS {
            return Err(too_many_rows());
        }
        let columns = Columns(&batch);
        let (starts, statuses) = (columns.times("interval")?, columns.shorts("status")?);
        for row in 0..batch.num_rows() {
            let found = IntervalRequests {
                method: columns.text("method", row)?,
                status: statuses.status(row),
                requests: columns.count("records", row)?.unwrap_or(0),
                bytes_sent: sums::SENT.of(columns, row)?,
            };
            if let Some(interval) = of(intervals, starts.time(row)) {
                interval.requests.push(found);
            }
        }
    }
    Ok(())
}

async fn addresses(
    session: &Session,
    (filter, most): (&RecordFilter, usize),
    interval: Expr,
    intervals: &mut BTreeMap<i64, Interval>,
) -> Result<(), LakeError> {
    let failed = |error| session.failure(&error);
    let apart = vec![interval, ident("remote_ip").alias("value")];
    let frame = records::frame(session, filter)?
        .filter(ident("remote_ip").is_not_null())
        .and_then(|frame| frame.aggregate(apart, vec![count(lit(1_i64)).alias("requests")]))
        .map_err(failed)?;
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let columns = Columns(&batch);
        let (starts, values) = (columns.times("interval")?, columns.texts("value")?);
        let requests = columns.longs("requests")?;
        for row in 0..batch.num_rows() {
            let (Some(interval), Some(value)) = (of(intervals, starts.time(row)), values.get(row)) else {
                continue;
            };
            interval.addresses = interval.addresses.saturating_add(1);
            interval
                .top_addresses
                .push((value.to_owned(), requests.count(row).unwrap_or(0)));
            // Every address goes by; only the first ones are kept.
            if interval.top_addresses.len() > most.saturating_mul(4).saturating_add(64) {
                trim(&mut interval.top_addresses, most);
            }
        }
    }
    for interval in intervals.values_mut() {
        trim(&mut interval.top_addresses, most);
    }
    Ok(())
}

fn of(intervals: &mut BTreeMap<i64, Interval>, start: Option<Timestamp>) -> Option<&mut Interval> {
    intervals.get_mut(&start?.as_microsecond())
}

fn trim(rows: &mut Vec<(String, u64)>, most: usize) {
    rows.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    rows.truncate(most);
}
