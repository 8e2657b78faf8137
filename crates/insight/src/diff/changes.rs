//! What differs between what a key held at the first scan and what it held at the second one.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_inventory::{KeyPair, KeyState, Kind, StoredVersion};
use utoipa::ToSchema;

use super::tie::Search;

/// What kind of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiffKind {
    /// The key held nothing, and holds an object now.
    Added,
    /// Its object is larger.
    Grown,
    /// Its object is smaller.
    Shrunk,
    /// It was written again, with the same size.
    Overwritten,
    /// It held an object, and holds none now.
    Removed,
    /// The same object is in another storage class.
    Transitioned,
    /// An older version that wasn't there: written and superseded between the scans.
    VersionAdded,
    /// A version is gone for good.
    VersionRemoved,
    /// A delete marker that hides nothing the first scan saw.
    MarkerAdded,
    /// A delete marker is gone, and nothing came to light.
    MarkerRemoved,
    /// Neither scan saw it, the log tells that it was written between them, and of nothing that removed it.
    Vanished,
}

impl DiffKind {
    /// All of them, as answers list them.
    pub const ALL: [Self; 11] = [
        Self::Added,
        Self::Grown,
        Self::Shrunk,
        Self::Overwritten,
        Self::Removed,
        Self::Vanished,
        Self::Transitioned,
        Self::VersionAdded,
        Self::VersionRemoved,
        Self::MarkerAdded,
        Self::MarkerRemoved,
    ];

    /// The word for it, as answers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Grown => "grown",
            Self::Shrunk => "shrunk",
            Self::Overwritten => "overwritten",
            Self::Removed => "removed",
            Self::Transitioned => "transitioned",
            Self::VersionAdded => "version_added",
            Self::VersionRemoved => "version_removed",
            Self::MarkerAdded => "marker_added",
            Self::MarkerRemoved => "marker_removed",
            Self::Vanished => "vanished",
        }
    }

    /// The kind that a word means.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Something is there that wasn't.
    pub(super) fn is_gain(self) -> bool {
        matches!(self, Self::Added | Self::VersionAdded)
    }

    /// Something isn't there any more.
    pub(super) fn is_loss(self) -> bool {
        matches!(self, Self::Removed | Self::VersionRemoved | Self::Vanished)
    }
}

/// A change, and what to look for in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) kind: DiffKind,
    pub(super) before: Option<StoredVersion>,
    pub(super) after: Option<StoredVersion>,
    pub(super) search: Search,
}

/// The changes of one key. Versions are compared where both inventories saw them.
pub(super) fn between(pair: KeyPair<'_>, versions: bool) -> Vec<Open> {
    let mut open: Vec<Open> = current(pair, versions).into_iter().collect();
    if versions && !pair.before.truncated && !pair.after.truncated {
        others(pair, &mut open);
    }
    open
}

/// The change of what the key holds.
fn current(pair: KeyPair<'_>, versions: bool) -> Option<Open> {
    let (before, after) = (&pair.before.current, &pair.after.current);
    let (kind, search) = match (before, after) {
        (None, None) => return None,
        (Some(old), None) => (DiffKind::Removed, removal(pair, old)),
        (None, Some(new)) => (DiffKind::Added, arrival(pair, new, versions)),
        (Some(old), Some(new)) if is_same(old, new) => {
            let moved = old.storage_class.is_some() && old.storage_class != new.storage_class;
            let search = moved.then(|| Search::Transition {
                version_id: new.version_id.clone(),
            })?;
            (DiffKind::Transitioned, search)
        }
        (Some(old), Some(new)) => {
            let kind = match new.size.cmp(&old.size) {
                std::cmp::Ordering::Greater => DiffKind::Grown,
                std::cmp::Ordering::Less => DiffKind::Shrunk,
                std::cmp::Ordering::Equal => DiffKind::Overwritten,
            };
            (kind, arrival(pair, new, versions))
        }
    };
    Some(Open {
        kind,
        before: before.clone(),
        after: after.clone(),
        search,
    })
}

/// Whether both are the same object. Listings of objects and of versions may tell times more or less exactly.
fn is_same(old: &StoredVersion, new: &StoredVersion) -> bool {
    let second = |version: &StoredVersion| version.modified.map(Timestamp::as_second);
    let tags_differ = old.etag.is_some() && new.etag.is_some() && old.etag != new.etag;
    old.size == new.size && !tags_differ && second(old) == second(new)
}

