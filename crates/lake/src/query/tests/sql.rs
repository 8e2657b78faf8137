//! SQL: what it answers, and what it refuses.

use std::time::Duration;

use expect_test::{Expect, expect};

use super::kit::{Kit, wait};
use crate::LakeError;
use crate::query::{SqlAnswer, SqlLimits};

const LINES: &[u8] = b"owner prod-assets [28/Feb/2024:00:00:01 +0000] 192.0.2.7 - ID1 REST.GET.OBJECT a/b \"GET /a/b HTTP/1.1\" 200 - 9007199254740993 1 10 1 \"-\" \"x\" -
owner prod-assets [28/Feb/2024:00:00:02 +0000] 192.0.2.7 - ID2 REST.GET.OBJECT a/c \"GET /a/c HTTP/1.1\" 404 NoSuchKey 5 1 20 1 \"-\" \"y'; DROP TABLE requests;--\" -
owner prod-media [29/Feb/2024:00:00:03 +0000] 192.0.2.8 - ID3 REST.PUT.OBJECT %25FF \"PUT /%FF HTTP/1.1\" 200 - 7 1 30 1 \"-\" \"z\" -
";

fn kit() -> Kit {
    Kit::of(&[("logs/a".to_owned(), LINES.to_vec())])
}

const LIMITS: SqlLimits = SqlLimits {
    rows: 100,
    memory: 64 << 20,
    time: Duration::from_secs(20),
};

fn ask(kit: &Kit, sql: &str, limits: SqlLimits) -> Result<SqlAnswer, LakeError> {
    wait(kit.engine.sql(&kit.snapshot, sql, limits))
}

fn show(answer: Result<SqlAnswer, LakeError>) -> String {
    match answer {
        Err(error) => error.to_string(),
        Ok(answer) => {
            let columns = answer
                .columns
                .iter()
                .map(|column| format!("{} {}", column.name, column.kind));
            let rows = answer
                .rows
                .iter()
                .map(|row| serde_json::to_string(row).expect("JSON"));
            let head = columns.collect::<Vec<_>>().join(", ");
            let cut = answer.truncated.then(|| "…".to_owned());
            std::iter::once(head)
                .chain(rows)
                .chain(cut)
                .collect::<Vec<_>>()
                .join("\n")
        }
    }
}

#[track_caller]
fn check(sql: &str, expected: Expect) {
    expected.assert_eq(&show(ask(&kit(), sql, LIMITS)));
}

