//! One run of a scan: it finds out where the last one stopped, and goes on to the end.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use spacewatch_delta::{Disk, Faults, Lock, clear_unfinished};
use spacewatch_s3::{Probe, Progress, Store, StoreError};
use tokio_util::sync::CancellationToken;

use super::state::{DropRule, ScanState, Source};
use super::{Inner, ScanPhase, keep, list, uploads};
use crate::{InventoryError, kept};

/// How a run ended, if nothing failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Finished,
    Stopped,
}

/// What a run works with.
pub(super) struct Run<'a> {
    pub(super) inner: &'a Inner,
    pub(super) store: Store,
    pub(super) cancel: &'a CancellationToken,
    /// Counts what this run does.
    pub(super) progress: Progress,
    /// Where it writes what it found.
    pub(super) directory: PathBuf,
    pub(super) state: ScanState,
    /// As it was when this run began.
    before: (u64, u64),
    began: Duration,
    expected: Option<u64>,
}

pub(super) async fn run(
    inner: &Inner,
    store: Store,
    cancel: &CancellationToken,
) -> Result<End, InventoryError> {
    let scope = &inner.scope;
    let disk = Disk::open(scope.directory.clone(), Faults::default())?;
    let _lock = Lock::take(&scope.directory, Duration::ZERO, inner.clock.as_ref()).await?;
    clear_unfinished(&scope.directory)?;
    let directory = scope.directory.join("scan");
    let mut state = match left_behind(inner, &directory)? {
        Some(state) => state,
        None => begin(inner, &store, &directory).await?,
    };
    state.runs = state.runs.saturating_add(1);
    let newest = kept::newest(&scope.directory)?;
    let mut run = Run {
        inner,
        store,
        cancel,
        progress: Progress::default(),
        directory,
        before: (state.requests, state.entries),
        state,
        began: inner.clock.elapsed(),
        expected: newest.map(|note| note.summary.totals.entries()),
    };
    run.show(ScanPhase::Listing);
    list::entries(&mut run).await?;
    if !run.goes_on() {
        return Ok(End::Stopped);
    }
    run.show(ScanPhase::Uploads);
    uploads::uploads(&mut run).await?;
    if !run.goes_on() {
        return Ok(End::Stopped);
    }
    run.show(ScanPhase::Writing);
    keep::keep(&run, &disk).await
}

/// What a run before left behind, if it is young enough to be gone on with.
fn left_behind(inner: &Inner, directory: &Path) -> Result<Option<ScanState>, InventoryError> {
    let state = ScanState::load(directory)?;
    let oldest = inner.clock.now().checked_sub(inner.config.longest);
    let newest = kept::newest(&inner.scope.directory)?;
    // A process may have died after it kept the inventory, and before it cleared up.
    let is_kept = |state: &ScanState| {
        newest
            .as_ref()
            .is_some_and(|note| note.started_at == state.started_at)
    };
    let young = |state: &ScanState| oldest.as_ref().is_ok_and(|oldest| state.started_at > *oldest);
    Ok(state.filter(|state| young(state) && !is_kept(state)))
}

/// A new scan: what was left of older ones goes, and the bucket is asked how it is set up.
async fn begin(inner: &Inner, store: &Store, directory: &Path) -> Result<ScanState, InventoryError> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(InventoryError::disk("clear", directory, error));
        }
        _ => {}
    }
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|error| InventoryError::disk("create", directory, error))?;
    let scope = &inner.scope;
    let mut state = ScanState::begin(scope.bucket.clone(), scope.prefix.clone(), inner.clock.now());
    state.source = match store.versioning(&scope.bucket).await {
        Ok(Probe::Configured(_)) => Source::Versions,
        Ok(Probe::NotConfigured | Probe::NotSupported | Probe::UnexpectedAnswer(_)) => Source::Objects,
        // It may keep versions: looking at them tells whether these keys may.
        Ok(Probe::NotAllowed) => Source::Versions,
        Err(error) => return Err(error.into()),
    };
    state.drop_rules = match store.lifecycle(&scope.bucket).await {
        Ok(Probe::Configured(rules)) => Some(
            rules
                .into_iter()
                .filter(|rule| rule.enabled)
                .filter_map(|rule| {
                    let days = rule.drops_uploads_after_days?;
                    Some(DropRule {
                        prefix: rule.prefix,
                        days,
                    })
                })
                .collect(),
        ),
        Ok(Probe::NotConfigured) => Some(Vec::new()),
        Ok(Probe::NotAllowed | Probe::NotSupported | Probe::UnexpectedAnswer(_)) => None,
        Err(error) => return Err(error.into()),
    };
    state.requests = 2;
    state.save(directory)?;
    Ok(state)
}

impl Run<'_> {
    /// Whether nobody stopped it, and its time isn't up.
    pub(super) fn goes_on(&self) -> bool {
        let lasted = self.inner.clock.elapsed().saturating_sub(self.began);
        !self.cancel.is_cancelled() && lasted < self.inner.config.longest
    }

    /// Keeps what is known now.
    pub(super) fn save(&mut self) -> Result<(), InventoryError> {
        self.state.requests = self.before.0.saturating_add(self.progress.requests());
        self.state.save(&self.directory)
    }

    /// Tells how far it is.
    pub(super) fn show(&self, phase: ScanPhase) {
        let (requests, entries) = self.before;
        let seen = self.progress.objects();
        let seconds = self
            .inner
            .clock
            .elapsed()
            .saturating_sub(self.began)
            .as_secs_f64();
        let rate = if seconds > 0.0 {
            as_f64(seen) / seconds
        } else {
            0.0
        };
        let entries_now = entries.saturating_add(seen);
        let left = self
            .expected
            .map(|expected| as_f64(expected.saturating_sub(entries_now)) / rate);
        self.inner.update(|status| {
            status.phase = phase;
            status.started_at = Some(self.state.started_at);
            status.resumed_entries = entries;
            status.entries = entries_now;
            status.bytes = status.bytes.max(self.state.bytes);
            status.requests = requests.saturating_add(self.progress.requests());
            status.throttled = self.progress.throttled();
            status.expected_entries = self.expected;
            status.entries_per_second = rate;
            status.seconds_left = left.filter(|left| left.is_finite() && phase == ScanPhase::Listing);
        });
    }
}

/// Whether these keys, or this store, have no such thing: the inventory is taken without it, and says so.
pub(super) fn is_not_for_us(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::AccessDenied(_) | StoreError::NotSupported(_) | StoreError::BadAnswer(_)
    )
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to fifteen digits, which is enough for a rate"
)]
fn as_f64(number: u64) -> f64 {
    number as f64
}
