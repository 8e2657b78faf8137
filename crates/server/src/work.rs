//! Work that may outlive its request.
//!
//! The same question of the same tenant is answered once, however many ask. Work stops when nobody waits
//! for it any more, unless somebody was told that it goes on; then its result is kept for a while.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use spacewatch_insight::Evidence;
use spacewatch_model::{Clock, ErrorCode};
use spacewatch_s3::{Fingerprint, Progress};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::ClientKey;
use crate::config::Bounds;
use crate::problem::{Problem, WorkLink};

/// Finished work that is kept at once.
const MAX_KEPT: usize = 256;

/// What came out: an answer as JSON, or why there is none.
pub(crate) type Outcome = Result<Bytes, Problem>;

/// Who asks what. The fingerprint holds the secret too: nobody joins another's work by a key id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) tenant: Fingerprint,
    pub(crate) tool: &'static str,
    /// The arguments and named buckets as JSON.
    pub(crate) args: Vec<u8>,
}

/// One piece of work, while it runs and for a while after.
pub(crate) struct Work {
    pub(crate) id: Arc<str>,
    pub(crate) question: Question,
    /// What it reads: whoever picks the result up must be able to read it still.
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) progress: Progress,
    /// Who began it.
    client: ClientKey,
    /// On the clock that never goes back.
    pub(crate) started: Duration,
    outcome: watch::Receiver<Option<Outcome>>,
    stop: CancellationToken,
}

