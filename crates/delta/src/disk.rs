//! A directory as an object store: nothing outside of it, nothing half written, nothing lost when the machine stops.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, TryFutureExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use crate::{DeltaError, FaultPoint, Faults};

const NAME: &str = "disk";

/// A directory, as an object store.
#[derive(Clone)]
pub struct Disk {
    root: PathBuf,
    files: Arc<LocalFileSystem>,
    faults: Faults,
}

impl Disk {
    /// Makes the directory, for the owner alone, when it isn't there.
    pub fn open(root: PathBuf, faults: Faults) -> std::result::Result<Arc<dyn ObjectStore>, DeltaError> {
        let refuse = |doing, cause: String| DeltaError::disk(doing, root.display(), cause);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&root)
            .map_err(|error| refuse("create", error.to_string()))?;
        let files =
            LocalFileSystem::new_with_prefix(&root).map_err(|error| refuse("open", error.to_string()))?;
        Ok(Arc::new(Self {
            files: Arc::new(files),
            root,
            faults,
        }))
    }

    /// Where an object lies. A link on the way could lead out of the directory, so there may be none.
    fn inside(&self, location: &Path) -> Result<PathBuf> {
        let mut path = self.root.clone();
        for part in location.parts() {
            path.push(part.as_ref());
            match fs::symlink_metadata(&path) {
                Ok(found) if found.is_symlink() => {
                    return Err(denied(location, "a link, and none may be there"));
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(generic(error)),
            }
        }
        Ok(path)
    }
}

fn denied(location: &Path, why: &str) -> Error {
    Error::PermissionDenied {
        path: location.to_string(),
        source: why.into(),
    }
}

fn generic(error: io::Error) -> Error {
    Error::Generic {
        store: NAME,
        source: Box::new(error),
    }
}

/// Writes a whole file under a name of its own, and gives it its name when all of it is on the disk.
fn write(path: &std::path::Path, payload: &PutPayload, mode: &PutMode, faults: &Faults) -> io::Result<()> {
    faults.at(FaultPoint::FileUnwritten)?;
    let directory = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let (mut file, staged) = stage(path)?;
    let written = payload
        .iter()
        .try_for_each(|part| file.write_all(part))
        .and_then(|()| file.sync_all())
        .and_then(|()| faults.at(FaultPoint::FileUnnamed))
        .and_then(|()| match mode {
            PutMode::Create => fs::hard_link(&staged, path).and_then(|()| fs::remove_file(&staged)),
            _ => fs::rename(&staged, path),
        });
    if written.is_err() {
        // What is left of it only takes room; the next writer clears it away.
        let _ = fs::remove_file(&staged);
    }
    written?;
    File::open(directory)?.sync_all()
}

/// A file beside `path` under a name that listings don't show.
fn stage(path: &std::path::Path) -> io::Result<(File, PathBuf)> {
    let mut number = 0_u32;
    loop {
        number = number.saturating_add(1);
        let mut name = path.as_os_str().to_owned();
        name.push(format!("#{number}"));
        let staged = PathBuf::from(name);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&staged)
        {
            Ok(file) => return Ok((file, staged)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {}
            Err(error) => return Err(error),
        }
    }
}

/// Removes what a process that was killed had not given its name yet. Only who holds the [`Lock`](crate::Lock) may.
pub fn clear_unfinished(directory: &std::path::Path) -> std::result::Result<(), DeltaError> {
    clear(directory).map_err(|error| DeltaError::disk("clear", directory.display(), error))
}

fn clear(directory: &std::path::Path) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            clear(&entry.path())?;
        } else if kind.is_file() && entry.file_name().to_string_lossy().contains('#') {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[async_trait]
impl ObjectStore for Disk {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        if matches!(options.mode, PutMode::Update(_)) {
            return Err(Error::NotImplemented {
                operation: "replacing a known version".to_owned(),
                implementer: NAME.to_owned(),
            });
        }
        let path = self.inside(location)?;
        let (mode, faults) = (options.mode, self.faults.clone());
        let write = move || write(&path, &payload, &mode, &faults);
        let written = tokio::task::spawn_blocking(write).await?;
        written.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Error::AlreadyExists {
                path: location.to_string(),
                source: Box::new(error),
            },
            _ => generic(error),
        })?;
        Ok(PutResult {
            e_tag: None,
            version: None,
        })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inside(location)?;
        self.files.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inside(location)?;
        self.files.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let disk = self.clone();
        let checked = locations.and_then(move |location| {
            let inside = disk.inside(&location).map(|_| location);
            async move { inside }
        });
        self.files.delete_stream(checked.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match prefix.map(|prefix| self.inside(prefix)) {
            Some(Err(error)) => futures::stream::once(async { Err(error) }).boxed(),
            _ => in_order(self.files.list(prefix)),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        prefix.map(|prefix| self.inside(prefix)).transpose()?;
        self.files.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inside(from)?;
        self.inside(to)?;
        self.files.copy_opts(from, to, options).await
    }
}

/// Objects by name, as object stores list them and readers of a Delta log expect them. Folders tell their files in any order.
fn in_order(listed: BoxStream<'static, Result<ObjectMeta>>) -> BoxStream<'static, Result<ObjectMeta>> {
    let sorted = listed.try_collect::<Vec<_>>().map_ok(|mut found| {
        found.sort_unstable_by(|a, b| a.location.cmp(&b.location));
        futures::stream::iter(found.into_iter().map(Ok))
    });
    sorted.try_flatten_stream().boxed()
}

impl fmt::Display for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NAME} {}", self.root.display())
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
