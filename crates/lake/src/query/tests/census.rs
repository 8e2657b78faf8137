//! What clients did, and who stands out, against brute force.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use spacewatch_model::{TimeRange, Timestamp};

use super::kit::{Kit, wait};
use super::oracle::{self, START};
use crate::query::census::canonical;
use crate::query::signatures::signature_of;
use crate::query::*;
use crate::{LakeError, RecordFilter};

fn is_read(row: &RecordRow) -> bool {
    READS.iter().any(|read| row.operation.starts_with(read))
}

fn is_listing(row: &RecordRow) -> bool {
    LISTINGS.iter().any(|listing| row.operation.starts_with(listing))
}

fn got_it(row: &RecordRow) -> bool {
    row.status.is_some_and(|status| (200..300).contains(&status))
}

fn refused(row: &RecordRow) -> bool {
    matches!(row.status, Some(401 | 403))
}

fn writes_or_lists(row: &RecordRow) -> bool {
    matches!(row.category.as_str(), "put" | "delete" | "post" | "list")
        && row.method.as_deref() != Some("HEAD")
}

fn who(row: &RecordRow, who: Who) -> Option<String> {
    match who {
        Who::Address => row.remote_ip.as_deref().map(canonical),
        Who::Requester => row.requester.clone(),
    }
}

fn of(rows: &[&RecordRow], holds: impl Fn(&RecordRow) -> bool) -> u64 {
    rows.iter().filter(|row| holds(row)).count() as u64
}

fn step_of(row: &RecordRow, step: i64) -> Timestamp {
    Timestamp::from_second(row.time.as_second().div_euclid(step) * step).expect("a time")
}

fn by_client<'a>(rows: &[&'a RecordRow], kind: Who) -> BTreeMap<String, Vec<&'a RecordRow>> {
    let mut clients: BTreeMap<String, Vec<&RecordRow>> = BTreeMap::new();
    for row in rows {
        if let Some(value) = who(row, kind) {
            clients.entry(value).or_default().push(row);
        }
    }
    clients
}

fn check_totals(census: &Census, rows: &[&RecordRow]) {
    let whole = |row: &RecordRow| is_read(row) && row.status == Some(200);
    let expected = Outcomes {
        requests: rows.len() as u64,
        refused: of(rows, refused),
        missing: of(rows, |row| row.status == Some(404)),
        slow_downs: of(rows, |row| matches!(row.status, Some(429 | 503))),
        server_errors: of(rows, |row| row.status.is_some_and(|s| s / 100 == 5 && s != 503)),
        listings: of(rows, is_listing),
        reads: of(rows, |row| is_read(row) && got_it(row)),
        whole_reads: of(rows, whole),
        partial_reads: of(rows, |row| is_read(row) && row.status == Some(206)),
        cut_short: of(rows, |row| {
            whole(row) && row.object_size.unwrap_or(0) > row.bytes_sent.unwrap_or(0)
        }),
    };
    assert_eq!(census.totals, expected);
    let mut steps: BTreeMap<Timestamp, Vec<&RecordRow>> = BTreeMap::new();
    for row in rows {
        steps.entry(step_of(row, 300)).or_default().push(row);
    }
    let steps: Vec<OutcomeStep> = steps
        .into_iter()
        .map(|(start, rows)| OutcomeStep {
            start,
            requests: rows.len() as u64,
            slow_downs: of(&rows, |row| matches!(row.status, Some(429 | 503))),
            server_errors: of(&rows, |row| row.status.is_some_and(|s| s / 100 == 5 && s != 503)),
        })
        .collect();
    assert_eq!(census.steps, steps);
}

fn check_clients(found: &Clients, rows: &[&RecordRow], kind: Who, ask: &CensusAsk) {
    let clients = by_client(rows, kind);
    let mut expected: Vec<Client> = clients
        .iter()
        .map(|(value, rows)| Client {
            value: value.clone(),
            requests: rows.len() as u64,
            refused: of(rows, refused),
            missing: of(rows, |row| row.status == Some(404)),
            listings: of(rows, is_listing),
        })
        .filter(|client| {
            let reaches =
                |bar: Bar, count: u64| count >= bar.least && count * 100 >= client.requests * bar.percent;
            reaches(ask.misses, client.refused + client.missing) || reaches(ask.listings, client.listings)
        })
        .collect();
    expected.sort_by_key(|client| Reverse(client.refused + client.missing + client.listings));
    assert_eq!(found.truncated, expected.len() > ask.limit);
    expected.truncate(ask.limit);
    assert_eq!(found.rows, expected);
    assert_eq!(found.distinct, clients.len() as u64);
}

