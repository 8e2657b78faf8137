//! The tenant that is asked about.

mod stories;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use spacewatch_demo::{DemoStore, DemoTenant, RunningStore};
use spacewatch_model::{Clock, SystemClock};

use crate::Truth;

/// What the made-up contents follow from.
const SEED: u64 = 42;
/// When all questions are asked: a Thursday afternoon in [`ZONE`], so that today, yesterday, this week and the one before differ.
const MOMENT: i64 = 1_795_080_000;
/// How long before that the store is as it is, and was looked at: what happens at this very moment belongs to no period before it.
const BEFORE: SignedDuration = SignedDuration::from_secs(60);
/// Where they are asked: days there are not those of UTC.
const ZONE: &str = "Asia/Singapore";

/// A clock that shows the same moment until it is set to another. Durations pass.
#[derive(Debug)]
pub struct StoppedClock {
    moment: Mutex<Timestamp>,
    running: SystemClock,
}

impl StoppedClock {
    fn set(&self, moment: Timestamp) {
        *self.moment.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        *self.moment.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn elapsed(&self) -> Duration {
        self.running.elapsed()
    }
}

/// A store with a tenant whose truth is known.
#[derive(Debug)]
pub struct World {
    store: RunningStore,
    clock: Arc<StoppedClock>,
    zone: TimeZone,
    asked: Timestamp,
}

impl World {
    /// Makes it and serves it on a free port of this machine.
    ///
    /// # Errors
    /// No port can be listened on, or its time zone isn't known here.
    pub async fn start() -> io::Result<Self> {
        let asked = Timestamp::from_second(MOMENT).map_err(io::Error::other)?;
        let moment = asked - BEFORE;
        let clock = Arc::new(StoppedClock {
            moment: Mutex::new(moment),
            running: SystemClock::new(),
        });
        let store = DemoStore::believable(SEED, moment)
            .with_clock(clock.clone())
            .with_history(SEED, moment)
            .start(([127, 0, 0, 1], 0).into())
            .await?;
        // The log objects are made when somebody asks for them.
        store.log_truth().await;
        stories::tell(&store.handle(), moment);
        let zone = TimeZone::get(ZONE).map_err(io::Error::other)?;
        Ok(Self {
            store,
            clock,
            zone,
            asked,
        })
    }

    /// The store.
    pub fn store(&self) -> &RunningStore {
        &self.store
    }

    /// Whose questions they are.
    pub fn tenant(&self) -> Option<&DemoTenant> {
        self.store.tenants().first()
    }

    /// The time there.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// Lets the moment come at which everything is asked. Before that, whoever asks may read the logs and look at the buckets.
    pub fn ask_from_now_on(&self) {
        self.clock.set(self.asked);
    }

    /// In which days are meant.
    pub fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// What is true of the tenant.
    ///
    /// # Errors
    /// A log object can't be unpacked.
    pub fn truth(&self) -> io::Result<Truth> {
        let buckets = self.tenant().map_or(&[][..], |tenant| &tenant.buckets);
        Truth::read(&self.store.handle(), buckets, (self.asked, self.zone.clone()))
    }

    /// Ends it.
    pub async fn shutdown(self) {
        self.store.shutdown().await;
    }
}
