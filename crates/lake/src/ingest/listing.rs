//! Which log objects are new.

use futures::StreamExt;
use spacewatch_model::Timestamp;
use spacewatch_s3::{Order, Progress, Store, StoreError};

use super::pending::PendingObject;
use crate::LogSource;
use crate::tables::{KnownObjects, LogObjectId};

/// What a listing found.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Not read yet.
    pub(super) new: Vec<PendingObject>,
    /// Everything in the bucket.
    pub(super) objects: u64,
    /// Too old to be kept, so not read.
    pub(super) too_old: u64,
}

/// Lists the log and keeps what is not known. Objects whose records are all older than `oldest` are passed over.
pub(super) async fn list(
    store: &Store,
    source: &LogSource,
    known: &KnownObjects,
    oldest: Option<Timestamp>,
    progress: &Progress,
) -> Result<Listed, StoreError> {
    let mut listed = Listed::default();
    let (bucket, prefix) = (source.bucket.clone(), source.prefix.clone());
    let mut pages = std::pin::pin!(store.list_all(bucket, prefix, Order::Any, progress.clone()));
    while let Some(page) = pages.next().await {
        for object in page? {
            listed.objects = listed.objects.saturating_add(1);
            let id = LogObjectId {
                key: object.key.as_str(),
                etag: object.etag.as_deref(),
                size: object.size.0,
            };
            if known.contains(id) {
                continue;
            }
            let object = PendingObject::new(&object);
            if oldest.is_some_and(|oldest| object.is_before(oldest)) {
                listed.too_old = listed.too_old.saturating_add(1);
            } else {
                listed.new.push(object);
            }
        }
    }
    Ok(listed)
}
