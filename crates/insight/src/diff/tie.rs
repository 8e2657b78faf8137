//! Which record of the log made a change: each change looks at what was done to its key, in the order of time, and keeps what fits best.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use spacewatch_inventory::StoredVersion;
use spacewatch_lake::KeyDeed;

use super::changes::{DiffKind, Open};
use crate::logs::Deed;

/// By so much may the clocks of a store's machines differ.
const SLACK: SignedDuration = SignedDuration::from_secs(2);
/// By so much may the store's clock differ from ours.
pub(super) const CLOCKS: SignedDuration = SignedDuration::from_mins(5);
/// What a rule does is written down within so long.
const RULES: SignedDuration = SignedDuration::from_hours(24);
/// An upload whose duration the log doesn't tell lasts so long at most.
const UPLOAD: SignedDuration = SignedDuration::from_hours(1);
/// The log counts whole seconds.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// What a change looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    /// What wrote this.
    Write { of: StoredVersion },
    /// What deleted exactly this version or marker.
    Version { version_id: String },
    /// What left this marker.
    Marker {
        made: Timestamp,
        version_id: Option<String>,
    },
    /// What removed an object without leaving anything: the first deletion of the key after which nothing was written; where versions
    /// were deleted one by one, the last of those.
    Removal { since: Option<Timestamp> },
    /// What moved it to another storage class.
    Transition { version_id: Option<String> },
    /// What the log tells of and the scans don't: nothing in it can say more.
    Nothing,
}

/// Between which moments changes are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Between {
    /// When the first scan began.
    pub(super) began: Timestamp,
    /// When the second scan began: until then whatever was done is in it.
    pub(super) looked: Timestamp,
    /// When the second scan ended.
    pub(super) ended: Timestamp,
    /// The store writes down deletions of many objects without naming them.
    pub(super) nameless_deletions: bool,
}

/// How well a record fits, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// 0 where time and size say so; more where something else has to be supposed.
    rank: u8,
    /// How far its time lies from the change.
    gap: SignedDuration,
    /// How far its beginning or its end does.
    near: SignedDuration,
}

