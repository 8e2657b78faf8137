//! Logs made together with their figures by a tool of its own.
//!
//! The tool is named by the environment variable `SPACEWATCH_CORPUS_TOOL`; without it, tests that need it say so and pass.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use spacewatch_demo::DemoStore;
use spacewatch_insight::Tenant;
use tempfile::TempDir;

use super::kit::Kit;

/// A made-up log and what is true of it.
pub(crate) struct Corpus {
    pub(crate) folder: TempDir,
    pub(crate) truth: Value,
}

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

impl Corpus {
    /// Makes one, if there is a tool for it.
    pub(crate) fn make(seed: u64, arguments: &[&str]) -> Option<Self> {
        let tool = tool()?;
        let folder = tempfile::tempdir().expect("a directory");
        let made = Command::new("python3")
            .arg(tool)
            .arg(folder.path())
            .args(["--seed", &seed.to_string()])
            .args(arguments)
            .status();
        assert!(made.expect("the tool starts").success());
        let truth = std::fs::read(folder.path().join("truth.json")).expect("the truth");
        Some(Self {
            truth: serde_json::from_slice(&truth).expect("JSON"),
            folder,
        })
    }

    /// A store whose bucket `logs` holds it.
    pub(crate) fn store(&self) -> DemoStore {
        let store = DemoStore::empty().with_files("logs", &self.folder.path().join("logs"));
        store.expect("the files")
    }
}

/// Who may read the log in such a store.
pub(crate) fn tenant(kit: &Kit) -> Tenant {
    Tenant {
        log_bucket: Some("logs".parse().expect("a name")),
        ..kit.tenant()
    }
}
