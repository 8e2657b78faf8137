//! How much of everything, and how long it took.

use std::time::Duration;

use datafusion::dataframe::DataFrame;
use datafusion::functions::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{Expr, ident, lit};
use futures::TryStreamExt;
use spacewatch_access_log::Operation;
use spacewatch_model::Timestamp;

use super::ask::{ActivityAsk, Dimension, LatencyAsk, LatencyKind};
use super::columns::Columns;
use super::condition;
use super::engine::Session;
use super::records;
use super::rows::{Activity, Extremes, Latency};
use super::sums;
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

/// What the ends of a column are called.
struct Ends {
    column: &'static str,
    least: &'static str,
    most: &'static str,
}

const SENT: Ends = Ends {
    column: "bytes_sent",
    least: "least_sent",
    most: "most_sent",
};
const OBJECT: Ends = Ends {
    column: "object_size",
    least: "least_object",
    most: "most_object",
};

impl Ends {
    fn figures(&self) -> [Expr; 2] {
        let size = size_of(self.column);
        [min(size.clone()).alias(self.least), max(size).alias(self.most)]
    }

    fn of(&self, columns: Columns<'_>, row: usize) -> Result<Option<Extremes>, LakeError> {
        let ends = columns
            .count(self.least, row)?
            .zip(columns.count(self.most, row)?);
        Ok(ends.map(|(least, most)| Extremes { least, most }))
    }
}

/// A size; what the log doesn't tell is 0.
pub(super) fn size_of(column: &str) -> Expr {
    coalesce(vec![ident(column), lit(0_i64)])
}

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
    let mut figures = vec![count(lit(1_i64)).alias("records")];
    figures.extend(sums::SENT.figures().into_iter().chain(sums::OBJECTS.figures()));
    if ask.extremes {
        figures.extend(SENT.figures().into_iter().chain(OBJECT.figures()));
    }
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
                bytes_sent: sums::SENT.of(columns, row)?,
                object_bytes: sums::OBJECTS.of(columns, row)?,
                sent: if ask.extremes {
                    SENT.of(columns, row)?
                } else {
                    None
                },
                object: if ask.extremes {
                    OBJECT.of(columns, row)?
                } else {
                    None
                },
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
    let column = match ask.kind {
        LatencyKind::Turnaround => "turnaround_ms",
        LatencyKind::Total => "total_ms",
    };
    let frame = records::frame(session, &ask.filter)?
        .filter(ident(column).is_not_null())
        .map_err(|error| session.failure(&error))?;
    let rows = counted(session, frame, ident(column), (ask.step, ask.by)).await?;
    let latency = |row: Counted| Latency {
        step: row.step,
        group: row.group,
        milliseconds: row.value,
        requests: row.requests,
    };
    Ok(rows.into_iter().map(latency).collect())
}

/// How many requests have one value.
pub(super) struct Counted {
    pub(super) step: Option<Timestamp>,
    pub(super) group: Option<String>,
    pub(super) value: u64,
    pub(super) requests: u64,
}

/// How many requests have which value: by step, then by group, then by value.
pub(super) async fn counted(
    session: &Session,
    frame: DataFrame,
    value: Expr,
    (step, by): (Option<Duration>, Option<Dimension>),
) -> Result<Vec<Counted>, LakeError> {
    let failed = |error| session.failure(&error);
    let mut apart = groups(step, by);
    apart.push(value.alias("value"));
    let frame = frame
        .aggregate(apart, vec![count(lit(1_i64)).alias("requests")])
        .map_err(failed)?;
    let mut rows = Vec::new();
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        if rows.len().saturating_add(batch.num_rows()) > MAX_ROWS {
            return Err(too_many_rows());
        }
        let columns = Columns(&batch);
        let steps = step.map(|_| columns.times("step")).transpose()?;
        let groups = by.map(|_| columns.texts("group")).transpose()?;
        let (values, requests) = (columns.longs("value")?, columns.longs("requests")?);
        for row in 0..batch.num_rows() {
            rows.push(Counted {
                step: steps.as_ref().and_then(|steps| steps.time(row)),
                group: groups.and_then(|groups| groups.get(row)).map(str::to_owned),
                value: values.count(row).unwrap_or(0),
                requests: requests.count(row).unwrap_or(0),
            });
        }
    }
    rows.sort_unstable_by(|a, b| (a.step, &a.group, a.value).cmp(&(b.step, &b.group, b.value)));
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
