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
        expected.first_seen = expected.first_seen.into_iter().chain([row.time]).min();
        expected.last_seen = expected.last_seen.into_iter().chain([row.time]).max();
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

fn widened(ends: Option<Extremes>, size: u64) -> Extremes {
    let ends = ends.unwrap_or(Extremes {
        least: size,
        most: size,
    });
    Extremes {
        least: ends.least.min(size),
        most: ends.most.max(size),
    }
}

fn check_sizes(kit: &Kit, rows: &[&RecordRow], ask: &SizeAsk) {
    let mut counts: BTreeMap<_, u64> = BTreeMap::new();
    for row in rows {
        if !ask.operations.is_empty() && !ask.operations.contains(&row.operation) {
            continue;
        }
        let size = match ask.kind {
            SizeKind::Sent => row.bytes_sent,
            SizeKind::Object => row.object_size,
        };
        let size = size.unwrap_or(0);
        let class = ask.edges.iter().copied().find(|edge| size <= *edge);
        let beyond = if ask.edges.is_empty() {
            size
        } else {
            i64::MAX as u64
        };
        let group = ask.by.and_then(|by| oracle::value(row, by));
        let key = (step_of(row.time, ask.step), group, class.unwrap_or(beyond));
        *counts.entry(key).or_default() += 1;
    }
    let expected: Vec<Sizes> = counts
        .into_iter()
        .map(|((step, group, bytes), requests)| Sizes {
            step,
            group,
            bytes,
            requests,
        })
        .collect();
    let answer = wait(kit.engine.sizes(&kit.snapshot, ask)).expect("an answer");
    assert_eq!(answer, expected);
}

fn check_activity(kit: &Kit, rows: &[&RecordRow], ask: &ActivityAsk) {
    let key = |row: &Activity| {
        let mut row = row.clone();
        (row.records, row.bytes_sent, row.object_bytes) = (0, 0, 0);
        (row.sent, row.object) = (None, None);
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
            sent: None,
            object: None,
        };
        let group = groups.entry(key(&one)).or_insert(one);
        group.records += 1;
        let (sent, size) = (row.bytes_sent.unwrap_or(0), row.object_size.unwrap_or(0));
        group.bytes_sent += sent;
        group.object_bytes += size;
        if ask.extremes {
            group.sent = Some(widened(group.sent, sent));
            group.object = Some(widened(group.object, size));
        }
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
    let (objects, all) = wait(kit.engine.log_objects(&kit.snapshot, filter, 10, None)).expect("an answer");
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

/// Every page of log objects, one after the other.
fn object_pages(kit: &Kit, filter: &RecordFilter, limit: usize) -> Vec<LogObjectRow> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = wait(
            kit.engine
                .log_objects(&kit.snapshot, filter, limit, after.as_ref()),
        );
        let (page, all) = page.expect("a page");
        let Some(last) = page.last() else {
            assert_eq!(found.len() as u64, all);
            return found;
        };
        after = Some(Position {
            time: last.last_record.expect("a record"),
            log_object: last.key.clone(),
            log_offset: 0,
        });
        found.extend(page);
    }
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
        size in prop::sample::select(vec![SizeKind::Sent, SizeKind::Object]),
        operations in prop::sample::subsequence(vec!["REST.GET.OBJECT", "REST.PUT.OBJECT", "REST.GET"], 0..3),
        edges in prop::sample::subsequence(vec![0, 17, 4000, 4096, 1 << 40], 0..5),
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
            check_activity(&kit, &rows, &ActivityAsk { filter: filter.clone(), step, by: None, extremes: false });
            check_activity(&kit, &rows, &ActivityAsk { filter: filter.clone(), step: None, by: Some(by), extremes: true });
            for kind in [LatencyKind::Total, LatencyKind::Turnaround] {
                check_latency(&kit, &rows, &LatencyAsk { filter: filter.clone(), kind, step, by: Some(by) });
            }
            let operations = operations.iter().map(|operation| (*operation).to_owned()).collect();
            let edges = edges.clone();
            check_sizes(&kit, &rows, &SizeAsk { filter: filter.clone(), operations, kind: size, edges, step, by: Some(by) });
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
            extremes: true,
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
fn log_objects_are_paged_and_those_of_the_cdn_are_among_them() {
    let line = |number: usize| {
        let line = String::from_utf8(oracle_line()).expect("text");
        // Every third object ends with the same moment.
        line.replacen(":00:00:00 ", &format!(":00:00:0{} ", number / 3), 1)
    };
    let mut objects: Vec<_> = (0..8)
        .map(|number| (format!("logs/{number}"), line(number).into_bytes()))
        .collect();
    let served = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status\n\
                  2024-02-28\t00:00:01\tAMS1\t100\t192.0.2.1\tGET\tprod.cdn.example.com\t/x.js\t200\n";
    objects.push(("logs/cdn".to_owned(), served.as_bytes().to_vec()));
    let kit = Kit::of(&objects);
    let all = RecordFilter::default();
    let whole = object_pages(&kit, &all, 100);
    assert_eq!(whole.len(), 9);
    for limit in 1..9 {
        assert_eq!(object_pages(&kit, &all, limit), whole, "{limit}");
    }
    let cdn: Vec<_> = whole.iter().filter(|object| object.cdn_records > 0).collect();
    assert_eq!(cdn.len(), 1);
    assert_eq!(
        (cdn[0].key.as_str(), cdn[0].records, cdn[0].cdn_records),
        ("logs/cdn", 1, 1)
    );
    let of = |bucket: &str| RecordFilter {
        bucket: Some(bucket.parse().expect("a bucket")),
        ..RecordFilter::default()
    };
    let keys = |filter: RecordFilter| {
        object_pages(&kit, &filter, 2)
            .into_iter()
            .map(|object| object.key)
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(of("prod")), ["logs/cdn"]);
    assert_eq!(keys(of("nobody")), [""; 0]);
}

