//! What the requests of one store share.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use spacewatch_model::Clock;

use crate::civil::seconds;
use crate::content::Budget;
use crate::history::HistoryCell;
use crate::log_delivery::Logs;
use crate::world::World;

/// Limits of what the store keeps in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest body of one PUT or part, in bytes; more is 400 EntityTooLarge.
    pub body_bytes: u64,
    /// All uploaded bytes together; more is 503 ServiceUnavailable.
    pub kept_bytes: u64,
    /// Multipart uploads that go on in one bucket; more is 503 ServiceUnavailable.
    pub open_uploads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024 * 1024,
            kept_bytes: 512 * 1024 * 1024,
            open_uploads: 1_000,
        }
    }
}

/// The region the store says it is in.
pub(crate) const REGION: &str = "nyc3";

#[derive(Debug)]
pub(crate) struct Shared {
    world: RwLock<World>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) budget: Budget,
    pub(crate) limits: Limits,
    pub(crate) region: String,
    pub(crate) logs: Logs,
    pub(crate) history: HistoryCell,
}

impl Shared {
    pub(crate) fn new(world: World, clock: Arc<dyn Clock>, budget: Budget, limits: Limits) -> Self {
        Self {
            world: RwLock::new(world),
            clock,
            budget,
            limits,
            region: REGION.to_owned(),
            logs: Logs::default(),
            history: HistoryCell::default(),
        }
    }

    pub(crate) fn with_history(mut self, history: HistoryCell) -> Self {
        self.history = history;
        self
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> i64 {
        seconds(self.clock.as_ref())
    }
}
