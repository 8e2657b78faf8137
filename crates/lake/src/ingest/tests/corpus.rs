//! True answers: logs made together with their figures.
//!
//! The tool is named by the environment variable `SPACEWATCH_CORPUS_TOOL`; without it these tests say so and pass.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use spacewatch_demo::DemoStore;

use super::stage::{Stage, config};
use super::*;

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

async fn check(tool: &PathBuf, arguments: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let made = Command::new("python3")
        .arg(tool)
        .arg(folder.path())
        .args(arguments)
        .status();
    assert!(made.expect("python").success());
    let truth = std::fs::read(folder.path().join("truth.json")).expect("the truth");
    let truth: Value = serde_json::from_slice(&truth).expect("JSON");
    let logs = folder.path().join("logs");
    std::fs::create_dir(folder.path().join("bucket")).expect("a folder");
    std::fs::rename(&logs, folder.path().join("bucket/a")).expect("a folder");
    let store = DemoStore::empty()
        .with_files("logs", &folder.path().join("bucket"))
        .expect("files");
    let config = IngestConfig {
        batch_lines: 3000,
        ..config()
    };
    let stage = Stage::with(store, config).await;
    let status = stage.read().await;
    let count = |value: &Value| value.as_u64().unwrap_or(0);
    let (requests, cdn) = stage.sink.rows();
    assert_eq!(
        requests as u64,
        count(&truth["total"]["records"]),
        "{arguments:?}"
    );
    assert_eq!(cdn as u64, count(&truth["cdn"]["requests"]), "{arguments:?}");
    assert_eq!(status.duplicates, count(&truth["duplicates"]), "{arguments:?}");
    assert_eq!(status.rejected, count(&truth["garbage"]), "{arguments:?}");
    assert_eq!(status.records, (requests + cdn) as u64);
    assert_eq!(status.objects_read, status.objects_known);
    assert!(
        status.objects_failed == 0 && status.objects_known > 2,
        "{status:?}"
    );
    stage.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_exact() {
    let Some(tool) = tool() else { return };
    for seed in ["1", "7"] {
        check(&tool, &["--lines", "20000", "--seed", seed, "--gzip"]).await;
    }
    for layout in ["aws", "spaces", "dated"] {
        check(
            &tool,
            &[
                "--lines", "5000", "--seed", "3", "--cdn", "2000", "--layout", layout,
            ],
        )
        .await;
    }
    let much = [
        "--lines",
        "8000",
        "--seed",
        "5",
        "--hostile",
        "0.3",
        "--garbage",
        "0.2",
        "--duplicates",
        "0.1",
    ];
    check(&tool, &much).await;
}