/// With few clients bounds meet: each burst is told exactly.
fn check_bursts(found: &[Burst], rows: &[&RecordRow], kind: Who, ask: &CensusAsk) {
    let reads: Vec<&RecordRow> = rows
        .iter()
        .copied()
        .filter(|row| is_read(row) && got_it(row))
        .collect();
    let hour = |row: &RecordRow, start: Timestamp| {
        (start.as_second()..start.as_second() + 3_600).contains(&row.time.as_second())
    };
    let starts: BTreeSet<Timestamp> = reads.iter().map(|row| step_of(row, 1_800)).collect();
    let first = ask.from.as_second();
    let mut expected: Vec<(String, u64)> = Vec::new();
    for (value, own) in by_client(&reads, kind) {
        let counts = starts.iter().flat_map(|start| {
            let earlier = Timestamp::from_second(start.as_second() - 1_800).expect("a time");
            let within = [earlier, *start]
                .into_iter()
                .filter(|start| start.as_second() > first - 1_800);
            within.map(|start| {
                let all = of(&reads, |row| hour(row, start));
                (of(&own, |row| hour(row, start)), all)
            })
        });
        let reaching = counts
            .filter(|(own, all)| *own > 0 && *own >= ask.reads.least.max(all * ask.reads.percent / 100));
        expected.extend(reaching.map(|(own, _)| own).max().map(|most| (value, most)));
    }
    expected.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    expected.truncate(ask.limit);
    for burst in found {
        let own = of(&reads, |row| {
            hour(row, burst.start) && who(row, kind).as_ref() == Some(&burst.value)
        });
        assert_eq!((burst.reads_at_least, burst.reads_at_most), (own, own));
        assert_eq!(burst.reads_of_all, of(&reads, |row| hour(row, burst.start)));
        check_other_hours(burst, &reads, kind, ask);
    }
    let found: Vec<(String, u64)> = found
        .iter()
        .map(|burst| (burst.value.clone(), burst.reads_at_most))
        .collect();
    assert_eq!(found, expected);
}

fn check_other_hours(burst: &Burst, reads: &[&RecordRow], kind: Who, ask: &CensusAsk) {
    let own: Vec<&RecordRow> = reads
        .iter()
        .copied()
        .filter(|row| who(row, kind).as_ref() == Some(&burst.value))
        .collect();
    let apart = i64::try_from(ask.apart.as_secs()).expect("hours");
    let first = step_of_second(ask.from.as_second());
    let last = step_of_second(ask.to.as_second());
    let hours = (first..=last).step_by(1_800).map(|start| {
        let reads = of(&own, |row| (start..start + 3_600).contains(&row.time.as_second()));
        (start, reads)
    });
    let hours: Vec<(i64, u64)> = hours.collect();
    let ever = hours.iter().map(|(_, reads)| *reads).max().unwrap_or(0);
    let elsewhere = hours
        .iter()
        .filter(|(start, _)| start.abs_diff(burst.start.as_second()) > apart.unsigned_abs());
    let elsewhere = elsewhere.map(|(_, reads)| *reads).max().unwrap_or(0);
    assert_eq!((burst.ever_at_most, burst.elsewhere_at_least), (ever, elsewhere));
}

fn step_of_second(second: i64) -> i64 {
    second.div_euclid(1_800) * 1_800
}

