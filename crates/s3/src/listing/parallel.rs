//! Many pages at a time: the key space is cut where a page shows how keys count, and each part read on.

use spacewatch_telemetry::S3Call;
use tokio::task::JoinSet;

use super::ranges::{Part, Ranges};
use super::split::{Cut, Shape};
use super::{Scan, Sender};
use crate::StoreError;
use crate::client::Ask;
use crate::page::Keys;

/// Ranges kept for each request that may be under way: enough that none is idle, and few enough that
/// memory stays small.
const RANGES_PER_REQUEST: usize = 3;
/// The least number of keys asked for where almost none are expected.
const SMALL_PAGE: usize = 10;
/// A range with less than this part of a page in it is not worth a request of its own.
const WORTH_A_REQUEST: f64 = 0.05;

/// Reads ranges until none is left. The requests end with this future: their set is its own.
pub(super) async fn list(scan: Scan, sender: Sender) {
    if let Err(error) = read_all(&scan, &sender).await {
        // Nobody left to be told is fine.
        let _ = sender.send(Err(error)).await;
    }
}

async fn read_all(scan: &Scan, sender: &Sender) -> Result<(), StoreError> {
    let mut ranges = Ranges::whole(scan.client.page_size);
    let mut pages = JoinSet::new();
    loop {
        while pages.len() < scan.client.pace.width() {
            let Some((after, max)) = ranges.start_next() else { break };
            let scan = scan.clone();
            pages.spawn(async move {
                let page = scan.page(&after, max).await;
                (after, max, page)
            });
        }
        let Some(joined) = pages.join_next().await else { return Ok(()) };
        // A request that ended without an answer would leave a hole that nobody sees.
        let (after, max, page) = joined.map_err(|_| lost(scan))?;
        let mut page = page?;
        let settled = ranges.settle(&after, &page);
        if let Some((after, until)) = &settled.rest {
            let idle = scan.client.pace.width().saturating_mul(RANGES_PER_REQUEST).saturating_sub(ranges.len());
            for part in plan(scan, &page, (after, until.as_deref()), Room { asked: max, idle }) {
                ranges.add(part);
            }
        }
        settled.keep_taken(&mut page.objects);
        if !scan.deliver(page.objects, sender).await {
            return Ok(());
        }
    }
}

/// What limits a plan: how many keys the page was asked for, and how many ranges more there may be.
#[derive(Clone, Copy)]
struct Room {
    asked: usize,
    idle: usize,
}

/// How to read on from the end of a page up to `until`: cut into parts if there is room, else as a whole.
fn plan(scan: &Scan, page: &Keys, (after, until): (&str, Option<&str>), room: Room) -> Vec<Part> {
    let full = scan.client.page_size;
    let shape = Shape::of(&page.objects);
    // A page that was asked for small, or came so, tells nothing about how dense keys are.
    let telling = shape.filter(|_| room.asked == full && page.objects.len() >= full);
    let Some(shape) = telling else {
        return vec![Part { after: after.to_owned(), until: until.map(str::to_owned), max: full, rank: 0 }];
    };
    let fixed = scan.prefix.as_str().chars().count();
    let pages_before = |key: &str| shape.expected_before(key) / to_f64(full);
    let mut cuts = if room.idle == 0 { Vec::new() } else { shape.cuts(fixed, until, room.idle) };
    // So little up to the first cut is better read along with what follows.
    if cuts.first().is_some_and(|cut| pages_before(&cut.at) < WORTH_A_REQUEST) {
        cuts.remove(0);
    }
    let upper = cuts.iter().map(|cut| Some(cut.at.clone())).chain([until.map(str::to_owned)]);
    let lower = [Cut { at: after.to_owned(), position: 0 }].into_iter().chain(cuts.iter().cloned());
    let mut parts: Vec<Part> = lower
        .zip(upper)
        .map(|(cut, until)| Part { after: cut.at, until, max: full, rank: cut.position })
        .collect();
    if let Some(first) = parts.first_mut()
        && let Some(until) = &first.until
    {
        first.max = to_ask_for(shape.expected_before(until), full);
    }
    parts
}

/// Where a page ended just before a bound there is mostly nothing more: then a small page is enough to know.
fn to_ask_for(expected: f64, full: usize) -> usize {
    let small = full.min(SMALL_PAGE);
    if expected * 2.0 < to_f64(small) { small } else { full }
}

fn to_f64(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn lost(scan: &Scan) -> StoreError {
    let failure = scan.client.failure(Ask::bucket(S3Call::ListObjectsV2, &scan.bucket));
    StoreError::BadAnswer(Box::new(failure.saying("a page was lost on the way")))
}
