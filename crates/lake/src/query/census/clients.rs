//! Clients by number, and how their requests ended.

use std::net::{IpAddr, Ipv6Addr};

use hashbrown::HashMap;

use super::{Request, is_refusal};
use crate::query::ask::{Bar, CensusAsk};
use crate::query::columns::Texts;
use crate::query::rows::{Client, Clients as StandingOut};

/// Clients that are followed at most; those met after are only counted.
const MAX_CLIENTS: usize = 1_000_000;

/// How the requests of a client ended.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    requests: u32,
    refused: u32,
    missing: u32,
    listings: u32,
}

impl Tally {
    fn misses(&self) -> u64 {
        u64::from(self.refused).saturating_add(self.missing.into())
    }

    fn reaches(&self, bar: Bar, count: u64) -> bool {
        let share = u64::from(self.requests).saturating_mul(bar.percent);
        count >= bar.least && count.saturating_mul(100) >= share
    }
}

/// Addresses, or requesters.
#[derive(Debug, Default)]
pub(super) struct Clients {
    addresses: HashMap<u128, u32>,
    requesters: HashMap<String, u32>,
    /// The requesters of a batch by where it holds them.
    views: HashMap<u128, Option<u32>>,
    names: Vec<Name>,
    tallies: Vec<Tally>,
    unfollowed: u64,
}

#[derive(Debug)]
enum Name {
    Address(u128),
    Requester(String),
}

impl Clients {
    /// The number of an address, whichever way it is written; what is none has no number.
    pub(super) fn address(&mut self, text: &str) -> Option<u32> {
        let address = as_number(text.parse().ok()?);
        if let Some(id) = self.addresses.get(&address) {
            return Some(*id);
        }
        let id = self.next(Name::Address(address))?;
        self.addresses.insert(address, id);
        Some(id)
    }

    /// The number of a requester; somebody anonymous has none.
    pub(super) fn requester(&mut self, texts: &Texts<'_>, row: usize) -> Option<u32> {
        let view = texts.view(row)?;
        if let Some(known) = self.views.get(&view) {
            if known.is_none() {
                self.unfollowed = self.unfollowed.saturating_add(1);
            }
            return *known;
        }
        let text = texts.get(row)?;
        let known = self.requesters.get(text).copied();
        let id = known.or_else(|| {
            let id = self.next(Name::Requester(text.to_owned()))?;
            self.requesters.insert(text.to_owned(), id);
            Some(id)
        });
        self.views.insert(view, id);
        id
    }

    /// Another batch holds its texts elsewhere.
    pub(super) fn forget_views(&mut self) {
        self.views.clear();
    }

    fn next(&mut self, name: Name) -> Option<u32> {
        if self.names.len() >= MAX_CLIENTS {
            self.unfollowed = self.unfollowed.saturating_add(1);
            return None;
        }
        let id = u32::try_from(self.names.len()).ok()?;
        self.names.push(name);
        self.tallies.push(Tally::default());
        Some(id)
    }

    pub(super) fn count(&mut self, id: Option<u32>, request: &Request) {
        let place = id.and_then(|id| usize::try_from(id).ok());
        let Some(tally) = place.and_then(|place| self.tallies.get_mut(place)) else {
            return;
        };
        let add = |counter: &mut u32, holds: bool| *counter = counter.saturating_add(u32::from(holds));
        add(&mut tally.requests, true);
        add(&mut tally.refused, is_refusal(request.status));
        add(&mut tally.missing, request.status == 404);
        add(&mut tally.listings, request.deed.is_listing);
    }

    pub(super) fn name(&self, id: u32) -> String {
        let place = usize::try_from(id).ok();
        match place.and_then(|place| self.names.get(place)) {
            Some(Name::Address(address)) => Ipv6Addr::from(*address).to_canonical().to_string(),
            Some(Name::Requester(requester)) => requester.clone(),
            None => String::new(),
        }
    }

    /// Requests of clients beyond those that are followed.
    pub(super) fn unfollowed(&self) -> u64 {
        self.unfollowed
    }

    /// Who got many refusals and found many things missing, or listed a lot: most first.
    pub(super) fn standing_out(&self, ask: &CensusAsk) -> StandingOut {
        let mut found: Vec<(u32, Tally)> = (0..)
            .zip(self.tallies.iter().copied())
            .filter(|(_, tally)| {
                tally.reaches(ask.misses, tally.misses())
                    || tally.reaches(ask.listings, tally.listings.into())
            })
            .collect();
        let weight = |tally: &Tally| tally.misses().saturating_add(tally.listings.into());
        found.sort_by_cached_key(|(id, tally)| (std::cmp::Reverse(weight(tally)), self.name(*id)));
        let rows = found.iter().take(ask.limit).map(|(id, tally)| Client {
            value: self.name(*id),
            requests: tally.requests.into(),
            refused: tally.refused.into(),
            missing: tally.missing.into(),
            listings: tally.listings.into(),
        });
        StandingOut {
            rows: rows.collect(),
            distinct: u64::try_from(self.names.len()).unwrap_or(u64::MAX),
            truncated: found.len() > ask.limit,
        }
    }
}

fn as_number(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

/// An address in the one way that answers write it; what is none stays as it is.
pub(in crate::query) fn canonical(text: &str) -> String {
    let address = text.parse::<IpAddr>();
    address.map_or_else(|_| text.to_owned(), |address| address.to_canonical().to_string())
}
