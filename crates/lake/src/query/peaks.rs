//! How many requests came in the busiest seconds, by address and by bucket.

use std::collections::HashMap;
use std::hash::Hash;

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{ScalarUDF, ident, lit};
use futures::TryStreamExt;
use spacewatch_access_log::{Category, Operation};
use spacewatch_model::Timestamp;

use super::ask::PeakAsk;
use super::census::canonical;
use super::columns::Columns;
use super::condition::InSeconds;
use super::engine::Session;
use super::records;
use super::rows::{Peak, Peaks};
use crate::{LakeError, RecordFilter};

/// Kinds of requests in these seconds at most: so many fit into memory.
const MAX_KINDS: usize = 2_000_000;

pub(super) async fn answer(session: &Session, ask: &PeakAsk) -> Result<Peaks, LakeError> {
    if ask.seconds.is_empty() {
        return Ok(Peaks::default());
    }
    let failed = |error| session.failure(&error);
    let filter = RecordFilter {
        requests_only: true,
        ..ask.filter.clone()
    };
    let seconds = ask.seconds.iter().map(|second| second.as_second());
    let in_seconds = ScalarUDF::from(InSeconds::new(seconds.collect()));
    let apart = ["time", "bucket", "remote_ip", "operation"].map(ident).to_vec();
    let frame = records::frame(session, &filter)?
        .filter(in_seconds.call(vec![ident("time")]))
        .and_then(|frame| frame.aggregate(apart, vec![count(lit(1_i64)).alias("requests")]))
        .map_err(failed)?;
    let mut tally = Tally::default();
    let mut kinds = 0_usize;
    let mut batches = frame.execute_stream().await.map_err(failed)?;
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        kinds = kinds.saturating_add(batch.num_rows());
        if kinds > MAX_KINDS {
            return Err(LakeError::Limit {
                what: "kinds of requests in the busiest seconds",
                limit: MAX_KINDS.to_string(),
            });
        }
        let columns = Columns(&batch);
        let times = columns.times("time")?;
        for row in 0..batch.num_rows() {
            let Some(time) = times.time(row) else { continue };
            let requests = columns.count("requests", row)?.unwrap_or(0);
            let operation = columns.word("operation", row)?;
            tally.add(time.as_second(), columns, row, (requests, &operation))?;
        }
    }
    Ok(tally.finish())
}

/// Requests of single seconds.
#[derive(Default)]
struct Tally {
    addresses: HashMap<(i64, String), u64>,
    buckets: HashMap<(i64, String), u64>,
    writing: HashMap<(i64, String), u64>,
}

impl Tally {
    fn add(
        &mut self,
        second: i64,
        columns: Columns<'_>,
        row: usize,
        (requests, operation): (u64, &str),
    ) -> Result<(), LakeError> {
        if let Some(address) = columns.text("remote_ip", row)? {
            add(&mut self.addresses, (second, canonical(&address)), requests);
        }
        if let Some(bucket) = columns.text("bucket", row)? {
            if writes_or_lists(operation) {
                add(&mut self.writing, (second, bucket.clone()), requests);
            }
            add(&mut self.buckets, (second, bucket), requests);
        }
        Ok(())
    }

    fn finish(self) -> Peaks {
        Peaks {
            address: highest(&self.addresses),
            bucket: highest(&self.buckets),
            writing: highest(&self.writing),
        }
    }
}

fn add<K: Eq + Hash>(counts: &mut HashMap<K, u64>, key: K, requests: u64) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(requests);
}

/// The highest of the counts; of equal ones the first.
fn highest(counts: &HashMap<(i64, String), u64>) -> Option<Peak> {
    let order = |((second, value), requests): &(&(i64, String), &u64)| {
        (**requests, std::cmp::Reverse((*second, value.clone())))
    };
    let ((second, value), requests) = counts.iter().max_by_key(order)?;
    Some(Peak {
        value: value.clone(),
        second: Timestamp::from_second(*second).ok()?,
        requests: *requests,
    })
}

/// Whether a request counts against the limit for writing and listing.
pub(super) fn writes_or_lists(operation: &str) -> bool {
    let meaning = Operation::new(operation.as_bytes());
    let lists = meaning.is_some_and(|meaning| meaning.category() == Category::List);
    let method = meaning.and_then(Operation::method);
    lists || matches!(method, Some("PUT" | "POST" | "DELETE"))
}
