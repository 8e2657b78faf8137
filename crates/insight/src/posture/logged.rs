//! Which buckets the access log tells of, whatever their setting says.

use futures::{StreamExt, stream};
use spacewatch_lake::{Lake, RecordFilter};
use spacewatch_model::{BucketName, TimeRange};

use super::visit::{Visit, is_unset};
use crate::{Tenant, logs};

/// Hours of log that count: a bucket whose log was switched off longer ago has none.
const HOURS: i64 = 168;
const SEARCHES_AT_ONCE: usize = 4;

/// Looks up buckets without a log setting in what was read of the log so far. A log that can't be read says nothing.
pub(super) async fn look(tenant: &Tenant, visits: &mut [Visit]) {
    if !visits.iter().any(|visit| is_unset(&visit.settings.logging)) {
        return;
    }
    let Some(lake) = readable(tenant).await else {
        return;
    };
    let period = TimeRange {
        from: tenant
            .now()
            .checked_sub(jiff::SignedDuration::from_hours(HOURS))
            .ok(),
        to: None,
    };
    stream::iter(
        visits
            .iter_mut()
            .filter(|visit| is_unset(&visit.settings.logging)),
    )
    .for_each_concurrent(SEARCHES_AT_ONCE, |visit| {
        let lake = &lake;
        async move { visit.seen_in_log = tells_of(lake, &visit.bucket, period).await }
    })
    .await;
}

/// The lake, if these keys may read the log now.
async fn readable(tenant: &Tenant) -> Option<Lake> {
    let source = logs::log_source(tenant).ok()?;
    let readable = tenant.store.ensure_readable(&source.bucket, &source.prefix).await;
    readable.ok()?;
    logs::open(tenant).await.ok()
}

async fn tells_of(lake: &Lake, bucket: &BucketName, period: TimeRange) -> bool {
    let filter = RecordFilter {
        bucket: Some(bucket.clone()),
        period,
        ..RecordFilter::default()
    };
    let found = lake.search(&filter, 1, None).await;
    found.is_ok_and(|found| !found.rows.is_empty())
}
