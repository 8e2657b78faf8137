//! Switches that make the store misbehave, changeable while it runs.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use spacewatch_model::Clock;

use crate::dice::Dice;
use crate::operation::{Operation, Target};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The answer comes later: by `fixed` and up to `jitter` more.
    Latency {
        /// Added always.
        fixed: Duration,
        /// Added in part, by chance.
        jitter: Duration,
    },
    /// 503 SlowDown.
    SlowDown,
    /// 500 InternalError.
    InternalError,
    /// 403 InvalidAccessKeyId: the key was taken back.
    Revoked,
    /// 200 and a body that is no XML.
    GarbageXml,
    /// The connection is cut before any answer.
    Drop,
    /// Headers and half of the body, then the connection is reset.
    ResetInBody,
    /// Headers and so many bytes of the body, then the connection is reset.
    ResetAfter(u64),
    /// Nothing at all: the request is read and never answered.
    Hang,
    /// Headers and half of the body, then nothing.
    StallInBody,
    /// Headers and so many bytes of the body, then nothing.
    StallAfter(u64),
    /// 404 NoSuchKey: what was listed is gone.
    Vanish,
    /// The object has another ETag and other bytes than the listing said; a request that insists on the listed one
    /// is refused with 412.
    Changed,
    /// The object has other bytes and the same ETag.
    WrongContent,
    /// Pages of listings end after `keep` entries.
    TruncatePage {
        /// Entries that stay.
        keep: usize,
        /// Whether `IsTruncated` says so. If not, the page claims to be the last one.
        honest: bool,
    },
    /// The `ETag` header is not the one of the object.
    WrongEtag,
    /// Keys in listings hold raw control characters and `EncodingType` is neither obeyed nor echoed; tokens are
    /// raw keys. As Ceph's gateway does.
    RawControlCharacters,
    /// A sub-resource of a bucket is answered with a listing: as Ceph's gateway does those that it doesn't know
    /// (`?encryption`), or the one that the fault is on.
    IgnoreSubresources,
    /// 403 AccessDenied: these keys may not do that.
    Denied,
    /// 404 NoSuchBucket: the store hides what these keys may not see.
    Hidden,
    /// 501 NotImplemented: the store has no such function.
    NotImplemented,
}

/// When a fault strikes, of the requests in its scope.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum When {
    /// Every time.
    #[default]
    Always,
    /// By chance, from 0.0 to 1.0.
    Probability(f64),
    /// The nth, the 2nth, … request.
    Every(u64),
    /// The next n requests, then never again.
    Next(u64),
    /// What comes faster than so many requests a second. The fault's own clock is that of the store.
    Above(f64),
}

/// A fault: what, when, and for which requests. Without a scope it is for all.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    effect: Effect,
    when: When,
    operation: Option<Operation>,
    bucket: Option<String>,
    key: Option<String>,
    access_key: Option<String>,
}

impl Fault {
    /// A fault that strikes always and everywhere.
    pub fn new(effect: Effect) -> Self {
        Self {
            effect,
            when: When::Always,
            operation: None,
            bucket: None,
            key: None,
            access_key: None,
        }
    }

    /// A fixed delay.
    pub fn latency(fixed: Duration) -> Self {
        Self::new(Effect::Latency {
            fixed,
            jitter: Duration::ZERO,
        })
    }

    /// 503 SlowDown.
    pub fn slow_down() -> Self {
        Self::new(Effect::SlowDown)
    }

    /// Strikes then only.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// Strikes this operation only.
    #[must_use]
    pub fn on(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Strikes requests to this bucket only.
    #[must_use]
    pub fn in_bucket(mut self, bucket: &str) -> Self {
        self.bucket = Some(bucket.to_owned());
        self
    }

    /// Strikes requests for this key only.
    #[must_use]
    pub fn at_key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Strikes requests signed with this access key id only.
    #[must_use]
    pub fn for_key(mut self, access_key_id: &str) -> Self {
        self.access_key = Some(access_key_id.to_owned());
        self
    }

    fn covers(&self, target: &Target) -> bool {
        self.operation
            .is_none_or(|operation| operation == target.operation)
            && (self.effect != Effect::IgnoreSubresources
                || self.operation.is_some()
                || target.operation.is_unknown_to_ceph())
            && (self.bucket.is_none() || self.bucket == target.bucket)
            && (self.key.is_none() || self.key == target.key)
            && (self.access_key.is_none() || self.access_key == target.access_key)
    }
}

/// The name of a fault that is switched on, to switch it off again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultId(u64);

/// The switches of a running store. Clones share them.
#[derive(Clone)]
pub struct Faults {
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    last_id: u64,
}

#[derive(Debug)]
struct Rule {
    id: FaultId,
    fault: Fault,
    dice: Dice,
    seen: u64,
    allowance: f64,
    filled_at: Duration,
}

/// What shall happen to one request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) instead: Option<Instead>,
    pub(crate) body: Option<BodyFault>,
    pub(crate) wrong_etag: bool,
    pub(crate) changed: bool,
    pub(crate) other_bytes: bool,
    pub(crate) ignore_subresource: bool,
    pub(crate) listing: ListingFault,
}

