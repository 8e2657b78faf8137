//! How often one client may ask.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::client::ClientKey;
use crate::config::RateLimit;

/// Clients remembered at once. A client is forgotten once its allowance is full again.
const MAX_CLIENTS: usize = 65_536;
/// Every so many requests the full ones are forgotten.
const SWEEP_EVERY: u32 = 4096;

pub(crate) struct Rate {
    quota: Option<Quota>,
    clients: RwLock<DefaultKeyedRateLimiter<ClientKey>>,
    since_sweep: AtomicU32,
    clock: DefaultClock,
}

impl Rate {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let quota = quota(limit);
        Self {
            quota,
            clients: RwLock::new(RateLimiter::keyed(
                quota.unwrap_or(Quota::per_second(NonZeroU32::MIN)),
            )),
            since_sweep: AtomicU32::new(0),
            clock: DefaultClock::default(),
        }
    }

    /// Takes one request from this client's allowance, or says after how many seconds to come again.
    pub(crate) fn admit(&self, client: ClientKey) -> Result<(), u64> {
        let Some(quota) = self.quota else { return Ok(()) };
        if self.since_sweep.fetch_add(1, Ordering::Relaxed) >= SWEEP_EVERY {
            self.since_sweep.store(0, Ordering::Relaxed);
            self.sweep(quota);
        }
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        clients.check_key(&client).map_err(|refused| {
            let wait = refused.wait_time_from(self.clock.now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }

    fn sweep(&self, quota: Quota) {
        let clients = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        clients.retain_recent();
        let overfull = clients.len() > MAX_CLIENTS;
        drop(clients);
        if overfull {
            // Somebody asks from a great many addresses. Starting over keeps the memory bounded.
            *self.clients.write().unwrap_or_else(PoisonError::into_inner) = RateLimiter::keyed(quota);
        }
    }
}

fn quota(limit: RateLimit) -> Option<Quota> {
    let refill = Duration::try_from_secs_f64(1.0 / limit.per_second)
        .ok()
        .filter(|refill| !refill.is_zero())?;
    Some(Quota::with_period(refill)?.allow_burst(NonZeroU32::new(limit.burst).unwrap_or(NonZeroU32::MIN)))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn client(text: &str) -> ClientKey {
        text.parse::<IpAddr>().expect("an address").into()
    }

    #[test]
    fn each_client_has_its_own_burst() {
        let rate = Rate::new(RateLimit {
            per_second: 0.001,
            burst: 2,
        });
        assert_eq!(rate.admit(client("192.0.2.1")), Ok(()));
        assert_eq!(rate.admit(client("192.0.2.1")), Ok(()));
        let wait = rate.admit(client("192.0.2.1")).expect_err("the burst is used up");
        assert!((990..=1000).contains(&wait), "{wait}");
        assert_eq!(rate.admit(client("192.0.2.2")), Ok(()));
    }

    #[test]
    fn zero_switches_it_off() {
        let rate = Rate::new(RateLimit {
            per_second: 0.0,
            burst: 1,
        });
        for _ in 0..1000 {
            assert_eq!(rate.admit(client("192.0.2.1")), Ok(()));
        }
    }
}
