//! Which buckets there are.

use futures::StreamExt;
use futures::stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::BucketName;
use spacewatch_s3::StoreError;
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::bucket_cache::KnownBuckets;
use crate::{Tenant, Tool, ToolError};

/// Buckets tried by name at once when the credentials may not list them.
const PROBES_AT_ONCE: usize = 8;

/// `buckets`: the buckets these credentials can see.
///
/// Keys limited to single buckets may not list buckets; then those known by name (log bucket, metrics
/// bucket, the operator's fallback buckets) are tried one by one.
#[derive(Debug)]
pub struct Buckets;

/// A question without arguments.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
pub struct NoArgs {}

/// The buckets these credentials can see.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BucketsOutput {
    /// How many buckets there are.
    pub bucket_count: usize,
    /// Their names, in order.
    pub buckets: Vec<BucketName>,
    /// The same with what else is known of each.
    pub details: Vec<BucketDetail>,
    /// These credentials may not list buckets: the answer holds those that were tried by name.
    pub limited: bool,
    /// What that means for the reader, where it needs saying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When the list was read from the store.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

/// One bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BucketDetail {
    /// The bucket's name.
    pub name: BucketName,
    /// When it was created; absent where the store doesn't say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created: Option<Timestamp>,
}

impl Tool for Buckets {
    const NAME: &'static str = "buckets";
    const OPERATION: OperationType = OperationType::ListBuckets;
    type Args = NoArgs;
    type Output = BucketsOutput;

    async fn run(tenant: &Tenant, _: NoArgs) -> Result<Self::Output, ToolError> {
        let now = tenant.clock.elapsed();
        let fingerprint = tenant.store.fingerprint();
        // The lease says whether the store accepted exactly these credentials a moment ago.
        if tenant.store.lease().is_fresh(None)
            && let Some(known) = tenant.bucket_cache.find(&fingerprint, now)
        {
            return Ok(answer(known));
        }
        let known = read(tenant).await?;
        // What limited keys reach depends on the buckets this request names, so it is found out each time.
        if !known.limited {
            tenant.bucket_cache.remember(fingerprint, now, known.clone());
        }
        Ok(answer(known))
    }
}

fn answer(known: KnownBuckets) -> BucketsOutput {
    let note = known.limited.then(|| {
        "these keys may not list buckets: shown are the buckets that were named and can be reached".to_owned()
    });
    BucketsOutput {
        bucket_count: known.buckets.len(),
        buckets: known.buckets.iter().map(|(name, _)| name.clone()).collect(),
        details: known
            .buckets
            .iter()
            .map(|(name, created)| BucketDetail {
                name: name.clone(),
                created: *created,
            })
            .collect(),
        limited: known.limited,
        note,
        as_of: known.as_of,
    }
}

async fn read(tenant: &Tenant) -> Result<KnownBuckets, ToolError> {
    let as_of = tenant.now();
    match tenant.store.list_buckets().await {
        Ok(buckets) => {
            let mut buckets: Vec<_> = buckets
                .into_iter()
                .map(|bucket| (bucket.name, bucket.created))
                .collect();
            buckets.sort();
            Ok(KnownBuckets {
                buckets: buckets.into(),
                limited: false,
                as_of,
            })
        }
        Err(StoreError::AccessDenied(_)) => probe_named(tenant, as_of).await,
        Err(error) => Err(error.into()),
    }
}

/// Tries the buckets known by name. Those that can't be reached are left out; keys that the store rejects
/// altogether, or a store that fails, fail the whole question.
async fn probe_named(tenant: &Tenant, as_of: Timestamp) -> Result<KnownBuckets, ToolError> {
    let probes = tenant.named_buckets().into_iter().map(|bucket| async move {
        let reachable = tenant.store.check_bucket(&bucket).await;
        (bucket, reachable)
    });
    let mut probed: Vec<_> = stream::iter(probes)
        .buffer_unordered(PROBES_AT_ONCE)
        .collect()
        .await;
    probed.sort_by(|a, b| a.0.cmp(&b.0));
    let mut buckets = Vec::new();
    for (bucket, reachable) in probed {
        match reachable {
            Ok(()) => buckets.push((bucket, None)),
            Err(StoreError::AccessDenied(_) | StoreError::NoSuchBucket(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(KnownBuckets {
        buckets: buckets.into(),
        limited: true,
        as_of,
    })
}
