//! Which keys were read on which days, in the order of the keys.
//!
//! A bucket may have more keys than fit into memory, so the rows are handed over as they come; sorting goes to disk where memory ends.

use std::time::Duration;

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{ident, lit};
use futures::TryStreamExt;
use spacewatch_model::Timestamp;
use tokio::sync::mpsc;

use super::ask::KeysAsk;
use super::columns::Columns;
use super::engine::Session;
use super::records::READS;
use super::rows::KeyDay;
use super::{cdn, condition, records, sums};
use crate::{LakeError, RecordFilter, StatusFilter};

const DAY: Duration = Duration::from_hours(24);

/// Who has a copy that is still good has read the object as well.
const NOT_MODIFIED: StatusFilter = StatusFilter { from: 304, to: 304 };
const SUCCESSES: StatusFilter = StatusFilter { from: 200, to: 299 };

/// Sends the rows; ends early when nobody takes them any more.
pub(super) async fn answer(
    session: &Session,
    ask: &KeysAsk,
    rows: mpsc::Sender<Vec<KeyDay>>,
) -> Result<(), LakeError> {
    let failed = |error| session.failure(&error);
    let read = [
        ident("key"),
        condition::step_of(DAY).alias("day"),
        ident("bytes_sent"),
    ];
    let from_bucket = records::frame(session, &filter(ask))?.select(read.clone());
    let from_bucket = from_bucket.map_err(failed)?;
    let mut through = cdn::through(Some(&ask.bucket), ask.period);
    through.push(ident("method").eq(lit("GET")));
    through.extend(condition::of_statuses(&[SUCCESSES, NOT_MODIFIED]));
    through.extend((!ask.key_prefix.is_empty()).then(|| condition::begins("key", &ask.key_prefix)));
    let mut from_cdn = session.read(session.table(&session.snapshot().cdn))?;
    if let Some(condition) = conjunction(through) {
        from_cdn = from_cdn.filter(condition).map_err(failed)?;
    }
    let mut figures = vec![count(lit(1_i64)).alias("reads")];
    figures.extend(sums::SENT.figures());
    let frame = from_cdn
        .select(read)
        .and_then(|from_cdn| from_bucket.union(from_cdn))
        .and_then(|all| all.filter(ident("key").is_not_null()))
        .and_then(|all| all.aggregate(vec![ident("key"), ident("day")], figures))
        .and_then(|all| {
            all.sort(vec![
                ident("key").sort(true, false),
                ident("day").sort(true, false),
            ])
        })
        .map_err(failed)?;
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let columns = Columns(&batch);
        let (keys, days) = (columns.texts("key")?, columns.times("day")?);
        let found: Result<Vec<KeyDay>, LakeError> = (0..batch.num_rows())
            .map(|row| {
                Ok(KeyDay {
                    key: keys.get(row).unwrap_or_default().to_owned(),
                    day: days.time(row).unwrap_or(Timestamp::UNIX_EPOCH),
                    reads: columns.count("reads", row)?.unwrap_or(0),
                    bytes_sent: sums::SENT.of(columns, row)?,
                })
            })
            .collect();
        if rows.send(found?).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn filter(ask: &KeysAsk) -> RecordFilter {
    RecordFilter {
        bucket: Some(ask.bucket.clone()),
        period: ask.period,
        requests_only: true,
        exact_operations: READS.map(str::to_owned).to_vec(),
        statuses: vec![SUCCESSES, NOT_MODIFIED],
        key_prefix: (!ask.key_prefix.is_empty()).then(|| ask.key_prefix.clone()),
        ..RecordFilter::default()
    }
}
