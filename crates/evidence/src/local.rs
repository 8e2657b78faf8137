//! Log objects as files below a directory: a copy of the log bucket, or of its prefix.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use crate::{Bundle, Examined, Examiner, ObjectLines, ObjectNote, Verdict};

/// Read at a time.
const CHUNK: usize = 256 * 1024;

/// Looks at the file of one log object of a bundle. Its key is its path below the directory, with the log's prefix or without.
pub fn check(bundle: &Bundle, directory: &Path, note: &ObjectNote, lines: &ObjectLines) -> Verdict {
    let prefix = bundle.manifest().store.log_prefix.as_str();
    let behind = note.key.strip_prefix(prefix).filter(|_| !prefix.is_empty());
    let Some(whole) = path_below(&note.key) else {
        return Verdict::Unreadable("its key can't be the path of a file".to_owned());
    };
    let short = behind.and_then(path_below);
    for path in [Some(whole), short].into_iter().flatten() {
        match examine(&directory.join(path), lines) {
            Ok(examined) => return examined.verdict(note, None),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Verdict::Unreadable(error.to_string()),
        }
    }
    Verdict::Missing
}

/// A key as a path that leads nowhere but further down: a bundle may come from anybody.
fn path_below(key: &str) -> Option<PathBuf> {
    let path = Path::new(key);
    let plain = |part| matches!(part, Component::Normal(_));
    let same = path.components().collect::<PathBuf>().as_os_str() == path.as_os_str();
    (!key.is_empty() && same && path.components().all(plain)).then(|| path.to_owned())
}

fn examine(path: &Path, lines: &ObjectLines) -> io::Result<Examined> {
    let mut file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut examiner = Examiner::new(lines);
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok(examiner.finish());
        }
        examiner.feed(chunk.get(..read).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_further_down_only() {
        for key in ["a", "a/b.gz", "a b/ü", "-", "...", "a..b"] {
            assert_eq!(path_below(key), Some(PathBuf::from(key)), "{key}");
        }
        for key in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../a",
            "a/../../b",
            "a/..",
            ".",
            "./a",
            "a//b",
            "a/",
            "a/./b",
        ] {
            assert_eq!(path_below(key), None, "{key}");
        }
    }
}
