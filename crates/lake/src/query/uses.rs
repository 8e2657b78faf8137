//! What was used since a moment, and whether it was before.
//!
//! Every group streams past, like in [`top`](super::top): the first rows are kept, the rest is counted.

use std::cmp::{Ordering, Reverse};

use arrow_array::RecordBatch;
use datafusion::common::DataFusionError;
use datafusion::dataframe::DataFrame;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, ExprFunctionExt, ident, lit};
use futures::TryStreamExt;
use spacewatch_model::TimeRange;

use super::ask::UsesAsk;
use super::columns::Columns;
use super::condition;
use super::engine::Session;
use super::records;
use super::rows::{Used, Uses, UsesRow};
use super::sums::Sum;
use crate::{LakeError, StatusFilter};

/// Rows of a list at most.
const MAX_ROWS: usize = 100_000;

const DONE: StatusFilter = StatusFilter { from: 200, to: 299 };

/// What the figures of one side of the moment are called.
struct Side {
    records: &'static str,
    errors: &'static str,
    first: &'static str,
    last: &'static str,
    sent: Sum,
    objects: Sum,
}

const BEFORE: Side = Side {
    records: "records_before",
    errors: "errors_before",
    first: "first_before",
    last: "last_before",
    sent: Sum::new("bytes_sent", "sent_high_before", "sent_low_before"),
    objects: Sum::new("object_size", "object_high_before", "object_low_before"),
};
const SINCE: Side = Side {
    records: "records_since",
    errors: "errors_since",
    first: "first_since",
    last: "last_since",
    sent: Sum::new("bytes_sent", "sent_high_since", "sent_low_since"),
    objects: Sum::new("object_size", "object_high_since", "object_low_since"),
};

impl Side {
    /// What to aggregate of the rows on this side; of all rows, where there is but one.
    fn figures(&self, here: Option<&Expr>) -> Result<Vec<Expr>, DataFusionError> {
        let failed = ident("status").gt_eq(lit(400_i16));
        let failed = here.map_or(failed.clone(), |here| here.clone().and(failed));
        let only = |figure: Expr| match here {
            Some(here) => figure.filter(here.clone()).build(),
            None => Ok(figure),
        };
        let mut figures = vec![
            only(count(lit(1_i64)))?.alias(self.records),
            count(lit(1_i64)).filter(failed).build()?.alias(self.errors),
            only(min(ident("time")))?.alias(self.first),
            only(max(ident("time")))?.alias(self.last),
        ];
        for sum in [self.sent, self.objects] {
            figures.extend(match here {
                Some(here) => sum.figures_where(here)?.to_vec(),
                None => sum.figures().to_vec(),
            });
        }
        Ok(figures)
    }

    /// What was used on this side, if anything.
    fn of(&self, columns: Columns<'_>, row: usize) -> Result<Option<Used>, LakeError> {
        let times = (
            columns.times(self.first)?.time(row),
            columns.times(self.last)?.time(row),
        );
        let (Some(first), Some(last)) = times else {
            return Ok(None);
        };
        Ok(Some(Used {
            records: columns.count(self.records, row)?.unwrap_or(0),
            errors: columns.count(self.errors, row)?.unwrap_or(0),
            bytes_sent: self.sent.of(columns, row)?,
            object_bytes: self.objects.of(columns, row)?,
            first,
            last,
        }))
    }
}

pub(super) async fn answer(session: &Session, ask: &UsesAsk) -> Result<Uses, LakeError> {
    let failed = |error| session.failure(&error);
    let frame = grouped(session, ask)?;
    let mut best = Best {
        by: ask.by.len(),
        all_since: is_all_since(ask),
        limit: ask.limit.min(MAX_ROWS),
        uses: Uses::default(),
    };
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        best.take(&batch)?;
    }
    best.trim();
    Ok(best.uses)
}

fn grouped(session: &Session, ask: &UsesAsk) -> Result<DataFrame, LakeError> {
    let failed = |error| session.failure(&error);
    let operations = ask.operations.iter().map(|operation| condition::text(operation));
    let operations: Vec<Expr> = operations.collect();
    let exactly = (!operations.is_empty()).then(|| ident("operation").in_list(operations, false));
    let done = condition::of_statuses(&[DONE]).map(|done| done.or(ident("status").is_null()));
    let mut frame = records::frame(session, &ask.filter)?;
    if let Some(condition) = conjunction(exactly.into_iter().chain(done.filter(|_| ask.done))) {
        frame = frame.filter(condition).map_err(failed)?;
    }
    let since = TimeRange {
        from: Some(ask.since),
        to: None,
    };
    let since = conjunction(condition::in_period("time", since)).unwrap_or_else(|| lit(true));
    let figures = match is_all_since(ask) {
        true => SINCE.figures(None),
        false => SINCE.figures(Some(&since)).and_then(|mut figures| {
            figures.extend(BEFORE.figures(Some(&!since))?);
            Ok(figures)
        }),
    };
    let figures = figures.map_err(failed)?;
    let values = ask.by.iter().enumerate();
    let values = values.map(|(place, by)| condition::value_of(*by).alias(value_name(place)));
    frame.aggregate(values.collect(), figures).map_err(failed)
}

/// Nothing from before is asked about, so there is but one side.
fn is_all_since(ask: &UsesAsk) -> bool {
    ask.filter.period.from.is_some_and(|from| from >= ask.since)
}

fn value_name(place: usize) -> String {
    format!("value{place}")
}

/// The first rows so far.
struct Best {
    by: usize,
    /// There is no side before.
    all_since: bool,
    limit: usize,
    uses: Uses,
}

impl Best {
    fn take(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let columns = Columns(batch);
        for row in 0..batch.num_rows() {
            let since = SINCE.of(columns, row)?;
            let before = match self.all_since {
                true => None,
                false => BEFORE.of(columns, row)?,
            };
            add(&mut self.uses.before, before);
            add(&mut self.uses.since, since);
            let Some(since) = since else {
                // Without groups there is one row, even of nothing.
                self.uses.left = self.uses.left.saturating_add(u64::from(before.is_some()));
                continue;
            };
            self.uses.distinct = self.uses.distinct.saturating_add(1);
            self.uses.new = self.uses.new.saturating_add(u64::from(before.is_none()));
            let values = (0..self.by).map(|place| columns.text(&value_name(place), row));
            self.uses.rows.push(UsesRow {
                values: values.collect::<Result<_, _>>()?,
                before,
                since,
            });
            if self.uses.rows.len() > self.limit.saturating_mul(2).saturating_add(1024) {
                self.trim();
            }
        }
        Ok(())
    }

    fn trim(&mut self) {
        self.uses.rows.sort_unstable_by(order);
        self.uses.rows.truncate(self.limit);
    }
}

/// What is new first, then what was used most; equal ones by value.
fn order(a: &UsesRow, b: &UsesRow) -> Ordering {
    let key = |row: &UsesRow| (row.before.is_some(), Reverse(row.since.records));
    key(a).cmp(&key(b)).then_with(|| a.values.cmp(&b.values))
}

fn add(sum: &mut Option<Used>, more: Option<Used>) {
    let Some(more) = more else { return };
    let Some(sum) = sum else {
        *sum = Some(more);
        return;
    };
    sum.records = sum.records.saturating_add(more.records);
    sum.errors = sum.errors.saturating_add(more.errors);
    sum.bytes_sent = sum.bytes_sent.saturating_add(more.bytes_sent);
    sum.object_bytes = sum.object_bytes.saturating_add(more.object_bytes);
    sum.first = sum.first.min(more.first);
    sum.last = sum.last.max(more.last);
}
