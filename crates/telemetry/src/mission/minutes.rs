//! Requests by second, by minute and by route.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::Answered;
use crate::histogram::{Histogram, Spread, cell_of};

/// Seconds that are told apart.
const SECONDS: u64 = 300;
/// Minutes that are kept: a day, and the running one.
const DAY: u64 = 24 * 60;
/// Minutes whose routes, and whose sessions, are told apart.
const HOUR: u64 = 60;
const SESSIONS_FOR: u64 = 30;
/// Sessions of one minute that are told apart.
const MAX_SESSIONS: usize = 20_000;

/// Requests of a slot of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) requests: u64,
    /// Answered with 400 to 499.
    pub(crate) client_errors: u64,
    /// Answered with 500 and above.
    pub(crate) server_errors: u64,
    latencies: Histogram,
}

impl Counts {
    fn add(&mut self, answered: &Answered<'_>) {
        let nanos = u64::try_from(answered.duration.as_nanos()).unwrap_or(u64::MAX);
        self.requests += 1;
        self.client_errors += u64::from((400..500).contains(&answered.status));
        self.server_errors += u64::from(answered.status >= 500);
        self.latencies.add(nanos, cell_of(nanos));
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.requests += other.requests;
        self.client_errors += other.client_errors;
        self.server_errors += other.server_errors;
        self.latencies.join(&other.latencies);
    }
}

/// Counts of several slots added up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Total {
    pub(crate) requests: u64,
    pub(crate) client_errors: u64,
    pub(crate) server_errors: u64,
    latencies: Spread,
}

impl Total {
    fn add(&mut self, counts: &Counts) {
        self.requests += counts.requests;
        self.client_errors += counts.client_errors;
        self.server_errors += counts.server_errors;
        self.latencies.add(&counts.latencies);
    }

    /// A percentile of the latency, in milliseconds.
    pub(crate) fn percentile_ms(&self, percent: u64) -> f64 {
        let [nanos] = self.latencies.percentiles(self.requests, [percent]);
        std::time::Duration::from_nanos(nanos).as_secs_f64() * 1_000.0
    }

    /// 0 to 100.
    pub(crate) fn server_error_percent(&self) -> f64 {
        percent(self.server_errors, self.requests)
    }

    /// 0 to 100.
    pub(crate) fn client_error_percent(&self) -> f64 {
        percent(self.client_errors, self.requests)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no sixteen digits")]
fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 * 100.0 / whole as f64
    }
}

/// One minute.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Minute {
    /// Since the epoch.
    pub(crate) minute: u64,
    pub(crate) all: Counts,
    /// For an hour.
    #[serde(default)]
    pub(crate) routes: BTreeMap<String, Counts>,
    /// For half an hour.
    #[serde(default)]
    pub(crate) sessions: BTreeSet<u64>,
}

/// All that is kept.
#[derive(Debug, Default)]
pub(crate) struct Minutes {
    /// Ascending.
    seconds: VecDeque<(u64, Counts)>,
    /// Ascending.
    minutes: VecDeque<Minute>,
    /// Minutes before this one were saved.
    saved: u64,
}

impl Minutes {
    pub(crate) fn add(&mut self, second: u64, answered: &Answered<'_>, session: Option<u64>) {
        // A request that was measured a moment before another one may come after it.
        let second = second.max(self.seconds.back().map_or(0, |(last, _)| *last));
        if self.seconds.back().is_none_or(|(last, _)| *last < second) {
            self.seconds.push_back((second, Counts::default()));
            self.forget(second);
        }
        if let Some((_, counts)) = self.seconds.back_mut() {
            counts.add(answered);
        }
        let minute = second / 60;
        if self.minutes.back().is_none_or(|last| last.minute < minute) {
            self.minutes.push_back(Minute {
                minute,
                ..Minute::default()
            });
        }
        if let Some(running) = self.minutes.back_mut() {
            running.all.add(answered);
            match running.routes.get_mut(answered.route) {
                Some(route) => route.add(answered),
                None => running
                    .routes
                    .entry(answered.route.to_owned())
                    .or_default()
                    .add(answered),
            }
            if let Some(session) = session.filter(|_| running.sessions.len() < MAX_SESSIONS) {
                running.sessions.insert(session);
            }
        }
    }

