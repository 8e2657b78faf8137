//! How far a scan is, on disk: what a process that comes later goes on from.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, ObjectKey, Prefix, Timestamp};

use super::covered::Covered;
use crate::InventoryError;

/// Changes when what is written can't be read by older programs any more, or the other way round.
const FORMAT: u32 = 1;

const NAME: &str = "state.json";

/// How far a scan is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ScanState {
    format: u32,
    pub(crate) bucket: BucketName,
    pub(crate) prefix: Prefix,
    pub(crate) started_at: Timestamp,
    /// How many processes and runs worked on it.
    pub(crate) runs: u32,
    pub(crate) source: Source,
    /// Rules that drop incomplete uploads; absent where these keys may not know, or the store doesn't.
    pub(crate) drop_rules: Option<Vec<DropRule>>,
    pub(crate) covered: Covered,
    pub(crate) parts: Vec<Part>,
    pub(crate) uploads: UploadsState,
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    pub(crate) requests: u64,
}

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// The bucket never kept versions.
    Objects,
    /// It does or did.
    Versions,
    /// It may keep versions, but these keys may not see them.
    ObjectsOnly,
}

/// A rule that drops incomplete uploads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DropRule {
    pub(crate) prefix: String,
    pub(crate) days: u32,
}

/// A file of sorted entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) number: u32,
    pub(crate) rows: u64,
}

impl Part {
    pub(crate) fn file_name(&self) -> String {
        format!("entries-{}.parquet", self.number)
    }
}

/// How far incomplete uploads were listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UploadsState {
    /// Nothing yet.
    Ahead,
    /// Up to this one.
    Behind {
        /// Its key.
        key: ObjectKey,
        /// What the store calls it.
        id: String,
    },
    /// All of them.
    Done,
    /// These keys may not see them, or the store has none.
    NotSeen,
}

impl ScanState {
    pub(crate) fn begin(bucket: BucketName, prefix: Prefix, started_at: Timestamp) -> Self {
        Self {
            format: FORMAT,
            bucket,
            prefix,
            started_at,
            runs: 0,
            source: Source::Objects,
            drop_rules: None,
            covered: Covered::default(),
            parts: Vec::new(),
            uploads: UploadsState::Ahead,
            entries: 0,
            bytes: 0,
            requests: 0,
        }
    }

    /// What stands there, if it can be gone on from.
    pub(crate) fn load(directory: &Path) -> Result<Option<Self>, InventoryError> {
        let path = directory.join(NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(InventoryError::disk("read", &path, error)),
        };
        let state = serde_json::from_slice::<Self>(&text).ok();
        let state = state.filter(|state| state.format == FORMAT);
        let whole = |state: &Self| {
            let there = |part: &Part| directory.join(part.file_name()).is_file();
            state.parts.iter().all(there)
        };
        Ok(state.filter(whole))
    }

    /// Writes it: what stands there is the old one or this one.
    pub(crate) fn save(&self, directory: &Path) -> Result<(), InventoryError> {
        let text = serde_json::to_vec(self).map_err(InventoryError::internal)?;
        write_whole(&directory.join(NAME), &text)
    }

    /// The number of a part to come.
    pub(crate) fn next_part(&self) -> u32 {
        self.parts.last().map_or(0, |part| part.number.saturating_add(1))
    }

    /// After how many days a rule drops an upload of this key: the first that does.
    pub(crate) fn drop_after_days(&self, key: &str) -> Option<u32> {
        let rules = self.drop_rules.iter().flatten();
        rules
            .filter(|rule| key.starts_with(&rule.prefix))
            .map(|rule| rule.days)
            .min()
    }
}

/// Writes a file for the owner alone, all of it or nothing, and sees it to the disk.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> Result<(), InventoryError> {
    let failed = |error: io::Error| InventoryError::disk("write", path, error);
    let draft = path.with_extension("draft");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&draft).map_err(failed)?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&draft, path))
        .map_err(failed)?;
    let directory = path.parent().unwrap_or(path);
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(failed)
}
