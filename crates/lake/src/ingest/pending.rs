//! Log objects that are to be read, and which of them first.

use std::collections::HashMap;
use std::time::Duration;

use spacewatch_model::{TimeRange, Timestamp};
use spacewatch_s3::ObjectSummary;

use super::delivery::latest_record;

/// Most records of a period are delivered within this time after its end.
const MOSTLY_DELIVERED_SECONDS: i64 = 86_400;

/// A log object that is to be read. There may be a million of them, so it is small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PendingObject {
    pub(super) key: Box<str>,
    etag: Etag,
    pub(super) size_bytes: u64,
    last_modified: Option<i64>,
    /// The last moment a record in it may have.
    latest: i64,
    /// How often reading it failed in this run.
    pub(super) failures: u8,
    /// It broke off after some of it had been taken over, so it is read apart from others.
    pub(super) broke_off: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Etag {
    None,
    Md5([u8; 16]),
    Other(Box<str>),
}

impl Etag {
    fn new(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::None };
        let mut bytes = [0; 16];
        let digits = text.as_bytes();
        let plain = digits.len() == 32 && digits.iter().all(|d| matches!(d, b'0'..=b'9' | b'a'..=b'f'));
        let filled = bytes.iter_mut().enumerate().all(|(at, byte)| {
            let pair = text.get(at * 2..at * 2 + 2);
            pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())
                .map(|value| *byte = value)
                .is_some()
        });
        if plain && filled {
            Self::Md5(bytes)
        } else {
            Self::Other(text.into())
        }
    }

    fn text(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Md5(bytes) => Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
            Self::Other(text) => Some(text.to_string()),
        }
    }
}

impl PendingObject {
    pub(super) fn new(object: &ObjectSummary) -> Self {
        Self {
            key: object.key.as_str().into(),
            etag: Etag::new(object.etag.as_deref()),
            size_bytes: object.size.0,
            last_modified: object.last_modified.map(Timestamp::as_second),
            latest: latest_record(object.key.as_str(), object.last_modified),
            failures: 0,
            broke_off: false,
        }
    }

    pub(super) fn etag(&self) -> Option<String> {
        self.etag.text()
    }

    pub(super) fn last_modified(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.last_modified?).ok()
    }

    /// Whether all its records are older than `moment`.
    pub(super) fn is_before(&self, moment: Timestamp) -> bool {
        self.latest < moment.as_second()
    }

    fn may_hold(&self, period: TimeRange) -> bool {
        period.from.is_none_or(|from| self.latest >= from.as_second())
    }

    /// What is read first has the highest rank: the period asked for, then what is newer, then the rest; newest first in each.
    fn rank(&self, period: TimeRange) -> (u8, i64) {
        let late = |to: Timestamp| self.latest > to.as_second().saturating_add(MOSTLY_DELIVERED_SECONDS);
        let tier = match (self.may_hold(period), period.to.is_some_and(late)) {
            (true, false) => 2,
            (true, true) => 1,
            (false, _) => 0,
        };
        (tier, self.latest)
    }
}

/// What is not read yet of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PendingSummary {
    /// When the log bucket was listed last.
    pub(crate) listed_at: Option<Timestamp>,
    /// Log objects still to be read that may hold records of it.
    pub(crate) objects: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Log objects that may hold records of it and that the store didn't give; the next run tries again.
    pub(crate) failed: u64,
    /// What the store said about the last of those.
    pub(crate) last_error: Option<String>,
}

/// Everything that is to be read.
#[derive(Debug, Default)]
pub(super) struct Pending {
    period: TimeRange,
    /// The next one stands at the end.
    waiting: Vec<PendingObject>,
    delayed: Vec<(Duration, PendingObject)>,
    taken: HashMap<u64, (i64, u64)>,
    tickets: u64,
    /// Given up in this run.
    failed: Vec<PendingObject>,
    last_error: Option<String>,
    listed_at: Option<Timestamp>,
}

/// An object that is being read.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) ticket: u64,
    pub(super) object: PendingObject,
}

impl Pending {
    /// What a new listing found to be read.
    pub(super) fn replace(&mut self, objects: Vec<PendingObject>, listed_at: Timestamp) {
        self.waiting = objects;
        self.delayed.clear();
        self.taken.clear();
        self.failed.clear();
        self.last_error = None;
        self.listed_at = Some(listed_at);
        self.sort();
    }

    /// What may hold records of this period comes first from now on.
    pub(super) fn prefer(&mut self, period: TimeRange) {
        if period != self.period {
            self.period = period;
            self.sort();
        }
    }

    fn sort(&mut self) {
        let period = self.period;
        self.waiting.sort_by_key(|object| object.rank(period));
    }

    /// The next object, if one may be read now.
    pub(super) fn take(&mut self, now: Duration) -> Option<Taken> {
        let due = self.delayed.extract_if(.., |(at, _)| *at <= now);
        let due: Vec<PendingObject> = due.map(|(_, object)| object).collect();
        if !due.is_empty() {
            self.waiting.extend(due);
            self.sort();
        }
        let object = self.waiting.pop()?;
        self.tickets = self.tickets.wrapping_add(1);
        self.taken
            .insert(self.tickets, (object.latest, object.size_bytes));
        Some(Taken {
            ticket: self.tickets,
            object,
        })
    }

    /// It was read, or is gone.
    pub(super) fn done(&mut self, ticket: u64) {
        self.taken.remove(&ticket);
    }

