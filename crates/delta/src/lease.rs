//! One writer at a time in a bucket, where nothing can be locked: who made the newest lease may write until it ends.
//!
//! Leases are write-once objects, `lease/1.json`, `lease/2.json` and so on, made with nothing but `If-None-Match: *`, so that of two
//! who want the next number one gets it. A lease is prolonged by making the next one, and given back by making one that ended.
//!
//! A lease keeps writers out of each other's way. It can't keep a writer that was stopped in the middle of a request, and wakes when
//! another writes, from sending it. So whoever takes a lease that wasn't given back ([`Lease::is_taken_over`]) must first make what
//! the writer before him may still want to make: see `docs/adr` on lakes in buckets.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use serde::{Deserialize, Serialize};
use spacewatch_model::{Clock, Timestamp};

use crate::DeltaError;

/// Where leases lie.
const FOLDER: &str = "lease";

/// How often a lease that another has is looked at.
const STEP: Duration = Duration::from_millis(500);

/// The longest text that is a lease.
const MAX_BYTES: u64 = 4096;

/// How long a lease lasts.
#[derive(Debug, Clone, Copy)]
pub struct LeaseTimes {
    /// It ends so long after it was made or prolonged.
    pub length: Duration,
    /// Others wait so much longer: their clocks may differ.
    pub margin: Duration,
}

impl Default for LeaseTimes {
    fn default() -> Self {
        Self {
            length: Duration::from_secs(60),
            margin: Duration::from_secs(15),
        }
    }
}

/// The right to write below a prefix of a bucket, for a while.
pub struct Lease {
    store: Arc<dyn ObjectStore>,
    clock: Arc<dyn Clock>,
    times: LeaseTimes,
    holder: String,
    number: u64,
    until: Timestamp,
    taken_over: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeaseFile {
    /// A random name, made anew each time a lease is taken.
    holder: String,
    until: Timestamp,
    /// Given back by someone who has nothing more to write.
    returned: bool,
}

impl Lease {
    /// Takes the lease, waiting for it as long as `patience` goes. A store that lets two make the same object is
    /// [`DeltaError::Unguarded`].
    pub async fn take(
        store: &Arc<dyn ObjectStore>,
        clock: &Arc<dyn Clock>,
        times: LeaseTimes,
        patience: Duration,
    ) -> Result<Self, DeltaError> {
        let until = clock.elapsed().saturating_add(patience);
        loop {
            match Self::try_take(store, clock, times).await {
                Err(DeltaError::Locked { .. }) if clock.elapsed() < until => tokio::time::sleep(STEP).await,
                taken => return taken,
            }
        }
    }

    async fn try_take(
        store: &Arc<dyn ObjectStore>,
        clock: &Arc<dyn Clock>,
        times: LeaseTimes,
    ) -> Result<Self, DeltaError> {
        let newest = newest(store.as_ref()).await?;
        let found = match newest {
            // Gone meanwhile: somebody made a newer one.
            Some(number) => match read(store.as_ref(), number).await? {
                Some(found) => Some(found),
                None => return Err(locked(store, None)),
            },
            None => None,
        };
        if let Some(found) = &found
            && found.holds(clock.now(), times)
        {
            return Err(locked(store, Some(found.until)));
        }
        let mut lease = Self {
            store: Arc::clone(store),
            clock: Arc::clone(clock),
            times,
            holder: format!("{:032x}", rand::random::<u128>()),
            number: newest.unwrap_or(0),
            until: Timestamp::UNIX_EPOCH,
            taken_over: found.is_none_or(|found| !found.returned),
        };
        lease.next(false).await?;
        lease.probe().await?;
        Ok(lease)
    }

    /// Whether the writer before gave no sign that it is done: it may be stopped, and wake.
    pub fn is_taken_over(&self) -> bool {
        self.taken_over
    }

    /// Prolongs the lease where that is due; [`DeltaError::Locked`] when another has it by now. To be called now and then while
    /// writing; asks the store now and then only.
    pub async fn keep(&mut self) -> Result<(), DeltaError> {
        let due = self.times.length / 2;
        let left = self.until.duration_since(self.clock.now());
        if Duration::try_from(left).is_ok_and(|left| left > due) {
            return Ok(());
        }
        self.next(false).await
    }

    /// Asks the store whether nobody else took the lease; [`DeltaError::Locked`] otherwise.
    pub async fn confirm(&self) -> Result<(), DeltaError> {
        match newest(self.store.as_ref()).await? {
            Some(newest) if newest == self.number => Ok(()),
            _ => Err(locked(&self.store, None)),
        }
    }

    /// Gives it back, so that nobody has to wait for its end. Only for who has nothing more to write, and no write whose outcome he
    /// doesn't know.
    pub async fn give_back(&mut self) -> Result<(), DeltaError> {
        self.next(true).await
    }

