//! Findings and anomalies at the command line, of a small log in which something happened.

use std::fmt::Write;

use expect_test::expect;
use jiff::SignedDuration;
use spacewatch_demo::{DemoStore, RunningStore};
use spacewatch_model::{Clock, SystemClock};

use crate::sandbox::{Ran, Sandbox};

/// Five quiet weeks of a client who reads a picture each hour; then somebody is refused forty times and let in, and an old printer comes.
fn log() -> String {
    let mut lines = String::new();
    let mut number = 0;
    let mut add = |(day, hour, second): (u32, u32, u32), who: &str, status: u32, key: &str, signed: &str| {
        number += 1;
        let (month, day) = if day > 28 { ("Mar", day - 28) } else { ("Feb", day) };
        writeln!(
            lines,
            "owner photos [{day:02}/{month}/2026:{hour:02}:{:02}:{:02} +0000] {who} REQ{number:06} REST.GET.OBJECT {key} \
             \"GET /photos/{key} HTTP/1.1\" {status} - 5 5 2 1 \"-\" \"agent/1\" - host {signed} CIPHER AuthHeader photos.example TLSv1.2 - -",
            second / 60,
            second % 60
        )
        .unwrap();
    };
    for hour in 0..24 * 35 {
        for second in 0..4 {
            let when = (1 + hour / 24, hour % 24, second);
            add(when, "192.0.2.1 arn:site", 200, "a.jpg", "SigV4");
        }
    }
    for second in 0..200 {
        let key = format!("x/{}", second % 5);
        add((35, 10, 60 + second), "203.0.113.9 arn:guest", 403, &key, "SigV4");
    }
    for second in 0..3 {
        add((35, 11, second), "203.0.113.9 arn:guest", 200, "a.jpg", "SigV4");
    }
    add((35, 12, 0), "192.0.2.8 arn:printer", 200, "a.jpg", "SigV2");
    lines
}

async fn store() -> RunningStore {
    let store = DemoStore::empty()
        .with_object("logs", "access/1", log().as_str())
        .with_bucket("metrics");
    store.start(([127, 0, 0, 1], 0).into()).await.unwrap()
}

fn sandbox(store: &RunningStore) -> Sandbox {
    Sandbox::new()
        .with_variable("SPACES_ENDPOINT", &store.endpoint())
        .with_variable("SPACES_KEY", "test-key")
        .with_variable("SPACES_SECRET", "test-secret")
        .with_variable("ACCESS_LOGS_BUCKET", "logs")
        .with_variable("ACCESS_LOGS_ROOT_PREFIX", "access/")
        .with_variable("METRICS_BUCKET", "metrics")
        .with_variable("DATA_DIR", "data")
}

fn said(ran: &Ran, code: i32, words: &[&str]) {
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.code, Some(code), "{all}");
    for word in words {
        assert!(all.contains(word), "{word:?} in {all}");
    }
}

