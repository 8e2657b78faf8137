//! How much room all lakes take together.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use spacewatch_delta::{DeltaError, Lock};
use spacewatch_model::{Clock, Timestamp};

use crate::LakeError;

/// A lake that was asked within this time is in use: its files may be read just now.
const IN_USE: Duration = Duration::from_secs(600);

/// Whose time of change says when a lake was asked last.
const USED: &str = "used";

/// Under such a name a lake stands that is being removed.
const LEAVING: &str = ".leaving-";

/// Closes a lake of this process, unless it is in use.
type Close = Box<dyn Fn(&Path) -> bool + Send + Sync>;

/// Keeps the lakes below one directory within a number of bytes.
pub(crate) struct Quota {
    directory: PathBuf,
    max_bytes: u64,
    clock: Arc<dyn Clock>,
    close: Close,
}

/// A lake on disk.
#[derive(Debug)]
struct Found {
    directory: PathBuf,
    bytes: u64,
    used: Timestamp,
}

impl Quota {
    /// For all lakes below `directory`. `close` closes the one in a directory where this process has it open, and says no when it is
    /// in use.
    pub(crate) fn new(
        directory: PathBuf,
        max_bytes: u64,
        clock: Arc<dyn Clock>,
        close: impl Fn(&Path) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            directory,
            max_bytes,
            clock,
            close: Box::new(close),
        }
    }

    /// Removes the lakes that were asked longest ago until the others fit. Says how many bytes the lake in this directory may take.
    pub(crate) fn make_room(&self, asking: &Path) -> Result<u64, LakeError> {
        let failed = |error: &io::Error| disk("look through", &self.directory, error);
        let mut lakes = survey(&self.directory).map_err(|error| failed(&error))?;
        lakes.sort_by_key(|lake| lake.used);
        let mut total: u64 = lakes.iter().map(|lake| lake.bytes).sum();
        let now = self.clock.now();
        let mut gone = HashSet::new();
        for lake in &lakes {
            let in_use = now.duration_since(lake.used).unsigned_abs() < IN_USE;
            if total <= self.max_bytes || in_use || lake.directory == asking {
                continue;
            }
            if (self.close)(&lake.directory) && self.evict(&lake.directory)? {
                tracing::info!(
                    bytes = lake.bytes,
                    lake = %lake.directory.display(),
                    "removed a lake that was not asked for long, to make room; it is rebuilt when it is asked again"
                );
                total = total.saturating_sub(lake.bytes);
                gone.insert(lake.directory.as_path());
            }
        }
        let left = lakes
            .iter()
            .filter(|lake| !gone.contains(lake.directory.as_path()));
        let others: Vec<u64> = left
            .filter(|lake| lake.directory != asking)
            .map(|lake| lake.bytes)
            .collect();
        // Who takes more than its share leaves the rest to the others.
        let share = u64::try_from(others.len()).unwrap_or(u64::MAX).saturating_add(1);
        let rest = self.max_bytes.saturating_sub(others.iter().sum());
        Ok(rest.max(self.max_bytes / share))
    }

    /// Removes a lake, unless somebody writes it.
    fn evict(&self, directory: &Path) -> Result<bool, LakeError> {
        let _lock = match Lock::try_take(directory) {
            Ok(lock) => lock,
            Err(DeltaError::Locked { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let leaving = self
            .directory
            .join(format!("{LEAVING}{:032x}", rand::random::<u128>()));
        let removed = fs::rename(directory, &leaving).and_then(|()| fs::remove_dir_all(&leaving));
        removed.map_err(|error| disk("remove", directory, &error))?;
        Ok(true)
    }
}

impl std::fmt::Debug for Quota {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quota")
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

/// Notes down that a lake is asked now. Where that fails it only looks older than it is.
pub(crate) fn touch(lake: &Path) {
    let noted = File::create(lake.join(USED)).and_then(|mut file| file.write_all(b"\n"));
    if let Err(error) = noted {
        tracing::debug!(%error, "can't note down when a lake was asked");
    }
}

/// Removes what is left of lakes whose removal broke off.
pub(crate) fn clear_leaving(directory: &Path) -> io::Result<()> {
    for entry in entries(directory)? {
        if entry.file_name().to_string_lossy().starts_with(LEAVING) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn disk(doing: &'static str, path: &Path, error: &io::Error) -> LakeError {
    LakeError::Disk {
        doing,
        path: path.display().to_string(),
        cause: error.to_string(),
    }
}

/// Folders below a directory; none where it isn't there. Links are none.
fn entries(directory: &Path) -> io::Result<Vec<fs::DirEntry>> {
    let found = match fs::read_dir(directory) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut folders = Vec::new();
    for entry in found {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry);
        }
    }
    Ok(folders)
}

/// All lakes: a folder for each tenant, and in it one for each log.
fn survey(directory: &Path) -> io::Result<Vec<Found>> {
    let mut lakes = Vec::new();
    for tenant in entries(directory)? {
        if tenant.file_name().to_string_lossy().starts_with(LEAVING) {
            continue;
        }
        for lake in entries(&tenant.path())? {
            let path = lake.path();
            let used = fs::metadata(path.join(USED)).or_else(|_| lake.metadata())?;
            lakes.push(Found {
                bytes: bytes_in(&path)?,
                used: Timestamp::try_from(used.modified()?).unwrap_or(Timestamp::UNIX_EPOCH),
                directory: path,
            });
        }
    }
    Ok(lakes)
}

/// What a folder takes. What is removed meanwhile takes nothing.
fn bytes_in(directory: &Path) -> io::Result<u64> {
    let mut bytes = 0_u64;
    let found = match fs::read_dir(directory) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    for entry in found {
        let entry = entry?;
        bytes = bytes.saturating_add(match entry.metadata() {
            Ok(what) if what.is_dir() => bytes_in(&entry.path())?,
            Ok(what) => what.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use spacewatch_model::ManualClock;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn now() -> Timestamp {
        "2026-02-07T12:00:00Z".parse().expect("a time")
    }

    /// A lake of so many bytes that was asked so long ago.
    fn lake(lakes: &Path, name: &str, bytes: usize, ago: Duration) -> PathBuf {
        let directory = lakes.join("tenant").join(name);
        fs::create_dir_all(directory.join("requests")).expect("a folder");
        fs::write(directory.join("requests/part-0.parquet"), vec![0; bytes]).expect("a file");
        touch(&directory);
        let used = File::options()
            .write(true)
            .open(directory.join(USED))
            .expect("a file");
        used.set_modified(SystemTime::from(now() - ago)).expect("a time");
        directory
    }

    fn quota(lakes: &Path, max_bytes: u64, close: impl Fn(&Path) -> bool + Send + Sync + 'static) -> Quota {
        Quota::new(
            lakes.to_owned(),
            max_bytes,
            Arc::new(ManualClock::starting_at(now())),
            close,
        )
    }

    fn left(lakes: &Path) -> Vec<String> {
        let found = entries(&lakes.join("tenant")).expect("a folder");
        let mut names: Vec<_> = found
            .iter()
            .map(|lake| lake.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn who_was_asked_longest_ago_makes_room() {
        let directory = tempfile::tempdir().expect("a directory");
        let lakes = directory.path();
        let asking = lake(lakes, "asking", 1000, HOUR * 9);
        lake(lakes, "new", 1000, HOUR);
        lake(lakes, "old", 1000, HOUR * 3);
        lake(lakes, "older", 1000, HOUR * 4);
        assert_eq!(
            quota(lakes, 5000, |_| true).make_room(&asking).expect("room"),
            5000 - 3003
        );
        assert_eq!(left(lakes), ["asking", "new", "old", "older"]);
        assert_eq!(
            quota(lakes, 2500, |_| true).make_room(&asking).expect("room"),
            1499
        );
        assert_eq!(left(lakes), ["asking", "new"]);
        assert!(
            entries(lakes).expect("a folder").len() == 1,
            "nothing is left of them"
        );
        assert_eq!(quota(lakes, 10, |_| true).make_room(&asking).expect("room"), 10);
        assert_eq!(left(lakes), ["asking"]);
    }

    #[test]
    fn who_is_in_use_stays_and_shares() {
        let directory = tempfile::tempdir().expect("a directory");
        let lakes = directory.path();
        let asking = lake(lakes, "asking", 1000, HOUR);
        lake(lakes, "asked", 1000, Duration::from_secs(5));
        lake(lakes, "open", 1000, HOUR);
        let written = lake(lakes, "written", 1000, HOUR);
        lake(lakes, "idle", 1000, HOUR);
        let _writer = Lock::try_take(&written).expect("a lock");
        let close = |directory: &Path| !directory.ends_with("open");
        assert_eq!(quota(lakes, 800, close).make_room(&asking).expect("room"), 200);
        assert_eq!(left(lakes), ["asked", "asking", "open", "written"]);
    }

    #[test]
    fn a_removal_that_broke_off_is_finished() {
        let directory = tempfile::tempdir().expect("a directory");
        let half = directory.path().join(".leaving-1/requests");
        fs::create_dir_all(&half).expect("a folder");
        clear_leaving(directory.path()).expect("cleared");
        assert!(!half.exists());
        clear_leaving(&directory.path().join("nowhere")).expect("nothing to do");
    }
}