/// What may have brought an object: writing it, or deleting the version or marker that stood before it.
fn arrival(pair: KeyPair<'_>, new: &StoredVersion, versions: bool) -> Search {
    let was_there = |old: &&StoredVersion| {
        old.kind == Kind::Noncurrent && old.version_id == new.version_id && is_same(old, new)
    };
    let stood_before = pair
        .before
        .others
        .iter()
        .find(was_there)
        .and_then(|_| newest(pair.before));
    match stood_before.filter(|_| versions) {
        Some(version_id) => Search::Version { version_id },
        None => Search::Write { of: new.clone() },
    }
}

/// The version of a key that hides all others.
fn newest(state: &KeyState) -> Option<String> {
    let latest = state.others.iter().find(|version| version.is_latest);
    let newest = state.current.as_ref().or(latest);
    newest.and_then(|version| version.version_id.clone())
}

/// What may have removed an object: whatever left the first marker behind which nothing was written, or, where there is none, what
/// took the object itself.
fn removal(pair: KeyPair<'_>, old: &StoredVersion) -> Search {
    let written = pair
        .after
        .others
        .iter()
        .filter(|version| version.kind == Kind::Noncurrent);
    let last_written = written.filter_map(|version| version.modified).max();
    let is_known = |marker: &StoredVersion| {
        pair.before.others.iter().any(|known| {
            known.kind == Kind::DeleteMarker
                && known.version_id == marker.version_id
                && is_same(known, marker)
        })
    };
    let markers = pair.after.others.iter().filter(|version| {
        version.kind == Kind::DeleteMarker && version.modified >= last_written && !is_known(version)
    });
    let first = markers
        .filter_map(|marker| Some((marker.modified?, marker)))
        .min_by_key(|(made, _)| *made);
    match first {
        Some((made, marker)) => Search::Marker {
            made,
            version_id: marker.version_id.clone(),
        },
        None => Search::Removal { since: old.modified },
    }
}

/// What tells a version from others of its key.
fn name(version: &StoredVersion) -> (&str, bool) {
    let id = version.version_id.as_deref().unwrap_or_default();
    (id, version.kind == Kind::DeleteMarker)
}

fn names(state: &KeyState) -> HashSet<(&str, bool)> {
    state.current.iter().chain(&state.others).map(name).collect()
}

/// The changes of versions and markers that are not told already.
fn others(pair: KeyPair<'_>, open: &mut Vec<Open>) {
    let (then, now) = (names(pair.before), names(pair.after));
    let told = open.first().map(|first| (first.kind, first.search.clone()));
    let is_told = |version: &StoredVersion| match &told {
        Some((
            _,
            Search::Version { version_id }
            | Search::Marker {
                version_id: Some(version_id),
                ..
            },
        )) => version.version_id.as_ref() == Some(version_id),
        Some((_, Search::Removal { .. })) => pair.before.current.as_ref() == Some(version),
        _ => false,
    };
    let gone = pair.before.current.iter().chain(&pair.before.others);
    for version in gone.filter(|version| !now.contains(&name(version)) && !is_told(version)) {
        let marker = version.kind == Kind::DeleteMarker;
        open.push(Open {
            kind: if marker {
                DiffKind::MarkerRemoved
            } else {
                DiffKind::VersionRemoved
            },
            before: Some(version.clone()),
            after: None,
            search: Search::Version {
                version_id: version.version_id.clone().unwrap_or_default(),
            },
        });
    }
    let came = pair.after.others.iter();
    for version in came.filter(|version| !then.contains(&name(version)) && !is_told(version)) {
        let marker = version.kind == Kind::DeleteMarker;
        open.push(Open {
            kind: if marker {
                DiffKind::MarkerAdded
            } else {
                DiffKind::VersionAdded
            },
            before: None,
            after: Some(version.clone()),
            search: match version.modified.filter(|_| marker) {
                Some(made) => Search::Marker {
                    made,
                    version_id: version.version_id.clone(),
                },
                None => Search::Write { of: version.clone() },
            },
        });
    }
}
