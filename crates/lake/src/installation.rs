//! The secret of an installation, which names the directories of its tenants.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::LakeError;

const FILE: &str = "installation.key";

/// The secret of the installation in this data directory: 32 random bytes, made at the first need and readable by its owner alone.
///
/// Tenants' fingerprints are made with it, so that a restart finds their lakes and nobody who sees the directory can tell whose they are.
///
/// # Errors
///
/// When the directory can't be used, or when others than the owner can read the secret.
pub fn installation_key(data_directory: &Path) -> Result<[u8; 32], LakeError> {
    let path = data_directory.join(FILE);
    let absent = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    if read(&path).is_err_and(|error| absent(&error)) {
        create(data_directory, &path).map_err(|error| failed("create", &path, &error))?;
    }
    read(&path).map_err(|error| failed("read", &path, &error))
}

fn read(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mode = file.metadata()?.mode() & 0o777;
    if mode & 0o077 != 0 {
        let why = format!("its mode is {mode:03o}, so others can read it; make it 600");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    let mut key = [0; 32];
    file.read_exact(&mut key)?;
    Ok(key)
}

/// Writes it under another name first: who reads finds a whole one or none, and of two who make one at a time the first wins.
fn create(data_directory: &Path, path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data_directory)?;
    let key: [u8; 32] = rand::random();
    let draft = data_directory.join(format!("{FILE}.{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    let written = file.write_all(&key).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    fs::remove_file(&draft)?;
    linked
}

fn failed(doing: &'static str, path: &Path, error: &io::Error) -> LakeError {
    LakeError::Disk {
        doing,
        path: path.display().to_string(),
        cause: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_restart_finds_the_same_key_and_others_find_none() {
        let directory = tempfile::tempdir().expect("a directory");
        let data = directory.path().join("data");
        let key = installation_key(&data).expect("a new key");
        assert_eq!(installation_key(&data).expect("the same key"), key);
        let names: Vec<_> = fs::read_dir(&data).expect("a directory").flatten().collect();
        assert_eq!(names.len(), 1, "{names:?}");
        let path = data.join(FILE);
        assert_eq!(path.metadata().expect("a file").mode() & 0o777, 0o600);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("other rights");
        let refused = installation_key(&data).expect_err("readable by others");
        assert!(refused.to_string().contains("others can read it"), "{refused}");
        let other = installation_key(&directory.path().join("other")).expect("a key of its own");
        assert_ne!(other, key);
    }

    #[test]
    fn a_key_cut_short_is_no_key() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join(FILE);
        fs::write(&path, b"short").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("rights");
        assert!(installation_key(directory.path()).is_err());
    }
}