    /// Drops what is too old.
    pub(crate) fn forget(&mut self, second: u64) {
        while self
            .seconds
            .front()
            .is_some_and(|(first, _)| first + SECONDS <= second)
        {
            self.seconds.pop_front();
        }
        let minute = second / 60;
        while self
            .minutes
            .front()
            .is_some_and(|first| first.minute + DAY < minute)
        {
            self.minutes.pop_front();
        }
        let old = self
            .minutes
            .iter_mut()
            .rev()
            .skip_while(|kept| kept.minute + SESSIONS_FOR > minute);
        for kept in old.take_while(|kept| !kept.sessions.is_empty() || !kept.routes.is_empty()) {
            kept.sessions.clear();
            if kept.minute + HOUR <= minute {
                kept.routes.clear();
            }
        }
    }

    /// The last so many seconds, up to five minutes.
    pub(crate) fn last_seconds(&self, second: u64, length: u64) -> Total {
        let recent = self
            .seconds
            .iter()
            .rev()
            .take_while(|(at, _)| at + length > second);
        sum(recent.map(|(_, counts)| counts))
    }

    /// Minutes from one up to before another.
    pub(crate) fn between(&self, from: u64, to: u64) -> impl Iterator<Item = &Minute> {
        let begin = self.minutes.partition_point(|minute| minute.minute < from);
        self.minutes
            .iter()
            .skip(begin)
            .take_while(move |minute| minute.minute < to)
    }

    /// The routes of the last hour.
    pub(crate) fn routes(&self, second: u64) -> BTreeMap<&str, Total> {
        let minute = second / 60;
        let mut routes: BTreeMap<&str, Total> = BTreeMap::new();
        for kept in self.between((minute + 1).saturating_sub(HOUR), minute + 1) {
            for (route, counts) in &kept.routes {
                routes.entry(route).or_default().add(counts);
            }
        }
        routes
    }

    /// Different sessions of the last half hour.
    pub(crate) fn sessions(&self, second: u64) -> usize {
        let minute = second / 60;
        let recent = self.between((minute + 1).saturating_sub(SESSIONS_FOR), minute + 1);
        let mut sessions: Vec<u64> = recent.flat_map(|minute| &minute.sessions).copied().collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions.len()
    }

    /// Minutes that ended and were not given yet.
    pub(crate) fn unsaved(&mut self, second: u64, all: bool) -> Vec<Minute> {
        let end = second / 60 + u64::from(all);
        let ended = self.between(self.saved, end).cloned().collect();
        self.saved = self.saved.max(end);
        ended
    }

    pub(crate) fn restore(&mut self, saved: Vec<Minute>, second: u64) {
        let now = second / 60;
        let mut known: BTreeMap<u64, Minute> = self
            .minutes
            .drain(..)
            .map(|minute| (minute.minute, minute))
            .collect();
        for minute in saved {
            if minute.minute > now || minute.minute + DAY < now {
                continue;
            }
            let kept = known.entry(minute.minute).or_insert_with(|| Minute {
                minute: minute.minute,
                ..Minute::default()
            });
            kept.all.join(&minute.all);
            for (route, counts) in &minute.routes {
                kept.routes.entry(route.clone()).or_default().join(counts);
            }
            kept.sessions.extend(minute.sessions.iter().take(MAX_SESSIONS));
        }
        self.minutes = known.into_values().collect();
        // What was read is saved already; the running minute goes on.
        self.saved = now;
        self.forget(second);
    }
}

pub(crate) fn sum<'a>(counts: impl Iterator<Item = &'a Counts>) -> Total {
    counts.fold(Total::default(), |mut sum, counts| {
        sum.add(counts);
        sum
    })
}
