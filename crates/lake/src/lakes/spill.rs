//! Where questions write what doesn't fit into memory.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use spacewatch_delta::{DeltaError, Lock};

use crate::LakeError;

/// A folder of this process, in which nobody else writes.
pub(super) struct Spill {
    directory: PathBuf,
    _lock: Lock,
}

impl Spill {
    /// A new folder below `all`. What processes left there that are gone is removed.
    pub(super) fn new(all: &Path) -> Result<Self, LakeError> {
        let failed = |error: &io::Error| LakeError::Disk {
            doing: "clear",
            path: all.display().to_string(),
            cause: error.to_string(),
        };
        clear(all).map_err(|error| failed(&error))?;
        let directory = all.join(format!("{:032x}", rand::random::<u128>()));
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)
            .map_err(|error| failed(&error))?;
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

fn clear(all: &Path) -> io::Result<()> {
    let folders = match fs::read_dir(all) {
        Ok(folders) => folders,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for folder in folders {
        let folder = folder?;
        if !folder.file_type()?.is_dir() {
            continue;
        }
        match Lock::try_take(&folder.path()) {
            Ok(_lock) => fs::remove_dir_all(folder.path())?,
            Err(DeltaError::Locked { .. }) => {}
            Err(error) => return Err(io::Error::other(error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
