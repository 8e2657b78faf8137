//! Bills, and what could be saved.

use std::collections::BTreeSet;

use super::{Told, ranked};
use crate::truth::{BucketTruth, Period, Record, folder};
use crate::{Expected, Group, Truth};

const HOUR: f64 = 3_600.0;
const GIB: f64 = 1_073_741_824.0;
/// The price list of DigitalOcean Spaces: a month, and what it covers.
const MONTHLY: f64 = 5.0;
const COVERED_STORED: f64 = 250.0;
const COVERED_SENT: f64 = 1024.0;
const STORED: f64 = 0.02;
const SENT: f64 = 0.01;
const WEEK: i64 = 7 * 86_400;

pub(super) fn told(truth: &Truth) -> Vec<Told> {
    let cost = |id, expected| (id, Group::Cost, expected);
    vec![
        cost("1", bill(truth)),
        cost("2", prefix(truth)),
        cost("3", egress(truth)),
        cost("4", noncurrent(truth)),
        cost("5", uploads(truth)),
        cost("6", cold(truth)),
        cost("7", allowance(truth)),
    ]
}

/// What a month costs by so much stored all month, and so much sent.
struct Bill {
    subscription: f64,
    storage: f64,
    egress: f64,
}

impl Bill {
    fn of(share: f64, stored: f64, sent: f64) -> Self {
        Self {
            subscription: MONTHLY * share,
            storage: (stored - COVERED_STORED * share).max(0.0) * STORED,
            egress: (sent - COVERED_SENT).max(0.0) * SENT,
        }
    }

    fn total(&self) -> f64 {
        self.subscription + self.storage + self.egress
    }
}

/// What was sent in a period, by the buckets and by the CDN before them.
pub(super) fn sent(truth: &Truth, period: Period) -> u64 {
    let requests = truth.requests_in(period, |_| true).map(|request| request.sent);
    let cdn = truth
        .cdn
        .iter()
        .filter(|row| period.holds(row.time))
        .map(|row| row.sent);
    requests.sum::<u64>() + cdn.sum::<u64>()
}

/// This month so far.
pub(super) fn this_month(truth: &Truth) -> Period {
    Period {
        from: truth.month_begins(),
        to: truth.second() + 1,
    }
}

fn bills(truth: &Truth) -> (Bill, Bill) {
    let (begin, now, lasts) = (truth.month_begins(), truth.second(), truth.month_lasts() as f64);
    let passed = (now - begin) as f64;
    let sources = || truth.buckets.values();
    let byte_hours: f64 = sources().map(|bucket| bucket.byte_hours(begin, now)).sum();
    let held: u64 = sources().map(|bucket| bucket.amount().bytes).sum();
    let to_come = held as f64 * (lasts - passed) / HOUR;
    let months = |byte_hours: f64| byte_hours / GIB / (lasts / HOUR);
    let sent_so_far = sent(truth, this_month(truth)) as f64 / GIB;
    let pace = sent(truth, truth.last_days(7)) as f64 / GIB / WEEK as f64;
    (
        Bill::of(passed / lasts, months(byte_hours), sent_so_far),
        Bill::of(
            1.0,
            months(byte_hours + to_come),
            sent_so_far + pace * (lasts - passed),
        ),
    )
}

fn bill(truth: &Truth) -> Expected {
    let (so_far, whole) = bills(truth);
    Expected::answered()
        .figure("the bill so far", &[], so_far.total())
        .figure("the bill of the month", &[], whole.total())
        .figure("the subscription", &["subscription"], whole.subscription)
        .figure("storage", &["storage"], whole.storage)
        .figure("egress", &["egress"], whole.egress)
        .covered()
}

/// The prefix of any bucket that costs most in the whole month, where nothing is covered.
fn prefix(truth: &Truth) -> Expected {
    let mut costs = Vec::new();
    for (name, bucket) in truth.sources() {
        for (prefix, amount) in bucket.by(folder) {
            let of = |period| sent_of(truth, period, (name, &prefix));
            let (so_far, week) = (of(this_month(truth)), of(truth.last_days(7)));
            let to_come = (truth.month_begins() + truth.month_lasts() - truth.second()) as f64;
            let sent = so_far as f64 + week as f64 / WEEK as f64 * to_come;
            let cost = amount.bytes as f64 / GIB * STORED + sent / GIB * SENT;
            costs.push((cost, name, prefix, amount.bytes, so_far));
        }
    }
    let most = costs.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((cost, bucket, prefix, stored, sent)) = most else {
        return Expected::answered();
    };
    Expected::answered()
        .about(bucket)
        .figure("its cost in the month", &[&prefix], cost)
        .bytes("what it holds", &[&prefix], stored)
        .bytes("what it sent so far", &[&prefix], sent)
        .covered()
}

/// What was sent of the keys under a prefix.
fn sent_of(truth: &Truth, period: Period, (bucket, prefix): (&str, &str)) -> u64 {
    let fits = |record: &Record| record.bucket == bucket && folder(record.key()) == prefix;
    truth.requests_in(period, fits).map(|record| record.sent).sum()
}

