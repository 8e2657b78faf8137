//! Decisions about findings, as objects below the metrics prefix.
//!
//! What lies there may be anybody's: keys, sizes and numbers are bounded, and what is no decision is counted and left alone. Which decision is
//! the newest says the store, by when it took the object; nobody can date one ahead.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_model::{BucketName, ErrorCode, ObjectKey, Prefix};
use spacewatch_s3::{Fingerprint, ObjectSummary, StoreError};
use spacewatch_snapshots::{Place, unique_name, write_once};

use super::{MAX_ID, MAX_REASON, Suppression};
use crate::{Evidence, Tenant, ToolError, snapshots};

/// The folder of decisions.
const FOLDER: &str = "suppressions/";
/// Changes when older programs can't read them any more.
const FORMAT: u32 = 1;
/// Decisions read at most.
const MAX_DECISIONS: usize = 10_000;
/// Bytes of one at most, with everything escaped.
const MAX_BYTES: usize = 32 * 1024;
/// Keys of one page.
const PAGE: usize = 1000;
/// Read at once.
const AT_ONCE: usize = 16;

/// What was decided about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    format: u32,
    pub(super) id: String,
    at: Timestamp,
    verb: Verb,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verb {
    /// It is not pointed at.
    Suppress {
        /// Why.
        reason: String,
        /// How long.
        until: Timestamp,
    },
    /// It is pointed at again.
    Lift,
}

impl Decision {
    pub(super) fn new(id: String, at: Timestamp, verb: Verb) -> Self {
        Self {
            format: FORMAT,
            id,
            at,
            verb,
        }
    }

    /// What an object holds, if that is a decision.
    fn read(bytes: &[u8]) -> Option<Self> {
        let decision: Self = serde_json::from_slice(bytes).ok()?;
        let bounded = match &decision.verb {
            Verb::Suppress { reason, .. } => reason.chars().count() <= MAX_REASON,
            Verb::Lift => true,
        };
        let known = decision.format == FORMAT && !decision.id.is_empty() && decision.id.len() <= MAX_ID;
        (known && bounded).then_some(decision)
    }

    pub(super) fn suppression(&self) -> Option<Suppression> {
        match &self.verb {
            Verb::Lift => None,
            Verb::Suppress { reason, until } => Some(Suppression {
                reason: reason.clone(),
                until: *until,
                since: self.at,
            }),
        }
    }
}

/// The newest decision about a finding.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) decision: Arc<Decision>,
}

impl Held {
    /// What it says, also when its time is over.
    pub(super) fn told(&self) -> Option<Suppression> {
        self.decision.suppression()
    }

    /// What holds now.
    pub(super) fn suppression(&self, now: Timestamp) -> Option<Suppression> {
        self.told().filter(|suppression| suppression.until > now)
    }
}

/// Decisions read already. They never change, so one is read once; whoever asks must have been let read there.
#[derive(Debug, Default)]
pub(crate) struct KnownDecisions(Mutex<HashMap<Known, Option<Arc<Decision>>>>);

/// One version of an object, as one set of credentials sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Known {
    tenant: Fingerprint,
    bucket: BucketName,
    key: ObjectKey,
    etag: String,
}

impl KnownDecisions {
    fn find(&self, known: &Known) -> Option<Option<Arc<Decision>>> {
        let decisions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        decisions.get(known).cloned()
    }

    fn keep(&self, known: Known, decision: Option<Arc<Decision>>) {
        let mut decisions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if decisions.len() >= MAX_DECISIONS {
            decisions.clear();
        }
        decisions.insert(known, decision);
    }
}

fn folder(place: &Place) -> Prefix {
    format!("{}{FOLDER}", place.prefix()).parse().unwrap_or_default()
}

/// What the store must let these credentials read before they are answered from their decisions.
pub(super) fn evidence(tenant: &Tenant) -> Vec<Evidence> {
    let place = snapshots::place(tenant).ok();
    let evidence = place.map(|place| Evidence::Objects(place.bucket.clone(), folder(&place)));
    evidence.into_iter().collect()
}

