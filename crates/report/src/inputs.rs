//! Which files are read.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::failed::FileProblem;

/// Where log lines come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, or a directory with everything below it.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

/// One file that is to be read.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) source: Source,
    /// As far as it is known before reading.
    pub(crate) bytes: u64,
    /// Its bytes stand where they are, so that several workers can read it.
    pub(crate) seekable: bool,
}

impl Input {
    /// The name it has in the report.
    pub(crate) fn name(&self) -> String {
        match &self.source {
            Source::Path(path) => path.display().to_string(),
            Source::Stdin => "-".to_owned(),
        }
    }

    /// Its bytes from the beginning.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match &self.source {
            Source::Path(path) => Box::new(File::open(path)?),
            Source::Stdin => Box::new(io::stdin().lock()),
        })
    }

    /// Its bytes from `start` on.
    pub(crate) fn open_at(&self, start: u64) -> io::Result<File> {
        let Source::Path(path) = &self.source else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(start))?;
        Ok(file)
    }
}

/// The files to be read, and those that can't be.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    pub(crate) files: Vec<Input>,
    pub(crate) failed: Vec<(String, FileProblem)>,
    /// There were more than the limit.
    pub(crate) cut: bool,
}

/// Finds the files, those of a directory in the order of their names.
pub(crate) fn find(sources: &[Source], most: usize) -> Inputs {
    let mut found = Inputs::default();
    for source in sources {
        match source {
            Source::Stdin => found.push(
                Input {
                    source: Source::Stdin,
                    bytes: 0,
                    seekable: false,
                },
                most,
            ),
            Source::Path(path) => match fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() => below(path, most, &mut found),
                Ok(metadata) => found.push(of_file(path.clone(), &metadata), most),
                Err(error) => found.fail(path, &error),
            },
        }
    }
    found
}

impl Inputs {
    fn push(&mut self, input: Input, most: usize) {
        if self.files.len() < most {
            self.files.push(input);
        } else {
            self.cut = true;
        }
    }

    fn fail(&mut self, path: &Path, error: &io::Error) {
        self.failed
            .push((path.display().to_string(), FileProblem::unreadable(error)));
    }
}

fn of_file(path: PathBuf, metadata: &Metadata) -> Input {
    Input {
        source: Source::Path(path),
        bytes: if metadata.is_file() { metadata.len() } else { 0 },
        seekable: metadata.is_file(),
    }
}

/// Everything below a directory. Links to directories are not followed, so that no circle is walked.
fn below(top: &Path, most: usize, found: &mut Inputs) {
    let mut open = vec![top.to_owned()];
    while let Some(directory) = open.pop() {
        let mut entries: Vec<PathBuf> = match fs::read_dir(&directory) {
            Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
            Err(error) => {
                found.fail(&directory, &error);
                continue;
            }
        };
        entries.sort_unstable();
        let mut directories = Vec::new();
        for path in entries {
            let link = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink());
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() && !link => directories.push(path),
                Ok(metadata) if metadata.is_file() => found.push(of_file(path, &metadata), most),
                // Pipes, sockets and devices in a directory hold no logs.
                Ok(_) => {}
                Err(error) => found.fail(&path, &error),
            }
        }
        open.extend(directories.into_iter().rev());
    }
}
