//! How much of the log an answer rests on.

use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::logical_expr::{Expr, ExprFunctionExt, ident, lit};
use spacewatch_model::TimeRange;

use super::columns::Columns;
use super::condition;
use super::engine::Session;
use crate::LakeError;
use crate::coverage::ReadObjects;

/// Sums over the log objects that hold records of the period. Those without any record count where they were delivered after it began.
pub(super) async fn answer(session: &Session, period: TimeRange) -> Result<ReadObjects, LakeError> {
    let failed = |error| session.failure(&error);
    let mut frame = session.read(session.table(&session.snapshot().log_objects))?;
    if let Some(condition) = holds(period) {
        frame = frame.filter(condition).map_err(failed)?;
    }
    let unfinished = count(lit(1_i64)).filter(ident("failure").is_not_null());
    let figures = vec![
        count(lit(1_i64)).alias("objects"),
        unfinished.build().map_err(failed)?.alias("failed"),
        sum(ident("lines")).alias("lines"),
        sum(ident("rejected")).alias("rejected"),
        sum(ident("duplicates")).alias("duplicates"),
    ];
    let frame = frame.aggregate(Vec::new(), figures).map_err(failed)?;
    let batches = frame.collect().await.map_err(failed)?;
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else {
        return Ok(ReadObjects::default());
    };
    let columns = Columns(batch);
    let figure = |name| Ok::<_, LakeError>(columns.count(name, 0)?.unwrap_or(0));
    Ok(ReadObjects {
        objects: figure("objects")?,
        failed: figure("failed")?,
        lines: figure("lines")?,
        rejected: figure("rejected")?,
        duplicates: figure("duplicates")?,
    })
}

fn holds(period: TimeRange) -> Option<Expr> {
    let from = period.from.map(|from| {
        let from = condition::moment(from);
        let silent = ident("last_record")
            .is_null()
            .and(ident("last_modified").gt_eq(from.clone()));
        ident("last_record").gt_eq(from).or(silent)
    });
    let to = period.to.map(|to| {
        let silent = ident("first_record").is_null();
        ident("first_record").lt(condition::moment(to)).or(silent)
    });
    match (from, to) {
        (Some(from), Some(to)) => Some(from.and(to)),
        (from, to) => from.or(to),
    }
}
