//! Logs with planted stories: exactly those are found, and nothing is found without them.
//!
//! The tool that makes them is named by the environment variable `SPACEWATCH_CORPUS_TOOL`; without it these tests say so and pass.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use serde_json::{Value, json};
use spacewatch_demo::DemoStore;
use spacewatch_insight::Tenant;

use super::super::kit::Kit;
use super::{check_proofs, figure, findings, look, of_rule, severity};

#[expect(
    clippy::disallowed_methods,
    reason = "a test that needs an outside tool is told where it is"
)]
fn tool() -> Option<PathBuf> {
    let tool = std::env::var_os("SPACEWATCH_CORPUS_TOOL").map(PathBuf::from);
    if tool.is_none() {
        eprintln!("skipped: SPACEWATCH_CORPUS_TOOL names no corpus tool");
    }
    tool
}

fn make(tool: &Path, folder: &Path, (lines, seed): (u32, u32)) -> Value {
    let numbers = [lines, seed].map(|number| number.to_string());
    let arguments = ["--lines", &numbers[0], "--seed", &numbers[1], "--objects", "40"];
    let made = Command::new("python3")
        .arg(tool)
        .arg(folder)
        .args(arguments)
        .status();
    assert!(made.expect("the tool starts").success());
    let truth = std::fs::read(folder.join("truth.json")).expect("the truth");
    let truth: Value = serde_json::from_slice(&truth).expect("JSON");
    truth["stories"].clone()
}

async fn serve(folder: &Path) -> (Kit, Tenant) {
    let store = DemoStore::empty().with_files("logs", &folder.join("logs"));
    let kit = Kit::start(store.expect("the files")).await;
    let tenant = Tenant {
        log_bucket: Some("logs".parse().expect("a name")),
        ..kit.tenant()
    };
    (kit, tenant)
}

/// The addresses that are talked about in findings of at least medium severity, by rule.
fn alarms(found: &Value) -> Vec<(&str, &str)> {
    let alarming = findings(found).iter().filter(|finding| severity(finding) >= 2);
    let mut alarms: Vec<_> = alarming
        .map(|finding| {
            (
                finding["rule"].as_str().expect("a rule"),
                finding["subject"].as_str().unwrap_or("-"),
            )
        })
        .collect();
    alarms.sort_unstable();
    alarms
}

fn time(value: &Value) -> Timestamp {
    value.as_str().and_then(|text| text.parse().ok()).expect("a time")
}

/// Whether the log tells that an address got anything: where chance planted refusals alone, nothing was read after them.
fn was_let_in(logs: &Path, address: &str) -> bool {
    let files = std::fs::read_dir(logs).expect("the logs");
    files.map(|file| file.expect("a file").path()).any(|path| {
        let content = std::fs::read(&path).expect("lines");
        let lines = String::from_utf8_lossy(&content);
        let of_address = lines
            .lines()
            .filter(|line| line.contains(&format!(" {address} ")));
        let mut reads = of_address.filter(|line| line.contains(" REST.GET.OBJECT "));
        reads.any(|line| line.contains(" HTTP/1.1\" 20"))
    })
}

fn check_stories(found: &Value, stories: &Value, let_in: bool) {
    let story = |name: &str| stories[name].as_str().expect("a story");
    let slow = of_rule(found, "slow-down");
    let [slow] = slow.as_slice() else {
        panic!("{slow:?}")
    };
    let mut expected = vec![
        (
            if let_in { "denied-then-read" } else { "enumeration" },
            story("denied_then_read"),
        ),
        ("enumeration", story("scanner_404")),
        ("mass-download", story("mass_download")),
        ("slow-down", slow["subject"].as_str().expect("a subject")),
    ];
    expected.sort_unstable();
    assert_eq!(alarms(found), expected);
    let minutes = |a: &Value, b: &Value| time(a).duration_since(time(b)).as_mins().abs();
    assert!(
        minutes(&slow["first_seen"], &stories["slowdown_from"]) <= 15,
        "{slow}"
    );
    assert!(
        minutes(&slow["last_seen"], &stories["slowdown_to"]) <= 15,
        "{slow}"
    );
    for denied in of_rule(found, "denied-then-read") {
        assert_eq!(denied["severity"], "high", "{denied}");
    }
    let mass = of_rule(found, "mass-download")[0];
    assert_eq!(mass["severity"], "high");
    assert_eq!(
        figure(mass, "reads"),
        stories["mass_download_gets"].as_f64().expect("a count")
    );
    assert!(
        minutes(&mass["first_seen"], &stories["mass_download_from"]) <= 1,
        "{mass}"
    );
}

