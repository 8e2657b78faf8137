//! Which buckets the access log tells of, whatever their setting says.

use futures::{StreamExt, stream};
use spacewatch_lake::{Lake, LakeError, RecordFilter};
use spacewatch_model::{BucketName, TimeRange};

use super::visit::{InLog, Visit, is_unset};
use crate::{Tenant, logs};

/// Hours of log that count: a bucket whose log was switched off longer ago has none.
const HOURS: i64 = 168;
const SEARCHES_AT_ONCE: usize = 4;

/// Looks up buckets without a log setting in the log, which is read first as far as may be without keeping anybody waiting for long.
pub(super) async fn look(tenant: &Tenant, visits: &mut [Visit]) {
    let mut unset: Vec<_> = visits
        .iter_mut()
        .filter(|visit| is_unset(&visit.settings.logging))
        .collect();
    if unset.is_empty() || tenant.log_bucket.is_none() {
        return;
    }
    let period = TimeRange {
        from: tenant
            .now()
            .checked_sub(jiff::SignedDuration::from_hours(HOURS))
            .ok(),
        to: None,
    };
    let Ok(asked) = logs::ask(tenant, None, period, false).await else {
        // There is a log, and nobody here knows what it tells.
        unset.iter_mut().for_each(|visit| visit.in_log = InLog::Unread);
        return;
    };
    let is_read = asked.coverage.objects_pending == 0;
    let lake = &asked.lake;
    stream::iter(unset)
        .for_each_concurrent(SEARCHES_AT_ONCE, |visit| async move {
            visit.in_log = match tells_of(lake, &visit.bucket, period).await {
                Ok(true) => InLog::Seen,
                Ok(false) if is_read => InLog::Absent,
                Ok(false) | Err(_) => InLog::Unread,
            };
        })
        .await;
}

async fn tells_of(lake: &Lake, bucket: &BucketName, period: TimeRange) -> Result<bool, LakeError> {
    let filter = RecordFilter {
        bucket: Some(bucket.clone()),
        period,
        ..RecordFilter::default()
    };
    let found = lake.search(&filter, 1, None).await?;
    Ok(!found.rows.is_empty())
}
