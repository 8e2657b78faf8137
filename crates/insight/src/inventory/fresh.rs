//! Tools that list answer from an inventory as well, where the caller says how old it may be.

use serde::Serialize;
use spacewatch_inventory::{KeptInventory, RankedObject};
use spacewatch_model::{BucketName, Prefix};
use utoipa::ToSchema;

use super::age;
use crate::{Limit, ObjectRow, Tenant};

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerSource {
    /// The bucket was listed for it.
    Listing,
    /// An inventory that was taken before; `as_of` says when.
    Inventory,
}

/// An inventory that is fresh enough for a caller who says how old it may be. Without that, and where there is none, the bucket is
/// listed: an inventory that can't be read is no reason to give no answer, and where the store refuses, the listing says best why.
pub(crate) async fn fresh(
    tenant: &Tenant,
    bucket: &BucketName,
    prefix: &Prefix,
    max_age: Option<Limit>,
) -> Option<KeptInventory> {
    let max_age = age(max_age)?;
    let inventory = tenant.inventories.open(&tenant.store, bucket);
    inventory.kept(prefix, Some(max_age)).await.ok().flatten()
}

/// An object as a listing would show it; none where its key is none, which an inventory never holds.
pub(crate) fn object_row(object: RankedObject) -> Option<ObjectRow> {
    Some(ObjectRow {
        key: object.key.try_into().ok()?,
        size_human: object.size_bytes.to_string(),
        size_bytes: object.size_bytes,
        last_modified: object.last_modified,
        etag: object.etag,
        storage_class: object.storage_class,
    })
}