async fn check_corpus(lines: u32, seed: u32) {
    let Some(tool) = tool() else { return };
    let folder = tempfile::tempdir().expect("a directory");
    let stories = make(&tool, folder.path(), (lines, seed));
    let (_kit, tenant) = serve(folder.path()).await;
    let found = look(&tenant, json!({})).await;
    let breaker = stories["denied_then_read"].as_str().expect("a story");
    let let_in = was_let_in(&folder.path().join("logs"), breaker);
    check_stories(&found, &stories, let_in);
    check_proofs(&tenant, &found).await;
    // The end of the period, with what came before as its past.
    let end = look(&tenant, json!({"from": "2026-11-17T12:00:00Z"})).await;
    let new: Vec<_> = of_rule(&end, "new-requester")
        .into_iter()
        .map(|finding| &finding["subject"])
        .collect();
    assert_eq!(new, [&stories["leaked_requester"]]);
    assert!(
        of_rule(&end, "anonymous-reads")
            .iter()
            .all(|finding| severity(finding) == 0)
    );
    check_proofs(&tenant, &end).await;
    drop_stories(&folder.path().join("logs"), &stories);
    let (_kit, tenant) = serve(folder.path()).await;
    for from in ["2026-11-01", "2026-11-17T12:00:00Z"] {
        let quiet = look(&tenant, json!({"from": from})).await;
        let loud: Vec<_> = findings(&quiet)
            .iter()
            .filter(|finding| severity(finding) > 0)
            .collect();
        let rules: Vec<_> = loud
            .iter()
            .map(|finding| finding["rule"].as_str().expect("a rule"))
            .collect();
        assert_eq!(rules, ["old-tls", "sigv2"], "{loud:#?}");
        assert!(loud.iter().all(|finding| finding["severity"] == "low"));
    }
}

/// Takes away the lines that tell the planted stories.
fn drop_stories(logs: &Path, stories: &Value) {
    let words: Vec<String> = [
        "scanner_404",
        "denied_then_read",
        "mass_download",
        "leaked_requester",
    ]
    .iter()
    .map(|name| format!(" {} ", stories[*name].as_str().expect("a story")))
    .collect();
    let slow = ["slowdown_from", "slowdown_to"].map(|name| time(&stories[name]));
    for file in std::fs::read_dir(logs).expect("the logs") {
        let path = file.expect("a file").path();
        let content = std::fs::read(&path).expect("lines");
        let mut kept = Vec::with_capacity(content.len());
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            let text = String::from_utf8_lossy(line);
            let stamp = text.split_once('[').and_then(|(_, rest)| rest.get(..26));
            let moment =
                stamp.and_then(|stamp| jiff::fmt::strtime::parse("%d/%b/%Y:%H:%M:%S %z", stamp).ok());
            let moment = moment.and_then(|moment| moment.to_timestamp().ok());
            let slow = moment.is_some_and(|moment| slow[0] <= moment && moment < slow[1]);
            if !slow && !words.iter().any(|word| text.contains(word.as_str())) {
                kept.extend_from_slice(line);
            }
        }
        std::fs::write(&path, kept).expect("room");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stories_of_small_logs() {
    for seed in [1, 3, 7, 11] {
        check_corpus(20_000, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stories_of_a_larger_log() {
    check_corpus(60_000, 5).await;
}
