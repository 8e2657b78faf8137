//! What could not be read.

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{SortExpr, ident, lit};
use futures::TryStreamExt;
use spacewatch_model::{TimeRange, Timestamp};

use super::Position;
use super::columns::Columns;
use super::condition;
use super::engine::Session;
use super::rows::Reject;
use super::search::before;
use crate::LakeError;

/// Rows on one page at most.
const MAX_ROWS: usize = 10_000;

pub(super) async fn answer(
    session: &Session,
    period: TimeRange,
    limit: usize,
    after: Option<&Position>,
) -> Result<(Vec<Reject>, u64), LakeError> {
    let failed = |error| session.failure(&error);
    let in_period = condition::in_period("seen_at", period);
    let mut frame = session.read(session.table(&session.snapshot().rejects))?;
    if let Some(condition) = conjunction(in_period) {
        frame = frame.filter(condition).map_err(failed)?;
    }
    let all = frame
        .clone()
        .aggregate(Vec::new(), vec![count(lit(1_i64)).alias("rows")])
        .map_err(failed)?;
    let mut total = 0;
    let mut batches = all.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let counts = Columns(&batch).longs("rows")?;
        total = (0..batch.num_rows()).filter_map(|row| counts.count(row)).sum();
    }
    if let Some(after) = after {
        let condition = before(after, "seen_at", &place());
        frame = frame.filter(condition).map_err(failed)?;
    }
    let newest_first: Vec<SortExpr> = [ident("seen_at"), ident("log_object"), place()]
        .into_iter()
        .map(|column| column.sort(false, false))
        .collect();
    let frame = frame
        .sort(newest_first)
        .and_then(|frame| frame.limit(0, Some(limit.min(MAX_ROWS))))
        .map_err(failed)?;
    let mut rows = Vec::new();
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let columns = Columns(&batch);
        for row in 0..batch.num_rows() {
            let seen_at = columns.times("seen_at")?.time(row);
            rows.push(Reject {
                log_object: columns.word("log_object", row)?,
                offset: columns.count("log_offset", row)?,
                length: columns.count("log_length", row)?,
                reason: columns.word("reason", row)?,
                detail: columns.word("detail", row)?,
                line: columns.bytes("line", row)?.unwrap_or_default(),
                seen_at: seen_at.unwrap_or(Timestamp::UNIX_EPOCH),
            });
        }
    }
    Ok((rows, total))
}

/// A reject of a whole object stands at its beginning.
fn place() -> datafusion::logical_expr::Expr {
    datafusion::functions::expr_fn::coalesce(vec![ident("log_offset"), lit(0_i64)])
}
