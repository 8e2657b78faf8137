//! What the CDN served.

use datafusion::functions::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, ident, lit};
use futures::TryStreamExt;
use spacewatch_model::{BucketName, TimeRange};

use super::activity::{MAX_ROWS, too_many_rows};
use super::ask::CdnAsk;
use super::columns::Columns;
use super::condition;
use super::engine::Session;
use super::rows::CdnActivity;
use super::sums;
use crate::LakeError;

/// What was asked of the CDN in a period, through the hosts of a bucket.
pub(super) fn through(bucket: Option<&BucketName>, period: TimeRange) -> Vec<Expr> {
    let mut conditions = condition::in_period("time", period);
    if let Some(bucket) = bucket {
        let beginning = format!("{bucket}.");
        let asked_for = condition::begins("host", &beginning);
        conditions.push(asked_for.or(condition::begins("distribution", &beginning)));
    }
    conditions
}

pub(super) async fn answer(session: &Session, ask: &CdnAsk) -> Result<Vec<CdnActivity>, LakeError> {
    let failed = |error| session.failure(&error);
    let mut frame = session.read(session.table(&session.snapshot().cdn))?;
    let conditions = through(ask.bucket.as_ref(), ask.period);
    if let Some(condition) = conjunction(conditions) {
        frame = frame.filter(condition).map_err(failed)?;
    }
    let mut apart = vec![
        coalesce(vec![ident("host"), ident("distribution")]).alias("asked_for"),
        ident("result_type"),
        ident("status"),
    ];
    apart.extend(ask.step.map(|step| condition::step_of(step).alias("step")));
    let mut figures = vec![count(lit(1_i64)).alias("requests")];
    figures.extend(sums::SENT.figures().into_iter().chain(sums::RECEIVED.figures()));
    let frame = frame.aggregate(apart, figures).map_err(failed)?;
    let mut rows = Vec::new();
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        if rows.len().saturating_add(batch.num_rows()) > MAX_ROWS {
            return Err(too_many_rows());
        }
        let columns = Columns(&batch);
        let steps = ask.step.map(|_| columns.times("step")).transpose()?;
        let statuses = columns.shorts("status")?;
        for row in 0..batch.num_rows() {
            rows.push(CdnActivity {
                step: steps.as_ref().and_then(|steps| steps.time(row)),
                host: columns.text("asked_for", row)?,
                result: columns.text("result_type", row)?,
                status: statuses.status(row),
                requests: columns.count("requests", row)?.unwrap_or(0),
                bytes_sent: sums::SENT.of(columns, row)?,
                bytes_received: sums::RECEIVED.of(columns, row)?,
            });
        }
    }
    rows.sort_unstable_by(|a, b| {
        let key = |row: &CdnActivity| (row.step, row.status);
        (key(a), &a.host, &a.result).cmp(&(key(b), &b.host, &b.result))
    });
    Ok(rows)
}
