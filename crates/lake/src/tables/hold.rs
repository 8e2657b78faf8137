//! What keeps other writers away.

use std::time::Duration;

use spacewatch_delta::{Lease, LeaseTimes, Lock, clear_unfinished};

use super::LakeTables;
use crate::LakeError;

/// A writer in a bucket does without asking for so long that nobody else writes.
const TRUSTED: Duration = Duration::from_secs(30);

/// The right to write.
#[derive(Debug)]
pub(super) enum Hold {
    /// Of a directory: the system keeps it as long as the process lives.
    Directory(#[expect(dead_code, reason = "held, not read")] Lock),
    /// Of a bucket: it ends when it isn't prolonged.
    Bucket(Lease),
}

impl Hold {
    /// Waits for it as long as `patience` goes.
    pub(super) async fn take(tables: &LakeTables, patience: Duration) -> Result<Self, LakeError> {
        let Some(directory) = tables.directory() else {
            let (store, clock) = (tables.store(), tables.shared_clock());
            let lease = Lease::take(store, clock, LeaseTimes::default(), patience).await?;
            return Ok(Self::Bucket(lease));
        };
        let lock = Lock::take(directory, patience, tables.clock()).await?;
        clear_unfinished(directory)?;
        Ok(Self::Directory(lock))
    }

    /// Whether a writer may wake that was here before.
    pub(super) fn is_taken_over(&self) -> bool {
        match self {
            Self::Directory(_) => false,
            Self::Bucket(lease) => lease.is_taken_over(),
        }
    }

    /// Sees to it that it doesn't end in the middle of the next step.
    pub(super) async fn keep(&mut self, tables: &LakeTables) -> Result<(), LakeError> {
        match self {
            Self::Directory(_) => tables.set_writing(Duration::MAX),
            Self::Bucket(lease) => {
                let kept = lease.keep().await;
                tables.set_writing(if kept.is_ok() { TRUSTED } else { Duration::ZERO });
                kept?;
            }
        }
        Ok(())
    }

    /// Makes sure that nobody else took it.
    pub(super) async fn confirm(&self) -> Result<(), LakeError> {
        match self {
            Self::Directory(_) => Ok(()),
            Self::Bucket(lease) => Ok(lease.confirm().await?),
        }
    }

    /// The lease, in a bucket.
    pub(super) fn lease(&self) -> Option<&Lease> {
        match self {
            Self::Directory(_) => None,
            Self::Bucket(lease) => Some(lease),
        }
    }

    /// Says that there is nothing more to write.
    pub(super) async fn give_back(&mut self) -> Result<(), LakeError> {
        match self {
            Self::Directory(_) => Ok(()),
            Self::Bucket(lease) => Ok(lease.give_back().await?),
        }
    }
}
