//! What changed between two inventories, against histories whose every deed is known.

mod histories;
mod stage;

use serde_json::{Value, json};
use spacewatch_demo::DemoStore;

use self::stage::{Line, Stage};

fn rows<'a>(found: &'a Value, list: &str) -> Vec<(&'a str, &'a str, &'a str)> {
    let rows = found[list].as_array().into_iter().flatten();
    rows.map(|row| {
        let text = |name: &str| row[name].as_str().expect("a text");
        let by = row["deed"]["request_id"].as_str().unwrap_or("-");
        (text("key"), text("explained_by"), by)
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_is_tied_to_what_made_it() {
    let mut stage = Stage::start(false).await;
    for key in ["a/same", "a/grows", "a/shrinks", "b/again", "b/gone", "b/expired"] {
        stage.put(key, 10);
    }
    stage.scan().await;
    stage.put("a/new", 7);
    stage.put("a/grows", 15);
    stage.put("a/shrinks", 1);
    stage.put("b/again", 10);
    stage.delete("b/gone", "REST.DELETE.OBJECT");
    stage.delete("b/expired", "S3.EXPIRE.OBJECT");
    stage.put("c/passing", 99);
    stage.put("c/passing", 1);
    stage.delete("c/passing", "BATCH.DELETE.OBJECT");
    stage.log(Line::of("REST.PUT.OBJECT", "a/same").refused());
    stage.log(Line::of("REST.GET.OBJECT", "a/same"));
    stage.scan().await;
    stage.deliver(&[]);
    let found = stage.ask(json!({})).await;
    assert_eq!(found["log_complete"], true, "{}", found["note"]);
    assert_eq!((&found["changes"], &found["keys"]), (&json!(6), &json!(7)));
    assert_eq!(found["bytes_delta"], 7 + 5 - 9 - 10 - 10);
    assert_eq!(found["unexplained"], json!([]));
    assert_eq!(found["findings"], json!([]));
    assert_eq!(rows(&found, "added"), [("a/new", "request", "REQ00007")]);
    assert_eq!(rows(&found, "grown"), [("a/grows", "request", "REQ00008")]);
    assert_eq!(rows(&found, "shrunk"), [("a/shrinks", "request", "REQ00009")]);
    assert_eq!(rows(&found, "overwritten"), [("b/again", "request", "REQ00010")]);
    assert_eq!(
        rows(&found, "removed"),
        [
            ("b/expired", "lifecycle", "REQ00012"),
            ("b/gone", "request", "REQ00011")
        ]
    );
    assert_eq!(found["passing"], json!({"keys": 1, "writes": 2, "bytes": 100}));
    assert_eq!(found["requesters"][0]["value"], "someone");
    assert_eq!(found["requesters"][0]["changes"], 5);
    assert_eq!(found["addresses"][0]["value"], "192.0.2.1");
    assert_eq!(found["prefixes"][0]["prefix"], "a/");
    let deed = &found["removed"][1]["deed"];
    assert_eq!(
        (&deed["operation"], &deed["user_agent"]),
        (&json!("REST.DELETE.OBJECT"), &json!("agent"))
    );
    assert_eq!(deed["log_object"]["bucket"], "logs");
    let only = stage.ask(json!({"kind": "removed", "limit": 1})).await;
    assert_eq!((&only["truncated"], &only["added"]), (&json!(true), &json!([])));
    assert_eq!(only["changes"], 6);
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_does_not_tell_is_unexplained_as_loudly_as_the_log_is_complete() {
    let mut stage = Stage::start(false).await;
    for key in ["gone", "other", "stays"] {
        stage.put(key, 10);
    }
    stage.scan().await;
    stage.delete("gone", "REST.DELETE.OBJECT");
    stage.put("other", 20);
    stage.put("vanished", 5);
    stage.delete("vanished", "REST.DELETE.OBJECT");
    stage.scan().await;
    // Without a log nothing is explained, and that is said.
    let blind = stage.ask_without_log(json!({})).await;
    assert_eq!((&blind["changes"], &blind["findings"]), (&json!(2), &json!([])));
    assert_eq!(rows(&blind, "removed"), [("gone", "no_log", "-")]);
    assert_eq!(
        blind["note"],
        "no bucket with access logs is named, so no change is explained"
    );
    // A log without a line of this bucket is none either.
    stage.deliver_nothing();
    let silent = stage.ask(json!({})).await;
    assert_eq!(
        (&silent["findings"], &silent["log_complete"]),
        (&json!([]), &json!(false))
    );
    assert!(
        silent["note"]
            .as_str()
            .is_some_and(|note| note.contains("switched on"))
    );
    stage.deliver(&[4, 5, 7]);
    let found = stage.ask(json!({})).await;
    assert_eq!(found["log_complete"], true, "{}", found["note"]);
    assert_eq!(
        rows(&found, "unexplained"),
        [
            ("other", "unexplained", "-"),
            ("gone", "unexplained", "-"),
            ("vanished", "unexplained", "-"),
        ]
    );
    let findings: Vec<_> = found["findings"].as_array().expect("findings").iter().collect();
    let told: Vec<_> = findings
        .iter()
        .map(|finding| (&finding["id"], &finding["severity"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("unexplained-removals/photos"), &json!("high")),
            (&json!("unexplained-overwrites/photos"), &json!("medium")),
        ]
    );
    assert_eq!(
        findings[0]["title"],
        "2 objects or versions (15 B) are gone, and no record of the log explains it"
    );
    assert_eq!(found["removed"][1]["written_by"]["request_id"], "REQ00006");
    let named = |finding: &Value| {
        let parts = finding["parts"].as_array().into_iter().flatten();
        parts.map(|part| part["value"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(named(findings[0]), ["gone", "vanished"]);
    assert_eq!(named(findings[1]), ["other"]);
    for finding in findings {
        stage.check_proofs(finding).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_not_delivered_yet_raises_no_alarm() {
    let mut stage = Stage::start(false).await;
    stage.put("gone", 10);
    stage.scan().await;
    stage.delete("gone", "REST.DELETE.OBJECT");
    stage.scan().await;
    stage.deliver_early(&[2]);
    let found = stage.ask(json!({})).await;
    assert_eq!(found["log_complete"], false);
    assert_eq!(rows(&found, "unexplained"), [("gone", "unexplained", "-")]);
    assert_eq!(found["findings"][0]["severity"], "info");
    let why = found["findings"][0]["why"].as_str().expect("a text");
    assert!(why.contains("delivered hours late"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deletions_the_log_does_not_name_make_removals_ambiguous() {
    let mut stage = Stage::start(false).await;
    stage.put("gone", 10);
    stage.scan().await;
    stage.delete("gone", "BATCH.DELETE.OBJECT");
    stage.log(Line::of("REST.POST.MULTI_OBJECT_DELETE", "-"));
    stage.scan().await;
    stage.deliver(&[2]);
    let found = stage.ask(json!({})).await;
    assert_eq!((&found["ambiguous"], &found["findings"]), (&json!(1), &json!([])));
    assert_eq!(rows(&found, "removed"), [("gone", "ambiguous", "-")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_two_kept_inventories_are_compared() {
    let mut stage = Stage::start(false).await;
    let none = stage.refused(json!({})).await;
    assert_eq!(none, "there is no inventory of bucket `photos`");
    stage.scan().await;
    let first = stage.now();
    assert!(
        stage
            .refused(json!({}))
            .await
            .starts_with("there are no two inventories to compare")
    );
    stage.put("one", 1);
    stage.scan().await;
    stage.put("a/two", 2);
    stage.scan().await;
    stage.deliver(&[]);
    let added = async |args: Value| {
        let found = stage.ask(args).await;
        let mut keys: Vec<String> = rows(&found, "added").iter().map(|row| row.0.to_owned()).collect();
        keys.sort();
        keys.join(" ")
    };
    assert_eq!(added(json!({})).await, "a/two");
    assert_eq!(added(json!({"from": first.to_string()})).await, "a/two one");
    assert_eq!(
        added(json!({"from": first.to_string(), "prefix": "a/"})).await,
        "a/two"
    );
    let second = spacewatch_model::Timestamp::from_second(first.as_second() + 1000).expect("a time");
    assert_eq!(added(json!({"to": second.to_string()})).await, "one");
    let early = stage.refused(json!({"from": "2001-01-01"})).await;
    assert!(
        early.starts_with("there are no two inventories that reach back to 2001-01-01T00:00:00Z to compare"),
        "{early}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarter_of_a_million_keys_go_by() {
    // The keys are computed, so both scans see the same.
    let store = DemoStore::empty().with_synthetic("photos", "flat:250000".parse().expect("a shape"));
    let mut stage = Stage::with(store).await;
    stage.scan().await;
    stage.scan().await;
    stage.deliver(&[]);
    let found = stage.ask(json!({})).await;
    assert_eq!((&found["keys"], &found["changes"]), (&json!(250_000), &json!(0)));
}
