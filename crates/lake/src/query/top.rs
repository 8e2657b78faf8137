//! What is asked for most.
//!
//! Every group streams past: the first rows are kept, the rest is counted. So totals and the number of different values
//! are exact whatever their number; grouping goes to disk where memory ends.

use std::cmp::Reverse;

use arrow_array::RecordBatch;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{ExprFunctionExt, ident, lit};
use futures::TryStreamExt;
use spacewatch_model::Timestamp;

use super::ask::{Dimension, Measure, TopAsk};
use super::columns::Columns;
use super::condition;
use super::engine::Session;
use super::records;
use super::rows::{Top, TopRow};
use super::sums;
use crate::{LakeError, RecordFilter};

/// Rows of a list at most.
const MAX_ROWS: usize = 100_000;

pub(super) async fn answer(session: &Session, ask: &TopAsk) -> Result<Top, LakeError> {
    let failed = |error| session.failure(&error);
    let errors = count(lit(1_i64)).filter(ident("status").gt_eq(lit(400_i16)));
    let mut figures = vec![
        count(lit(1_i64)).alias("requests"),
        errors.build().map_err(failed)?.alias("errors"),
        min(ident("time")).alias("first"),
        max(ident("time")).alias("last"),
    ];
    figures.extend(sums::SENT.figures());
    let value = condition::value_of(ask.dimension).alias("value");
    let frame = records::frame(session, &ask.filter)?
        .aggregate(vec![value], figures)
        .map_err(failed)?;
    let mut best = Best::new(ask.by, ask.limit.min(MAX_ROWS));
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        best.take(&batch)?;
    }
    Ok(best.finish())
}

/// The first rows so far.
struct Best {
    by: Measure,
    limit: usize,
    top: Top,
    /// What a row must reach to be among the first.
    bar: u64,
}

impl Best {
    fn new(by: Measure, limit: usize) -> Self {
        Self {
            by,
            limit,
            top: Top::default(),
            bar: 0,
        }
    }

    fn take(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let columns = Columns(batch);
        let values = columns.texts("value")?;
        let (requests, errors) = (columns.longs("requests")?, columns.longs("errors")?);
        let (first, last) = (columns.times("first")?, columns.times("last")?);
        for row in 0..batch.num_rows() {
            let of = |numbers: &super::columns::Numbers<'_, _>| numbers.count(row).unwrap_or(0);
            let (requests, errors) = (of(&requests), of(&errors));
            let bytes_sent = sums::SENT.of(columns, row)?;
            let top = &mut self.top;
            top.requests = top.requests.saturating_add(requests);
            top.bytes_sent = top.bytes_sent.saturating_add(bytes_sent);
            top.errors = top.errors.saturating_add(errors);
            let (first, last) = (first.time(row), last.time(row));
            top.first_seen = top.first_seen.into_iter().chain(first).min();
            top.last_seen = top.last_seen.into_iter().chain(last).max();
            let Some(value) = values.get(row) else { continue };
            top.distinct = top.distinct.saturating_add(1);
            let measure = match self.by {
                Measure::Requests => requests,
                Measure::BytesSent => bytes_sent,
                Measure::Errors => errors,
            };
            if measure < self.bar {
                continue;
            }
            top.rows.push(TopRow {
                value: value.to_owned(),
                requests,
                bytes_sent,
                errors,
                first_seen: first.unwrap_or(Timestamp::UNIX_EPOCH),
                last_seen: last.unwrap_or(Timestamp::UNIX_EPOCH),
            });
            if top.rows.len() > self.limit.saturating_mul(2).saturating_add(1024) {
                self.trim();
            }
        }
        Ok(())
    }

    fn measure(&self, row: &TopRow) -> u64 {
        match self.by {
            Measure::Requests => row.requests,
            Measure::BytesSent => row.bytes_sent,
            Measure::Errors => row.errors,
        }
    }

    fn trim(&mut self) {
        let mut rows = std::mem::take(&mut self.top.rows);
        rows.sort_unstable_by(|a, b| {
            let key = |row: &TopRow| Reverse(self.measure(row));
            key(a).cmp(&key(b)).then_with(|| a.value.cmp(&b.value))
        });
        rows.truncate(self.limit);
        if rows.len() == self.limit {
            self.bar = rows.last().map_or(0, |row| self.measure(row));
        }
        self.top.rows = rows;
    }

    fn finish(mut self) -> Top {
        self.trim();
        self.top
    }
}

pub(super) async fn distinct(
    session: &Session,
    filter: &RecordFilter,
    dimension: Dimension,
) -> Result<u64, LakeError> {
    let failed = |error| session.failure(&error);
    let value = condition::value_of(dimension).alias("value");
    let frame = records::frame(session, filter)?
        .aggregate(vec![value], Vec::new())
        .and_then(|frame| frame.aggregate(Vec::new(), vec![count(ident("value")).alias("values")]))
        .map_err(failed)?;
    let mut values = 0;
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let counts = Columns(&batch).longs("values")?;
        values = (0..batch.num_rows()).filter_map(|row| counts.count(row)).sum();
    }
    Ok(values)
}
