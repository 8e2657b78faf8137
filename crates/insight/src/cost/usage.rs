//! What was sent and asked for, by bucket, as the access log has it.

use std::collections::BTreeMap;

use spacewatch_lake::{ActivityAsk, Dimension, Lake, RecordFilter};
use spacewatch_model::{BucketName, TimeRange};

use crate::ToolError;
use crate::metrics::true_egress;

/// What one bucket's clients did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct BucketUse {
    /// Bytes that reached clients.
    pub(super) egress_bytes: u64,
    /// Requests that write or list.
    pub(super) writes: u64,
    /// Requests that read.
    pub(super) reads: u64,
    /// What the CDN fetched is not told apart, so the true egress is lower.
    pub(super) at_most: bool,
}

/// By bucket, as the log names it.
pub(super) type Use = BTreeMap<String, BucketUse>;

/// What clients did in a period.
pub(super) async fn of(lake: &Lake, period: TimeRange) -> Result<Use, ToolError> {
    let filter = RecordFilter {
        period,
        requests_only: true,
        ..RecordFilter::default()
    };
    let ask = ActivityAsk {
        filter: filter.clone(),
        step: None,
        by: Some(Dimension::Bucket),
        extremes: false,
    };
    let mut found = Use::new();
    for row in lake.activity(&ask).await? {
        let bucket = found.entry(row.group.unwrap_or_default()).or_default();
        bucket.egress_bytes = bucket.egress_bytes.saturating_add(row.bytes_sent);
        match row.category.as_str() {
            "put" | "post" | "list" => bucket.writes = bucket.writes.saturating_add(row.records),
            "delete" => {}
            _ => bucket.reads = bucket.reads.saturating_add(row.records),
        }
    }
    for (name, bucket) in &mut found {
        let Ok(name) = name.parse::<BucketName>() else {
            continue;
        };
        let filter = RecordFilter {
            bucket: Some(name),
            ..filter.clone()
        };
        if let Some(cdn) = true_egress(lake, &filter, bucket.egress_bytes).await? {
            bucket.egress_bytes = cdn.true_egress_bytes;
            bucket.at_most = !cdn.origin_to_cdn_known;
        }
    }
    Ok(found)
}

/// All buckets together.
pub(super) fn total(found: &Use) -> BucketUse {
    let mut sum = BucketUse::default();
    for bucket in found.values() {
        sum.egress_bytes = sum.egress_bytes.saturating_add(bucket.egress_bytes);
        sum.writes = sum.writes.saturating_add(bucket.writes);
        sum.reads = sum.reads.saturating_add(bucket.reads);
        sum.at_most |= bucket.at_most;
    }
    sum
}