fn egress(truth: &Truth) -> Expected {
    let week = truth.last_days(7);
    let ranked = ranked(
        truth.requests_in(week, |_| true),
        |record| record.key(),
        |record| record.sent,
    );
    let keys = ranked.iter().filter(|(key, _)| !key.is_empty()).take(10);
    let expected = Expected::answered().during(week).covered();
    keys.fold(expected, |expected, (key, sent)| {
        expected.bytes("what was sent of it", &[key], *sent).figure(
            "its price",
            &[key],
            *sent as f64 / GIB * SENT,
        )
    })
}

fn noncurrent(truth: &Truth) -> Expected {
    let held = truth
        .sources()
        .map(|(name, bucket)| (name, bucket, bucket.noncurrent()));
    let Some((name, bucket, most)) = held.max_by_key(|(_, _, held)| held.bytes) else {
        return Expected::answered();
    };
    let all: u64 = truth.sources().map(|(_, bucket)| bucket.noncurrent().bytes).sum();
    Expected::answered()
        .bytes("all of it", &[], all)
        .bytes("what they hold", &[name], most.bytes)
        .figure("how many there are", &[name], most.objects as f64)
        .count("delete markers", &[name], bucket.delete_markers())
}

fn uploads(truth: &Truth) -> Expected {
    let uploads: Vec<_> = truth.sources().flat_map(|(_, bucket)| &bucket.uploads).collect();
    let expected = Expected::answered()
        .bytes("all of it", &[], uploads.iter().map(|upload| upload.bytes).sum())
        .count("how many there are", &[], uploads.len())
        .says(&["never", "no rule", "not expire", "by no rule"]);
    uploads.iter().fold(expected, |expected, upload| {
        expected
            .bytes("what it holds", &[&upload.key], upload.bytes)
            .count("its parts", &[&upload.key], upload.parts)
            .at("when it was begun", &[&upload.key], upload.started)
    })
}

/// Of 90 days the log tells only the last: what was neither read nor written since it begins.
fn cold(truth: &Truth) -> Expected {
    let begins = truth.log_begins();
    let read =
        |status: Option<u16>| status.is_some_and(|status| (200..300).contains(&status) || status == 304);
    let from_bucket = truth
        .records
        .iter()
        .filter(|record| record.is_read() && read(record.status))
        .map(|record| (record.bucket.as_str(), record.key()));
    let from_cdn = truth
        .cdn
        .iter()
        .filter(|row| read(row.status))
        .map(|row| (row.bucket.as_str(), row.key.as_str()));
    let reads: BTreeSet<(&str, &str)> = from_bucket.chain(from_cdn).collect();
    let cold = |(name, bucket): (&'_ str, &BucketTruth)| {
        let name = name.to_owned();
        let amount = bucket.amount_of(|version| {
            version.modified < begins && !reads.contains(&(name.as_str(), version.key.as_str()))
        });
        (name, amount)
    };
    let by_bucket: Vec<_> = truth.sources().map(cold).collect();
    let all: u64 = by_bucket.iter().map(|(_, amount)| amount.bytes).sum();
    let expected = Expected::answered()
        .bytes("all of it", &[], all)
        .says(&["doesn't reach back", "does not reach back", "log begins"])
        .covered();
    let held = by_bucket.iter().filter(|(_, amount)| amount.objects > 0);
    held.fold(expected, |expected, (name, amount)| {
        expected.bytes("not read", &[name], amount.bytes).figure(
            "objects not read",
            &[name],
            amount.objects as f64,
        )
    })
}

/// When the month's bytes came to what is covered.
fn allowance(truth: &Truth) -> Expected {
    let month = this_month(truth);
    let sent_by: Vec<(i64, u64)> = {
        let requests = truth
            .requests_in(month, |_| true)
            .map(|record| (record.time, record.sent));
        let cdn = truth
            .cdn
            .iter()
            .filter(|row| month.holds(row.time))
            .map(|row| (row.time, row.sent));
        let mut all: Vec<_> = requests.chain(cdn).collect();
        all.sort_unstable();
        all
    };
    let mut sum = 0;
    let passed = sent_by.into_iter().find(|(_, sent)| {
        sum += sent;
        sum as f64 / GIB >= COVERED_SENT
    });
    let used = sent(truth, month) as f64;
    let expected = Expected::answered()
        .figure("what was sent this month", &[], used)
        .figure(
            "of what is covered, in percent",
            &[],
            used / GIB / COVERED_SENT * 100.0,
        )
        .says(&["already", "passed", "exceeded"])
        .covered();
    match passed {
        Some((second, _)) => expected.within_the_hour("when it was used up", &[], second),
        None => expected,
    }
}

/// The keys of which most was sent, as the question for less of them asks.
pub(super) fn most_sent(truth: &Truth, period: Period, ending: &str) -> Vec<(String, u64)> {
    let fits = truth.requests_in(period, |record| record.key().to_lowercase().ends_with(ending));
    ranked(fits, |record| record.key(), |record| record.sent)
}
