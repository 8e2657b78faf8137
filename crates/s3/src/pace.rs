//! How fast one endpoint may be called: a share of its rate limit, and as many calls at a time as it bears.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls at a time before anything is known about the store.
const FIRST_WIDTH: usize = 32;
/// Narrower than this it never gets.
const LEAST_WIDTH: usize = 2;
/// Answers to calls that were under way together count as one wish to slow down.
const ONE_WISH: Duration = Duration::from_millis(200);

/// The pace of all calls to one endpoint, whoever's keys they use: the store counts by client address.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: f64,
    most: usize,
    tokens: Mutex<Tokens>,
    width: Mutex<Width>,
    /// The whole part of `Width::now`, to be read without the lock.
    shown: AtomicUsize,
    slots: Arc<Semaphore>,
}

#[derive(Debug)]
struct Tokens {
    /// Requests that may go at once; below zero while some wait for their turn.
    left: f64,
    at: Instant,
}

#[derive(Debug)]
struct Width {
    now: f64,
    /// Slots still to be taken away, as soon as somebody gives one back.
    debt: usize,
    /// Grows by one with each answer until the store first complains, then by one in a round.
    complained: Option<Instant>,
}

/// The right to have one listing request under way.
#[derive(Debug)]
pub(crate) struct Slot {
    pace: Arc<Pace>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Pace {
    pub(crate) fn new(rate_per_second: u32, most: usize) -> Self {
        let rate = f64::from(rate_per_second.max(1));
        let most = most.max(1);
        let first = most.min(FIRST_WIDTH);
        Self {
            rate,
            most,
            tokens: Mutex::new(Tokens {
                left: rate,
                at: Instant::now(),
            }),
            width: Mutex::new(Width {
                now: to_f64(first),
                debt: 0,
                complained: None,
            }),
            shown: AtomicUsize::new(first),
            slots: Arc::new(Semaphore::new(first)),
        }
    }

    /// How many listing requests may be under way now.
    pub(crate) fn width(&self) -> usize {
        self.shown.load(Relaxed)
    }

    /// Waits for a slot and for its turn: for work that sends many requests.
    pub(crate) async fn take_turn(self: &Arc<Self>) -> Slot {
        // The semaphore is never closed; were it, going on without a slot would still be right.
        let permit = self.slots.clone().acquire_owned().await.ok();
        let wait = self.reserve(Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Slot {
            pace: self.clone(),
            permit,
        }
    }

    /// Counts a request that doesn't wait, because a person does.
    pub(crate) fn count(&self) {
        self.count_at(Instant::now());
    }

    fn count_at(&self, now: Instant) {
        let mut tokens = self.refilled(now);
        tokens.left = (tokens.left - 1.0).max(-self.rate);
    }

    /// Takes a turn, and tells how long it is until then.
    fn reserve(&self, now: Instant) -> Duration {
        let mut tokens = self.refilled(now);
        tokens.left -= 1.0;
        Duration::from_secs_f64((-tokens.left).max(0.0) / self.rate)
    }

    fn refilled(&self, now: Instant) -> MutexGuard<'_, Tokens> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let earned = now.saturating_duration_since(tokens.at).as_secs_f64() * self.rate;
        tokens.left = (tokens.left + earned).min(self.rate);
        tokens.at = tokens.at.max(now);
        tokens
    }

    /// The store answered well: a little wider.
    pub(crate) fn went_well(&self) {
        let mut width = self.width.lock().unwrap_or_else(PoisonError::into_inner);
        let before = floor(width.now);
        let step = if width.complained.is_some() {
            1.0 / width.now
        } else {
            1.0
        };
        width.now = (width.now + step).min(to_f64(self.most));
        let gained = floor(width.now).saturating_sub(before);
        let paid = gained.min(width.debt);
        width.debt = width.debt.saturating_sub(paid);
        self.slots.add_permits(gained.saturating_sub(paid));
        self.shown.store(floor(width.now), Relaxed);
    }

    /// The store asked to slow down, or didn't keep up: half as wide, and no burst left.
    pub(crate) fn was_too_fast(&self) {
        self.slow_down(Instant::now());
    }

    fn slow_down(&self, now: Instant) {
        let mut width = self.width.lock().unwrap_or_else(PoisonError::into_inner);
        if width
            .complained
            .is_some_and(|at| now.saturating_duration_since(at) < ONE_WISH)
        {
            return;
        }
        width.complained = Some(now);
        let before = floor(width.now);
        width.now = (width.now / 2.0).max(to_f64(LEAST_WIDTH.min(self.most)));
        let lost = before.saturating_sub(floor(width.now));
        let taken = self.slots.forget_permits(lost);
        width.debt = width.debt.saturating_add(lost.saturating_sub(taken));
        self.shown.store(floor(width.now), Relaxed);
        drop(width);
        let mut tokens = self.refilled(now);
        tokens.left = tokens.left.min(0.0);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut width = self.pace.width.lock().unwrap_or_else(PoisonError::into_inner);
        if width.debt > 0
            && let Some(permit) = self.permit.take()
        {
            width.debt = width.debt.saturating_sub(1);
            permit.forget();
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of requests are far below 2^52"
)]
fn to_f64(number: usize) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between one and the most that were allowed"
)]
fn floor(number: f64) -> usize {
    number as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wait: Duration, seconds: f64) {
        assert!(
            (wait.as_secs_f64() - seconds).abs() < 0.02,
            "{wait:?} instead of {seconds} s"
        );
    }

    #[test]
    fn the_rate_is_kept_after_a_burst() {
        let pace = Pace::new(100, 64);
        let start = Instant::now();
        for _ in 0..99 {
            check(pace.reserve(start), 0.0);
        }
        for _ in 0..200 {
            pace.reserve(start);
        }
        check(pace.reserve(start), 2.0);
        check(pace.reserve(start + Duration::from_secs(1)), 1.01);
        check(pace.reserve(start + Duration::from_secs(60)), 0.0);
    }

    #[test]
    fn width_grows_and_is_halved() {
        let pace = Pace::new(1000, 48);
        let start = Instant::now();
        assert_eq!(pace.width(), 32);
        for _ in 0..40 {
            pace.went_well();
        }
        assert_eq!(pace.width(), 48);
        pace.slow_down(start);
        pace.slow_down(start + ONE_WISH / 2);
        assert_eq!(pace.width(), 24, "two complaints about one round are one");
        assert_eq!(pace.slots.available_permits(), 24);
        for _ in 0..24 {
            pace.went_well();
        }
        assert_eq!(pace.width(), 24, "after a complaint it grows by one in a round");
        pace.went_well();
        assert_eq!(pace.width(), 25);
        for _ in 0..20 {
            pace.slow_down(Instant::now() + Duration::from_secs(3600));
        }
        assert_eq!(pace.width(), 12);
    }

    #[tokio::test]
    async fn slots_in_use_are_taken_away_when_given_back() {
        let pace = Arc::new(Pace::new(1000, 8));
        let mut slots = Vec::new();
        for _ in 0..8 {
            slots.push(pace.take_turn().await);
        }
        pace.was_too_fast();
        assert_eq!(pace.width(), 4);
        drop(slots);
        assert_eq!(pace.slots.available_permits(), 4);
    }

    #[test]
    fn a_person_never_waits_and_long_work_a_bounded_time() {
        let pace = Pace::new(10, 8);
        let start = Instant::now();
        for _ in 0..100 {
            pace.count_at(start);
        }
        check(pace.reserve(start), 1.1);
    }
}