fn check_peaks(kit: &Kit, census: &Census, rows: &[&RecordRow], filter: &RecordFilter) {
    let count = |value: &dyn Fn(&RecordRow) -> Option<String>, holds: &dyn Fn(&RecordRow) -> bool| {
        let mut counts: BTreeMap<(Timestamp, String), u64> = BTreeMap::new();
        for row in rows.iter().filter(|row| holds(row)) {
            if let Some(value) = value(row) {
                *counts.entry((step_of(row, 1), value)).or_default() += 1;
            }
        }
        let highest = counts
            .into_iter()
            .max_by_key(|(at, requests)| (*requests, Reverse(at.clone())));
        highest.map(|((second, value), requests)| Peak {
            value,
            second,
            requests,
        })
    };
    let seconds = |busy: &BusySeconds| busy.seconds.iter().map(|(second, _)| *second).collect::<Vec<_>>();
    let mut all = seconds(&census.busy);
    all.extend(seconds(&census.busy_writing));
    let ask = PeakAsk {
        filter: filter.clone(),
        seconds: all,
    };
    let expected = Peaks {
        address: count(&|row| who(row, Who::Address), &|_| true),
        bucket: count(&|row| row.bucket.clone(), &|_| true),
        writing: count(&|row| row.bucket.clone(), &writes_or_lists),
    };
    assert_eq!(
        wait(kit.engine.peaks(&kit.snapshot, &ask)).expect("an answer"),
        expected
    );
    let mut seconds: BTreeMap<Timestamp, u64> = BTreeMap::new();
    rows.iter()
        .for_each(|row| *seconds.entry(step_of(row, 1)).or_default() += 1);
    let busy: BTreeMap<Timestamp, u64> = census.busy.seconds.iter().copied().collect();
    assert_eq!((busy, census.busy.rest_at_most), (seconds, 0));
    assert!(
        census
            .busy
            .seconds
            .is_sorted_by_key(|(_, requests)| Reverse(*requests))
    );
}

fn check_dossiers(kit: &Kit, rows: &[&RecordRow], filter: &RecordFilter, (kind, after): (Who, u64)) {
    let clients = by_client(rows, kind);
    let ask = DossierAsk {
        filter: filter.clone(),
        who: kind,
        values: clients.keys().cloned().collect(),
        after,
    };
    let found = wait(kit.engine.dossiers(&kit.snapshot, &ask)).expect("an answer");
    for (dossier, (value, rows)) in found.into_iter().zip(&clients) {
        let (expected, keys) = expected_dossier(value, rows, after);
        assert_eq!(dossier.some_keys.len(), keys.len().min(5));
        assert!(dossier.some_keys.iter().all(|key| keys.contains(key)));
        let some_keys = dossier.some_keys.clone();
        assert_eq!(
            dossier,
            Dossier {
                some_keys,
                ..expected
            }
        );
    }
}

/// What a client did, and the keys that it read after refusals.
fn expected_dossier(value: &str, rows: &[&RecordRow], after: u64) -> (Dossier, BTreeSet<String>) {
    let times = |holds: &dyn Fn(&RecordRow) -> bool| {
        let mut times: Vec<Timestamp> = rows.iter().filter(|row| holds(row)).map(|row| row.time).collect();
        times.sort_unstable();
        times
    };
    let keys = |holds: &dyn Fn(&RecordRow) -> bool| -> BTreeSet<String> {
        rows.iter()
            .filter(|row| holds(row))
            .filter_map(|row| row.key.clone())
            .collect()
    };
    let missed = |row: &RecordRow| refused(row) || row.status == Some(404);
    let (refusals, misses) = (times(&refused), times(&missed));
    let enough = refusals.get(usize::try_from(after).expect("a few") - 1).copied();
    let read = |row: &RecordRow| is_read(row) && got_it(row);
    let turned = |row: &RecordRow| read(row) && enough.is_some_and(|enough| row.time > enough);
    let first = refusals.first().copied();
    let keys_after = keys(&turned);
    let dossier = Dossier {
        value: value.to_owned(),
        refused: refusals.len() as u64,
        first_refused: first,
        last_refused: refusals.last().copied(),
        refused_enough: enough,
        misses: misses.len() as u64,
        keys_missed: keys(&missed).len() as u64,
        first_missed: misses.first().copied(),
        last_missed: misses.last().copied(),
        reads_before: of(rows, |row| {
            read(row) && first.is_none_or(|first| row.time < first)
        }),
        reads_after: of(rows, turned),
        anonymous_after: of(rows, |row| turned(row) && row.requester.is_none()),
        keys_after: keys_after.len() as u64,
        some_keys: Vec::new(),
        bytes_after: rows
            .iter()
            .filter(|row| turned(row))
            .map(|row| row.bytes_sent.unwrap_or(0))
            .sum(),
        first_read_after: times(&turned).first().copied(),
        last_read_after: times(&turned).last().copied(),
    };
    (dossier, keys_after)
}

