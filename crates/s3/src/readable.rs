//! Whether somebody's keys read what lies under a prefix.

use spacewatch_model::{BucketName, Prefix};

use crate::lease::Scope;
use crate::{ObjectSummary, Progress, Store, StoreError};

/// Keys looked at to find one that can be read without more ado.
const CANDIDATES: usize = 100;

impl Store {
    /// Makes sure that these credentials list and read what lies under `prefix`: by a fresh lease, else by asking for one
    /// page of keys and for one object of it. Where there is no object, listing is all that can be asked.
    pub async fn ensure_readable(&self, bucket: &BucketName, prefix: &Prefix) -> Result<(), StoreError> {
        if self.lease().is_readable(bucket, prefix) {
            return Ok(());
        }
        let sent = self.0.leases.now();
        let page = self.list_page(bucket, prefix, None, CANDIDATES).await?;
        let best = page.objects.iter().min_by_key(|object| trouble_with(object));
        if let Some(object) = best {
            let progress = Progress::default();
            match self.open_object(bucket, &object.key, None, &progress).await {
                Ok(mut stream) => {
                    // An answer's first part is enough; a stream that is dropped brings no more.
                    stream.next().await?;
                }
                // Deleted meanwhile, or archived: the store looked at the keys before it said so.
                Err(StoreError::NoSuchKey(_) | StoreError::NotSupported(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.0
            .leases
            .accept(Scope::Objects(bucket.clone(), prefix.clone()), sent);
        Ok(())
    }
}

/// How ill an object suits to be read: archived ones can't be, empty ones say little, small ones are quick.
fn trouble_with(object: &ObjectSummary) -> (bool, bool, u64) {
    let archived = matches!(object.storage_class.as_deref(), Some("GLACIER" | "DEEP_ARCHIVE"));
    (archived, object.size.0 == 0, object.size.0)
}
