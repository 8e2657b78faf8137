//! Where snapshots are written to and read from.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use spacewatch_model::{BucketName, Clock, ObjectKey};
use spacewatch_s3::{Fingerprint, PutMode, Store, StoreError};

use crate::body::packed;
use crate::cache::Cache;
use crate::place::run_name;
use crate::roll_up::lines;
use crate::{Place, SnapshotError, SnapshotRecord};

/// Places whose last tidying is remembered.
const MAX_PLACES: usize = 1024;

/// How snapshots are kept.
#[derive(Debug, Clone)]
pub struct SnapshotsConfig {
    /// Pack what is written.
    pub gzip: bool,
    /// Bytes of objects kept in memory.
    pub cache_bytes: usize,
    /// The shortest time between two looks for days that can be rolled up.
    pub tidy_every: Duration,
}

impl Default for SnapshotsConfig {
    fn default() -> Self {
        Self {
            gzip: true,
            cache_bytes: 64 << 20,
            tidy_every: Duration::from_secs(3600),
        }
    }
}

/// Writes and reads snapshots. Clones share what was read already.
#[derive(Clone)]
pub struct Snapshots {
    config: Arc<SnapshotsConfig>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) cache: Arc<Cache>,
    tidied: Arc<Mutex<HashMap<(Fingerprint, Place), Duration>>>,
}

impl Snapshots {
    /// Calls nothing yet.
    pub fn new(config: SnapshotsConfig, clock: Arc<dyn Clock>) -> Self {
        Self {
            cache: Arc::new(Cache::new(config.cache_bytes)),
            config: Arc::new(config),
            clock,
            tidied: Arc::default(),
        }
    }

    /// Writes what one run found, as one object of its own: whole, or not at all. Tells its key.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub async fn write(
        &self,
        store: &Store,
        place: &Place,
        taken: Timestamp,
        records: &[SnapshotRecord],
    ) -> Result<ObjectKey, SnapshotError> {
        let mut body = lines(records)?;
        if self.config.gzip {
            body = packed(&body).map_err(|error| SnapshotError::Internal(error.to_string()))?;
        }
        let name = run_name(taken, self.config.gzip);
        write_once(store, place, &name, body.into()).await
    }

    /// Whether it is time to look for days that can be rolled up; once true it is so only after a while again.
    pub(crate) fn is_time_to_tidy(&self, store: &Store, place: &Place) -> bool {
        let now = self.clock.elapsed();
        let mut tidied = self.tidied.lock().unwrap_or_else(PoisonError::into_inner);
        tidied.retain(|_, at| now.saturating_sub(*at) < self.config.tidy_every);
        let key = (store.fingerprint(), place.clone());
        if tidied.contains_key(&key) || tidied.len() >= MAX_PLACES {
            return false;
        }
        tidied.insert(key, now);
        true
    }
}

/// Writes an object below a place, under a name that nobody else uses: whole, or not at all. Tells its key.
///
/// # Errors
///
/// What the store says.
pub async fn write_once(
    store: &Store,
    place: &Place,
    name: &str,
    body: Bytes,
) -> Result<ObjectKey, SnapshotError> {
    let key: ObjectKey = format!("{}{name}", place.prefix())
        .parse()
        .map_err(|error: spacewatch_model::InvalidName| SnapshotError::Internal(error.to_string()))?;
    match store
        .put_object(&place.bucket, &key, body.clone(), PutMode::Create)
        .await
    {
        Ok(_) => {}
        // It is there because an answer was lost and the call repeated: nobody else has this name.
        Err(error @ StoreError::Precondition(_)) => {
            if !holds(store, &place.bucket, &key, &body).await? {
                return Err(error.into());
            }
        }
        // The name alone has to do.
        Err(StoreError::NotSupported(_)) => {
            store
                .put_object(&place.bucket, &key, body, PutMode::Overwrite)
                .await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(key)
}

/// Whether an object holds exactly these bytes.
pub(crate) async fn holds(
    store: &Store,
    bucket: &BucketName,
    key: &ObjectKey,
    bytes: &Bytes,
) -> Result<bool, StoreError> {
    let found = store
        .get_object(bucket, key, None, bytes.len().saturating_add(1))
        .await?;
    Ok(found.bytes == bytes)
}

impl fmt::Debug for Snapshots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshots")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