impl Work {
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.outcome.borrow().clone()
    }

    pub(crate) fn link(&self) -> WorkLink {
        WorkLink {
            id: self.id.to_string(),
            href: format!("/work/{}", self.id),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Works(Arc<Shared>);

struct Shared {
    table: Mutex<Table>,
    tasks: TaskTracker,
    clock: Arc<dyn Clock>,
    bounds: Bounds,
}

#[derive(Default)]
struct Table {
    by_id: HashMap<Arc<str>, Entry>,
    by_question: HashMap<Question, Arc<str>>,
    running: HashMap<Fingerprint, usize>,
    /// The same by client: made-up credentials make as many tenants as anybody likes.
    running_of_client: HashMap<ClientKey, usize>,
}

struct Entry {
    work: Arc<Work>,
    waiting: usize,
    /// Somebody was told where to find the result.
    promised: bool,
    finished: Option<Duration>,
}

/// What asking led to.
pub(crate) enum Asked {
    /// The work runs, for this caller alone or with others.
    Running(Waiting),
    /// The work was promised before and is done. Serve it only to who may read it now.
    Finished(Arc<Work>),
}

/// Somebody waits. When the last one goes, unpromised work stops.
pub(crate) struct Waiting {
    pub(crate) work: Arc<Work>,
    works: Works,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Waiting {
    /// Waits for the outcome.
    pub(crate) async fn outcome(&mut self) -> Outcome {
        match self.outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(Problem::internal())),
            Err(_) => Err(Problem::internal()),
        }
    }

    /// Promises that the work goes on and its result is kept. False when it is done already.
    pub(crate) fn promise(&self) -> bool {
        let mut table = self.works.lock();
        match table.by_id.get_mut(&self.work.id) {
            Some(entry) if entry.finished.is_none() => {
                entry.promised = true;
                true
            }
            _ => false,
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut table = self.works.lock();
        let Some(entry) = table.by_id.get_mut(&self.work.id) else {
            return;
        };
        entry.waiting = entry.waiting.saturating_sub(1);
        if entry.waiting == 0 && !entry.promised && entry.finished.is_none() {
            table.forget(&self.work);
            self.work.stop.cancel();
        }
    }
}

impl Table {
    fn forget(&mut self, work: &Work) {
        self.by_id.remove(&work.id);
        if self.by_question.get(&work.question) == Some(&work.id) {
            self.by_question.remove(&work.question);
        }
    }

    fn forget_old(&mut self, now: Duration, time_to_live: Duration) {
        let mut kept: Vec<(Duration, Arc<Work>)> = self
            .by_id
            .values()
            .filter_map(|entry| entry.finished.map(|finished| (finished, entry.work.clone())))
            .collect();
        kept.sort_by_key(|(finished, _)| *finished);
        let too_many = kept.len().saturating_sub(MAX_KEPT);
        for (index, (finished, work)) in kept.iter().enumerate() {
            if index < too_many || now.saturating_sub(*finished) >= time_to_live {
                self.forget(work);
            }
        }
    }

    fn admit(&self, tenant: &Fingerprint, client: ClientKey, bounds: &Bounds) -> Result<(), Problem> {
        let all: usize = self.running.values().sum();
        let own = self.running.get(tenant).copied().unwrap_or_default();
        let of_client = self.running_of_client.get(&client).copied().unwrap_or_default();
        let whose = if own >= bounds.works_per_tenant {
            "with these credentials"
        } else if of_client >= bounds.works_per_client {
            "from this address"
        } else if all >= bounds.works {
            "at all"
        } else {
            return Ok(());
        };
        Err(Problem::new(
            ErrorCode::Overloaded,
            format!("no more work can be started {whose} now"),
        )
        .with_hint("wait until earlier questions are answered")
        .with_retry_after(5))
    }

    fn began(&mut self, work: &Work) {
        *self.running.entry(work.question.tenant).or_default() += 1;
        *self.running_of_client.entry(work.client).or_default() += 1;
    }

    fn ended(&mut self, work: &Work) {
        count_down(&mut self.running, &work.question.tenant);
        count_down(&mut self.running_of_client, &work.client);
    }
}

fn count_down<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

impl Works {
    pub(crate) fn new(bounds: Bounds, tasks: TaskTracker, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared {
            table: Mutex::default(),
            tasks,
            clock,
            bounds,
        }))
    }

    /// Joins the work on this question, picks its promised result up, or begins it.
    pub(crate) fn ask<F, R>(
        &self,
        question: Question,
        evidence: Vec<Evidence>,
        client: ClientKey,
        run: F,
    ) -> Result<Asked, Problem>
    where
        F: FnOnce(Progress) -> R,
        R: Future<Output = Outcome> + Send + 'static,
    {
        let now = self.0.clock.elapsed();
        let mut table = self.lock();
        table.forget_old(now, self.0.bounds.result_time_to_live);
        if let Some(id) = table.by_question.get(&question).cloned()
            && let Some(entry) = table.by_id.get_mut(&id)
        {
            if entry.finished.is_some() {
                return Ok(Asked::Finished(entry.work.clone()));
            }
            entry.waiting += 1;
            return Ok(Asked::Running(self.waiting(entry.work.clone())));
        }
        table.admit(&question.tenant, client, &self.0.bounds)?;
        let (sender, outcome) = watch::channel(None);
        let work = Arc::new(Work {
            id: format!("{:032x}", rand::random::<u128>()).into(),
            question,
            evidence,
            client,
            progress: Progress::default(),
            started: now,
            outcome,
            stop: CancellationToken::new(),
        });
        let entry = Entry {
            work: work.clone(),
            waiting: 1,
            promised: false,
            finished: None,
        };
        table.by_id.insert(work.id.clone(), entry);
        table.by_question.insert(work.question.clone(), work.id.clone());
        table.began(&work);
        drop(table);
        let running = run(work.progress.clone());
        self.0
            .tasks
            .spawn(self.clone().drive(work.clone(), running, sender));
        Ok(Asked::Running(self.waiting(work)))
    }

    async fn drive(
        self,
        work: Arc<Work>,
        running: impl Future<Output = Outcome>,
        sender: watch::Sender<Option<Outcome>>,
    ) {
        let guarded = AssertUnwindSafe(running).catch_unwind();
        let limit = self.0.bounds.work_timeout;
        let outcome = tokio::select! {
            biased;
            () = work.stop.cancelled() => None,
            ended = tokio::time::timeout(limit, guarded) => Some(match ended {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => {
                    tracing::error!(tool = work.question.tool, "a tool panicked");
                    Err(Problem::internal())
                }
                Err(_) => {
                    let detail = format!("the work was stopped after {} s", limit.as_secs_f64());
                    Err(Problem::new(ErrorCode::StoreTimeout, detail))
                }
            }),
        };
        let mut table = self.lock();
        table.ended(&work);
        let promised = table.by_id.get(&work.id).is_some_and(|entry| entry.promised);
        if !promised {
            table.forget(&work);
        } else if let Some(entry) = table.by_id.get_mut(&work.id) {
            entry.finished = Some(self.0.clock.elapsed());
        }
        // Under the lock, so that whoever finds it finished finds the outcome too.
        sender.send_replace(outcome);
    }

    /// Work that this tenant began and was promised or still waits for.
    pub(crate) fn find(&self, id: &str, tenant: &Fingerprint) -> Option<Arc<Work>> {
        let mut table = self.lock();
        table.forget_old(self.0.clock.elapsed(), self.0.bounds.result_time_to_live);
        table
            .by_id
            .get(id)
            .filter(|entry| entry.work.question.tenant == *tenant)
            .map(|entry| entry.work.clone())
    }

    /// Notes that the result was picked up: the next question is answered afresh. At its own address the
    /// result stays for its time, for whoever was sent there.
    pub(crate) fn picked_up(&self, work: &Work) {
        let mut table = self.lock();
        if table.by_question.get(&work.question) == Some(&work.id) {
            table.by_question.remove(&work.question);
        }
    }

    fn waiting(&self, work: Arc<Work>) -> Waiting {
        Waiting {
            outcome: work.outcome.clone(),
            work,
            works: self.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
