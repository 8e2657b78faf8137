//! Who got in, and how.

use std::collections::BTreeSet;

use super::{Known, Told, distinct, once, ranked};
use crate::truth::{Period, Record};
use crate::{Expected, Group, Truth};

const LEAKED: &str = "transcoder";

pub(super) fn names(truth: &Truth) -> Vec<(&'static str, String)> {
    vec![
        ("leaked", LEAKED.to_owned()),
        ("leaked_on", truth.date(leaked_since(truth))),
    ]
}

pub(super) fn told(truth: &Truth, _: &Known) -> Vec<Told> {
    let security = |id, expected| (id, Group::Security, expected);
    vec![
        security("8", anonymous(truth)),
        security(
            "9",
            denied(truth, truth.last_days(7)).says(&["then read", "succeeded", "then let in"]),
        ),
        security("10", old_protocols(truth)),
        security("11", newcomers(truth)),
        security("12", leaked(truth)),
        security("13", mass_download(truth)),
    ]
}

fn leaked_since(truth: &Truth) -> i64 {
    truth.day(3).from
}

fn anonymous(truth: &Truth) -> Expected {
    let week = truth.last_days(7);
    let reads: Vec<&Record> = truth
        .requests_in(week, |record| {
            record.is_read() && record.is_status(200..300) && record.requester.is_none()
        })
        .collect();
    let reads = || reads.iter().copied();
    let expected = Expected::answered()
        .during(week)
        .figure("how many reads", &[], reads().count() as f64)
        .count("of how many keys", &[], distinct(reads(), |record| record.key()))
        .count(
            "from how many addresses",
            &[],
            distinct(reads(), |record| &record.ip),
        )
        .bytes("how many bytes", &[], reads().map(|record| record.sent).sum())
        .covered();
    let keys = ranked(reads(), |record| record.key(), once);
    let ips = ranked(reads(), |record| &record.ip, once);
    let most = keys.iter().take(3).chain(ips.iter().take(3));
    most.fold(expected, |expected, (name, count)| {
        expected.count(
            "its reads",
            &[name],
            usize::try_from(*count).unwrap_or(usize::MAX),
        )
    })
}

/// Who was refused most, and who of those read something afterwards.
pub(super) fn denied(truth: &Truth, period: Period) -> Expected {
    let refused: Vec<&Record> = truth
        .requests_in(period, |record| matches!(record.status, Some(401 | 403)))
        .collect();
    let ips = ranked(refused.iter().copied(), |record| &record.ip, once);
    let mut expected = Expected::answered()
        .during(period)
        .count("refusals", &[], refused.len())
        .covered();
    for (ip, count) in ips.iter().take(3) {
        expected = expected.count(
            "its refusals",
            &[ip],
            usize::try_from(*count).unwrap_or(usize::MAX),
        );
    }
    let Some((worst, _)) = ips.first().filter(|(_, count)| *count >= 50) else {
        return expected;
    };
    let first = refused
        .iter()
        .find(|record| record.ip == *worst)
        .map_or(0, |record| record.time);
    let reads = truth.requests_in(period, |record| {
        record.ip == *worst && record.is_read() && record.is_status(200..300) && record.time >= first
    });
    expected.count("its reads afterwards", &[worst], reads.count())
}

fn old_protocols(truth: &Truth) -> Expected {
    let week = truth.last_days(7);
    let sigv2: Vec<&Record> = truth
        .requests_in(week, |record| record.signature == "SigV2")
        .collect();
    let old_tls: Vec<&Record> = truth
        .requests_in(week, |record| {
            matches!(record.tls.as_str(), "SSLv3" | "TLSv1" | "TLSv1.0" | "TLSv1.1")
        })
        .collect();
    let requesters = distinct(sigv2.iter().copied(), |record| {
        record.requester.as_deref().unwrap_or_default()
    });
    let expected = Expected::answered()
        .during(week)
        .figure(
            "requests with SigV2",
            &["Signature Version 2"],
            sigv2.len() as f64,
        )
        .count("their requesters", &["Signature Version 2"], requesters)
        .count("requests below TLS 1.2", &["TLS"], old_tls.len())
        .covered();
    let agents = ranked(old_tls.iter().copied(), |record| &record.agent, once);
    agents.iter().fold(expected, |expected, (agent, count)| {
        expected.count(
            "its requests below TLS 1.2",
            &[agent],
            usize::try_from(*count).unwrap_or(usize::MAX),
        )
    })
}

