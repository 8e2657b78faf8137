//! What was used before and since, against brute force.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use proptest::prelude::*;
use spacewatch_model::Timestamp;

use super::kit::{Kit, wait};
use super::oracle::{self, START};
use crate::RecordFilter;
use crate::query::*;

fn widen(used: &mut Option<Used>, row: &RecordRow) {
    let used = used.get_or_insert(Used {
        records: 0,
        errors: 0,
        bytes_sent: 0,
        object_bytes: 0,
        first: row.time,
        last: row.time,
    });
    used.records += 1;
    used.errors += u64::from(row.status >= Some(400));
    used.bytes_sent += row.bytes_sent.unwrap_or(0);
    used.object_bytes += row.object_size.unwrap_or(0);
    used.first = used.first.min(row.time);
    used.last = used.last.max(row.time);
}

/// The same by plain loops.
fn expected(all: &[RecordRow], ask: &UsesAsk) -> Uses {
    let mut groups: BTreeMap<Vec<Option<String>>, [Option<Used>; 2]> = BTreeMap::new();
    let mut uses = Uses::default();
    for row in all {
        let exactly = ask.operations.is_empty() || ask.operations.contains(&row.operation);
        let done = row.status.is_none_or(|status| (200..300).contains(&status));
        if !oracle::fits(row, &ask.filter) || !exactly || (ask.done && !done) {
            continue;
        }
        let values = ask.by.iter().map(|by| oracle::value(row, *by)).collect();
        let [before, since] = groups.entry(values).or_default();
        if row.time < ask.since {
            widen(before, row);
            widen(&mut uses.before, row);
        } else {
            widen(since, row);
            widen(&mut uses.since, row);
        }
    }
    for (values, [before, since]) in groups {
        let Some(since) = since else {
            uses.left += 1;
            continue;
        };
        uses.distinct += 1;
        uses.new += u64::from(before.is_none());
        uses.rows.push(UsesRow {
            values,
            before,
            since,
        });
    }
    // The map is in order of the values already.
    uses.rows
        .sort_by_key(|row| (row.before.is_some(), Reverse(row.since.records)));
    uses.rows.truncate(ask.limit);
    uses
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_brute_force(
        objects in oracle::corpus(),
        filters in prop::collection::vec(oracle::filter(), 4),
        by in prop::collection::vec(oracle::dimension(), 0..3),
        operations in prop::sample::subsequence(vec!["REST.GET.OBJECT", "REST.PUT.OBJECT", "REST.GET"], 0..3),
        done: bool,
        since in 0_i64..3 * 86_400,
        limit in 0_usize..20,
    ) {
        let (kit, all) = (Kit::of(&objects), oracle::records(&objects));
        for filter in filters {
            let ask = UsesAsk {
                filter,
                operations: operations.iter().map(|operation| (*operation).to_owned()).collect(),
                done,
                by: by.clone(),
                since: Timestamp::from_second(START + since).expect("a time"),
                limit,
            };
            let found = wait(kit.engine.uses(&kit.snapshot, &ask)).expect("an answer");
            prop_assert_eq!(found, expected(&all, &ask));
        }
    }
}

#[test]
fn sums_of_whatever_size_and_many_rows() {
    let line = |key: usize| {
        format!(
            "o b [10/Feb/2026:00:00:{:02} +0000] 192.0.2.1 r ID REST.GET.OBJECT k{key} \"GET /k{key} HTTP/1.1\" 200 - \
             9000000000000000 9000000000000000 1 1 \"-\" \"a\" -\n",
            key % 60
        )
    };
    let log: String = (0..5_000).map(line).collect();
    let kit = Kit::of(&[("logs/1".to_owned(), log.into_bytes())]);
    let ask = UsesAsk {
        filter: RecordFilter::default(),
        operations: Vec::new(),
        done: false,
        by: vec![Dimension::Key],
        since: Timestamp::UNIX_EPOCH,
        limit: 3,
    };
    let found = wait(kit.engine.uses(&kit.snapshot, &ask)).expect("an answer");
    let since = found.since.expect("uses");
    assert_eq!(
        (since.records, since.bytes_sent, since.object_bytes),
        (5_000, u64::MAX, u64::MAX)
    );
    assert_eq!(
        (found.distinct, found.new, found.left, found.before),
        (5_000, 5_000, 0, None)
    );
    let keys: Vec<_> = found
        .rows
        .iter()
        .map(|row| row.values[0].as_deref().expect("a key"))
        .collect();
    assert_eq!(keys, ["k0", "k1", "k10"]);
}