#[test]
fn sums_of_absurd_sizes_never_run_over() {
    // The largest number that a line can hold; ten of them are more than 64 bits with a sign, nineteen more than without.
    const LARGEST: u64 = 999_999_999_999_999_999;
    let lines = |key: &str, count: usize| {
        let line = format!(
            "owner prod-assets [28/Feb/2024:00:00:00 +0000] 192.0.2.9 - ID REST.PUT.OBJECT {key} \"PUT /{key} HTTP/1.1\" 200 - \
             {LARGEST} {LARGEST} 1 1 \"-\" \"-\" -\n"
        );
        line.into_bytes().repeat(count)
    };
    let content = [lines("much", 18), lines("more", 19), oracle_line()].concat();
    let kit = Kit::of(&[("logs/a".to_owned(), content)]);
    let ask = TopAsk {
        filter: RecordFilter::default(),
        dimension: Dimension::Key,
        by: Measure::BytesSent,
        limit: 9,
    };
    let top = wait(kit.engine.top(&kit.snapshot, &ask)).expect("an answer");
    let sent: Vec<_> = top
        .rows
        .iter()
        .map(|row| (row.value.as_str(), row.bytes_sent))
        .collect();
    assert_eq!(sent, [("more", u64::MAX), ("much", 18 * LARGEST), ("a/b", 1)]);
    assert_eq!(top.bytes_sent, u64::MAX);
    let ask = ActivityAsk {
        filter: RecordFilter::default(),
        step: None,
        by: Some(Dimension::Key),
        extremes: true,
    };
    let rows = wait(kit.engine.activity(&kit.snapshot, &ask)).expect("an answer");
    let of = |key| {
        rows.iter()
            .find(|row| row.group.as_deref() == Some(key))
            .expect("a row")
    };
    let (much, more) = (of("much"), of("more"));
    assert_eq!((much.bytes_sent, much.object_bytes), (18 * LARGEST, 18 * LARGEST));
    assert_eq!((more.bytes_sent, more.object_bytes), (u64::MAX, u64::MAX));
    assert_eq!(more.sent.map(|sent| sent.most), Some(LARGEST));
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
        // Everything is read at once, and then joined for years.
        let few = Kit::of(&[("logs/a".to_owned(), oracle_line().repeat(200))]);
        let joined = "SELECT count(*) FROM requests a, requests b, requests c, requests d, requests e, requests f \
                      WHERE a.log_offset * b.log_offset + c.log_offset * d.log_offset + e.log_offset < -f.log_offset";
        for (kit, sql) in [(&kit, sql), (&few, joined)] {
            let answer = kit.engine.sql(&kit.snapshot, sql, limits).await;
            assert!(
                matches!(answer, Err(LakeError::Limit { what: "time", .. })),
                "{answer:?}"
            );
            while runtime.tasks() > 0 {
                tokio::task::yield_now().await;
            }
        }
    });
}

fn oracle_line() -> Vec<u8> {
    b"owner prod-assets [28/Feb/2024:00:00:01 +0000] 192.0.2.7 - ID REST.GET.OBJECT a/b \"GET /a/b HTTP/1.1\" 200 - 1 1 1 1 \"-\" \"x\" -\n"
        .to_vec()
}
