//! What is done to the tables after a run of ingest, so that they stay small and quick.
//!
//! Small files of one bucket and one day become one; what is older than it is kept is dropped; files that nobody can want any more are
//! removed. All of it is a matter of moments or of nothing, because only what is due is done: it ends when it is told to, and no
//! question waits for it. Questions that go on read the files that they began with, which stay for a while.

mod plan;
mod quota;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use spacewatch_model::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::LakeError;
use crate::tables::{DataFile, LakeSnapshot, Table, Writer};
use plan::plan;

pub(crate) use quota::{Quota, clear_leaving, touch};

/// A file that no table names any more stays for so long: no question goes on for longer.
const GRACE: Duration = Duration::from_secs(600);

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// How the tables are kept.
#[derive(Debug, Clone)]
pub(crate) struct MaintenanceConfig {
    /// How long records are kept.
    pub(crate) retention: Option<Duration>,
    /// So many small files of a day that goes on become one.
    pub(crate) small_files: usize,
    /// Files don't grow beyond so many rows,
    pub(crate) largest_rows: u64,
    /// nor beyond so many bytes.
    pub(crate) largest_bytes: u64,
    /// Nothing is begun any more after this time; the next run goes on.
    pub(crate) longest: Duration,
    /// How long files stay that no table names.
    pub(crate) grace: Duration,
}

impl Default for MaintenanceConfig {
    fn default() -> Self {
        Self {
            retention: None,
            small_files: 8,
            largest_rows: 1_000_000,
            largest_bytes: 64 << 20,
            longest: Duration::from_secs(120),
            grace: GRACE,
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Maintained {
    /// Small files that are one with others now.
    pub(crate) merged: usize,
    /// The files that they became.
    pub(crate) made: usize,
    /// Files that were too old.
    pub(crate) dropped: usize,
    /// Files that were removed from the disk.
    pub(crate) removed: usize,
}

/// Does what is due, as long as it may.
pub(crate) async fn maintain(
    writer: &mut Writer,
    config: &MaintenanceConfig,
    cancel: &CancellationToken,
) -> Result<Maintained, LakeError> {
    let now = writer.tables().clock().now();
    let ends_at = writer.tables().clock().elapsed().saturating_add(config.longest);
    let mut done = Maintained::default();
    if let Some(oldest) = oldest_kept(now, config.retention) {
        done.dropped = drop_before(writer, oldest).await?;
    }
    let snapshot = writer.settled().await?;
    for job in plan(&snapshot, config, now) {
        if cancel.is_cancelled() || writer.tables().clock().elapsed() >= ends_at {
            break;
        }
        if writer.merge(job.table, &job.files, cancel).await? {
            done.merged = done.merged.saturating_add(job.files.len());
            done.made = done.made.saturating_add(1);
        }
    }
    if cancel.is_cancelled() {
        return Ok(done);
    }
    writer.checkpoint_when_due().await?;
    if let Ok(before) = now.checked_sub(config.grace) {
        done.removed = writer.vacuum(before).await?.files;
    }
    Ok(done)
}

/// The moment before which nothing is kept.
pub(crate) fn oldest_kept(now: Timestamp, retention: Option<Duration>) -> Option<Timestamp> {
    let oldest = now.checked_sub(retention?).ok()?;
    // Whole days are kept.
    let day = oldest.as_microsecond().div_euclid(DAY);
    Timestamp::from_microsecond(day.saturating_mul(DAY)).ok()
}

/// Drops the files all of whose days ended before this moment. Log objects stay, so that none is read again.
async fn drop_before(writer: &mut Writer, oldest: Timestamp) -> Result<usize, LakeError> {
    let snapshot = writer.settled().await?;
    let mut dropped = 0_usize;
    for table in [Table::Requests, Table::Cdn, Table::Rejects] {
        let files = snapshot.table(table).files.iter();
        let old =
            files.filter(|file| day_of(file).is_some_and(|(_, last)| ends(last) <= oldest.as_microsecond()));
        let old: Vec<Arc<DataFile>> = old.cloned().collect();
        if !old.is_empty() {
            writer.drop_files(table, &old).await?;
            dropped = dropped.saturating_add(old.len());
        }
    }
    Ok(dropped)
}

/// The first and the last day of a file, as numbers since the epoch.
fn day_of(file: &DataFile) -> Option<(i64, i64)> {
    let (first, last) = file.times?;
    Some((first.div_euclid(DAY), last.div_euclid(DAY)))
}

/// When a day ends, in microseconds.
fn ends(day: i64) -> i64 {
    day.saturating_add(1).saturating_mul(DAY)
}

/// After a batch, in a run that may be long: drops the oldest days when the lake takes much more than so many bytes. Whether it did.
pub(crate) async fn stay_within(
    writer: &mut Writer,
    bytes: u64,
    config: &MaintenanceConfig,
) -> Result<bool, LakeError> {
    let files = writer.settled().await?;
    if named_bytes(&files) <= bytes.saturating_add(bytes / 4) || trim(writer, bytes).await? == 0 {
        return Ok(false);
    }
    if let Ok(before) = writer.tables().clock().now().checked_sub(config.grace) {
        writer.vacuum(before).await?;
    }
    Ok(true)
}

/// What the files of all tables take.
fn named_bytes(snapshot: &LakeSnapshot) -> u64 {
    let files = Table::ALL
        .iter()
        .flat_map(|table| snapshot.table(*table).files.iter());
    files.map(|file| file.bytes).sum()
}

/// Drops the oldest days until the files take no more than so many bytes, and notes down since when records are kept. The newest day
/// stays. How many files were dropped.
pub(crate) async fn trim(writer: &mut Writer, bytes: u64) -> Result<usize, LakeError> {
    let snapshot = writer.settled().await?;
    let mut left = named_bytes(&snapshot);
    if left <= bytes {
        return Ok(0);
    }
    // Some more, so that the next few records don't make it begin again.
    let wanted = bytes.saturating_sub(bytes / 10);
    let mut days: BTreeMap<i64, Vec<(Table, Arc<DataFile>)>> = BTreeMap::new();
    for table in [Table::Requests, Table::Cdn, Table::Rejects] {
        for file in snapshot.table(table).files.iter() {
            if let Some((_, last)) = day_of(file) {
                days.entry(last).or_default().push((table, Arc::clone(file)));
            }
        }
    }
    days.pop_last();
    let mut dropped: Vec<(Table, Arc<DataFile>)> = Vec::new();
    let mut kept_from = None;
    for (day, files) in days {
        if left <= wanted {
            break;
        }
        left = left.saturating_sub(files.iter().map(|(_, file)| file.bytes).sum());
        kept_from = Timestamp::from_microsecond(ends(day)).ok();
        dropped.extend(files);
    }
    let Some(kept_from) = kept_from else { return Ok(0) };
    // First, so that no answer lacks records without saying so.
    writer.tables().keep_from(kept_from).await?;
    for table in [Table::Requests, Table::Cdn, Table::Rejects] {
        let files = dropped.iter().filter(|(of, _)| *of == table);
        let files: Vec<Arc<DataFile>> = files.map(|(_, file)| Arc::clone(file)).collect();
        if !files.is_empty() {
            writer.drop_files(table, &files).await?;
        }
    }
    Ok(dropped.len())
}
