//! Typed questions.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use spacewatch_model::{TimeRange, Timestamp};

use super::kit::{Kit, runtime, wait};
use super::oracle::{self, START};
use crate::query::*;
use crate::{LakeError, RecordFilter};

/// All pages of a search, one after the other.
fn pages(kit: &Kit, filter: &RecordFilter, limit: usize) -> Vec<RecordRow> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = wait(kit.engine.search(&kit.snapshot, filter, limit, after.as_ref())).expect("a page");
        assert!(page.rows.len() <= limit);
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return rows;
        }
    }
}

fn check_top(kit: &Kit, rows: &[&RecordRow], ask: &TopAsk) {
    let mut groups: BTreeMap<String, TopRow> = BTreeMap::new();
    let mut expected = Top::default();
    for row in rows {
        let (sent, error) = (row.bytes_sent.unwrap_or(0), u64::from(row.status >= Some(400)));
        expected.requests += 1;
        expected.bytes_sent += sent;
        expected.errors += error;
        let Some(value) = oracle::value(row, ask.dimension) else {
            continue;
        };
        let group = groups.entry(value.clone()).or_insert(TopRow {
            value,
            requests: 0,
            bytes_sent: 0,
            errors: 0,
            first_seen: row.time,
            last_seen: row.time,
        });
        group.requests += 1;
        group.bytes_sent += sent;
        group.errors += error;
        group.first_seen = group.first_seen.min(row.time);
        group.last_seen = group.last_seen.max(row.time);
    }
    expected.distinct = groups.len() as u64;
    expected.rows = groups.into_values().collect();
    expected.rows.sort_by_key(|row| match ask.by {
        Measure::Requests => std::cmp::Reverse(row.requests),
        Measure::BytesSent => std::cmp::Reverse(row.bytes_sent),
        Measure::Errors => std::cmp::Reverse(row.errors),
    });
    expected.rows.truncate(ask.limit);
    let top = wait(kit.engine.top(&kit.snapshot, ask)).expect("an answer");
    assert_eq!(format!("{top:?}"), format!("{expected:?}"));
    let distinct = wait(kit.engine.distinct(&kit.snapshot, &ask.filter, ask.dimension)).expect("an answer");
    assert_eq!(distinct, expected.distinct);
}

fn step_of(time: Timestamp, step: Option<Duration>) -> Option<Timestamp> {
    let seconds = i64::try_from(step?.as_secs()).expect("a step");
    Timestamp::from_second(time.as_second().div_euclid(seconds) * seconds).ok()
}

fn check_activity(kit: &Kit, rows: &[&RecordRow], ask: &ActivityAsk) {
    let key = |row: &Activity| {
        let mut row = row.clone();
        (row.records, row.bytes_sent, row.object_bytes) = (0, 0, 0);
        format!("{row:?}")
    };
    let mut groups: BTreeMap<String, Activity> = BTreeMap::new();
    for row in rows {
        let one = Activity {
            step: step_of(row.time, ask.step),
            group: ask.by.and_then(|by| oracle::value(row, by)),
            operation: row.operation.clone(),
            category: row.category.clone(),
            is_request: row.is_request,
            status: row.status,
            error_code: row.error_code.clone(),
            auth_type: row.auth_type.clone(),
            signature_version: row.signature_version.clone(),
            tls_version: row.tls_version.clone(),
            records: 0,
            bytes_sent: 0,
            object_bytes: 0,
        };
        let group = groups.entry(key(&one)).or_insert(one);
        group.records += 1;
        group.bytes_sent += row.bytes_sent.unwrap_or(0);
        group.object_bytes += row.object_size.unwrap_or(0);
    }
    let answer = wait(kit.engine.activity(&kit.snapshot, ask)).expect("an answer");
    let answer: BTreeMap<String, Activity> = answer.into_iter().map(|row| (key(&row), row)).collect();
    assert_eq!(answer, groups);
}

