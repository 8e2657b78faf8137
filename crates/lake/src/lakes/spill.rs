//! Where questions write what doesn't fit into memory.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use spacewatch_delta::Lock;

use crate::LakeError;

/// A folder of this process, in which nobody else writes.
pub(super) struct Spill {
    directory: PathBuf,
    _lock: Lock,
}

/// Folders made before giving up, where other processes that start at the same moment clear them away.
const TRIES: usize = 16;

impl Spill {
    /// A new folder below `all`. What processes left there that are gone is removed.
    pub(super) fn new(all: &Path) -> Result<Self, LakeError> {
        clear(all).map_err(|error| failed(all, &error))?;
        // Between its making and its locking a folder looks as if it had been left.
        let mut made = Self::make(all);
        for _ in 1..TRIES {
            if made.is_ok() {
                break;
            }
            made = Self::make(all);
        }
        made
    }

    fn make(all: &Path) -> Result<Self, LakeError> {
        let directory = all.join(format!("{:032x}", rand::random::<u128>()));
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)
            .map_err(|error| failed(all, &error))?;
        let lock = Lock::try_take(&directory)?;
        Ok(Self {
            directory,
            _lock: lock,
        })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}

fn failed(all: &Path, error: &io::Error) -> LakeError {
    LakeError::Disk {
        doing: "clear",
        path: all.display().to_string(),
        cause: error.to_string(),
    }
}

fn clear(all: &Path) -> io::Result<()> {
    let folders = match fs::read_dir(all) {
        Ok(folders) => folders,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for folder in folders {
        let folder = folder?.path();
        // Somebody uses it, or removes it at this moment, or will at the next start.
        if let Ok(_lock) = Lock::try_take(&folder) {
            let _ = fs::remove_dir_all(&folder);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_that_start_at_once_each_have_a_folder() {
        let directory = tempfile::tempdir().expect("a directory");
        let all = directory.path().join("spill");
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|threads| {
            let started: Vec<_> = (0..8)
                .map(|_| {
                    threads.spawn(|| {
                        start.wait();
                        for _ in 0..50 {
                            let spill = Spill::new(&all).expect("a folder");
                            assert!(spill.directory().join("lock").exists());
                        }
                    })
                })
                .collect();
            for thread in started {
                thread.join().expect("a folder each time");
            }
        });
    }

    #[test]
    fn what_a_process_left_is_removed_and_what_one_uses_stays() {
        let directory = tempfile::tempdir().expect("a directory");
        let all = directory.path().join("spill");
        let left = all.join("datafusion-1");
        fs::create_dir_all(&left).expect("a folder");
        fs::write(left.join("rows"), "left").expect("a file");
        let first = Spill::new(&all).expect("a folder");
        assert!(!left.exists());
        let second = Spill::new(&all).expect("a folder");
        assert!(first.directory().exists() && second.directory().exists());
        let gone = first.directory().to_owned();
        drop(first);
        let third = Spill::new(&all).expect("a folder");
        assert!(!gone.exists() && second.directory().exists() && third.directory().exists());
    }
}
