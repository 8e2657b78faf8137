//! True answers: logs made together with their figures, by a tool that parses nothing.
//!
//! The tool is named by the environment variable `SPACEWATCH_CORPUS_TOOL`; without it these tests say so and pass.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value, json};
use spacewatch_report::{Figures, Options};

use super::kit::{report, workers};

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

/// The figures in the words of the truth.
fn answer(figures: &Figures) -> Value {
    let mut all = serde_json::to_value(figures).unwrap();
    let top_ips: Vec<_> = figures
        .top_ips
        .iter()
        .map(|top| json!({"ip": top.value, "count": top.count}))
        .collect();
    all["top_ips"] = json!(top_ips);
    all
}

/// Only what the truth speaks of.
fn narrowed(all: &Value, truth: &Value) -> Value {
    let names = truth.as_object().unwrap().keys();
    let picked: Map<String, Value> = names.map(|name| (name.clone(), all[name].clone())).collect();
    Value::Object(picked)
}

fn check(arguments: &[&str]) {
    let Some(tool) = tool() else { return };
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("python3")
        .arg(tool)
        .arg(folder.path())
        .args(arguments)
        .status()
        .unwrap();
    assert!(made.success());
    let truth: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("truth.json")).unwrap()).unwrap();
    let options = Options {
        top: 20,
        ..workers(2, 40_000)
    };
    let found = report(&folder.path().join("logs"), &options);
    let cdn_requests = found.cdn.as_ref().map_or(0, |cdn| cdn.requests);
    let lines = found.read.lines - found.read.silent - cdn_requests;
    assert_eq!(json!(lines), truth["lines"], "{arguments:?}");
    assert_eq!(json!(found.read.rejected), truth["garbage"], "{arguments:?}");
    assert_eq!(json!(found.read.duplicates), truth["duplicates"], "{arguments:?}");
    assert_eq!(
        narrowed(&answer(&found.total), &truth["total"]),
        truth["total"],
        "{arguments:?}"
    );
    for (bucket, figures) in truth["buckets"].as_object().unwrap() {
        let mine = answer(&found.buckets[bucket]);
        assert_eq!(&narrowed(&mine, figures), figures, "{bucket} of {arguments:?}");
    }
    assert_eq!(found.buckets.len(), truth["buckets"].as_object().unwrap().len());
    if !truth["cdn"].is_null() {
        let cdn = serde_json::to_value(found.cdn.unwrap()).unwrap();
        assert_eq!(narrowed(&cdn, &truth["cdn"]), truth["cdn"], "{arguments:?}");
    }
    assert!(found.notes.is_empty() && found.failed_files.is_empty());
}

#[test]
fn every_figure_is_exact() {
    for seed in ["1", "7", "42"] {
        check(&["--lines", "20000", "--seed", seed]);
    }
}

#[test]
fn every_figure_is_exact_with_cdn_logs_any_layout_and_gzip() {
    for layout in ["aws", "spaces", "dated"] {
        check(&[
            "--lines", "5000", "--seed", "3", "--cdn", "3000", "--layout", layout,
        ]);
        check(&[
            "--lines", "5000", "--seed", "4", "--cdn", "2000", "--layout", layout, "--gzip",
        ]);
    }
}

#[test]
fn every_figure_is_exact_among_hostile_lines_and_rubbish() {
    let much = ["--hostile", "0.3", "--garbage", "0.2", "--duplicates", "0.1"];
    for seed in ["5", "6"] {
        check(&[&["--lines", "10000", "--seed", seed], much.as_slice()].concat());
    }
}
