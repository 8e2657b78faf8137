//! What some clients did, in the order in which they did it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::BuildHasher;

use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::ident;
use futures::TryStreamExt;
use spacewatch_model::Timestamp;

use super::READS;
use super::ask::{DossierAsk, Who};
use super::census::{canonical, is_refusal};
use super::columns::Columns;
use super::condition;
use super::engine::Session;
use super::records;
use super::rows::Dossier;
use crate::{IpFilter, LakeError, RecordFilter, StatusFilter};

/// Clients of one question at most.
const MAX_CLIENTS: usize = 200;

/// Different keys of a client that are told apart; whoever met more met more than so many.
const MAX_KEYS: usize = 1_000_000;

/// Keys that are named.
const NAMED: usize = 5;

const COLUMNS: [&str; 7] = [
    "time",
    "remote_ip",
    "requester",
    "operation",
    "status",
    "key",
    "bytes_sent",
];

/// What dossiers hold: successes, refusals and what was missing.
const STATUSES: [StatusFilter; 3] = [
    StatusFilter { from: 200, to: 299 },
    StatusFilter { from: 401, to: 401 },
    StatusFilter { from: 403, to: 404 },
];

pub(super) async fn answer(session: &Session, ask: &DossierAsk) -> Result<Vec<Dossier>, LakeError> {
    let failed = |error| session.failure(&error);
    let values = ask
        .values
        .get(..ask.values.len().min(MAX_CLIENTS))
        .unwrap_or_default();
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let frame = of_clients(session, ask, values)?;
    // Refusals first among what happened in one second, so that nothing counts as read after them that may have been read before.
    let order: Vec<_> = vec![ident("time").sort(true, false), ident("status").sort(false, true)];
    let mut batches = frame
        .sort(order)
        .map_err(failed)?
        .execute_stream()
        .await
        .map_err(failed)?;
    let mut clients: HashMap<String, Client> = values
        .iter()
        .map(|value| (value.clone(), Client::new(value, ask.after)))
        .collect();
    while let Some(batch) = batches.try_next().await.map_err(failed)? {
        let columns = Columns(&batch);
        let (times, statuses) = (columns.times("time")?, columns.shorts("status")?);
        for row in 0..batch.num_rows() {
            let Some(value) = who(ask.who, columns, row)? else {
                continue;
            };
            let (Some(client), Some(time)) = (clients.get_mut(&value), times.time(row)) else {
                continue;
            };
            let operation = columns.word("operation", row)?;
            client.add(Event {
                time,
                is_read: READS.iter().any(|read| operation.starts_with(read)),
                status: statuses.status(row).unwrap_or(0),
                key: columns.text("key", row)?,
                anonymous: columns.text("requester", row)?.is_none(),
                bytes_sent: columns.count("bytes_sent", row)?.unwrap_or(0),
            });
        }
    }
    let found = values.iter().filter_map(|value| clients.remove(value));
    Ok(found.map(Client::finish).collect())
}

/// What these clients asked for, with the statuses that matter.
fn of_clients(session: &Session, ask: &DossierAsk, values: &[String]) -> Result<DataFrame, LakeError> {
    let failed = |error| session.failure(&error);
    let filter = RecordFilter {
        requests_only: true,
        ..ask.filter.clone()
    };
    let of_clients = match ask.who {
        Who::Address => condition::of_ips(&addresses(values)),
        Who::Requester => {
            let requesters = values.iter().map(|value| condition::text(value)).collect();
            Some(ident("requester").in_list(requesters, false))
        }
    };
    let mut frame = records::frame(session, &filter)?
        .select(COLUMNS.map(ident))
        .map_err(failed)?;
    for condition in of_clients.into_iter().chain(condition::of_statuses(&STATUSES)) {
        frame = frame.filter(condition).map_err(failed)?;
    }
    Ok(frame)
}

fn addresses(values: &[String]) -> Vec<IpFilter> {
    let addresses = values
        .iter()
        .filter_map(|value| value.parse::<std::net::IpAddr>().ok());
    addresses
        .map(|address| IpFilter::Network(address.into()))
        .collect()
}

fn who(who: Who, columns: Columns<'_>, row: usize) -> Result<Option<String>, LakeError> {
    match who {
        Who::Address => Ok(columns.text("remote_ip", row)?.map(|address| canonical(&address))),
        Who::Requester => columns.text("requester", row),
    }
}

struct Event {
    time: Timestamp,
    is_read: bool,
    status: u16,
    key: Option<String>,
    anonymous: bool,
    bytes_sent: u64,
}

struct Client {
    dossier: Dossier,
    /// Reads count as ones after refusals once there were so many.
    after: u64,
    missed: Keys,
    got: Keys,
}

impl Client {
    fn new(value: &str, after: u64) -> Self {
        Self {
            dossier: Dossier {
                value: value.to_owned(),
                ..Dossier::default()
            },
            after: after.max(1),
            missed: Keys::default(),
            got: Keys::default(),
        }
    }

    fn finish(self) -> Dossier {
        Dossier {
            keys_missed: self.missed.distinct(),
            keys_after: self.got.distinct(),
            some_keys: self.got.named.into_iter().collect(),
            ..self.dossier
        }
    }

    fn add(&mut self, event: Event) {
        let dossier = &mut self.dossier;
        let refused = is_refusal(event.status);
        if refused {
            dossier.refused = dossier.refused.saturating_add(1);
            dossier.first_refused.get_or_insert(event.time);
            dossier.last_refused = Some(event.time);
            if dossier.refused == self.after {
                dossier.refused_enough = Some(event.time);
            }
        }
        if refused || event.status == 404 {
            dossier.misses = dossier.misses.saturating_add(1);
            dossier.first_missed.get_or_insert(event.time);
            dossier.last_missed = Some(event.time);
            self.missed.add(event.key.as_deref());
            return;
        }
        if !event.is_read {
            return;
        }
        if dossier.first_refused.is_none_or(|first| event.time < first) {
            dossier.reads_before = dossier.reads_before.saturating_add(1);
        }
        // What was read in the same second may have been read before.
        if dossier.refused_enough.is_some_and(|enough| event.time > enough) {
            dossier.reads_after = dossier.reads_after.saturating_add(1);
            let anonymous = u64::from(event.anonymous);
            dossier.anonymous_after = dossier.anonymous_after.saturating_add(anonymous);
            dossier.bytes_after = dossier.bytes_after.saturating_add(event.bytes_sent);
            dossier.first_read_after.get_or_insert(event.time);
            dossier.last_read_after = Some(event.time);
            self.got.add(event.key.as_deref());
        }
    }
}

/// Different keys, without the keys.
#[derive(Default)]
struct Keys {
    digests: HashSet<u64>,
    hasher: std::hash::RandomState,
    /// The first of them in order of their names.
    named: BTreeSet<String>,
}

impl Keys {
    fn add(&mut self, key: Option<&str>) {
        let Some(key) = key else { return };
        let fits = self.digests.len() < MAX_KEYS;
        if fits && self.digests.insert(self.hasher.hash_one(key)) && self.named.len() < NAMED {
            self.named.insert(key.to_owned());
        }
    }

    fn distinct(&self) -> u64 {
        u64::try_from(self.digests.len()).unwrap_or(u64::MAX)
    }
}