#[test]
fn answers_selects() {
    check(
        "SELECT time, date, status, bytes_sent, key, key_raw, is_request, remote_ip FROM requests ORDER BY time",
        expect![[r#"
            time timestamp, date date, status integer, bytes_sent bigint, key text, key_raw binary as text, is_request boolean, remote_ip text
            ["2024-02-28T00:00:01Z","2024-02-28",200,9007199254740993,"a/b",null,true,"192.0.2.7"]
            ["2024-02-28T00:00:02Z","2024-02-28",404,5,"a/c",null,true,"192.0.2.7"]
            ["2024-02-29T00:00:03Z","2024-02-29",200,7,"�","%25FF",true,"192.0.2.8"]"#]],
    );
    check(
        "WITH day AS (SELECT date_trunc('day', time) AS d, status FROM requests) SELECT d, count(*) AS n, \
         sum(CASE WHEN status >= 400 THEN 1 ELSE 0 END) AS errors, avg(status) FROM day GROUP BY d ORDER BY d",
        expect![[r#"
            d timestamp, n bigint, errors bigint, avg(day.status) double
            ["2024-02-28T00:00:00Z",2,1,302.0]
            ["2024-02-29T00:00:00Z",1,0,200.0]"#]],
    );
    check(
        "SELECT user_agent FROM requests WHERE user_agent LIKE '%''; DROP%' UNION ALL SELECT reason FROM rejects WHERE reason ~ '^js' ORDER BY 1 LIMIT 2",
        expect![[r#"
            user_agent text
            ["json"]
            ["json"]"#]],
    );
    check(
        "SELECT bucket || '/' || key AS path, concat(error_code, '!') FROM requests ORDER BY 1",
        expect![[r#"
            path text, concat(requests.error_code,Utf8("!")) text
            ["prod-assets/a/b","!"]
            ["prod-assets/a/c","NoSuchKey!"]
            ["prod-media/�","!"]"#]],
    );
    check(
        "SELECT count(*), count(DISTINCT remote_ip), max(extract(hour FROM time)), upper(substring('abc' from 2)) FROM requests",
        expect![[r#"
            count(*) bigint, count(DISTINCT requests.remote_ip) bigint, max(date_part(Utf8("HOUR"),requests.time)) integer, upper(substr(Utf8("abc"),Int64(2))) text
            [3,2,0,"BC"]"#]],
    );
    check(
        "SELECT line FROM rejects LIMIT 1",
        expect![[r#"
        line binary as text
        ["{�}"]"#]],
    );
    check(
        "SELECT status, row_number() OVER (PARTITION BY remote_ip ORDER BY time) AS n, lag(status) OVER (ORDER BY time) AS before, \
         count(*) OVER () AS of FROM requests ORDER BY time",
        expect![[r#"
            status integer, n bigint, before integer, of bigint
            [200,1,null,3]
            [404,2,200,3]
            [200,1,404,3]"#]],
    );
    check(
        "SELECT round(1.5), 1/0.0, 9007199254740993, 18446744073709551615, interval '1' day",
        expect![[r#"
            round(Float64(1.5)) double, Int64(1) / Float64(0) double, Int64(9007199254740993) bigint, UInt64(18446744073709551615) bigint, IntervalMonthDayNano("IntervalMonthDayNano { months: 0, days: 1, nanoseconds: 0 }") interval
            [2.0,null,9007199254740993,18446744073709551615,"1 days"]"#]],
    );
}

#[test]
fn cuts_answers_and_says_so() {
    let limits = SqlLimits { rows: 2, ..LIMITS };
    expect![[r#"
        status integer
        [200]
        [404]
        …"#]]
    .assert_eq(&show(ask(
        &kit(),
        "SELECT status FROM requests ORDER BY time",
        limits,
    )));
}

#[test]
fn says_what_is_wrong() {
    check(
        "SELECT remote_pi FROM requests",
        expect!["there is no column `remote_pi`; did you mean `remote_ip`?"],
    );
    check(
        "SELECT r.stats FROM requests r",
        expect!["there is no column `stats`; did you mean `status`?"],
    );
    check(
        "SELECT * FROM request",
        expect!["there is no table `request`; did you mean `requests`?"],
    );
    check(
        "SELECT\n  status,\nFROM requests WHERE",
        expect!["the SQL can't be read: Expected: an expression, found: EOF"],
    );
    check(
        "SELECT coun(*) FROM requests",
        expect!["there is no function `coun` here; did you mean `count`?"],
    );
    check("SELECT status / 0 FROM requests", expect!["Divide by zero error"]);
    check(
        "SELECT cast(key AS int) FROM requests WHERE key = 'a/b'",
        expect!["Cast error: Cannot cast string 'a/b' to value of Int32 type"],
    );
    check("", expect!["ask exactly one `SELECT`"]);
    check(
        "SELECT 'abc",
        expect!["the SQL can't be read: Unterminated string literal at Line: 1, Column: 8"],
    );
    check(
        "SELECT sum(key) FROM requests",
        expect!["Function 'sum' failed to match any signature"],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of attacks")]
fn refuses_everything_but_one_select_over_its_tables() {
    let kit = kit();
    let hostile = [
        "DROP TABLE requests",
        "INSERT INTO requests SELECT * FROM requests",
        "UPDATE requests SET status = 1",
        "DELETE FROM requests",
        "CREATE TABLE x AS SELECT 1",
        "CREATE VIEW x AS SELECT 1",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
        "COPY requests TO '/tmp/x.csv'",
        "COPY (SELECT 1) TO '/tmp/x.parquet'",
        "SET datafusion.execution.batch_size = 1",
        "RESET datafusion.execution.batch_size",
        "SHOW TABLES",
        "SHOW ALL",
        "DESCRIBE requests",
        "EXPLAIN SELECT * FROM requests",
        "EXPLAIN ANALYZE SELECT * FROM requests",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "BEGIN",
        "TRUNCATE TABLE requests",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE requests",
        "VALUES (1), (2)",
        "TABLE requests",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM information_schema.df_settings",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM \"file:///etc/passwd\"",
        "SELECT * FROM lake.other.requests",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM generate_series(1, 1000000000)",
        "SELECT * FROM range(1, 1000000000)",
        "SELECT * FROM TABLE(generate_series(1, 10))",
        "SELECT * FROM UNNEST([1, 2, 3])",
        "SELECT unnest([1, 2, 3])",
        "SELECT * FROM LATERAL (SELECT 1)",
        "SELECT * FROM requests, LATERAL generate_series(1, 9)",
        "SELECT repeat('x', 1000000000)",
        "SELECT lpad('x', 2000000000)",
        "SELECT rpad('x', 2000000000)",
        "SELECT replace(user_agent, '', user_agent) FROM requests",
        "SELECT regexp_replace('x', 'x', 'yyyy')",
        "SELECT overlay('x' placing 'y' from 1)",
        "SELECT array_agg(key) FROM requests",
        "SELECT string_agg(key, ',') FROM requests",
        "SELECT [1, 2, 3]",
        "SELECT array_repeat(1, 1000000000)",
        "SELECT generate_series(1, 1000000000)",
        "SELECT {'a': 1}",
        "SELECT struct(1, 2)",
        "SELECT MAP {'a': 1}",
        "SELECT regexp_like('x', user_agent) FROM requests",
        "SELECT * FROM requests WHERE key ~ user_agent",
        "SELECT * FROM requests WHERE key LIKE user_agent",
        "SELECT * FROM requests WHERE key ~ (SELECT 'x')",
        "SELECT regexp_like('x', concat('(', 'x)'))",
        "SELECT levenshtein(key, key) FROM requests",
        "SELECT random()",
        "SELECT uuid()",
        "SELECT version()",
        "SELECT input_file_name() FROM requests",
        "SELECT arrow_typeof(1)",
        "SELECT @@version",
        "SELECT $1",
        "SELECT ?",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r",
        "SELECT * INTO x FROM requests",
        "SELECT * FROM requests FOR UPDATE",
        "SELECT * FROM requests TABLESAMPLE (10)",
        "SELECT * FROM requests |> LIMIT 1",
        "SELECT * FROM requests PIVOT (sum(status) FOR bucket IN ('a', 'b'))",
        "SELECT x -> x + 1",
        "FROM requests",
        "\0",
        "SELECT '\0' || ",
    ];
    for sql in hostile {
        match ask(&kit, sql, LIMITS) {
            Err(LakeError::Question(words)) => {
                assert!(
                    !words.contains(".cargo") && !words.contains("/tmp/") && !words.is_empty(),
                    "{sql}: {words}"
                );
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
}

#[test]
fn refuses_what_is_small_as_text_and_large_as_plan() {
    let kit = kit();
    let doubled = |select: &str, first: &str| {
        let mut sql = format!("WITH t0 AS ({first})");
        for level in 1..30 {
            let (this, before) = (format!("t{level}"), format!("t{}", level - 1));
            sql += &format!(", {this} AS ({})", select.replace("BEFORE", &before));
        }
        sql + " SELECT * FROM t29 WHERE a > 1"
    };
    let nested = (0..20).fold("requests".to_owned(), |inner, _| {
        format!("(SELECT status + status + status AS status FROM {inner} AS x)")
    });
    let questions = [
        doubled(
            "SELECT x.a FROM BEFORE x, BEFORE y",
            "SELECT status AS a FROM requests",
        ),
        doubled(
            "SELECT a + a AS a FROM BEFORE",
            "SELECT status AS a FROM requests",
        ),
        doubled(
            "SELECT a FROM BEFORE UNION ALL SELECT a FROM BEFORE",
            "SELECT status AS a FROM requests",
        ),
        doubled(
            "SELECT (SELECT max(a) FROM BEFORE) + (SELECT max(a) FROM BEFORE) AS a",
            "SELECT 1 AS a",
        ),
        format!("SELECT status FROM {nested} AS y WHERE status > 1"),
        format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("SELECT {}1", "- ".repeat(3_000)),
        format!("SELECT {}1", "NOT ".repeat(3_000)),
        format!("SELECT 1{}", " + 1".repeat(3_000)),
        format!(
            "SELECT * FROM {}requests{}",
            "(SELECT * FROM ".repeat(1_000),
            ")".repeat(1_000)
        ),
        format!("SELECT * FROM requests{}", ", requests".repeat(100)),
        format!("SELECT *{} FROM requests", ", *".repeat(100)),
        format!("SELECT '{}'", "x".repeat(1_000_000)),
        format!(
            "SELECT key FROM requests WHERE {} key ~ 'x'",
            "key ~ 'x' OR ".repeat(20)
        ),
        format!("SELECT key FROM requests WHERE key ~ '{}'", "x".repeat(2_000)),
    ];
    for sql in questions {
        let answer = ask(&kit, &sql, LIMITS);
        let short: String = sql.chars().take(200).collect();
        assert!(
            matches!(answer, Err(LakeError::Question(_))),
            "{short}: {answer:?}"
        );
    }
}

#[test]
fn bounds_texts_that_grow() {
    let mut sql = format!(
        "SELECT concat(user_agent, '{}') AS a FROM requests",
        "x".repeat(1_000)
    );
    for _ in 0..4 {
        sql = format!("SELECT a || a || a || a || a || a || a || a AS a FROM ({sql}) AS x");
    }
    expect!["a text put together is longer than 65536 bytes"].assert_eq(&show(ask(&kit(), &sql, LIMITS)));
    sql = format!(
        "SELECT a, a, concat({}) FROM ({sql}) AS x",
        vec!["a"; 100].join(", ")
    );
    expect!["the SQL stands for too large a question: its subqueries multiply each other"]
        .assert_eq(&show(ask(&kit(), &sql, LIMITS)));
}

#[test]
fn bounds_memory() {
    let line = b"owner prod-assets [28/Feb/2024:00:00:01 +0000] 192.0.2.7 - ID REST.GET.OBJECT a/b \"GET /a/b HTTP/1.1\" 200 - 1 1 1 1 \"-\" \"x\" -\n";
    let kit = Kit::of(&[("logs/a".to_owned(), line.repeat(20_000))]);
    let limits = SqlLimits {
        memory: 1 << 20,
        ..LIMITS
    };
    let sql =
        "SELECT count(DISTINCT concat(line_hash_high, '-', log_offset, '-', key, user_agent)) FROM requests";
    let answer = ask(&kit, sql, limits);
    assert!(
        matches!(answer, Err(LakeError::Limit { what: "memory", .. })),
        "{answer:?}"
    );
    let windows = "SELECT max(n) FROM (SELECT sum(status) OVER (PARTITION BY key) AS n, line_hash_low, line_hash_high FROM requests)";
    let answer = ask(
        &kit,
        windows,
        SqlLimits {
            memory: 256 << 10,
            ..LIMITS
        },
    );
    assert!(
        matches!(answer, Err(LakeError::Limit { what: "memory", .. })),
        "{answer:?}"
    );
    // What fits is answered by the same engine afterwards.
    assert!(ask(&kit, "SELECT count(*) FROM requests", limits).is_ok());
}