/// What comes in place of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instead {
    SlowDown,
    InternalError,
    Revoked,
    Denied,
    Hidden,
    NotImplemented,
    NoSuchKey,
    GarbageXml,
    Drop,
    Hang,
}

/// How a body ends, and where: in the middle, or after so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BodyFault {
    pub(crate) how: Breaks,
    pub(crate) after: Option<u64>,
}

/// What comes after the last byte of a body that breaks off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breaks {
    Reset,
    Stall,
}

/// What is wrong with a page of a listing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ListingFault {
    pub(crate) keep: Option<usize>,
    pub(crate) lies: bool,
    pub(crate) raw: bool,
}

impl Plan {
    fn break_off(&mut self, how: Breaks, after: Option<u64>) {
        self.body = Some(BodyFault { how, after });
    }
}

impl Faults {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            state: Arc::default(),
            clock,
        }
    }

    /// Switches a fault on, besides those that are on.
    pub fn add(&self, fault: Fault) -> FaultId {
        self.with(|state| {
            state.last_id += 1;
            let id = FaultId(state.last_id);
            state.rules.push(Rule {
                id,
                dice: Dice::new(state.last_id),
                seen: 0,
                allowance: match fault.when {
                    When::Above(per_second) => per_second,
                    _ => 0.0,
                },
                filled_at: self.clock.elapsed(),
                fault,
            });
            id
        })
    }

    /// Switches one fault off.
    pub fn remove(&self, id: FaultId) {
        self.with(|state| state.rules.retain(|rule| rule.id != id));
    }

    /// Switches all faults off.
    pub fn clear(&self) {
        self.with(|state| state.rules.clear());
    }

    /// How many faults are on.
    pub fn count(&self) -> usize {
        self.with(|state| state.rules.len())
    }

    pub(crate) fn plan(&self, target: &Target) -> Plan {
        let now = self.clock.elapsed();
        self.with(|state| {
            let mut plan = Plan::default();
            for rule in &mut state.rules {
                if rule.fault.covers(target) && rule.strikes(now) {
                    rule.add_to(&mut plan);
                }
            }
            plan
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|state| {
            f.debug_list()
                .entries(state.rules.iter().map(|rule| &rule.fault))
                .finish()
        })
    }
}

impl Rule {
    fn strikes(&mut self, now: Duration) -> bool {
        self.seen += 1;
        match self.fault.when {
            When::Always => true,
            When::Probability(p) => self.dice.chance(p),
            When::Every(n) => n > 0 && self.seen.is_multiple_of(n),
            When::Next(n) => self.seen <= n,
            When::Above(per_second) => {
                let passed = now.saturating_sub(self.filled_at).as_secs_f64();
                self.filled_at = now;
                // The allowance of one second may be used at once.
                self.allowance = (self.allowance + passed * per_second).min(per_second.max(1.0));
                let within = self.allowance >= 1.0;
                if within {
                    self.allowance -= 1.0;
                }
                !within
            }
        }
    }

    fn add_to(&mut self, plan: &mut Plan) {
        match self.fault.effect {
            Effect::Latency { fixed, jitter } => plan.delay += fixed + jitter.mul_f64(self.dice.unit()),
            Effect::SlowDown => plan.instead = Some(Instead::SlowDown),
            Effect::InternalError => plan.instead = Some(Instead::InternalError),
            Effect::Revoked => plan.instead = Some(Instead::Revoked),
            Effect::Denied => plan.instead = Some(Instead::Denied),
            Effect::Hidden => plan.instead = Some(Instead::Hidden),
            Effect::NotImplemented => plan.instead = Some(Instead::NotImplemented),
            Effect::GarbageXml => plan.instead = Some(Instead::GarbageXml),
            Effect::Drop => plan.instead = Some(Instead::Drop),
            Effect::Hang => plan.instead = Some(Instead::Hang),
            Effect::Vanish => plan.instead = Some(Instead::NoSuchKey),
            Effect::ResetInBody => plan.break_off(Breaks::Reset, None),
            Effect::ResetAfter(bytes) => plan.break_off(Breaks::Reset, Some(bytes)),
            Effect::StallInBody => plan.break_off(Breaks::Stall, None),
            Effect::StallAfter(bytes) => plan.break_off(Breaks::Stall, Some(bytes)),
            Effect::WrongContent => plan.other_bytes = true,
            Effect::Changed => {
                plan.changed = true;
                plan.other_bytes = true;
            }
            Effect::WrongEtag => plan.wrong_etag = true,
            Effect::IgnoreSubresources => plan.ignore_subresource = true,
            Effect::RawControlCharacters => plan.listing.raw = true,
            Effect::TruncatePage { keep, honest } => {
                plan.listing.keep = Some(keep);
                plan.listing.lies = !honest;
            }
        }
    }
}
