//! Mission control: how all requests fare, minute by minute for a day, and what of it somebody should know.
//!
//! Requests are counted by route, not by address, so that made-up addresses cost nothing. The last five minutes are exact to the
//! second; routes are told apart for an hour, everything together for a day. [`MissionControl::look`] is for a clock to call: it
//! notices what happened whether or not somebody looks.

mod answer;
mod events;
mod minutes;
mod saved;

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spacewatch_model::{Clock, Timestamp};

use crate::Sums;

pub use answer::{
    ErrorProneRoute, MissionReport, MissionStatus, Now, RouteVolume, SlowRoute, Timeseries, TopRoutes, Users,
};
use events::Rules;
pub use events::{EventKind, MissionEvent, Severity};
use minutes::Minutes;
pub use saved::{SavedError, SavedMission};

/// Events that are kept.
const MAX_EVENTS: usize = 500;
/// Events in a report.
const REPORTED_EVENTS: usize = 20;

/// A request that was answered, or given up.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The route's template, never the address.
    pub route: &'a str,
    /// The status that was sent.
    pub status: u16,
    /// From the first byte of the request to the last of the answer.
    pub duration: Duration,
    /// The session that the client named.
    pub session: Option<&'a str>,
}

/// Counts requests and notices what is out of the ordinary. Clones share one memory.
#[derive(Debug, Clone)]
pub struct MissionControl {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    /// The clock's elapsed time when this was made, and the same moment since the epoch: a wall clock that is set moves nothing.
    started: Duration,
    epoch: Duration,
    book: Mutex<Book>,
}

#[derive(Debug)]
struct Book {
    minutes: Minutes,
    rules: Rules,
    events: VecDeque<MissionEvent>,
    /// Events that were not saved yet.
    unsaved: usize,
    /// Since the start, by route.
    sums: BTreeMap<String, Sums>,
}

impl MissionControl {
    /// With nothing counted yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let epoch = Duration::try_from(clock.now().duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default();
        Self {
            inner: Arc::new(Inner {
                started: clock.elapsed(),
                epoch,
                clock,
                book: Mutex::new(Book {
                    minutes: Minutes::default(),
                    rules: Rules::default(),
                    events: VecDeque::new(),
                    unsaved: 0,
                    sums: BTreeMap::new(),
                }),
            }),
        }
    }

    /// Takes one request.
    pub fn record(&self, answered: Answered<'_>) {
        let second = self.second();
        let session = answered.session.map(session_of);
        let mut book = self.lock();
        let book = &mut *book;
        match book.sums.get_mut(answered.route) {
            Some(sums) => sums.add(answered.status, answered.duration, None),
            None => {
                let sums = book.sums.entry(answered.route.to_owned()).or_default();
                sums.add(answered.status, answered.duration, None);
            }
        }
        book.minutes.add(second, &answered, session);
    }

    /// Requests since the start, by route.
    pub fn sums(&self) -> BTreeMap<String, Sums> {
        self.lock().sums.clone()
    }

    /// Notices what happened; to be called every few seconds. Gives what is new.
    pub fn look(&self) -> Vec<MissionEvent> {
        let second = self.second();
        let now = self.inner.clock.now();
        let mut book = self.lock();
        let book = &mut *book;
        book.minutes.forget(second);
        let found = book.rules.look(&book.minutes, second, now);
        book.keep(found.clone());
        book.unsaved += found.len();
        found
    }

    /// What happened, oldest first.
    pub fn events(&self, limit: usize) -> Vec<MissionEvent> {
        let book = self.lock();
        book.last(limit)
    }

    /// How requests fare at this moment.
    pub fn report(&self) -> MissionReport {
        let second = self.second();
        let uptime = self.inner.clock.elapsed().saturating_sub(self.inner.started);
        let book = self.lock();
        answer::report(&book.minutes, second, uptime, book.last(REPORTED_EVENTS))
    }

    /// Requests over time: steps of whole minutes, aligned to their length, the running one last.
    pub fn timeseries(&self, window: Duration, resolution: Duration) -> Timeseries {
        let second = self.second();
        answer::timeseries(&self.lock().minutes, second, window, resolution)
    }

    /// What is to be kept on disk: minutes that ended since the last call, and events. With `all`, the running minute as well.
    pub fn unsaved(&self, all: bool) -> SavedMission {
        let second = self.second();
        let mut book = self.lock();
        let minutes = book.minutes.unsaved(second, all);
        let events = book.last(book.unsaved);
        book.unsaved = 0;
        SavedMission { minutes, events }
    }

    /// Takes back what was kept, as far as it is of the last day.
    pub fn restore(&self, saved: SavedMission) {
        let second = self.second();
        let mut book = self.lock();
        book.minutes.restore(saved.minutes, second);
        book.keep(saved.events);
    }

    fn second(&self) -> u64 {
        let inner = &self.inner;
        (inner.epoch + inner.clock.elapsed().saturating_sub(inner.started)).as_secs()
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.inner.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn keep(&mut self, events: Vec<MissionEvent>) {
        self.events.extend(events);
        let too_many = self.events.len().saturating_sub(MAX_EVENTS);
        self.events.drain(..too_many);
    }

    fn last(&self, limit: usize) -> Vec<MissionEvent> {
        let skipped = self.events.len().saturating_sub(limit);
        self.events.iter().skip(skipped).cloned().collect()
    }
}

/// Names are not kept. The same name gives the same number after a restart.
fn session_of(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}
