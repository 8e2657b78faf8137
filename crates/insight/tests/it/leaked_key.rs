//! What became of a key that leaked: by hand over a small log, and by brute force over made-up ones.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use spacewatch_demo::DemoStore;
use spacewatch_insight::{InventoryRun, LeakedKey, SearchLogs, SearchLogsArgs, Tenant, Tool};

use super::corpus::{self, Corpus};
use super::kit::Kit;

async fn ask(tenant: &Tenant, args: Value) -> Value {
    let args = serde_json::from_value(args).expect("arguments");
    let answer = LeakedKey::run(tenant, args).await.expect("an answer");
    serde_json::to_value(answer).expect("JSON")
}

/// Day of November 2026, address, operation, key, query, what came out, and the agent.
type Line = (
    u8,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const MALLORY: [Line; 11] = [
    (1, "192.0.2.1", "REST.GET.OBJECT", "a", "", "200 - 10 10", "home"),
    (
        2,
        "192.0.2.9",
        "REST.GET.OBJECT",
        "a",
        "",
        "403 AccessDenied 9 -",
        "home",
    ),
    (3, "192.0.2.1", "REST.GET.OBJECT", "a", "", "200 - 10 10", "home"),
    (
        3,
        "198.51.100.7",
        "REST.GET.BUCKET",
        "-",
        "?list-type=2&prefix=x%2Fy",
        "200 - 500 -",
        "tool",
    ),
    (
        3,
        "198.51.100.7",
        "REST.GET.OBJECT",
        "x/y",
        "",
        "206 - 5 50",
        "tool",
    ),
    (
        3,
        "198.51.100.7",
        "REST.GET.OBJECT",
        "x/y",
        "",
        "304 - - 50",
        "tool",
    ),
    (
        4,
        "198.51.100.7",
        "REST.PUT.OBJECT",
        "new",
        "",
        "200 - - 70",
        "tool",
    ),
    (
        4,
        "198.51.100.7",
        "REST.DELETE.OBJECT",
        "a",
        "",
        "204 - - 10",
        "tool",
    ),
    (
        4,
        "198.51.100.7",
        "REST.DELETE.OBJECT",
        "b",
        "",
        "403 AccessDenied 9 -",
        "tool",
    ),
    (
        5,
        "198.51.100.7",
        "REST.POST.DELETE_MULTI_OBJECT",
        "-",
        "?delete",
        "200 - 9 -",
        "tool",
    ),
    (
        6,
        "198.51.100.7",
        "REST.GET.OBJECT",
        "z",
        "?X-Amz-Credential=AKIA7%2F20261106%2Fnyc3%2Fs3%2Faws4_request",
        "200 - 8 8",
        "tool",
    ),
];

fn log() -> String {
    let line = |(number, (requester, line)): (usize, (&str, &Line))| {
        let (day, ip, operation, key, query, outcome, agent) = line;
        let method = operation.split('.').nth(1).expect("a method");
        format!(
            "owner photos [{day:02}/Nov/2026:10:00:00 +0000] {ip} {requester} REQ{number:04} {operation} {key} \
             \"{method} /photos/{key}{query} HTTP/1.1\" {outcome} 2 1 \"-\" \"{agent}\" - host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -\n"
        )
    };
    let of = |who: &'static str| MALLORY.iter().map(move |line| (who, line));
    of("mallory")
        .chain(of("alice").take(4))
        .enumerate()
        .map(line)
        .collect()
}

async fn kit() -> (Kit, Tenant) {
    let store = DemoStore::empty()
        .with_object("logs", "1", log().as_str())
        .with_object("photos", "kept/1", "12345")
        .with_object("photos", "kept/2", "123");
    let kit = Kit::start(store).await;
    let tenant = corpus::tenant(&kit);
    (kit, tenant)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_requester_did_since_a_day() {
    let (_kit, tenant) = kit().await;
    let found = ask(
        &tenant,
        json!({"requester": "mallory", "from": "2026-11-03", "to": "2026-11-06", "wait": true}),
    )
    .await;
    let times =
        ["first_seen", "last_seen_before", "first_seen_since", "last_seen"].map(|name| found[name].clone());
    assert_eq!(
        times,
        [
            "2026-11-01T10:00:00Z",
            "2026-11-02T10:00:00Z",
            "2026-11-03T10:00:00Z",
            "2026-11-06T10:00:00Z"
        ]
    );
    assert_eq!(found["records_before"], 2);
    let expected = json!({
        "records": 9, "requests": 9, "refused": 1, "failed": 1, "bytes_sent": 541,
        "read": {"times": 3, "bytes": 23, "objects": 3},
        "wrote": {"times": 1, "bytes": 70, "objects": 1},
        "deleted": {"times": 1, "bytes": 10, "objects": 1},
        "listings": 1, "listed_prefixes": 1, "addresses": 2, "new_addresses": 1, "left_addresses": 1,
        "user_agents": 2, "new_user_agents": 1, "buckets": 1,
    });
    assert_eq!(found["totals"], expected);
    let address = |place: usize| {
        (
            found["addresses"][place]["value"].clone(),
            found["addresses"][place]["new"].clone(),
        )
    };
    assert_eq!(address(0), (json!("198.51.100.7"), json!(true)));
    assert_eq!(address(1), (json!("192.0.2.1"), json!(false)));
    assert_eq!(found["listed"][0]["prefix"], "x/y");
    assert_eq!(found["refused"][0]["operation"], "REST.DELETE.OBJECT");
    assert_eq!(found["deleted"][0]["key"], "a");
    assert_eq!(found["hours"].as_array().map(Vec::len), Some(4));
    assert_eq!(found["within_reach"][0]["answered"], 8);
    assert_eq!(found["within_reach"][0]["objects"], Value::Null);
    let notes = found["notes"].to_string();
    assert!(notes.contains("1 of many objects at once"), "{notes}");
    assert_eq!(found["truncated"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn presigned_links_of_an_access_key() {
    let (_kit, tenant) = kit().await;
    let found = ask(
        &tenant,
        json!({"access_key": "AKIA7", "from": "2026-11-01", "to": "2026-11-30", "wait": true}),
    )
    .await;
    assert_eq!(
        (&found["totals"]["records"], &found["read"][0]["key"]),
        (&json!(1), &json!("z"))
    );
    assert!(
        found["notes"][0]
            .as_str()
            .is_some_and(|note| note.contains("presigned"))
    );
    let none = ask(
        &tenant,
        json!({"access_key": "AKIA", "from": "2026-11-01", "wait": true}),
    )
    .await;
    assert_eq!(
        (&none["totals"]["records"], &none["first_seen"]),
        (&json!(0), &Value::Null)
    );
    let args = json!({"source_bucket": "*", "access_key": "AKIA7", "wait": true});
    let args: SearchLogsArgs = serde_json::from_value(args).expect("arguments");
    assert_eq!(SearchLogs::run(&tenant, args).await.expect("an answer").count, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_could_have_read_comes_from_inventories() {
    let (_kit, tenant) = kit().await;
    let run = serde_json::from_value(json!({"bucket": "photos", "wait": true})).expect("arguments");
    InventoryRun::run(&tenant, run).await.expect("an inventory");
    let found = ask(
        &tenant,
        json!({"requester": "mallory", "from": "2026-11-03", "limit": 1, "wait": true}),
    )
    .await;
    let reach = &found["within_reach"][0];
    assert_eq!(
        (&reach["bucket"], &reach["objects"], &reach["bytes"]),
        (&json!("photos"), &json!(2), &json!(8))
    );
    let cut = json!(["addresses", "user_agents", "operations", "read"]);
    assert_eq!(
        (&found["truncated"], &found["truncated_lists"]),
        (&json!(true), &cut)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused() {
    let (_kit, tenant) = kit().await;
    for args in [
        json!({"from": "2026-11-03"}),
        json!({"from": "2026-11-03", "requester": "mallory", "access_key": "AKIA7"}),
        json!({"from": "2026-11-03", "requester": "-"}),
        json!({"from": "", "requester": "mallory"}),
        json!({"from": "2026-11-03", "to": "2026-11-01", "requester": "mallory"}),
    ] {
        let args = serde_json::from_value(args).expect("arguments");
        let error = LeakedKey::run(&tenant, args).await.expect_err("no answer");
        assert!(!error.detail.is_empty());
    }
}

/// All records of a requester, one page after the other.
async fn records(tenant: &Tenant, requester: &str) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let args = json!({"source_bucket": "*", "requester": requester, "limit_matches": 2000, "next": next, "wait": true});
        let args: SearchLogsArgs = serde_json::from_value(args).expect("arguments");
        let page = SearchLogs::run(tenant, args).await.expect("a page");
        found.extend(
            page.matches
                .iter()
                .map(|row| serde_json::to_value(row).expect("JSON")),
        );
        match page.next {
            Some(token) => next = token,
            None => return found,
        }
    }
}

/// Different lines of the files that name a requester, counted without any parser.
fn lines_of(corpus: &Corpus, requester: &str) -> usize {
    let mut lines = BTreeSet::new();
    for file in std::fs::read_dir(corpus.folder.path().join("logs")).expect("the files") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("the file");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let asked = |line: &&str| {
            let behind = line.split_once("] ").map_or("", |(_, rest)| rest);
            let behind = behind.split_once(' ').map_or("", |(_, rest)| rest);
            behind.starts_with(&format!("{requester} "))
                && (line.contains("HTTP/1.1\" ") || line.contains("BATCH."))
        };
        lines.extend(text.lines().filter(asked).map(str::to_owned));
    }
    lines.len()
}

fn number(row: &Value, name: &str) -> u64 {
    row[name].as_u64().unwrap_or(0)
}

/// What `read`, `wrote` or `deleted` should say, by plain loops.
fn touched(rows: &[&Value], operations: &[&str], bytes: &str) -> Value {
    let mut objects = BTreeSet::new();
    let (mut times, mut sum) = (0_u64, 0_u64);
    for row in rows {
        let done = matches!(number(row, "status"), 0 | 200..300);
        if done && operations.contains(&row["operation"].as_str().expect("an operation")) {
            times += 1;
            sum += number(row, bytes);
            objects.insert((row["bucket"].to_string(), row["key"].to_string()));
        }
    }
    json!({"times": times, "bytes": sum, "objects": objects.len()})
}

fn check_sources(found: &Value, rows: &[Value], leaked: &str, list: &str, field: &str) {
    let mut seen: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    for row in rows {
        let since = row["ts"].as_str().expect("a time") >= leaked;
        let value = row[field].as_str().unwrap_or("(none)").to_owned();
        seen.entry(value).or_default()[usize::from(since)] += 1;
    }
    seen.retain(|_, [_, since]| *since > 0);
    let listed = found[list].as_array().expect("a list").iter().map(|row| {
        let value = row["value"].as_str().unwrap_or("(none)").to_owned();
        assert_eq!(row["new"], number(row, "records_before") == 0);
        (value, [number(row, "records_before"), number(row, "records")])
    });
    assert_eq!(listed.collect::<BTreeMap<_, _>>(), seen, "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_leaks_are_told_as_brute_force_tells_them() {
    for seed in [3, 7, 19] {
        let Some(corpus) = Corpus::make(seed, &["--lines", "30000", "--objects", "12"]) else {
            return;
        };
        let kit = Kit::start(corpus.store()).await;
        let tenant = corpus::tenant(&kit);
        let leaked = corpus.truth["stories"]["leaked_requester"]
            .as_str()
            .expect("a story");
        let rows = records(&tenant, leaked).await;
        assert!(rows.len() > 10);
        assert_eq!(rows.len(), lines_of(&corpus, leaked), "seed {seed}");
        let first = rows.last().expect("a record")["ts"].as_str().expect("a time");
        let middle = rows[rows.len() / 2]["ts"].as_str().expect("a time");
        for from in [first, middle] {
            let args =
                json!({"requester": leaked, "from": from, "to": "2026-11-25", "limit": 1000, "wait": true});
            check(&ask(&tenant, args).await, &rows, from);
        }
    }
}

fn check(found: &Value, rows: &[Value], leaked: &str) {
    let time = |row: &Value| row["ts"].as_str().expect("a time").to_owned();
    let since: Vec<&Value> = rows.iter().filter(|row| time(row).as_str() >= leaked).collect();
    let totals = &found["totals"];
    assert_eq!(number(totals, "records"), since.len() as u64);
    assert_eq!(number(found, "records_before"), (rows.len() - since.len()) as u64);
    assert_eq!(found["first_seen"], rows.last().expect("a record")["ts"]);
    assert_eq!(found["last_seen"], rows[0]["ts"]);
    let sent: u64 = since.iter().map(|row| number(row, "bytes_sent")).sum();
    assert_eq!(number(totals, "bytes_sent"), sent);
    let refused = since
        .iter()
        .filter(|row| matches!(number(row, "status"), 401 | 403));
    assert_eq!(number(totals, "refused"), refused.count() as u64);
    let reads = ["REST.GET.OBJECT", "WEBSITE.GET.OBJECT", "REST.COPY.OBJECT_GET"];
    assert_eq!(totals["read"], touched(&since, &reads, "bytes_sent"));
    let writes = ["REST.PUT.OBJECT", "REST.PUT.PART", "REST.COPY.OBJECT"];
    assert_eq!(totals["wrote"], touched(&since, &writes, "object_size"));
    let deletes = ["REST.DELETE.OBJECT", "BATCH.DELETE.OBJECT"];
    assert_eq!(totals["deleted"], touched(&since, &deletes, "object_size"));
    check_sources(found, rows, leaked, "addresses", "ip");
    check_sources(found, rows, leaked, "user_agents", "user_agent");
    let mut hours: BTreeMap<String, u64> = BTreeMap::new();
    for row in &since {
        *hours.entry(format!("{}:00:00Z", &time(row)[..13])).or_default() += 1;
    }
    let told = found["hours"].as_array().expect("hours").iter();
    let told: BTreeMap<String, u64> = told
        .map(|hour| {
            (
                hour["start"].as_str().expect("a time").to_owned(),
                number(hour, "records"),
            )
        })
        .collect();
    assert_eq!(told, hours);
    let operations = found["operations"].as_array().expect("operations").iter();
    assert_eq!(
        operations.map(|row| number(row, "records")).sum::<u64>(),
        since.len() as u64
    );
    assert_eq!(found["truncated"], false);
}
