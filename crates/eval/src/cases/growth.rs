//! What is stored, and how that changes.

use super::Told;
use crate::truth::{Amount, BucketTruth, extension, folder};
use crate::{Expected, Group, Truth};

const DAY: i64 = 86_400;
const KIB: u64 = 1_024;
pub(super) const GROWING: &str = "prod-uploads";
const DISTRIBUTED: &str = "documents";

pub(super) fn told(truth: &Truth) -> Vec<Told> {
    let growth = |id, expected| (id, Group::Growth, expected);
    vec![
        growth("18", grown(truth)),
        growth("19", explained(truth)),
        growth("20", reaches(truth)),
        growth("21", distribution(truth)),
        growth("22", types(truth)),
    ]
}

/// By how many bytes something grew in so many days.
fn by(truth: &Truth, bucket: &BucketTruth, days: i64) -> f64 {
    let (now, then) = (
        bucket.bytes_at(truth.second()),
        bucket.bytes_at(truth.second() - days * DAY),
    );
    now as f64 - then as f64
}

fn grown(truth: &Truth) -> Expected {
    truth
        .sources()
        .fold(Expected::answered(), |expected, (name, bucket)| {
            expected
                .figure("in 7 days", &[name], by(truth, bucket, 7))
                .figure("in 30 days", &[name], by(truth, bucket, 30))
        })
}

/// The prefix that grew most in 30 days.
pub(super) fn explained(truth: &Truth) -> Expected {
    let Some(bucket) = truth.buckets.get(GROWING) else {
        return Expected::answered();
    };
    let prefixes = bucket.by(folder).into_keys().map(|prefix| {
        let versions = bucket
            .versions
            .iter()
            .filter(|version| folder(&version.key) == prefix);
        let of_prefix = BucketTruth {
            versions: versions.cloned().collect(),
            uploads: Vec::new(),
            switches: None,
        };
        (by(truth, &of_prefix, 30), prefix)
    });
    match prefixes.max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((bytes, prefix)) => Expected::answered()
            .about(GROWING)
            .figure("its growth in 30 days", &[&prefix], bytes)
            .figure("its share", &[&prefix], bytes / by(truth, bucket, 30) * 100.0),
        None => Expected::answered(),
    }
}

/// Nobody knows what will be stored: what is stored now must be right, and how sure the rest is must be said.
fn reaches(truth: &Truth) -> Expected {
    let held = truth
        .buckets
        .get(GROWING)
        .map_or(0, |bucket| bucket.amount().bytes);
    Expected::answered()
        .about(GROWING)
        .bytes("what it holds now", &[GROWING], held)
        .bytes("what it shall reach", &[GROWING], 1_000_000_000_000)
        .says(&["confidence", "not reach", "between"])
}

fn distribution(truth: &Truth) -> Expected {
    const SIZES: [(&str, u64, u64); 3] = [
        ("128 KiB", 1, 128 * KIB),
        ("256 KiB", 128 * KIB + 1, 256 * KIB),
        ("512 KiB", 256 * KIB + 1, 512 * KIB),
    ];
    const AGES: [(&str, i64, i64); 3] = [("30 days", 7, 30), ("180 days", 90, 180), ("1 year", 180, 365)];
    let Some(bucket) = truth.buckets.get(DISTRIBUTED) else {
        return Expected::answered();
    };
    let all = bucket.amount();
    let expected = Expected::answered()
        .count(
            "objects",
            &[DISTRIBUTED],
            usize::try_from(all.objects).unwrap_or(usize::MAX),
        )
        .bytes("bytes", &[DISTRIBUTED], all.bytes);
    let of = |expected: Expected, class: &str, amount: Amount| {
        expected
            .figure("objects", &[class], amount.objects as f64)
            .bytes("bytes", &[class], amount.bytes)
    };
    let sized = SIZES
        .into_iter()
        .fold(expected, |expected, (class, least, most)| {
            let fits =
                bucket.amount_of(|version| version.size.is_some_and(|size| (least..=most).contains(&size)));
            of(expected, class, fits)
        });
    AGES.into_iter().fold(sized, |expected, (class, least, most)| {
        let age = |second: i64| truth.second() - second;
        let fits = bucket.amount_of(|version| (least * DAY..most * DAY).contains(&age(version.modified)));
        of(expected, class, fits)
    })
}

fn types(truth: &Truth) -> Expected {
    let mut types: Vec<(String, Amount)> = truth
        .sources()
        .flat_map(|(_, bucket)| bucket.by(extension))
        .collect();
    types.sort_by_key(|(_, amount)| std::cmp::Reverse(amount.bytes));
    types
        .iter()
        .take(3)
        .fold(Expected::answered(), |expected, (name, amount)| {
            expected
                .bytes("bytes", &[name], amount.bytes)
                .figure("objects", &[name], amount.objects as f64)
        })
}
