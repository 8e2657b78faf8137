use expect_test::{Expect, expect};

use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_795_305_600 + minute * 60).expect("a time")
}

/// A snapshot that counted the requests since a moment.
fn record(minute: i64, since: i64, requests: u64) -> SnapshotRecord {
    let name = "one".parse().expect("a name");
    let mut record = SnapshotRecord::new(at(minute), name, Prefix::default());
    record.source_bytes = u64::try_from(minute).expect("a number");
    record.interval_start = Some(at(since));
    record.interval_end = Some(at(minute));
    record.requests_total = requests;
    record.requests_complete = true;
    record
}

fn check(records: &[SnapshotRecord], limit: usize, expected: Expect) {
    let minute = |time: Timestamp| (time.as_second() - at(0).as_second()) / 60;
    let shown: String = Groups::of(records, limit)
        .points()
        .into_iter()
        .map(|point| {
            let interval = match point.record.interval() {
                Some((start, end)) => format!("{} to {}", minute(start), minute(end)),
                None => "none".to_owned(),
            };
            format!(
                "{} bytes {} requests {} of {interval} {:?} complete {} for {}\n",
                minute(point.record.ts),
                point.record.source_bytes,
                point.record.requests_total,
                point.requests_from,
                point.record.requests_complete,
                point.snapshots,
            )
        })
        .collect();
    expected.assert_eq(&shown);
}

#[test]
fn of_many_snapshots_every_so_many_th_is_a_point_and_no_request_is_lost() {
    let records: Vec<_> = (1..=7).map(|n| record(n * 5, n * 5 - 5, 10)).collect();
    check(
        &records,
        3,
        expect![[r#"
            10 bytes 10 requests 20 of 0 to 10 Snapshot complete true for 2
            20 bytes 20 requests 20 of 10 to 20 Snapshot complete true for 2
            35 bytes 35 requests 30 of 20 to 35 Snapshot complete true for 3
        "#]],
    );
    check(
        &records,
        1,
        expect![[r#"
            35 bytes 35 requests 70 of 0 to 35 Snapshot complete true for 7
        "#]],
    );
    check(&[], 5, expect![""]);
}

#[test]
fn two_who_counted_the_same_time_count_once() {
    let mut legacy = record(12, 0, 9999);
    legacy.legacy = true;
    check(
        &[record(5, 0, 10), record(6, 0, 12), legacy, record(15, 5, 20)],
        1,
        expect![[r#"
            15 bytes 15 requests 30 of 0 to 15 Snapshot complete true for 4
        "#]],
    );
}

#[test]
fn gaps_are_three_times_longer_than_usual() {
    let records: Vec<_> = [5, 10, 15, 30, 35, 51, 56]
        .map(|minute| record(minute, 0, 0))
        .to_vec();
    let found = gaps(&records);
    assert_eq!(
        found,
        [Gap {
            from: at(35),
            to: at(51)
        }]
    );
}
