//! A visitor that keeps SpaceWatch and the store busy, so that the dashboard of the demo lives.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use spacewatch_model::Clock;
use tokio_util::sync::CancellationToken;

use crate::civil::date_of;
use crate::dice::{Dice, mix};
use crate::running::StoreHandle;
use crate::store::DemoTenant;
use crate::visits;

/// Answers are read to their end, but not beyond this.
const MOST_ANSWER_BYTES: usize = 16 * 1024 * 1024;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The wait after SpaceWatch could not be reached at all.
const UNREACHABLE: Duration = Duration::from_secs(2);
/// Busy and quiet times come and go in this time: a day of a small company, run fast.
const DAY: f64 = 900.0;
/// Uploads of the visitor that stay in the store; older ones are deleted again.
const MOST_UPLOADS: usize = 150;

/// Whom the visitor plays, and against what.
#[derive(Debug, Clone)]
pub struct VisitorConfig {
    /// Where SpaceWatch answers, such as `http://127.0.0.1:8000`. Plain HTTP only.
    pub base_url: String,
    /// The tenants whose keys it uses. Buckets called `synthetic-…` are left alone.
    pub tenants: Vec<DemoTenant>,
    /// What its choices follow from.
    pub seed: u64,
}

/// Makes one to four requests a second to SpaceWatch, mostly good ones. In the meantime others use the store: they read,
/// write and delete, miss and are refused.
///
/// One request at a time: a slow SpaceWatch slows the visitor down and is never flooded.
pub struct Visitor {
    plan: Plan,
    base_url: String,
    store: Option<StoreHandle>,
    uploads: VecDeque<visits::Place>,
    others: Dice,
    clock: Arc<dyn Clock>,
    client: Client<HttpConnector, Empty<Bytes>>,
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visitor")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl Visitor {
    /// A visitor that waits to be run. With a store it uploads and deletes there as well.
    pub fn new(config: VisitorConfig, store: Option<StoreHandle>, clock: Arc<dyn Clock>) -> Self {
        Self {
            base_url: config.base_url.trim_end_matches('/').to_owned(),
            plan: Plan::new(config.tenants, config.seed),
            others: Dice::new(mix(config.seed)),
            store,
            uploads: VecDeque::new(),
            clock,
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// Visits until told to stop.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let pause = self.plan.pause(self.clock.elapsed());
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            self.change_store();
            let Some(visit) = self.plan.next() else { return };
            let reached = tokio::select! {
                () = stop.cancelled() => return,
                answer = tokio::time::timeout(REQUEST_TIMEOUT, self.send(&visit)) => answer.is_ok_and(|a| a.is_some()),
            };
            if !reached {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(UNREACHABLE) => {}
                }
            }
        }
    }

    async fn send(&self, visit: &Visit) -> Option<StatusCode> {
        let tenant = self.plan.tenants.get(visit.tenant)?;
        let request = Request::builder()
            .method(visit.method.clone())
            .uri(format!("{}{}", self.base_url, visit.path))
            .header("user-agent", "spacewatch-demo-visitor")
            .header("x-spaces-key", &tenant.access_key_id)
            .header("x-spaces-secret", tenant.secret_access_key.expose())
            .header("x-session-id", format!("visitor-{}", visit.session))
            .body(Empty::new())
            .ok()?;
        match self.client.request(request).await {
            Ok(response) => {
                let status = response.status();
                let _ = Limited::new(response.into_body(), MOST_ANSWER_BYTES)
                    .collect()
                    .await;
                Some(status)
            }
            Err(error) => {
                tracing::debug!(%error, "the visitor can't reach SpaceWatch");
                None
            }
        }
    }

    /// What others do to the store between two visits.
    pub fn change_store(&mut self) {
        let Some(store) = &self.store else { return };
        let (year, month, day) = date_of(self.clock.now().as_second());
        let dice = &mut self.others;
        for _ in 0..dice.below(3) {
            self.uploads.extend(visits::usual(store, dice));
        }
        if let Some((bucket, key, size)) = self.plan.upload(year, month, day) {
            let place = (bucket, key);
            if visits::upload(store, &place, size, dice) {
                self.uploads.push_back(place);
            }
        }
        while self.uploads.len() > MOST_UPLOADS {
            if let Some(place) = self.uploads.pop_front() {
                visits::delete(store, &place, dice);
            }
        }
    }
}

/// One request to SpaceWatch.
#[derive(Debug, Clone, PartialEq)]
struct Visit {
    tenant: usize,
    method: Method,
    path: String,
    session: u64,
}

/// What comes next; follows from the seed alone.
struct Plan {
    tenants: Vec<DemoTenant>,
    dice: Dice,
}

