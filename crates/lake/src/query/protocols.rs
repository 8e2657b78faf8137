//! Who still signs the old way, or speaks an old TLS version.

use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{Expr, ident, lit};
use futures::TryStreamExt;
use spacewatch_model::Timestamp;

use super::columns::Columns;
use super::condition;
use super::engine::Session;
use super::records;
use super::rows::OldProtocol;
use crate::{LakeError, RecordFilter};

/// Rows of an answer at most: whoever makes up a new user agent for each request makes up a row for each.
const MAX_ROWS: usize = 20_000;

/// The old way of signing, as the log writes it.
pub(super) const OLD_SIGNATURE: &str = "SigV2";

/// TLS before 1.2, in the ways that stores write it.
pub(super) const OLD_TLS: [&str; 10] = [
    "TLSv1.1", "TLSV1.1", "tlsv1.1", "TLSv1.0", "TLSV1.0", "TLSv1", "TLSV1", "SSLv3", "SSLV3", "SSLv2",
];

fn old_tls() -> Expr {
    ident("tls_version").in_list(OLD_TLS.map(condition::text).to_vec(), false)
}

pub(super) async fn answer(session: &Session, filter: &RecordFilter) -> Result<Vec<OldProtocol>, LakeError> {
    let failed = |error| session.failure(&error);
    let filter = RecordFilter {
        requests_only: true,
        ..filter.clone()
    };
    let old_signature = ident("signature_version").eq(condition::text(OLD_SIGNATURE));
    let apart = ["signature_version", "tls_version", "requester", "user_agent"];
    let figures = vec![
        count(lit(1_i64)).alias("requests"),
        min(ident("time")).alias("first"),
        max(ident("time")).alias("last"),
    ];
    let frame = records::frame(session, &filter)?
        .filter(old_signature.or(old_tls()))
        .and_then(|frame| frame.aggregate(apart.map(ident).to_vec(), figures))
        .map_err(failed)?;
    let mut rows = Vec::new();
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        if rows.len().saturating_add(batch.num_rows()) > MAX_ROWS {
            return Err(LakeError::Limit {
                what: "kinds of clients with old protocols",
                limit: MAX_ROWS.to_string(),
            });
        }
        let columns = Columns(&batch);
        let (first, last) = (columns.times("first")?, columns.times("last")?);
        for row in 0..batch.num_rows() {
            let tls = columns.text("tls_version", row)?;
            let signature = columns.text("signature_version", row)?;
            rows.push(OldProtocol {
                old_signature: signature.as_deref() == Some(OLD_SIGNATURE),
                old_tls: tls.filter(|tls| OLD_TLS.contains(&tls.as_str())),
                requester: columns.text("requester", row)?,
                user_agent: columns.text("user_agent", row)?,
                requests: columns.count("requests", row)?.unwrap_or(0),
                first_seen: first.time(row).unwrap_or(Timestamp::UNIX_EPOCH),
                last_seen: last.time(row).unwrap_or(Timestamp::UNIX_EPOCH),
            });
        }
    }
    rows.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    Ok(rows)
}

fn order(row: &OldProtocol) -> impl Ord {
    let who = (row.requester.as_deref(), row.user_agent.as_deref());
    (
        std::cmp::Reverse(row.requests),
        who,
        row.old_signature,
        row.old_tls.as_deref(),
    )
}
