//! Every example in the guides is run, in order, against a running demo.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What a page's blocks marked `sh` are run with. Blocks marked otherwise (`sh start`, `text`) start the very
/// servers that run here already, or show output.
struct Demo {
    process: Child,
    dashboard: String,
    store: String,
    admin_key: String,
}

impl Demo {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_spacewatch"))
            .args(["demo", "--no-visitor"])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the demo starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output"))
            .lines()
            .map_while(Result::ok);
        let mut value_of = |label: &str| {
            lines
                .find_map(|line| {
                    line.trim_start()
                        .strip_prefix(label)
                        .map(|rest| rest.trim().to_owned())
                })
                .expect("the banner names it")
        };
        let dashboard = value_of("dashboard");
        let store = value_of("store");
        let admin_key = value_of("admin key")
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned();
        Self {
            process,
            dashboard,
            store,
            admin_key,
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the repository")
}

/// The page's blocks whose info string is exactly `sh`, one after the other.
fn examples(page: &str) -> String {
    let text = fs::read_to_string(repository().join(page)).expect("a page");
    let mut script = String::new();
    let mut inside = false;
    for line in text.lines() {
        match (inside, line) {
            (false, "```sh") => inside = true,
            (true, "```") => inside = false,
            (true, _) => script.extend([line, "\n"]),
            (false, _) => {}
        }
    }
    assert!(!script.is_empty(), "{page} has examples");
    script
}

/// `curl` succeeds whatever the server answers, so each status is written down.
const PRELUDE: &str = r#"
set -euo pipefail
curl() { command curl --write-out '\n%{stderr}curl-status %{http_code}\n' "$@"; }
"#;

fn check(page: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Demo::start(folder.path());
    let script = examples(page).replace("http://127.0.0.1:8000", &demo.dashboard);
    let binaries = Path::new(env!("CARGO_BIN_EXE_spacewatch"))
        .parent()
        .expect("a folder");
    let inherited = std::env::vars()
        .find(|(name, _)| name == "PATH")
        .expect("a PATH")
        .1;
    let output = Command::new("bash")
        .args(["-c", &format!("{PRELUDE}{script}")])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", format!("{}:{inherited}", binaries.display()))
        .env("HOME", folder.path())
        .env("SPACEWATCH", &demo.dashboard)
        .env("DEMO_STORE", &demo.store)
        .env("APP_API_KEY", &demo.admin_key)
        .stdin(Stdio::null())
        .output()
        .expect("bash runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{page}: {}\n{said}", output.status);
    let asked = script.lines().filter(|line| line.starts_with("curl ")).count();
    assert_eq!(
        said.lines()
            .filter(|line| line.starts_with("curl-status "))
            .count(),
        asked,
        "{page}"
    );
    for status in said.lines().filter_map(|line| line.strip_prefix("curl-status ")) {
        // The guides show a 403 and a 404 on purpose; nothing else may go wrong.
        assert!(
            matches!(status, "200" | "403" | "404"),
            "{page}: an example is answered with {status}\n{said}"
        );
    }
}

#[test]
fn the_readme_is_true() {
    check("README.md");
}

#[test]
fn getting_started_is_true() {
    check("docs/getting-started.md");
}

#[test]
fn metrics_and_logging_is_true() {
    check("docs/metrics-and-logging.md");
}

#[test]
fn snapshots_is_true() {
    check("docs/snapshots.md");
}

#[test]
fn logs_is_true() {
    check("docs/logs.md");
}

#[test]
fn inventory_is_true() {
    check("docs/inventory.md");
}

#[test]
fn diff_is_true() {
    check("docs/diff.md");
}