impl Plan {
    fn new(mut tenants: Vec<DemoTenant>, seed: u64) -> Self {
        for tenant in &mut tenants {
            tenant.buckets.retain(|bucket| !bucket.starts_with("synthetic-"));
        }
        tenants.retain(|tenant| !tenant.buckets.is_empty());
        Self {
            tenants,
            dice: Dice::new(seed),
        }
    }

    /// The wait before the next visit: around 0.25 s in busy times, 1 s in quiet ones.
    fn pause(&mut self, elapsed: Duration) -> Duration {
        let per_second = 2.5 + 1.5 * (std::f64::consts::TAU * elapsed.as_secs_f64() / DAY).sin();
        let irregular = -(1.0 - self.dice.unit()).max(1e-9).ln();
        Duration::from_secs_f64((irregular / per_second).clamp(0.03, 3.0))
    }

    fn next(&mut self) -> Option<Visit> {
        let tenant = usize::try_from(self.dice.below(self.tenants.len() as u64)).ok()?;
        let own = &self.tenants.get(tenant)?.buckets;
        let bucket = self.dice.pick(own)?.clone();
        let (method, path) = match self.dice.below(100) {
            0..14 => (Method::GET, "/tools/buckets".to_owned()),
            14..40 => (Method::GET, format!("/tools/list-all?bucket={bucket}")),
            40..60 => (Method::GET, format!("/tools/storage-summary?bucket={bucket}")),
            60..73 => (
                Method::GET,
                format!("/tools/top-largest?bucket={bucket}&limit=10"),
            ),
            73..91 => (
                Method::GET,
                format!("/tools/recent-objects?bucket={bucket}&limit=10"),
            ),
            91..98 => (Method::POST, "/validate-credentials".to_owned()),
            98 => (Method::GET, format!("/tools/list-all?bucket={bucket}-old")),
            _ => {
                let other = &self.tenants.get((tenant + 1) % self.tenants.len())?.buckets;
                let foreign = self.dice.pick(other)?;
                (Method::GET, format!("/tools/storage-summary?bucket={foreign}"))
            }
        };
        Some(Visit {
            tenant,
            method,
            path,
            session: self.dice.below(12),
        })
    }

    /// Now and then something to upload: bucket, key and size.
    fn upload(&mut self, year: i64, month: i64, day: i64) -> Option<(String, String, u64)> {
        if !self.dice.chance(0.2) {
            return None;
        }
        let number = self.dice.below(100_000);
        let photo = self.dice.size(2_800_000.0, 0.6);
        let (bucket, key, size) = match self.dice.below(3) {
            0 => (
                "prod-uploads",
                format!("users/u{:05}/{number:05}-photo.jpg", number % 240),
                photo,
            ),
            1 => ("staging", format!("preview/live/{number:05}.html"), photo / 60),
            _ => (
                "raw-events",
                format!("events/dt={year}-{month:02}-{day:02}/live/part-{number:06x}.json.gz"),
                photo * 9,
            ),
        };
        Some((bucket.to_owned(), key, size))
    }
}

#[cfg(test)]
mod tests {
    use spacewatch_model::Secret;

    use super::*;

    fn plan(seed: u64) -> Plan {
        let tenant = |name: &str, buckets: &[&str]| DemoTenant {
            name: name.to_owned(),
            access_key_id: name.to_owned(),
            secret_access_key: Secret::new("s"),
            buckets: buckets.iter().map(|bucket| (*bucket).to_owned()).collect(),
        };
        Plan::new(
            vec![tenant("a", &["one", "synthetic-1"]), tenant("b", &["two"])],
            seed,
        )
    }

    #[test]
    fn mostly_good_requests_and_always_the_same() {
        let visits: Vec<Visit> = std::iter::from_fn({
            let mut plan = plan(1);
            move || plan.next()
        })
        .take(2000)
        .collect();
        let mut again = plan(1);
        assert!(visits.iter().all(|visit| Some(visit) == again.next().as_ref()));
        let bad = visits.iter().filter(|visit| {
            let (own, other) = if visit.tenant == 0 {
                ("one", "two")
            } else {
                ("two", "one")
            };
            visit.path.contains(&format!("{own}-old")) || visit.path.contains(other)
        });
        let bad = bad.count();
        assert!((10..100).contains(&bad), "{bad}");
        assert!(visits.iter().all(|visit| !visit.path.contains("synthetic")));
    }

    #[test]
    fn one_to_four_a_second() {
        for (second, least, most) in [(225, 3.0, 5.0), (675, 0.7, 1.4)] {
            let mut plan = plan(2);
            let total: Duration = (0..2000).map(|_| plan.pause(Duration::from_secs(second))).sum();
            let rate = 2000.0 / total.as_secs_f64();
            assert!((least..most).contains(&rate), "{rate}");
        }
    }
}