fn check_latency(kit: &Kit, rows: &[&RecordRow], ask: &LatencyAsk) {
    let mut counts: BTreeMap<_, u64> = BTreeMap::new();
    for row in rows {
        let took = match ask.kind {
            LatencyKind::Turnaround => row.turnaround_ms,
            LatencyKind::Total => row.total_ms,
        };
        let Some(took) = took else { continue };
        let group = ask.by.and_then(|by| oracle::value(row, by));
        *counts
            .entry((step_of(row.time, ask.step), group, took))
            .or_default() += 1;
    }
    let expected: Vec<Latency> = counts
        .into_iter()
        .map(|((step, group, milliseconds), requests)| Latency {
            step,
            group,
            milliseconds,
            requests,
        })
        .collect();
    let answer = wait(kit.engine.latency(&kit.snapshot, ask)).expect("an answer");
    assert_eq!(answer, expected);
}

fn check_objects(kit: &Kit, rows: &[&RecordRow], filter: &RecordFilter) {
    let mut expected: BTreeMap<&str, (u64, Timestamp, Timestamp)> = BTreeMap::new();
    for row in rows {
        let object = expected.entry(&row.log_object).or_insert((0, row.time, row.time));
        *object = (object.0 + 1, object.1.min(row.time), object.2.max(row.time));
    }
    let (objects, all) = wait(kit.engine.log_objects(&kit.snapshot, filter, 10)).expect("an answer");
    assert_eq!(all, expected.len() as u64);
    assert!(objects.is_sorted_by_key(|object| std::cmp::Reverse(object.last_record)));
    assert!(
        objects
            .iter()
            .all(|object| object.lines > 0 && object.size_bytes > 0)
    );
    let answer: BTreeMap<&str, _> = objects
        .iter()
        .map(|object| {
            let (first, last) = (
                object.first_record.expect("one"),
                object.last_record.expect("one"),
            );
            (object.key.as_str(), (object.records, first, last))
        })
        .collect();
    assert_eq!(answer, expected);
}