/// A change that looks at records.
#[derive(Debug)]
pub(super) struct Seeking {
    pub(super) open: Open,
    best: Option<(Fit, KeyDeed)>,
    /// There is another record that fits as well.
    doubtful: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// This one did it; where something had to be supposed, that is said.
    Deed(Box<KeyDeed>, Option<&'static str>),
    /// Nothing was found, and nothing can be concluded from that.
    Ambiguous(&'static str),
    /// Nothing was found.
    Nothing,
}

pub(super) fn is_write(deed: &KeyDeed) -> bool {
    matches!(Deed::of(&deed.operation), Deed::Put | Deed::Post | Deed::Copy)
}

pub(super) fn is_removal(deed: &KeyDeed) -> bool {
    matches!(Deed::of(&deed.operation), Deed::Delete | Deed::Expire)
}

/// What the store did by itself, after a rule.
pub(super) fn is_by_rule(deed: &KeyDeed) -> bool {
    matches!(Deed::of(&deed.operation), Deed::Expire | Deed::Transition)
}

/// When it was over at the latest, as far as the log tells.
pub(super) fn end_of(deed: &KeyDeed) -> Timestamp {
    let took = i64::try_from(deed.total_ms.unwrap_or(0)).unwrap_or(i64::MAX);
    let lasted = SignedDuration::from_millis(took).saturating_add(SECOND);
    deed.time.saturating_add(lasted).unwrap_or(Timestamp::MAX)
}

impl Seeking {
    pub(super) fn of(open: Open) -> Self {
        Self {
            open,
            best: None,
            doubtful: false,
        }
    }

    /// Looks at the next record of the key. They come in the order of time.
    pub(super) fn look(&mut self, deed: &KeyDeed, between: &Between) {
        let fit = match &self.open.search {
            Search::Write { of } => fit_of_write(of, deed),
            Search::Version { version_id } => fit_of_version(version_id, deed),
            Search::Marker { made, version_id } => fit_of_marker(*made, version_id.as_deref(), deed),
            Search::Removal { since } => {
                if is_write(deed)
                    && end_of(deed)
                        .saturating_add(CLOCKS)
                        .is_ok_and(|end| end < between.looked)
                {
                    let is_older = |(_, best): &(Fit, KeyDeed)| best.time < deed.time;
                    // It was there again, so this is not what removed it.
                    self.best = self.best.take().filter(|best| !is_older(best));
                }
                fit_of_removal(*since, deed)
            }
            Search::Transition { version_id } => fit_of_transition(version_id.as_deref(), deed),
            Search::Nothing => None,
        };
        let Some(fit) = fit else { return };
        // Of writes that fit alike the last one stands; what is gone can be removed once only.
        let last_stands = match &self.open.search {
            Search::Write { .. } | Search::Transition { .. } => true,
            Search::Removal { .. } => fit.rank > 0,
            Search::Version { .. } | Search::Marker { .. } | Search::Nothing => false,
        };
        match &self.best {
            Some((best, _)) if fit > *best => {}
            Some((best, _)) if fit == *best && !last_stands => {}
            Some((best, _)) => {
                self.doubtful = fit == *best && is_write(deed);
                self.best = Some((fit, deed.clone()));
            }
            None => self.best = Some((fit, deed.clone())),
        }
    }

    /// Where the record stands that this one surely comes from.
    pub(super) fn sure_place(&self) -> Option<(String, u64)> {
        let (_, deed) = self.best.as_ref().filter(|(fit, _)| fit.rank == 0)?;
        Some((deed.log_object.clone(), deed.log_offset))
    }

    /// Something had to be supposed for the record found.
    pub(super) fn is_supposed(&self) -> bool {
        let timed = matches!(self.open.search, Search::Write { .. } | Search::Marker { .. });
        timed && self.best.as_ref().is_some_and(|(fit, _)| fit.rank > 0)
    }

    /// What surely made another change didn't make this one.
    pub(super) fn leave(&mut self, sure: &HashSet<(String, u64)>) {
        let place = |deed: &KeyDeed| (deed.log_object.clone(), deed.log_offset);
        if self.is_supposed() {
            self.best = self.best.take().filter(|(_, deed)| !sure.contains(&place(deed)));
        }
    }

    /// There are no more records of the key.
    pub(super) fn finish(self, between: &Between) -> (Open, Found) {
        let found = match self.best {
            Some((fit, deed)) => Found::Deed(Box::new(deed), doubt(&self.open, fit, self.doubtful)),
            None => unseen(&self.open, between),
        };
        (self.open, found)
    }
}

/// What had to be supposed.
fn doubt(open: &Open, fit: Fit, several: bool) -> Option<&'static str> {
    match (&open.search, fit.rank) {
        _ if several => Some("several records fit alike; this is the last of them"),
        (_, 0) => None,
        (Search::Removal { .. }, _) => {
            Some("versions were deleted one by one; this is the last of those records")
        }
        (Search::Write { .. }, 1) => {
            Some("the store tells when the upload in parts was begun; this record completed it")
        }
        (Search::Write { .. }, _) => {
            Some("the log doesn't tell how long it took, or the store not when it was written")
        }
        (Search::Marker { .. }, _) => Some("a rule made the marker, and the log tells of it at another time"),
        _ => Some("the record names no version"),
    }
}

/// Why nothing was found.
fn unseen(open: &Open, between: &Between) -> Found {
    let removed = open.kind.is_loss() || open.kind == DiffKind::MarkerAdded;
    if removed && between.nameless_deletions {
        return Found::Ambiguous("many objects were deleted at once, and the log doesn't name them");
    }
    let moment = match &open.search {
        Search::Write { of } => of.modified,
        Search::Marker { made, .. } => Some(*made),
        _ => return Found::Nothing,
    };
    let Some(moment) = moment else {
        return Found::Ambiguous("the store doesn't tell when it was written");
    };
    let early = moment
        .saturating_add(CLOCKS)
        .is_ok_and(|moment| moment < between.began);
    let late = moment
        .saturating_sub(CLOCKS)
        .is_ok_and(|moment| moment > between.ended);
    if early {
        Found::Ambiguous(
            "its time lies before the first scan: it came with its old time, as replicas and uploads in parts do",
        )
    } else if late {
        Found::Ambiguous("its time lies after the second scan: the store's clock differs from ours")
    } else {
        Found::Nothing
    }
}

/// How far a moment lies from a time and its end.
fn distance(moment: Timestamp, from: Timestamp, to: Timestamp) -> SignedDuration {
    if moment < from {
        moment.duration_until(from)
    } else if moment > to {
        to.duration_until(moment)
    } else {
        SignedDuration::ZERO
    }
}

fn fit(rank: u8, moment: Timestamp, (from, to): (Timestamp, Timestamp)) -> Fit {
    let (begun, ended) = (from.duration_until(moment).abs(), to.duration_until(moment).abs());
    Fit {
        rank,
        gap: distance(moment, from, to),
        near: begun.min(ended),
    }
}

/// Whether a logged size may be that of the object. Some writers log 0 where they know none.
fn size_fits(of: &StoredVersion, deed: &KeyDeed) -> bool {
    deed.object_size.is_none_or(|size| size == of.size || size == 0)
}

fn fit_of_write(of: &StoredVersion, deed: &KeyDeed) -> Option<Fit> {
    if !is_write(deed) || !size_fits(of, deed) {
        return None;
    }
    let span = (deed.time, end_of(deed));
    let Some(moment) = of.modified else {
        return Some(fit(3, span.0, span)).filter(|_| deed.object_size == Some(of.size));
    };
    let close = fit(0, moment, span);
    if close.gap <= SLACK {
        return Some(close);
    }
    let in_parts = of.etag.as_deref().is_some_and(|tag| tag.contains('-'))
        && Deed::of(&deed.operation) == Deed::Post
        && moment < span.0;
    if in_parts {
        return Some(Fit { rank: 1, ..close });
    }
    let of_any_length = deed.total_ms.is_none()
        && moment > span.1
        && close.gap <= UPLOAD
        && deed.object_size == Some(of.size);
    of_any_length.then_some(Fit { rank: 2, ..close })
}

fn fit_of_version(version_id: &str, deed: &KeyDeed) -> Option<Fit> {
    if !is_removal(deed) {
        return None;
    }
    match deed.version_id.as_deref() {
        Some(deleted) if deleted == version_id => Some(plain(0)),
        None if is_by_rule(deed) => Some(plain(1)),
        _ => None,
    }
}

fn fit_of_marker(made: Timestamp, version_id: Option<&str>, deed: &KeyDeed) -> Option<Fit> {
    let names_another = deed.version_id.is_some() && deed.version_id.as_deref() != version_id;
    if !is_removal(deed) || names_another {
        return None;
    }
    let close = fit(0, made, (deed.time, end_of(deed)));
    let rank = u8::from(close.gap > SLACK);
    let allowed = if is_by_rule(deed) { RULES } else { SLACK };
    (close.gap <= allowed).then_some(Fit { rank, ..close })
}

/// What was deleted before it was written is something else.
fn fit_of_removal(since: Option<Timestamp>, deed: &KeyDeed) -> Option<Fit> {
    let second = since.map(Timestamp::as_second);
    let later = second.is_none_or(|second| deed.time.as_second() >= second);
    let of_a_version = deed
        .version_id
        .as_deref()
        .is_some_and(|deleted| deleted != "null");
    (is_removal(deed) && later).then(|| plain(u8::from(of_a_version)))
}

fn fit_of_transition(version_id: Option<&str>, deed: &KeyDeed) -> Option<Fit> {
    let fits = Deed::of(&deed.operation) == Deed::Transition
        && (deed.version_id.is_none() || deed.version_id.as_deref() == version_id);
    fits.then_some(plain(0))
}

/// Where time says nothing more.
fn plain(rank: u8) -> Fit {
    Fit {
        rank,
        gap: SignedDuration::ZERO,
        near: SignedDuration::ZERO,
    }
}