    /// Makes the lease with the next number, which is his who makes it as long as none is newer.
    async fn next(&mut self, returned: bool) -> Result<(), DeltaError> {
        let number = self.number.checked_add(1).ok_or_else(|| {
            let why = "its leases have no numbers left";
            untrusted(why)
        })?;
        let now = self.clock.now();
        let until = if returned {
            now
        } else {
            now.checked_add(self.times.length).map_err(DeltaError::internal)?
        };
        let file = LeaseFile {
            holder: self.holder.clone(),
            until,
            returned,
        };
        match self.create(number, &file).await {
            Ok(()) => {}
            // Or the answer was lost, and the call repeated: then it is this very one.
            Err(Error::AlreadyExists { .. }) if self.is_ours(number, &file).await? => {}
            Err(Error::AlreadyExists { .. }) => return Err(locked(&self.store, None)),
            Err(Error::NotSupported { .. } | Error::NotImplemented { .. }) => {
                return Err(unguarded(&self.store));
            }
            Err(error) => return Err(DeltaError::disk("write", path(number), error)),
        }
        // The number may have been free because all up to a newer one were removed.
        let listed = numbers(self.store.as_ref()).await?;
        if listed.iter().max() != Some(&number) {
            self.remove(number).await?;
            return Err(locked(&self.store, None));
        }
        (self.number, self.until) = (number, until);
        for old in listed.into_iter().filter(|old| *old < number) {
            self.remove(old).await?;
        }
        Ok(())
    }

    async fn create(&self, number: u64, file: &LeaseFile) -> Result<(), Error> {
        let text = serde_json::to_vec(file).map_err(|error| Error::Generic {
            store: FOLDER,
            source: Box::new(error),
        })?;
        let (path, options) = (path(number), PutOptions::from(PutMode::Create));
        let put = self.store.put_opts(&path, text.into(), options);
        put.await.map(drop)
    }

    async fn is_ours(&self, number: u64, file: &LeaseFile) -> Result<bool, DeltaError> {
        let found = read(self.store.as_ref(), number).await?;
        Ok(found.is_some_and(|found| found == *file))
    }

    /// Sees that the store refuses what is there already. One that doesn't would let two write at a time.
    async fn probe(&self) -> Result<(), DeltaError> {
        let file = LeaseFile {
            holder: self.holder.clone(),
            until: self.until,
            returned: false,
        };
        match self.create(self.number, &file).await {
            Err(Error::AlreadyExists { .. }) => Ok(()),
            Ok(()) | Err(Error::NotSupported { .. } | Error::NotImplemented { .. }) => {
                self.remove(self.number).await?;
                Err(unguarded(&self.store))
            }
            Err(error) => Err(DeltaError::disk("write", path(self.number), error)),
        }
    }

    async fn remove(&self, number: u64) -> Result<(), DeltaError> {
        match self.store.delete(&path(number)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(DeltaError::disk("remove", path(number), error)),
        }
    }
}

impl LeaseFile {
    /// Whether others must not write. One that ends later than any lease can is a forgery, or of a clock that is no guide.
    fn holds(&self, now: Timestamp, times: LeaseTimes) -> bool {
        let ended = self
            .until
            .checked_add(times.margin)
            .is_ok_and(|ended| now > ended);
        let longest = times.length.saturating_add(times.margin);
        let credible = now.checked_add(longest).is_ok_and(|latest| self.until <= latest);
        !self.returned && !ended && credible
    }
}

fn path(number: u64) -> Path {
    Path::from(FOLDER).join(format!("{number:020}.json"))
}

/// The number of the newest lease.
async fn newest(store: &dyn ObjectStore) -> Result<Option<u64>, DeltaError> {
    Ok(numbers(store).await?.into_iter().max())
}

/// The numbers of all leases; what is none is passed over.
async fn numbers(store: &dyn ObjectStore) -> Result<Vec<u64>, DeltaError> {
    let folder = Path::from(FOLDER);
    let listed = store.list(Some(&folder)).try_filter_map(|found| async move {
        let name = found
            .location
            .filename()
            .and_then(|name| name.strip_suffix(".json"));
        let number = name.and_then(|name| name.parse::<u64>().ok());
        Ok(number.filter(|number| path(*number) == found.location))
    });
    let numbers = listed.try_collect().await;
    numbers.map_err(|error| DeltaError::disk("list", &folder, error))
}

async fn read(store: &dyn ObjectStore, number: u64) -> Result<Option<LeaseFile>, DeltaError> {
    let failed = |error: Error| DeltaError::disk("read", path(number), error);
    let found = match store.get(&path(number)).await {
        Ok(found) => found,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if found.meta.size > MAX_BYTES {
        return Err(untrusted("a lease is too long"));
    }
    let text = found.bytes().await.map_err(failed)?;
    let lease = serde_json::from_slice(&text);
    lease.map(Some).map_err(|error| untrusted(&error.to_string()))
}

fn untrusted(why: &str) -> DeltaError {
    DeltaError::Untrusted {
        table: FOLDER,
        why: why.to_owned(),
    }
}

fn unguarded(store: &Arc<dyn ObjectStore>) -> DeltaError {
    DeltaError::Unguarded {
        place: store.to_string(),
    }
}

fn locked(store: &Arc<dyn ObjectStore>, until: Option<Timestamp>) -> DeltaError {
    DeltaError::Locked {
        directory: store.to_string(),
        holder: until.map_or_else(String::new, |until| format!(" (until {until:.0})")),
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("store", &self.store.to_string())
            .field("number", &self.number)
            .field("until", &self.until)
            .field("taken_over", &self.taken_over)
            .finish_non_exhaustive()
    }
}
