//! Follow-ups and everyday words.

use super::{Known, Told, cost, distinct, forensic, growth, once, ranked, security};
use crate::truth::{Period, Record};
use crate::{Expected, Group, Truth};

const SCANNER: &str = "198.51.100.7";

pub(super) fn told(truth: &Truth, _: &Known) -> Vec<Told> {
    let talk = |id, expected| (id, Group::Talk, expected);
    vec![
        talk("last-week", security::denied(truth, truth.week(1))),
        talk("only-pngs", only_pngs(truth)),
        talk("another-bucket", size_of(truth, "staging")),
        talk("why", growth::explained(truth)),
        talk("today", requests(truth, truth.day(0))),
        talk("another-ip", forensic::visit(truth, SCANNER, truth.last_days(7))),
        talk("poking-around", visitors(truth, "documents", truth.day(1))),
        talk("newest-file", newest(truth, "backups")),
        talk("eating-storage", largest(truth)),
        talk("errors-of-a-bucket", missing_in(truth, "staging")),
    ]
}

fn only_pngs(truth: &Truth) -> Expected {
    let week = truth.last_days(7);
    let expected = Expected::answered().during(week).covered();
    let most = cost::most_sent(truth, week, ".png");
    most.iter().take(3).fold(expected, |expected, (key, sent)| {
        expected.bytes("what was sent of it", &[key], *sent)
    })
}

fn size_of(truth: &Truth, name: &str) -> Expected {
    let amount = truth
        .buckets
        .get(name)
        .map(|bucket| bucket.amount())
        .unwrap_or_default();
    Expected::answered()
        .figure("objects", &[name], amount.objects as f64)
        .bytes("bytes", &[name], amount.bytes)
}

fn requests(truth: &Truth, period: Period) -> Expected {
    let expected = Expected::answered()
        .during(period)
        .figure(
            "all of them",
            &[],
            truth.requests_in(period, |_| true).count() as f64,
        )
        .covered();
    truth.sources().fold(expected, |expected, (name, _)| {
        let of_bucket = truth.requests_in(period, |record| record.bucket == name);
        expected.figure("its requests", &[name], of_bucket.count() as f64)
    })
}

fn visitors(truth: &Truth, name: &str, period: Period) -> Expected {
    let requests: Vec<&Record> = truth
        .requests_in(period, |record| record.bucket == name)
        .collect();
    let who = ranked(
        requests
            .iter()
            .copied()
            .filter(|record| record.requester.is_some()),
        |record| record.requester.as_deref().unwrap_or_default(),
        once,
    );
    let expected = Expected::answered().during(period).about(name).covered();
    who.iter().take(2).fold(expected, |expected, (requester, count)| {
        expected.figure("its requests", &[requester], *count as f64)
    })
}

fn newest(truth: &Truth, name: &str) -> Expected {
    let uploads = truth.records.iter().filter(|record| {
        record.bucket == name && record.operation == "REST.PUT.OBJECT" && record.is_status(200..300)
    });
    match uploads.max_by_key(|record| record.time) {
        Some(record) => Expected::answered()
            .about(name)
            .named(
                "who",
                &[record.key(), record.requester.as_deref().unwrap_or_default()],
            )
            .at("when", &[record.key()], record.time)
            .covered(),
        None => Expected::answered(),
    }
}

fn largest(truth: &Truth) -> Expected {
    let most = truth.sources().max_by_key(|(_, bucket)| bucket.amount().bytes);
    most.map_or_else(Expected::answered, |(name, bucket)| {
        Expected::answered().bytes("the largest bucket", &[name], bucket.amount().bytes)
    })
}

fn missing_in(truth: &Truth, name: &str) -> Expected {
    let week = truth.last_days(7);
    let missing: Vec<&Record> = truth
        .requests_in(week, |record| record.bucket == name && record.status == Some(404))
        .collect();
    Expected::answered()
        .during(week)
        .about(name)
        .count("all of them", &[], missing.len())
        .count(
            "different keys",
            &[],
            distinct(missing.iter().copied(), |record| record.key()),
        )
        .covered()
}