fn newcomers(truth: &Truth) -> Expected {
    let week = truth.week(0);
    let before: BTreeSet<&str> = truth
        .records
        .iter()
        .filter(|record| record.time < week.from)
        .filter_map(|record| record.requester.as_deref())
        .collect();
    let new = truth.requests_in(week, |_| true).filter(|record| {
        record
            .requester
            .as_deref()
            .is_some_and(|requester| !before.contains(requester))
    });
    let new: Vec<&Record> = new.collect();
    let who = ranked(
        new.iter().copied(),
        |record| record.requester.as_deref().unwrap_or_default(),
        once,
    );
    let expected = Expected::answered().during(week).covered();
    who.iter().fold(expected, |expected, (requester, count)| {
        let of = |operation: &'static str| {
            new.iter().filter(move |record| {
                record.requester.as_deref() == Some(requester) && record.operation == operation
            })
        };
        let ip = of("REST.GET.OBJECT")
            .next()
            .map_or("", |record| record.ip.as_str());
        expected
            .count(
                "its requests",
                &[requester],
                usize::try_from(*count).unwrap_or(usize::MAX),
            )
            .count("its uploads", &[requester], of("REST.PUT.OBJECT").count())
            .count("its deletions", &[requester], of("REST.DELETE.OBJECT").count())
            .named("from where", &[requester, ip])
    })
}

/// What a requester did since a day: objects read, written and deleted with success.
fn leaked(truth: &Truth) -> Expected {
    let since = Period {
        from: leaked_since(truth),
        to: i64::MAX,
    };
    let done = |operations: &'static [&'static str]| {
        let fits = truth.requests_in(since, move |record| {
            record.is_user(LEAKED)
                && operations.contains(&record.operation.as_str())
                && record.is_status(200..400)
        });
        fits.collect::<Vec<_>>()
    };
    let (read, wrote, deleted) = (
        done(&["REST.GET.OBJECT"]),
        done(&["REST.PUT.OBJECT", "REST.COPY.OBJECT"]),
        done(&["REST.DELETE.OBJECT"]),
    );
    let objects = |records: &[&Record]| distinct(records.iter().copied(), |record| record.key());
    Expected::answered()
        .during(since)
        .about(LEAKED)
        .count("objects it read", &["read"], objects(&read))
        .figure(
            "bytes it read",
            &["read"],
            read.iter().map(|record| record.sent).sum::<u64>() as f64,
        )
        .count("objects it wrote", &["wrote"], objects(&wrote))
        .figure(
            "bytes it wrote",
            &["wrote"],
            wrote.iter().map(|record| record.size).sum::<u64>() as f64,
        )
        .count("objects it deleted", &["deleted"], objects(&deleted))
        .covered()
}

/// Who reads five hundred different keys within a day.
fn mass_download(truth: &Truth) -> Expected {
    const MANY: usize = 500;
    let day = truth.last_days(1);
    let reads: Vec<&Record> = truth
        .requests_in(day, |record| record.is_read() && record.is_status(200..300))
        .collect();
    let ips = ranked(reads.iter().copied(), |record| &record.ip, once);
    let expected = Expected::answered().during(day).covered();
    ips.iter().fold(expected, |expected, (ip, _)| {
        let of_ip = reads.iter().copied().filter(|record| record.ip == *ip);
        match distinct(of_ip, |record| record.key()) {
            keys if keys >= MANY => expected.count("different keys it read", &[ip], keys),
            _ => expected,
        }
    })
}