    /// It goes back to the front of what waits.
    pub(super) fn put_back(&mut self, taken: Taken) {
        self.taken.remove(&taken.ticket);
        self.waiting.push(taken.object);
    }

    /// It is tried again at a later moment.
    pub(super) fn delay(&mut self, taken: Taken, until: Duration) {
        self.taken.remove(&taken.ticket);
        self.delayed.push((until, taken.object));
    }

    /// It is not tried again in this run.
    pub(super) fn give_up(&mut self, taken: Taken, error: &str) {
        self.taken.remove(&taken.ticket);
        self.last_error = Some(error.to_owned());
        self.failed.push(taken.object);
    }

    /// The store said this of an object that is tried again.
    pub(super) fn note(&mut self, error: &str) {
        self.last_error = Some(error.to_owned());
    }

    /// Whether something can be read now.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// When the next delayed object is due.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.delayed.iter().map(|(at, _)| *at).min()
    }

    /// Objects and bytes still to be read, those being read included.
    pub(super) fn left(&self) -> (u64, u64) {
        let waiting = self
            .waiting
            .iter()
            .chain(self.delayed.iter().map(|(_, object)| object));
        let sizes = waiting.map(|object| object.size_bytes);
        let sizes = sizes.chain(self.taken.values().map(|(_, size)| *size));
        sizes.fold((0, 0), |(objects, bytes), size| (objects + 1, bytes + size))
    }

    /// What is not read yet of a period.
    pub(super) fn summary(&self, period: TimeRange) -> PendingSummary {
        let mut summary = PendingSummary {
            listed_at: self.listed_at,
            last_error: self.last_error.clone(),
            ..PendingSummary::default()
        };
        let after = period.from.map_or(i64::MIN, Timestamp::as_second);
        let waiting = self
            .waiting
            .iter()
            .chain(self.delayed.iter().map(|(_, object)| object));
        let waiting = waiting.map(|object| (object.latest, object.size_bytes));
        for (latest, size) in waiting.chain(self.taken.values().copied()) {
            if latest >= after {
                summary.objects += 1;
                summary.bytes += size;
            }
        }
        summary.failed = self
            .failed
            .iter()
            .map(|object| u64::from(object.may_hold(period)))
            .sum();
        summary
    }
}

#[cfg(test)]
mod tests {
    use spacewatch_model::ByteSize;

    use super::*;

    fn object(key: &str, etag: Option<&str>) -> PendingObject {
        PendingObject::new(&ObjectSummary {
            key: key.parse().expect("a key"),
            size: ByteSize(10),
            last_modified: None,
            etag: etag.map(str::to_owned),
            storage_class: None,
        })
    }

    #[test]
    fn etags_come_back_as_they_were() {
        for etag in [
            None,
            Some("0123456789abcdef0123456789abcdef"),
            Some("0123456789ABCDEF0123456789abcdef"),
            Some("0123456789abcdef0123456789abcdef-7"),
            Some(""),
            Some("é"),
        ] {
            assert_eq!(object("a", etag).etag().as_deref(), etag);
        }
    }

    #[test]
    fn the_period_asked_for_is_read_first_and_the_newest_of_it() {
        let keys = [
            "2026-01-01",
            "2026-01-10",
            "2026-01-11",
            "2026-01-20",
            "2026-01-21",
        ];
        let keys = keys.map(|day| object(&format!("{day}-01-02-03-A"), None));
        let at = |day: &str| Some(format!("2026-01-{day}T00:00:00Z").parse().expect("a time"));
        let period = |from, to| TimeRange { from, to };
        for (period, expected, may_hold) in [
            (TimeRange::ALWAYS, ["21", "20", "11", "10", "01"], 5),
            (period(at("11"), None), ["21", "20", "11", "10", "01"], 3),
            (period(at("09"), at("10")), ["10", "21", "20", "11", "01"], 4),
        ] {
            let mut pending = Pending::default();
            pending.replace(keys.to_vec(), Timestamp::UNIX_EPOCH);
            pending.prefer(period);
            assert_eq!(pending.summary(period).objects, may_hold);
            let order: Vec<String> = std::iter::from_fn(|| pending.take(Duration::ZERO))
                .map(|taken| taken.object.key[8..10].to_owned())
                .collect();
            assert_eq!(order, expected);
            assert_eq!(
                pending.summary(period).objects,
                may_hold,
                "what is being read isn't there yet"
            );
        }
    }

    #[test]
    fn what_failed_comes_again_later_or_not_at_all() {
        let mut pending = Pending::default();
        pending.replace(vec![object("a", None), object("b", None)], Timestamp::UNIX_EPOCH);
        let first = pending.take(Duration::ZERO).expect("an object");
        let second = pending.take(Duration::ZERO).expect("an object");
        pending.delay(first, Duration::from_secs(5));
        pending.give_up(second, "denied");
        assert!(pending.take(Duration::from_secs(4)).is_none());
        assert_eq!(pending.next_due(), Some(Duration::from_secs(5)));
        assert_eq!(pending.left(), (1, 10));
        let again = pending.take(Duration::from_secs(5)).expect("an object");
        pending.done(again.ticket);
        let summary = pending.summary(TimeRange::ALWAYS);
        assert_eq!(
            (summary.objects, summary.failed, summary.last_error.as_deref()),
            (0, 1, Some("denied"))
        );
    }
}
