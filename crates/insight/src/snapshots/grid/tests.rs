use expect_test::{Expect, expect};

use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_795_305_600 + minute * 60).expect("a time")
}

fn record(bucket: &str, prefix: &str, minute: i64, bytes: u64) -> SnapshotRecord {
    let mut record = SnapshotRecord::new(
        at(minute),
        bucket.parse().expect("a name"),
        prefix.parse().expect("a prefix"),
    );
    record.source_bytes = bytes;
    record
}

fn with_requests(mut record: SnapshotRecord, since: i64, requests: u64) -> SnapshotRecord {
    record.interval_start = Some(at(since));
    record.interval_end = Some(record.ts);
    record.requests_total = requests;
    record
}

fn check(records: Vec<SnapshotRecord>, steps: i64, expected: Expect) {
    let steps = Steps::new(at(0), at(steps * 10), 600, 1000);
    let cells = cells(&by_source(records), steps);
    let shown: String = cells
        .iter()
        .filter(|(_, cell)| cell.sources_in > 0)
        .map(|(start, cell)| {
            format!(
                "{} bytes {} in {} held {} requests {} logs {}\n",
                (start.as_second() - at(0).as_second()) / 60,
                cell.source_bytes,
                cell.sources_in,
                cell.sources_held,
                cell.requests.total,
                cell.logs_files,
            )
        })
        .collect();
    expected.assert_eq(&shown);
}

#[test]
fn the_last_snapshot_of_each_source_counts_in_a_step() {
    let mut records = Vec::new();
    for minute in [1, 6, 11, 16, 21, 26] {
        records.push(record(
            "one",
            "",
            minute,
            10 + u64::try_from(minute).expect("a number"),
        ));
        records.push(record("two", "", minute + 1, 1000));
    }
    check(
        records,
        3,
        expect![[r#"
            0 bytes 1016 in 2 held 0 requests 0 logs 0
            10 bytes 1026 in 2 held 0 requests 0 logs 0
            20 bytes 1036 in 2 held 0 requests 0 logs 0
        "#]],
    );
}

#[test]
fn who_was_not_looked_at_makes_no_drop_and_nobody_makes_a_gap() {
    let mut records: Vec<_> = [1, 11, 21, 41, 51, 61, 71, 81, 91]
        .map(|minute| record("one", "", minute, 5))
        .to_vec();
    // Missing in two steps, and gone for good in the end.
    records.extend([1, 41, 51].map(|minute| record("two", "", minute, 100)));
    // New on the way.
    records.extend([71, 81, 91].map(|minute| record("new", "", minute, 7)));
    check(
        records,
        10,
        expect![[r#"
            0 bytes 105 in 2 held 0 requests 0 logs 0
            10 bytes 105 in 1 held 1 requests 0 logs 0
            20 bytes 105 in 1 held 1 requests 0 logs 0
            40 bytes 105 in 2 held 0 requests 0 logs 0
            50 bytes 105 in 2 held 0 requests 0 logs 0
            60 bytes 105 in 1 held 1 requests 0 logs 0
            70 bytes 112 in 2 held 1 requests 0 logs 0
            80 bytes 112 in 2 held 1 requests 0 logs 0
            90 bytes 112 in 2 held 1 requests 0 logs 0
        "#]],
    );
}

#[test]
fn what_lies_within_another_source_counts_once() {
    let mut records = vec![
        record("one", "", 1, 10),
        record("one", "images/", 1, 4),
        record("two", "a/", 1, 2),
        record("two", "b/", 1, 3),
    ];
    for record in &mut records {
        record.logs_bucket = "logs".to_owned();
        record.logs_files = 50;
    }
    check(
        records,
        1,
        expect![[r#"
              0 bytes 15 in 3 held 0 requests 0 logs 50
        "#]],
    );
}

#[test]
fn requests_known_then_are_summed_once_and_those_of_the_original_never() {
    let mut legacy = with_requests(record("old", "", 5, 1), 0, 99_999);
    legacy.legacy = true;
    check(
        vec![
            with_requests(record("one", "", 5, 1), 0, 10),
            // Somebody else looked at the same time.
            with_requests(record("one", "", 6, 1), 0, 11),
            with_requests(record("one", "", 15, 1), 5, 20),
            with_requests(record("two", "", 15, 1), -300, 3),
            legacy,
        ],
        2,
        expect![[r#"
            0 bytes 2 in 2 held 0 requests 10 logs 0
            10 bytes 3 in 2 held 1 requests 23 logs 0
        "#]],
    );
}
