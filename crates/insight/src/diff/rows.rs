//! A change as a row, and the lists of rows.

use std::cmp::{Ordering, Reverse};

use spacewatch_inventory::StoredVersion;
use spacewatch_lake::KeyDeed;
use spacewatch_model::{BucketName, ByteSize};

use super::answer::{DiffDeed, DiffRow, DiffState, ExplainedBy};
use super::changes::{DiffKind, Open};
use super::tie::{Found, is_by_rule};
use crate::logs::LogPlace;
use crate::ranking::Ranking;

/// A change and what was found about it.
pub(super) struct Told<'a> {
    pub(super) key: &'a str,
    pub(super) open: Open,
    pub(super) found: Found,
    /// Of what vanished, what wrote it.
    pub(super) written: Option<KeyDeed>,
}

impl Told<'_> {
    /// What explains it, where there is a log or not.
    pub(super) fn explained(&self, log: bool) -> ExplainedBy {
        match &self.found {
            _ if !log => ExplainedBy::NoLog,
            Found::Deed(deed, _) if is_by_rule(deed) => ExplainedBy::Lifecycle,
            Found::Deed(..) => ExplainedBy::Request,
            Found::Ambiguous(_) => ExplainedBy::Ambiguous,
            Found::Nothing => ExplainedBy::Unexplained,
        }
    }

    pub(super) fn sizes(&self) -> Sizes {
        let size = |version: &Option<StoredVersion>| version.as_ref().map_or(0, |version| version.size);
        let written = self.written.as_ref().and_then(|deed| deed.object_size);
        Sizes {
            before: written.unwrap_or_else(|| size(&self.open.before)),
            after: size(&self.open.after),
        }
    }

    pub(super) fn row(self, explained_by: ExplainedBy, log_bucket: Option<&BucketName>) -> DiffRow {
        let bytes = self.sizes().weight(self.open.kind);
        let (deed, note) = match self.found {
            _ if explained_by == ExplainedBy::NoLog => (None, None),
            Found::Deed(deed, note) => (Some(*deed), note),
            Found::Ambiguous(why) => (None, Some(why)),
            Found::Nothing => (None, None),
        };
        let told = |deed: Option<KeyDeed>| {
            deed.zip(log_bucket)
                .map(|(deed, bucket)| DiffDeed::of(deed, bucket))
        };
        DiffRow {
            key: self.key.to_owned(),
            kind: self.open.kind,
            bytes: ByteSize(bytes),
            explained_by,
            note: note.map(str::to_owned),
            before: self.open.before.map(DiffState::of),
            after: self.open.after.map(DiffState::of),
            deed: told(deed),
            written_by: told(self.written),
        }
    }
}

impl DiffDeed {
    fn of(deed: KeyDeed, log_bucket: &BucketName) -> Self {
        Self {
            ts: deed.time,
            operation: deed.operation,
            requester: deed.requester,
            ip: deed.remote_ip,
            user_agent: deed.user_agent,
            request_id: deed.request_id,
            object_size: deed.object_size,
            log_object: LogPlace {
                bucket: log_bucket.clone(),
                key: deed.log_object,
                offset: Some(deed.log_offset),
                length: Some(deed.log_length),
            },
        }
    }
}

impl DiffState {
    fn of(version: StoredVersion) -> Self {
        Self {
            size_bytes: ByteSize(version.size),
            last_modified: version.modified,
            etag: version.etag,
            storage_class: version.storage_class,
            version_id: version.version_id,
        }
    }
}

/// Sizes of a change.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub(super) before: u64,
    pub(super) after: u64,
}

impl Sizes {
    /// How much the change is about.
    pub(super) fn weight(self, kind: DiffKind) -> u64 {
        match kind {
            DiffKind::Grown | DiffKind::Shrunk => self.before.abs_diff(self.after),
            _ if kind.is_loss() => self.before,
            _ => self.after,
        }
    }
}

/// The lists that changes stand in by their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shelf {
    Added,
    Grown,
    Shrunk,
    Overwritten,
    Removed,
    Transitioned,
    Versions,
}

impl Shelf {
    pub(super) fn of(kind: DiffKind) -> Self {
        match kind {
            DiffKind::Added => Self::Added,
            DiffKind::Grown => Self::Grown,
            DiffKind::Shrunk => Self::Shrunk,
            DiffKind::Overwritten => Self::Overwritten,
            DiffKind::Removed | DiffKind::Vanished => Self::Removed,
            DiffKind::Transitioned => Self::Transitioned,
            DiffKind::VersionAdded
            | DiffKind::VersionRemoved
            | DiffKind::MarkerAdded
            | DiffKind::MarkerRemoved => Self::Versions,
        }
    }
}

/// Rows of which the first are kept.
pub(super) struct List {
    rows: Ranking<DiffRow>,
    seen: u64,
}

impl List {
    pub(super) fn of(limit: usize) -> Self {
        let order = |a: &DiffRow, b: &DiffRow| -> Ordering {
            let place = |row: &DiffRow| (Reverse(row.bytes), row.kind);
            (place(a), &a.key, version_of(a)).cmp(&(place(b), &b.key, version_of(b)))
        };
        Self {
            rows: Ranking::first(limit, order),
            seen: 0,
        }
    }

    pub(super) fn offer(&mut self, row: DiffRow) {
        self.seen = self.seen.saturating_add(1);
        self.rows.offer(row);
    }

    pub(super) fn finish(self, truncated: &mut bool) -> Vec<DiffRow> {
        let rows = self.rows.into_sorted();
        *truncated |= self.seen > count(rows.len());
        rows
    }
}

fn version_of(row: &DiffRow) -> Option<&str> {
    let state = row.after.as_ref().or(row.before.as_ref())?;
    state.version_id.as_deref()
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
