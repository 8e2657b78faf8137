//! Top lists out of tables.

use std::borrow::Cow;
use std::cmp::Reverse;

use hashbrown::HashMap;

use crate::report::Top;
use crate::tally::{Counted, Tally};

/// Sums of a value.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: u64,
    bytes: u64,
}

/// How many different values there are, and the most frequent ones.
pub(crate) struct Ranking {
    pub(crate) distinct: u64,
    pub(crate) top: Vec<Top>,
}

/// Ranks the values of the groups that `belongs` picks, summed over them.
pub(crate) fn rank(tally: &Tally, top: usize, belongs: impl Fn(u32) -> bool) -> Ranking {
    let mut sums: HashMap<&[u8], Sums> = HashMap::new();
    for one in tally.iter().filter(|one| belongs(one.group)) {
        add(sums.entry(one.text).or_default(), &one);
    }
    let distinct = sums.len() as u64;
    let rows = sums
        .into_iter()
        .map(|(text, sums)| ((0, Cow::Borrowed(text)), sums));
    Ranking {
        distinct: tally.estimate(belongs).unwrap_or(distinct).max(distinct),
        top: highest(rows.collect(), top, |_| None::<&[u8]>),
    }
}

/// Ranks named things that belong to a bucket: `name` gives the bucket's number and the text of each.
pub(crate) fn rank_by_bucket<'a, 'n>(
    tally: &'a Tally,
    top: usize,
    belongs: impl Fn(u32) -> bool,
    name: impl Fn(Counted<'a>) -> (u32, Cow<'a, [u8]>),
    bucket_name: impl Fn(u32) -> Option<&'n [u8]>,
) -> Ranking {
    let mut sums: HashMap<(u32, Cow<'a, [u8]>), Sums> = HashMap::new();
    for one in tally.iter().filter(|one| belongs(one.group)) {
        add(sums.entry(name(one)).or_default(), &one);
    }
    let distinct = sums.len() as u64;
    Ranking {
        distinct: tally.estimate(belongs).unwrap_or(distinct).max(distinct),
        top: highest(sums.into_iter().collect(), top, bucket_name),
    }
}

fn add(sums: &mut Sums, one: &Counted<'_>) {
    sums.count = sums.count.saturating_add(one.count);
    sums.bytes = sums.bytes.saturating_add(one.bytes);
}

type Row<'a> = ((u32, Cow<'a, [u8]>), Sums);

/// The rows with the highest counts; among equals the order of their texts decides. Never the buckets' numbers: which
/// bucket was met first depends on the workers.
fn highest<'n>(mut rows: Vec<Row<'_>>, top: usize, bucket: impl Fn(u32) -> Option<&'n [u8]>) -> Vec<Top> {
    let order = |a: &Row<'_>, b: &Row<'_>| {
        let by_text = (Reverse(a.1.count), &a.0.1).cmp(&(Reverse(b.1.count), &b.0.1));
        by_text.then_with(|| bucket(a.0.0).cmp(&bucket(b.0.0)))
    };
    if rows.len() > top {
        rows.select_nth_unstable_by(top, order);
        rows.truncate(top);
    }
    rows.sort_unstable_by(order);
    rows.into_iter()
        .map(|((number, text), sums)| Top {
            value: String::from_utf8_lossy(&text).into_owned(),
            bucket: bucket(number).map(|name| String::from_utf8_lossy(name).into_owned()),
            count: sums.count,
            bytes_sent: sums.bytes,
        })
        .collect()
}
