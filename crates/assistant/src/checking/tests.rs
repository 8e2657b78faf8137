mod planner;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn result() -> Value {
    json!({
        "rows": [
            { "value": "203.0.113.7", "requests": 1234, "bytes_sent": 1_299_227_607_u64, "errors": 12, "first_seen": "2026-11-20T08:15:30Z" },
            { "value": "198.51.100.2", "requests": 88, "bytes_sent": 2_048, "errors": 12, "first_seen": "2026-11-21T23:59:59Z" },
        ],
        "by_status": { "404": 17 },
        "buckets": ["photos", "reports-2026", "music"],
        "share": 0.1234,
        "error_rate_percent": 5.6789,
        "p95_ms": 1532.4,
        "cost": { "total": 12.3456, "currency": "USD" },
        "days_left": 42,
        "many": 4_200_000,
        "cut": [1, 2, { "left_out": "98 more rows" }],
        "key": "reports/2026/q3 summary.pdf",
        "note": "37 of 40 log objects were read",
        "coverage": { "complete": true, "as_of": "2026-11-23T12:00:00Z" },
    })
}

fn parts(text: &str, question: &str) -> (Vec<Part>, Vec<Citation>) {
    let (args, result) = (
        json!({ "by": "ip", "limit": 5, "from": "2026-11-16T00:00:00Z" }),
        result(),
    );
    let sources = [Source {
        call: 0,
        tool: "top",
        args: &args,
        result: &result,
    }];
    let zone = TimeZone::fixed(jiff::tz::offset(1));
    let now = "2026-11-23T13:30:00Z".parse().unwrap();
    check(
        text,
        &sources,
        &Context {
            question,
            now,
            time_zone: &zone,
        },
    )
}

/// Figures with the place that backs them; `?` marks what nothing backs.
fn table(sentences: &[&str], expected: Expect) {
    let mut told = String::new();
    for text in sentences {
        let (parts, citations) = parts(text, "How many of seven, within 90 days?");
        let joined: String = parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(joined, *text);
        told.push_str(text);
        for part in &parts {
            match part.citation {
                Some(citation) => {
                    told.push_str(&format!("\n    {} = {}", part.text, citations[citation].path))
                }
                None if part.unbacked => told.push_str(&format!("\n    {} ?", part.text)),
                None => {}
            }
        }
        told.push('\n');
    }
    expected.assert_eq(&told);
}

