//! Whether a log object still is what a bundle says of it.

use std::collections::VecDeque;
use std::fmt;

use spacewatch_unpack::{UnpackLimits, Unpacker};

use crate::bundle::Place;
use crate::{Digest, Hasher, ObjectLines, ObjectNote};

/// What became of a log object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is what it was; perhaps there is something to say about it.
    Intact(Option<String>),
    /// It is something else, or a line is.
    Altered(String),
    /// It is not there.
    Missing,
    /// It can't be looked at.
    Unreadable(String),
}

impl Verdict {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Intact(_) => "intact",
            Self::Altered(_) => "altered",
            Self::Missing => "missing",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// What else there is to say.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Intact(note) => note.as_deref(),
            Self::Altered(what) | Self::Unreadable(what) => Some(what),
            Self::Missing => None,
        }
    }
}

/// What was seen of a log object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Its bytes as they came, packed or not.
    pub bytes: u64,
    /// Their digest.
    pub sha256: Digest,
    /// Where a line doesn't stand that should: the first such place.
    pub astray: Option<u64>,
    /// How many lines don't stand where they should.
    pub lines_astray: u64,
    /// Why it could not be unpacked to its end.
    pub broken: Option<String>,
}

impl Examined {
    /// What that means for what was noted. `etag` is what the store says now, where it was asked.
    pub fn verdict(&self, note: &ObjectNote, etag: Option<&str>) -> Verdict {
        if let Some(expected) = note.sha256
            && expected != self.sha256
        {
            return Verdict::Altered(format!("its SHA-256 is {} and was {expected}", self.sha256));
        }
        if let Some(at) = self.astray {
            let broken = self.broken.as_ref().map(|why| format!("; {why}"));
            return Verdict::Altered(format!(
                "{} of {} lines don't stand where they did, the first at byte {at}{}",
                self.lines_astray,
                note.records,
                broken.unwrap_or_default()
            ));
        }
        if note.sha256.is_none() {
            let why = note.unverifiable.as_deref().unwrap_or("nobody knows why");
            return Verdict::Intact(Some(format!(
                "no SHA-256 was taken when the bundle was written ({why}), but its lines stand where they did"
            )));
        }
        match (&note.etag, etag) {
            (Some(before), Some(now)) if before != now => Verdict::Intact(Some(format!(
                "it was written anew with the same content: its ETag is `{now}` and was `{before}`"
            ))),
            _ => Verdict::Intact(None),
        }
    }
}

/// Looks at a log object, fed in chunks of any size, in bounded memory.
pub struct Examiner {
    hasher: Hasher,
    bytes: u64,
    unpacker: Unpacker,
    broken: Option<String>,
    lines: LineSeeker,
}

impl Examiner {
    /// For one object, whose lines are in order and don't overlap.
    pub fn new(lines: &ObjectLines) -> Self {
        Self {
            hasher: Hasher::default(),
            bytes: 0,
            unpacker: Unpacker::new(UnpackLimits::default()),
            broken: None,
            lines: LineSeeker::new(&lines.places),
        }
    }

    /// Takes the next bytes, as they are stored.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.hasher.update(chunk);
        self.bytes = self.bytes.saturating_add(as_u64(chunk.len()));
        let mut rest = chunk;
        while self.broken.is_none() && (!rest.is_empty() || self.unpacker.has_more()) {
            match self.unpacker.step(rest) {
                Ok((taken, unpacked)) => {
                    self.lines.feed(unpacked);
                    rest = rest.get(taken..).unwrap_or_default();
                }
                Err(error) => {
                    self.lines.feed(self.unpacker.salvage());
                    self.broken = Some(error.to_string());
                }
            }
        }
    }

    /// The object ends here.
    pub fn finish(mut self) -> Examined {
        if self.broken.is_none() {
            let (unpacked, broken) = self.unpacker.finish();
            self.lines.feed(unpacked);
            self.broken = broken.map(|broken| broken.to_string());
        }
        let (astray, lines_astray) = self.lines.finish();
        Examined {
            bytes: self.bytes,
            sha256: self.hasher.finish(),
            astray,
            lines_astray,
            broken: self.broken,
        }
    }
}

impl fmt::Debug for Examiner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Examiner")
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// Looks for lines in unpacked bytes.
struct LineSeeker {
    ahead: VecDeque<Place>,
    /// What came so far of the line that is next.
    hasher: Hasher,
    /// How many unpacked bytes went by.
    at: u64,
    astray: Option<u64>,
    lines_astray: u64,
}

impl LineSeeker {
    fn new(places: &[Place]) -> Self {
        Self {
            ahead: places.iter().copied().collect(),
            hasher: Hasher::default(),
            at: 0,
            astray: None,
            lines_astray: 0,
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        let end = self.at.saturating_add(as_u64(bytes.len()));
        while let Some(place) = self.ahead.front().copied() {
            let line_end = place.offset.saturating_add(place.length);
            if place.offset >= end {
                break;
            }
            let from = index(place.offset.saturating_sub(self.at));
            let to = index(line_end.saturating_sub(self.at)).min(bytes.len());
            self.hasher.update(bytes.get(from..to).unwrap_or_default());
            if line_end > end {
                break;
            }
            self.ahead.pop_front();
            let found = std::mem::take(&mut self.hasher).finish();
            if found != place.sha256 {
                self.missed(place);
            }
        }
        self.at = end;
    }

    fn missed(&mut self, place: Place) {
        self.astray.get_or_insert(place.offset);
        self.lines_astray = self.lines_astray.saturating_add(1);
    }

    /// Whatever line did not come whole is not there.
    fn finish(mut self) -> (Option<u64>, u64) {
        while let Some(place) = self.ahead.pop_front() {
            self.missed(place);
        }
        (self.astray, self.lines_astray)
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
