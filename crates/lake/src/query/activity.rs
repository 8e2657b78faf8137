//! How much of everything, and how long it took.

use std::time::Duration;

use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::logical_expr::{Expr, ident, lit};
use futures::TryStreamExt;
use spacewatch_access_log::Operation;

use super::ask::{ActivityAsk, Dimension, LatencyAsk, LatencyKind};
use super::columns::Columns;
use super::condition;
use super::engine::Session;
use super::records;
use super::rows::{Activity, Latency};
use crate::LakeError;

/// Rows of one answer at most: a dimension with a million values in a hundred steps is no answer any more.
pub(super) const MAX_ROWS: usize = 500_000;

/// What metrics tell apart. Category and whether it is a request follow from the operation.
const APART: [&str; 6] = [
    "operation",
    "status",
    "error_code",
    "auth_type",
    "signature_version",
    "tls_version",
];

pub(super) fn too_many_rows() -> LakeError {
    LakeError::Limit {
        what: "rows",
        limit: MAX_ROWS.to_string(),
    }
}

fn groups(step: Option<Duration>, by: Option<Dimension>) -> Vec<Expr> {
    let step = step.map(|step| condition::step_of(step).alias("step"));
    let group = by.map(|by| condition::value_of(by).alias("group"));
    step.into_iter().chain(group).collect()
}

pub(super) async fn answer(session: &Session, ask: &ActivityAsk) -> Result<Vec<Activity>, LakeError> {
    let failed = |error| session.failure(&error);
    let mut apart = groups(ask.step, ask.by);
    apart.extend(APART.iter().map(|name| ident(*name)));
    let figures = vec![
        count(lit(1_i64)).alias("records"),
        sum(ident("bytes_sent")).alias("bytes"),
        sum(ident("object_size")).alias("object_bytes"),
    ];
    let frame = records::frame(session, &ask.filter)?
        .aggregate(apart, figures)
        .map_err(failed)?;
    let mut rows = Vec::new();
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        if rows.len().saturating_add(batch.num_rows()) > MAX_ROWS {
            return Err(too_many_rows());
        }
        let columns = Columns(&batch);
        let steps = ask.step.map(|_| columns.times("step")).transpose()?;
        let groups = ask.by.map(|_| columns.texts("group")).transpose()?;
        let statuses = columns.shorts("status")?;
        for row in 0..batch.num_rows() {
            let operation = columns.word("operation", row)?;
            let meaning = Operation::new(operation.as_bytes());
            rows.push(Activity {
                step: steps.as_ref().and_then(|steps| steps.time(row)),
                group: groups.and_then(|groups| groups.get(row)).map(str::to_owned),
                category: meaning
                    .map_or("other", |meaning| meaning.category().as_str())
                    .to_owned(),
                is_request: meaning.is_none_or(Operation::is_request),
                operation,
                status: statuses.status(row),
                error_code: columns.text("error_code", row)?,
                auth_type: columns.text("auth_type", row)?,
                signature_version: columns.text("signature_version", row)?,
                tls_version: columns.text("tls_version", row)?,
                records: columns.count("records", row)?.unwrap_or(0),
                bytes_sent: columns.count("bytes", row)?.unwrap_or(0),
                object_bytes: columns.count("object_bytes", row)?.unwrap_or(0),
            });
        }
    }
    rows.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    Ok(rows)
}

fn order(row: &Activity) -> impl Ord {
    let told_apart = (
        row.error_code.as_deref(),
        row.auth_type.as_deref(),
        row.signature_version.as_deref(),
        row.tls_version.as_deref(),
    );
    (
        row.step,
        row.group.as_deref(),
        row.operation.as_str(),
        row.status,
        told_apart,
    )
}

pub(super) async fn latency(session: &Session, ask: &LatencyAsk) -> Result<Vec<Latency>, LakeError> {
    let failed = |error| session.failure(&error);
    let column = match ask.kind {
        LatencyKind::Turnaround => "turnaround_ms",
        LatencyKind::Total => "total_ms",
    };
    let mut apart = groups(ask.step, ask.by);
    apart.push(ident(column).alias("milliseconds"));
    let frame = records::frame(session, &ask.filter)?
        .filter(ident(column).is_not_null())
        .and_then(|frame| frame.aggregate(apart, vec![count(lit(1_i64)).alias("requests")]))
        .map_err(failed)?;
    let mut rows = Vec::new();
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        if rows.len().saturating_add(batch.num_rows()) > MAX_ROWS {
            return Err(too_many_rows());
        }
        let columns = Columns(&batch);
        let steps = ask.step.map(|_| columns.times("step")).transpose()?;
        let groups = ask.by.map(|_| columns.texts("group")).transpose()?;
        let (milliseconds, requests) = (columns.longs("milliseconds")?, columns.longs("requests")?);
        for row in 0..batch.num_rows() {
            rows.push(Latency {
                step: steps.as_ref().and_then(|steps| steps.time(row)),
                group: groups.and_then(|groups| groups.get(row)).map(str::to_owned),
                milliseconds: milliseconds.count(row).unwrap_or(0),
                requests: requests.count(row).unwrap_or(0),
            });
        }
    }
    rows.sort_unstable_by(|a, b| {
        let key = |row: &Latency| (row.step, row.milliseconds);
        (&a.group, key(a)).cmp(&(&b.group, key(b)))
    });
    rows.sort_by_key(|row| row.step);
    Ok(rows)
}

/// The smallest time that at least `percent` of the requests took no longer than: the nearest-rank percentile, exact. `None`
/// without requests.
pub fn nearest_rank<'a>(rows: impl IntoIterator<Item = &'a Latency>, percent: f64) -> Option<u64> {
    let mut counts: Vec<(u64, u64)> = rows
        .into_iter()
        .map(|row| (row.milliseconds, row.requests))
        .collect();
    counts.sort_unstable();
    let all: u64 = counts.iter().map(|(_, requests)| requests).sum();
    // Six decimals of a percent: enough for anybody, and whole numbers from here on.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped before"
    )]
    let share = (percent.clamp(0.0, 100.0) * 1e6).round() as u128;
    let rank = u128::from(all).saturating_mul(share).div_ceil(100_000_000).max(1);
    let mut seen = 0_u128;
    for (milliseconds, requests) in counts {
        seen = seen.saturating_add(u128::from(requests));
        if seen >= rank && requests > 0 {
            return Some(milliseconds);
        }
    }
    None
}
