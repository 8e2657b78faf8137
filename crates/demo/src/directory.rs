//! Files as objects of a bucket: read when they are asked for, never written.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use bytes::Bytes;

use crate::content::{Content, Made};
use crate::dice::mix;
use crate::store::seed_of;
use crate::world::Etag;

/// A file found, as the object it is served as.
pub(crate) struct FileObject {
    pub(crate) key: String,
    pub(crate) content: Content,
    pub(crate) etag: Etag,
    pub(crate) modified: i64,
}

/// All files in the directory and below; links are not followed.
pub(crate) fn files(directory: &Path) -> io::Result<Vec<FileObject>> {
    let mut found = Vec::new();
    let mut open = vec![(directory.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a file's name is no UTF-8, so it is no key",
                )
            })?;
            let (key, kind) = (format!("{prefix}{name}"), entry.file_type()?);
            if kind.is_dir() {
                open.push((entry.path(), format!("{key}/")));
            } else if kind.is_file() {
                found.push(object(entry.path(), key)?);
            }
        }
    }
    Ok(found)
}

fn object(path: PathBuf, key: String) -> io::Result<FileObject> {
    let facts = fs::metadata(&path)?;
    let changed = facts.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let modified = time_in(&key).unwrap_or_else(|| i64::try_from(changed.as_secs()).unwrap_or(0));
    let seed = mix(seed_of("", &key) ^ changed.as_secs() ^ u64::from(changed.subsec_nanos()));
    Ok(FileObject {
        etag: Etag::scattered(seed, facts.len()),
        content: Content::made(Arc::new(OneFile(path)), facts.len()),
        modified,
        key,
    })
}

/// The time of delivery in the name of a log object, `…YYYY-MM-DD-HH-MM-SS-UNIQUE`.
fn time_in(key: &str) -> Option<i64> {
    const FORM: &str = "%Y-%m-%d-%H-%M-%S";
    const LENGTH: usize = "2026-01-31-12-34-56".len();
    let name = key.rsplit('/').next()?;
    let starts = 0..=name.len().checked_sub(LENGTH)?;
    starts.into_iter().find_map(|start| {
        let text = name.get(start..start + LENGTH)?;
        // A dash in front is no minus.
        let text = text
            .starts_with(|first: char| first.is_ascii_digit())
            .then_some(text)?;
        let time = jiff::civil::DateTime::strptime(FORM, text).ok()?;
        let time = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(time.timestamp().as_second())
    })
}

struct OneFile(PathBuf);

impl Made for OneFile {
    fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        let mut file = File::open(&self.0)?;
        file.seek(SeekFrom::Start(range.start))?;
        let length = range.end - range.start;
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != length {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file got shorter",
            ));
        }
        Ok(Bytes::from(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_names() {
        let check = |key: &str, expected: Option<&str>| {
            let expected: Option<spacewatch_model::Timestamp> = expected.map(|text| text.parse().unwrap());
            assert_eq!(time_in(key), expected.map(|time| time.as_second()), "{key}");
        };
        let time = Some("2026-01-31T12:34:56Z");
        check("2026-01-31-12-34-56-0123456789ABCDEF", time);
        check("logs/2026/01/31/2026-01-31-12-34-56-01", time);
        check("b/access-2026-01-31-12-34-56.log.gz", time);
        check("logs/2026-13-31-12-34-56-01", None);
        check("cdn/E2.2026-01-31-12.0a", None);
        check("é", None);
    }
}
