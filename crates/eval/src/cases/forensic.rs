//! Who did what.

use std::collections::BTreeMap;

use super::{Known, Told};
use crate::truth::{Period, Record};
use crate::{Expected, Group, Truth};

const UPLOADED: &str = "studio/";
const VISITOR: &str = "203.0.113.99";
const HOUR: i64 = 3_600;

pub(super) fn names(truth: &Truth) -> Vec<(&'static str, String)> {
    let visit = visited(truth);
    vec![
        (
            "deleted",
            deletion(truth).map_or_else(String::new, |record| record.key().to_owned()),
        ),
        (
            "expired",
            expiry(truth).map_or_else(String::new, |record| record.key().to_owned()),
        ),
        ("object", audited(truth)),
        ("prefix", UPLOADED.to_owned()),
        ("ip", VISITOR.to_owned()),
        ("day", truth.date(visit.from)),
        ("from", truth.time_of_day(visit.from)),
        ("to", truth.time_of_day(visit.to)),
    ]
}

pub(super) fn told(truth: &Truth, known: &Known) -> Vec<Told> {
    let forensic = |id, expected| (id, Group::Forensic, expected);
    vec![
        forensic("23", deleted(truth)),
        forensic("24", history(truth, known.get("object"))),
        forensic("25", last_upload(truth)),
        forensic("26", visit(truth, VISITOR, visited(truth))),
        forensic(
            "27",
            deleted(truth).says(&["a client", "client's", "not a lifecycle"]),
        ),
        forensic("27-rule", expired(truth)),
    ]
}

/// The events of keys, in the order of time.
fn by_key(truth: &Truth) -> BTreeMap<&str, Vec<&Record>> {
    let mut events: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in truth.records.iter().filter(|record| record.key.is_some()) {
        events.entry(record.key()).or_default().push(record);
    }
    events
}

/// A deletion by a client, the only one of its key.
fn deletion(truth: &Truth) -> Option<&Record> {
    only(truth, "REST.DELETE.OBJECT", |key| key.starts_with("archive/"))
}

/// A deletion by a lifecycle rule, the only one of its key.
fn expiry(truth: &Truth) -> Option<&Record> {
    only(truth, "S3.EXPIRE.OBJECT", |_| true)
}

fn only<'t>(truth: &'t Truth, operation: &str, fits: impl Fn(&str) -> bool) -> Option<&'t Record> {
    let deletes =
        |record: &&&Record| record.operation.contains("DELETE") || record.operation.contains("EXPIRE");
    by_key(truth)
        .into_iter()
        .filter(|(key, _)| fits(key))
        .find_map(|(_, events)| {
            let mut deletions = events.iter().filter(deletes);
            let first = deletions.next()?;
            (deletions.next().is_none() && first.operation == operation).then_some(*first)
        })
}

/// A key of which some, but not too many events are known.
fn audited(truth: &Truth) -> String {
    let few = by_key(truth)
        .into_iter()
        .find(|(key, events)| key.starts_with("users/") && (4..8).contains(&events.len()));
    few.map_or_else(String::new, |(key, _)| key.to_owned())
}

fn deleted(truth: &Truth) -> Expected {
    let Some(record) = deletion(truth) else {
        return Expected::answered();
    };
    let key = record.key();
    Expected::answered()
        .named("by whom", &[key, record.requester.as_deref().unwrap_or_default()])
        .named("from where", &[key, &record.ip])
        .named("with what", &[key, &record.agent])
        .named("which request", &[&record.request_id])
        .at("when", &[key], record.time)
        .covered()
}

fn expired(truth: &Truth) -> Expected {
    let Some(record) = expiry(truth) else {
        return Expected::answered();
    };
    Expected::answered()
        .at("when", &[record.key()], record.time)
        .says(&["lifecycle"])
        .covered()
}

fn history(truth: &Truth, key: &str) -> Expected {
    let events: Vec<&Record> = truth
        .records
        .iter()
        .filter(|record| record.key() == key)
        .collect();
    let expected = Expected::answered()
        .count("events", &[], events.len())
        .about(key)
        .covered();
    events.iter().fold(expected, |expected, event| {
        expected
            .named("by whom", &[&event.request_id, &event.ip])
            .named("what", &[&event.request_id, &event.operation])
            .at("when", &[&event.request_id], event.time)
    })
}

fn last_upload(truth: &Truth) -> Expected {
    let uploads = truth.records.iter().filter(|record| {
        record.key().starts_with(UPLOADED)
            && record.operation == "REST.PUT.OBJECT"
            && record.is_status(200..300)
    });
    match uploads.max_by_key(|record| record.time) {
        Some(record) => Expected::answered()
            .named("what", &[record.key(), &record.ip])
            .at("when", &[record.key(), &record.ip], record.time)
            .bytes("how much", &[record.key()], record.size)
            .covered(),
        None => Expected::answered(),
    }
}

/// The hour in which a stranger tried.
fn visited(truth: &Truth) -> Period {
    let first = truth.records.iter().find(|record| record.ip == VISITOR);
    let first = first.map_or(0, |record| record.time);
    let from = first - first.rem_euclid(HOUR);
    Period {
        from,
        to: from + HOUR,
    }
}

/// What an address did in a time.
pub(super) fn visit(truth: &Truth, ip: &str, period: Period) -> Expected {
    let requests: Vec<&Record> = truth.requests_in(period, |record| record.ip == ip).collect();
    let last = requests.iter().max_by_key(|record| record.time);
    let expected = Expected::answered()
        .during(period)
        .about(ip)
        .count("its requests", &[], requests.len())
        .count(
            "its errors",
            &[],
            requests
                .iter()
                .filter(|record| record.is_status(400..600))
                .count(),
        )
        .bytes(
            "what it got",
            &[],
            requests.iter().map(|record| record.sent).sum(),
        )
        .covered();
    match last {
        Some(record) => expected
            .at("its last request", &[], record.time)
            .named("its tool", &[&record.agent]),
        None => expected,
    }
}
