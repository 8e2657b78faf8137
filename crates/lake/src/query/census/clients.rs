//! Clients by number, and how their requests ended.

use hashbrown::HashMap;

use super::names::Names;
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
    fn join(&mut self, other: Self) {
        for (counter, more) in [
            (&mut self.requests, other.requests),
            (&mut self.refused, other.refused),
            (&mut self.missing, other.missing),
            (&mut self.listings, other.listings),
        ] {
            *counter = counter.saturating_add(more);
        }
    }

    fn misses(&self) -> u64 {
        u64::from(self.refused).saturating_add(self.missing.into())
    }

    fn reaches(&self, bar: Bar, count: u64) -> bool {
        let share = u64::from(self.requests).saturating_mul(bar.percent);
        count >= bar.least && count.saturating_mul(100) >= share
    }
}

/// Addresses, or requesters.
pub(super) struct Clients<N: Names> {
    numbers: N,
    /// The names of a batch by where it holds them; what is none has no number.
    views: HashMap<u128, Known>,
    names: Vec<N::Name>,
    tallies: Vec<Tally>,
    unfollowed: u64,
}

/// What is known of a text.
#[derive(Debug, Clone, Copy)]
enum Known {
    Number(u32),
    /// The name of nobody.
    Nobody,
    /// Of somebody beyond those that are followed.
    Unfollowed,
}

impl<N: Names> Default for Clients<N> {
    fn default() -> Self {
        Self {
            numbers: N::default(),
            views: HashMap::new(),
            names: Vec::new(),
            tallies: Vec::new(),
            unfollowed: 0,
        }
    }
}

impl<N: Names> Clients<N> {
    /// The number of somebody; nobody has none.
    pub(super) fn number(&mut self, texts: &Texts<'_>, row: usize) -> Option<u32> {
        let known = match N::REPEATED {
            true => self.known_by_place(texts, row)?,
            false => self.known(texts.get(row)?),
        };
        match known {
            Known::Number(number) => return Some(number),
            Known::Unfollowed => self.unfollowed = self.unfollowed.saturating_add(1),
            Known::Nobody => {}
        }
        None
    }

    fn known(&mut self, text: &str) -> Known {
        N::read(text).map_or(Known::Nobody, |name| self.follow(name))
    }

    fn known_by_place(&mut self, texts: &Texts<'_>, row: usize) -> Option<Known> {
        let view = texts.view(row)?;
        if let Some(known) = self.views.get(&view) {
            return Some(*known);
        }
        let known = self.known(texts.get(row)?);
        self.views.insert(view, known);
        Some(known)
    }

    /// Adds what others did; tells by their old numbers which ones they have now.
    pub(super) fn join(&mut self, other: Self) -> Vec<Option<u32>> {
        self.unfollowed = self.unfollowed.saturating_add(other.unfollowed);
        let joined = other.names.into_iter().zip(other.tallies).map(|(name, tally)| {
            let Known::Number(number) = self.follow(name) else {
                self.unfollowed = self.unfollowed.saturating_add(tally.requests.into());
                return None;
            };
            let place = usize::try_from(number).ok()?;
            self.tallies.get_mut(place)?.join(tally);
            Some(number)
        });
        joined.collect()
    }

    /// Another batch holds its texts elsewhere.
    pub(super) fn forget_views(&mut self) {
        self.views.clear();
    }

    fn follow(&mut self, name: N::Name) -> Known {
        if let Some(number) = self.numbers.number(&name) {
            return Known::Number(number);
        }
        let number = u32::try_from(self.names.len()).ok();
        let Some(number) = number.filter(|_| self.names.len() < MAX_CLIENTS) else {
            return Known::Unfollowed;
        };
        self.names.push(name.clone());
        self.tallies.push(Tally::default());
        self.numbers.insert(name, number);
        Known::Number(number)
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
        let name = place.and_then(|place| self.names.get(place));
        name.map(N::write).unwrap_or_default()
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
