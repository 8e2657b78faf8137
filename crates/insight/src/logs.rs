//! What every question about access logs has in common: whose log, which period, how long to wait, and what
//! the answer rests on.

mod filters;
mod given;
mod methods;
mod moment;
mod period;
mod position;
mod record;

use std::time::Duration;

use spacewatch_lake::{Lake, LakeFolder, LakePlace, LogSource, Patience};
use spacewatch_model::{BucketName, Coverage, ErrorCode, TimeRange};

use crate::{Evidence, Limit, Tenant, ToolError, snapshots};

pub use filters::{IpList, MethodList, OperationList, SourceBucket, StatusList, StatusPrefix, WordList};
pub use given::Given;
pub use methods::{Deed, DeedList};
pub use moment::{Day, Moment};
pub use record::{LogPlace, LogRecord};

pub(crate) use filters::{Filters, filtered_args};
pub(crate) use period::Period;
pub(crate) use position::{read_position, write_position};
pub(crate) use record::RawText;

/// A lake that was asked to be fresh, and what an answer from it rests on.
pub(crate) struct Asked {
    pub(crate) lake: Lake,
    pub(crate) coverage: Coverage,
}

/// The log of this tenant, read as far as it may be for an answer about `period`.
///
/// What the answer rests on is looked up before the question is asked, so that it never claims too much.
pub(crate) async fn ask(
    tenant: &Tenant,
    bucket: Option<&BucketName>,
    period: TimeRange,
    wait: bool,
) -> Result<Asked, ToolError> {
    ask_within(tenant, (bucket, period), wait, None).await
}

/// The same for somebody who looks again and again, to whom a listing of the log is good for that long only.
pub(crate) async fn ask_within(
    tenant: &Tenant,
    (bucket, period): (Option<&BucketName>, TimeRange),
    wait: bool,
    fresh_for: Option<Duration>,
) -> Result<Asked, ToolError> {
    let lake = open(tenant).await?.listed_within(fresh_for);
    let patience = if wait { Patience::Complete } else { Patience::Brief };
    lake.freshen(period, patience, &tenant.progress).await?;
    // Waiting may have taken longer than the store's yes is good for.
    let source = log_source(tenant)?;
    tenant
        .store
        .ensure_readable(&source.bucket, &source.prefix)
        .await?;
    let coverage = lake.coverage(bucket, period).await?;
    Ok(Asked { lake, coverage })
}

/// Hours of a period at most.
const MAX_HOURS: usize = 720;

/// How many hours a caller means, within the cap.
pub(crate) fn wished_hours(wished: Option<Limit>) -> Option<u32> {
    wished.map(|hours| u32::try_from(Limit::rows(Some(hours), MAX_HOURS, MAX_HOURS)).unwrap_or(u32::MAX))
}

/// The lake of this tenant's log. Whoever answers from it must see to it that the store still says yes.
pub(crate) async fn open(tenant: &Tenant) -> Result<Lake, ToolError> {
    let source = log_source(tenant)?;
    match tenant.lakes.place() {
        LakePlace::Disk => Ok(tenant.lakes.open(&tenant.store, source).await?),
        LakePlace::Bucket => {
            let folder = lake_folder(tenant)?;
            Ok(tenant.lakes.open_in(&tenant.store, source, folder).await?)
        }
    }
}

/// Where this tenant's lakes lie when they lie in a bucket: beside its snapshots.
fn lake_folder(tenant: &Tenant) -> Result<LakeFolder, ToolError> {
    let place = snapshots::place(tenant).map_err(|error| {
        error.with_hint(
            "send `X-Metrics-Bucket` (at the command line set `METRICS_BUCKET`): a bucket of yours that what was read of access \
             logs is written to, for `LAKE_PLACE` is `bucket` here",
        )
    })?;
    let prefix = format!("{}lake/", place.prefix());
    let prefix = prefix.parse().map_err(|error| {
        ToolError::new(
            ErrorCode::InvalidValue,
            format!("no lake can lie at `{prefix}`: {error}"),
        )
    })?;
    Ok(LakeFolder {
        bucket: place.bucket,
        prefix,
    })
}

/// What the store must let these credentials read before they are answered from their log.
pub(crate) fn evidence(tenant: &Tenant) -> Vec<Evidence> {
    let source = log_source(tenant).map(|source| Evidence::Objects(source.bucket, source.prefix));
    source.into_iter().collect()
}

/// Where this tenant's access logs are delivered.
pub(crate) fn log_source(tenant: &Tenant) -> Result<LogSource, ToolError> {
    let bucket = tenant.log_bucket.clone().ok_or_else(|| {
        ToolError::new(ErrorCode::MissingBucket, "no bucket with access logs is named").with_hint(
            "send `X-Log-Bucket` (at the command line set `ACCESS_LOGS_BUCKET`); `/tools/diagnose` and `spacewatch doctor` \
             tell to which bucket a bucket's access logs are delivered",
        )
    })?;
    Ok(LogSource {
        bucket,
        prefix: tenant.log_prefix.clone(),
    })
}
