//! What a key could have read.

use jiff::Timestamp;
use serde::Serialize;
use spacewatch_lake::{Dimension, Measure, RecordFilter, StatusFilter, TopAsk, TopRow};
use spacewatch_model::{BucketName, ByteSize, Prefix};
use utoipa::ToSchema;

use super::Suspect;
use crate::{Tenant, ToolError};

/// A bucket that let the key in at least once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reach {
    /// The bucket.
    pub bucket: String,
    /// Requests that were answered with 200 to 299, before the leak as well.
    pub answered: u64,
    /// The first of them.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// The last of them.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// Objects that it holds, by the last inventory taken of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects: Option<u64>,
    /// Their bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<ByteSize>,
    /// When that inventory was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub as_of: Option<Timestamp>,
    /// Why it is not known how much it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

/// The buckets that let the key in.
pub(super) struct WithinReach {
    pub(super) rows: Vec<Reach>,
    pub(super) all: u64,
}

impl Suspect<'_> {
    /// Where it was ever let in, and what is known to be there.
    pub(super) async fn reach(&self, tenant: &Tenant) -> Result<WithinReach, ToolError> {
        let ask = TopAsk {
            filter: RecordFilter {
                requests_only: true,
                statuses: vec![StatusFilter { from: 200, to: 299 }],
                ..self.filter.clone()
            },
            dimension: Dimension::Bucket,
            by: Measure::Requests,
            limit: self.limit,
        };
        let top = self.lake.top(&ask).await?;
        let mut rows = Vec::with_capacity(top.rows.len());
        for row in top.rows {
            rows.push(reach(tenant, row).await);
        }
        Ok(WithinReach {
            rows,
            all: top.distinct,
        })
    }
}

/// What the last inventory of a bucket says. One that can't be read is no reason to give no answer.
async fn reach(tenant: &Tenant, row: TopRow) -> Reach {
    let held = held(tenant, &row.value).await;
    let known = held.as_ref().ok();
    Reach {
        objects: known.map(|held| held.objects),
        bytes: known.map(|held| held.bytes),
        as_of: known.map(|held| held.as_of),
        bucket: row.value,
        answered: row.requests,
        first_seen: row.first_seen,
        last_seen: row.last_seen,
        unknown: held.err(),
    }
}

/// What an inventory says.
struct Held {
    objects: u64,
    bytes: ByteSize,
    as_of: Timestamp,
}

async fn held(tenant: &Tenant, bucket: &str) -> Result<Held, String> {
    let bucket: BucketName = bucket.parse().map_err(|_| "its name is no bucket's".to_owned())?;
    let inventory = tenant.inventories.open(&tenant.store, &bucket);
    let kept = inventory
        .kept(&Prefix::default(), None)
        .await
        .map_err(|error| error.to_string())?;
    let kept =
        kept.ok_or_else(|| "no inventory of it was taken; `/tools/inventory/run` takes one".to_owned())?;
    let summary = kept.summary(0).await.map_err(|error| error.to_string())?;
    Ok(Held {
        objects: summary.totals.objects,
        bytes: summary.totals.bytes,
        as_of: kept.basis().as_of,
    })
}
