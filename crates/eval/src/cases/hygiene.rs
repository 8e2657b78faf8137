//! Logs, settings, odd objects.

use std::collections::BTreeMap;

use super::Told;
use crate::truth::BucketTruth;
use crate::{Expected, Group, Truth};

/// What a bucket may lack, and how it is said.
type Lack = (&'static str, fn(&spacewatch_demo::BucketSwitches) -> bool);
const LACKS: [Lack; 4] = [
    ("logging", |switches| switches.logging),
    ("versioning", |switches| switches.versioning),
    ("lifecycle", |switches| switches.lifecycle),
    ("abort", |switches| switches.abort_rule),
];

pub(super) fn told(truth: &Truth) -> Vec<Told> {
    let hygiene = |id, expected| (id, Group::Hygiene, expected);
    vec![
        hygiene("28", complete(truth)),
        hygiene("29", settings(truth)),
        hygiene("30", odd(truth)),
    ]
}

/// Every log object of yesterday lies in the log bucket, so its log is complete.
fn complete(truth: &Truth) -> Expected {
    Expected::answered()
        .during(truth.day(1))
        .says(&["complete"])
        .never("not complete")
        .never("incomplete")
        .covered()
}

fn settings(truth: &Truth) -> Expected {
    let mut expected = Expected::answered();
    for (lack, has) in LACKS {
        let without =
            |(_, bucket): &(&String, &BucketTruth)| bucket.switches.is_some_and(|switches| !has(&switches));
        for (name, _) in truth.buckets.iter().filter(without) {
            expected = expected.named("without it", &[lack, name]);
        }
    }
    expected
}

/// Empty objects, names with parts that programs trip over, and objects that are there twice.
fn odd(truth: &Truth) -> Expected {
    truth
        .sources()
        .fold(Expected::answered(), |expected, (name, bucket)| {
            let odd: Vec<&str> = bucket
                .objects()
                .map(|(version, _)| version.key.as_str())
                .filter(|key| is_odd(key))
                .collect();
            let empty = bucket.amount_of(|version| version.size == Some(0)).objects;
            let expected = expected
                .figure("empty objects", &[name], empty as f64)
                .count("odd names", &[name], odd.len())
                .count("groups of duplicates", &[name], duplicates(bucket));
            let plain = odd.iter().filter(|key| !key.contains('\\'));
            plain.fold(expected, |expected, key| expected.named("an odd name", &[key]))
        })
}

fn is_odd(key: &str) -> bool {
    let parts: Vec<&str> = key.split('/').collect();
    let inner = parts.split_last().map_or(&[][..], |(_, inner)| inner);
    key.ends_with('/')
        || key.contains('\\')
        || inner.iter().any(|part| part.is_empty())
        || parts
            .iter()
            .any(|part| matches!(*part, "." | "..") || *part != part.trim())
}

fn duplicates(bucket: &BucketTruth) -> usize {
    let mut same: BTreeMap<(&str, u64), usize> = BTreeMap::new();
    for (version, size) in bucket.objects().filter(|(_, size)| *size > 0) {
        *same.entry((&version.etag, size)).or_default() += 1;
    }
    same.values().filter(|copies| **copies > 1).count()
}
