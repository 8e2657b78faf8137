//! Latency, errors, limits.

use std::collections::BTreeMap;

use super::{Told, distinct, once, ranked};
use crate::truth::{Period, Record};
use crate::{Expected, Group, Truth};

const BUCKET: &str = "prod-assets";
const OPERATION: &str = "REST.GET.OBJECT";
/// What one address may ask for in a second at Spaces.
const LIMIT: f64 = 1_500.0;

pub(super) fn told(truth: &Truth) -> Vec<Told> {
    let performance = |id, expected| (id, Group::Performance, expected);
    vec![
        performance("14", latency(truth)),
        performance("15", errors(truth)),
        performance("16", limits(truth)),
        performance("17", missing(truth)),
    ]
}

/// The value at a share of all, by nearest rank.
fn percentile(values: &mut [u64], percent: usize) -> f64 {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied().unwrap_or(0) as f64
}

fn latency(truth: &Truth) -> Expected {
    let expected = Expected::answered()
        .during(truth.day(0))
        .during(truth.week(1))
        .covered();
    let today = percentiles(truth, truth.day(0), expected);
    percentiles(truth, truth.week(1), today)
}

fn percentiles(truth: &Truth, period: Period, expected: Expected) -> Expected {
    let requests: Vec<&Record> = truth
        .requests_in(period, |record| {
            record.bucket == BUCKET && record.operation == OPERATION
        })
        .collect();
    let mut first: Vec<u64> = requests
        .iter()
        .filter_map(|record| record.first_byte_ms)
        .collect();
    let mut total: Vec<u64> = requests.iter().filter_map(|record| record.total_ms).collect();
    let from = truth.date(period.from);
    [50, 95, 99].into_iter().fold(expected, |expected, percent| {
        expected
            .figure(
                "first byte",
                &[BUCKET, OPERATION, &from],
                percentile(&mut first, percent),
            )
            .figure(
                "total",
                &[BUCKET, OPERATION, &from],
                percentile(&mut total, percent),
            )
    })
}

fn errors(truth: &Truth) -> Expected {
    let week = truth.last_days(7);
    let all = truth.requests_in(week, |_| true).count();
    let failed: Vec<&Record> = truth
        .requests_in(week, |record| record.is_status(500..600))
        .collect();
    let slowed = failed.iter().filter(|record| record.status == Some(503));
    let since = slowed.clone().next().map_or(0, |record| record.time);
    let expected = Expected::answered()
        .during(week)
        .count("failed requests", &[], failed.len())
        .figure("of all", &[], all as f64)
        .count("SlowDown", &["SlowDown"], slowed.count())
        .at("since when", &["SlowDown"], since)
        .covered();
    let clients = ranked(failed.iter().copied(), |record| &record.ip, once);
    clients.iter().take(2).fold(expected, |expected, (ip, count)| {
        expected.count(
            "its failed requests",
            &[ip],
            usize::try_from(*count).unwrap_or(usize::MAX),
        )
    })
}

fn limits(truth: &Truth) -> Expected {
    let week = truth.last_days(7);
    let mut seconds: BTreeMap<(i64, &str), u64> = BTreeMap::new();
    for record in truth.requests_in(week, |_| true) {
        *seconds.entry((record.time, record.ip.as_str())).or_default() += 1;
    }
    let busiest = seconds.into_iter().max_by_key(|(_, count)| *count);
    let expected = Expected::answered().during(week).covered();
    match busiest {
        Some(((second, ip), count)) => expected
            .count(
                "requests in the busiest second",
                &[ip],
                usize::try_from(count).unwrap_or(usize::MAX),
            )
            .figure("of the limit, in percent", &[ip], count as f64 / LIMIT * 100.0)
            .at("when", &[ip], second),
        None => expected,
    }
}

fn missing(truth: &Truth) -> Expected {
    let week = truth.last_days(7);
    let missing: Vec<&Record> = truth
        .requests_in(week, |record| record.status == Some(404))
        .collect();
    let missing = || missing.iter().copied();
    let expected = Expected::answered()
        .during(week)
        .figure("all of them", &[], missing().count() as f64)
        .count("different keys", &[], distinct(missing(), |record| record.key()))
        .covered();
    let keys = ranked(missing(), |record| record.key(), once);
    let ips = ranked(missing(), |record| &record.ip, once);
    let most = keys.iter().take(3).chain(ips.iter().take(3));
    most.fold(expected, |expected, (name, count)| {
        expected.count("requests", &[name], usize::try_from(*count).unwrap_or(usize::MAX))
    })
}