/// What holds about each finding, by id; nothing where no place for it is named.
pub(super) async fn held(tenant: &Tenant) -> Result<Vec<Held>, ToolError> {
    match snapshots::place(tenant) {
        Ok(place) => Ok(read(tenant, &place).await?.0),
        Err(_) => Ok(Vec::new()),
    }
}

/// Writes a decision as an object of its own.
pub(super) async fn write(
    tenant: &Tenant,
    place: &Place,
    decision: &Decision,
) -> Result<ObjectKey, ToolError> {
    let body = serde_json::to_vec(decision).map_err(|error| {
        ToolError::new(
            ErrorCode::Internal,
            format!("the decision can't be written: {error}"),
        )
    })?;
    let at = decision.at.strftime("%Y%m%dT%H%M%S%.6fZ");
    let name = format!("{FOLDER}{at}-{}.json", unique_name());
    Ok(write_once(&tenant.store, place, &name, body.into()).await?)
}

/// What holds about each finding, by id, and how many objects hold no decision.
pub(super) async fn read(tenant: &Tenant, place: &Place) -> Result<(Vec<Held>, u64), ToolError> {
    let under = folder(place);
    tenant.store.ensure_readable(&place.bucket, &under).await?;
    let objects = list(tenant, place, &under).await?;
    let reads = objects.into_iter().map(|object| async move {
        let decision = decision(tenant, place, &object).await?;
        Ok::<_, ToolError>(((object.last_modified, object.key), decision))
    });
    let mut newest: BTreeMap<String, (Written, Arc<Decision>)> = BTreeMap::new();
    let mut unreadable = 0_u64;
    let mut read = stream::iter(reads).buffered(AT_ONCE);
    while let Some((written, decision)) = read.try_next().await? {
        let Some(decision) = decision else {
            unreadable = unreadable.saturating_add(1);
            continue;
        };
        let newer = newest
            .get(&decision.id)
            .is_none_or(|(before, _)| *before <= written);
        if newer {
            newest.insert(decision.id.clone(), (written, decision));
        }
    }
    let held = newest.into_values().map(|(_, decision)| Held { decision });
    Ok((held.collect(), unreadable))
}

/// When the store took an object, then its name, which begins with the time at the writer's.
type Written = (Option<Timestamp>, ObjectKey);

async fn list(tenant: &Tenant, place: &Place, under: &Prefix) -> Result<Vec<ObjectSummary>, ToolError> {
    let (mut objects, mut after) = (Vec::new(), None);
    loop {
        let page = tenant
            .store
            .list_page(&place.bucket, under, after.as_ref(), PAGE)
            .await?;
        objects.extend(page.objects);
        if objects.len() > MAX_DECISIONS {
            let detail = format!("there are more than {MAX_DECISIONS} objects under `{under}`");
            return Err(ToolError::new(ErrorCode::InvalidValue, detail).with_hint(
                "delete the oldest of them: each is one decision about a finding, and only the newest counts",
            ));
        }
        after = page.next;
        if after.is_none() {
            return Ok(objects);
        }
    }
}

/// What an object says. One that vanished, or is no decision, says nothing.
async fn decision(
    tenant: &Tenant,
    place: &Place,
    object: &ObjectSummary,
) -> Result<Option<Arc<Decision>>, ToolError> {
    if usize::try_from(object.size.0).map_or(true, |size| size > MAX_BYTES) {
        return Ok(None);
    }
    let known = object.etag.clone().map(|etag| Known {
        tenant: tenant.store.fingerprint(),
        bucket: place.bucket.clone(),
        key: object.key.clone(),
        etag,
    });
    let decisions = &tenant.histories.decisions;
    if let Some(decision) = known.as_ref().and_then(|known| decisions.find(known)) {
        return Ok(decision);
    }
    let read = tenant
        .store
        .get_object(&place.bucket, &object.key, None, MAX_BYTES)
        .await;
    let decision = match read {
        Ok(body) => Decision::read(&body.bytes).map(Arc::new),
        Err(StoreError::NoSuchKey(_) | StoreError::NotSupported(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if let Some(known) = known {
        decisions.keep(known, decision.clone());
    }
    Ok(decision)
}