fn check_read_objects(kit: &Kit, objects: &[(String, Vec<u8>)], period: TimeRange) {
    let (mut count, mut lines) = (0, 0);
    for object in objects {
        let rows = oracle::records(std::slice::from_ref(object));
        let of_period = match (rows.last(), rows.first()) {
            (Some(first), Some(last)) => period.overlaps(first.time, last.time),
            // It was delivered in 1970.
            _ => period.from.is_none(),
        };
        if of_period {
            count += 1;
            lines += rows.len() as u64;
        }
    }
    let read = wait(kit.engine.read_objects(&kit.snapshot, period)).expect("an answer");
    assert_eq!((read.objects, read.lines, read.failed), (count, lines, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_brute_force(
        objects in oracle::corpus(),
        filters in prop::collection::vec(oracle::filter(), 4),
        by in oracle::dimension(),
        measure in prop::sample::select(vec![Measure::Requests, Measure::BytesSent, Measure::Errors]),
        step in prop::option::of(prop::sample::select(vec![60, 3_600, 86_400])),
        limit in 1_usize..40,
    ) {
        let (kit, all) = (Kit::of(&objects), oracle::records(&objects));
        let step = step.map(Duration::from_secs);
        for filter in filters {
            let rows: Vec<&RecordRow> = all.iter().filter(|row| oracle::fits(row, &filter)).collect();
            let found = pages(&kit, &filter, limit);
            let refs: Vec<&RecordRow> = found.iter().collect();
            prop_assert_eq!(&refs, &rows);
            let top = TopAsk { filter: filter.clone(), dimension: by, by: measure, limit };
            check_top(&kit, &rows, &top);
            check_activity(&kit, &rows, &ActivityAsk { filter: filter.clone(), step, by: None });
            check_activity(&kit, &rows, &ActivityAsk { filter: filter.clone(), step: None, by: Some(by) });
            for kind in [LatencyKind::Total, LatencyKind::Turnaround] {
                check_latency(&kit, &rows, &LatencyAsk { filter: filter.clone(), kind, step, by: Some(by) });
            }
            check_objects(&kit, &rows, &filter);
            check_read_objects(&kit, &objects, filter.period);
        }
        if let Some(row) = all.get(limit.min(all.len().saturating_sub(1))) {
            let at = wait(kit.engine.record_at(&kit.snapshot, &row.log_object, row.log_offset));
            let at = at.expect("an answer");
            prop_assert_eq!(at.as_ref(), Some(row));
        }
    }
}

#[test]
fn an_empty_lake_answers_with_nothing() {
    let kit = Kit::of(&[]);
    assert_eq!(kit.snapshot.requests.files.len(), 0);
    let filter = RecordFilter::default();
    assert!(pages(&kit, &filter, 10).is_empty());
    let ask = TopAsk {
        filter: filter.clone(),
        dimension: Dimension::Key,
        by: Measure::Requests,
        limit: 5,
    };
    check_top(&kit, &[], &ask);
    let step = Some(Duration::from_secs(60));
    check_activity(
        &kit,
        &[],
        &ActivityAsk {
            filter: filter.clone(),
            step,
            by: None,
        },
    );
    check_objects(&kit, &[], &filter);
    assert_eq!(
        wait(kit.engine.cdn_activity(&kit.snapshot, &CdnAsk::default())).expect("an answer"),
        []
    );
    assert_eq!(
        wait(kit.engine.record_at(&kit.snapshot, "logs/a", 0)).expect("an answer"),
        None
    );
}

#[test]
fn cdn_records_are_counted_by_host_result_and_step() {
    let line = |time: &str, host: &str, result: &str, status: &str| {
        format!(
            "2024-02-28\t{time}\tAMS1\t100\t192.0.2.1\tGET\td111.cloudfront.net\t/x.js\t{status}\t-\tcurl\t-\t-\t\
             {result}\tID=\t{host}\thttps\t7\t0.001\n"
        )
    };
    let fields = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem \
                  sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type \
                  x-edge-request-id x-host-header cs-protocol cs-bytes time-taken\n";
    let content = [
        fields.to_owned(),
        line("00:00:01", "prod.ams3.cdn.example.com", "Hit", "200"),
        line("00:59:59", "prod.ams3.cdn.example.com", "Hit", "200"),
        line("01:00:00", "prod.ams3.cdn.example.com", "Miss", "200"),
        line("01:00:01", "prod2.ams3.cdn.example.com", "Hit", "200"),
        line("01:00:02", "-", "Error", "404"),
    ];
    let kit = Kit::of(&[("logs/cdn".to_owned(), content.concat().into_bytes())]);
    let ask = |bucket: Option<&str>, step: Option<u64>| {
        let ask = CdnAsk {
            period: TimeRange::ALWAYS,
            bucket: bucket.map(|bucket| bucket.parse().expect("a bucket")),
            step: step.map(Duration::from_secs),
        };
        let rows = wait(kit.engine.cdn_activity(&kit.snapshot, &ask)).expect("an answer");
        let short = rows.into_iter().map(|row| {
            let step = row.step.map(|step| step.as_second() - START);
            let (host, result) = (row.host.expect("a host"), row.result.expect("a result"));
            assert_eq!(
                (row.bytes_sent, row.bytes_received),
                (row.requests * 100, row.requests * 7)
            );
            format!("{step:?} {host} {result} {:?} {}", row.status, row.requests)
        });
        short.collect::<Vec<_>>().join("\n")
    };
    expect_test::expect![[r#"
        Some(0) prod.ams3.cdn.example.com Hit Some(200) 2
        Some(3600) prod.ams3.cdn.example.com Miss Some(200) 1"#]]
    .assert_eq(&ask(Some("prod"), Some(3_600)));
    expect_test::expect![[r#"
        None prod.ams3.cdn.example.com Hit Some(200) 2
        None prod.ams3.cdn.example.com Miss Some(200) 1
        None prod2.ams3.cdn.example.com Hit Some(200) 1
        None d111.cloudfront.net Error Some(404) 1"#]]
    .assert_eq(&ask(None, None));
}

#[test]
fn rejects_are_paged_newest_first() {
    let kit = Kit::of(&[]);
    let (mut places, mut after) = (Vec::new(), None);
    loop {
        let page = wait(
            kit.engine
                .rejects(&kit.snapshot, TimeRange::ALWAYS, 3, after.as_ref()),
        );
        let (rows, all) = page.expect("a page");
        assert_eq!(all, 20);
        let Some(last) = rows.last() else { break };
        after = Some(Position {
            time: last.seen_at,
            log_object: last.log_object.clone(),
            log_offset: last.offset.unwrap_or(0),
        });
        places.extend(rows.iter().map(|row| (row.seen_at.as_second(), row.offset)));
    }
    let distinct: BTreeSet<_> = places.iter().copied().collect();
    assert_eq!((places.len(), distinct.len()), (20, 20));
    assert!(places.is_sorted_by_key(|(seen, offset)| std::cmp::Reverse((*seen, offset.unwrap_or(0)))));
    let at = |second| Timestamp::from_second(second).ok();
    let period = TimeRange {
        from: at(2),
        to: at(4),
    };
    let (rows, all) = wait(kit.engine.rejects(&kit.snapshot, period, 10, None)).expect("a page");
    assert_eq!((rows.len(), all), (4, 4));
    assert_eq!(rows.first().map(|row| row.line.as_slice()), Some(&b"{\xff}"[..]));
}

#[test]
fn percentiles_are_of_the_nearest_rank() {
    let of = |counts: &[(u64, u64)], percent| {
        let rows: Vec<Latency> = counts
            .iter()
            .map(|(milliseconds, requests)| Latency {
                step: None,
                group: None,
                milliseconds: *milliseconds,
                requests: *requests,
            })
            .collect();
        nearest_rank(&rows, percent)
    };
    assert_eq!(of(&[], 50.0), None);
    let five = [(50, 1), (15, 1), (40, 1), (20, 1), (35, 1)];
    let asked = [0.0, 5.0, 30.0, 40.0, 50.0, 100.0, 400.0];
    assert_eq!(
        asked.map(|percent| of(&five, percent)),
        [15, 15, 20, 20, 35, 50, 50].map(Some)
    );
    // 99.9 % of a thousand is the 999th, exactly.
    assert_eq!(of(&[(1, 999), (9, 1)], 99.9), Some(1));
    assert_eq!(of(&[(1, 998), (9, 2)], 99.9), Some(9));
}

#[test]
fn a_question_ends_when_nobody_waits_for_it_any_more() {
    let line = oracle_line();
    let kit = Kit::of(&[("logs/a".to_owned(), line.repeat(3_000))]);
    let runtime = runtime();
    wait(async {
        let sql = "SELECT count(*) FROM requests a, requests b, requests c WHERE a.log_offset * b.log_offset + c.log_offset < -1";
        let limits = SqlLimits {
            rows: 10,
            memory: 64 << 20,
            time: Duration::from_millis(200),
        };
        let answer = kit.engine.sql(&kit.snapshot, sql, limits).await;
        assert!(
            matches!(answer, Err(LakeError::Limit { what: "time", .. })),
            "{answer:?}"
        );
        while runtime.tasks() > 0 {
            tokio::task::yield_now().await;
        }
    });
}

fn oracle_line() -> Vec<u8> {
    b"owner prod-assets [28/Feb/2024:00:00:01 +0000] 192.0.2.7 - ID REST.GET.OBJECT a/b \"GET /a/b HTTP/1.1\" 200 - 1 1 1 1 \"-\" \"x\" -\n"
        .to_vec()
}