#[test]
fn figures_are_bound_to_their_places() {
    table(
        &[
            "203.0.113.7 made 1,234 requests, 198.51.100.2 made 88.",
            "It sent 1.21 GiB (1,299,227,607 bytes, 1.3 GB).",
            "198.51.100.2 sent 2.00 KiB with 12 errors.",
            "12.3% of all, or 12.34 percent; an error rate of 5.7 %.",
            "p95 is 1.5 s, exactly 1532.4 ms.",
            "It costs $12.35, 12.3 USD.",
            "42 days are left; 4.2 million requests, 4.2M.",
        ],
        expect![[r#"
            203.0.113.7 made 1,234 requests, 198.51.100.2 made 88.
                203.0.113.7 = /rows/0/value
                1,234 = /rows/0/requests
                198.51.100.2 = /rows/1/value
                88 = /rows/1/requests
            It sent 1.21 GiB (1,299,227,607 bytes, 1.3 GB).
                1.21 GiB = /rows/0/bytes_sent
                1,299,227,607 bytes = /rows/0/bytes_sent
                1.3 GB = /rows/0/bytes_sent
            198.51.100.2 sent 2.00 KiB with 12 errors.
                198.51.100.2 = /rows/1/value
                2.00 KiB = /rows/1/bytes_sent
                12 = /rows/1/errors
            12.3% of all, or 12.34 percent; an error rate of 5.7 %.
                12.3% = /share
                12.34 percent = /share
                5.7 % = /error_rate_percent
            p95 is 1.5 s, exactly 1532.4 ms.
                1.5 s = /p95_ms
                1532.4 ms = /p95_ms
            It costs $12.35, 12.3 USD.
                $12.35 = /cost/total
                12.3 USD = /cost/total
            42 days are left; 4.2 million requests, 4.2M.
                42 days = /days_left
                4.2 million = /many
                4.2M = /many
        "#]],
    );
}

#[test]
fn names_times_and_rows_are_bound_to_their_places() {
    table(
        &[
            "There are 3 buckets; `reports-2026` is one.",
            "17 answers were 404.",
            "First on 2026-11-20, at 08:15 UTC, 2026-11-20 09:15, 20 November 2026, Nov 20.",
            "`reports/2026/q3 summary.pdf` and `q3 summary.pdf`.",
            "37 of 40 log objects were read.",
            "| 203.0.113.7 | 1234 | 12 |\n| 198.51.100.2 | 88 | 12 |",
        ],
        expect![[r#"
            There are 3 buckets; `reports-2026` is one.
                3 = /buckets
                `reports-2026` = /buckets/1
            17 answers were 404.
                17 = /by_status/404
                404 = /by_status/404
            First on 2026-11-20, at 08:15 UTC, 2026-11-20 09:15, 20 November 2026, Nov 20.
                2026-11-20 = /rows/0/first_seen
                08:15 UTC = /rows/0/first_seen
                2026-11-20 09:15 = /rows/0/first_seen
                20 November 2026 = /rows/0/first_seen
                Nov 20 = /rows/0/first_seen
            `reports/2026/q3 summary.pdf` and `q3 summary.pdf`.
                `reports/2026/q3 summary.pdf` = /key
                `q3 summary.pdf` = /key
            37 of 40 log objects were read.
                37 = /note
                40 = /note
            | 203.0.113.7 | 1234 | 12 |
            | 198.51.100.2 | 88 | 12 |
                203.0.113.7 = /rows/0/value
                1234 = /rows/0/requests
                12 = /rows/0/errors
                198.51.100.2 = /rows/1/value
                88 = /rows/1/requests
                12 = /rows/1/errors
        "#]],
    );
}

#[test]
fn what_no_result_says_is_marked() {
    table(
        &[
            "It sent 1.21 GB, 1.3 GiB, 1299 MiB.",
            "1,243 requests; 87; 1234.5.",
            "12.5%, $13, 43 days, 1.6 s.",
            "100 rows, of which 2 are shown.",
            "First on 2026-11-19, at 10:15, 203.0.113.8.",
            "`reports/2027/x.pdf` is new.",
            "98 more.",
        ],
        expect![[r#"
            It sent 1.21 GB, 1.3 GiB, 1299 MiB.
                1.21 GB ?
                1.3 GiB ?
                1299 MiB ?
            1,243 requests; 87; 1234.5.
                1,243 ?
                87 ?
                1234.5 ?
            12.5%, $13, 43 days, 1.6 s.
                12.5% ?
                $13 ?
                43 days ?
                1.6 s ?
            100 rows, of which 2 are shown.
                100 ?
                2 = /rows
            First on 2026-11-19, at 10:15, 203.0.113.8.
                2026-11-19 ?
                10:15 ?
                203.0.113.8 ?
            `reports/2027/x.pdf` is new.
                `reports/2027/x.pdf` ?
            98 more.
                98 ?
        "#]],
    );
}

#[test]
fn what_was_asked_for_needs_no_backing() {
    table(
        &[
            "The top 5 of 7 within 90 days, in the last 24 hours, since 2026-11-16.",
            "1. S3 and p95, SHA-256, 4xx, TLS 1.2, HTTP/1.1, the 7th.\n2. see https://example.com/99",
            "Today is 2026-11-23, yesterday was 22 November; it is 2026.",
        ],
        expect![[r#"
            The top 5 of 7 within 90 days, in the last 24 hours, since 2026-11-16.
            1. S3 and p95, SHA-256, 4xx, TLS 1.2, HTTP/1.1, the 7th.
            2. see https://example.com/99
            Today is 2026-11-23, yesterday was 22 November; it is 2026.
                2026-11-23 = /coverage/as_of
                22 November = /rows/1/first_seen
        "#]],
    );
}

#[test]
fn what_is_alike_is_told_apart() {
    table(
        &[
            "1,234 bytes were sent, $88 paid, for 1234 ms.",
            "12 % failed, 12 GiB.",
            "90 GiB within 90 days; 7 % of seven.",
            "-1,234 requests; −88; +88 requests.",
            "1,299,227,608 bytes or 1,299,227,607.",
            "203.0.113.77, 203.0.113, 3.0.113.7 and `03.0.113.7`.",
            "`reports-202`, `eports-2026`, `REPORTS-2026`.",
            "It was €12.35.",
        ],
        expect![[r#"
            1,234 bytes were sent, $88 paid, for 1234 ms.
                1,234 bytes ?
                $88 ?
                1234 ms ?
            12 % failed, 12 GiB.
                12 % = /share
                12 GiB ?
            90 GiB within 90 days; 7 % of seven.
                90 GiB ?
                7 % ?
            -1,234 requests; −88; +88 requests.
                -1,234 ?
                −88 ?
                +88 = /rows/1/requests
            1,299,227,608 bytes or 1,299,227,607.
                1,299,227,608 bytes ?
                1,299,227,607 = /rows/0/bytes_sent
            203.0.113.77, 203.0.113, 3.0.113.7 and `03.0.113.7`.
                203.0.113.77 ?
                203.0.113 ?
                3.0.113.7 ?
                `03.0.113.7` ?
            `reports-202`, `eports-2026`, `REPORTS-2026`.
                `reports-202` ?
                `eports-2026` ?
                `REPORTS-2026` ?
            It was €12.35.
                €12.35 ?
        "#]],
    );
}

#[test]
fn zones_and_spellings_are_told_apart() {
    table(
        &[
            "At 08:15:30 UTC, 09:15:30, 2026-11-20T10:15:30+02:00, 8:15 AM UTC, not 8:15 PM.",
            "In 2026-11, in November 2026, in October 2026.",
            "2026-11-20 10:15:30+05:00 or 2026-11-20 08:16.",
            "1 299 227 607 bytes; 1_234; 1,2345; 1.299e9 bytes.",
            "Requests from 5-88; q3 holds 3.",
            "version 1.2.3; ::1; 2001:db8::1.",
        ],
        expect![[r#"
            At 08:15:30 UTC, 09:15:30, 2026-11-20T10:15:30+02:00, 8:15 AM UTC, not 8:15 PM.
                08:15:30 UTC = /rows/0/first_seen
                09:15:30 = /rows/0/first_seen
                2026-11-20T10:15:30+02:00 = /rows/0/first_seen
                8:15 AM UTC = /rows/0/first_seen
                8:15 PM. ?
            In 2026-11, in November 2026, in October 2026.
                2026-11 = /rows/0/first_seen
                November 2026 = /rows/0/first_seen
                October 2026 ?
            2026-11-20 10:15:30+05:00 or 2026-11-20 08:16.
                2026-11-20 10:15:30+05:00 ?
                2026-11-20 08:16 ?
            1 299 227 607 bytes; 1_234; 1,2345; 1.299e9 bytes.
                1 299 227 607 bytes = /rows/0/bytes_sent
                1_234 = /rows/0/requests
                1,2345 ?
                1.299e9 bytes = /rows/0/bytes_sent
            Requests from 5-88; q3 holds 3.
                88 = /rows/1/requests
                3 = /buckets
            version 1.2.3; ::1; 2001:db8::1.
                1.2.3 ?
                ::1 ?
                2001:db8::1 ?
        "#]],
    );
}

#[test]
fn low_coverage_is_said_once() {
    let result = json!({ "coverage": { "complete": false, "note": "3 hours are not there" } });
    let args = json!({});
    let sources = [Source {
        call: 0,
        tool: "top",
        args: &args,
        result: &result,
    }];
    assert_eq!(
        coverage_word("Nobody asked.", &sources).as_deref(),
        Some("The access log of this period is not complete: 3 hours are not there.")
    );
    assert_eq!(coverage_word("The log is incomplete.", &sources), None);
    assert_eq!(coverage_word("Nobody asked.", &[]), None);
}

#[test]
fn hostile_text_takes_no_time() {
    for text in [
        "1,".repeat(30_000),
        "9".repeat(60_000),
        "`1`".repeat(20_000),
        "::".repeat(30_000),
        "1 ".repeat(30_000),
    ] {
        let (parts, _) = parts(&text, "");
        assert_eq!(
            parts.iter().map(|part| part.text.len()).sum::<usize>(),
            text.len()
        );
    }
}

proptest! {
    #[test]
    fn any_text_stays_whole(text in "[0-9.,:`$%€ a-zA-Z|\\n-]{0,200}|\\PC{0,100}") {
        let (parts, _) = parts(&text, &text);
        let joined: String = parts.iter().map(|part| part.text.as_str()).collect();
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn every_number_that_a_result_holds_is_found(number in 0_u64..1 << 53) {
        let result = json!({ "size_bytes": number });
        let args = json!({});
        let sources = [Source { call: 0, tool: "x", args: &args, result: &result }];
        let zone = TimeZone::UTC;
        let context = Context { question: "", now: Timestamp::UNIX_EPOCH, time_zone: &zone };
        let text = format!("{number} bytes are {}.", spacewatch_model::ByteSize(number));
        let (parts, citations) = check(&text, &sources, &context);
        prop_assert_eq!(parts.iter().filter(|part| part.unbacked).count(), 0, "{:?}", parts);
        prop_assert_eq!(citations.len(), 1);
    }
}