fn check_signatures(kit: &Kit, rows: &[&RecordRow], filter: &RecordFilter, addresses: u64) {
    let mut links: BTreeMap<String, Vec<&RecordRow>> = BTreeMap::new();
    for row in rows {
        let let_in = row.status.is_some_and(|status| (200..400).contains(&status));
        let signature = row.request_uri.as_deref().and_then(signature_of);
        if let Some(signature) =
            signature.filter(|_| let_in && row.auth_type.as_deref() == Some("QueryString"))
        {
            links.entry(signature.to_owned()).or_default().push(row);
        }
    }
    let mut expected: Vec<Signature> = links
        .into_iter()
        .map(|(signature, rows)| Signature {
            signature,
            bucket: rows.iter().filter_map(|row| row.bucket.clone()).min(),
            key: rows.iter().filter_map(|row| row.key.clone()).min(),
            addresses: by_client(&rows, Who::Address).len() as u64,
            requests: rows.len() as u64,
            bytes_sent: rows.iter().map(|row| row.bytes_sent.unwrap_or(0)).sum(),
            first_seen: rows.iter().map(|row| row.time).min().expect("one"),
            last_seen: rows.iter().map(|row| row.time).max().expect("one"),
        })
        .filter(|link| link.addresses >= addresses)
        .collect();
    expected.sort_by_key(|link| Reverse(link.addresses));
    let ask = SignatureAsk {
        filter: filter.clone(),
        addresses,
        limit: 10,
    };
    let found = wait(kit.engine.signatures(&kit.snapshot, &ask)).expect("an answer");
    assert_eq!((found.links, found.truncated), (expected, false));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn clients_agree_with_brute_force(
        objects in oracle::corpus(),
        filters in prop::collection::vec(oracle::filter(), 3),
        (from, hours) in (0_i64..40, 0_i64..72),
        least in 1_u64..5,
        percent in prop::sample::select(vec![0_u64, 20, 100]),
        limit in prop::sample::select(vec![1_usize, 3, 50]),
        apart in (0_u64..8).prop_map(|half_hours| Duration::from_secs(half_hours * 1_800)),
    ) {
        let (kit, all) = (Kit::of(&objects), oracle::records(&objects));
        let at = |hour: i64| Timestamp::from_second(START + hour * 3_600 + 700).expect("a time");
        let period = TimeRange { from: Some(at(from)), to: Some(at(from + hours)) };
        let whole = RecordFilter::default();
        for filter in filters.into_iter().chain([whole]) {
            let filter = RecordFilter { period, requests_only: true, ..filter };
            let rows: Vec<&RecordRow> = all.iter().filter(|row| oracle::fits(row, &filter)).collect();
            let bar = Bar { least, percent };
            let ask = CensusAsk {
                filter: filter.clone(),
                from: at(from),
                to: at(from + hours),
                misses: bar,
                listings: bar,
                reads: bar,
                apart,
                limit,
            };
            let census = wait(kit.engine.census(&kit.snapshot, &ask)).expect("an answer");
            check_totals(&census, &rows);
            check_clients(&census.addresses, &rows, Who::Address, &ask);
            check_clients(&census.requesters, &rows, Who::Requester, &ask);
            check_bursts(&census.reading_addresses, &rows, Who::Address, &ask);
            check_bursts(&census.reading_requesters, &rows, Who::Requester, &ask);
            prop_assert_eq!(census.unfollowed, 0);
            check_peaks(&kit, &census, &rows, &filter);
            for kind in [Who::Address, Who::Requester] {
                check_dossiers(&kit, &rows, &filter, (kind, least));
            }
            check_signatures(&kit, &rows, &filter, least);
        }
    }
}

#[test]
fn a_census_of_too_many_days_is_refused() {
    let kit = Kit::of(&[]);
    let at = |day: i64| Timestamp::from_second(START + day * 86_400).expect("a time");
    let bar = Bar { least: 1, percent: 0 };
    let ask = |days| CensusAsk {
        filter: RecordFilter::default(),
        from: at(0),
        to: at(days),
        misses: bar,
        listings: bar,
        reads: bar,
        apart: Duration::ZERO,
        limit: 1,
    };
    let census = wait(kit.engine.census(&kit.snapshot, &ask(92))).expect("an answer");
    assert_eq!(census.totals.requests, 0);
    let refused = wait(kit.engine.census(&kit.snapshot, &ask(93)));
    assert!(matches!(refused, Err(LakeError::Limit { what: "days", .. })));
}
