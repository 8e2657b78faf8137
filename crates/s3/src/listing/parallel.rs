//! Many pages at a time: the key space is cut where a page shows how keys count, and each part read on.

use std::collections::{HashMap, HashSet};

use tokio::task::JoinSet;

use super::ranges::{Part, Ranges};
use super::split::{Cut, Shape};
use super::{Scan, Sender, lost};
use crate::page::{Keys, Listed};
use crate::{KeyRange, Scanned, StoreError};

/// Ranges kept for each request that may be under way: enough that none is idle, and few enough that
/// memory stays small.
const RANGES_PER_REQUEST: usize = 3;
/// The least number of keys asked for where almost none are expected.
const SMALL_PAGE: usize = 10;
/// A range with less than this part of a page in it is not worth a request of its own.
const WORTH_A_REQUEST: f64 = 0.05;

/// Reads ranges until none is left. The requests end with this future: their set is its own.
pub(super) async fn list<T: Listed>(scan: Scan, parts: Vec<KeyRange>, sender: Sender<T>) {
    if let Err(error) = read_all(&scan, parts, &sender).await {
        // Nobody left to be told is fine.
        let _ = sender.send(Err(error)).await;
    }
}

async fn read_all<T: Listed>(
    scan: &Scan,
    parts: Vec<KeyRange>,
    sender: &Sender<T>,
) -> Result<(), StoreError> {
    let mut ranges = Ranges::of(parts, scan.client.page_size);
    let mut guesses = Guesses::default();
    let mut pages = JoinSet::new();
    loop {
        while pages.len() < scan.client.pace.width() {
            let Some((after, max)) = ranges.start_next() else {
                break;
            };
            let scan = scan.clone();
            pages.spawn(async move {
                let page = scan.page::<T>(&after, max).await;
                (after, max, page)
            });
        }
        let Some(joined) = pages.join_next().await else {
            return Ok(());
        };
        // A request that ended without an answer would leave a hole that nobody sees.
        let (after, max, page) = joined.map_err(|_| lost::<T>(scan))?;
        let mut page = page?;
        let settled = ranges.settle(&after, &page);
        settled
            .guess
            .inspect(|&(position, right)| guesses.note(position, right));
        if let Some((after, until)) = &settled.rest {
            let idle = scan
                .client
                .pace
                .width()
                .saturating_mul(RANGES_PER_REQUEST)
                .saturating_sub(ranges.len());
            for part in plan(
                scan,
                &page,
                (after, until.as_deref()),
                Room {
                    asked: max,
                    idle,
                    guesses: &guesses,
                },
            ) {
                ranges.add(part);
            }
        }
        settled.keep_taken(&mut page.objects);
        let page = Scanned {
            entries: page.objects,
            covered: settled.covered(),
        };
        if !scan.deliver(page, sender).await {
            return Ok(());
        }
    }
}

/// How cuts turned out so far, by position: right ones and wrong ones.
///
/// A wrong guess costs a page of keys that somebody else reads as well. Keys of one bucket mostly count the
/// same way everywhere, so where guesses were wrong, only one small question stays, to notice a change.
#[derive(Debug, Default)]
struct Guesses(HashMap<usize, (u32, u32)>);

impl Guesses {
    fn note(&mut self, position: usize, right: bool) {
        let (good, bad) = self.0.entry(position).or_default();
        let counted = if right { good } else { bad };
        *counted = counted.saturating_add(1);
    }

    fn mostly_wrong(&self, position: usize) -> bool {
        self.0
            .get(&position)
            .is_some_and(|(good, bad)| *bad > good.saturating_mul(3).saturating_add(3))
    }

    /// Leaves of the cuts at a position where most were wrong only the first.
    fn thin_out(&self, cuts: &mut Vec<Cut>) {
        let mut seen = HashSet::new();
        cuts.retain(|cut| !self.mostly_wrong(cut.position) || seen.insert(cut.position));
    }
}

/// What limits a plan: how many keys the page was asked for, how many ranges more there may be, and how
/// guesses turned out.
#[derive(Clone, Copy)]
struct Room<'a> {
    asked: usize,
    idle: usize,
    guesses: &'a Guesses,
}

/// How to read on from the end of a page up to `until`: cut into parts if there is room, else as a whole.
fn plan<T: Listed>(
    scan: &Scan,
    page: &Keys<T>,
    (after, until): (&str, Option<&str>),
    room: Room,
) -> Vec<Part> {
    let full = scan.client.page_size;
    let shape = Shape::of(&page.objects);
    // A page that was asked for small, or came so, tells nothing about how dense keys are.
    let telling = shape.filter(|_| room.asked == full && page.sent >= full);
    let Some(shape) = telling else {
        return vec![Part {
            after: after.to_owned(),
            until: until.map(str::to_owned),
            max: full,
            position: None,
        }];
    };
    let fixed = scan.prefix.as_str().chars().count();
    let pages_before = |key: &str| shape.expected_before(key) / to_f64(full);
    let mut cuts = if room.idle == 0 {
        Vec::new()
    } else {
        shape.cuts(fixed, until, room.idle)
    };
    room.guesses.thin_out(&mut cuts);
    // So little up to the first cut is better read along with what follows.
    if cuts
        .first()
        .is_some_and(|cut| pages_before(&cut.at) < WORTH_A_REQUEST)
    {
        cuts.remove(0);
    }
    let upper = cuts
        .iter()
        .map(|cut| Some(cut.at.clone()))
        .chain([until.map(str::to_owned)]);
    let lower = [(after.to_owned(), None)].into_iter();
    let lower = lower.chain(cuts.iter().map(|cut| (cut.at.clone(), Some(cut.position))));
    let mut parts: Vec<Part> = lower
        .zip(upper)
        .map(|((after, position), until)| {
            let doubtful = position.is_some_and(|position| room.guesses.mostly_wrong(position));
            let max = if doubtful { full.min(SMALL_PAGE) } else { full };
            Part {
                after,
                until,
                max,
                position,
            }
        })
        .collect();
    if let Some(first) = parts.first_mut()
        && let Some(until) = &first.until
    {
        first.max = to_ask_for(shape.expected_before(until), full);
    }
    parts
}

/// Where a page ended just before a bound there is mostly little more: then a small page is enough to know,
/// and doesn't bring what somebody else reads.
fn to_ask_for(expected: f64, full: usize) -> usize {
    let generous = expected * 2.0 + to_f64(SMALL_PAGE);
    if generous * 2.0 > to_f64(full) {
        full
    } else {
        (1..full).find(|max| to_f64(*max) >= generous).unwrap_or(full)
    }
}

fn to_f64(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