const DAY: &str = "--date=2026-03-07";

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_told_suppressed_and_saved() {
    let store = store().await;
    let sandbox = sandbox(&store);
    let rules = "--rule=denied-then-read,sigv2";
    let told = sandbox.run(&["findings", DAY, rules]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    expect![[r#"
        SEVERITY  RULE              LAST SEEN             FOUND
        high      denied-then-read  2026-03-07T11:00:02Z  203.0.113.9 was refused 200 times and then read 3 times of 1 key
        high      denied-then-read  2026-03-07T11:00:02Z  arn:guest was refused 200 times and then read 3 times of 1 key
        low       sigv2             2026-03-07T12:00:00Z  1 request of 1 requester and 1 user agent came signed with Signature Version 2

        denied-then-read: 203.0.113.9 was refused 200 times and then read 3 times of 1 key
          id    denied-then-read/203.0.113.9
          why   somebody tried keys, names or policies until something opened, and got objects that take credentials to read
          do    look at what it read; if it should not have, take the key or the policy that let it in away, and treat what it read as known to others
          key   a.jpg
          shown by 200 records: the refusals
          shown by 3 records: what it read after them

        denied-then-read: arn:guest was refused 200 times and then read 3 times of 1 key
          id    denied-then-read/arn:guest
          why   somebody tried keys, names or policies until something opened, and got objects that take credentials to read
          do    look at what it read; if it should not have, take the key or the policy that let it in away, and treat what it read as known to others
          key   a.jpg
          shown by 200 records: the refusals
          shown by 3 records: what it read after them
    "#]].assert_eq(&told.stdout);
    said(&told, 0, &["3 findings, 2 of them to be looked at"]);

    let json = sandbox.run(&["findings", DAY, rules, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["findings"][0]["id"], "denied-then-read/203.0.113.9");
    assert_eq!(json["findings"][0]["proofs"][0]["records"], 200);
    assert_eq!(json["rules"].as_array().unwrap().len(), 2);

    let id = "denied-then-read/203.0.113.9";
    let save = ["evidence", "save", "finding", id, DAY, "-o", "case.zip"];
    said(
        &sandbox.run(&save),
        0,
        &["203 records from 1 log object in `case.zip`"],
    );
    let verified = sandbox.run(&["evidence", "verify", "case.zip"]);
    said(&verified, 0, &["1 intact, 0 altered", id, "refused"]);
    let of_bucket = [
        "evidence",
        "save",
        "finding",
        "sigv2/photos",
        DAY,
        "-o",
        "old.zip",
    ];
    said(
        &sandbox.run(&of_bucket),
        0,
        &["1 record from 1 log object in `old.zip`"],
    );
    let other_day = ["evidence", "save", "finding", id, "--date=2026-03-01"];
    said(
        &sandbox.run(&other_day),
        4,
        &[
            "`findings` finds no `denied-then-read",
            "name the period and bucket",
        ],
    );

    let tomorrow = SystemClock::new().now() + SignedDuration::from_hours(24);
    let tomorrow = tomorrow.to_string();
    let why = ["--reason", "a test of ours", "--until", tomorrow.as_str()];
    let suppress = sandbox.run(&[["findings", "suppress", id].as_slice(), &why].concat());
    said(&suppress, 0, &[]);
    let told = sandbox.run(&["findings", DAY, rules]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    expect![[r#"
        SEVERITY  RULE              LAST SEEN             FOUND
        high      denied-then-read  2026-03-07T11:00:02Z  arn:guest was refused 200 times and then read 3 times of 1 key
        low       sigv2             2026-03-07T12:00:00Z  1 request of 1 requester and 1 user agent came signed with Signature Version 2
        (high)    denied-then-read  2026-03-07T11:00:02Z  203.0.113.9 was refused 200 times and then read 3 times of 1 key

        denied-then-read: arn:guest was refused 200 times and then read 3 times of 1 key
          id    denied-then-read/arn:guest
          why   somebody tried keys, names or policies until something opened, and got objects that take credentials to read
          do    look at what it read; if it should not have, take the key or the policy that let it in away, and treat what it read as known to others
          key   a.jpg
          shown by 200 records: the refusals
          shown by 3 records: what it read after them
    "#]].assert_eq(&told.stdout);
    said(&told, 0, &["3 findings, 1 of them to be looked at"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn anomalies_are_told() {
    let store = store().await;
    let sandbox = sandbox(&store);
    said(
        &sandbox.run(&["anomalies", "photos", DAY]),
        0,
        &[
            "SEVERITY  FROM                  TO                    WHAT\nmedium    2026-03-07T10:00:00Z",
            "requests: 204 an hour where 4 are usual",
            "  id    anomaly/photos/requests/2026-03-07T10:00:00Z\n",
            "  why   a program in a loop",
            "  do    ",
            "  shown by ",
            "24 hours judged",
        ],
    );
    let json = sandbox.run(&["anomalies", "photos", DAY, "--metric", "requests", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["anomalies"][0]["metric"], "requests");
    assert_eq!(json["anomalies"][0]["from"], "2026-03-07T10:00:00Z");
    let id = json["findings"][0]["id"].as_str().unwrap();
    let save = ["evidence", "save", "finding", id, DAY, "-o", "hours.zip"];
    said(&sandbox.run(&save), 0, &["from 1 log object in `hours.zip`"]);
    let quiet = sandbox.run(&["anomalies", "photos", "--date=2026-03-06"]);
    said(&quiet, 0, &["nothing out of the ordinary, 24 hours judged"]);
}

#[test]
fn wrong_words_are_refused_kindly() {
    let sandbox = Sandbox::new();
    sandbox.check(&["findings", "--rule", "scans"], expect![[r#"
        --- stderr
        error: invalid value 'scans' for '--rule <RULES>': names "scans", expected rules among `denied-then-read`, `mass-download`, `enumeration`, `new-requester`, `shared-link`, `slow-down`, `request-rate`, `anonymous-reads`, `sigv2`, `old-tls`, `client-aborts`, `range-reads`

        For more information, try '--help'.
        --- exit 2
    "#]]);
    sandbox.check(&["findings", "--min-severity", "bad"], expect![[r#"
        --- stderr
        error: invalid value 'bad' for '--min-severity <SEVERITY>': is "bad", expected `info`, `low`, `medium`, `high` or `critical`

        For more information, try '--help'.
        --- exit 2
    "#]]);
    sandbox.check(&["anomalies", "--metric", "errors"], expect![[r#"
        --- stderr
        error: invalid value 'errors' for '--metric <METRIC>': is "errors", expected one of `requests`, `4xx_rate`, `5xx_rate`, `bytes_sent`, `bytes_uploaded`, `first_byte_p95`, `total_p95`

        For more information, try '--help'.
        --- exit 2
    "#]]);
    sandbox.check(
        &["evidence", "save", "finding"],
        expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <ID>

        Usage: spacewatch evidence save finding <ID>

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
}
