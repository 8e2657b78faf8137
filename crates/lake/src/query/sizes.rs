//! How large requests were.

use datafusion::logical_expr::{Expr, ident, lit, when};

use super::activity::{counted, size_of};
use super::ask::{SizeAsk, SizeKind};
use super::condition;
use super::engine::Session;
use super::records;
use super::rows::Sizes;
use crate::LakeError;

pub(super) async fn answer(session: &Session, ask: &SizeAsk) -> Result<Vec<Sizes>, LakeError> {
    let failed = |error| session.failure(&error);
    let mut frame = records::frame(session, &ask.filter)?;
    if !ask.operations.is_empty() {
        let operations = ask.operations.iter().map(|operation| condition::text(operation));
        let exactly = ident("operation").in_list(operations.collect(), false);
        frame = frame.filter(exactly).map_err(failed)?;
    }
    let size = size_of(match ask.kind {
        SizeKind::Sent => "bytes_sent",
        SizeKind::Object => "object_size",
    });
    let value = class_of(size, &ask.edges).map_err(failed)?;
    let rows = counted(session, frame, value, (ask.step, ask.by)).await?;
    let sizes = rows.into_iter().map(|row| Sizes {
        step: row.step,
        group: row.group,
        bytes: row.value,
        requests: row.requests,
    });
    Ok(sizes.collect())
}

/// The first edge that a size does not exceed.
fn class_of(size: Expr, edges: &[u64]) -> datafusion::error::Result<Expr> {
    let edge = |edge: u64| lit(i64::try_from(edge).unwrap_or(i64::MAX));
    let mut edges = edges.iter().copied();
    let Some(first) = edges.next() else {
        return Ok(size);
    };
    let mut class = when(size.clone().lt_eq(edge(first)), edge(first));
    for next in edges {
        class = class.when(size.clone().lt_eq(edge(next)), edge(next));
    }
    class.otherwise(lit(i64::MAX))
}
