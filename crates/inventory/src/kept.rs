//! Inventories that are kept: their files, and a note about each.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use spacewatch_delta::is_plain_name;
use spacewatch_model::{BucketName, Prefix, Timestamp};
use utoipa::ToSchema;

use crate::scan::{DropRule, write_whole};
use crate::{InventoryError, Summary};

/// Changes when older programs can't read the notes any more.
const FORMAT: u32 = 1;

/// The table's name, and its folder.
pub(crate) const TABLE: &str = "objects";

/// How many inventories stay in any case.
const NEWEST: usize = 3;

/// Of older ones, the newest of a week stays, for so many weeks.
const WEEKS: usize = 8;

const WEEK_SECONDS: i64 = 7 * 86_400;

/// What was seen of older versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionsSeen {
    /// All of them.
    All,
    /// The bucket never kept any.
    NeverKept,
    /// These keys may not list them, or the store can't: only what keys hold now was seen.
    NotSeen,
}

/// A note about an inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    format: u32,
    pub(crate) bucket: BucketName,
    pub(crate) prefix: Prefix,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    pub(crate) runs: u32,
    pub(crate) requests: u64,
    pub(crate) versions: VersionsSeen,
    pub(crate) uploads_seen: bool,
    pub(crate) drop_rules: Option<Vec<DropRule>>,
    pub(crate) files: Vec<String>,
    pub(crate) file_bytes: u64,
    /// The file with sums by folder.
    pub(crate) folders: String,
    pub(crate) summary: Summary,
}

/// What a note is made of besides what the scan knows.
pub(crate) struct Written {
    pub(crate) files: Vec<String>,
    pub(crate) file_bytes: u64,
    pub(crate) summary: Summary,
}

impl Note {
    pub(crate) fn of(state: &crate::scan::ScanState, finished_at: Timestamp, written: Written) -> Self {
        use crate::scan::{Source, UploadsState};
        Self {
            format: FORMAT,
            bucket: state.bucket.clone(),
            prefix: state.prefix.clone(),
            started_at: state.started_at,
            finished_at,
            runs: state.runs,
            requests: state.requests,
            versions: match state.source {
                Source::Objects => VersionsSeen::NeverKept,
                Source::Versions => VersionsSeen::All,
                Source::ObjectsOnly => VersionsSeen::NotSeen,
            },
            uploads_seen: state.uploads == UploadsState::Done,
            drop_rules: state.drop_rules.clone(),
            folders: folders_name(state.started_at),
            files: written.files,
            file_bytes: written.file_bytes,
            summary: written.summary,
        }
    }

    fn name(&self) -> String {
        format!("inventory-{:020}.json", self.started_at.as_microsecond())
    }

    pub(crate) fn save(&self, directory: &Path) -> Result<(), InventoryError> {
        let text = serde_json::to_vec(self).map_err(InventoryError::internal)?;
        write_whole(&directory.join(self.name()), &text)
    }

    pub(crate) fn remove(&self, directory: &Path) -> Result<(), InventoryError> {
        for name in [self.name(), self.folders.clone()] {
            let path = directory.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(InventoryError::disk("remove", &path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Where its files lie.
    pub(crate) fn paths(&self, directory: &Path) -> Vec<PathBuf> {
        let folder = directory.join(TABLE);
        self.files.iter().map(|name| folder.join(name)).collect()
    }
}

/// What the sums by folder of a scan are called that began then. Another run of it writes the same again.
pub(crate) fn folders_name(started_at: Timestamp) -> String {
    format!("folders-{:020}.parquet", started_at.as_microsecond())
}

/// The notes in a directory, the newest first. What is no note of this program's is passed over.
pub(crate) fn notes(directory: &Path) -> Result<Vec<Note>, InventoryError> {
    let mut names = note_names(directory)?;
    names.sort_unstable_by(|a, b| b.cmp(a));
    let mut notes = Vec::new();
    for name in names {
        notes.extend(read(&directory.join(name))?);
    }
    Ok(notes)
}

/// The newest note in a directory.
pub(crate) fn newest(directory: &Path) -> Result<Option<Note>, InventoryError> {
    let mut names = note_names(directory)?;
    names.sort_unstable_by(|a, b| b.cmp(a));
    for name in names {
        if let Some(note) = read(&directory.join(name))? {
            return Ok(Some(note));
        }
    }
    Ok(None)
}

fn note_names(directory: &Path) -> Result<Vec<String>, InventoryError> {
    let failed = |error| InventoryError::disk("list", directory, error);
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        let name = name
            .to_str()
            .filter(|name| name.starts_with("inventory-") && name.ends_with(".json"));
        names.extend(name.map(str::to_owned));
    }
    Ok(names)
}

fn read(path: &Path) -> Result<Option<Note>, InventoryError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        // Another process has just let it go.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(InventoryError::disk("read", path, error)),
    };
    let note = serde_json::from_slice::<Note>(&text).ok();
    let plain = |note: &Note| {
        note.files
            .iter()
            .chain([&note.folders])
            .all(|name| is_plain_name(name))
    };
    Ok(note.filter(|note| note.format == FORMAT && plain(note)))
}

/// Splits notes (the newest first) into those that stay and those that go.
pub(crate) fn retained(notes: Vec<Note>) -> (Vec<Note>, Vec<Note>) {
    let mut weeks = Vec::new();
    let mut number = 0;
    notes.into_iter().partition(|note| {
        number += 1;
        let week = note.started_at.as_second().div_euclid(WEEK_SECONDS);
        let first = weeks.last() != Some(&week);
        if number <= NEWEST {
            if first {
                weeks.push(week);
            }
            return true;
        }
        if first && weeks.len() < WEEKS {
            weeks.push(week);
            return true;
        }
        false
    })
}

/// How old an inventory is: since its scan began, as nothing is known about later.
pub(crate) fn age(note: &Note, now: Timestamp) -> Duration {
    let age = now.duration_since(note.started_at);
    Duration::try_from(age).unwrap_or_default()
}

/// Bytes of all files below a directory.
pub(crate) fn disk_bytes(directory: &Path) -> u64 {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => disk_bytes(&entry.path()),
        Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |found| found.len()),
        _ => 0,
    });
    sizes.fold(0, u64::saturating_add)
}
