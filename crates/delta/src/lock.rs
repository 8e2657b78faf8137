//! One writer at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use spacewatch_model::Clock;

use crate::DeltaError;

/// How often a lock that another process holds is tried.
const STEP: Duration = Duration::from_millis(100);

/// The lock of a directory; given back when dropped, and by the system when the process ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Lock {
    /// Takes the lock, waiting for it as long as `patience` goes.
    pub async fn take(directory: &Path, patience: Duration, clock: &dyn Clock) -> Result<Self, DeltaError> {
        let until = clock.elapsed().saturating_add(patience);
        loop {
            match Self::try_take(directory) {
                Err(DeltaError::Locked { .. }) if clock.elapsed() < until => tokio::time::sleep(STEP).await,
                taken => return taken,
            }
        }
    }

    /// Takes the lock when nobody has it.
    pub fn try_take(directory: &Path) -> Result<Self, DeltaError> {
        let path = directory.join("lock");
        let failed = |error: std::io::Error| DeltaError::disk("lock", path.display(), error);
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) if is_at(&file, &path).map_err(failed)? => {}
            // Or the directory was taken away while this waited for it: what is there now has another lock.
            Ok(()) | Err(TryLockError::WouldBlock) => {
                return Err(DeltaError::Locked {
                    directory: directory.display().to_string(),
                    holder: holder(&mut file),
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Only said to people: a full disk must not keep anybody from it.
        let _ = file
            .set_len(0)
            .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
        Ok(Self(file))
    }
}

/// Whether this file still has this name.
fn is_at(file: &File, path: &Path) -> std::io::Result<bool> {
    let open = file.metadata()?;
    match std::fs::symlink_metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn holder(file: &mut File) -> String {
    let mut said = String::new();
    let read = file
        .rewind()
        .and_then(|()| file.take(20).read_to_string(&mut said));
    match (read, said.trim().parse::<u32>()) {
        (Ok(_), Ok(process)) => format!(" (process {process})"),
        _ => String::new(),
    }
}
