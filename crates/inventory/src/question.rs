//! What an inventory answers, from its files: each question reads the columns it needs, of the keys it is about, in bounded memory.

pub(crate) mod diff;
pub(crate) mod duplicates;
pub(crate) mod export;
pub(crate) mod folders;
pub(crate) mod odd_names;
pub(crate) mod uploads;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use spacewatch_model::Prefix;
use tokio::sync::Semaphore;

use crate::InventoryError;
use crate::entry::Row;
use crate::files::each_row;

/// Whether anybody still waits for an answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waiting(Arc<AtomicBool>);

impl Waiting {
    pub(crate) fn is_over(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// The rows that a question is about.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) paths: Vec<PathBuf>,
    /// The sums by folder.
    pub(crate) folders: Option<PathBuf>,
    pub(crate) prefix: Prefix,
    pub(crate) waiting: Waiting,
}

impl Source {
    /// The sums by folder, where the question is about whole folders.
    pub(crate) fn whole_folders(&self) -> Option<&PathBuf> {
        let prefix = self.prefix.as_str();
        self.folders
            .as_ref()
            .filter(|_| prefix.is_empty() || prefix.ends_with('/'))
    }

    /// Shows the rows in the order of their keys.
    pub(crate) fn each(&self, wanted: &[&str], mut see: impl FnMut(&Row<'_>)) -> Result<(), InventoryError> {
        self.each_until(wanted, |row| {
            see(row);
            ControlFlow::Continue(())
        })
    }

    /// The same until enough was seen.
    pub(crate) fn each_until(
        &self,
        wanted: &[&str],
        see: impl FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), InventoryError> {
        each_row(
            &self.paths,
            wanted,
            self.prefix.as_str(),
            &|| self.waiting.is_over(),
            see,
        )
    }
}

/// Threads that work on questions, of all inventories together.
#[derive(Debug, Clone)]
pub(crate) struct Desk(Arc<Semaphore>);

impl Desk {
    pub(crate) fn new() -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self(Arc::new(Semaphore::new(threads)))
    }

    /// Works on a question in a thread of its own; the work ends soon after nobody waits for it any more.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        source: Source,
        work: impl FnOnce(&Source) -> Result<T, InventoryError> + Send + 'static,
    ) -> Result<T, InventoryError> {
        let _place = self.0.acquire().await.map_err(InventoryError::internal)?;
        let _leaving = Leaving(source.waiting.clone());
        let worked = tokio::task::spawn_blocking(move || work(&source)).await;
        worked.map_err(InventoryError::internal)?
    }
}

/// Tells the work that nobody waits any more.
struct Leaving(Waiting);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.0.store(true, Relaxed);
    }
}
