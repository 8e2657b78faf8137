//! Requests of intervals, as snapshots tell them.

use jiff::Timestamp;
use spacewatch_lake::{Interval, IntervalAsk, Lake, RecordFilter};
use spacewatch_model::{BucketName, TimeRange};
use spacewatch_snapshots::{SnapshotRecord, Source, TopIp};

use crate::ToolError;

/// Addresses in a record.
const TOP_IPS: usize = 10;

/// What clients asked of a source between moments that follow each other.
pub(super) async fn intervals(
    lake: &Lake,
    source: &Source,
    edges: Vec<Timestamp>,
) -> Result<Vec<Interval>, ToolError> {
    let prefix = Some(source.prefix.as_str().to_owned());
    let ask = IntervalAsk {
        filter: RecordFilter {
            bucket: Some(source.bucket.clone()),
            key_prefix: prefix.filter(|prefix| !prefix.is_empty()),
            ..RecordFilter::default()
        },
        edges,
        addresses: TOP_IPS,
    };
    Ok(lake.intervals(&ask).await?)
}

/// Puts the requests of one interval into a record, instead of what it said of requests.
pub(super) fn tell(record: &mut SnapshotRecord, interval: Option<&Interval>) {
    forget(record);
    let Some(interval) = interval else { return };
    for row in &interval.requests {
        let requests = row.requests;
        record.requests_total += requests;
        record.bytes_sent = record.bytes_sent.saturating_add(row.bytes_sent);
        match row.method.as_deref() {
            Some("GET") => record.requests_get += requests,
            Some("PUT") => record.requests_put += requests,
            Some("DELETE") => record.requests_delete += requests,
            Some("HEAD") => record.requests_head += requests,
            _ => {}
        }
        match row.status.map(|status| status / 100) {
            Some(2) => record.status_2xx += requests,
            Some(3) => record.status_3xx += requests,
            Some(4) => record.status_4xx += requests,
            Some(5) => record.status_5xx += requests,
            _ => {}
        }
    }
    record.unique_ips = interval.addresses;
    let tops = interval.top_addresses.iter();
    record.top_ips = tops
        .map(|(ip, count)| TopIp {
            ip: ip.clone(),
            count: *count,
        })
        .collect();
}

/// Leaves nothing of what a record said of requests.
pub(super) fn forget(record: &mut SnapshotRecord) {
    let empty = SnapshotRecord::new(
        record.ts,
        record.source_bucket.clone(),
        record.source_prefix.clone(),
    );
    *record = SnapshotRecord {
        id: record.id,
        source_objects: record.source_objects,
        source_bytes: record.source_bytes,
        logs_bucket: std::mem::take(&mut record.logs_bucket),
        logs_prefix: std::mem::take(&mut record.logs_prefix),
        logs_files: record.logs_files,
        logs_bytes: record.logs_bytes,
        files_scanned: record.files_scanned,
        lines_scanned: record.lines_scanned,
        legacy: record.legacy,
        ..empty
    };
}

/// Adds what another record of the same source said of requests. Different addresses can't be added: the later record's stay.
pub(super) fn add(record: &mut SnapshotRecord, other: &SnapshotRecord) {
    let sums = [
        (&mut record.requests_total, other.requests_total),
        (&mut record.requests_get, other.requests_get),
        (&mut record.requests_put, other.requests_put),
        (&mut record.requests_delete, other.requests_delete),
        (&mut record.requests_head, other.requests_head),
        (&mut record.status_2xx, other.status_2xx),
        (&mut record.status_3xx, other.status_3xx),
        (&mut record.status_4xx, other.status_4xx),
        (&mut record.status_5xx, other.status_5xx),
        (&mut record.bytes_sent, other.bytes_sent),
    ];
    for (sum, more) in sums {
        *sum = sum.saturating_add(more);
    }
}

/// Of moments in a row that begin at the first one, the last up to which all of the log is known. None where all is.
pub(super) async fn known_until(
    lake: &Lake,
    bucket: Option<&BucketName>,
    edges: &[Timestamp],
) -> Result<Option<Timestamp>, ToolError> {
    let Some(&first) = edges.first() else {
        return Ok(None);
    };
    // Once it is not known up to one of them, it is not for any behind it.
    let (mut known, mut unknown) = (0, edges.len());
    while known + 1 < unknown {
        let middle = known + (unknown - known) / 2;
        let until = TimeRange {
            from: Some(first),
            to: edges.get(middle).copied(),
        };
        if lake.coverage(bucket, until).await?.complete {
            known = middle;
        } else {
            unknown = middle;
        }
    }
    Ok(edges.get(known).copied().filter(|_| unknown < edges.len()))
}
