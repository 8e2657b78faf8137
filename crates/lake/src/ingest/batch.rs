//! A batch while it is being filled: rows of several log objects that are committed together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use spacewatch_access_log::LineHashKey;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::parse::{Builders, WeighedRows};
use super::pending::Taken;
use super::sink::BatchSink;
use crate::LakeError;
use crate::tables::{LogObject, RejectedLine};

/// The budget is counted in pieces of this size.
const PIECE: usize = 64 * 1024;

/// What those share who fill a batch.
pub(super) struct Filling {
    pub(super) number: u64,
    key: LineHashKey,
    /// Columns nobody fills just now: as many as there were threads at once.
    idle: Mutex<Vec<Builders>>,
    ready: Mutex<Ready>,
    budget: Arc<Semaphore>,
    pieces: usize,
    changed: Arc<Notify>,
}

/// Rows that wait to be written, and the room they take.
#[derive(Default)]
pub(super) struct Ready {
    pub(super) rows: Vec<WeighedRows>,
    pub(super) bytes: usize,
    pub(super) room: Vec<OwnedSemaphorePermit>,
}

impl Filling {
    pub(super) fn new(number: u64, key: LineHashKey, bytes: usize, changed: Arc<Notify>) -> Self {
        let pieces = bytes.div_ceil(PIECE).max(1);
        Self {
            number,
            key,
            idle: Mutex::default(),
            ready: Mutex::default(),
            budget: Arc::new(Semaphore::new(pieces)),
            pieces,
            changed,
        }
    }

    pub(super) fn builders(&self) -> Builders {
        let idle = lock(&self.idle).pop();
        idle.unwrap_or_else(|| Builders::new(self.key.clone()))
    }

    pub(super) fn give_back(&self, builders: Builders) {
        lock(&self.idle).push(builders);
    }

    /// Hands rows on. Waits while too many wait to be written already.
    pub(super) async fn deliver(&self, rows: Vec<WeighedRows>) {
        for rows in rows {
            let pieces = rows.bytes.div_ceil(PIECE).min(self.pieces / 4);
            let pieces = u32::try_from(pieces).unwrap_or(u32::MAX);
            // The semaphore is never closed.
            let room = self.budget.clone().acquire_many_owned(pieces).await.ok();
            let mut ready = lock(&self.ready);
            ready.bytes = ready.bytes.saturating_add(rows.bytes);
            ready.rows.push(rows);
            ready.room.extend(room);
            drop(ready);
            self.changed.notify_one();
        }
    }

    /// Whether so many rows wait that they are better written now.
    fn is_half_full(&self) -> bool {
        lock(&self.ready).bytes >= self.pieces.saturating_mul(PIECE) / 2
    }

    fn take_ready(&self) -> Ready {
        std::mem::take(&mut lock(&self.ready))
    }

    fn take_all(&self) -> Result<Ready, LakeError> {
        let mut ready = self.take_ready();
        for builders in lock(&self.idle).drain(..) {
            ready.rows.extend(builders.finish().map_err(LakeError::Internal)?);
        }
        Ok(ready)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A batch as the run sees it.
pub(super) struct Batch {
    pub(super) filling: Arc<Filling>,
    /// Objects that are being read for it.
    pub(super) outstanding: usize,
    /// It takes no further objects.
    pub(super) closed: bool,
    /// A part of an object is in it that never got whole, so none of it may stay.
    pub(super) doomed: bool,
    /// What it will have, by what was read and what objects promise.
    pub(super) expected_bytes: u64,
    pub(super) lines: u64,
    /// Objects that were read.
    pub(super) members: Vec<Member>,
    pub(super) sink: Option<Box<dyn BatchSink>>,
    pub(super) duplicates: HashMap<String, u64>,
}

/// An object that was read for a batch.
pub(super) struct Member {
    pub(super) taken: Taken,
    pub(super) object: LogObject,
    pub(super) rejects: Vec<RejectedLine>,
}

/// What is to be written next of a batch.
pub(super) struct Portion {
    pub(super) number: u64,
    pub(super) ready: Ready,
    pub(super) sink: Option<Box<dyn BatchSink>>,
    /// Set when this is the rest of it.
    pub(super) last: Option<Last>,
}

/// What is committed along with the rows.
pub(super) struct Last {
    pub(super) objects: Vec<LogObject>,
    pub(super) rejects: Vec<RejectedLine>,
    /// Met while earlier parts were written.
    pub(super) duplicates: HashMap<String, u64>,
}

impl Batch {
    pub(super) fn new(filling: Filling) -> Self {
        Self {
            filling: Arc::new(filling),
            outstanding: 0,
            closed: false,
            doomed: false,
            expected_bytes: 0,
            lines: 0,
            members: Vec::new(),
            sink: None,
            duplicates: HashMap::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.outstanding == 0 && self.members.is_empty()
    }

    pub(super) fn is_whole(&self) -> bool {
        self.closed && self.outstanding == 0
    }

    /// What of it is to be written now, if anything.
    pub(super) fn portion(&mut self) -> Result<Option<Portion>, LakeError> {
        let number = self.filling.number;
        if self.doomed {
            // Nobody writes it, but those who still fill it must not wait for room.
            drop(self.filling.take_ready());
            return Ok(None);
        }
        if self.is_whole() {
            let ready = self.filling.take_all()?;
            let (objects, rejects): (Vec<_>, Vec<_>) = self
                .members
                .iter_mut()
                .map(|member| (member.object.clone(), std::mem::take(&mut member.rejects)))
                .unzip();
            let rejects = rejects.into_iter().flatten().collect();
            let duplicates = std::mem::take(&mut self.duplicates);
            return Ok(Some(Portion {
                number,
                ready,
                sink: self.sink.take(),
                last: Some(Last {
                    objects,
                    rejects,
                    duplicates,
                }),
            }));
        }
        Ok(self.filling.is_half_full().then(|| Portion {
            number,
            ready: self.filling.take_ready(),
            sink: self.sink.take(),
            last: None,
        }))
    }
}
